from __future__ import annotations

import pytest

from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.documents.columns import (
    Column,
    columns_of,
    has_known_columns,
    row_properties,
)

NUMBER = {"type": ["number", "null"]}
TEXT = {"type": ["string", "null"]}


def test_columns_have_the_kinds_of_their_english_headers() -> None:
    columns = columns_of(
        ["Händler-SKU", "Preis"],
        "snake_case",
        {"price": "number"},
        english=["seller-sku", "price"],
    )

    assert columns == (
        Column("seller_sku", "Händler-SKU"),
        Column("price", "Preis", "number"),
    )


def test_columns_with_amazons_names_have_the_same_kinds() -> None:
    columns = columns_of(["Preis"], "original", {"price": "number"}, english=["price"])

    assert columns == (Column("price", "Preis", "number"),)


def test_known_columns_have_one_name_in_each_spelling() -> None:
    columns = columns_of(["SELLER SKU", "Neu"], "original", {}, known=["seller-sku", "price"])

    assert columns == (Column("seller-sku", "SELLER SKU"), Column("Neu", "Neu"))


def test_rows_may_have_more_properties_than_their_columns() -> None:
    columns = columns_of(["Item Price", "SKU"], "snake_case", {"item-price": "number"})

    properties = row_properties(columns)

    assert [*properties] == ["item_price", "sku", "_extra_columns", "_misfits"]
    assert properties["item_price"] == NUMBER
    assert properties["sku"] == TEXT
    assert properties["_misfits"]["additionalProperties"] == TEXT
    assert row_properties(columns, is_flattened=True)["_misfits"] == TEXT


@pytest.mark.parametrize(
    ("name", "headers", "known"),
    [
        # A text column counts as well, in any language and spelling.
        ("GET_MERCHANT_LISTINGS_ALL_DATA", ["seller-sku"], True),
        ("GET_MERCHANT_LISTINGS_ALL_DATA", ["Seller SKU", "new"], True),
        ("GET_MERCHANT_LISTINGS_ALL_DATA", ["Händler-SKU", "Preis"], True),
        ("GET_MERCHANT_LISTINGS_ALL_DATA", ["Error:", "Try again later."], False),
        ("GET_SOMETHING_NEW_DATA", ["Error:", "Try again later."], True),
    ],
)
def test_a_file_has_columns_of_its_type_or_none(
    name: str, headers: list[str], *, known: bool
) -> None:
    columns = columns_of(headers, "original", {})

    assert has_known_columns(columns, report_type(name)) is known
