"""How text files are written: lines, character sets, byte order marks."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from tap_amazon_sp.simulator.reports.dialects import Dialect, dialect_of
from tap_amazon_sp.simulator.reports.languages import (
    EUROPEAN,
    has_letters_of,
    language_of,
    local_headers,
    value_writers,
)
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.reports.types import CSV, TSV, XML, ReportType
from tap_amazon_sp.simulator.world.marketplaces import Marketplace

CHARSETS = {
    "UTF-8": "utf-8",
    "Cp1252": "cp1252",
    "ISO-8859-1": "iso-8859-1",
    "Shift_JIS": "cp932",
    "UTF-16": "utf-16-le",
}
"""Python's codecs, by Amazon's names of the character sets."""

_UTF_16 = frozenset({"GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT", "GET_FLAT_FILE_GEO_OPPORTUNITIES"})
"""Types in UTF-16: a guess, so that there are some."""

_WITH_BOM = frozenset({"GET_EPR_MONTHLY_REPORTS", "GET_EPR_QUARTERLY_REPORTS"})
"""Types in UTF-8 with a byte order mark: a guess."""

_UTF_8 = frozenset(
    {
        "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING",
        "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
        "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL",
        "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2",
    }
)
"""Types in UTF-8 in every marketplace."""


def usual_charset(kind: ReportType, market: Marketplace) -> str:
    """Return the character set of a type and marketplace, as sellers have seen it."""
    european = market.currency in EUROPEAN
    if kind.format == XML and european:
        return "ISO-8859-1"
    if kind.format in (TSV, CSV):
        if kind.name in _UTF_16:
            return "UTF-16"
        if kind.name in _UTF_8:
            return "UTF-8"
        if market.country == "JP":
            return "Shift_JIS"
        if european and kind.category.startswith("Inventory"):
            return "Cp1252"
    return "UTF-8"


@dataclass(frozen=True)
class FlatFile:
    """How a flat file is written.

    Attributes:
        kind: The report type.
        market: The first marketplace of the report.
        charset: Amazon's name of the character set.
        dialect: How its lines are written.
        language: Code of its language; None is as usual.
    """

    kind: ReportType
    market: Marketplace
    charset: str
    dialect: Dialect
    language: str | None = None

    @property
    def codec(self) -> str:
        """Python's name of the character set."""
        return CHARSETS[self.charset]

    def head(self, columns: Sequence[str]) -> bytes:
        """Return everything up to the header line, with it."""
        headers = local_headers(self.kind.name, self.market, self.language, columns)
        text = self.dialect.before_header(self.market.currency) + self.dialect.header(headers)
        return byte_order_mark(self.kind, self.charset) + encoded(text, self.codec)

    def rows(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
        """Yield the lines of rows, whose values are written in English."""
        writers = value_writers(self.kind.name, self.market, self.language, columns)
        for values in rows:
            written = [
                value if write is None else write(value)
                for write, value in zip(writers, values, strict=True)
            ]
            yield encoded(self.dialect.line(written), self.codec)

    def whole(self, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
        """Return a file with all its rows."""
        return b"".join([self.head(columns), *self.rows(columns, rows)])


class FlatFiles:
    """How the flat files of a seller are written, by report type."""

    def __init__(
        self,
        *,
        charsets: Mapping[str, str],
        dialects: Mapping[str, str],
        languages: Mapping[str, str],
    ) -> None:
        """Write them as the settings say, and as sellers have seen them otherwise.

        Args:
            charsets: Character sets by report type.
            dialects: Dialects by report type; see `dialect_of`.
            languages: Languages by report type; see `language_of`.
        """
        self._charsets = charsets
        self._dialects = dialects
        self._languages = languages

    def charset(self, request: ReportRequest) -> str:
        """Return the character set of a report; XML has one, too."""
        known = self._charsets.get(request.type.name)
        if known is not None:
            return known
        usual = usual_charset(request.type, request.marketplaces[0])
        language = language_of(request, self._languages)
        if language is None or has_letters_of(CHARSETS[usual], language):
            return usual
        return "UTF-8"

    def file(self, request: ReportRequest) -> FlatFile:
        """Return how the file of a report is written."""
        return FlatFile(
            request.type,
            request.marketplaces[0],
            self.charset(request),
            dialect_of(request.type, self._dialects),
            language_of(request, self._languages),
        )


def byte_order_mark(kind: ReportType, charset: str) -> bytes:
    """Return the byte order mark of a file; empty if it has none."""
    if charset == "UTF-16":
        return codecs.BOM_UTF16_LE
    return codecs.BOM_UTF8 if kind.name in _WITH_BOM and charset == "UTF-8" else b""


def encoded(text: str, codec: str) -> bytes:
    """Return text as bytes; characters that the character set lacks become question marks.

    Source: selling-partner-api-models#4955.
    """
    return text.encode(codec, "replace")
