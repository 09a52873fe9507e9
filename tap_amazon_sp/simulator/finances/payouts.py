"""Transfers: payouts of settlements, and those to come.

Source: Amazon's model `transfers_2024-06-01`. Here, the id of a payout is that of its group of
events, as `initiatePayout` returns it. A settlement that the seller owes money for has no payout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.finances.amounts import money
from tap_amazon_sp.simulator.finances.viewer import BooksViewer
from tap_amazon_sp.simulator.money.books import ACCOUNT_TAIL, Account, Settlement
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.schema_checks import time_of
from tap_amazon_sp.simulator.world.timestamps import HOUR, iso

API = "transfers_2024-06-01"

_PAGE = 50


class Payouts:
    """The reading operations of the Transfers API that are about payouts."""

    def __init__(self, viewer: BooksViewer) -> None:
        """Serve the payouts of a seller."""
        self._viewer = viewer
        self._books = viewer.books

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.listPayouts": self.list_payouts,
            f"{API}.listExpectedPayouts": self.list_expected_payouts,
        }

    def truth(self, now: float) -> list[dict[str, Any]]:
        """Return all payouts as they are at a moment."""
        account = self._books.at(now)
        return [self._payout(each, account) for each in self._paid(account, {})]

    def truth_of_expected(self, now: float) -> list[dict[str, Any]]:
        """Return the payouts to come at a moment."""
        return [self._expected(each) for each in self._open(self._books.at(now), {})]

    def list_payouts(self, call: Call) -> Answer:
        """List payouts, by marketplace and the most recent first."""
        wanted = call.parameters
        after, before = (
            time_of(name, wanted[name]) if wanted.get(name) else None
            for name in ("createdAfter", "createdBefore")
        )
        account = self._books.at(call.now)

        def find() -> list[Settlement]:
            return [
                each
                for each in self._paid(account, wanted)
                if (after is None or each.end >= after)
                and (before is None or each.end <= before)
                and wanted.get("payoutId") in (None, each.group_id)
            ]

        page = self._viewer.pager.page(call, self._viewer.page_size(_PAGE), find)
        body: dict[str, Any] = {"payouts": [self._payout(each, account) for each in page.items]}
        return Answer(body | ({"nextToken": page.next_token} if page.next_token else {}))

    def list_expected_payouts(self, call: Call) -> Answer:
        """List what will be paid out for the open settlements."""
        account = self._books.at(call.now)
        page = self._viewer.pager.page(
            call, self._viewer.page_size(_PAGE), lambda: self._open(account, call.parameters)
        )
        body: dict[str, Any] = {"expectedPayouts": [self._expected(each) for each in page.items]}
        return Answer(body | ({"nextToken": page.next_token} if page.next_token else {}))

    def _paid(self, account: Account, wanted: Mapping[str, Any]) -> list[Settlement]:
        return [
            each
            for market in self._viewer.markets(wanted)
            for each in reversed(account.settlements[market.id])
            if each.is_closed and each.total > 0
        ]

    def _open(self, account: Account, wanted: Mapping[str, Any]) -> list[Settlement]:
        return [account.settlements[market.id][-1] for market in self._viewer.markets(wanted)]

    def _payout(self, settlement: Settlement, account: Account) -> dict[str, Any]:
        moments = {
            "STARTED": settlement.end,
            "IN_TRANSIT": settlement.end + HOUR,
            "PAID": settlement.deposited_at,
        }
        history = [
            {"status": name, "lastUpdatedDate": iso(moment)}
            for name, moment in moments.items()
            if moment <= account.until
        ]
        return {
            "id": settlement.group_id,
            "partnerMetadata": self._viewer.partner(settlement.market),
            "currentStatus": history[-1]["status"],
            "statusHistory": history,
            "type": "SCHEDULED",
            "amount": money(settlement.total, settlement.market),
            "accountTail": ACCOUNT_TAIL,
            "paymentMethod": "BANK_ACCOUNT",
            "creationDate": iso(settlement.end),
            "period": {"startDate": iso(settlement.start), "endDate": iso(settlement.end)},
            "relatedIdentifiers": _identifiers(settlement),
        }

    def _expected(self, settlement: Settlement) -> dict[str, Any]:
        record: dict[str, Any] = {
            "partnerMetadata": self._viewer.partner(settlement.market),
            "status": "SCHEDULED",
            "period": {"startDate": iso(settlement.start), "endDate": iso(settlement.end)},
            "relatedIdentifiers": _identifiers(settlement),
        }
        if settlement.total <= 0:
            return record | {"status": "NO_PAYOUT_EXPECTED"}
        return record | {
            "amount": money(settlement.total, settlement.market),
            "scheduledDate": iso(settlement.end),
            "accountTail": ACCOUNT_TAIL,
            "paymentMethod": "BANK_ACCOUNT",
        }


def _identifiers(settlement: Settlement) -> list[dict[str, str]]:
    return [{"relatedIdentifierName": "SETTLEMENT_ID", "relatedIdentifierValue": settlement.id}]
