"""Reading lists that Amazon sorts by change, the newest first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.reader import Page, Parameters, Read, Reader, Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class NewestFirst(Read):
    """A list without a time filter that comes sorted by change: read until nothing is new.

    Attributes:
        children_change_for: How long the records of child streams change after their parent
            changed for the last time.
    """

    children_change_for: dt.timedelta = dt.timedelta(0)

    def reader(self, stream: AmazonStream) -> Reader:
        """Return what reads a stream down to what is not new."""
        return NewestFirstReader(stream, self)


class NewestFirstReader(Reader):
    """Reads a list until nothing is new; the bookmark moves when all is written."""

    def __init__(self, stream: AmazonStream, read: NewestFirst) -> None:
        """Read nothing yet."""
        super().__init__(stream)
        self._read = read
        self.bookmark = Bookmark(stream)

    @property
    def properties_looked_at(self) -> frozenset[str]:
        """The property that says when a record changed."""
        return frozenset(filter(None, [self.stream.own_replication_key]))

    def pages(self) -> Iterator[Records]:
        """Yield the pages of all requests down to the first that holds nothing new."""
        since = newest = self.bookmark.starting_point()
        has_children = bool(self.stream.selected_children)
        if has_children and self.bookmark.value() is not None:
            since = min(since, self.clock.now() - self._read.children_change_for)
        for parameters in self.requests():
            pages: Iterable[Page] = self._new_pages(parameters, since)
            if has_children:
                # Their calls may take longer than the token of the next page lives.
                pages = list(pages)
            for page in pages:
                moments = map(self.bookmark.moment_of, page.records)
                newest = max([newest, *filter(None, moments)])
                yield page.records
        self.bookmark.write(newest)

    def _new_pages(self, parameters: Parameters, since: dt.datetime) -> Iterator[Page]:
        for page in self.restarted_pages_of(parameters):
            new = [record for record in page.records if self._is_new(record, since)]
            yield Page(new)
            if len(new) < len(page.records):
                return

    def _is_new(self, record: dict[str, Any], since: dt.datetime) -> bool:
        changed = self.bookmark.moment_of(record)
        return changed is None or changed >= since
