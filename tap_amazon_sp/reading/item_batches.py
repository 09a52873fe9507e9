"""Streams that ask for several items at once and hear of each whether Amazon refused it.

Facts: Amazon's models `productPricingV0`, `productPricing_2022-05-01` and `productFeesV0`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.client import Answer, records_of
from tap_amazon_sp.reading.items import ItemsStream
from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.reading.stream import Parameters, chunks, first_at

if TYPE_CHECKING:
    from tap_amazon_sp.reading.connection import Connection
    from tap_amazon_sp.tap import TapAmazonSP

BAD_REQUEST = 400
TOO_MANY_REQUESTS = 429
SERVER_ERROR = 500
SERVICE_ERRORS = frozenset({"ServiceError", "ServerError"})
MAX_TRIES = 4


class AnsweredItemsStream(ItemsStream):
    """A stream whose answers say of each item how it went: what failed is told, and no record."""

    def __init__(self, tap: TapAmazonSP, connection: Connection | None = None) -> None:
        """Belong to a tap; nothing was refused yet."""
        super().__init__(tap, connection)
        self._told: set[str] = set()

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation, again where Amazon failed for an item through no fault of ours."""
        for tries in range(1, MAX_TRIES + 1):
            answers = list(super().answers(parameters, page_token))
            failed = sum(
                self.failed_at_amazon(entry)
                for answer in answers
                for entry in records_of(self.operation, answer)
            )
            if not failed or tries == MAX_TRIES:
                break
            self.logger.info("Amazon failed for %d items of '%s': asking again", failed, self.name)
        if failed:
            self.logger.warning(
                "%d items of '%s' are missing: Amazon failed for them in %d tries",
                failed,
                self.name,
                MAX_TRIES,
            )
        yield from answers

    def records_in(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the records of the items that Amazon did not refuse."""
        records = []
        for entry in records_of(self.operation, answer):
            reason = self.refusal(entry)
            if reason is None:
                records.append(self.record_of(entry))
            elif reason not in self._told:
                self._told.add(reason)
                self.logger.warning("Amazon refused some items of '%s': %s", self.name, reason)
        return records

    def refusal(self, entry: Mapping[str, Any]) -> str | None:
        """Return why Amazon refused an item, without naming it; None where it did not."""
        status = str(entry.get("status"))
        return status if status.endswith("Error") else None

    def failed_at_amazon(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether asking for an item again may help."""
        return entry.get("status") in SERVICE_ERRORS

    def record_of(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Return the record in an entry of an answer."""
        return entry


class BatchStream(AnsweredItemsStream):
    """A stream that puts a request for each item into the body of one."""

    def requests(self) -> Iterator[Parameters]:
        """Give the body of each request, so that all items are asked for once."""
        for marketplace_id in self.connection.participating_marketplaces:
            for some_items in chunks(self.items_in(marketplace_id), self.items_per_request):
                yield self.item_parameters(some_items)

    def item_parameters(self, items: Sequence[Item]) -> Parameters:
        """Give the body that asks for these items."""
        return {"requests": [self.entry_for(item) for item in items]}

    def entry_for(self, item: Item) -> dict[str, Any]:
        """Return what asks for an item within a body."""
        raise NotImplementedError

    def refusal(self, entry: Mapping[str, Any]) -> str | None:
        """Return status and code of a request that failed within a batch."""
        status = _status_of(entry)
        if status < BAD_REQUEST:
            return None
        code = first_at(entry, ["body", "errors", "code"])
        return f"HTTP {status}, {code}" if code else f"HTTP {status}"

    def failed_at_amazon(self, entry: Mapping[str, Any]) -> bool:
        """Tell whether asking for an item again may help."""
        status = _status_of(entry)
        return status == TOO_MANY_REQUESTS or status >= SERVER_ERROR


def _status_of(entry: Mapping[str, Any]) -> int:
    """Return the HTTP status of a request in a batch; 0 where Amazon does not say."""
    return int(first_at(entry, ["status", "statusCode"]) or 0)
