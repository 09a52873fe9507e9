"""All streams, one module per domain: each names its own in `STREAMS`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from typing import Any

from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.settings.accounts import settings_by_account
from tap_amazon_sp.settings.schema import ORDERS_APIS, SETTINGS, mistakes_in_types
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
    found = list(built_in_streams(settings))
    # Seldom needed, and slow to load.
    if settings.get("custom_streams"):
        from tap_amazon_sp.streams.custom import custom_stream_classes  # noqa: PLC0415

        found += custom_stream_classes(settings, tuple(found))
    if settings.get("reports"):
        from tap_amazon_sp.streams.report_streams import report_stream_classes  # noqa: PLC0415

        found += report_stream_classes(settings)
    if settings.get("data_kiosk_queries"):
        from tap_amazon_sp.streams.query_streams import query_stream_classes  # noqa: PLC0415

        found += query_stream_classes(settings)
    return tuple(found)


def mistakes_in_streams(settings: Mapping[str, Any]) -> list[str]:
    """Return what is wrong with the settings that make streams, and with those accounts name."""
    schema = SETTINGS.to_dict()
    checked = {
        name: schema["properties"][name]
        for name in ("accounts", "custom_streams", "data_kiosk_queries", "reports")
    }
    if mistakes := mistakes_in_types(dict(settings), {"properties": checked}):
        return mistakes
    mistakes = [
        *_mistakes_in_custom_streams(settings),
        *_mistakes_in_reports(settings),
        *_mistakes_in_queries(settings),
    ]
    return mistakes or list(_unknown_streams(settings))


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
    from tap_amazon_sp.settings.custom_streams import (  # noqa: PLC0415
        mistakes_in_custom_streams,
    )
    from tap_amazon_sp.streams.custom import mistakes_in_fields  # noqa: PLC0415 - seldom needed

    names = [stream.name for stream in built_in_streams(settings)]
    mistakes = list(mistakes_in_custom_streams(settings, names))
    without_reports = {**settings, "reports": None, "data_kiosk_queries": None}
    return mistakes or list(mistakes_in_fields(stream_classes(without_reports)))


def _mistakes_in_reports(settings: Mapping[str, Any]) -> list[str]:
    if not settings.get("reports"):
        return []
    from tap_amazon_sp.settings.reports import mistakes_in_reports  # noqa: PLC0415

    return list(mistakes_in_reports(settings, _names_taken(settings, "custom_streams")))


def _mistakes_in_queries(settings: Mapping[str, Any]) -> list[str]:
    if not settings.get("data_kiosk_queries"):
        return []
    from tap_amazon_sp.settings.data_kiosk_queries import mistakes_in_queries  # noqa: PLC0415
    from tap_amazon_sp.settings.reports import report_streams  # noqa: PLC0415

    names = _names_taken(settings, "custom_streams")
    # An entry that cannot be read is told elsewhere.
    with suppress(ValueError):
        names += [stream.name for stream in report_streams(settings)]
    return list(mistakes_in_queries(settings, names))


def _names_taken(settings: Mapping[str, Any], *of_settings: str) -> list[str]:
    """Return the names of the built-in streams, and of those that these settings name."""
    entries = [entry for name in of_settings for entry in settings.get(name) or ()]
    named = [entry["name"] for entry in entries if isinstance(entry, dict) and "name" in entry]
    return [*(stream.name for stream in built_in_streams(settings)), *named]


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
