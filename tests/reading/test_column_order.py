from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.reading.column_order import in_column_order, keys_first
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.singer.conforming import kind_of
from tap_amazon_sp.singer.schemas import packaged_schema
from tap_amazon_sp.streams import all_built_in_streams

TEXT = {"type": ["string", "null"]}
TIME = TEXT | {"format": "date-time"}


def an_object(*names: str) -> dict[str, Any]:
    return {"type": ["object", "null"], "properties": dict.fromkeys(names, TEXT)}


IN_ORDER = {
    "second": TEXT,
    "first": TEXT,
    "changed": TIME,
    "_source": TEXT,
    "_report": an_object("status"),
    "created": TIME,
    "day": TEXT | {"format": "date"},
    "orderStatus": TEXT,
    "state": TEXT,
    "orderId": TEXT,
    "SellerSKU": TEXT,
    "asin": TEXT,
    "quantity": {"type": ["integer", "null"]},
    "ratio": {"type": ["number", "null"]},
    "price": an_object("currencyCode", "amount"),
    "ItemTax": an_object("CurrencyCode", "Amount"),
    "charge": an_object("currencyCode", "currencyAmount"),
    "title": TEXT,
    "stateOrRegion": TEXT,
    "paid": TEXT,
    "isGift": {"type": ["boolean", "null"]},
    "anything": {},
    "weight": an_object("unit", "value"),
    "limit": an_object("currencyAmount"),
    "names": {"type": ["array", "null"], "items": TEXT},
}


def test_useful_columns_come_first() -> None:
    backwards = dict(reversed(IN_ORDER.items()))

    ordered = in_column_order(backwards, ["second", "first"], "changed")

    assert ordered == IN_ORDER
    # A group keeps the order in which its properties come.
    assert list(ordered)[:5] == ["second", "first", "changed", "_report", "_source"]
    assert list(in_column_order(IN_ORDER, ["second", "first"], "changed")) == list(IN_ORDER)


def test_a_key_that_is_also_the_replication_key_keeps_its_place_in_the_key() -> None:
    assert list(in_column_order({"a": TEXT, "b": TIME}, ["b", "a"], "b")) == ["b", "a"]


def test_keys_that_no_property_has_are_left_out() -> None:
    assert list(keys_first({"a": TEXT, "b": TEXT}, ["b", "c"])) == ["b", "a"]
    assert list(in_column_order({"a": TEXT}, ["c"], None)) == ["a"]


@pytest.mark.parametrize("stream_class", all_built_in_streams(), ids=lambda found: found.__name__)
def test_every_table_begins_with_its_key_and_ends_with_what_is_nested(
    stream_class: type[AmazonStream],
) -> None:
    properties = packaged_schema(stream_class.schema_name or stream_class.name)["properties"]
    keys = list(stream_class.primary_keys)
    columns = list(properties)

    assert columns[: len(keys)] == keys
    time = stream_class.replication_key
    if time is not None and time not in keys:
        assert columns[len(keys)] == time
    kinds = [kind_of(found) for name, found in properties.items() if not name.startswith("_")]
    lists = kinds.count("array")
    assert kinds[len(kinds) - lists :] == ["array"] * lists
