"""Orders that notifications say have changed, until the stream `orders` has read them."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from tap_amazon_sp.amazon.notifications import changed_order
from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.reading.inbox import Arrived

_HEARTBEAT = 1.0

TOGETHER = 100
"""Orders after which their messages are named in a state. getOrder takes 200 s for them."""


@dataclass(frozen=True)
class ChangedOrder:
    """A message that says that an order has changed.

    Attributes:
        message_id: The message.
        order_id: The order.
        changed_at: When it changed; None if the message does not say.
    """

    message_id: str
    order_id: str
    changed_at: dt.datetime | None

    @classmethod
    def of(cls, arrived: Arrived) -> ChangedOrder | None:
        """Return what a message says; None if it is about no order."""
        found = changed_order(arrived.notification)
        if found is None:
            return None
        order_id, time = found
        return cls(arrived.message_id, order_id, moment_of({"time": time}, "time"))


@dataclass(frozen=True)
class OrderToRead:
    """An order, and when it last changed as far as messages say."""

    order_id: str
    changed_at: dt.datetime | None


class ChangedOrders:
    """The changed orders of one account, between two streams that run side by side.

    Attributes:
        is_expected: Whether messages about orders are read in this run.
        are_read: Whether the stream `orders` reads them.
        is_silent: Whether the queue had no message about an order.
    """

    def __init__(self) -> None:
        """Know none yet."""
        self.are_read = False
        self.is_silent = False
        self._turn = threading.Condition()
        self.is_expected = False
        self._has_ended = False
        self._is_stopped = False
        self._waiting: dict[str, list[ChangedOrder]] = {}
        self._on_written: Callable[[Sequence[str]], object] = lambda _: None

    def expect(self) -> None:
        """Note that messages about orders are going to be read."""
        self.is_expected = True

    def add(
        self, changed: Sequence[ChangedOrder], *, on_written: Callable[[Sequence[str]], object]
    ) -> None:
        """Note changed orders, whose messages are written.

        Args:
            changed: The orders.
            on_written: Called with the ids of messages whose orders are written.
        """
        with self._turn:
            if self._is_stopped:
                return
            self._on_written = on_written
            for one in changed:
                self._waiting.setdefault(one.order_id, []).append(one)
            self._turn.notify_all()

    def end(self) -> None:
        """Note that no more messages come."""
        with self._turn:
            self._has_ended = True
            self._turn.notify_all()

    def stop(self) -> None:
        """Note that nobody reads orders any more: their messages are to come again."""
        with self._turn:
            self._is_stopped = True
            self._waiting.clear()

    def taken(self, raise_if_stopped: Callable[[], None]) -> Iterator[list[OrderToRead]]:
        """Yield the changed orders, each once, the oldest change first, when all messages are read.

        Some at a time: when the caller goes on, it has written them.
        """
        while self.is_expected:
            raise_if_stopped()
            with self._turn:
                if not self._has_ended:
                    self._turn.wait(_HEARTBEAT)
                    continue
                taken, self._waiting = self._waiting, {}
            orders = [OrderToRead(order_id, _latest(some)) for order_id, some in taken.items()]
            orders.sort(key=lambda one: (one.changed_at is not None, one.changed_at))
            for start in range(0, len(orders), TOGETHER):
                some = orders[start : start + TOGETHER]
                yield some
                self._on_written(
                    [one.message_id for order in some for one in taken[order.order_id]]
                )
            return


def _latest(changed: Sequence[ChangedOrder]) -> dt.datetime | None:
    times = [one.changed_at for one in changed if one.changed_at is not None]
    return max(times, default=None)
