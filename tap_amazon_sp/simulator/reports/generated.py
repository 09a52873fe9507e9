"""Reports made up from what is known of their type: columns, elements or a JSON Schema.

`data/report_columns.json` has the columns of flat files. Amazon documents none; those without
`inferred` are what sellers' files show, as public connectors have them; the rest is a guess.

What a type shows of a day is the same in each report over that day, whoever asks, and whenever.
"""

from __future__ import annotations

import codecs
import csv
import functools
import io
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tap_amazon_sp.simulator.documents.contents import MARK, Content, RowBlocks, ZippedRows
from tap_amazon_sp.simulator.reports.files import archive, page, workbook
from tap_amazon_sp.simulator.reports.json_documents import JsonReports, JsonRequest
from tap_amazon_sp.simulator.reports.types import (
    CSV,
    JSON,
    PDF,
    TSV,
    XLSX,
    XML,
    ZIP,
    ReportType,
    read_data,
)
from tap_amazon_sp.simulator.reports.values import Row, cell
from tap_amazon_sp.simulator.reports.xml_documents import PLAIN, SHAPES
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product, make_products
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import DAY

CHARSETS = {
    "UTF-8": "utf-8",
    "Cp1252": "cp1252",
    "ISO-8859-1": "iso-8859-1",
    "Shift_JIS": "cp932",
    "UTF-16": "utf-16-le",
}
"""Python's codecs by Amazon's names of the character sets."""

_MEDIA_TYPES = {
    TSV: "text/plain",
    CSV: "text/csv",
    JSON: "application/json",
    XML: "text/xml",
    PDF: "application/pdf",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ZIP: "application/zip",
}
_UTF_16 = frozenset({"GET_FLAT_FILE_VAT_INVOICE_DATA_REPORT", "GET_FLAT_FILE_GEO_OPPORTUNITIES"})
"""Types in UTF-16: a guess, so that there are some."""

_WITH_BOM = frozenset({"GET_EPR_MONTHLY_REPORTS", "GET_EPR_QUARTERLY_REPORTS"})
"""Types in UTF-8 that say so in front: a guess."""

_EUROPEAN = frozenset({"EUR", "GBP"})
_ROWS_A_DAY = 3
_BLOCK = 2000
_OLDEST = 2 * 365 * DAY
_STATE_SINCE = 1_760_000_000
_GENERIC_COLUMNS = ("record-id", "date", "sku", "asin", "product-name", "quantity", "amount")
_SPACES = str.maketrans("\t\r\n", "   ")


@dataclass(frozen=True)
class GeneratedRequest:
    """What a report is to be about.

    Attributes:
        type: Its type.
        marketplaces: Which ones.
        start: Start of the data, epoch seconds.
        end: End of the data, included.
        now: When it is made.
        options: Options of the request.
        seller_id: Amazon's merchant token.
        is_vendor: Whether a vendor asks.
    """

    type: ReportType
    marketplaces: Sequence[Marketplace]
    start: float
    end: float
    now: float
    options: Mapping[str, str]
    seller_id: str
    is_vendor: bool = False


@dataclass(frozen=True)
class Made:
    """A document to be.

    Attributes:
        content_type: Media type and character set.
        make: Makes it.
        zipped: Whether it is stored as gzip.
    """

    content_type: str
    make: Callable[[], bytes | Content]
    zipped: bool


@functools.cache
def _columns() -> Mapping[str, Any]:
    return read_data("report_columns.json")


def columns_of(name: str) -> Sequence[str]:
    """Columns of a flat file by report type."""
    known = _columns().get(name)
    return known["columns"] if known else _GENERIC_COLUMNS


