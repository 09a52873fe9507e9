"""All streams under some settings: the built-in ones, and those that the settings declare."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.reading.map_expressions import expressions_in, mistake_in_syntax
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.custom_streams import mistakes_in_parents
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.stream_names import mistakes_in_names
from tap_amazon_sp.streams import built_in_streams

# The modules of these settings are rarely needed, and take a tenth of the time to start.


def stream_classes(settings: Settings) -> tuple[type[AmazonStream], ...]:
    """Return the classes of all streams under these settings."""
    found = [*built_in_streams(settings.orders_api)]
    found += _custom_streams(settings)
    if settings.reports:
        from tap_amazon_sp.streams.from_settings.reports import (  # noqa: PLC0415
            report_stream_classes,
        )

        found += report_stream_classes(settings.reports)
    if settings.data_kiosk_queries:
        from tap_amazon_sp.streams.from_settings.data_kiosk_queries import (  # noqa: PLC0415
            query_stream_classes,
        )

        found += query_stream_classes(settings.data_kiosk_queries)
    if any(one.notifications_queue_url for one in (settings, *settings.accounts)):
        from tap_amazon_sp.streams.from_settings.notifications import (  # noqa: PLC0415
            notification_stream_classes,
        )

        found += notification_stream_classes()
    return tuple(found)


def _custom_streams(settings: Settings) -> list[type[AmazonStream]]:
    if not settings.custom_streams:
        return []
    from tap_amazon_sp.streams.from_settings.custom_streams import (  # noqa: PLC0415
        custom_stream_classes,
    )

    return custom_stream_classes(settings.custom_streams, built_in_streams(settings.orders_api))


def mistakes_in_streams(settings: Settings) -> list[str]:
    """Return a sentence for each mistake in declared streams and in the `streams` of accounts."""
    built_in = built_in_streams(settings.orders_api)
    names = [stream.name for stream in built_in]
    of_names = [
        *mistakes_in_names(settings, names),
        *mistakes_in_parents(settings.custom_streams, names),
    ]
    return of_names or [*_mistakes_in_fields(settings), *_unknown_streams(settings)]


def _mistakes_in_fields(settings: Settings) -> Iterator[str]:
    if custom := _custom_streams(settings):
        from tap_amazon_sp.streams.from_settings.custom_mistakes import (  # noqa: PLC0415
            mistakes_in_fields,
        )

        yield from mistakes_in_fields(custom)


def _unknown_streams(settings: Settings) -> Iterator[str]:
    """Yield a sentence for each stream that a setting names and that does not exist."""
    if not settings.accounts and not settings.stream_ids:
        return
    streams = {stream.name: stream for stream in stream_classes(settings)}
    yield from _mistakes_in_ids(settings, streams, "")
    for account in settings.accounts:
        label = f"`accounts` '{account.name}': "
        for name in account.streams or ():
            if name not in streams:
                yield f"{label}`streams` names {_unknown(name, streams)}"
        if account.stream_ids is not settings.stream_ids:
            yield from _mistakes_in_ids(account, streams, label)


def _mistakes_in_ids(
    settings: Settings, streams: Mapping[str, type[AmazonStream]], label: str
) -> Iterator[str]:
    for name in settings.stream_ids:
        if name not in streams:
            yield f"{label}`stream_ids` names {_unknown(name, streams)}"
        elif not streams[name].read.takes_ids:
            yield f"{label}`stream_ids` names '{name}', which takes no ids (see docs/streams.md)"


def _unknown(name: str, streams: Mapping[str, type[AmazonStream]]) -> str:
    return f"'{name}', which is not a stream{close_to(name, [*streams])}"


def mistakes_in_stream_maps(stream_maps: Mapping[str, Any], settings: Settings) -> list[str]:
    """Return a sentence for each stream that does not exist, and each expression that is not one.

    Args:
        stream_maps: The setting of the SDK. A key is the name of a stream, a pattern for names, or
            a new name if `__source__` names the stream; what begins with `__` is an option.
        settings: The settings that decide which streams there are.
    """
    known = [stream.name for stream in stream_classes(settings)]
    mistakes = []
    for key, made in stream_maps.items():
        source = made.get("__source__", key) if isinstance(made, Mapping) else key
        if key.startswith("__") or not isinstance(source, str):
            # The SDK checks these.
            continue
        if not any(fnmatch.fnmatch(name, source) for name in known):
            label = f"`stream_maps`['{key}']" + ("" if source == key else ": `__source__`")
            mistakes.append(f"{label}: there is no stream '{source}'{close_to(source, known)}")
    mistakes += filter(None, map(mistake_in_syntax, expressions_in(stream_maps)))
    return mistakes
