"""docs/orders.md has the hours that Amazon's rate limits allow, and settings that exist."""

from __future__ import annotations

import ast
import functools
import math
import re
from pathlib import Path

import pytest

import tap_amazon_sp
from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.reading.order_backlog import ORDERS_PER_PAGE
from tap_amazon_sp.reading.orders_reader import OrdersReader
from tap_amazon_sp.reading.single_orders import GET_ORDER
from tap_amazon_sp.reading.window_plan import PAGES_PER_PAGE_TOKEN
from tap_amazon_sp.settings.definitions import DECLARATIONS
from tap_amazon_sp.streams.orders import Orders

PACKAGE = Path(tap_amazon_sp.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "orders.md"
TEXT = PAGE.read_text("utf-8")
ROWS = re.findall(r"^\| ([\d,]+) \| ([\d.]+) \| ([\d.]+) \| ", TEXT, re.MULTILINE)
LOG = TEXT.partition("## What the log says")[2].partition("## ")[0]
SENTENCES = [
    one for one in re.findall(r"^\| `([^`]+)` \|", LOG, re.MULTILINE) if one[:6] != "orders"
]
"""Lines of progress and of costs are made of many parts."""


@functools.cache
def texts_of_package() -> frozenset[str]:
    """Return the string constants in the package."""
    return frozenset(
        node.value
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def rate_of(operation_id: str) -> float:
    """Return the calls of an operation in a second."""
    rate = catalogue.operation(operation_id).rate
    assert rate is not None
    return rate


def hours(operation_id: str, calls: int) -> float:
    """Return the hours that the rate limit takes for so many calls, with a full bucket."""
    operation = catalogue.operation(operation_id)
    assert operation.rate is not None
    assert operation.burst is not None
    return max(0.0, calls - operation.burst) / operation.rate / 3600


def both(orders: int) -> float:
    """Return the shortest time for both operations side by side."""
    pages = math.ceil(orders / ORDERS_PER_PAGE)
    return min(
        max(
            hours(Orders.operation_id, full),
            hours(GET_ORDER, max(0, orders - ORDERS_PER_PAGE * full)),
        )
        for full in range(pages + 1)
    )


def shown(number: float) -> str:
    """Return hours in three digits, as the page has them."""
    return f"{number:.{max(0, 2 - math.floor(math.log10(number))) if number >= 1 else 2}f}"


@pytest.mark.parametrize(("orders", "search", "combined"), ROWS)
def test_hours_follow_from_the_rate_limits(orders: str, search: str, combined: str) -> None:
    number = int(orders.replace(",", ""))

    assert search == shown(hours(Orders.operation_id, math.ceil(number / ORDERS_PER_PAGE)))
    assert combined == shown(both(number))


def test_changed_orders_of_a_day() -> None:
    limit, search, single = re.findall(
        r"more than ([\d,]+) \|.*gives ([\d,]+) orders a day, `getOrder` ([\d,]+) ", TEXT
    )[0]
    of_search = 24 * 3600 * ORDERS_PER_PAGE * rate_of(Orders.operation_id)
    of_get_order = 24 * 3600 * rate_of(GET_ORDER)

    assert search == f"{of_search:,.0f}"
    assert single == f"{of_get_order:,.0f}"
    assert limit == f"{(of_search + of_get_order) // 500 * 500:,.0f}"
    assert f"takes {hours(Orders.operation_id, 50):.1f} hours." in TEXT


@pytest.mark.parametrize("sentence", SENTENCES)
def test_the_log_has_the_sentences(sentence: str) -> None:
    pieces = [piece.strip() for piece in re.split(r"…|[\d,]+|GET_\w+|\([^)]*\)|;", sentence)]
    known = [piece for piece in pieces if len(piece) >= 10]

    assert known
    assert [piece for piece in known if not any(piece in text for text in texts_of_package())] == []


def test_the_page_has_sentences_of_the_log() -> None:
    assert len(SENTENCES) == 6


def test_the_page_has_sizes_from_small_to_large() -> None:
    assert [int(orders.replace(",", "")) for orders, _, _ in ROWS] == [2500, 10**4, 10**5, 10**6]


def test_the_settings_exist() -> None:
    settings = {one.name for one in DECLARATIONS}
    named = set(re.findall(r"`((?:orders|notifications|max|report)_[a-z_]+)[`:]", TEXT))

    assert named - {"report_xml"} <= settings
    assert {"orders_source", "orders_history", "notifications_queue_url"} <= named


def test_a_token_is_valid_for_more_pages_than_a_window_has() -> None:
    rate = catalogue.operation(Orders.operation_id).rate
    assert rate is not None
    assert PAGES_PER_PAGE_TOKEN < 500 <= 20 + rate * 24 * 3600
    assert OrdersReader.pages_per_save == 1
