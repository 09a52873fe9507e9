"""All streams, one module per domain: each names its own in `STREAMS`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.settings.custom_streams import mistakes_in_parents
from tap_amazon_sp.settings.definitions import ORDERS_APIS, Settings
from tap_amazon_sp.settings.stream_names import mistakes_in_names
from tap_amazon_sp.streams import (
    aplus,
    awd,
    catalog_items,
    customer_feedback,
    data_kiosk,
    external_fulfillment,
    feeds,
    fees,
    finances,
    inbound,
    inventory,
    invoices,
    listings,
    notifications,
    outbound,
    pricing,
    replenishment,
    reports,
    sales,
    sellers,
    services,
    shipping,
    supply_sources,
    transfers,
    vehicles,
    vendor,
    vendor_direct_fulfillment,
    wallet,
)
from tap_amazon_sp.streams.custom import custom_stream_classes, mistakes_in_fields
from tap_amazon_sp.streams.orders import order_streams
from tap_amazon_sp.streams.query_streams import query_stream_classes
from tap_amazon_sp.streams.report_streams import report_stream_classes

__all__ = [
    "SellingPartnerStream",
    "all_built_in_streams",
    "built_in_streams",
    "mistakes_in_streams",
    "stream_classes",
]

_DOMAINS = (
    aplus,
    awd,
    catalog_items,
    customer_feedback,
    data_kiosk,
    external_fulfillment,
    feeds,
    fees,
    finances,
    inbound,
    inventory,
    invoices,
    listings,
    notifications,
    outbound,
    pricing,
    replenishment,
    reports,
    sales,
    sellers,
    services,
    shipping,
    supply_sources,
    transfers,
    vehicles,
    vendor,
    vendor_direct_fulfillment,
    wallet,
)


def stream_classes(settings: Settings) -> tuple[type[SellingPartnerStream], ...]:
    """Return the classes of all streams under these settings."""
    built_in = built_in_streams({"orders_api": settings.orders_api})
    return (
        *built_in,
        *custom_stream_classes(settings.custom_streams, built_in),
        *report_stream_classes(settings.reports),
        *query_stream_classes(settings.data_kiosk_queries),
    )


def mistakes_in_streams(settings: Settings) -> list[str]:
    """Return what is wrong with the streams that settings make, and with those accounts name."""
    built_in = built_in_streams({"orders_api": settings.orders_api})
    names = [stream.name for stream in built_in]
    of_names = [
        *mistakes_in_names(settings, names),
        *mistakes_in_parents(settings.custom_streams, names),
    ]
    return of_names or [
        *mistakes_in_fields(custom_stream_classes(settings.custom_streams, built_in)),
        *_unknown_streams(settings),
    ]


def _unknown_streams(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each stream that an account names and that does not exist."""
    if not settings.accounts:
        return
    known = {stream.name for stream in stream_classes(settings)}
    for account in settings.accounts:
        for stream in account.streams or ():
            if stream not in known:
                label = f"`accounts` '{account.name}'"
                yield f"{label}: `streams` names '{stream}', which is not a stream"


def built_in_streams(settings: Mapping[str, Any]) -> tuple[type[SellingPartnerStream], ...]:
    """Return the classes of the built-in streams under these settings."""
    orders_api = settings.get("orders_api") or ORDERS_APIS[0]
    return (
        *order_streams(orders_api),
        *shipping.order_streams(orders_api),
        *chain.from_iterable(domain.STREAMS for domain in _DOMAINS),
    )


def all_built_in_streams() -> tuple[type[SellingPartnerStream], ...]:
    """Return the classes of all built-in streams, under whatever settings."""
    of_settings = (built_in_streams({"orders_api": version}) for version in ORDERS_APIS)
    return tuple(dict.fromkeys(chain.from_iterable(of_settings)))
