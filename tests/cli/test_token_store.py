from __future__ import annotations

import json
from pathlib import Path

from tap_amazon_sp.cli.token_store import TokenStore


def test_other_numbers_of_the_file_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "config.json"
    file.write_text('{"custom_streams": [{"parameters": {"x": 12345678901234567.89, "y": 1.50}}]}')

    TokenStore(str(file)).store("Atzr|new")

    assert '"x": 12345678901234567.89' in file.read_text()
    assert '"y": 1.50' in file.read_text()
    assert json.loads(file.read_text())["refresh_token"] == "Atzr|new"
