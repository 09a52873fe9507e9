"""The English headers of flat files that Amazon writes in the language of a marketplace.

`scripts/build_report_headers.py` builds `report_headers.json` out of `scripts/report_headers/`,
where each table of headers names its sources. Amazon publishes none of them.
"""

from __future__ import annotations

import functools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).with_name("report_headers.json")

# White space and marks without a width; hyphens and dashes; quotes and apostrophes.
_IGNORED = re.compile(
    r"[\s_\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\-\u2010-\u2015\u2212"
    r"\"'`\u00b4\u2018-\u201f\u00ab\u00bb\u0307]+"
)

Places = Mapping[str, "str | Sequence[str]"]
"""English headers by the form of a local one: one, or one for each time that it occurs."""


def english_headers(type_name: str, headers: Sequence[str]) -> list[str]:
    """Return the English headers of a flat file's columns; unknown headers stay as they are.

    The language is the one that explains most of the headers. Its tables for the type come first,
    then the headers that mean the same in all reports of that language. An English file stays as
    it is, also where one of its headers happens to be a word of another language.

    Args:
        type_name: Amazon's name of the report type.
        headers: All headers of the file, in order. Amazon uses some local headers for several
            columns: each is known by how often the header occurred before.
    """
    return list(_english_headers(type_name, tuple(headers)))


def comparable(header: str) -> str:
    """Return what of a header is compared: letters, digits and signs, without case.

    Amazon writes one header in several ways: `Produkt-ID` and `Produkt ID`, with or without
    no-break spaces, quotes, a byte order mark, or composed letters.
    """
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", header).casefold())
    # Turkish: the lower case of `I` is `i` in one file, the dotless one in another.
    return _IGNORED.sub("", text).replace("\N{LATIN SMALL LETTER DOTLESS I}", "i")


@functools.lru_cache(maxsize=256)
def _english_headers(type_name: str, headers: tuple[str, ...]) -> tuple[str, ...]:
    forms = [comparable(header) for header in headers]
    languages = _languages(type_name)
    matches = {name: _matches(language, forms) for name, language in languages.items()}
    name = max(matches, key=lambda name: matches[name][:2], default=None)
    if name is None or not matches[name][2]:
        return headers
    return tuple(
        header if english is None else english
        for header, english in zip(headers, languages[name].translated(forms), strict=True)
    )


def _matches(language: _Language, forms: Sequence[str]) -> tuple[int, int, bool]:
    """Return how well a language explains headers.

    Returns:
        How many of its headers are not English; how many are in its tables of the type; and
        whether that is enough to say that the file is in that language.
    """
    known = set(filter(language.has, forms))
    local = known - language.english
    of_type = {form for form in known if language.has_for_type(form)}
    is_certain = (
        len(local) > 1
        or not all(map(str.isascii, local))
        # One word may be English by chance, but hardly where no other is.
        or (local <= of_type and language.english.isdisjoint(forms))
    )
    return len(local), len(of_type), bool(local) and is_certain


@dataclass(frozen=True)
class _Language:
    """The headers of a language.

    Attributes:
        tables: Those of one report type. Several tables are several forms of the same report.
        agreed: Headers that mean the same in all reports.
        english: The forms of all English headers of the type, or of all types if none are known.
    """

    tables: Sequence[Places]
    agreed: Mapping[str, str]
    english: frozenset[str]

    def has(self, form: str) -> bool:
        return form in self.agreed or self.has_for_type(form)

    def has_for_type(self, form: str) -> bool:
        return any(form in table for table in self.tables)

    def translated(self, forms: Sequence[str]) -> list[str | None]:
        """Return the English headers; None for those that are unknown."""
        known = frozenset(forms)
        best_first = sorted(self.tables, key=lambda table: -len(known & table.keys()))
        seen: Counter[str] = Counter()
        result: list[str | None] = []
        for form in forms:
            result.append(self._english(form, best_first, seen[form]))
            seen[form] += 1
        return result

    def _english(self, form: str, tables: Iterable[Places], occurred: int) -> str | None:
        for table in tables:
            if (english := table.get(form)) is not None:
                if isinstance(english, str):
                    return english
                return english[occurred] if occurred < len(english) else None
        return self.agreed.get(form)


@functools.cache
def _languages(type_name: str) -> Mapping[str, _Language]:
    data = _data()
    by_language: Mapping[str, Sequence[int]] = data["types"].get(type_name, {})
    tables = {
        name: [data["tables"][number] for number in numbers]
        for name, numbers in by_language.items()
    }
    english = _english_forms(table for found in tables.values() for table in found)
    if not tables:
        english = _english_forms(data["tables"])
    return {
        name: _Language(tables.get(name, ()), agreed, english)
        for name, agreed in data["agreed"].items()
    }


def _english_forms(tables: Iterable[Places]) -> frozenset[str]:
    return frozenset(
        comparable(english)
        for table in tables
        for value in table.values()
        for english in ([value] if isinstance(value, str) else value)
    )


@functools.cache
def _data() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return data
