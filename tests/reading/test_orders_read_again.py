"""Which changed orders take a call of getOrder."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from tap_amazon_sp.reading.changed_orders import ChangedOrder, ChangedOrders
from tap_amazon_sp.reading.orders_read_again import OrdersReadAgain
from tap_amazon_sp.reading.reader import Records
from tests.reading.test_covered_time import covered, day, span, stream_with

ORDER = "902-1234567-1234567"


def called_for(moment: dt.datetime | None, *, read_at: dt.datetime | None = None) -> list[str]:
    """Return the orders that getOrder is called for, if one has changed at a time.

    Days 1 to 5 are read; of days 3 and 4, only a report has told.

    Args:
        time: When the order changed, as a notification says.
        read_at: The last update of the order as this run has read it.
    """
    spans = covered(stream_with())
    spans.add(span(1, 3))
    spans.add(span(3, 5), by_report=100)
    spans.add(span(5, 6))
    changed, called = ChangedOrders(), list[str]()
    changed.expect()
    changed.add([ChangedOrder("m1", ORDER, moment)], on_written=len)
    changed.end()
    reader: Any = SimpleNamespace(
        connection=SimpleNamespace(changed_orders=changed, max_parallel_requests=1),
        clock=SimpleNamespace(raise_if_stopped=lambda: None),
        covered=spans,
        logger=SimpleNamespace(info=lambda *_: None, warning=lambda *_: None),
        more_executor=lambda _: SimpleNamespace(submit=submit),
        stream=SimpleNamespace(label="orders", name="orders"),
        versions=SimpleNamespace(newest=lambda _: read_at, without_older=lambda found: found),
    )

    def order(order_id: str) -> Records:
        called.append(order_id)
        return []

    again = OrdersReadAgain(reader)
    again._singles = SimpleNamespace(order=order)  # type: ignore[assignment]
    list(again.pages())
    return called


@pytest.mark.parametrize(
    ("moment", "read_at", "is_called"),
    [
        (day(2), None, False),
        (day(5.5), None, False),
        # Amazon notes an update a little later than the change.
        (day(6) - dt.timedelta(minutes=1), None, True),
        (day(8), None, True),
        (None, None, True),
        # A report may lack it.
        (day(4), None, True),
        (day(4), day(4), False),
        (day(8), day(8.5), False),
        (day(8), day(7), True),
    ],
)
def test_an_order_is_read_again_unless_it_surely_was_read_after_its_change(
    moment: dt.datetime | None, read_at: dt.datetime | None, *, is_called: bool
) -> None:
    assert called_for(moment, read_at=read_at) == ([ORDER] if is_called else [])


def test_changed_orders_come_between_the_pages_that_are_awaited() -> None:
    changed, written = ChangedOrders(), list[str]()
    changed.expect()
    changed.add(
        [ChangedOrder(f"m{number}", f"order {number}", None) for number in range(150)],
        on_written=written.extend,
    )
    changed.end()
    reader: Any = SimpleNamespace(
        connection=SimpleNamespace(changed_orders=changed, max_parallel_requests=1),
        clock=SimpleNamespace(raise_if_stopped=lambda: None),
        covered=covered(stream_with()),
        logger=SimpleNamespace(info=lambda *_: None, warning=lambda *_: None),
        more_executor=lambda _: SimpleNamespace(submit=submit),
        stream=SimpleNamespace(label="orders", name="orders"),
        versions=SimpleNamespace(newest=lambda _: None, without_older=lambda found: found),
    )
    again = OrdersReadAgain(reader)
    again._singles = SimpleNamespace(order=lambda order_id: [{"orderId": order_id}])  # type: ignore[assignment]

    def searched() -> Iterator[Records]:
        for number in range(3):
            # searchOrders waits for a token.
            deadline = time.monotonic() + 5
            while again._found.qsize() < 50 and number < 2 and time.monotonic() < deadline:
                time.sleep(0.01)
            yield [{"orderId": f"page {number}"}]

    given: list[str] = []
    for (record,) in again.beside(searched()):
        # What is named in the state is written: the record before this one, at the latest.
        assert len(written) <= len(given)
        given.append(record["orderId"])

    pages = [given.index(f"page {number}") for number in range(3)]
    assert pages[0] == 0
    assert pages[1] > 50
    assert sorted(given) == sorted(
        [*(f"page {number}" for number in range(3)), *(f"order {number}" for number in range(150))]
    )
    assert written == [f"m{number}" for number in range(150)]


def submit(function: Callable[[Any], Any], one: Any) -> Any:
    """Call a function when its result is wanted, as an executor with one thread might."""
    return SimpleNamespace(result=lambda: function(one), cancel=lambda: None)
