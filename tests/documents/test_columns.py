from __future__ import annotations

from tap_amazon_sp.documents.columns import Column, columns_of, row_properties

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

    assert columns == (Column("Preis", "Preis", "number"),)


def test_rows_may_have_more_properties_than_their_columns() -> None:
    columns = columns_of(["Item Price", "SKU"], "snake_case", {"item-price": "number"})

    properties = row_properties(columns)

    assert [*properties] == ["item_price", "sku", "_extra_columns", "_misfits"]
    assert properties["item_price"] == NUMBER
    assert properties["sku"] == TEXT
    assert properties["_misfits"]["additionalProperties"] == TEXT
    assert row_properties(columns, is_flattened=True)["_misfits"] == TEXT
