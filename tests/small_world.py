"""A simulator with a little of everything, for tests over all streams or operations."""

from __future__ import annotations

from collections import defaultdict

from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams import built_in_streams


def small_world(*, records: int = 15, longest_page: int | None = None) -> Simulator:
    """Return a simulator that is not started yet, without changes and rate limits.

    Args:
        records: Records in each generated list.
        longest_page: The maximum number of records on a page of such a list.
    """
    settings = SimulatorSettings(
        orders=40,
        purchase_orders=30,
        records=records,
        longest_page=longest_page,
        speed=1_000_000,
        changes_per_minute=0,
        shuffle=True,
        port=0,
    )
    return Simulator(settings)


SOME_IDS = defaultdict(
    lambda: ["1", "2"],
    {
        "merchantFulfillmentV0.getShipment": [
            "12345678-1234-1234-1234-123456789012",
            "be7a0a53-00c3-4f6f-a63a-639f76ee9253",
        ]
    },
)
"""Ids of records that exist for any id of the right form, by operation."""


def known_ids(
    simulator: Simulator, orders_api: str, account: str = "seller"
) -> dict[str, list[str]]:
    """Return ids for the streams of records that Amazon does not list."""
    order_ids = [order["orderId"] for order in simulator.truth("orders", account)[:3]]
    return {
        stream.name: order_ids if read.parameter == "orderId" else SOME_IDS[stream.operation_id]
        for stream in built_in_streams(orders_api)
        if isinstance(read := stream.read, PerId) and not read.default
    }
