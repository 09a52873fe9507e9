"""Finances v0: groups of events, which are settlements, and the events.

Source: Amazon's model `financesV0`. Deferred events appear when they are released, with the day on
which they were posted. Service fees have no date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.finances.amounts import money_v0
from tap_amazon_sp.simulator.finances.period import Period, period_of
from tap_amazon_sp.simulator.finances.viewer import BooksViewer
from tap_amazon_sp.simulator.money import postings as kinds
from tap_amazon_sp.simulator.money.books import ACCOUNT_TAIL, Account, Settlement
from tap_amazon_sp.simulator.money.components import CHARGE, FEE, PROMOTION, WITHHELD, Line
from tap_amazon_sp.simulator.money.postings import Entry, PostedItem, Posting
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.timestamps import iso

API = "financesV0"

_MAX_PAGE = 100
_GROUPS_ON_PAGE = 10


class FinancesV0:
    """The Finances API v0."""

    def __init__(self, viewer: BooksViewer) -> None:
        """Serve the books of a seller."""
        self._viewer = viewer
        self._books = viewer.books

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.listFinancialEventGroups": self.list_groups,
            f"{API}.listFinancialEvents": self.list_events,
            f"{API}.listFinancialEventsByGroupId": self.list_events_of_group,
            f"{API}.listFinancialEventsByOrderId": self.list_events_of_order,
        }

    def truth_of_groups(self, now: float) -> list[dict[str, Any]]:
        """Return all groups as they are at a moment."""
        account = self._books.at(now)
        return [_group(each, account) for each in _settlements(account)]

    def truth(self, now: float) -> list[dict[str, Any]]:
        """Return all events at a moment, each as the only one in its list."""
        account = self._books.at(now)
        every = Period(0.0, float("inf"))
        return [self._lists([entry]) for entry in self._released(account, every)]

    def list_groups(self, call: Call) -> Answer:
        """List the groups that began in a time."""
        period = period_of(
            call, "FinancialEventGroupStartedAfter", "FinancialEventGroupStartedBefore"
        )
        account = self._books.at(call.now)
        page = self._viewer.pager.page(
            call,
            self._size(call, _GROUPS_ON_PAGE),
            lambda: [each for each in _settlements(account) if period.holds(each.start)],
        )
        now = {each.id: each for each in _settlements(account)}
        payload: dict[str, Any] = {
            "FinancialEventGroupList": [_group(now[each.id], account) for each in page.items]
        }
        if page.next_token:
            payload["NextToken"] = page.next_token
        return Answer({"payload": payload})

    def list_events(self, call: Call) -> Answer:
        """List the events of a time."""
        period = period_of(call, "PostedAfter", "PostedBefore")
        return self._events(call, lambda account: self._released(account, period))

    def list_events_of_group(self, call: Call) -> Answer:
        """List the events of a group."""
        period = period_of(call, "PostedAfter", "PostedBefore")
        group = call.parameters["eventGroupId"]

        def find(account: Account) -> list[Entry]:
            settlement = next(
                (each for each in _settlements(account) if each.group_id == group), None
            )
            if settlement is None:
                message = f"Financial event group {group}"
                raise not_found(message)
            return [entry for entry in settlement.entries if period.holds(entry.posted_at)]

        return self._events(call, find)

    def list_events_of_order(self, call: Call) -> Answer:
        """List the events of an order."""
        order = self._books.orders.by_id(call.parameters["orderId"])

        def find(account: Account) -> list[Entry]:
            if order is None:
                return []
            return [
                entry
                for entry in self._released(account, Period(0.0, float("inf")))
                if entry.order_index == order.index
            ]

        return self._events(call, find)

    def _size(self, call: Call, default: int) -> int:
        size = int(call.parameters.get("MaxResultsPerPage", default))
        return max(1, min(size, self._viewer.page_size(_MAX_PAGE)))

    def _events(self, call: Call, find: Callable[[Account], list[Entry]]) -> Answer:
        account = self._books.at(call.now)
        page = self._viewer.pager.page(call, self._size(call, _MAX_PAGE), lambda: find(account))
        payload: dict[str, Any] = {"FinancialEvents": self._lists(page.items)}
        if page.next_token:
            payload["NextToken"] = page.next_token
        return Answer({"payload": payload})

    @staticmethod
    def _released(account: Account, period: Period) -> list[Entry]:
        return [
            entry
            for entry in account.entries
            if entry.kind != kinds.TRANSFER
            and account.has_released(entry)
            and period.holds(entry.posted_at)
        ]

    def _lists(self, entries: Sequence[Entry]) -> dict[str, list[dict[str, Any]]]:
        """Return events in their lists; Amazon sends empty lists, too."""
        lists: dict[str, list[dict[str, Any]]] = {name: [] for name, _ in _EVENTS.values()}
        for entry in entries:
            name, render = _EVENTS[entry.kind]
            lists[name].append(render(self._books.posting(entry)))
        return lists


def _settlements(account: Account) -> list[Settlement]:
    return [each for found in account.settlements.values() for each in found]


def _group(settlement: Settlement, account: Account) -> dict[str, Any]:
    market = settlement.market
    group: dict[str, Any] = {
        "FinancialEventGroupId": settlement.group_id,
        "ProcessingStatus": "Closed" if settlement.is_closed else "Open",
        "OriginalTotal": money_v0(settlement.total, market),
        "BeginningBalance": money_v0(0, market),
        "FinancialEventGroupStart": iso(settlement.start),
    }
    if settlement.is_closed:
        is_there = settlement.deposited_at <= account.until
        group |= {
            "FundTransferStatus": "Succeeded" if is_there else "Processing",
            "ConvertedTotal": money_v0(settlement.total, market),
            "FundTransferDate": iso(settlement.end),
            "AccountTail": ACCOUNT_TAIL,
            "FinancialEventGroupEnd": iso(settlement.end),
        }
    return group


def _order_event(posting: Posting) -> dict[str, Any]:
    event: dict[str, Any] = {
        "AmazonOrderId": posting.order_id,
        "MarketplaceName": posting.market.name,
        "PostedDate": iso(posting.entry.posted_at),
    }
    if posting.seller_order_id:
        event["SellerOrderId"] = posting.seller_order_id
    return event


def _shipment(posting: Posting) -> dict[str, Any]:
    items = [_item(item, posting.market, "") for item in posting.items]
    return _order_event(posting) | {"ShipmentItemList": items}


def _refund(posting: Posting) -> dict[str, Any]:
    items = [_item(item, posting.market, "Adjustment") for item in posting.items]
    return _order_event(posting) | {"ShipmentItemAdjustmentList": items}


def _item(posted: PostedItem, market: Marketplace, word: str) -> dict[str, Any]:
    """Return an item; in the event of a refund, the names of its lists have another word."""
    lines = {
        kind: [line for line in posted.lines if line.component.kind == kind]
        for kind in (CHARGE, FEE, PROMOTION, WITHHELD)
    }
    item: dict[str, Any] = {
        "SellerSKU": posted.item.product.sku,
        "OrderItemId": posted.item.id,
        "QuantityShipped": posted.quantity,
        f"ItemCharge{word}List": _charges(lines[CHARGE], market),
        f"ItemFee{word}List": _fees(lines[FEE], market),
    }
    if posted.adjustment_id is not None:
        item["OrderAdjustmentItemId"] = posted.adjustment_id
    if lines[PROMOTION]:
        item[f"Promotion{word}List"] = [
            {
                "PromotionType": line.component.v0,
                "PromotionId": posted.item.promotion_id,
                "PromotionAmount": money_v0(line.units, market),
            }
            for line in lines[PROMOTION]
        ]
    if lines[WITHHELD]:
        item["ItemTaxWithheldList"] = [
            {
                "TaxCollectionModel": "MarketplaceFacilitator",
                "TaxesWithheld": _charges(lines[WITHHELD], market),
            }
        ]
    return item


def _charges(lines: Iterable[Line], market: Marketplace) -> list[dict[str, Any]]:
    return [
        {"ChargeType": line.component.v0, "ChargeAmount": money_v0(line.units, market)}
        for line in lines
    ]


def _fees(lines: Iterable[Line], market: Marketplace) -> list[dict[str, Any]]:
    return [
        {"FeeType": line.component.v0, "FeeAmount": money_v0(line.units, market)} for line in lines
    ]


def _service_fee(posting: Posting) -> dict[str, Any]:
    return {
        "FeeReason": posting.description,
        "FeeList": _fees(posting.lines, posting.market),
        "FeeDescription": posting.description,
    }


def _advertising(posting: Posting) -> dict[str, Any]:
    units, market = posting.entry.units, posting.market
    return {
        "postedDate": iso(posting.entry.posted_at),
        "transactionType": "charge",
        "invoiceId": posting.details["invoice"],
        "baseValue": money_v0(units, market),
        "taxValue": money_v0(0, market),
        "transactionValue": money_v0(units, market),
    }


def _adjustment(posting: Posting) -> dict[str, Any]:
    loss, market = posting.loss, posting.market
    event: dict[str, Any] = {
        "AdjustmentType": "ReserveEvent" if loss is None else "FBAInventoryReimbursement",
        "PostedDate": iso(posting.entry.posted_at),
        "AdjustmentAmount": money_v0(posting.entry.units, market),
    }
    if loss is not None:
        event["AdjustmentItemList"] = [
            {
                "Quantity": str(loss.quantity),
                "PerUnitAmount": money_v0(loss.per_unit, market),
                "TotalAmount": money_v0(loss.total, market),
                "SellerSKU": loss.product.sku,
                "FnSKU": loss.product.fnsku,
                "ProductDescription": loss.product.title,
                "ASIN": loss.product.asin,
            }
        ]
    return event


_EVENTS: Mapping[str, tuple[str, Callable[[Posting], dict[str, Any]]]] = {
    kinds.SHIPMENT: ("ShipmentEventList", _shipment),
    kinds.REFUND: ("RefundEventList", _refund),
    kinds.SERVICE_FEE: ("ServiceFeeEventList", _service_fee),
    kinds.ADVERTISING: ("ProductAdsPaymentEventList", _advertising),
    kinds.REIMBURSEMENT: ("AdjustmentEventList", _adjustment),
    kinds.RESERVE: ("AdjustmentEventList", _adjustment),
}
"""By kind of a posting: the list of its event, and what makes the event."""
