"""The seller's own listings: the default items of streams that are requested by item.

Facts: Amazon's model `listingsItems_2021-08-01` (a search returns at most 1,000 items).
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.answer_checks import count_at, incomplete_answer
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import records_of
from tap_amazon_sp.amazon.errors import TooManyResultsError
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.json_paths import at_path, values_at
from tap_amazon_sp.common.timestamps import FIRST_RECORDS

MIN_SEARCH = dt.timedelta(seconds=1)
"""The minimum length of a search: one that finds more than Amazon returns is cut in two."""

MAX_SEARCH_RESULTS = 1000


@dataclass(frozen=True)
class Item:
    """An item that the seller offers, or that the settings name."""

    marketplace_id: str
    sku: str | None = None
    asin: str | None = None
    condition: str = "New"
    """The name in the Pricing APIs."""
    is_fulfilled_by_amazon: bool = False
    price: Decimal | None = None
    currency: str | None = None


class OwnItems:
    """The seller's own listings; a run searches them once for all streams."""

    def __init__(self, client: SellingPartnerClient, seller_id: str, clock: Clock) -> None:
        """Search nothing yet."""
        self._client = client
        self._seller_id = seller_id
        self._clock = clock
        self._operation = catalogue.operation("listingsItems_2021-08-01.searchListingsItems")
        self._lock = threading.Lock()
        self._found: dict[str, list[Item]] = {}

    def in_marketplace(self, marketplace_id: str) -> Sequence[Item]:
        """Return all listings in a marketplace."""
        with self._lock:
            if marketplace_id not in self._found:
                now = self._clock.now()
                found = list(self._search(marketplace_id, FIRST_RECORDS, now))
                self._found[marketplace_id] = found
            return self._found[marketplace_id]

    def _search(
        self, marketplace_id: str, after: dt.datetime, before: dt.datetime
    ) -> Iterator[Item]:
        """Search for listings created in a time; if there are too many, in both its halves."""
        parameters = {
            "sellerId": self._seller_id,
            "marketplaceIds": [marketplace_id],
            "createdAfter": after,
            "createdBefore": before,
            "includedData": ["summaries", "offers", "fulfillmentAvailability"],
            "sortBy": "createdDate",
            "pageSize": 20,
        }
        for answer in self._client.answers(self._operation, parameters):
            total = count_at(self._operation, answer, ("numberOfResults",)) or 0
            if total > MAX_SEARCH_RESULTS:
                if before - after < MIN_SEARCH:
                    message = f"{total} listings of one second, but Amazon returns only 1,000"
                    raise TooManyResultsError(self._operation.id, message=message)
                middle = after + (before - after) / 2
                yield from self._search(marketplace_id, after, middle)
                yield from self._search(marketplace_id, middle, before)
                return
            for record in records_of(self._operation, answer):
                yield _item(marketplace_id, record)
            if (incomplete := incomplete_answer(self._operation, answer)) is not None:
                raise incomplete


def _item(marketplace_id: str, record: Mapping[str, Any]) -> Item:
    summaries = _of_marketplace(record, "summaries", marketplace_id)
    offers = _of_marketplace(record, "offers", marketplace_id)
    # The price for business buyers counts only if there is no other price.
    offers.sort(key=lambda offer: offer.get("offerType") == "B2B")
    price = offers[0].get("price") if offers else None
    channels = values_at(record, ("fulfillmentAvailability", "fulfillmentChannelCode"))
    return Item(
        marketplace_id,
        sku=_text_at(record, "sku"),
        asin=_text_at(summaries[0], "asin") if summaries else None,
        condition=_condition(_text_at(summaries[0], "conditionType") if summaries else None),
        is_fulfilled_by_amazon=any(str(channel).startswith("AMAZON") for channel in channels),
        price=_amount(at_path(price, ("amount",))),
        currency=_text_at(price, "currencyCode") or _text_at(price, "currency"),
    )


def _of_marketplace(
    record: Mapping[str, Any], name: str, marketplace_id: str
) -> list[dict[str, Any]]:
    """Return the objects in a list of a record that are about a marketplace."""
    return [
        found
        for found in values_at(record, (name,))
        if isinstance(found, dict) and found.get("marketplaceId") == marketplace_id
    ]


def _text_at(value: Any, name: str) -> str | None:
    found = at_path(value, (name,))
    return found if isinstance(found, str) else None


def _amount(value: Any) -> Decimal | None:
    """Return an amount of money, which may be a number or text; None if it is neither."""
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        return None
    return amount if amount.is_finite() else None


def _condition(condition_type: str | None) -> str:
    """Return the first word of a condition type: `Used` for `used_very_good`."""
    return (condition_type or "new").partition("_")[0].capitalize()
