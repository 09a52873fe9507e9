"""All operations that show a seller's books."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tap_amazon_sp.simulator.finances import events, payouts, transactions
from tap_amazon_sp.simulator.finances.events import FinancesV0
from tap_amazon_sp.simulator.finances.payouts import Payouts
from tap_amazon_sp.simulator.finances.transactions import Finances
from tap_amazon_sp.simulator.finances.viewer import BooksViewer
from tap_amazon_sp.simulator.money.truth import truth_of_books
from tap_amazon_sp.simulator.server.calls import Handler


class FinanceOperations:
    """Finances 2024-06-19, Finances v0, and the payouts of Transfers."""

    def __init__(self, viewer: BooksViewer) -> None:
        """Serve the books of a seller."""
        self._books = viewer.books
        self._finances = Finances(viewer)
        self._finances_v0 = FinancesV0(viewer)
        self._payouts = Payouts(viewer)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            **self._finances.handlers(),
            **self._finances_v0.handlers(),
            **self._payouts.handlers(),
        }

    def truths(self, now: float) -> Mapping[str, Callable[[], list[dict[str, Any]]]]:
        """Return what gives all records at a moment, by name of the truth."""
        return {
            "books": lambda: truth_of_books(self._books, now),
            f"{transactions.API}.listTransactions": lambda: self._finances.truth(now),
            f"{events.API}.listFinancialEventGroups": lambda: self._finances_v0.truth_of_groups(
                now
            ),
            f"{events.API}.listFinancialEvents": lambda: self._finances_v0.truth(now),
            f"{payouts.API}.listPayouts": lambda: self._payouts.truth(now),
            f"{payouts.API}.listExpectedPayouts": lambda: self._payouts.truth_of_expected(now),
        }
