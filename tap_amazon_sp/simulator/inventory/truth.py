"""The stock of a seller as tests look at it."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tap_amazon_sp.simulator.inventory.movements import CUSTOMER_RETURNS, SHIPMENTS, Movement
from tap_amazon_sp.simulator.inventory.shelves import Shelf
from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.orders.history import OrderHistory
from tap_amazon_sp.simulator.world.timestamps import date_of, iso


def truth_of_stock(stock: Stock, history: OrderHistory, now: float) -> list[dict[str, Any]]:
    """Return the stock of each product in each marketplace.

    Args:
        stock: The stock.
        history: The orders of the seller.
        now: Epoch seconds.

    Returns:
        Records with `sellerSku`, `fnSku`, `asin`, `marketplaceId`, `fulfillmentCenter`, `units` by
        disposition, `reserved`, `inbound` (units by stage), `movements` (`time`, `event`,
        `quantity`, `disposition`, `reason`, and `orderId` of shipments and returns), and
        `balances` (`date`, and `units` by disposition at the end of that day, for each day with a
        movement).
    """
    return [
        _shelf(shelf, history, now)
        for marketplace in stock.world.marketplaces
        for shelf in stock.shelves(marketplace)
    ]


def _shelf(shelf: Shelf, history: OrderHistory, now: float) -> dict[str, Any]:
    units: Counter[str] = Counter()
    balances: dict[str, dict[str, int]] = {}
    for movement in shelf.movements:
        units[movement.disposition] += movement.quantity
        balances[date_of(movement.moment)] = dict(units)
    return {
        "sellerSku": shelf.product.sku,
        "fnSku": shelf.product.fnsku,
        "asin": shelf.product.asin,
        "marketplaceId": shelf.marketplace.id,
        "fulfillmentCenter": shelf.fulfillment_center,
        "units": dict(shelf.units),
        "reserved": shelf.reserved,
        "inbound": dict(shelf.inbound_units(now)),
        "movements": [_movement(movement, history) for movement in shelf.movements],
        "balances": [{"date": date, "units": left} for date, left in balances.items()],
    }


def _movement(movement: Movement, history: OrderHistory) -> dict[str, Any]:
    record: dict[str, Any] = {
        "time": iso(movement.moment),
        "event": movement.event,
        "quantity": movement.quantity,
        "disposition": movement.disposition,
        "reason": movement.reason,
    }
    if movement.event in (SHIPMENTS, CUSTOMER_RETURNS):
        record["orderId"] = history.order_id(movement.source)
    return record
