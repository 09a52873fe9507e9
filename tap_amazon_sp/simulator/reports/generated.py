"""Reports made up from what is known about their type: columns, elements or a JSON Schema.

The data that a type shows for a day is the same in all reports over that day. Reports about stock
show the stock of the seller.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from tap_amazon_sp.simulator.documents.contents import MARK, Content, RowBlocks, ZippedRows
from tap_amazon_sp.simulator.reports.binary_files import archive, page, workbook
from tap_amazon_sp.simulator.reports.cells import Row, cell
from tap_amazon_sp.simulator.reports.columns import columns_of
from tap_amazon_sp.simulator.reports.json_documents import JsonReports
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.reports.stock_reports import StockReports
from tap_amazon_sp.simulator.reports.stock_rows import StockRow
from tap_amazon_sp.simulator.reports.text_files import CHARSETS, FlatFiles, encoded
from tap_amazon_sp.simulator.reports.types import CSV, JSON, PDF, TSV, XLSX, XML, ZIP
from tap_amazon_sp.simulator.reports.xml_documents import PLAIN, SHAPES
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import DAY
from tap_amazon_sp.simulator.world.world import World

_MEDIA_TYPES = {
    TSV: "text/plain",
    CSV: "text/csv",
    JSON: "application/json",
    XML: "text/xml",
    PDF: "application/pdf",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ZIP: "application/zip",
}
_ROWS_A_DAY = 3
_ROWS_IN_BLOCK = 2000
_MAX_AGE = 2 * 365 * DAY
_STATE_SINCE = 1_760_000_000


@dataclass(frozen=True)
class Made:
    """A document that can be made.

    Attributes:
        content_type: Media type and character set.
        make: Makes the document.
        zipped: Whether it is stored as gzip.
    """

    content_type: str
    make: Callable[[], bytes | Content]
    zipped: bool


class GeneratedReports:
    """Makes documents of any type.

    Attributes:
        files: How flat files are written.
    """

    def __init__(
        self, world: World, stock: StockReports, *, rows: Mapping[str, int], files: FlatFiles
    ) -> None:
        """Make the reports of a seller.

        Args:
            world: The world of the seller.
            stock: The rows of the reports about stock.
            rows: Number of rows by report type; other types have a few.
            files: How flat files are written.
        """
        self._world = world
        self._stock = stock
        self._rows = rows
        self.files = files
        self._products = world.products
        self._json = JsonReports(world)

    def is_large(self, name: str) -> bool:
        """Return whether the settings say how many rows a type has."""
        return name in self._rows

    def made(self, request: ReportRequest) -> Made | None:
        """Return the document for a request; None if there is no data."""
        kind = request.type
        of_stock = None if self.is_large(kind.name) else self._stock.rows(request)
        if not of_stock and (of_stock is not None or not self._has_data(request)):
            return None
        charset = self.files.charset(request)
        content_type = _MEDIA_TYPES[kind.format]
        if kind.format in (TSV, CSV, JSON):
            content_type += f";charset={charset}"
        makers: Mapping[str, Callable[[], bytes | Content]] = {
            TSV: lambda: self._as_text(request),
            CSV: lambda: self._as_text(request),
            JSON: lambda: self._json.content(request),
            XML: lambda: self._as_xml(request),
            PDF: lambda: page(f"{kind.name} {int(request.end)}"),
            XLSX: lambda: self._as_workbook(request),
            ZIP: lambda: archive({"report.csv": self._as_text(request)}),
        }
        make = makers[kind.format]
        # Some flat files come as gzip, some do not; Amazon does not say which.
        zipped = kind.format == JSON or (kind.format in (TSV, CSV) and len(kind.name) % 3 != 0)
        if self.is_large(kind.name) and kind.format in (TSV, CSV, JSON, XML):
            return Made(content_type, lambda: self._large(request, charset), zipped=True)
        if of_stock:
            # The stock may move before the download.
            content = self._text_of_stock(request, of_stock)
            return Made(content_type, lambda: content, zipped)
        return Made(content_type, make, zipped)

    def _has_data(self, request: ReportRequest) -> bool:
        if request.type.format == JSON and request.is_hourly:
            return len(request.hours()) > 0 and request.end > request.now - _MAX_AGE
        if request.type.shows_state or request.type.format in (PDF, JSON):
            return request.end > request.now - _MAX_AGE or request.type.shows_state
        if self.is_large(request.type.name):
            return True
        return next(self._records(request), None) is not None

    def _records(self, request: ReportRequest) -> Iterator[Row]:
        """Yield the rows of all marketplaces."""
        for market in request.marketplaces:
            if request.type.shows_state:
                yield from self._state(request, market)
            else:
                yield from self._days(request, market)

    def _state(self, request: ReportRequest, market: Marketplace) -> Iterator[Row]:
        """Yield a row for each product."""
        name = request.type.name
        for product in self._products:
            rng = self._world.random("report", name, market.id, product.number)
            # The state and its time are the same in each report.
            moment = _STATE_SINCE - rng.randrange(300 * DAY)
            yield self._row(
                request, market, product.number, rng=rng, product=product, moment=moment
            )

    def _days(self, request: ReportRequest, market: Marketplace) -> Iterator[Row]:
        """Yield a few rows for each day."""
        name = request.type.name
        start = max(request.start, request.now - _MAX_AGE)
        for day in range(int(start // DAY), int(min(request.end, request.now) // DAY) + 1):
            for number in range(day * _ROWS_A_DAY, (day + 1) * _ROWS_A_DAY):
                rng = self._world.random("report", name, market.id, day, number % _ROWS_A_DAY)
                moment = day * DAY + rng.randrange(DAY)
                if request.start <= moment <= min(request.end, request.now):
                    product = rng.choice(self._products)
                    yield self._row(
                        request, market, number, rng=rng, product=product, moment=moment
                    )

    def _row(  # noqa: PLR0913 - the parts of a row
        self,
        request: ReportRequest,
        market: Marketplace,
        number: int,
        *,
        rng: random.Random,
        product: Product,
        moment: int,
    ) -> Row:
        """Return a row of a report of usual size."""
        return Row(
            type=request.type.name,
            number=number,
            prefix=self._prefix(request.type.name, market),
            rng=rng,
            product=product,
            sku=product.sku,
            market=market,
            moment=moment,
            made=request.now,
            seller_id=request.seller_id,
        )

    def _prefix(self, name: str, market: Marketplace) -> str:
        number = self._world.random("report", name, market.id).randrange(10 ** len(MARK))
        return f"{number:0{len(MARK)}d}"

    def _block_rows(self, request: ReportRequest, count: int) -> Iterator[Row]:
        """Yield the rows of a block of a large report; their ids hold the mark."""
        name, market = request.type.name, request.marketplaces[0]
        days = max(1, int((request.end - request.start) // DAY))
        for number in range(min(count, _ROWS_IN_BLOCK)):
            rng = self._world.random("large report", name, number)
            moment = int(request.start) + number % days * DAY + rng.randrange(DAY)
            if not request.type.shows_state:
                moment = min(moment, int(request.end))
            yield replace(
                self._row(
                    request,
                    market,
                    number,
                    rng=rng,
                    product=rng.choice(self._products),
                    moment=moment,
                ),
                prefix=MARK,
                sku=f"SKU-{MARK}-{number:04d}",
            )

    def _large(self, request: ReportRequest, charset: str) -> Content:
        kind, count = request.type, self._rows[request.type.name]
        codec = CHARSETS[charset]
        if kind.format == JSON:
            return ZippedRows(self._json.rows(request, count))
        if kind.format == XML:
            shape = SHAPES.get(kind.name, PLAIN)
            head = encoded(shape.head(charset, request.seller_id), codec)
            tail = encoded(shape.tail(), codec)
            lines = [
                encoded(self._xml_record(row), codec) for row in self._block_rows(request, count)
            ]
        else:
            columns, file = columns_of(kind.name, request.now), self.files.file(request)
            head, tail = file.head(columns), b""
            rows = (_cells(columns, row) for row in self._block_rows(request, count))
            lines = [*file.rows(columns, rows)]
        return ZippedRows(
            RowBlocks(head=head, rows=tuple(lines), count=count, tail=tail, encoding=codec)
        )

    def _as_text(self, request: ReportRequest) -> bytes:
        columns = columns_of(request.type.name, request.now)
        rows = (_cells(columns, row) for row in self._records(request))
        return self.files.file(request).whole(columns, rows)

    def _text_of_stock(self, request: ReportRequest, rows: Sequence[StockRow]) -> bytes:
        columns = columns_of(request.type.name, request.now)
        file = self.files.file(request)
        return file.whole(columns, (self._stock_cells(request, columns, row) for row in rows))

    def _stock_cells(
        self, request: ReportRequest, columns: Sequence[str], row: StockRow
    ) -> list[str]:
        """Return the values of a row; those that do not follow from the stock are made up."""
        name, market, product = request.type.name, row.marketplace, row.product
        made_up = self._row(
            request,
            market,
            row.number,
            rng=self._world.random("report", name, market.id, row.number),
            product=product,
            moment=int(row.moment),
        )
        known = {"asin": product.asin, "ASIN": product.asin, **row.values}
        return [
            str(known[column]) if column in known else cell(column, made_up) for column in columns
        ]

    def _as_xml(self, request: ReportRequest) -> bytes:
        charset = self.files.charset(request)
        shape = SHAPES.get(request.type.name, PLAIN)
        text = shape.head(charset, request.seller_id)
        text += "".join(self._xml_record(row) for row in self._records(request)) + shape.tail()
        return encoded(text, CHARSETS[charset])

    @staticmethod
    def _xml_record(row: Row) -> str:
        return SHAPES.get(row.type, PLAIN).write(lambda name: cell(name, row))

    def _as_workbook(self, request: ReportRequest) -> bytes:
        columns = columns_of(request.type.name, request.now)
        return workbook([columns, *(_cells(columns, row) for row in self._records(request))])


def _cells(columns: Sequence[str], row: Row) -> list[str]:
    """Return the values of a row."""
    return [cell(column, row) for column in columns]
