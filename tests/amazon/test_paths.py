from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.amazon.paths import operation_of_path, paging_in


def test_a_path_in_the_catalogue_gives_the_known_operation() -> None:
    operation, is_known = operation_of_path("/orders/v0/orders/{}/orderItems", "x")

    assert is_known
    assert operation.id == "ordersV0.getOrderItems"
    assert operation.rate == 0.5


def test_a_new_parameter_of_a_known_path_can_be_sent() -> None:
    operation, _ = operation_of_path("/orders/v0/orders", "x", ["Novelty"])

    assert operation.parameter("Novelty") is not None
    assert operation.parameter("MarketplaceIds") is not None


def test_an_unknown_path_takes_any_parameter() -> None:
    operation, is_known = operation_of_path(
        "/new/2027-01-01/things/{thingId}/parts/{}",
        "parts",
        ["thingId", "since"],
        next_token_key="pagination.nextToken",
        next_token_param="pageToken",
        rate=2,
        burst=5,
    )

    assert not is_known
    assert (operation.rate, operation.burst) == (2, 5)
    assert operation.url_path(thingId="a b", path_variable=7) == (
        "/new/2027-01-01/things/a%20b/parts/7"
    )
    assert operation.parameter("since") is not None
    assert operation.paging is not None
    assert operation.paging.next_token == ("pagination", "nextToken")
    assert operation.parameter("pageToken") is not None


@pytest.mark.parametrize("path", ["orders", "/orders?x=1", "/or ders", ""])
def test_what_is_not_a_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="`path` must begin with a slash"):
        operation_of_path(path, "x")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"payload": {"NextToken": "t"}}, ("payload.NextToken", "NextToken")),
        ({"nextToken": "t"}, ("nextToken", "nextToken")),
        ({"pagination": {"nextToken": "t"}}, ("pagination.nextToken", None)),
        ({"pagination": {"nextToken": None}}, None),
        ([], None),
    ],
)
def test_the_token_of_the_next_page_is_found(body: Any, expected: Any) -> None:
    assert paging_in(body) == expected


def test_a_placeholder_may_be_in_a_path_twice() -> None:
    operation, _ = operation_of_path("/new/{id}/parts/{id}", "parts")

    assert operation.url_path(id="5") == "/new/5/parts/5"
