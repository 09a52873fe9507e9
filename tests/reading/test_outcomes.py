"""Statuses of the items in a batch."""

from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.amazon.answer_checks import BrokenAnswerError
from tap_amazon_sp.reading.outcomes import (
    MAX_ID,
    Refusal,
    by_http_status,
    by_name_of_status,
    name_of_item,
    object_in,
)


@pytest.mark.parametrize("status", [None, "", "soon", {"v": 200}, [500], {}])
def test_a_status_that_is_not_a_number_refuses_nothing(status: Any) -> None:
    outcomes = by_http_status(dict)
    entry = {"status": {"statusCode": status}}

    assert outcomes.refusal(entry) is None
    assert not outcomes.failed_at_amazon(entry)


def test_a_status_may_be_a_number_in_text() -> None:
    outcomes = by_http_status(dict)
    entry = {"status": {"statusCode": "503"}, "body": {"errors": [{"code": "Busy"}]}}

    assert outcomes.refusal(entry) == Refusal("HTTP 503, Busy")
    assert outcomes.failed_at_amazon(entry)


@pytest.mark.parametrize("status", [None, ["ServerError"], {"name": "ServerError"}, 7])
def test_a_named_status_that_is_not_a_text_refuses_nothing(status: Any) -> None:
    outcomes = by_name_of_status("Status", "FeesEstimate")

    assert outcomes.refusal({"Status": status}) is None
    assert not outcomes.failed_at_amazon({"Status": status})


def test_a_refusal_has_the_code_and_the_words_of_amazon() -> None:
    outcomes = by_name_of_status("Status", "FeesEstimate", error=("Error", "Code", "Message"))
    error = {"Code": "InvalidParameterValue", "Message": "There is no such SKU"}

    assert outcomes.refusal({"Status": "ClientError", "Error": error}) == Refusal(
        "ClientError, InvalidParameterValue", "There is no such SKU"
    )
    assert outcomes.refusal({"Status": "ClientError", "Error": {"Code": 5, "Message": []}}) == (
        Refusal("ClientError")
    )


@pytest.mark.parametrize("entry", [{}, {"Status": "Success"}, {"FeesEstimate": None}])
def test_a_success_without_content_is_broken(entry: dict[str, Any]) -> None:
    with pytest.raises(BrokenAnswerError, match="an item has no `FeesEstimate`"):
        by_name_of_status("Status", "FeesEstimate").record(entry)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ({}, "an item has no `body`"),
        ({"body": None}, "an item has no `body`"),
        ({"body": {}}, "an item has no `payload`"),
        ({"body": []}, "`body` of an item is not an object"),
        ({"body": {"payload": {}}}, "`payload` of an item is empty"),
    ],
)
def test_an_item_without_what_it_is_about_is_broken(entry: dict[str, Any], reason: str) -> None:
    with pytest.raises(BrokenAnswerError, match=reason):
        object_in(entry, "body", "payload")


@pytest.mark.parametrize(
    ("entry", "name"),
    [
        ({"request": {"Asin": "B1", "ItemCondition": "New"}}, "ASIN B1, condition New"),
        ({"request": {"marketplaceId": "M", "sku": "S"}}, "SKU S, marketplace M"),
        ({"FeesEstimateIdentifier": {"IdType": "SellerSKU", "IdValue": "S"}}, "SKU S"),
        ({"ASIN": "B1", "status": "ClientError"}, "ASIN B1"),
        ({"body": {"asin": "B1", "errors": []}}, "ASIN B1"),
        ({"request": "B1", "body": {"asin": {}}}, ""),
        ({"SellerSKU": "S" * 500}, "SKU " + "S" * MAX_ID),
    ],
)
def test_an_item_is_named_by_its_ids(entry: dict[str, Any], name: str) -> None:
    assert name_of_item(entry) == name
