"""The reports that show the same orders as the Orders APIs.

Sources: Amazon's page "Report Type Values" and its JSON Schema of the sales and traffic report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tap_amazon_sp.simulator.reports.all_orders import (
    all_orders_by_last_update,
    all_orders_by_order_date,
    xml_orders_by_last_update,
    xml_orders_by_order_date,
)
from tap_amazon_sp.simulator.reports.columns import columns_of
from tap_amazon_sp.simulator.reports.date_range import holds, transactions
from tap_amazon_sp.simulator.reports.order_files import (
    Rows,
    all_listings,
    unshipped_orders,
)
from tap_amazon_sp.simulator.reports.report_orders import TOO_LONG_SENTENCE, ReportOrders
from tap_amazon_sp.simulator.reports.sales_and_traffic import sales_and_traffic
from tap_amazon_sp.simulator.reports.settlements import settlement
from tap_amazon_sp.simulator.reports.text_files import FlatFile
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR

_MAX_DAYS = 30
_TOO_LONG = "The date range of this report must not be longer than {days} days.\n"


@dataclass(frozen=True)
class OrderReport:
    """A report type that shows orders.

    Attributes:
        rows: Returns the rows of a flat file.
        content: Returns the content of another document; the file says in which character set.
        media_type: Media type without the character set.
        has_charset: Whether the media type comes with the character set.
        longest_days: Days of a report; a longer one is not as requested, see `OrderReportFlaws`.
        is_region_wide: Whether it shows the orders of all marketplaces of the region, even if some
            are requested (selling-partner-api-docs#1404, selling-partner-api-models#2209).
    """

    rows: Callable[[ReportOrders], Rows] | None = None
    content: Callable[[ReportOrders, FlatFile], bytes] | None = None
    media_type: str = "text/plain"
    has_charset: bool = True
    longest_days: int | None = None
    is_region_wide: bool = False

    def content_type(self, charset: str) -> str:
        """Return the `Content-Type` of its documents."""
        return f"{self.media_type};charset={charset}" if self.has_charset else self.media_type

    def make(self, orders: ReportOrders, file: FlatFile) -> bytes:
        """Return the document before it is zipped."""
        request, flaws = orders.request, orders.flaws
        if self.longest_days is not None and (
            request.end - request.start > self.longest_days * DAY + HOUR
        ):
            if flaws.too_long == TOO_LONG_SENTENCE:
                return _TOO_LONG.format(days=self.longest_days).encode(file.codec)
            orders = replace(orders, request=replace(request, end=request.start - 1))
        if self.content is not None:
            return self.content(orders, file)
        rows = self.rows(orders) if self.rows is not None else ()
        columns = columns_of(
            file.kind.name, orders.request.now, with_item_ids=orders.flaws.item_ids
        )
        return file.whole(columns, ([str(row[name]) for name in columns] for row in rows))


def _all_orders(rows: Callable[[ReportOrders], Rows]) -> OrderReport:
    return OrderReport(rows, longest_days=_MAX_DAYS, is_region_wide=True)


def _all_orders_in_xml(content: Callable[[ReportOrders, FlatFile], bytes]) -> OrderReport:
    return OrderReport(
        content=content,
        media_type="text/xml",
        has_charset=False,
        longest_days=_MAX_DAYS,
        is_region_wide=True,
    )


ORDER_REPORTS: Mapping[str, OrderReport] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": _all_orders(all_orders_by_last_update),
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": _all_orders(all_orders_by_order_date),
    "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": _all_orders_in_xml(xml_orders_by_last_update),
    "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": _all_orders_in_xml(xml_orders_by_order_date),
    "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING": OrderReport(unshipped_orders),
    "GET_MERCHANT_LISTINGS_ALL_DATA": OrderReport(all_listings),
    "GET_DATE_RANGE_FINANCIAL_HOLDS_DATA": OrderReport(holds, media_type="text/csv"),
    "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA": OrderReport(transactions, media_type="text/csv"),
    "GET_SALES_AND_TRAFFIC_REPORT": OrderReport(
        content=lambda orders, _: sales_and_traffic(orders), media_type="application/json"
    ),
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": OrderReport(settlement),
}
"""The report types that show orders; all other types are made up, see `generated.py`."""
