"""Reading lists that Amazon sorts by change, the latest change first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.timestamps import FIRST_RECORDS
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.reader import Page, Parameters, Read, Reader, Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class NewestFirst(Read):
    """A list without a time filter, sorted by change: it is read until nothing is new.

    Attributes:
        children_change_for: How long records of child streams may change after the last change
            of their parent.
    """

    children_change_for: dt.timedelta = dt.timedelta(0)

    def reader(self, stream: AmazonStream) -> Reader:
        """Return a reader that stops at records that are not new."""
        return NewestFirstReader(stream, self)


class NewestFirstReader(Reader):
    """Reads a list until nothing is new; the bookmark moves after all records are written."""

    def __init__(self, stream: AmazonStream, read: NewestFirst) -> None:
        """Read nothing yet."""
        super().__init__(stream)
        self._read = read
        self.bookmark = Bookmark(stream)

    how = "all records, or the latest until nothing is new"

    @property
    def properties_looked_at(self) -> frozenset[str]:
        """The property that says when a record changed."""
        return frozenset(filter(None, [self.stream.own_replication_key]))

    def pages(self) -> Iterator[Records]:
        """Yield the pages of all requests, up to the last new record."""
        began = self.clock.now()
        since = newest = self.bookmark.starting_point()
        has_children = bool(self.stream.selected_children)
        if has_children and self.bookmark.value() is not None:
            since = min(since, began - self._read.children_change_for)
        for parameters in self.requests():
            pages: Iterable[Page] = self._new_pages(parameters, since)
            if has_children:
                # The requests for children may take so long that the next page token expires.
                pages = list(pages)
            for page in pages:
                moments = map(self.bookmark.moment_of, page.records)
                newest = max([newest, *filter(None, moments)])
                yield page.records
        # A record may have a time in the future. What changed since reading began, on pages that
        # were read already, is not read yet.
        self.bookmark.write(min(newest, began))

    def _new_pages(self, parameters: Parameters, since: dt.datetime) -> Iterator[Page]:
        """Yield pages until one has nothing new: the time of a single record may be wrong."""
        old: Records = []
        for page in self.restarted_pages_of(parameters):
            is_new = [self._is_new(record, since) for record in page.records]
            if is_new and not any(is_new):
                return
            # What comes before something new is new, too, even if its time is old.
            found = old + page.records
            rest = next((n for n, new in enumerate(reversed(is_new)) if new), len(found))
            yield Page(found[: len(found) - rest])
            old = found[len(found) - rest :]

    def _is_new(self, record: dict[str, Any], since: dt.datetime) -> bool:
        changed = self.bookmark.moment_of(record)
        # A time before Amazon had any records says nothing.
        return changed is None or changed >= since or changed < FIRST_RECORDS
