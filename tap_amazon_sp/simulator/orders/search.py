"""What both Orders APIs share: time windows, page sizes, and the order of results."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.server.errors import invalid_input, invalid_parameter
from tap_amazon_sp.simulator.world.timestamps import MINUTE

MAX_PAGE = 100

_MIN_AGE = 2 * MINUTE


@dataclass(frozen=True)
class SearchWindow:
    """The window of a search; both ends are included.

    Attributes:
        by_creation: Whether orders are found by creation rather than by last update.
        after: Begin, epoch seconds.
        before: End, epoch seconds.
    """

    by_creation: bool
    after: float
    before: float

    def search(
        self, book: OrderBook, matches: Callable[[OrderState], bool], *, shuffled: bool
    ) -> list[OrderState]:
        """Return the orders in the window that match.

        Args:
            book: The seller's orders.
            matches: Whether an order is wanted.
            shuffled: Whether they come in any order, always in the same one, rather than sorted by
                the time of the window, the oldest first.
        """
        between = book.history.created_between if self.by_creation else book.history.updated_between
        found = [order for order in between(self.after, self.before) if matches(order)]
        if shuffled:
            book.world.random("disorder", len(found)).shuffle(found)
        return found


def search_window(
    call: Call,
    times: Mapping[str, float],
    *,
    created: tuple[str, str],
    updated: tuple[str, str],
) -> SearchWindow:
    """Return the window that a call asks for; it ends at least two minutes before the call.

    Args:
        call: The call.
        times: Its times by parameter.
        created: Names of the parameters after and before creation.
        updated: Names of the parameters after and before the last update.

    Raises:
        ApiError: 400, the parameters break the rules of the Orders APIs.
    """
    by_creation = created[0] in times
    after_name, before_name = created if by_creation else updated
    if after_name not in times:
        # A request with a token has to repeat it, too.
        message = f"Missing required parameter '{after_name}'."
        raise invalid_input(message, details=after_name)
    return SearchWindow(by_creation, times[after_name], times.get(before_name, call.now - _MIN_AGE))


def page_size(call: Call, name: str) -> int:
    """Return the page size that a call asks for in a parameter; the default is 100.

    Raises:
        ApiError: 400, it is not between 1 and 100.
    """
    size: int = call.parameters.get(name, MAX_PAGE)
    if not 1 <= size <= MAX_PAGE:
        raise invalid_parameter(name, f"{size} is not between 1 and {MAX_PAGE}")
    return size
