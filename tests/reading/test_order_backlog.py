from __future__ import annotations

import datetime as dt
import itertools
import random
from array import array

import pytest

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.order_backlog import (
    RESERVED,
    SINGLES_PER_PART,
    OrderBacklog,
    Part,
    Section,
)
from tap_amazon_sp.reading.order_list import OrderList

UTC = dt.timezone.utc
START = dt.datetime(2026, 1, 1, tzinfo=UTC)
MONTH = dt.timedelta(days=30)


def backlog(months: int = 1, *, orders_a_day: float = 0.0, singles: float = 89.0) -> OrderBacklog:
    """Return a backlog of months whose reports are awaited."""
    return OrderBacklog(
        [
            Section(Window(START + MONTH * number, START + MONTH * (number + 1)), None)
            for number in range(months)
        ],
        singles_per_page=singles,
        orders_between=lambda after, before: (
            (before - after).total_seconds() / 86400 * orders_a_day
        ),
    )


def orders(window: Window, count: int, seed: int = 1, *, per_second: int = 1) -> OrderList:
    """Return orders at random seconds of a window."""
    luck = random.Random(seed)  # noqa: S311 - no secret
    first, last = int(window.after.timestamp()), int(window.before.timestamp())
    moments = [luck.randrange(first, last) for _ in range(-(-count // per_second))]
    seconds = sorted(moment for moment in moments for _ in range(per_second))[:count]
    ids = [f"{first}-{number}" for number in range(count)]
    return OrderList(window, array("q", seconds), ids, array("q", [1] * count))


def list_all(found: OrderBacklog, count: int, *, per_second: int = 1) -> list[str]:
    """Note the orders of all sections; return their ids without those that are reserved."""
    ids: list[str] = []
    for number, section in enumerate(found.sections):
        listed = orders(section.window, count, number, per_second=per_second)
        found.list_orders(section, listed)
        ids += listed.ids[: listed.place(section.high)]
    return ids


def check_parts(found: OrderBacklog, parts: list[Part], ids: list[str]) -> None:
    """Check that the parts have each order once, and leave no moment between them."""
    assert sorted(order_id for part in parts for order_id in part.ids) == sorted(ids)
    spans = sorted((part.window.after, part.window.before) for part in parts)
    for (_, before), (after, _) in itertools.pairwise(spans):
        assert before == after
    assert spans[0][0] == found.sections[0].window.after
    assert spans[-1][1] <= found.sections[-1].window.before


@pytest.mark.parametrize("months", [1, 3])
@pytest.mark.parametrize("per_second", [1, 3, 150])
@pytest.mark.parametrize("seed", range(5))
def test_both_ends_meet_and_each_order_is_taken_once(
    months: int, per_second: int, seed: int
) -> None:
    luck = random.Random(seed)  # noqa: S311 - no secret
    found = backlog(months, singles=0.0)
    ids = list_all(found, 700, per_second=per_second)
    parts: list[Part] = []
    while True:
        part = found.take_singles() if luck.random() < 0.5 else found.take_pages(luck.randrange(4))
        if part is None:
            if all(section.is_taken for section in found.sections):
                break
            continue
        parts.append(part)

    check_parts(found, parts, ids)
    assert found.orders_left == (0, 700 * months)


def test_pages_are_full_and_come_from_the_oldest_order_on() -> None:
    found = backlog()
    ids = list_all(found, 1000)

    sizes = []
    while (part := found.take_pages(3)) is not None:
        sizes.append(len(part.ids))
        assert list(part.ids) == ids[sum(sizes) - len(part.ids) : sum(sizes)]

    # The rest is read sooner with getOrder.
    assert sizes == [300, 300, 300]
    assert found.orders_left[0] == 1000 - RESERVED - 900
    assert found.is_left_to_singles


def test_single_orders_come_from_the_newest_one_back() -> None:
    found = backlog()
    ids = list_all(found, 200)

    first, second = found.take_singles(), found.take_singles()

    assert first is not None
    assert second is not None
    assert list(second.ids) + list(first.ids) == ids[-2 * SINGLES_PER_PART :]
    assert second.window.before == first.window.after


def test_the_newest_orders_are_left_to_the_last_page() -> None:
    found = backlog()
    listed = orders(found.sections[0].window, 1000)
    found.list_orders(found.sections[0], listed)

    part = found.take_singles()

    assert part is not None
    assert part.window.before == listed.moment(1000 - RESERVED)


def test_a_part_without_a_list_is_about_as_long_as_the_tokens_reach() -> None:
    found = backlog(3, orders_a_day=50)

    part = found.take_pages(20)

    # 22 pages of 100 orders take 44 days, which are more than a section.
    assert part is not None
    assert not part.is_listed
    assert len(part.sections) == 2
    days = part.window.length / dt.timedelta(days=1)
    assert 43 < days < 45
    assert part.listed() is None
    for section in found.sections[:2]:
        found.list_orders(section, orders(section.window, 1500))
    ids = part.listed()
    assert ids is not None
    assert 2000 < len(ids) < 2400
    following = found.take_pages(1)
    assert following is not None
    assert following.window.after == part.window.before


def test_a_useless_report_leaves_its_time_to_search_orders() -> None:
    found = backlog(3, orders_a_day=10)
    oldest, middle, newest = found.sections
    found.list_orders(oldest, orders(oldest.window, 300))
    found.give_up(middle)
    found.list_orders(newest, orders(newest.window, 300))

    singles = []
    while (part := found.take_singles()) is not None:
        singles.append(part)

    assert {section for part in singles for section in part.sections} == {oldest, newest}
    assert not middle.is_taken
    assert found.is_hopeless
    pages = found.take_pages(1)
    assert pages is not None
    assert pages.window == middle.window


def test_orders_that_are_left_over_come_first() -> None:
    found = backlog()
    list_all(found, 200)
    part = Part([found.sections[0]], Window(START, START + MONTH), ["7"])
    found.leave_over(part)

    assert found.take_singles() is part


def test_nothing_is_left_to_single_orders_while_a_report_is_awaited() -> None:
    found = backlog(2)
    newest = found.sections[1]
    found.list_orders(newest, orders(newest.window, 100))

    assert found.is_awaited
    assert not found.is_left_to_singles
    assert found.orders_left == (None, 100)
