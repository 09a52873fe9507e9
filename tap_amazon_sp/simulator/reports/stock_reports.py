"""The reports that show the same stock as the FBA Inventory API and the same fees as the books."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.inventory.storage import Storage
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.reports.fulfilled_shipments import (
    fulfilled_shipments,
    shipment_sales,
)
from tap_amazon_sp.simulator.reports.ledger import ledger_detail, ledger_summary
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.reports.stock_rows import (
    StockRow,
    StockView,
    reimbursements,
    returned_units,
)
from tap_amazon_sp.simulator.reports.stock_states import (
    available_units,
    fee_previews,
    managed_inventory,
    planning,
    reserved_units,
    restock,
    storage_charges,
    units_by_country,
)

STOCK_REPORTS: Mapping[str, Callable[[StockView], Iterable[StockRow]]] = {
    "GET_AFN_INVENTORY_DATA": available_units,
    "GET_AFN_INVENTORY_DATA_BY_COUNTRY": units_by_country,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL": fulfilled_shipments,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_INVOICING": fulfilled_shipments,
    "GET_AMAZON_FULFILLED_SHIPMENTS_DATA_TAX": fulfilled_shipments,
    "GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA": fee_previews,
    "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA": returned_units,
    "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA": shipment_sales,
    "GET_FBA_INVENTORY_PLANNING_DATA": planning,
    "GET_FBA_MYI_ALL_INVENTORY_DATA": managed_inventory,
    "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA": managed_inventory,
    "GET_FBA_REIMBURSEMENTS_DATA": reimbursements,
    "GET_FBA_STORAGE_FEE_CHARGES_DATA": storage_charges,
    "GET_LEDGER_DETAIL_VIEW_DATA": ledger_detail,
    "GET_LEDGER_SUMMARY_VIEW_DATA": ledger_summary,
    "GET_RESERVED_INVENTORY_DATA": reserved_units,
    "GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT": restock,
}
"""What yields the rows of a report, by type."""


@dataclass(frozen=True)
class StockReports:
    """The reports about the stock of a seller.

    Attributes:
        stock: Returns the stock as it is now.
        storage: What it is charged for.
        book: The orders of the seller.
    """

    stock: Callable[[], Stock]
    storage: Storage
    book: OrderBook

    def rows(self, request: ReportRequest) -> list[StockRow] | None:
        """Return the rows of a report; None if its type does not show stock."""
        make = STOCK_REPORTS.get(request.type.name)
        if make is None:
            return None
        return [*make(StockView(request, self.stock(), self.storage, self.book))]
