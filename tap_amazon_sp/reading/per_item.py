"""Reading by item: by ASIN or SKU from settings or the seller's own listings; or by id."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from tap_amazon_sp.amazon.marketplaces import marketplace_label
from tap_amazon_sp.amazon.operation_parts import Parameter
from tap_amazon_sp.common.batches import chunks
from tap_amazon_sp.common.json_paths import first_or_only
from tap_amazon_sp.reading.item_progress import in_chunks
from tap_amazon_sp.reading.outcomes import Outcomes, OutcomesReader
from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.reading.reader import Parameters, Read, Reader
from tap_amazon_sp.reading.requests import marketplace_parameter
from tap_amazon_sp.reading.snapshot import SnapshotReader

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts
    from tap_amazon_sp.reading.stream import AmazonStream

MAX_IDS_PER_REQUEST = 20
"""The limit for a list of ids, if Amazon's model has none."""


@dataclass(frozen=True)
class PerItem(Read):
    """Records that are requested by ASIN or SKU, several per request if the operation allows it.

    The items come from `stream_ids`, from `asins` or `skus`, or from the seller's own listings.

    Attributes:
        by: What identifies an item.
        parameter: The parameter that takes the items.
        outcomes: How to understand the entries of an answer, if each item has an outcome.
    """

    by: Literal["asin", "sku"] = "asin"
    parameter: str = "asin"
    outcomes: Outcomes | None = None

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
        source = ItemRequests(stream, Items(stream, self.by), self.parameter)
        if self.outcomes is not None:
            return OutcomesReader(stream, source, self.outcomes)
        return SnapshotReader(stream, source)


class Items:
    """The items that one stream of one account requests.

    `identity` returns what identifies an item to request; by default, its ASIN or SKU.
    """

    def __init__(
        self,
        stream: AmazonStream,
        by: Literal["asin", "sku"],
        identity: Callable[[Item], Any] | None = None,
    ) -> None:
        """Look nothing up yet."""
        self._stream = stream
        self.by = by
        self._identity = identity or self.id_of

    def id_of(self, item: Item) -> str | None:
        """Return the ASIN or SKU of an item."""
        return item.asin if self.by == "asin" else item.sku

    def given(self) -> Sequence[str] | None:
        """Return the ASINs or SKUs in the settings; None if there are none."""
        settings = self._stream.settings
        of_all = settings.asins if self.by == "asin" else settings.skus
        return settings.stream_ids.get(self._stream.name, of_all)

    @property
    def are_known(self) -> bool:
        """Whether the settings name the items, so that no call is needed to find them."""
        return self.given() is not None

    def by_listing(self, size: int, requests: int = 1) -> str | None:
        """Return which listings take requests, in words; None if the settings name the items.

        Args:
            size: How many items a request takes.
            requests: How many requests they take.
        """
        if self.are_known:
            return None
        items = self.by.upper() if size == 1 else f"{size} {self.by.upper()}s"
        return f"{requests} for each {items} of the seller's listings in a marketplace"

    def most_in(self, marketplace_id: str, counts: Counts) -> int:
        """Return how many items there are at most to request in a marketplace."""
        given = self.given()
        return counts.listings(marketplace_id) if given is None else len(frozenset(given))

    def missing_settings(self) -> list[str]:
        """Return `seller_id`, where neither it nor the items are given."""
        is_complete = self.given() is not None or self._stream.settings.seller_id
        return [] if is_complete else ["seller_id"]

    def in_marketplace(self, marketplace_id: str) -> Sequence[Item]:
        """Return the items to request in a marketplace, each once."""
        given = self.given()
        if given is not None:
            ids = dict.fromkeys(given)
            if self.by == "sku":
                return [Item(marketplace_id, sku=sku) for sku in ids]
            return [Item(marketplace_id, asin=asin) for asin in ids]
        own = self._stream.connection.own_items.in_marketplace(marketplace_id)
        known = [item for item in own if self.id_of(item)]
        without = f"listings without {self.by.upper()}, which Amazon cannot be asked about"
        of = marketplace_label(marketplace_id)
        self._stream.omissions.count(without, of, number=len(own) - len(known))
        return list({self._identity(item): item for item in known}.values())


