"""The setting `data_kiosk_queries`: the properties of an entry, and their checks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.settings.custom_stream_entries import TIME_PLACEHOLDERS
from tap_amazon_sp.settings.document_entries import TIMES, DocumentSettings
from tap_amazon_sp.settings.entries import read_each, read_entry
from tap_amazon_sp.settings.errors import ValueMistakesError
from tap_amazon_sp.settings.fields import entry_field

MAX_QUERY = 8000
"""Characters of a query, white space counted once (model `dataKiosk_2023-11-15`)."""


@dataclass(frozen=True, kw_only=True)
class QuerySettings(DocumentSettings):
    """One entry of `data_kiosk_queries`.

    Attributes:
        query: In GraphQL; `{start}` and `{end}` stand for the first and last day of a window.
    """

    name: str = entry_field(required=True)
    query: str = entry_field(required=True)

    @property
    def label(self) -> str:
        """The entry's name in sentences about it."""
        return f"`data_kiosk_queries`['{self.name}']"

    @property
    def has_times(self) -> bool:
        """Whether the query covers a time."""
        return any(placeholder in self.query for placeholder in TIME_PLACEHOLDERS)

    def mistakes(self) -> Iterator[str]:
        """Yield what is wrong with the entry, a sentence each."""
        yield from super().mistakes()
        length = len(" ".join(self.query.split()))
        if not length:
            yield "`query` is empty"
        elif length > MAX_QUERY:
            yield f"`query` has {length} characters; Amazon takes {MAX_QUERY}"
        if not self.has_times:
            for name in TIMES:
                if getattr(self, name) is not None:
                    yield f"`{name}` is for queries with {{start}} and {{end}}"
        elif missing := [name for name in TIME_PLACEHOLDERS if name not in self.query]:
            yield f"`query` has no {missing[0]}"
        if self.window is not None and not self.window.is_made_of("DAY"):
            yield "`window` must be made of whole days: queries know no shorter times"


def read_queries(entries: Sequence[Mapping[str, Any]]) -> tuple[QuerySettings, ...]:
    """Return the entries of `data_kiosk_queries`.

    Raises:
        ValueMistakesError: Some entries have mistakes.
    """
    return read_each(entries, lambda _, given: _read(given))


def _read(given: Mapping[str, Any]) -> QuerySettings:
    label = f"['{given['name']}']"
    try:
        query = read_entry(QuerySettings, given)
    except ValueMistakesError as error:
        raise ValueMistakesError([label + mistake for mistake in error.mistakes]) from None
    if mistakes := [f"{label}: {mistake}" for mistake in query.mistakes()]:
        raise ValueMistakesError(mistakes)
    return query
