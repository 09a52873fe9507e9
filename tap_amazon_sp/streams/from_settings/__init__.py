"""All streams under some settings: the built-in ones, and those that the settings declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.checks import mistakes_in_types
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.streams import built_in_streams

# The modules of these settings are rarely needed and slow to load.


def stream_classes(settings: Mapping[str, Any]) -> tuple[type[AmazonStream], ...]:
    """Return the classes of all streams under these settings."""
    found = list(_built_in(settings))
    if settings.get("custom_streams"):
        from tap_amazon_sp.streams.from_settings.custom_streams import (  # noqa: PLC0415
            custom_stream_classes,
        )

        found += custom_stream_classes(settings, tuple(found))
    if settings.get("reports"):
        from tap_amazon_sp.streams.from_settings.reports import (  # noqa: PLC0415
            report_stream_classes,
        )

        found += report_stream_classes(settings)
    if settings.get("data_kiosk_queries"):
        from tap_amazon_sp.streams.from_settings.data_kiosk_queries import (  # noqa: PLC0415
            query_stream_classes,
        )

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


def _built_in(settings: Mapping[str, Any]) -> tuple[type[AmazonStream], ...]:
    return built_in_streams(settings.get("orders_api") or ORDERS_APIS[0])


def _unknown_streams(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for each stream that an account names and that does not exist."""
    if not settings.get("accounts"):
        return
    known = {stream.name for stream in stream_classes(settings)}
    for entry in settings["accounts"]:
        for stream in entry.get("streams") or ():
            if stream not in known:
                label = f"`accounts` '{entry['name']}'"
                yield f"{label}: `streams` names '{stream}', which is not a stream"


def _mistakes_in_custom_streams(settings: Mapping[str, Any]) -> list[str]:
    if not settings.get("custom_streams"):
        return []
    from tap_amazon_sp.settings.custom_streams import (  # noqa: PLC0415
        mistakes_in_custom_streams,
    )
    from tap_amazon_sp.streams.from_settings.custom_streams import (  # noqa: PLC0415
        mistakes_in_fields,
    )

    names = [stream.name for stream in _built_in(settings)]
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
    # An entry that cannot be read is reported elsewhere.
    with suppress(ValueError):
        names += [stream.name for stream in report_streams(settings)]
    return list(mistakes_in_queries(settings, names))


def _names_taken(settings: Mapping[str, Any], *of_settings: str) -> list[str]:
    """Return the names of the built-in streams, and of those that these settings name."""
    entries = [entry for name in of_settings for entry in settings.get(name) or ()]
    named = [entry["name"] for entry in entries if isinstance(entry, dict) and "name" in entry]
    return [*(stream.name for stream in _built_in(settings)), *named]
