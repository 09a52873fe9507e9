from __future__ import annotations

from pathlib import Path

import pytest
from singer_sdk.configuration import _dict_config

from tap_amazon_sp.tap import TapAmazonSP


def test_a_forgotten_dotenv_file_does_not_replace_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten = tmp_path / ".env"
    forgotten.write_text("TAP_AMAZON_SP_REGION=fe\nTAP_AMAZON_SP_SELLER_ID=A1\n")
    monkeypatch.setattr(_dict_config, "find_dotenv", lambda: str(forgotten))
    monkeypatch.setenv("TAP_AMAZON_SP_REGION", "eu")
    monkeypatch.delenv("TAP_AMAZON_SP_SELLER_ID", raising=False)

    tap = TapAmazonSP(parse_env_config=True, validate_config=False)

    assert tap.settings.region == "eu"
    assert tap.settings.seller_id is None
