"""The page about loading says what its program says."""

from __future__ import annotations

import re
from pathlib import Path

from benchmarks.loading import PAGE, TRIALS, Figures, sentence

ROOT = Path(__file__).resolve().parent.parent
WRITTEN = (ROOT / "docs" / "loading.md").read_text(encoding="utf-8")


def test_the_page_is_that_of_the_program() -> None:
    for piece in re.split(r"\{\w+\}", PAGE.read_text(encoding="utf-8")):
        assert piece.strip() in WRITTEN


def test_the_page_has_all_trials() -> None:
    rows = re.findall(r"^\| (\S+-\S+) [\d.]+,? ?(.*?) +\|", WRITTEN, re.MULTILINE)

    for trial in TRIALS:
        _, _, settings = trial.title("0").partition(" 0")
        assert (trial.loader, settings.removeprefix(", ")) in rows


def test_a_trial_that_changes_numbers_does_not_reach_the_goal() -> None:
    today = Figures("today", [6.0, 4.0], 9.0, 0, 0)
    exact = Figures("exact", [5.0, 3.0], 8.0, 0, 0)
    rounded = Figures("rounded", [3.0, 2.0], 5.0, 60, 0)
    doubled = Figures("doubled", [2.0, 2.0], 4.0, 0, 10)

    said = sentence([today, exact, rounded, doubled])

    assert "exact, is 1.25 times as fast and does not reach it" in said
    assert "doubled, is 2.50 times as fast" in said
    assert [one.is_exact for one in (today, exact, rounded, doubled)] == [True, True, False, False]


def test_an_exact_trial_can_reach_the_goal() -> None:
    today = Figures("today", [6.0, 4.0], 9.0, 0, 0)

    said = sentence([today, Figures("fast", [3.0, 2.0], 5.0, 0, 0)])

    assert "fast, is 2.00 times as fast and reaches it" in said
