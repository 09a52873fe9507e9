"""The setting `data_kiosk_queries`: what an entry may say, and what is wrong with one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.settings.custom_streams import TIME_PLACEHOLDERS
from tap_amazon_sp.settings.document_entries import (
    DocumentSettings,
    document_settings,
    mistakes_in_documents,
)

LONGEST_QUERY = 8000
"""Characters of a query, white space counted once (model `dataKiosk_2023-11-15`)."""


@dataclass(frozen=True)
class QuerySettings(DocumentSettings):
    """One entry of `data_kiosk_queries`.

    Attributes:
        query: In GraphQL; `{start}` and `{end}` stand for the first and last day of a window.
    """

    query: str = ""

    @property
    def has_times(self) -> bool:
        """Whether the query is of a time."""
        return any(placeholder in self.query for placeholder in TIME_PLACEHOLDERS)


def queries(settings: Mapping[str, Any]) -> list[QuerySettings]:
    """Return the entries of `data_kiosk_queries`.

    Raises:
        ValueError: One of them is wrong; see `mistakes_in_queries`.
    """
    return [_read(entry) for entry in settings.get("data_kiosk_queries") or ()]


def mistakes_in_queries(settings: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    """Say in a sentence each what is wrong with the entries of `data_kiosk_queries`.

    Args:
        settings: Of the tap, of the right types.
        names: Of the other streams.
    """
    taken = set(names)
    for entry in settings.get("data_kiosk_queries") or ():
        label = f"`data_kiosk_queries`['{entry['name']}']"
        try:
            declared = _read(entry)
        except ValueError as error:
            yield f"{label}: {error}"
            continue
        yield from (f"{label}: {mistake}" for mistake in _mistakes(declared))
        if declared.name in taken:
            yield f"{label}: there is a stream '{declared.name}' already, choose another `name`"
        taken.add(declared.name)


def _mistakes(declared: QuerySettings) -> Iterator[str]:
    yield from mistakes_in_documents(declared)
    length = len(" ".join(declared.query.split()))
    if not length:
        yield "`query` is empty"
    elif length > LONGEST_QUERY:
        yield f"`query` has {length} characters; Amazon takes {LONGEST_QUERY}"
    if not declared.has_times:
        for name in ("window", "start_date", "end_date", "lookback"):
            if getattr(declared, name) is not None:
                yield f"`{name}` is for queries with {{start}} and {{end}}"
    elif missing := [name for name in TIME_PLACEHOLDERS if name not in declared.query]:
        yield f"`query` has no {missing[0]}"
    if declared.window is not None and not declared.window.is_made_of("DAY"):
        yield "`window` must be made of whole days: queries know no shorter times"


def _read(entry: Mapping[str, Any]) -> QuerySettings:
    return QuerySettings(name=entry["name"], query=entry["query"], **document_settings(entry))
