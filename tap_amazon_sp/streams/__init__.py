"""All streams, one module per domain: each names its own in `STREAMS`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from tap_amazon_sp.accounts import settings_by_account
from tap_amazon_sp.settings import ORDERS_APIS, SETTINGS, mistakes_in_types
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
from tap_amazon_sp.streams.base import SellingPartnerStream
from tap_amazon_sp.streams.orders import order_streams

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


def stream_classes(settings: Mapping[str, Any]) -> tuple[type[SellingPartnerStream], ...]:
    """Return the classes of all streams under these settings."""
    built_in = built_in_streams(settings)
    if not settings.get("custom_streams"):
        return built_in
    from tap_amazon_sp.streams.custom import custom_stream_classes  # noqa: PLC0415 - seldom needed

    return (*built_in, *custom_stream_classes(settings, built_in))


def mistakes_in_streams(settings: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with `custom_streams`, and with the streams that accounts name."""
    schema = SETTINGS.to_dict()
    checked = {name: schema["properties"][name] for name in ("accounts", "custom_streams")}
    if mistakes := mistakes_in_types(dict(settings), {"properties": checked}):
        return mistakes
    return _mistakes_in_custom_streams(settings) or list(_unknown_streams(settings))


def _unknown_streams(settings: Mapping[str, Any]) -> Iterator[str]:
    """Give a sentence for each stream that an account names and nobody knows."""
    if not settings.get("accounts"):
        return
    known = {stream.name for stream in stream_classes(settings)}
    for name, of_account in settings_by_account(settings):
        for stream in of_account.get("streams") or ():
            if stream not in known:
                yield f"`accounts` '{name}': `streams` names '{stream}', which is no stream"


def _mistakes_in_custom_streams(settings: Mapping[str, Any]) -> list[str]:
    if not settings.get("custom_streams"):
        return []
    from tap_amazon_sp.streams.custom import mistakes_in_fields  # noqa: PLC0415 - seldom needed
    from tap_amazon_sp.streams.custom_settings import (  # noqa: PLC0415
        mistakes_in_custom_streams,
    )

    names = [stream.name for stream in built_in_streams(settings)]
    mistakes = list(mistakes_in_custom_streams(settings, names))
    return mistakes or list(mistakes_in_fields(stream_classes(settings)))


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