class GeneratedReports:
    """Makes documents of any type."""

    def __init__(
        self,
        *,
        seed: int,
        region: str,
        rows: Mapping[str, int],
        charsets: Mapping[str, str],
    ) -> None:
        """Make them for a seller.

        Args:
            seed: Another seed is other data.
            region: `na`, `eu` or `fe`.
            rows: How many rows a report has, by type; the rest have a few.
            charsets: Character sets by type, where it is not the usual one.
        """
        self._seed = seed
        self._rows = rows
        self._charsets = charsets
        self._products = make_products(seed, region)
        self._json = JsonReports(self._products, seed=seed, region=region)

    def is_large(self, name: str) -> bool:
        """Whether somebody said how many rows a type has."""
        return name in self._rows

    def made(self, request: GeneratedRequest) -> Made | None:
        """What a request gives; None if there is no data."""
        kind = request.type
        if not self._has_data(request):
            return None
        charset = self._charset(kind, request.marketplaces[0])
        content_type = _MEDIA_TYPES[kind.format]
        if kind.format in (TSV, CSV, JSON):
            content_type += f";charset={charset}"
        makers: Mapping[str, Callable[[], bytes | Content]] = {
            TSV: lambda: self._as_text(request, charset),
            CSV: lambda: self._as_text(request, charset),
            JSON: lambda: self._json.content(_json_request(request)),
            XML: lambda: self._as_xml(request),
            PDF: lambda: page(f"{kind.name} {int(request.end)}"),
            XLSX: lambda: self._as_workbook(request),
            ZIP: lambda: archive({"report.csv": self._as_text(request, charset)}),
        }
        make = makers[kind.format]
        # Some flat files come as gzip, some as they are; Amazon does not say which.
        zipped = kind.format == JSON or (kind.format in (TSV, CSV) and len(kind.name) % 3 != 0)
        if self.is_large(kind.name) and kind.format in (TSV, CSV, JSON, XML):
            return Made(content_type, lambda: self._large(request, charset), zipped=True)
        return Made(content_type, make, zipped)

    def _has_data(self, request: GeneratedRequest) -> bool:
        if request.type.format == JSON and (wanted := _json_request(request)).is_hourly:
            return len(wanted.hours()) > 0 and request.end > request.now - _OLDEST
        if request.type.shows_state or request.type.format in (PDF, JSON):
            return request.end > request.now - _OLDEST or request.type.shows_state
        if self.is_large(request.type.name):
            return True
        return next(self._records(request), None) is not None

    def _charset(self, kind: ReportType, market: Marketplace) -> str:
        """Character set, by type and marketplace as sellers have seen it."""
        usual = "UTF-8"
        european = market.currency in _EUROPEAN
        if kind.format == XML and european:
            usual = "ISO-8859-1"
        elif kind.format in (TSV, CSV):
            if kind.name in _UTF_16:
                usual = "UTF-16"
            elif market.country == "JP":
                usual = "Shift_JIS"
            elif european and kind.category.startswith("Inventory"):
                usual = "Cp1252"
        return self._charsets.get(kind.name, usual)

    def _records(self, request: GeneratedRequest) -> Iterator[Row]:
        """The rows of all marketplaces."""
        for market in request.marketplaces:
            if request.type.shows_state:
                yield from self._state(request, market)
            else:
                yield from self._days(request, market)

    def _state(self, request: GeneratedRequest, market: Marketplace) -> Iterator[Row]:
        """A row for each product."""
        name = request.type.name
        for product in self._products:
            luck = chance(self._seed, "report", name, market.id, product.number)
            # How things are, and since when: the same in each report.
            moment = _STATE_SINCE - luck.randrange(300 * DAY)
            yield self._row(
                request, market, product.number, luck=luck, product=product, moment=moment
            )

    def _days(self, request: GeneratedRequest, market: Marketplace) -> Iterator[Row]:
        """A few rows for each day."""
        name = request.type.name
        start = max(request.start, request.now - _OLDEST)
        for day in range(int(start // DAY), int(min(request.end, request.now) // DAY) + 1):
            for number in range(day * _ROWS_A_DAY, (day + 1) * _ROWS_A_DAY):
                luck = chance(self._seed, "report", name, market.id, day, number % _ROWS_A_DAY)
                moment = day * DAY + luck.randrange(DAY)
                if request.start <= moment <= min(request.end, request.now):
                    product = luck.choice(self._products)
                    yield self._row(
                        request, market, number, luck=luck, product=product, moment=moment
                    )

    def _row(  # noqa: PLR0913 - what a row is made of
        self,
        request: GeneratedRequest,
        market: Marketplace,
        number: int,
        *,
        luck: random.Random,
        product: Product,
        moment: int,
    ) -> Row:
        """A row of a report of usual size."""
        return Row(
            type=request.type.name,
            number=number,
            prefix=self._prefix(request.type.name, market),
            luck=luck,
            product=product,
            sku=product.sku,
            market=market,
            moment=moment,
            made=request.now,
            seller_id=request.seller_id,
        )

    def _prefix(self, name: str, market: Marketplace) -> str:
        number = chance(self._seed, "report", name, market.id).randrange(10 ** len(MARK))
        return f"{number:0{len(MARK)}d}"

    def _block_rows(self, request: GeneratedRequest) -> Iterator[Row]:
        """The rows of a block of a large report; their ids hold the mark."""
        name, market = request.type.name, request.marketplaces[0]
        days = max(1, int((request.end - request.start) // DAY))
        for number in range(_BLOCK):
            luck = chance(self._seed, "large report", name, number)
            moment = int(request.start) + number % days * DAY + luck.randrange(DAY)
            if not request.type.shows_state:
                moment = min(moment, int(request.end))
            yield replace(
                self._row(
                    request,
                    market,
                    number,
                    luck=luck,
                    product=luck.choice(self._products),
                    moment=moment,
                ),
                prefix=MARK,
                sku=f"SKU-{MARK}-{number:04d}",
            )

    def _large(self, request: GeneratedRequest, charset: str) -> Content:
        kind, count = request.type, self._rows[request.type.name]
        codec = CHARSETS[charset]
        if kind.format == JSON:
            return ZippedRows(self._json.rows(_json_request(request), count))
        if kind.format == XML:
            shape = SHAPES.get(kind.name, PLAIN)
            head, tail = shape.head(charset, request.seller_id), shape.tail()
            lines = [self._xml_record(row) for row in self._block_rows(request)]
        else:
            columns = columns_of(kind.name)
            head, tail = _line(kind, columns), ""
            lines = [_row_line(kind, columns, row) for row in self._block_rows(request)]
        return ZippedRows(
            RowBlocks(
                head=_mark(kind, charset) + _encode(head, codec),
                rows=tuple(_encode(line, codec) for line in lines),
                count=count,
                tail=_encode(tail, codec),
                encoding=codec,
            )
        )

    def _as_text(self, request: GeneratedRequest, charset: str) -> bytes:
        kind = request.type
        columns = columns_of(kind.name)
        lines = [_line(kind, columns)]
        lines += [_row_line(kind, columns, row) for row in self._records(request)]
        return _mark(kind, charset) + _encode("".join(lines), CHARSETS[charset])

    def _as_xml(self, request: GeneratedRequest) -> bytes:
        charset = self._charset(request.type, request.marketplaces[0])
        shape = SHAPES.get(request.type.name, PLAIN)
        text = shape.head(charset, request.seller_id)
        text += "".join(self._xml_record(row) for row in self._records(request)) + shape.tail()
        return _encode(text, CHARSETS[charset])

    @staticmethod
    def _xml_record(row: Row) -> str:
        return SHAPES.get(row.type, PLAIN).write(lambda name: cell(name, row))

    def _as_workbook(self, request: GeneratedRequest) -> bytes:
        columns = columns_of(request.type.name)
        lines = [[cell(column, row) for column in columns] for row in self._records(request)]
        return workbook([columns, *lines])


def _json_request(request: GeneratedRequest) -> JsonRequest:
    schemas = request.type.schemas
    return JsonRequest(
        type=request.type.name,
        schema=schemas[-1 if request.is_vendor else 0],
        marketplaces=request.marketplaces,
        start=request.start,
        end=request.end,
        now=request.now,
        options=request.options,
    )


def _row_line(kind: ReportType, columns: Sequence[str], row: Row) -> str:
    return _line(kind, [cell(column, row) for column in columns])


def _line(kind: ReportType, values: Sequence[str]) -> str:
    """A line of a flat file. Tab-separated ones know no quotes, so that quotes are quotes."""
    if kind.format == TSV:
        return "\t".join(value.translate(_SPACES) for value in values) + "\r\n"
    stream = io.StringIO()
    csv.writer(stream).writerow(values)
    return stream.getvalue()


def _mark(kind: ReportType, charset: str) -> bytes:
    """The byte order mark, where there is one."""
    if charset == "UTF-16":
        return codecs.BOM_UTF16_LE
    return codecs.BOM_UTF8 if kind.name in _WITH_BOM and charset == "UTF-8" else b""


def _encode(text: str, codec: str) -> bytes:
    # What the character set does not have is a question mark: selling-partner-api-models#4955.
    return text.encode(codec, "replace")
