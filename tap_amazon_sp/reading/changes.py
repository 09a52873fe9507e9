"""Reading a whole list, or only its changes."""

from __future__ import annotations

import datetime as dt
import pickle
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.reader import Page, Read, Reader, Records
from tap_amazon_sp.reading.window_plan import SETTLING_TIME

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class Changes(Read):
    """A list that is read as a whole or, if it has a bookmark, by its changes.

    All pages of a request are read before the first page is written: page tokens expire so soon
    that a slow loader would make them invalid.

    Attributes:
        since_parameter: The parameter that selects changes since a time.
        known_for: How far back Amazon knows changes.
    """

    since_parameter: str
    known_for: dt.timedelta

    def reader(self, stream: AmazonStream) -> Reader:
        """Return what reads the list."""
        return ChangesReader(stream, self)


class ChangesReader(Reader):
    """Reads a list request by request; the bookmark moves after all records are written."""

    def __init__(self, stream: AmazonStream, read: Changes) -> None:
        """Read nothing yet."""
        super().__init__(stream)
        self._read = read
        self.bookmark = Bookmark(stream)

    how = "all records, or those that changed"

    def pages(self) -> Iterator[Records]:
        """Yield the pages of all requests."""
        now = self.clock.now()
        since = self._changed_since(now)
        for parameters in self.requests():
            pages = self.restarted_pages_of(parameters | {self._read.since_parameter: since})
            for page in pages if self.stream.is_connection_test else _all_read(pages):
                yield page.records
        self.bookmark.write(now - SETTLING_TIME)

    def _changed_since(self, now: dt.datetime) -> dt.datetime | None:
        """Return the moment since which to read changes; None to read everything."""
        bookmark = self.bookmark.value()
        since = None if bookmark is None else bookmark - self.bookmark.lookback
        return since if since and since > now - self._read.known_for else None


def _all_read(pages: Iterable[Page]) -> Iterator[Page]:
    """Yield pages after all of them are read; until then, they are in a file, not in memory."""
    with tempfile.TemporaryFile() as file:
        count = 0
        for count, page in enumerate(pages, 1):  # noqa: B007 - counted
            pickle.dump(page, file)
        file.seek(0)
        for _ in range(count):
            yield pickle.load(file)  # noqa: S301 - what this function wrote
