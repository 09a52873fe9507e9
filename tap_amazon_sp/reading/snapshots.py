"""Streams without a time filter: read as a whole in every run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar

from tap_amazon_sp.reading.bookmarks import BookmarkedStream
from tap_amazon_sp.reading.read_ahead import LOOK_AHEAD, one_ahead, side_by_side
from tap_amazon_sp.reading.stream import Page, Parameters, SellingPartnerStream


class SnapshotStream(SellingPartnerStream):
    """A stream that is read as a whole."""

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Give the pages of all requests."""
        if self.reads_ahead and self.operation.paging is None:
            yield from self._pages_side_by_side()
            return
        for parameters in self.requests():
            pages = self.restarted_pages_of(parameters)
            for page in one_ahead(pages, self.executor) if self.reads_ahead else pages:
                yield page.records

    def _pages_side_by_side(self) -> Iterator[list[dict[str, Any]]]:
        """Give the pages of all requests, many of which are under way at once.

        Only where none of them has further pages, whose tokens might expire meanwhile.
        """
        for pages in side_by_side(
            lambda parameters: list(self.restarted_pages_of(parameters)),
            self.requests(),
            self.executor,
            ahead=LOOK_AHEAD * self.connection.max_parallel_requests,
        ):
            for page in pages:
                yield page.records


class NewestFirstStream(BookmarkedStream):
    """A list without a time filter that comes sorted by change: read until nothing is new.

    The bookmark moves when all is written, as the newest record comes first.
    """

    children_change_for: ClassVar[dt.timedelta] = dt.timedelta(0)
    """How long the records of child streams change after their parent did for the last time."""

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Give the pages of all requests down to the first that holds nothing new."""
        bookmark = newest = self.starting_point()
        if self._selected_children and self.bookmark() is not None:
            bookmark = min(bookmark, self.tap.clock.now() - self.children_change_for)
        for parameters in self.requests():
            pages: Iterable[Page] = self._new_pages(parameters, bookmark)
            if self._selected_children:
                # Their calls may take longer than the token of the next page lives.
                pages = list(pages)
            for page in pages:
                newest = max([newest, *filter(None, map(self.moment_of, page.records))])
                yield page.records
        self.write_bookmark(newest)

    def _new_pages(self, parameters: Parameters, bookmark: dt.datetime) -> Iterator[Page]:
        for page in self.restarted_pages_of(parameters):
            new = [record for record in page.records if self._is_new(record, bookmark)]
            yield Page(new)
            if len(new) < len(page.records):
                return

    def _is_new(self, record: dict[str, Any], bookmark: dt.datetime) -> bool:
        changed = self.moment_of(record)
        return changed is None or changed >= bookmark
