from __future__ import annotations

import pytest

from tap_amazon_sp.cli import notices
from tap_amazon_sp.cli.notices import progress


def test_without_a_terminal_the_last_progress_is_a_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with progress("searchOrders") as shown:
        for page in range(1, 100):
            shown.update(f"page {page}")

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == "searchOrders: page 99\n"


def test_what_takes_long_is_told_in_between(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "SECONDS_BETWEEN_LINES", 0.0)

    with progress("report") as shown:
        shown.update("IN_QUEUE")
        shown.update("IN_PROGRESS", 0.5)

    assert capsys.readouterr().err == "report: IN_QUEUE\nreport: IN_PROGRESS\n"


def test_on_a_terminal_there_is_a_bar_that_goes_away(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)

    with progress("report") as shown:
        shown.update("[one]", 0.5)
        shown.update("two")

    assert capsys.readouterr().out == ""
