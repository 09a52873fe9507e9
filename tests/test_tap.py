from __future__ import annotations

from pathlib import Path

import pytest
from singer_sdk.configuration import _dict_config
from singer_sdk.exceptions import ConfigValidationError

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.tap import TapAmazonSP

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}


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


@pytest.mark.parametrize(
    "setting",
    [
        {"stream_maps": {"orders": {"__alias__": "1 / 0"}}},
    ],
)
def test_a_map_that_the_sdk_cannot_make_is_a_mistake_in_the_settings(setting: object) -> None:
    assert isinstance(setting, dict)
    with pytest.raises(SettingsError, match="`stream_maps`, `stream_map_config` or `faker_conf"):
        TapAmazonSP(config=CREDENTIALS | setting)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ({"orders": {"__else__": 5}}, "`stream_maps`['orders']['__else__'] must be null"),
        ({"__else__": "hush"}, "`stream_maps`['__else__'] must be null"),
        ({"orders": {"x": 5}}, "`stream_maps`['orders']['x'] must be of type string"),
        ({"orders": {"__alias__": []}}, "`stream_maps`['orders']['__alias__'] must be of type str"),
        ({"orders": ["hush"]}, "`stream_maps`['orders'] "),
        ("hush", "`stream_maps` must be of type object"),
    ],
)
def test_a_map_of_a_wrong_type_names_its_place(setting: object, sentence: str) -> None:
    with pytest.raises(ConfigValidationError) as refused:
        TapAmazonSP(config=CREDENTIALS | {"stream_maps": setting})

    (mistake,) = refused.value.errors
    assert sentence in mistake
    assert "hush" not in mistake


def test_a_fault_of_the_program_is_told_without_what_it_was_about(
    caplog: pytest.LogCaptureFixture,
) -> None:
    tap = TapAmazonSP(config=CREDENTIALS)
    stream = tap.streams["orders"]
    assert isinstance(stream, AmazonStream)
    text = "confidential"

    with caplog.at_level("DEBUG"):
        try:
            int(text)
        except ValueError as error:
            tap.run.report_failure(stream, error)

    assert "Stream 'orders' failed: A bug in this program: ValueError at test_tap.py" in caplog.text
    assert "confidential" not in caplog.text
    assert stream.failed


@pytest.mark.parametrize(
    ("accounts", "beginning"),
    [
        ([{"name": "a"}, {"name": "b", "start_date": "2026-01-01"}], "as far back as Amazon keeps"),
        ([{"name": "a", "start_date": "2026-02-01"}], "from `start_date`"),
    ],
)
def test_an_empty_state_says_where_reading_begins(
    accounts: list[dict[str, str]], beginning: str, caplog: pytest.LogCaptureFixture
) -> None:
    tap = TapAmazonSP(config=CREDENTIALS | {"accounts": accounts}, state={})
    tap.load_state({})

    with caplog.at_level("INFO"):
        tap._check_catalog_and_state()

    assert f"The state is empty: all streams are read {beginning}" in caplog.text
