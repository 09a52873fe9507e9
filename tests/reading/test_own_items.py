from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon.answer_checks import checked_page
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.reading.own_items import Item, OwnItems
from tests.fake_clock import FakeClock

US = "ATVPDKIKX0DER"


class Listings:
    """A client that answers with these bodies."""

    def __init__(self, *bodies: Any) -> None:
        self._bodies = bodies

    def answers(self, operation: Operation, _: Mapping[str, Any]) -> Iterator[Answer]:
        for body in self._bodies:
            yield checked_page(operation, Answer(body, 200, None))


def items_of(*bodies: Any) -> list[Item]:
    own = OwnItems(Listings(*bodies), "A1", FakeClock())  # type: ignore[arg-type]
    return list(own.in_marketplace(US))


def page(*records: Any, **beside: Any) -> dict[str, Any]:
    return {"numberOfResults": len(records), "items": list(records)} | beside


LISTING = {
    "sku": "SKU-1",
    "summaries": [{"marketplaceId": US, "asin": "B01", "conditionType": "used_very_good"}],
    "offers": [{"marketplaceId": US, "price": {"amount": "9.50", "currencyCode": "USD"}}],
    "fulfillmentAvailability": [{"fulfillmentChannelCode": "AMAZON_NA"}],
}


def test_a_listing_is_an_item_with_its_price() -> None:
    assert items_of(page(LISTING)) == [
        Item(
            US,
            "SKU-1",
            "B01",
            "Used",
            is_fulfilled_by_amazon=True,
            price=Decimal("9.50"),
            currency="USD",
        )
    ]


@pytest.mark.parametrize("odd", [None, "x", 5, {"a": 1}, [None], [[]], ["x"], True, {}])
def test_odd_listings_are_items_without_what_is_odd(odd: Any) -> None:
    records = [LISTING | {name: odd} for name in LISTING]
    inside = [
        LISTING | {"offers": [{"marketplaceId": US, "price": odd}]},
        LISTING | {"offers": [{"marketplaceId": US, "price": {"amount": odd}}]},
        LISTING | {"summaries": [{"marketplaceId": US, "asin": odd, "conditionType": odd}]},
        LISTING | {"fulfillmentAvailability": [{"fulfillmentChannelCode": odd}]},
    ]

    items = items_of(page(*records, *inside))

    assert len(items) == len(records) + len(inside)
    for item in items:
        assert isinstance(item.sku or "", str)
        assert isinstance(item.asin or "", str)
        assert item.price is None or item.price.is_finite()


@pytest.mark.parametrize("total", ["2000", -1, 1.5, {}, True])
def test_an_odd_number_of_results_is_an_error(total: Any) -> None:
    with pytest.raises(ServiceError, match="`numberOfResults` is not a number of records"):
        items_of(page(LISTING, numberOfResults=total))


def test_errors_beside_listings_are_an_error() -> None:
    with pytest.raises(ServiceError, match="but not all: no code"):
        items_of(page(LISTING, errors=[{}]))
