from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.reading.order_list import UnlistableOrderError, list_orders

UTC = dt.timezone.utc
WINDOW = Window(dt.datetime(2026, 11, 1, tzinfo=UTC), dt.datetime(2026, 11, 20, tzinfo=UTC))


def row(order_id: str, updated: str, channel: str = "Amazon.com", **others: Any) -> dict[str, Any]:
    return {
        "amazon_order_id": order_id,
        "last_updated_date": updated,
        "purchase_date": "2026-11-02T23:59:59Z",
        "sales_channel": channel,
        **others,
    }


def test_orders_are_listed_once_in_the_order_of_their_last_update() -> None:
    listed = list_orders(
        [
            row("3", "2026-11-05T10:00:00Z"),
            row("1", "2026-11-04T10:00:00Z"),
            # Items of one order, with the same SKU and quantity.
            row("3", "2026-11-05T10:00:00Z"),
            row("2", "2026-11-04T10:00:00Z", purchase_date="2026-11-03T00:00:00Z"),
        ],
        WINDOW,
        (),
    )

    assert listed.ids == ["1", "2", "3"]
    assert len(listed) == 3
    assert listed.moment(2) == dt.datetime(2026, 11, 5, 10, tzinfo=UTC)
    assert listed.moment(3) == WINDOW.before
    assert listed.place(dt.datetime(2026, 11, 4, 10, tzinfo=UTC)) == 0
    assert listed.place(dt.datetime(2026, 11, 4, 10, 0, 1, tzinfo=UTC)) == 2
    assert listed.beginning_of_second(1) == 0
    assert listed.beginning_of_second(2) == 2
    assert [dt.datetime.fromtimestamp(one, UTC).day for one in listed.purchases] == [2, 3, 2]


def test_rows_of_other_marketplaces_and_of_the_own_shop_are_left_out() -> None:
    rows = [
        row("1", "2026-11-04T10:00:00Z", "Amazon.com"),
        row("2", "2026-11-04T10:00:00Z", "Amazon.ca"),
        row("3", "2026-11-04T10:00:00Z", "Non-Amazon"),
        row("4", "2026-11-04T10:00:00Z", "Non-Amazon US"),
        # Not known here: the API has to say what it is.
        row("5", "2026-11-04T10:00:00Z", "Amazon.example"),
        row("6", "2026-11-04T10:00:00Z", ""),
    ]

    assert list_orders(rows, WINDOW, ["ATVPDKIKX0DER"]).ids == ["1", "5", "6"]
    assert list_orders(rows, WINDOW, ()).ids == ["1", "2", "5", "6"]


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        (row("", "2026-11-04T10:00:00Z"), "no order id"),
        (row("1", "2026-11-04T10:00:00Z", amazon_order_id=None), "no order id"),
        (row("1", ""), "no time in `last_updated_date`"),
        (row("1", "soon"), "no time in `last_updated_date`"),
        (row("1", "2026-11-04T10:00:00Z", purchase_date=None), "no time in `purchase_date`"),
        (row("1", "2026-10-30T10:00:00Z"), "orders of another time"),
    ],
)
def test_a_row_that_cannot_be_listed_spoils_the_whole_list(
    broken: dict[str, Any], reason: str
) -> None:
    with pytest.raises(UnlistableOrderError, match=reason):
        list_orders([row("0", "2026-11-05T10:00:00Z"), broken], WINDOW, ())


def test_orders_that_changed_while_the_report_was_made_belong_to_a_later_time() -> None:
    rows = [row("1", "2026-11-05T10:00:00Z"), row("2", "2026-11-20T00:00:01Z")]

    assert list_orders(rows, WINDOW, ()).ids == ["1"]
