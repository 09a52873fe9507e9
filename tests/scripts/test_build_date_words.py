from __future__ import annotations

import json
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest


@pytest.fixture
def build_date_words(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("build_date_words")


@pytest.fixture
def words(build_date_words: ModuleType) -> dict[str, Any]:
    (text,) = build_date_words.build().texts.values()
    found: dict[str, Any] = json.loads(text)
    return found


def test_the_committed_words_are_what_the_script_builds(build_date_words: ModuleType) -> None:
    assert build_date_words.main(["--check"]) == 0


@pytest.mark.parametrize(
    ("section", "word", "meaning"),
    [
        ("months", "mrz", 3),
        ("months", "fevr", 2),
        ("months", "pazdziernika", 10),
        ("months", "kasim", 11),
        ("months", "sept", 9),
        ("months", "نوفمبر", 11),
        ("weekdays", "金", 4),
        ("weekdays", "quinta-feira", 3),
        ("day_periods", "下午", "pm"),
        ("day_periods", "午前", "am"),
        ("day_periods", "晚上", "evening"),
    ],
)
def test_words_are_without_case_and_accents(
    words: dict[str, Any], section: str, word: str, meaning: object
) -> None:
    assert words[section][word] == meaning


def test_a_word_with_two_meanings_is_refused(
    build_date_words: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tenth month in Croatian, the eleventh in Polish.
    monkeypatch.setattr(build_date_words, "LOCALES", ("pl", "hr"))

    error = "'listopada' is the month 11 in one language, 10 in another"
    with pytest.raises(build_date_words.BuildError, match=error):
        build_date_words.build()
