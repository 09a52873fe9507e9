"""How the lines of flat files are written: quotes, delimiters, line ends, a preamble.

A dialect is written in words with commas between them, such as `quoted,semicolon,cr`. What no word
names stays as sellers have seen it for the type:

- Most tab-separated files have no quotes; a quote in them is an ordinary character.
- The ledger is quoted throughout, and quotes inside fields are not doubled
  (amzn/selling-partner-api-models#4367).
- The date range reports of Seller Central are quoted throughout, with lines before the header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tap_amazon_sp.simulator.reports.types import CSV, DATE_RANGE, ReportType

QUOTED = "quoted"
QUOTED_UNDOUBLED = "quoted-undoubled"
MINIMAL = "minimal"
UNQUOTED = "unquoted"
QUOTED_HEADER = "quoted-header"

_QUOTED_THROUGHOUT = frozenset({"GET_LEDGER_SUMMARY_VIEW_DATA", "GET_LEDGER_DETAIL_VIEW_DATA"})
_BREAKS = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True)
class Dialect:
    r"""How the lines of a flat file are written.

    Attributes:
        quoting: `quoted`: every field is quoted, and quotes inside are doubled. `quoted-undoubled`:
            every field is quoted, and quotes inside stay as they are. `minimal`: fields that need
            it are quoted. `unquoted`: no field is quoted. `quoted-header`: only the header is
            quoted.
        delimiter: A tab, a comma or a semicolon.
        line_end: `\n`, `\r\n` or `\r`.
        preamble: Whether there are lines before the header.
    """

    quoting: str
    delimiter: str
    line_end: str = "\r\n"
    preamble: bool = False

    def header(self, names: Sequence[str]) -> str:
        """Return the line with the names of the columns."""
        quoting = QUOTED if self.quoting == QUOTED_HEADER else self.quoting
        return self._line(names, quoting)

    def line(self, values: Sequence[str]) -> str:
        """Return the line of a row."""
        return self._line(values, UNQUOTED if self.quoting == QUOTED_HEADER else self.quoting)

    def before_header(self, currency: str) -> str:
        """Return the lines before the header; empty if there are none."""
        if not self.preamble:
            return ""
        texts = (
            "Includes all transactions",
            f"All amounts in {currency}, unless specified",
            "Definitions:",
            "Total: sales, credits and rebates, less fees",
        )
        lines = [self._line([text], self.quoting) for text in texts]
        return "".join(lines) + self.line_end

    def _line(self, values: Sequence[str], quoting: str) -> str:
        line = self.delimiter.join(values)
        # Most lines have no character that is written in another way.
        if (
            quoting in _PLAIN_AS_THEY_ARE
            and line.count(self.delimiter) == len(values) - 1
            and '"' not in line
            and _BREAKS.search(line) is None
        ):
            return line + self.line_end
        written = _WRITERS[quoting]
        return self.delimiter.join(written(value, self.delimiter) for value in values) + (
            self.line_end
        )


def _quoted(value: str, delimiter: str) -> str:
    del delimiter
    return '"' + value.replace('"', '""') + '"'


def _quoted_undoubled(value: str, delimiter: str) -> str:
    """Return a quoted value; without doubled quotes, a line break would end the row."""
    del delimiter
    return f'"{_BREAKS.sub(" ", value)}"'


def _quoted_if_needed(value: str, delimiter: str) -> str:
    needs = any(mark in value for mark in (delimiter, '"', "\r", "\n"))
    return _quoted(value, delimiter) if needs else value


def _unquoted(value: str, delimiter: str) -> str:
    """Return a value in which a space replaces what would end the field."""
    return _BREAKS.sub(" ", value).replace(delimiter, " ")


_WRITERS: Mapping[str, Callable[[str, str], str]] = {
    QUOTED: _quoted,
    QUOTED_HEADER: _unquoted,
    QUOTED_UNDOUBLED: _quoted_undoubled,
    MINIMAL: _quoted_if_needed,
    UNQUOTED: _unquoted,
}

_PLAIN_AS_THEY_ARE = frozenset({MINIMAL, UNQUOTED})
"""Quotings that write a value without special characters as it is."""


def usual_dialect(kind: ReportType) -> Dialect:
    """Return the dialect of a type as sellers have seen it."""
    if kind.name.startswith(DATE_RANGE):
        return Dialect(QUOTED, ",", preamble=True)
    if kind.name in _QUOTED_THROUGHOUT:
        return Dialect(QUOTED_UNDOUBLED, "\t")
    return Dialect(MINIMAL, ",") if kind.format == CSV else Dialect(UNQUOTED, "\t")


_QUOTINGS = (QUOTED, QUOTED_UNDOUBLED, MINIMAL, UNQUOTED, QUOTED_HEADER)
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";"}
_LINE_ENDS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
_PREAMBLES = {"preamble": True, "no-preamble": False}
_ALTERNATIVES: tuple[Sequence[str], ...] = (
    _QUOTINGS,
    (*_DELIMITERS,),
    (*_LINE_ENDS,),
    (*_PREAMBLES,),
)
DIALECT_WORDS = tuple(word for words in _ALTERNATIVES for word in words)
"""All words of dialects."""


def check_dialect(words: str) -> None:
    """Check the words of a dialect.

    Raises:
        ValueError: A word is unknown, or two words contradict each other.
    """
    given = words.split(",")
    for word in given:
        if word not in DIALECT_WORDS:
            message = f"'{word}' is unknown; known: {', '.join(DIALECT_WORDS)}"
            raise ValueError(message)
    for alternatives in _ALTERNATIVES:
        if sum(word in alternatives for word in given) > 1:
            message = f"only one of {', '.join(alternatives)} is possible"
            raise ValueError(message)


def dialect_of(kind: ReportType, dialects: Mapping[str, str]) -> Dialect:
    """Return the dialect of a type.

    Args:
        kind: The type.
        dialects: Words by report type, such as `quoted,semicolon,cr`; `*` is every other type.

    Raises:
        ValueError: As `check_dialect`.
    """
    dialect = usual_dialect(kind)
    words = dialects.get(kind.name, dialects.get("*"))
    if words is None:
        return dialect
    check_dialect(words)
    for word in words.split(","):
        if word in _QUOTINGS:
            dialect = replace(dialect, quoting=word)
        elif word in _DELIMITERS:
            dialect = replace(dialect, delimiter=_DELIMITERS[word])
        elif word in _LINE_ENDS:
            dialect = replace(dialect, line_end=_LINE_ENDS[word])
        else:
            dialect = replace(dialect, preamble=_PREAMBLES[word])
    return dialect
