"""All streams, one module per domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.streams.base import SellingPartnerStream
from tap_amazon_sp.streams.feeds import Feeds
from tap_amazon_sp.streams.orders import order_streams
from tap_amazon_sp.streams.reports import Reports
from tap_amazon_sp.streams.vendor import PurchaseOrders

__all__ = ["SellingPartnerStream", "stream_classes"]


def stream_classes(settings: Mapping[str, Any]) -> tuple[type[SellingPartnerStream], ...]:
    """Return the classes of all built-in streams under these settings."""
    return (
        *order_streams(settings.get("orders_api") or "2026-01-01"),
        Feeds,
        PurchaseOrders,
        Reports,
    )
