"""The English headers of flat files that Amazon writes in the language of a marketplace.

`scripts/build_report_headers.py` builds `report_headers.json` out of `scripts/report_headers/`,
where each table of headers names its sources. Amazon publishes none of them.
"""

from __future__ import annotations

import functools
import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon import report_types

_TABLE = Path(__file__).with_name("report_headers.json")

ENGLISH = "en"
"""Its tables have the other English headers of a report, such as the British ones."""

# White space and marks without a width; hyphens and dashes; quotes and apostrophes.
_IGNORED = re.compile(
    r"[\s_\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\-\u2010-\u2015\u2212"
    r"\"'`\u00b4\u2018-\u201f\u00ab\u00bb\u0307]+"
)

# At the beginning or end of a header, such as `Datum:` or `SKU*`.
_MARKS = ".:;*"

# Letters that the character set of a file lacks are question marks in it
# (amzn/selling-partner-api-models#4955); bytes without a meaning become U+FFFD.
_LOST = re.compile(r"([?\ufffd]+)")
_MIN_LETTERS = 3
"""Letters that a header must have left."""


def english_headers(type_name: str, headers: Sequence[str]) -> list[str]:
    """Return the English headers of a flat file's columns; unknown headers stay as they are.

    The language is the one that explains most of the headers. Its tables for the type come first,
    then the headers that mean the same in all reports of that language. An English file stays as
    it is, also where one of its headers happens to be a word of another language.

    Args:
        type_name: Amazon's name of the report type.
        headers: All headers of the file, in order. Amazon uses some local headers, such as "not
            applicable", for several columns: their places say which ones.
    """
    return list(_english_headers(type_name, tuple(headers)))


def header_language(type_name: str, headers: Sequence[str]) -> str:
    """Return the code of the language that a flat file's headers are in (ISO 639-1).

    It is English if no other language explains the headers.
    """
    forms = [comparable(header) for header in headers]
    matches = {
        name: _matches(language, forms)
        for name, language in _languages(type_name).items()
        if name != ENGLISH
    }
    best = max(matches, key=lambda name: matches[name][:2], default=ENGLISH)
    return best if best in matches and matches[best][2] else ENGLISH


def unknown_headers(type_name: str, headers: Sequence[str]) -> list[str]:
    """Return those headers of a translated file that have no English name here.

    None of an English file is: what Amazon adds there is a column with a name of its own.
    """
    language = header_language(type_name, headers)
    if language == ENGLISH:
        return []
    forms = [comparable(header) for header in headers]
    translated = _languages(type_name)[language].translated(forms)
    return [
        header
        for header, form, name in zip(headers, forms, translated, strict=True)
        if form and name is None and form not in _english_words()
    ]


@functools.lru_cache(maxsize=64)
def known_headers(type_name: str) -> frozenset[str]:
    """Return the `comparable` headers that are known of a report type, in all languages.

    There are none of a type that nobody knows.
    """
    languages = _languages(type_name).values()
    tables = itertools.chain.from_iterable(language.tables for language in languages)
    known = frozenset(itertools.chain.from_iterable(table.places for table in tables))
    return known.union(_languages(type_name)[ENGLISH].agreed, _documented(type_name)) - {""}


@functools.cache
def headers_of_all_types() -> frozenset[str]:
    """Return the `comparable` headers of all report types, in all languages."""
    return _english_words().union(*_data()["agreed"].values()) - {""}


