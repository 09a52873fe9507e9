"""Reading the whole list in every run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.reading.plan import Certainty, StreamPlan, further_pages, joined
from tap_amazon_sp.reading.read_ahead import LOOK_AHEAD, one_ahead, side_by_side
from tap_amazon_sp.reading.reader import Page, Parameters, Read, Reader, Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts
    from tap_amazon_sp.reading.stream import AmazonStream

ITEMS = "by item of the seller's listings"


@dataclass(frozen=True)
class Snapshot(Read):
    """A list without a time filter; every run reads all of it."""

    def reader(self, stream: AmazonStream) -> Reader:
        """Return the reader of the list."""
        return SnapshotReader(stream)


class RequestSource(Protocol):
    """The requests that a stream takes."""

    def requests(self) -> Iterator[Parameters]:
        """Yield the parameters of each request."""

    def missing_settings(self) -> list[str]:
        """Return the settings that the requests need and that are not set."""

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces of the requests are known without a call."""

    @property
    def by_listing(self) -> str | None:
        """Which of the seller's listings take a request; None if the settings name all items."""

    def most_requests(self, counts: Counts) -> int:
        """Return how many requests there are at most, by what Amazon counts."""


class SnapshotReader(Reader):
    """Reads all pages of all requests."""

    def __init__(self, stream: AmazonStream, source: RequestSource | None = None) -> None:
        """Read nothing yet; by default the requests are those of the stream."""
        super().__init__(stream)
        self.source = source

    @property
    def properties_looked_at(self) -> frozenset[str]:
        """No property: records pass as they are."""
        return frozenset()

    def plan(self, counts: Counts | None = None) -> StreamPlan:
        """Return a call for each request, as far as they are known.

        Raises:
            SettingsError, SellingPartnerError: As `Reader.plan`.
        """
        if self.source is None or self.source.by_listing is None:
            return super().plan(counts)
        return self._plan_of_own_items(self.source, self.source.by_listing, counts)

    def _plan_of_own_items(
        self, source: RequestSource, by_listing: str, counts: Counts | None
    ) -> StreamPlan:
        """Return a plan of requests for items that only calls would tell."""
        operation = self.stream.operation
        further = further_pages(operation, {})
        if counts is None:
            return StreamPlan(ITEMS, operation, 0, further=joined(by_listing, further))
        certainty: Certainty = "about" if further else "at most"
        return StreamPlan(ITEMS, operation, source.most_requests(counts), certainty, further)

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces of the requests are known without a call."""
        source = self.source
        return super().knows_marketplaces if source is None else source.knows_marketplaces

    def missing_settings(self) -> list[str]:
        """Return the settings that the stream needs and that are not set."""
        return [] if self.source is None else self.source.missing_settings()

    def requests(self) -> Iterator[Parameters]:
        """Yield the parameters of each request."""
        return super().requests() if self.source is None else self.source.requests()

    def pages(self) -> Iterator[Records]:
        """Yield the pages of all requests."""
        if self.reads_ahead and self.stream.operation.paging is None:
            yield from self._pages_side_by_side()
            return
        for parameters in self.requests():
            pages = self.restarted_pages_of(parameters)
            try:
                for page in one_ahead(pages, self.executor) if self.reads_ahead else pages:
                    yield page.records
            except SellingPartnerError as error:
                if not self._spares(error):
                    raise
            else:
                self.stream.shortfalls.succeeded()

    def _pages_side_by_side(self) -> Iterator[Records]:
        """Yield the pages of all requests; many requests run at the same time.

        Only for operations without further pages: page tokens might expire meanwhile.
        """
        for pages in side_by_side(
            self._pages_or_error,
            self.requests(),
            self.executor,
            ahead=LOOK_AHEAD * self.connection.max_parallel_requests,
        ):
            if isinstance(pages, SellingPartnerError):
                if not self._spares(pages):
                    raise pages
                continue
            self.stream.shortfalls.succeeded()
            for page in pages:
                yield page.records

    def _pages_or_error(self, parameters: Parameters) -> list[Page] | SellingPartnerError:
        try:
            return list(self.restarted_pages_of(parameters))
        except SellingPartnerError as error:
            return error

    def _spares(self, error: SellingPartnerError) -> bool:
        """Return whether the other requests are made after one has failed: those of other items."""
        is_one_of_many = self.source is not None and not self.stream.is_connection_test
        return is_one_of_many and self.stream.shortfalls.spares(error)
