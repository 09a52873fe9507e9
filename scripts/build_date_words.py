"""Build the words of dates in the languages of Seller Central: months, weekdays, halves of the day.

    python scripts/build_date_words.py    write the words
    --check                               write nothing; name what differs and exit with 1

The source is Unicode CLDR, as Babel has it. The words are
tap_amazon_sp/documents/date_words.json, as `tap_amazon_sp.documents.characters.folded` writes them.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from babel import Locale

from generated_files import ROOT, BuildError, Built, encode_sections, run
from tap_amazon_sp.documents.characters import folded

WORDS = ROOT / "tap_amazon_sp" / "documents" / "date_words.json"

LOCALES = (
    *(
        "en",
        "en_AU",
        "en_CA",
        "en_GB",
        "en_IN",
        "de",
        "fr",
        "fr_CA",
        "it",
        "es",
        "es_MX",
        "nl",
        "pl",
    ),
    *("sv", "tr", "pt", "ja", "zh", "zh_Hant", "ar", "ko"),
)
FORMS = [(use, width) for use in ("format", "stand-alone") for width in ("wide", "abbreviated")]

# Java had its own names before it took those of CLDR, in version 9.
OLDER_MONTHS = {"mrz": 3}

# Chinese names more than two parts of a day, and files of Amazon do as well. Twelve in the evening
# may be noon or midnight.
CHINESE_PARTS = dict.fromkeys(("night1", "morning1", "morning2"), "am") | {
    "afternoon2": "pm",
    "evening1": "evening",
}

_Value = TypeVar("_Value", int, str)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run(__doc__, build, arguments)


def build() -> Built:
    """Build the words.

    Raises:
        BuildError: A word means one thing in one language and another thing in another.
    """
    locales = [Locale.parse(name) for name in LOCALES]
    words = {
        "months": _one_meaning("month", [*_months(locales), *OLDER_MONTHS.items()]),
        "weekdays": _one_meaning("weekday", _weekdays(locales)),
        "day_periods": _one_meaning("part of the day", _day_periods(locales)),
    }
    return Built({WORDS: encode_sections(words)})


def _months(locales: Iterable[Locale]) -> Iterator[tuple[str, int]]:
    for locale in locales:
        for use, width in FORMS:
            for number, name in locale.months[use][width].items():
                word = _word(name)
                # Others are a number and a sign, as in Japanese.
                if word.isalpha():
                    yield word, number


def _weekdays(locales: Iterable[Locale]) -> Iterator[tuple[str, int]]:
    for locale in locales:
        for use, width in FORMS:
            for number, name in locale.days[use][width].items():
                yield _word(name), number


def _day_periods(locales: Iterable[Locale]) -> Iterator[tuple[str, str]]:
    for locale in locales:
        parts = {"am": "am", "pm": "pm"} | (CHINESE_PARTS if locale.language == "zh" else {})
        for use, width in FORMS:
            for key, name in locale.day_periods[use].get(width, {}).items():
                if key in parts:
                    yield _word(name).replace(".", "").replace(" ", ""), parts[key]


def _word(name: str) -> str:
    return folded(name).removesuffix(".")


def _one_meaning(what: str, words: Iterable[tuple[str, _Value]]) -> dict[str, _Value]:
    found: dict[str, _Value] = {}
    for word, value in words:
        if found.setdefault(word, value) != value:
            message = f"{word!r} is the {what} {found[word]} in one language, {value} in another"
            raise BuildError(message)
    return dict(sorted(found.items()))


if __name__ == "__main__":
    sys.exit(main())
