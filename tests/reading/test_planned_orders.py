from __future__ import annotations

from typing import cast

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.reading.plan import StreamPlan
from tap_amazon_sp.reading.planned_orders import plan_of_both
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
SEARCH = "orders_2026-01-01.searchOrders"


@pytest.mark.parametrize(
    ("orders", "pages", "singles"),
    # 2,030 at once, then 1.06 a second.
    [(2_000, 20, "0"), (2_500, 23, "200"), (10_000, 63, "3,700"), (1_000_000, 5_293, "470,700")],
)
def test_both_operations_share_the_orders(orders: int, pages: int, singles: str) -> None:
    stream = cast(
        "AmazonStream", TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams["orders"]
    )
    alone = StreamPlan(
        "by time", catalogue.operation(SEARCH), -(-orders // 100), "about", records=orders
    )

    plan = plan_of_both(alone, stream.client)

    assert (plan.calls, plan.further) == (pages, f"{singles} of getOrder")
