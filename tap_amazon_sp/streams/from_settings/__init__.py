"""All streams under some settings: the built-in ones, and those that the settings declare."""

from __future__ import annotations

from collections.abc import Iterator

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.custom_streams import mistakes_in_parents
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.stream_names import mistakes_in_names
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.streams.from_settings.custom_streams import (
    custom_stream_classes,
    mistakes_in_fields,
)
from tap_amazon_sp.streams.from_settings.data_kiosk_queries import query_stream_classes
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes


def stream_classes(settings: Settings) -> tuple[type[AmazonStream], ...]:
    """Return the classes of all streams under these settings."""
    built_in = built_in_streams(settings.orders_api)
    return (
        *built_in,
        *custom_stream_classes(settings.custom_streams, built_in),
        *report_stream_classes(settings.reports),
        *query_stream_classes(settings.data_kiosk_queries),
    )


def mistakes_in_streams(settings: Settings) -> list[str]:
    """Return a sentence for each mistake in declared streams and in the `streams` of accounts."""
    built_in = built_in_streams(settings.orders_api)
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
