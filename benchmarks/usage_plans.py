"""The shortest time in which calls can be made within Amazon's usage plans.

Amazon gives every operation a bucket with `burst` tokens. It starts full and gains `rate` tokens a
second. So n calls of an operation that depends on nothing take at least (n - burst) / rate seconds,
from the first call to the last.

A child operation is called for the things that a parent operation listed. Its k-th call cannot
start before the call of the parent that listed the k-th thing, and that call has its own shortest
time. The log does not show which page listed what, so the bound assumes the best case: every page
of the parent is full. Then the k-th thing cannot be known before call k // page size of the parent.
Further pages of a child need no further thing, and count as known from the first call. Responses
take no time here. Each call is made as soon as its thing is known and the bucket has a token. All
calls are alike, so no other schedule ends earlier. In a chain of three, the child is a parent.

Operations do not share buckets, so independent streams can be read at the same time: the whole run
cannot be shorter than its longest operation, and need not be longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.simulator import UNDOCUMENTED_BURST, UNDOCUMENTED_RATE

_FULFILLMENT = "fulfillmentOutbound_2020-07-01"
_INBOUND = "fulfillmentInbound_2024-03-20"
PARENTS = {
    "ordersV0.getOrderItems": "ordersV0.getOrders",
    "feeds_2021-06-30.getFeedDocument": "feeds_2021-06-30.getFeeds",
    "financesV0.listFinancialEventsByGroupId": "financesV0.listFinancialEventGroups",
    f"{_FULFILLMENT}.getFulfillmentOrder": f"{_FULFILLMENT}.listAllFulfillmentOrders",
    f"{_FULFILLMENT}.getPackageTrackingDetails": f"{_FULFILLMENT}.getFulfillmentOrder",
    f"{_INBOUND}.getInboundPlan": f"{_INBOUND}.listInboundPlans",
    f"{_INBOUND}.listInboundPlanItems": f"{_INBOUND}.listInboundPlans",
    f"{_INBOUND}.listInboundPlanBoxes": f"{_INBOUND}.listInboundPlans",
    f"{_INBOUND}.getShipment": f"{_INBOUND}.getInboundPlan",
}
"""The parent operation of each child. An operation that is missing here counts as independent,
which makes the bound lower than it could be, never higher."""

_THROTTLED = 429


@dataclass(frozen=True)
class OperationBound:
    """The calls of one operation, and the shortest time for them.

    Attributes:
        operation: Id of the operation.
        calls: Number of requests whose response was not 429.
        throttled: Number of responses with 429.
        rate: Calls per second in the usage plan.
        burst: Calls at once in the usage plan.
        alone: Seconds from the first call to the last, if the operation depended on nothing.
        ends: Seconds from the first call of all to the last of this operation, with its parents.
    """

    operation: str
    calls: int
    throttled: int
    rate: float
    burst: float
    alone: float
    ends: float


def earliest_times(known: Iterable[float], rate: float, burst: float) -> list[float]:
    """Return the earliest time of each call, in seconds.

    Args:
        known: When each call's thing is known, in ascending order.
        rate: Tokens per second that the bucket gains.
        burst: Tokens that the bucket can hold, and starts with.
    """
    times = []
    tokens, now = burst, 0.0
    for since in known:
        begin = max(now, since)
        tokens = min(burst, tokens + (begin - now) * rate)
        # The next call waits for the missing part of a token.
        now = begin + max(0.0, 1.0 - tokens) / rate
        tokens = max(tokens, 1.0) - 1.0
        times.append(now)
    return times


def bounds(entries: Sequence[Mapping[str, Any]], speed: float) -> list[OperationBound]:
    """Return the bound of each operation in a simulator's log of one account's requests.

    Args:
        entries: The log.
        speed: Factor by which the simulator multiplies the documented rates.
    """
    calls: dict[str, list[Mapping[str, Any]]] = {}
    throttled: dict[str, int] = {}
    for entry in entries:
        operation = entry["operation"]
        calls.setdefault(operation, [])
        throttled.setdefault(operation, 0)
        if entry["status"] == _THROTTLED:
            throttled[operation] += 1
        else:
            calls[operation].append(entry)

    times: dict[str, list[float]] = {}

    def times_of(operation_id: str) -> list[float]:
        if operation_id not in times:
            known = [0.0] * len(calls[operation_id])
            parent = PARENTS.get(operation_id)
            if parent in calls:
                known = _known(calls[operation_id], parent, times_of(parent))
            times[operation_id] = earliest_times(known, *usage_plan(operation_id, speed))
        return times[operation_id]

    found = []
    for operation_id, answered in calls.items():
        rate, burst = usage_plan(operation_id, speed)
        found.append(
            OperationBound(
                operation_id,
                len(answered),
                throttled[operation_id],
                rate,
                burst,
                alone=max(0.0, len(answered) - burst) / rate,
                ends=max(times_of(operation_id), default=0.0),
            )
        )
    return found


def usage_plan(operation_id: str, speed: float) -> tuple[float, float]:
    """Return the rate and the burst of the simulator."""
    operation = catalogue.operation(operation_id)
    rate = UNDOCUMENTED_RATE if operation.rate is None else operation.rate
    burst = UNDOCUMENTED_BURST if operation.burst is None else operation.burst
    return rate * speed, burst


def _known(
    calls: Sequence[Mapping[str, Any]], parent: str, parent_times: Sequence[float]
) -> list[float]:
    """Return the earliest times when the things of a child operation can be known."""
    paging = catalogue.operation(calls[0]["operation"]).paging
    token = paging.token_parameter if paging else None
    first_pages = sum(token not in call["query"] for call in calls)
    parent_paging = catalogue.operation(parent).paging
    page_size = parent_paging.max_size if parent_paging else None
    last = len(parent_times) - 1
    since = [
        # If the size of a page is unknown, the first page may have listed everything.
        parent_times[min(number // page_size, last) if page_size else 0]
        for number in range(first_pages)
    ]
    return sorted(since + [parent_times[0]] * (len(calls) - first_pages))
