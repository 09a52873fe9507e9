"""Flat files in the languages of marketplaces give what the English file gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import tap_amazon_sp
from tap_amazon_sp.amazon.report_types import Kind, ReportType, report_type
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.names import snake_case
from tap_amazon_sp.documents.rows import read_rows

HEADERS: dict[str, dict[str, dict[str, str]]] = json.loads(
    (Path(tap_amazon_sp.__file__).parent / "simulator" / "data" / "report_headers.json").read_text(
        "utf-8"
    )
)
VALUES: dict[Kind | None, str] = {
    None: "Ä \u4e00",
    "number": "19.99",
    "date": "2026-08-15",
    "date-time": "2026-08-15T18:35:17+00:00",
}
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"


def _file(kind: ReportType, headers: list[str], columns: list[str]) -> FlatFile:
    """Return a file with one row, in which each column has a value of its kind."""
    kinds = {snake_case(name): of for name, of in kind.columns.items()}
    values = [VALUES[kinds.get(snake_case(column))] for column in columns]
    delimiter = "," if kind.format == "csv" else "\t"
    quote = '"' if kind.quoted else ""
    lines = [delimiter.join(f"{quote}{cell}{quote}" for cell in row) for row in (headers, values)]
    rows = read_rows([("\r\n".join(lines) + "\r\n").encode()], kind)
    assert isinstance(rows, FlatFile)
    return rows


@pytest.mark.parametrize(
    ("name", "language"),
    [(name, language) for name, languages in HEADERS.items() for language in languages],
)
def test_columns_kinds_and_rows_are_those_of_the_english_file(name: str, language: str) -> None:
    kind = report_type(name)
    columns = list(HEADERS[name][language])
    english = _file(kind, columns, columns)
    local = _file(kind, list(HEADERS[name][language].values()), columns)

    assert [(column.name, column.kind) for column in local.columns] == [
        (column.name, column.kind) for column in english.columns
    ]
    assert local.schema() == english.schema()
    assert list(local) == list(english)


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_german_listings_and_feedback_have_the_columns_of_the_united_states(newline: str) -> None:
    listings = (
        "Artikelbezeichnung\tArtikelbeschreibung\tAngebotsnummer\tHändler-SKU\tPreis\tMenge\t"
        "Erstellungsdatum\tProdukt-ID-Typ\tArtikelzustand\tASIN 1\tProdukt-ID\tVersender\tStatus"
    )
    feedback = "Datum\tBewertung\tKommentare\tIhre Antwort\tBestellnummer"

    assert _names(LISTINGS, listings + newline) == [
        "item_name",
        "item_description",
        "listing_id",
        "seller_sku",
        "price",
        "quantity",
        "open_date",
        "product_id_type",
        "item_condition",
        "asin1",
        "product_id",
        "fulfillment_channel",
        "status",
    ]
    assert _names(FEEDBACK, feedback + newline) == [
        "date",
        "rating",
        "comments",
        "response",
        "order_id",
    ]


def test_a_header_that_means_not_applicable_has_the_names_of_its_columns() -> None:
    header = "Deprecated column"
    line = (
        f"item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\topen-date\t{header}\t"
        f"item-is-marketplace\tproduct-id-type\t{header}\titem-note\titem-condition\t{header}\t"
        f"{header}\t{header}\tasin1\t{header}\t{header}\twill-ship-internationally\t"
        f"expedited-shipping\t{header}\tproduct-id\t{header}\tadd-delete\tpending-quantity\t"
        "fulfilment-channel\tmerchant-shipping-group\tstatus\tMinimum order quantity\t"
        "Sell remainder\r\n"
    )
    american = (
        "item-name item-description listing-id seller-sku price quantity open-date image-url "
        "item-is-marketplace product-id-type zshop-shipping-fee item-note item-condition "
        "zshop-category1 zshop-browse-path zshop-storefront-feature asin1 asin2 asin3 "
        "will-ship-internationally expedited-shipping zshop-boldface product-id "
        "bid-for-featured-placement add-delete pending-quantity fulfillment-channel "
        "merchant-shipping-group status minimum-order-quantity sell-remainder"
    )

    assert _names(LISTINGS, line) == [snake_case(name) for name in american.split()]


def _names(name: str, line: str) -> list[str]:
    rows: Any = read_rows([line.encode()], report_type(name))
    return [column.name for column in rows.columns]
