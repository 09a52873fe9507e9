"""The date range reports of Seller Central: transactions, and amounts that are held back.

createReport refuses these types (amzn/selling-partner-api-models#2036, #5023): sellers make the
reports in Seller Central, and applications list and read them. Their transactions are those of the
settlements, a row for each item; what Amazon keeps in reserve is not in them. A transfer to the
seller's bank account ends the range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tap_amazon_sp.simulator.money import components
from tap_amazon_sp.simulator.money import postings as kinds
from tap_amazon_sp.simulator.money.books import ACCOUNT_TAIL, Account
from tap_amazon_sp.simulator.money.components import Component, Line
from tap_amazon_sp.simulator.money.entries import STORAGE_FEE
from tap_amazon_sp.simulator.money.postings import Entry, Posting
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.reports.columns import DATE_RANGE_TEXTS
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.timestamps import iso

_AMOUNTS = (
    "product sales",
    "product sales tax",
    "shipping credits",
    "shipping credits tax",
    "gift wrap credits",
    "giftwrap credits tax",
    "promotional rebates",
    "promotional rebates tax",
    "marketplace withheld tax",
    "selling fees",
    "fba fees",
    "other transaction fees",
    "other",
)

_COLUMNS: Mapping[Component, str] = {
    components.PRINCIPAL: "product sales",
    components.TAX: "product sales tax",
    components.SHIPPING: "shipping credits",
    components.SHIPPING_TAX: "shipping credits tax",
    components.GIFT_WRAP: "gift wrap credits",
    components.REBATE: "promotional rebates",
    components.WITHHELD_TAX: "marketplace withheld tax",
    components.WITHHELD_SHIPPING_TAX: "marketplace withheld tax",
    components.COMMISSION: "selling fees",
    components.REFUND_COMMISSION: "selling fees",
    components.FULFILLMENT: "fba fees",
    components.SUBSCRIPTION: "other transaction fees",
    components.ADVERTISING: "other transaction fees",
}
"""The column of each component; the others are in `other`."""

_TYPES = {
    kinds.SHIPMENT: "Order",
    kinds.REFUND: "Refund",
    kinds.SERVICE_FEE: "Service Fee",
    kinds.ADVERTISING: "Service Fee",
    kinds.REIMBURSEMENT: "Adjustment",
    kinds.TRANSFER: "Transfer",
}


def transactions(orders: ReportOrders) -> Iterator[Mapping[str, str]]:
    """Yield the rows of the transactions of the first marketplace."""
    request = orders.request
    account = orders.books.at(request.now)
    for entry in _entries(orders, account):
        if entry.kind == kinds.TRANSFER:
            is_inside = request.start < entry.posted_at <= request.end
        else:
            is_inside = request.start <= entry.released_at < request.end
        if is_inside and entry.kind != kinds.RESERVE:
            yield from _rows(orders, account, entry)


def holds(orders: ReportOrders) -> Iterator[Mapping[str, str]]:
    """Yield the rows of the amounts of the first marketplace that are held back at the end."""
    request = orders.request
    account = orders.books.at(request.now)
    for entry in _entries(orders, account):
        if entry.posted_at <= request.end < entry.released_at:
            yield from _rows(orders, account, entry)


def _entries(orders: ReportOrders, account: Account) -> list[Entry]:
    """Return what was posted in the first marketplace, in the order of its release."""
    market = orders.book.world.marketplaces.index(orders.request.marketplaces[0])
    return sorted(
        (entry for entry in account.entries if entry.market == market),
        key=lambda entry: (entry.released_at, entry),
    )


def _rows(orders: ReportOrders, account: Account, entry: Entry) -> Iterator[Mapping[str, str]]:
    posting = orders.books.posting(entry)
    market = posting.market
    settlement = account.settlement_of(entry, market)
    texts = dict.fromkeys(DATE_RANGE_TEXTS, "") | {
        "date/time": iso(entry.released_at),
        "settlement id": "" if settlement is None else settlement.id,
        "type": _type_of(entry),
        "description": posting.description,
    }
    if posting.order is not None:
        texts |= _of_order(orders, posting, posting.order)
    for item in posting.items:
        product = item.item.product
        yield (
            texts
            | {
                "sku": product.sku,
                "description": product.title,
                "quantity": str(item.quantity),
            }
            | _money(item.lines, market)
        )
    if posting.lines:
        if posting.loss is not None:
            texts |= {"sku": posting.loss.product.sku, "quantity": str(posting.loss.quantity)}
        if entry.kind == kinds.TRANSFER:
            texts["description"] = f"To account ending in: {ACCOUNT_TAIL}"
        yield texts | _money(posting.lines, market)


def _type_of(entry: Entry) -> str:
    return "FBA Inventory Fee" if entry.subject[0] == STORAGE_FEE else _TYPES[entry.kind]


def _of_order(orders: ReportOrders, posting: Posting, order: OrderState) -> dict[str, str]:
    buyer = orders.book.details(order).buyer
    return {
        "order id": posting.order_id or "",
        "marketplace": order.marketplace.domain.lower(),
        "account type": "Standard Orders",
        "fulfillment": "Amazon" if order.by_amazon else "Seller",
        "order city": buyer.city,
        "order state": buyer.state,
        "order postal": buyer.postal_code,
        "tax collection model": (
            "MarketplaceFacilitator" if order.marketplace.country == "US" else ""
        ),
    }


def _money(lines: Iterable[Line], market: Marketplace) -> dict[str, str]:
    """Return all amounts and their total; nothing is written as `0`."""
    units = dict.fromkeys(_AMOUNTS, 0)
    for line in lines:
        units[_COLUMNS.get(line.component, "other")] += line.units
    units["total"] = sum(units.values())
    return {name: amount(each, market.currency) if each else "0" for name, each in units.items()}
