"""Makes whole postings from their short forms."""

from __future__ import annotations

from tap_amazon_sp.simulator.money import components
from tap_amazon_sp.simulator.money import postings as kinds
from tap_amazon_sp.simulator.money.components import Component, Line
from tap_amazon_sp.simulator.money.entries import LOSS, STORAGE_FEE, SUBSCRIPTION_FEE
from tap_amazon_sp.simulator.money.item_lines import refund_lines, shipment_lines
from tap_amazon_sp.simulator.money.losses import Loss, loss_of
from tap_amazon_sp.simulator.money.postings import Entry, PostedItem, Posting
from tap_amazon_sp.simulator.orders.after_sales import refunds, shipments
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.world.randomness import number_from

_TRACE = 10**12


class WholePostings:
    """Makes whole postings from their short forms."""

    def __init__(self, book: OrderBook) -> None:
        """Make the postings of a seller."""
        self._book = book
        self._markets = book.world.marketplaces

    def of(self, entry: Entry) -> Posting:
        """Return the whole of an entry."""
        market = self._markets[entry.market]
        if entry.order_index is not None:
            return self._of_order(entry)
        name, number = entry.subject
        if name == LOSS:
            return self._reimbursement(entry, loss_of(self._book.world, int(number)))
        component, description = _OTHERS[entry.kind, str(name)]
        details = {}
        if entry.kind == kinds.TRANSFER:
            trace = number_from(self._book.world.seed, "trace", market.id, number) % _TRACE
            details["trace"] = f"{trace:012d}"
        if entry.kind == kinds.ADVERTISING:
            invoice = number_from(self._book.world.seed, "invoice", market.id, number) % _TRACE
            details["invoice"] = f"TR{invoice:012d}"
        return Posting(
            entry, market, description, lines=(Line(component, entry.units),), details=details
        )

    def _of_order(self, entry: Entry) -> Posting:
        index, number = (int(part) for part in entry.subject)
        order = self._book.history[index]
        details = self._book.details(order)
        if entry.kind == kinds.SHIPMENT:
            shipment = shipments(order)[number]
            bought = [details.items[position] for position in shipment.positions]
            items = tuple(
                PostedItem(item, item.quantity, shipment_lines(order, item)) for item in bought
            )
        else:
            refund = next(each for each in refunds(self._book, order) if each.position == number)
            item = details.items[number]
            adjustment = number_from(self._book.world.seed, "adjustment", item.id) % _TRACE
            lines = refund_lines(order, item, refund.quantity)
            items = (PostedItem(item, refund.quantity, lines, f"{adjustment:012d}"),)
        is_shipment = entry.kind == kinds.SHIPMENT
        return Posting(
            entry,
            order.marketplace,
            "Order Payment" if is_shipment else "Refund Order",
            order=order,
            order_id=details.order_id,
            seller_order_id=details.seller_order_id,
            shipment_id=f"{details.serial * 10 + number}" if is_shipment else None,
            items=items,
        )

    def _reimbursement(self, entry: Entry, loss: Loss) -> Posting:
        reason = _REASONS.get(loss.reason, loss.reason)
        component = components.REIMBURSEMENT._replace(description=reason)
        return Posting(
            entry,
            self._markets[entry.market],
            "FBA Inventory Reimbursement",
            lines=(Line(component, entry.units),),
            loss=loss,
        )


_REASONS = {"Lost_Warehouse": "WAREHOUSE_LOST", "Damaged_Warehouse": "WAREHOUSE_DAMAGE"}
"""What settlement reports call the reasons of losses."""

_OTHERS: dict[tuple[str, str], tuple[Component, str]] = {
    (kinds.SERVICE_FEE, STORAGE_FEE): (components.STORAGE, "FBA storage fee"),
    (kinds.SERVICE_FEE, SUBSCRIPTION_FEE): (components.SUBSCRIPTION, "Subscription"),
    (kinds.ADVERTISING, "week"): (components.ADVERTISING, "Cost of Advertising"),
    (kinds.RESERVE, "debit"): (components.RESERVE_DEBIT, "Current Reserve Amount"),
    (kinds.RESERVE, "credit"): (components.RESERVE_CREDIT, "Previous Reserve Amount Balance"),
    (kinds.TRANSFER, "transfer"): (components.TRANSFER, "Transfer to bank account"),
}
"""Component and description of what belongs to no order, by kind and subject."""
