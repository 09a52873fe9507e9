"""The names of streams: no two streams may have the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tap_amazon_sp.settings.custom_streams import CustomStreamSettings
from tap_amazon_sp.settings.data_kiosk_queries import QuerySettings
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.reports import ReportSettings, report_streams


def mistakes_in_names(settings: Settings, built_in: Iterable[str]) -> Iterator[str]:
    """Yield a sentence for each stream whose name another stream has.

    Args:
        settings: Of the tap.
        built_in: Names of the built-in streams.
    """
    names = set(built_in)
    streams: list[CustomStreamSettings | ReportSettings | QuerySettings] = [
        *settings.custom_streams,
        *report_streams(settings.reports),
        *settings.data_kiosk_queries,
    ]
    for stream in streams:
        if stream.name in names:
            yield (
                f"{stream.label}: there is a stream '{stream.name}' already, choose another `name`"
            )
        names.add(stream.name)
