"""Reading many items with one request: its body contains a request for each item."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tap_amazon_sp.reading.item_progress import in_chunks
from tap_amazon_sp.reading.outcomes import Outcomes, OutcomesReader
from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.reading.per_item import Items
from tap_amazon_sp.reading.reader import Parameters, Read, Reader

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts
    from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class Batch(Read):
    """Items that are requested in batches: the body of a request contains one for each item.

    Attributes:
        entry: Returns the request for one item, as it is in the body.
        outcomes: How to understand the entries of an answer.
        size: The maximum number of items in a body.
        by: What identifies an item.
        identity: Returns what identifies an item to request, if not its ASIN or SKU.
        parameter: The parameter that takes the entries: a property of the body, or the body.
        with_price: Whether only the seller's own listings with a price are requested.
    """

    entry: Callable[[Item], dict[str, Any]]
    outcomes: Outcomes
    size: int
    by: Literal["asin", "sku"] = "asin"
    identity: Callable[[Item], Any] | None = None
    parameter: str = "requests"
    with_price: bool = False

    @property
    def missing_is_empty(self) -> bool:
        """An item may have been removed since it was listed."""
        return True

    @property
    def takes_ids(self) -> bool:
        """Whether `stream_ids` may name the stream."""
        return True

    def reader(self, stream: AmazonStream) -> Reader:
        """Return what reads all items."""
        make_items = PricedItems if self.with_price else Items
        items = make_items(stream, self.by, self.identity)
        return OutcomesReader(stream, BatchRequests(stream, items, self), self.outcomes)


class PricedItems(Items):
    """The seller's listings that have a price."""

    @property
    def are_known(self) -> bool:
        """False: only the seller's listings have the prices."""
        return False

    def missing_settings(self) -> list[str]:
        """Return `seller_id` if it is not set: `skus` alone has no prices."""
        return [] if self._stream.settings.seller_id else ["seller_id"]

    def in_marketplace(self, marketplace_id: str) -> Sequence[Item]:
        """Return the listings that have a price, each once."""
        stream = self._stream
        listings = stream.connection.own_items.in_marketplace(marketplace_id)
        own = {self.id_of(item): item for item in listings}
        given = self.given()
        wanted = [one for one in (own if given is None else dict.fromkeys(given)) if one]
        priced = [own[one] for one in wanted if one in own and own[one].price is not None]
        if len(priced) < len(wanted):
            stream.logger.info(
                "Without fees in %s: %d SKUs that have no price there, or are not listings",
                marketplace_id,
                len(wanted) - len(priced),
            )
        return priced


class BatchRequests:
    """The request bodies for the items of one stream of one account."""

    def __init__(self, stream: AmazonStream, items: Items, read: Batch) -> None:
        """Look nothing up yet."""
        self._stream = stream
        self.items = items
        self._read = read

    def missing_settings(self) -> list[str]:
        """Return `seller_id`, if it is needed and not set."""
        return self.items.missing_settings()

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces of the requests are known without a call."""
        return self._stream.connection.knows_marketplaces

    @property
    def by_listing(self) -> str | None:
        """Which of the seller's listings take a request; None if the settings name all items."""
        return self.items.by_listing(self._read.size)

    def most_requests(self, counts: Counts) -> int:
        """Return how many requests there are at most, by the number of the seller's listings."""
        return sum(
            math.ceil(self.items.most_in(marketplace_id, counts) / self._read.size)
            for marketplace_id in self._stream.connection.participating_marketplaces
        )

    def requests(self) -> Iterator[Parameters]:
        """Yield the body of each request; each item is requested once."""
        marketplaces = self._stream.connection.participating_marketplaces
        for _, some in in_chunks(
            self._stream, marketplaces, self.items.in_marketplace, self._read.size
        ):
            yield {self._read.parameter: [self._read.entry(item) for item in some]}
