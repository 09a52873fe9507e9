from __future__ import annotations

import io

import pytest

from tap_amazon_sp.common.terminals import shows_live_view

TERMINAL = {"TERM": "xterm"}


class Output(io.StringIO):
    """An output that may be a terminal."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize(
    ("environment", "terminals", "setting", "expected"),
    [
        (TERMINAL, "log", True, True),
        (TERMINAL, "", True, False),
        (TERMINAL, "log and records", True, False),
        (TERMINAL, "log", False, False),
        # Not a file: it may be read by a program that logs to the terminal.
        (TERMINAL, "log", None, False),
        (TERMINAL | {"CI": "true"}, "log", True, False),
        ({"TERM": "dumb"}, "log", True, False),
        ({}, "log", True, False),
    ],
)
def test_the_table_is_only_for_a_person(
    monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str],
    terminals: str,
    setting: bool | None,  # noqa: FBT001 - a value of the table above
    expected: bool,  # noqa: FBT001
) -> None:
    monkeypatch.setattr("sys.stderr", Output(is_terminal="log" in terminals))
    monkeypatch.setattr("sys.stdout", Output(is_terminal="records" in terminals))

    assert shows_live_view(setting, environment) is expected
