"""Finances 2024-06-19: transactions, balances and summaries.

Sources: Amazon's model `finances_2024-06-19`; answers that public connectors show in their tests. A
deferred transaction stays, with the status `DEFERRED_RELEASED`, when another one releases its
money. Each names the other, and a client that adds up both counts the money twice.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from tap_amazon_sp.simulator.finances.amounts import (
    ACCOUNT_TYPE,
    breakdowns_of_item,
    breakdowns_of_transaction,
    money,
)
from tap_amazon_sp.simulator.finances.period import Period, period_of
from tap_amazon_sp.simulator.finances.viewer import BooksViewer
from tap_amazon_sp.simulator.money import postings as kinds
from tap_amazon_sp.simulator.money.books import Account, Settlement
from tap_amazon_sp.simulator.money.postings import Entry, PostedItem, Posting, transaction_id
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_parameter
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.timestamps import DAY, UTC, iso

API = "finances_2024-06-19"
DEFERRED, RELEASED, DEFERRED_RELEASED = "DEFERRED", "RELEASED", "DEFERRED_RELEASED"
ORDER, GROUP = "ORDER_ID", "FINANCIAL_EVENT_GROUP_ID"
BALANCES = ("TOTAL", "AVAILABLE", "RESERVED", "DEFERRED", "ACCOUNT_LEVEL_RESERVE")

_PAGE = 100
_BALANCES_ON_PAGE = 500


class Transaction(NamedTuple):
    """A transaction: an entry when it is posted, or when its deferred money is released."""

    entry: Entry
    is_release: bool

    @property
    def posted_at(self) -> int:
        """Epoch seconds."""
        return self.entry.released_at if self.is_release else self.entry.posted_at


class Finances:
    """The Finances API 2024-06-19."""

    def __init__(self, viewer: BooksViewer) -> None:
        """Serve the books of a seller."""
        self._viewer = viewer
        self._books = viewer.books
        self._markets = viewer.books.world.marketplaces

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.listTransactions": self.list_transactions,
            f"{API}.listBalances": self.list_balances,
            f"{API}.listSummary": self.list_summary,
        }

    def truth(self, now: float) -> list[dict[str, Any]]:
        """Return all transactions as they are at a moment."""
        account = self._books.at(now)
        return [self._render(each, account) for each in transactions(account)]

    def list_transactions(self, call: Call) -> Answer:
        """List the transactions of a time, an order or a group of events."""
        wanted = call.parameters
        if wanted.get("relatedIdentifierName") not in (None, ORDER, GROUP):
            msg = "relatedIdentifierName"
            raise invalid_parameter(msg, f"it must be {ORDER} or {GROUP}")
        period = period_of(call, "postedAfter", "postedBefore")
        account = self._books.at(call.now)
        page = self._viewer.pager.page(
            call, self._viewer.page_size(_PAGE), lambda: list(self._wanted(account, period, wanted))
        )
        payload: dict[str, Any] = {
            "transactions": [self._render(each, account) for each in page.items]
        }
        if page.next_token:
            payload["nextToken"] = page.next_token
        return Answer({"payload": payload})

    def _wanted(
        self, account: Account, period: Period, wanted: Mapping[str, Any]
    ) -> Iterator[Transaction]:
        market, status = wanted.get("marketplaceId"), wanted.get("transactionStatus")
        name, value = wanted.get("relatedIdentifierName"), wanted.get("relatedIdentifierValue")
        order = self._books.orders.by_id(str(value)) if name == ORDER else None
        for each in transactions(account):
            entry = each.entry
            own = self._markets[entry.market]
            if not period.holds(each.posted_at):
                continue
            if market is not None and (own.id != market or self._is_hidden(entry, own)):
                continue
            if status is not None and _status(each, account) != status:
                continue
            if name == ORDER and (order is None or entry.order_index != order.index):
                continue
            if name == GROUP:
                settlement = _settlement_of(each, account, own)
                if settlement is None or settlement.group_id != value:
                    continue
            yield each

    def _is_hidden(self, entry: Entry, market: Marketplace) -> bool:
        """Return whether Amazon leaves a transaction out if the US marketplace is named."""
        return (
            market.country == "US"
            and entry.order_index is not None
            and not self._books.orders[entry.order_index].by_amazon
        )

    def _render(self, transaction: Transaction, account: Account) -> dict[str, Any]:
        entry = transaction.entry
        posting = self._books.posting(entry)
        market = posting.market
        is_refund = entry.kind == kinds.REFUND
        record: dict[str, Any] = {
            "sellingPartnerMetadata": {
                "sellingPartnerId": self._viewer.seller_id,
                "accountType": ACCOUNT_TYPE,
                "marketplaceId": market.id,
            },
            "relatedIdentifiers": self._identifiers(transaction, posting, account),
            "transactionType": entry.kind,
            "transactionId": self._id(entry, is_release=transaction.is_release),
            "transactionStatus": _status(transaction, account),
            "description": posting.description,
            "postedDate": iso(transaction.posted_at),
            "totalAmount": money(entry.units, market),
            "marketplaceDetails": {"marketplaceId": market.id, "marketplaceName": market.name},
            "items": [_item(item, posting) for item in posting.items],
            "breakdowns": breakdowns_of_transaction(posting.all_lines, market, is_refund=is_refund),
            "contexts": _contexts(transaction, posting),
        }
        return record

    def _id(self, entry: Entry, *, is_release: bool) -> str:
        return transaction_id(self._books.world.seed, entry, is_release=is_release)

    def _identifiers(
        self, transaction: Transaction, posting: Posting, account: Account
    ) -> list[dict[str, str]]:
        entry = transaction.entry
        found = {ORDER: posting.order_id, "SHIPMENT_ID": posting.shipment_id}
        if entry.kind == kinds.REFUND:
            found["REFUND_ID"] = posting.items[0].adjustment_id
        settlement = _settlement_of(transaction, account, posting.market)
        if settlement is not None:
            found[GROUP] = settlement.group_id
            found["SETTLEMENT_ID"] = settlement.id
        if transaction.is_release:
            found["DEFERRED_TRANSACTION_ID"] = self._id(entry, is_release=False)
        elif entry.is_deferred and account.has_released(entry):
            found["RELEASE_TRANSACTION_ID"] = self._id(entry, is_release=True)
        if "invoice" in posting.details:
            found["INVOICE_ID"] = posting.details["invoice"]
        if "trace" in posting.details:
            found["DISBURSEMENT_ID"] = posting.details["trace"]
        return [
            {"relatedIdentifierName": name, "relatedIdentifierValue": value}
            for name, value in found.items()
            if value is not None
        ]

    def list_balances(self, call: Call) -> Answer:
        """Return what is available, deferred and in reserve, now or at the end of a day."""
        wanted = call.parameters
        kind, day = wanted.get("balanceType"), wanted.get("asOfDate")
        if kind is not None and kind not in BALANCES:
            msg = "balanceType"
            raise invalid_parameter(msg, f"it must be one of {', '.join(BALANCES)}")
        moment = call.now if day is None else min(call.now, _begin_of(day) + DAY - 1)
        account = self._books.at(moment)
        markets = self._viewer.markets(wanted)

        def find() -> list[dict[str, Any]]:
            return [
                balance
                for market in markets
                for balance in self._balances(account, market, day)
                if kind in (None, balance["balanceType"])
            ]

        page = self._viewer.pager.page(call, _BALANCES_ON_PAGE, find)
        body: dict[str, Any] = {"balances": list(page.items)}
        if page.next_token:
            body["nextToken"] = page.next_token
        return Answer(body)

    def _balances(
        self, account: Account, market: Marketplace, day: str | None
    ) -> Iterator[dict[str, Any]]:
        at = self._markets.index(market)
        deferred = sum(
            entry.units
            for entry in account.entries
            if entry.market == at and not account.has_released(entry)
        )
        # There is none before the history begins.
        latest = account.settlements[market.id][-1:]
        reserve = sum(settlement.reserve for settlement in latest)
        available = sum(settlement.total for settlement in latest) - reserve
        amounts = {
            "TOTAL": available + deferred + reserve,
            "AVAILABLE": available,
            "RESERVED": deferred + reserve,
            "DEFERRED": deferred,
            "ACCOUNT_LEVEL_RESERVE": reserve,
        }
        parts = {
            "TOTAL": ("AVAILABLE", "RESERVED"),
            "RESERVED": ("DEFERRED", "ACCOUNT_LEVEL_RESERVE"),
        }

        def balance(kind: str) -> dict[str, Any]:
            record: dict[str, Any] = {
                "partnerMetadata": self._viewer.partner(market),
                "balanceType": kind,
                "amount": money(amounts[kind], market),
                "balances": [balance(part) for part in parts.get(kind, ())],
            }
            if day is None:
                record["lastUpdatedTime"] = iso(account.until)
            else:
                record["asOfDate"] = f"{day[:10]}T00:00:00Z"
            return record

        for kind in BALANCES:
            yield balance(kind)

    def list_summary(self, call: Call) -> Answer:
        """Return what came of the released transactions of a time or of a settlement."""
        wanted = call.parameters
        account = self._books.at(call.now)
        name, value = wanted.get("relatedIdentifierName"), wanted.get("relatedIdentifierValue")
        if name not in (None, "SETTLEMENT_ID"):
            msg = "relatedIdentifierName"
            raise invalid_parameter(msg, "it must be SETTLEMENT_ID")
        start = _begin_of(wanted.get("periodStart"), default=0.0)
        end = _begin_of(wanted.get("periodEnd"), default=account.until) + DAY
        markets = self._viewer.markets(wanted)
        if name is not None:
            summaries = [
                self._summary(market, each.entries, each.start, each.end, each)
                for market in markets
                for each in account.settlements[market.id]
                if each.id == value
            ]
        else:
            summaries = [
                self._summary(market, entries, start, end, None)
                for market in markets
                if (entries := self._released(account, market, start, end))
            ]
        return Answer({"summaries": summaries})

    def _released(
        self, account: Account, market: Marketplace, start: float, end: float
    ) -> list[Entry]:
        at = self._markets.index(market)
        return [
            entry
            for entry in account.entries
            if entry.market == at
            and entry.kind != kinds.TRANSFER
            and start <= entry.released_at < min(end, account.until + 1)
        ]

    def _summary(
        self,
        market: Marketplace,
        entries: Iterable[Entry],
        start: float,
        end: float,
        settlement: Settlement | None,
    ) -> dict[str, Any]:
        found = list(entries)
        sides: list[dict[str, Any]] = []
        for is_refund in (False, True):
            lines = [
                line
                for entry in found
                if (entry.kind == kinds.REFUND) == is_refund
                for line in self._books.posting(entry).all_lines
            ]
            sides += breakdowns_of_transaction(lines, market, is_refund=is_refund)
        identifiers = []
        if settlement is not None:
            identifiers = [
                {"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": settlement.id}
            ]
        return {
            "partnerMetadata": self._viewer.partner(market),
            "netProceeds": money(sum(entry.units for entry in found), market),
            "relatedIdentifiers": identifiers,
            "breakdowns": sides,
            "periodStart": iso(start),
            "periodEnd": iso(end - 1),
        }


def transactions(account: Account) -> Iterator[Transaction]:
    """Yield the transactions of books, oldest first; releases come after what they release."""
    for entry in account.entries:
        yield Transaction(entry, is_release=False)
        if entry.is_deferred and account.has_released(entry):
            yield Transaction(entry, is_release=True)


def _status(transaction: Transaction, account: Account) -> str:
    entry = transaction.entry
    if transaction.is_release or not entry.is_deferred:
        return RELEASED
    return DEFERRED_RELEASED if account.has_released(entry) else DEFERRED


def _settlement_of(
    transaction: Transaction, account: Account, market: Marketplace
) -> Settlement | None:
    """Return the settlement in which a transaction counts."""
    entry = transaction.entry
    if entry.is_deferred and not transaction.is_release:
        return None
    return account.settlement_of(entry, market)


def _item(item: PostedItem, posting: Posting) -> dict[str, Any]:
    market, order = posting.market, posting.order
    identifier = item.adjustment_id or item.item.id
    by_amazon = order is not None and order.by_amazon
    return {
        "description": item.item.product.title,
        "relatedIdentifiers": [
            {
                "itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID",
                "itemRelatedIdentifierValue": identifier,
            }
        ],
        "totalAmount": money(sum(line.units for line in item.lines), market),
        "breakdowns": breakdowns_of_item(item.lines, market),
        "contexts": [
            {
                "contextType": "ProductContext",
                "asin": item.item.product.asin,
                "sku": item.item.product.sku,
                "quantityShipped": item.quantity,
                "fulfillmentNetwork": "AFN" if by_amazon else "MFN",
            }
        ],
    }


def _contexts(transaction: Transaction, posting: Posting) -> list[dict[str, Any]]:
    entry = transaction.entry
    if entry.is_deferred:
        return [
            {
                "contextType": "DeferredContext",
                "deferralReason": "DD7",
                "maturityDate": iso(entry.released_at),
            }
        ]
    if entry.kind == kinds.TRANSFER:
        return [
            {
                "contextType": "PaymentsContext",
                "paymentType": "Disbursement" if entry.units < 0 else "Charge",
                "paymentMethod": "BANK_ACCOUNT",
                "paymentReference": posting.details["trace"],
                "paymentDate": iso(entry.posted_at),
            }
        ]
    return []


def _begin_of(day: str | None, *, default: float = 0.0) -> float:
    """Return when a day begins; of a time, only the date counts."""
    if day is None:
        return default // DAY * DAY
    return dt.datetime.fromisoformat(day[:10]).replace(tzinfo=UTC).timestamp()
