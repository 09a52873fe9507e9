"""How text files are written: lines, character sets, byte order marks."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Sequence

from tap_amazon_sp.simulator.reports.cells import Row, cell
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

_EUROPEAN = frozenset({"EUR", "GBP"})
_SPACES = str.maketrans("\t\r\n", "   ")


def usual_charset(kind: ReportType, market: Marketplace) -> str:
    """Return the character set of a type and marketplace, as sellers have seen it."""
    european = market.currency in _EUROPEAN
    if kind.format == XML and european:
        return "ISO-8859-1"
    if kind.format in (TSV, CSV):
        if kind.name in _UTF_16:
            return "UTF-16"
        if market.country == "JP":
            return "Shift_JIS"
        if european and kind.category.startswith("Inventory"):
            return "Cp1252"
    return "UTF-8"


def line(kind: ReportType, values: Sequence[str]) -> str:
    """Return a line of a flat file; in tab-separated files, a quote is an ordinary character."""
    if kind.format == TSV:
        return "\t".join(value.translate(_SPACES) for value in values) + "\r\n"
    stream = io.StringIO()
    csv.writer(stream).writerow(values)
    return stream.getvalue()


def row_line(kind: ReportType, columns: Sequence[str], row: Row) -> str:
    """Return the line of a row."""
    return line(kind, [cell(column, row) for column in columns])


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
