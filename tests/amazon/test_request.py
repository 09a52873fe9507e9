from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.request import BODY, Request
from tests.amazon.clients import LIST_OFFERS, SEARCH

OFFERS = {"filters.marketplaceId": "A", "filters.programTypes": ("SUBSCRIBE_AND_SAVE",)}


def url_of(operation_id: str, **parameters: Any) -> str:
    operation = catalogue.operation(operation_id)
    return Request.build("http://host", operation, parameters, None).url


def test_lists_are_sent_with_commas() -> None:
    url = url_of(SEARCH, marketplaceIds=["A", "B"], includedData=["TAX", "PAYMENT"])

    assert url == (
        "http://host/orders/2026-01-01/orders?marketplaceIds=A%2CB&includedData=TAX%2CPAYMENT"
    )


def test_lists_are_repeated_where_the_model_says_so() -> None:
    url = url_of(
        "fulfillmentInbound_2024-03-20.listPrepDetails", marketplaceId="A", mskus=["1", "2"]
    )

    assert url.endswith("?marketplaceId=A&mskus=1&mskus=2")


def test_merchant_skus_are_encoded_twice_if_amazon_wants_it() -> None:
    url = url_of(
        "fulfillmentInbound_2024-03-20.listPrepDetails",
        marketplaceId="A",
        mskus=["test%msku", "a b"],
    )

    assert url.endswith("&mskus=test%2525msku&mskus=a%20b")


def test_times_are_sent_in_utc_with_milliseconds_at_most() -> None:
    zone = dt.timezone(dt.timedelta(hours=2))
    moment = dt.datetime(2026, 1, 1, 2, 0, 0, 123456, tzinfo=zone)

    assert url_of(SEARCH, lastUpdatedAfter=moment).endswith(
        "lastUpdatedAfter=2026-01-01T00%3A00%3A00.123000Z"
    )


def test_path_parameters_are_encoded_and_booleans_are_json() -> None:
    assert url_of("ordersV0.getOrderItems", orderId="a/b ü").endswith(
        "/orders/a%2Fb%20%C3%BC/orderItems"
    )
    assert url_of("vendorOrders.getPurchaseOrders", includeDetails=True).endswith(
        "includeDetails=true"
    )


def test_a_parameter_that_is_none_is_left_out() -> None:
    assert "?" not in url_of(SEARCH, includedData=None)


def test_a_parameter_that_the_operation_does_not_have_is_named() -> None:
    with pytest.raises(ValueError, match="searchOrders has no parameter 'LastUpdatedAfter'"):
        url_of(SEARCH, LastUpdatedAfter="2026-01-01")


def test_spaces_are_sent_in_the_form_that_signatures_want() -> None:
    assert url_of(SEARCH, paginationToken="a b+c").endswith("paginationToken=a%20b%2Bc")


def test_names_that_are_not_parameters_are_fields_of_the_body() -> None:
    request = Request.build(
        "http://host",
        catalogue.operation(LIST_OFFERS),
        OFFERS | {"pagination.limit": Decimal("1.5"), BODY: {"filters": {"x": 1}}, "sort": None},
        None,
    )

    assert json.loads(request.body or b"") == {
        "filters": {"x": 1, "marketplaceId": "A", "programTypes": ["SUBSCRIBE_AND_SAVE"]},
        "pagination": {"limit": 1.5},
    }


def test_numbers_are_sent_with_all_their_digits() -> None:
    number = Decimal("12345678901234567.89")
    request = Request.build(
        "http://host",
        catalogue.operation(LIST_OFFERS),
        {"pagination.limit": number},
        {"x": [number]},
    )

    assert (
        request.body == b'{"x":[12345678901234567.89],"pagination":{"limit":12345678901234567.89}}'
    )


@pytest.mark.parametrize("body", [[], ["a"], "text", 5])
def test_a_field_needs_a_body_that_is_an_object(body: Any) -> None:
    with pytest.raises(ValueError, match=r"'pagination\.limit' in its body, which must be an obj"):
        Request.build(
            "http://host", catalogue.operation(LIST_OFFERS), {"pagination.limit": 1}, body
        )
