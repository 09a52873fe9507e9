"""The reports that show the same orders as the Orders APIs.

Sources: Amazon's page "Report Type Values" and its JSON Schema of the sales and traffic report.
Sellers' files show the encodings: UTF-8 in North America, Cp1252 for listings in Europe, Shift JIS
(cp932) in Japan.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tap_amazon_sp.simulator.reports.order_files import (
    all_listings,
    all_orders_by_last_update,
    all_orders_by_order_date,
    settlement,
    unshipped_orders,
)
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.reports.sales_and_traffic import sales_and_traffic

_CHARSETS = {"na": "UTF-8", "eu": "Cp1252", "fe": "Shift_JIS"}


@dataclass(frozen=True)
class OrderReport:
    """A report type that shows orders.

    Attributes:
        build: Returns the document before it is zipped; None if there is no data.
        media_type: Media type without the character set.
        utf8: Whether it is UTF-8 in all regions.
    """

    build: Callable[[ReportOrders], bytes | None]
    media_type: str = "text/plain"
    utf8: bool = True

    def content_type(self, region: str) -> str:
        """Return the `Content-Type` of its documents."""
        charset = "UTF-8" if self.utf8 else _CHARSETS[region]
        return f"{self.media_type};charset={charset}"


ORDER_REPORTS: Mapping[str, OrderReport] = {
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL": OrderReport(all_orders_by_last_update),
    "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL": OrderReport(all_orders_by_order_date),
    "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING": OrderReport(unshipped_orders),
    "GET_MERCHANT_LISTINGS_ALL_DATA": OrderReport(all_listings, utf8=False),
    "GET_SALES_AND_TRAFFIC_REPORT": OrderReport(sales_and_traffic, media_type="application/json"),
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": OrderReport(settlement),
}
"""The report types that show orders; all other types are made up, see `generated.py`."""