class ItemRequests:
    """The requests for the items of one stream of one account."""

    def __init__(self, stream: AmazonStream, items: Items, parameter: str) -> None:
        """Look nothing up yet."""
        self._stream = stream
        self.items = items
        self._parameter = parameter

    def missing_settings(self) -> list[str]:
        """Return `seller_id`, where neither it nor the items are given."""
        return self.items.missing_settings()

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces of the requests are known without a call."""
        return self._stream.knows_marketplaces

    @property
    def by_listing(self) -> str | None:
        """Which of the seller's listings take a request; None if the settings name all items."""
        marketplaces = Counter(one for _, one in self._by_marketplace() if self.knows_marketplaces)
        return self.items.by_listing(self._size, max(marketplaces.values(), default=1))

    def most_requests(self, counts: Counts) -> int:
        """Return how many requests there are at most, by the number of the seller's listings."""
        return sum(
            math.ceil(self.items.most_in(marketplace_id, counts) / self._size)
            for _, marketplace_id in self._by_marketplace()
        )

    def requests(self) -> Iterator[Parameters]:
        """Yield the parameters of each request; each item is requested once."""
        for (fixed, _), some in in_chunks(
            self._stream,
            [*self._by_marketplace()],
            lambda group: self.items.in_marketplace(group[1]),
            self._size,
        ):
            ids = [self.items.id_of(item) for item in some]
            yield fixed | {self._parameter: ids if self._takes_list else ids[0]}

    def _by_marketplace(self) -> Iterator[tuple[Parameters, str]]:
        """Yield what is the same in all requests of a marketplace, and the marketplace."""
        takes_marketplace = marketplace_parameter(self._stream)
        for fixed in self._stream.requests():
            given = fixed.get(takes_marketplace.name) if takes_marketplace else None
            yield fixed, str(first_or_only(given) or "")

    @property
    def _takes_list(self) -> bool:
        parameter = self._stream.operation.parameter(self._parameter)
        return parameter is not None and parameter.is_list

    @property
    def _size(self) -> int:
        """How many items a request takes."""
        parameter = self._stream.operation.parameter(self._parameter)
        return (parameter.max_items if parameter and parameter.is_list else None) or 1


@dataclass(frozen=True)
class PerId(Read):
    """Records that Amazon does not list: their ids come from `stream_ids`.

    Attributes:
        parameter: The parameter that takes the ids; several per request if it is a list.
        default: The ids to read by default; if there are none, `stream_ids` is required.
        one_per_request: Whether each id takes a request, although the parameter is a list.
        prefixes: Other parameters that an id may name: `acsin:123` is the id `123` for `acsin`.
    """

    parameter: str = ""
    default: tuple[str, ...] = ()
    one_per_request: bool = False
    prefixes: tuple[str, ...] = ()

    @property
    def takes_ids(self) -> bool:
        """Whether `stream_ids` may name the stream."""
        return True

    def reader(self, stream: AmazonStream) -> Reader:
        """Return what reads all ids."""
        return SnapshotReader(stream, IdRequests(stream, self))


class IdRequests:
    """The requests for the ids of one stream of one account."""

    def __init__(self, stream: AmazonStream, read: PerId) -> None:
        """Look nothing up yet."""
        self._stream = stream
        self._read = read

    def missing_settings(self) -> list[str]:
        """Return `stream_ids`, if it does not name this stream."""
        return [] if self._ids() else [f"stream_ids: {self._stream.name}"]

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces of the requests are known without a call."""
        return self._stream.knows_marketplaces

    @property
    def by_listing(self) -> None:
        """None: the settings name the ids."""
        return None

    def most_requests(self, counts: Counts) -> int:  # noqa: ARG002 - as for items
        """Return how many requests there are."""
        return sum(1 for _ in self.requests())

    def requests(self) -> Iterator[Parameters]:
        """Yield the parameters of the request for each id, or for several ids."""
        parameter = self._stream.operation.parameter(self._read.parameter)
        is_list = parameter is not None and parameter.is_list
        size = self._size(parameter) if is_list else 1
        ids = list(dict.fromkeys(self._ids()))
        for fixed, some_ids in itertools.product(self._stream.requests(), chunks(ids, size)):
            if is_list:
                yield fixed | {self._read.parameter: some_ids}
                continue
            name, _, rest = some_ids[0].partition(":")
            is_prefixed = name in self._read.prefixes
            yield fixed | ({name: rest} if is_prefixed else {self._read.parameter: some_ids[0]})

    def _size(self, parameter: Parameter | None) -> int:
        if self._read.one_per_request or parameter is None:
            return 1
        return parameter.max_items or MAX_IDS_PER_REQUEST

    def _ids(self) -> Sequence[str]:
        return self._stream.settings.stream_ids.get(self._stream.name, self._read.default)
