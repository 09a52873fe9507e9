"""The calls of searchOrders and getOrder side by side, before a run makes them."""

from __future__ import annotations

import math
from dataclasses import replace

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.reading.order_backlog import ORDERS_PER_PAGE
from tap_amazon_sp.reading.plan import StreamPlan
from tap_amazon_sp.reading.single_orders import GET_ORDER


def plan_of_both(plan: StreamPlan, client: SellingPartnerClient) -> StreamPlan:
    """Return the plan of searchOrders if getOrder reads a part of its orders at the same time.

    Both begin with full token buckets and end at the same moment.

    Args:
        plan: The plan of searchOrders alone, with the number of orders.
        client: It knows the rates.
    """
    search, single = plan.operation, catalogue.operation(GET_ORDER)
    orders, burst = plan.records or 0, search.burst or 1
    at_once = ORDERS_PER_PAGE * burst + (single.burst or 1)
    pages_a_second = client.calls_per_second(search)
    orders_a_second = ORDERS_PER_PAGE * pages_a_second + client.calls_per_second(single)
    seconds = max(0.0, orders - at_once) / orders_a_second
    pages = min(plan.calls, math.ceil(burst + pages_a_second * seconds))
    further = f"{max(0, orders - ORDERS_PER_PAGE * pages):,} of getOrder"
    return replace(plan, calls=pages, further=further)
