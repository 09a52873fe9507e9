from __future__ import annotations

import re
import time
from types import ModuleType

import pytest

from tap_amazon_sp.documents import columns, names
from tap_amazon_sp.documents.names import (
    MAX_NAME,
    column_names,
    is_shortened,
    renamed,
    renamed_schema,
    snake_case,
)
from tap_amazon_sp.reading import document_source, pipeline, sales_channels
from tap_amazon_sp.streams.from_settings import data_kiosk_queries, reports


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("amazon-order-id", "amazon_order_id"),
        ("Amazon Order Id", "amazon_order_id"),
        ("parentAsin", "parent_asin"),
        ("ASINList", "asin_list"),
        ("hasFBAOffer", "has_fba_offer"),
        ("Warehouse Transfer In/Out", "warehouse_transfer_in_out"),
        ("p90ForecastUnits", "p90_forecast_units"),
        ("unitsOrderedB2B", "units_ordered_b2b"),
        ("salesB2BAmount", "sales_b2b_amount"),
        ("last30Days", "last30_days"),
        ("90-day-price", "_90_day_price"),
        ("Händler-SKU", "handler_sku"),
        ("Précis de l'œuvre", "precis_de_l_oeuvre"),
        ("???", ""),
    ],
)
def test_names_are_ascii_in_snake_case(header: str, name: str) -> None:
    assert snake_case(header) == name


def test_unknown_japanese_headers_stay_apart() -> None:
    names = column_names(["配送料", "手数料"])

    assert len(set(names)) == 2
    assert all(name.isascii() and name.isidentifier() for name in names)


def test_columns_of_one_name_get_numbers_by_their_place() -> None:
    headers = ["Item Price", "item-price", "", "item_price_2", "", "column_5"]

    assert column_names(headers) == [
        "item_price",
        "item_price_2",
        "column_3",
        "item_price_2_2",
        "column_5",
        "column_5_2",
    ]


@pytest.mark.parametrize(
    "module",
    [columns, names, data_kiosk_queries, document_source, pipeline, reports, sales_channels],
)
def test_columns_that_the_tap_adds_keep_their_names(module: ModuleType) -> None:
    added = [
        value
        for name, value in vars(module).items()
        if name.isupper() and isinstance(value, str) and re.fullmatch("_[a-z_]+", value)
    ]
    header = [name for value in added for name in (value, value.title())]

    assert added
    assert column_names(header, "original") == [
        name for value in added for name in (f"{value}_2", f"{value.title()}_3")
    ]


def test_original_names_stay_as_amazon_has_them() -> None:
    assert column_names(["Item Price", "", "商品名"], "original") == [
        "Item Price",
        "column_2",
        "商品名",
    ]


def test_names_are_changed_at_any_depth_and_in_the_schema_alike() -> None:
    value = {"parentAsin": "B0", "salesByAsin": {"unitsOrdered": 1, "list": [{"skuCount": 2}]}}
    schema = {
        "type": "object",
        "properties": {
            "parentAsin": {"type": "string"},
            "salesByAsin": {"type": "object", "properties": {"unitsOrdered": {"type": "integer"}}},
        },
    }

    assert renamed(value) == {
        "parent_asin": "B0",
        "sales_by_asin": {"units_ordered": 1, "list": [{"sku_count": 2}]},
    }
    assert renamed_schema(schema)["properties"]["sales_by_asin"]["properties"] == {
        "units_ordered": {"type": "integer"}
    }


def test_names_that_become_the_same_lose_nothing() -> None:
    assert renamed({"skuId": 1, "sku_id": 2}) == {"sku_id": 1, "sku_id_2": 2}


LONG = "Share of " + "units that were shipped " * 4 + "in time"


def test_a_long_name_is_shortened_by_a_hash_of_the_whole() -> None:
    name = snake_case(LONG)

    assert len(name) == MAX_NAME
    assert name == snake_case(LONG.title())
    assert name[:40] == "share_of_units_that_were_shipped_units_t"
    assert name != snake_case(LONG + " or late")
    assert is_shortened(name)
    assert not is_shortened("a" * MAX_NAME)
    assert snake_case("a" * MAX_NAME) == "a" * MAX_NAME
    assert renamed({LONG: {LONG: 1}}) == {name: {name: 1}}
    assert renamed_schema({"properties": {LONG: {}}}) == {"properties": {name: {}}}


def test_long_names_that_are_equal_are_no_longer_with_their_number() -> None:
    first, second = column_names([LONG, LONG])

    assert second == f"{first[:-2]}_2"
    assert len(second) == MAX_NAME


def test_amazons_own_long_names_stay_as_they_are() -> None:
    assert column_names([LONG, LONG], "original") == [LONG, f"{LONG}_2"]


def test_names_that_differ_in_case_only_are_told_apart() -> None:
    assert column_names(["SKU", "sku"], "original") == ["SKU", "sku_2"]


def test_ten_thousand_equal_names_take_no_time() -> None:
    began = time.process_time()
    numbered = ["x", *(f"x_{number}" for number in range(2, 10_001))]
    spellings = [f"x{'-' * (n // 100)}{' ' * (n % 100)}." for n in range(10_000)]

    assert column_names(["x"] * 10_000) == numbered
    assert column_names(["X", "x"] * 5_000, "original")[-1] == "x_10000"
    assert list(renamed(dict.fromkeys(spellings))) == numbered
    assert time.process_time() - began < 10  # each took longer


def test_numbers_skip_names_that_are_taken_and_begin_again_for_each_name() -> None:
    assert column_names(["x_3", "x", "x", "x", "x_2", "y", "y", "x"]) == [
        "x_3",
        "x",
        "x_2",
        "x_4",
        "x_2_2",
        "y",
        "y_2",
        "x_5",
    ]


def test_numbered_names_of_the_longest_length_differ_and_grow_no_longer() -> None:
    longest = "a" * 63
    names = column_names([longest] * 12)

    assert names[9:] == [f"{'a' * 60}_{number}" for number in (10, 11, 12)]
    assert names[8] == f"{'a' * 61}_9"
