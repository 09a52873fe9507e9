"""What a report about stock is made from, and the rows that it consists of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.inventory.storage import Storage
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import iso_with_offset

FIRST_REIMBURSEMENT = 10_000_000_000
"""The id of a reimbursement is this and the number of the loss."""

MAX_ITEMS = 64
"""More items than an order has."""

_MAX_UNITS = 8


@dataclass(frozen=True)
class StockView:
    """What a report about stock is made from.

    Attributes:
        request: The request for the report.
        stock: The stock of the seller.
        storage: What it is charged for.
        book: The orders of the seller.
    """

    request: ReportRequest
    stock: Stock
    storage: Storage
    book: OrderBook

    def shelves(self) -> Iterable[Shelf]:
        """Yield the stock of all products in the marketplaces of the report."""
        for marketplace in self.request.marketplaces:
            yield from self.stock.shelves(marketplace)

    def covers(self, moment: float) -> bool:
        """Return whether something that happened at a moment belongs to the report."""
        return self.request.start <= moment <= min(self.request.end, self.request.now)


@dataclass(frozen=True)
class StockRow:
    """A row of a report about stock.

    Attributes:
        product: The product.
        marketplace: The marketplace.
        moment: When it happened, epoch seconds.
        number: A number that no other row of the report has.
        values: The values that follow from the stock, by column; the others are made up.
    """

    product: Product
    marketplace: Marketplace
    moment: float
    number: int
    values: Mapping[str, object]


def price_of(shelf: Shelf) -> str:
    """Return the price of a product in its marketplace."""
    return amount(shelf.product.price(shelf.marketplace), shelf.marketplace.currency)


def returned_units(view: StockView) -> Iterable[StockRow]:
    """Yield a row for each unit that a buyer sent back: GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA.

    Public readers of sellers' files have a row for each unit, and this status.
    """
    history = view.book.history
    for one in view.stock.returns:
        refund, order = one.refund, history[one.order]
        moment = refund.returned_at
        if moment is None or not view.covers(moment):
            continue
        if order.marketplace not in view.request.marketplaces:
            continue
        shelf = view.stock.shelf(refund.product, order.marketplace)
        for unit in range(refund.quantity):
            yield StockRow(
                refund.product,
                order.marketplace,
                moment,
                (one.order * MAX_ITEMS + refund.position) * _MAX_UNITS + unit,
                {
                    "return-date": iso_with_offset(moment),
                    "order-id": history.order_id(one.order),
                    "quantity": 1,
                    "fulfillment-center-id": shelf.fulfillment_center,
                    "detailed-disposition": refund.disposition,
                    "reason": refund.reason,
                    "status": "Unit returned to inventory",
                },
            )


def reimbursements(view: StockView) -> Iterable[StockRow]:
    """Yield a row for each loss that Amazon has paid for: GET_FBA_REIMBURSEMENTS_DATA."""
    for loss in view.stock.reimbursements:
        market = loss.marketplace
        if not view.covers(loss.reimbursed_at) or market not in view.request.marketplaces:
            continue
        yield StockRow(
            loss.product,
            market,
            loss.reimbursed_at,
            loss.number,
            {
                "approval-date": iso_with_offset(loss.reimbursed_at),
                "reimbursement-id": FIRST_REIMBURSEMENT + loss.number,
                "case-id": "",
                "amazon-order-id": "",
                "reason": loss.reason,
                "condition": "NewItem",
                "currency-unit": market.currency,
                "amount-per-unit": amount(loss.per_unit, market.currency),
                "amount-total": amount(loss.total, market.currency),
                "quantity-reimbursed-cash": loss.quantity,
                "quantity-reimbursed-inventory": 0,
                "quantity-reimbursed-total": loss.quantity,
                "original-reimbursement-id": "",
                "original-reimbursement-type": "",
            },
        )