def comparable(header: str) -> str:
    """Return what of a header is compared: letters, digits and signs, without case.

    Amazon writes one header in several ways: `Produkt-ID` and `Produkt ID`, with or without
    no-break spaces, quotes, a byte order mark, or composed letters, and with a full stop, a colon
    or an asterisk at its end.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", header).casefold())
    # Turkish: the lower case of `I` is `i` in one file, the dotless one in another.
    letters = _IGNORED.sub("", text).strip(_MARKS)
    return letters.replace("\N{LATIN SMALL LETTER DOTLESS I}", "i")


@functools.lru_cache(maxsize=256)
def _english_headers(type_name: str, headers: tuple[str, ...]) -> tuple[str, ...]:
    forms = [comparable(header) for header in headers]
    languages = _languages(type_name)
    used = dict.fromkeys((header_language(type_name, headers), ENGLISH))
    translated = [languages[name].translated(forms) for name in used]
    return tuple(
        next((name for name in names if name is not None), header)
        for header, *names in zip(headers, *translated, strict=True)
    )


def _matches(language: _Language, forms: Sequence[str]) -> tuple[int, int, bool]:
    """Return how well a language explains headers.

    Returns:
        How many of its headers are not English; how many are in its tables of the type; and
        whether that is enough to say that the file is in that language.
    """
    known = set(filter(language.has, language.restored(forms)))
    english = _english_words()
    local = known - english
    of_type = {form for form in known if language.has_for_type(form)}
    is_certain = (
        len(local) > 1
        or not all(map(str.isascii, local))
        # One word may be English by chance, but hardly where all others are of the language.
        or (local <= of_type and english.intersection(forms) <= known)
    )
    return len(local), len(of_type), bool(local) and is_certain


@dataclass(frozen=True)
class _Table:
    """The headers of one form of a report in one language.

    Attributes:
        columns: The English headers, in the order of the file.
        places: By local header, the positions in `columns` that it may stand for.
    """

    columns: Sequence[str]
    places: Mapping[str, Sequence[int]]

    @classmethod
    def of(cls, headers: Mapping[str, Sequence[str]]) -> _Table:
        """Return the table for the local headers by English ones."""
        places: dict[str, list[int]] = {}
        for place, forms in enumerate(headers.values()):
            for form in forms:
                places.setdefault(form, []).append(place)
        return cls(tuple(headers), places)

    def columns_of(self, forms: Sequence[str]) -> list[str | None]:
        """Return the English headers; None for those that are unknown."""
        result: list[str | None] = [None] * len(forms)
        repeated: dict[str, list[int]] = {}
        for index, form in enumerate(forms):
            places = self.places.get(form, ())
            if len(places) == 1:
                # If it occurs twice, the caller keeps the columns apart.
                result[index] = self.columns[places[0]]
            elif places:
                repeated.setdefault(form, []).append(index)
        for form, found in repeated.items():
            places = self.places[form]
            # Columns that have a header of their own in this file are none of them.
            left = [place for place in places if self.columns[place] not in result]
            chosen = dict(_by_neighbours(found, left, result, self.columns))
            in_order = dict(zip(found, left, strict=True)) if len(found) == len(left) else {}
            if all(in_order.get(index, place) == place for index, place in chosen.items()):
                chosen |= in_order
            for index, place in chosen.items():
                result[index] = self.columns[place]
        return result


def _by_neighbours(
    found: Sequence[int],
    places: Sequence[int],
    known: Sequence[str | None],
    columns: Sequence[str],
) -> Iterator[tuple[int, int]]:
    """Yield which header is which column, as far as the columns beside it decide it.

    Headers side by side are the columns side by side that are as many, between the same others.
    Which of several columns a header is stays unknown if that does not decide it.
    """
    named = (None, *known, None)
    ordered = (None, *columns, None)
    for run in _runs(found):
        sides = named[run[0]], named[run[-1] + 2]
        alike = [
            (
                sum(
                    side is not None and side == other
                    for side, other in zip(
                        sides, (ordered[other[0]], ordered[other[-1] + 2]), strict=True
                    )
                ),
                other,
            )
            for other in _runs(places)
            if len(other) == len(run)
        ]
        best = max((count for count, _ in alike), default=0)
        candidates = [other for count, other in alike if count == best]
        if best and len(candidates) == 1:
            yield from zip(run, candidates[0], strict=True)


def _runs(numbers: Sequence[int]) -> list[list[int]]:
    """Return ascending numbers, grouped to runs without gaps."""
    grouped = itertools.groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])
    return [[number for _, number in group] for _, group in grouped]


@dataclass(frozen=True)
class _Language:
    """The headers of a language.

    Attributes:
        tables: Those of one report type. Several tables are several forms of the same report.
        agreed: Headers that mean the same in all reports.
    """

    tables: Sequence[_Table]
    agreed: Mapping[str, str]

    def has(self, form: str) -> bool:
        return form in self.agreed or self.has_for_type(form)

    def has_for_type(self, form: str) -> bool:
        return any(form in table.places for table in self.tables)

    def restored(self, forms: Sequence[str]) -> list[str]:
        """Return headers with the letters that were lost, if only one column is possible."""
        return [self._restored(form) if _LOST.search(form) else form for form in forms]

    def _restored(self, form: str) -> str:
        parts = _LOST.split(form)
        if len("".join(parts[::2])) < _MIN_LETTERS:
            return form
        alike = [
            known
            for known in self._forms
            if known.startswith(parts[0]) and known.endswith(parts[-1])
        ]
        if not alike:
            return form
        pattern = re.compile(
            "".join(
                f".{{1,{len(part)}}}" if _LOST.fullmatch(part) else re.escape(part)
                for part in parts
            )
        )
        found = [known for known in alike if pattern.fullmatch(known)]
        return found[0] if len(set(map(self._meanings, found))) == 1 else form

    @functools.cached_property
    def _forms(self) -> frozenset[str]:
        return frozenset(self.agreed).union(*(table.places for table in self.tables))

    def _meanings(self, form: str) -> frozenset[str]:
        columns = {
            table.columns[place] for table in self.tables for place in table.places.get(form, ())
        }
        return frozenset(columns or {self.agreed[form]})

    def translated(self, forms: Sequence[str]) -> list[str | None]:
        """Return the English headers; None for those that are unknown."""
        forms = self.restored(forms)
        present = frozenset(forms)
        best_first = sorted(self.tables, key=lambda table: -len(present & table.places.keys()))
        by_table = [table.columns_of(forms) for table in best_first]
        return [
            next(
                (columns[index] for columns in by_table if columns[index] is not None),
                self.agreed.get(form),
            )
            for index, form in enumerate(forms)
        ]


@functools.cache
def _languages(type_name: str) -> Mapping[str, _Language]:
    data = _data()
    by_language: Mapping[str, Sequence[int]] = data["types"].get(type_name, {})
    sources = {
        name: [data["tables"][number] for number in numbers]
        for name, numbers in by_language.items()
    }
    of_type = _spellings(itertools.chain.from_iterable(sources.values()))
    agreed = {**data["agreed"], ENGLISH: of_type}
    return {
        name: _Language(tuple(map(_Table.of, sources.get(name, ()))), known)
        for name, known in agreed.items()
    }


@functools.cache
def _english_words() -> frozenset[str]:
    """Return the English headers of all types, which say nothing about a file's language.

    Many are headers in other languages as well: `ASIN`, `Status`, `Description`. Those of all types
    count, because the tables and what Amazon documents of a single type lack some of its headers.
    """
    data = _data()
    in_english = {number for of in data["types"].values() for number in of.get(ENGLISH, ())}
    spellings = [data["tables"][number].values() for number in in_english]
    documented = itertools.chain.from_iterable(map(_documented, report_types.REPORT_TYPES))
    return frozenset(_spellings(data["tables"])).union(
        documented, *itertools.chain.from_iterable(spellings)
    )


def _documented(type_name: str) -> Iterator[str]:
    kind = report_types.report_type(type_name)
    return map(comparable, (*kind.columns, *kind.known_columns))


def _spellings(tables: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return English headers by what is compared: `ASIN 1` is `asin1`."""
    spellings: dict[str, str] = {}
    for column in itertools.chain.from_iterable(tables):
        spellings.setdefault(comparable(column), column)
    return spellings


@functools.cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return data
