"""Streams that are asked for by item: ASINs or SKUs, given in the settings or the seller's own."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.stream import Parameters, chunks
from tap_amazon_sp.settings.ids import ids_from_setting


class ItemsStream(SnapshotStream):
    """A stream that is asked for by ASIN or SKU, several at a time where the operation allows.

    They come from `stream_ids`, from `asins` or `skus`, or from the seller's own listings.
    """

    # An item may have been removed since it was listed.
    missing_is_empty = True

    asked_by: ClassVar[str] = "asin"
    """`asin` or `sku`."""

    item_parameter: ClassVar[str] = "asin"
    """The parameter that takes them."""

    items_per_request: ClassVar[int | None] = None
    """How many, where the catalogue does not say."""

    def missing_settings(self) -> list[str]:
        """Return `seller_id`, where neither it nor the items are given."""
        missing = super().missing_settings()
        if self.given_ids() is None and not self.config.get("seller_id"):
            missing.append("seller_id")
        return list(dict.fromkeys(missing))

    def requests(self) -> Iterator[Parameters]:
        """Give the parameters of each request, so that all items are asked for once."""
        for fixed in super().requests():
            marketplace_id = _only(fixed.get(self._marketplace_name))
            for some_items in chunks(self.items_in(marketplace_id), self._most_items):
                yield fixed | self.item_parameters(some_items)

    def item_parameters(self, items: Sequence[Item]) -> Parameters:
        """Give the parameters that ask for these items."""
        values = [getattr(item, self.asked_by) for item in items]
        parameter = self.operation.parameter(self.item_parameter)
        is_list = parameter is not None and parameter.type == "array"
        return {self.item_parameter: values if is_list else values[0]}

    @property
    def _most_items(self) -> int:
        parameter = self.operation.parameter(self.item_parameter)
        of_model = parameter.max_items if parameter and parameter.type == "array" else None
        return self.items_per_request or of_model or 1

    @property
    def _marketplace_name(self) -> str:
        parameter = self._marketplace_parameter
        return parameter.name if parameter else ""

    def given_ids(self) -> list[str] | None:
        """Return what the settings name; None where they name nothing."""
        of_stream = (self.config.get("stream_ids") or {}).get(self.name)
        given = of_stream if of_stream is not None else self.config.get(f"{self.asked_by}s")
        return None if given is None else ids_from_setting(given)

    def items_in(self, marketplace_id: str) -> Sequence[Item]:
        """Return what to ask for in a marketplace, each once."""
        given = self.given_ids()
        if given is not None:
            ids = dict.fromkeys(given)
            if self.asked_by == "sku":
                return [Item(marketplace_id, sku=sku) for sku in ids]
            return [Item(marketplace_id, asin=asin) for asin in ids]
        by_identity = {
            self.identity(item): item
            for item in self.connection.own_items.in_marketplace(marketplace_id)
            if getattr(item, self.asked_by)
        }
        return list(by_identity.values())

    def identity(self, item: Item) -> Any:
        """Return what tells an item to ask for from another."""
        return getattr(item, self.asked_by)


class KnownIdsStream(SnapshotStream):
    """A stream of things that Amazon does not list: their ids come from `stream_ids`."""

    id_parameter: ClassVar[str]
    """The parameter that takes the ids: several at a time where it is a list."""

    def missing_settings(self) -> list[str]:
        """Return `stream_ids`, where it does not name this stream."""
        missing = super().missing_settings()
        return missing if self._given_ids() else [*missing, f"stream_ids: {self.name}"]

    def requests(self) -> Iterator[Parameters]:
        """Give the parameters of the request for each id, or for as many as it takes."""
        ids = list(dict.fromkeys(self._given_ids()))
        parameter = self.operation.parameter(self.id_parameter)
        is_list = parameter is not None and parameter.type == "array"
        most = (parameter.max_items if parameter and is_list else 1) or 20
        for fixed, some_ids in itertools.product(super().requests(), chunks(ids, most)):
            yield fixed | {self.id_parameter: some_ids if is_list else some_ids[0]}

    def _given_ids(self) -> list[str]:
        return ids_from_setting((self.config.get("stream_ids") or {}).get(self.name) or ())


def _only(value: Any) -> str:
    found = value[0] if isinstance(value, (list, tuple)) and value else value
    return str(found or "")
