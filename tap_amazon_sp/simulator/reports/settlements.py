"""The report of a settlement: every line of what was released to a seller in two weeks.

Columns and words are those that public parsers of sellers' files know (flat file V2). The first
line has the total; the amounts of all others add up to it.
"""

from __future__ import annotations

from collections.abc import Iterator

from tap_amazon_sp.simulator.money import postings as kinds
from tap_amazon_sp.simulator.money.books import Books, Settlement
from tap_amazon_sp.simulator.money.components import REBATE, Line
from tap_amazon_sp.simulator.money.postings import Entry, PostedItem, Posting
from tap_amazon_sp.simulator.reports.columns import columns_of
from tap_amazon_sp.simulator.reports.order_files import Rows
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import iso, parse_iso

SETTLEMENT_REPORT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"

_TYPES = {kinds.SHIPMENT: "Order", kinds.REFUND: "Refund", kinds.ADVERTISING: "ServiceFee"}
_OTHER = "other-transaction"


def settlement(orders: ReportOrders) -> Rows:
    """Return the rows of the settlement that a report is about."""
    request = orders.request
    market = request.marketplaces[0]
    found = next(
        each
        for each in orders.books.at(request.now).settlements[market.id]
        if each.end == parse_iso(iso(request.end))
    )
    blank = {"settlement-id": found.id} | dict.fromkeys(columns_of(SETTLEMENT_REPORT)[1:], "")
    yield blank | {
        "settlement-start-date": _moment(found.start),
        "settlement-end-date": _moment(found.end),
        "deposit-date": _moment(found.deposited_at),
        "total-amount": amount(found.total, market.currency),
        "currency": market.currency,
    }
    for entry in found.entries:
        for line in _lines(orders.books, found, entry):
            yield blank | line


def _lines(books: Books, found: Settlement, entry: Entry) -> Iterator[dict[str, str]]:
    posting = books.posting(entry)
    moment = _moment(entry.released_at)
    common = {
        "transaction-type": _TYPES.get(entry.kind, _OTHER),
        "order-id": posting.order_id or "",
        "merchant-order-id": posting.seller_order_id or "",
        "shipment-id": posting.shipment_id or "",
        "marketplace-name": found.market.name if posting.order else "",
        "posted-date": moment[:10],
        "posted-date-time": moment,
    }
    if posting.order is not None:
        common["fulfillment-id"] = "AFN" if posting.order.by_amazon else "MFN"
    for item in posting.items:
        for line in item.lines:
            yield common | _of_item(item, line) | _amount(line, posting)
    for line in posting.lines:
        more = {}
        if posting.loss is not None:
            more = {
                "sku": posting.loss.product.sku,
                "quantity-purchased": str(posting.loss.quantity),
            }
        yield common | more | _amount(line, posting)


def _of_item(item: PostedItem, line: Line) -> dict[str, str]:
    texts = {
        "adjustment-id": item.adjustment_id or "",
        "order-item-code": item.item.id,
        "sku": item.item.product.sku,
        "quantity-purchased": str(item.quantity),
    }
    if line.component == REBATE:
        texts["promotion-id"] = item.item.promotion_id or ""
    return texts


def _amount(line: Line, posting: Posting) -> dict[str, str]:
    return {
        "amount-type": line.component.amount_type,
        "amount-description": line.component.description,
        "amount": amount(line.units, posting.market.currency),
    }


def _moment(seconds: float) -> str:
    return iso(seconds).replace("T", " ").replace("Z", " UTC")
