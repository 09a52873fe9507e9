from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from singer_sdk.helpers._typing import conform_record_data_types
from singer_sdk.helpers.conform import TypeConformanceLevel

from tap_amazon_sp.amazon.catalogue import operation, operations, parse_api
from tap_amazon_sp.amazon.model_types import definition_schema, record_schema

LISTS = [found.id for found in operations() if found.results is not None]
SCALARS = {"string": "text", "integer": 7, "number": 1.5, "boolean": True}


@pytest.mark.parametrize("operation_id", LISTS)
def test_schema_of_every_list_suits_validators_and_the_singer_sdk(operation_id: str) -> None:
    schema = record_schema(operation(operation_id))

    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["type"] == "object"
    assert schema["properties"]
    record = _record(schema)
    jsonschema.Draft7Validator(schema).validate(record)
    conformed = conform_record_data_types(
        stream_name="any",
        record=record,
        schema=schema,
        level=TypeConformanceLevel.RECURSIVE,
        logger=logging.getLogger(),
    )
    assert conformed == record


def test_schemas_allow_what_amazon_sends_against_its_models() -> None:
    for found in operations():
        for inner in _subschemas(record_schema(found)):
            assert inner.keys() <= {
                "additionalProperties",
                "format",
                "items",
                "properties",
                "type",
            }, found.id
            if inner.get("type") == "object":
                continue
            kind, null = inner["type"]
            assert null == "null", found.id
            assert kind in {"array", "boolean", "integer", "number", "object", "string"}, found.id
            assert (kind == "array") == ("items" in inner), found.id
            assert (kind == "object") == ("properties" in inner), found.id
            assert (kind == "object") == (inner.get("additionalProperties") is True), found.id
            assert inner.get("format") in {None, "date", "date-time"}, found.id


def test_values_are_in_a_schema_for_readers_only() -> None:
    feed = operation("feeds_2021-06-30.getFeeds")

    for with_values in (False, True):
        status = record_schema(feed, with_values=with_values)["properties"]["processingStatus"]
        assert status.get("enum", []) == [
            value
            for value in ("CANCELLED", "DONE", "FATAL", "IN_PROGRESS", "IN_QUEUE")
            if with_values
        ]


def test_money_keeps_its_type_and_times_keep_their_format() -> None:
    order = record_schema(operation("orders_2026-01-01.searchOrders"))["properties"]
    total = order["proceeds"]["properties"]["grandTotal"]["properties"]
    metrics = record_schema(operation("sales.getOrderMetrics"))["properties"]
    event = record_schema(operation("financesV0.listFinancialEventGroups"))["properties"]

    assert order["createdTime"] == {"type": ["string", "null"], "format": "date-time"}
    assert total["amount"] == {"type": ["string", "null"]}
    assert metrics["unitCount"] == {"type": ["integer", "null"]}
    assert event["OriginalTotal"]["properties"]["CurrencyAmount"] == {"type": ["number", "null"]}


def test_enum_is_dropped() -> None:
    feed = record_schema(operation("feeds_2021-06-30.getFeeds"))

    assert feed["properties"]["processingStatus"] == {"type": ["string", "null"]}


def test_free_form_object_allows_anything() -> None:
    item = record_schema(operation("listingsItems_2021-08-01.searchListingsItems"))

    assert item["properties"]["attributes"] == {
        "type": ["object", "null"],
        "properties": {},
        "additionalProperties": True,
    }


def test_definition_that_contains_itself_is_cut_to_any_object() -> None:
    transaction = record_schema(operation("finances_2024-06-19.listTransactions"))

    breakdown = transaction["properties"]["breakdowns"]["items"]["properties"]
    assert breakdown["breakdownType"] == {"type": ["string", "null"]}
    # It stays a list: only its items are cut.
    assert breakdown["breakdowns"] == {
        "type": ["array", "null"],
        "items": {"type": ["object", "null"], "properties": {}, "additionalProperties": True},
    }


def test_all_of_is_merged() -> None:
    response = definition_schema("aplusContent_2020-11-01", "SearchContentDocumentsResponse")

    assert set(response["properties"]) == {"warnings", "nextPageToken", "contentMetadataRecords"}


def test_definition_used_twice_side_by_side_is_not_cut() -> None:
    api = parse_api(
        {
            "api": "made-up",
            "title": "",
            "version": "",
            "operations": {
                "get": {
                    "method": "GET",
                    "path": "/",
                    "parameters": [],
                    "success_status": 200,
                    "success_schema": {"$ref": "#/definitions/Both"},
                    "error_statuses": [],
                    "record": "",
                }
            },
            "definitions": {
                "Money": {"type": "object", "properties": {"amount": {"type": "string"}}},
                "Both": {
                    "properties": {
                        "price": {"$ref": "#/definitions/Money"},
                        "tax": {"$ref": "#/definitions/Money"},
                        "kind": {"enum": ["A"]},
                    }
                },
            },
        }
    )

    properties = record_schema(api.operations["get"], api)["properties"]

    assert properties["price"] == properties["tax"]
    assert "amount" in properties["tax"]["properties"]
    assert properties["kind"] == {"type": ["string", "null"]}


@pytest.mark.parametrize(
    ("operation_id", "expected"),
    [
        # An item of `results`, the `record`, the whole answer, an answer without content.
        ("ordersV0.getOrders", "AmazonOrderId"),
        ("ordersV0.getOrder", "AmazonOrderId"),
        ("feeds_2021-06-30.getFeed", "feedId"),
        ("reports_2021-06-30.cancelReport", None),
    ],
)
def test_record_is_found_in_the_answer(operation_id: str, expected: str | None) -> None:
    schema = record_schema(operation(operation_id))

    assert schema["type"] == "object"
    assert next(iter(schema["properties"]), None) == expected


def test_callers_may_change_the_schema_they_get() -> None:
    first = record_schema(operation("sellers.getAccount"))
    first["properties"].clear()

    assert record_schema(operation("sellers.getAccount"))["properties"]


def test_unknown_definition() -> None:
    with pytest.raises(KeyError):
        definition_schema("sellers", "Nothing")


def test_schema_is_no_larger_than_a_message_may_be() -> None:
    schema = record_schema(operation("orders_2026-01-01.searchOrders"))

    assert len(json.dumps(schema)) < 30_000


def _record(schema: dict[str, Any]) -> Any:
    """Return a made-up value with every property of the schema."""
    kind = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if kind == "object":
        return {name: _record(value) for name, value in schema["properties"].items()}
    if kind == "array":
        return [_record(schema["items"])]
    if kind == "string" and "format" in schema:
        return "2026-01-02" if schema["format"] == "date" else "2026-01-02T03:04:05Z"
    return SCALARS[kind]


def _subschemas(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield schema
    for value in schema.get("properties", {}).values():
        yield from _subschemas(value)
    if "items" in schema:
        yield from _subschemas(schema["items"])
