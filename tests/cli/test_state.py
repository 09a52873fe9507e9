"""`amazon-sp state`."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.running import AmazonSP

STATE = {"bookmarks": {"orders": {"replication_key_value": "2026-11-01T00:00:00Z"}, "feeds": {}}}


def test_a_stream_is_reset_and_the_file_stays(tmp_path: Path) -> None:
    file = tmp_path / "state.json"
    file.write_text(json.dumps(STATE))

    finished = AmazonSP().run("state reset", "orders", "--state", str(file))

    assert finished.json == {"bookmarks": {"feeds": {}}}
    assert json.loads(file.read_text()) == STATE


def test_a_stream_that_the_state_does_not_have_is_a_mistake() -> None:
    finished = AmazonSP().run("state reset", "orderz", "--state", "-", stdin=json.dumps(STATE))

    assert finished.exit_code == 2
    assert finished.errors == ["The state has no bookmark of 'orderz', but of orders"]
