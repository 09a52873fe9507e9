from __future__ import annotations

import os
from pathlib import Path

import pytest

from tap_amazon_sp.common.event_file import OtherFileError, open_event_file

EVENT = '{"at": "2026-11-28T12:00:00.000Z", "event": "run_begun", "version": "1"}\n'


def test_a_new_file_is_there_at_once_and_has_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"

    with open_event_file(str(path)) as file:
        file.write(EVENT)
        assert path.read_text(encoding="utf-8") == EVENT

    assert [*tmp_path.iterdir()] == [path]


def test_the_file_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text(EVENT * 3, encoding="utf-8")

    with open_event_file(str(path)):
        assert path.read_text(encoding="utf-8") == ""


def test_two_runs_do_not_write_into_one_file(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    with open_event_file(str(path)) as first:
        first.write(EVENT)
        with open_event_file(str(path)) as second:
            first.write(EVENT)
            second.write(EVENT)

    assert path.read_text(encoding="utf-8") == EVENT


def test_a_link_stays_one(tmp_path: Path) -> None:
    path, link = tmp_path / "events.jsonl", tmp_path / "latest.jsonl"
    path.write_text(EVENT, encoding="utf-8")
    link.symlink_to(path)

    with open_event_file(str(link)) as file:
        file.write(EVENT * 2)

    assert link.is_symlink()
    assert path.read_text(encoding="utf-8") == EVENT * 2


@pytest.mark.parametrize("content", ['{"bookmarks": {}}', "client_secret: x\n", "\n"])
def test_another_file_is_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "state.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(OtherFileError, match=r"state\.json is not the timeline of an earlier run"):
        open_event_file(str(path))

    assert path.read_text(encoding="utf-8") == content


def test_a_pipe_and_a_folder_are_refused_at_once(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    for path in (pipe, tmp_path):
        with pytest.raises(OtherFileError, match="is not a file"):
            open_event_file(str(path))


def test_a_folder_that_is_missing_or_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        open_event_file(str(tmp_path / "missing" / "events.jsonl"))


def test_a_device_is_written_as_it_is() -> None:
    with open_event_file(os.devnull) as file:
        file.write(EVENT)
