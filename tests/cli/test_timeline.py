from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.processes import AMAZON_SP, Command

LINES = [
    {"at": "2026-11-28T12:00:00.000Z", "event": "run_begun", "version": "1.2.3"},
    {"at": "2026-11-28T12:00:05.000Z", "event": "run_ended", "left_out": 0},
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in LINES), encoding="utf-8")
    return path


def test_the_page_goes_to_stdout(log: Path) -> None:
    finished = Command([AMAZON_SP, "timeline", str(log)]).run(check=True)

    assert finished.stdout.startswith("<!DOCTYPE html>\n<html")
    assert "5.0 s &#183; version 1.2.3" in finished.stdout
    assert finished.stderr == ""


def test_the_page_goes_into_a_file_and_the_log_may_be_stdin(log: Path, tmp_path: Path) -> None:
    target = tmp_path / "run.html"

    finished = Command([AMAZON_SP, "timeline", "-", "--output", str(target)]).run(
        stdin=log.read_text(encoding="utf-8"), check=True
    )

    assert finished.stdout == ""
    assert "version 1.2.3" in target.read_text(encoding="utf-8")


def test_another_file_is_a_mistake_and_no_page_is_written(tmp_path: Path) -> None:
    other, target = tmp_path / "other.log", tmp_path / "run.html"
    other.write_text("Hello\n", encoding="utf-8")

    finished = Command([AMAZON_SP, "timeline", str(other), "--output", str(target)]).run()

    assert finished.returncode == 2
    assert finished.stderr.startswith(f"Error: {other}: It has no events of a run, and no lines")
    assert not target.exists()
