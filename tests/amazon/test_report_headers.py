from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tap_amazon_sp.amazon.report_headers import (
    comparable,
    english_headers,
    header_language,
    unknown_headers,
)
from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.documents.names import snake_case

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
UNKNOWN = "GET_UNHEARD_OF_REPORT"
TABLES: list[tuple[str, list[str], list[list[str]]]] = [
    (path.stem, report["types"] + report.get("inferred_types", []), report["headers"])
    for path in sorted(
        (Path(__file__).resolve().parents[2] / "scripts" / "report_headers").glob("*.json")
    )
    for report in json.loads(path.read_text("utf-8"))["reports"]
]


def test_headers_get_their_english_names() -> None:
    german = ["Datum", "Bewertung", "Kommentare", "Ihre Antwort", "Bestellnummer"]

    assert english_headers(FEEDBACK, german) == [
        "Date",
        "Rating",
        "Comments",
        "Response",
        "Order ID",
    ]


@pytest.mark.parametrize(
    "header",
    [
        "Händler-SKU",
        "HÄNDLER SKU",
        "\ufeffHändler_SKU",
        ' "Händler-SKU"\u00a0',
        "Ha\u0308ndler\u2011SKU",
        "Händler-\uff33\uff2b\uff35",
        "Händler-SKU.",
        "*Händler-SKU:",
        "Händler-SKU *\uff1a",
    ],
)
def test_spellings_of_one_header_are_the_same(header: str) -> None:
    assert english_headers(LISTINGS, [header]) == ["seller-sku"]


def test_the_turkish_letter_i_is_the_same_in_both_cases() -> None:
    assert comparable("SATICI \u0130LANI") == comparable("sat\u0131c\u0131 ilan\u0131")


def test_unknown_headers_stay_as_they_are() -> None:
    headers = ["Händler-SKU", "Neue Spalte", "Preis", ""]

    assert english_headers(LISTINGS, headers) == ["seller-sku", "Neue Spalte", "price", ""]


def test_types_without_tables_take_what_all_reports_of_the_language_agree_on() -> None:
    headers = ["Angebotsnummer", "Händler-SKU", "Preis"]

    # A seller's SKU has another name in each report.
    assert english_headers(UNKNOWN, headers) == ["listing-id", "Händler-SKU", "price"]


def test_an_english_file_stays_as_it_is() -> None:
    """A single word of another language is there by chance."""
    english = ["sku", "asin", "price", "Menge", "quantity"]

    assert english_headers(UNKNOWN, english) == english
    assert english_headers(LISTINGS, ["seller-sku", "Menge"]) == ["seller-sku", "Menge"]
    assert english_headers(LISTINGS, ["Status", "Menge"]) == ["status", "quantity"]
    assert english_headers(UNKNOWN, ["Menge"]) == ["Menge"]


@pytest.mark.parametrize("name", [name for name in REPORT_TYPES if report_type(name).known_columns])
def test_english_columns_are_not_taken_for_words_of_other_languages(name: str) -> None:
    known = report_type(name).known_columns
    parts = [known, known[::-1], *(known[place : place + 3] for place in range(len(known)))]

    for columns in parts:
        for type_name in (name, UNKNOWN):
            found = english_headers(type_name, columns)
            assert [*map(snake_case, found)] == [*map(snake_case, columns)]
            assert header_language(type_name, columns) == "en"


@pytest.mark.parametrize(
    "headers",
    [
        ["Date", "FNSKU", "ASIN", "MSKU", "Title", "Event Type"],
        ["shipment-date", "sku", "fnsku", "asin", "quantity", "ship-city"],
        ["ASIN", "FNSKU"],
        ["type", "total", "description", "marketplace", "status", "disposition"],
    ],
)
@pytest.mark.parametrize("name", [LISTINGS, "GET_LEDGER_DETAIL_VIEW_DATA", UNKNOWN])
def test_words_of_any_english_report_do_not_make_another_language(
    name: str, headers: list[str]
) -> None:
    """The tables of a type lack some of its English headers."""
    assert header_language(name, headers) == "en"
    assert header_language(name, [*headers, "Preis", "Menge"]) == "de"


@pytest.mark.parametrize("name", [name for name in REPORT_TYPES if report_type(name).is_flat])
def test_an_english_file_of_any_type_is_english_in_every_selection_of_columns(name: str) -> None:
    known = list(dict.fromkeys((*report_type(name).columns, *report_type(name).known_columns)))
    for place, step in itertools.product(range(len(known)), (1, 2, 5)):
        some = known[place::step][:6]
        for headers in (some, [*map(str.upper, some)], [text.replace("-", " ") for text in some]):
            assert header_language(name, headers) == "en"
            assert not unknown_headers(name, headers)


def test_unknown_headers_are_those_of_a_translated_file_without_an_english_name() -> None:
    headers = ["Händler-SKU", "Preis", "Neue Spalte", "asin1", "", "event-type", "Wert"]

    assert unknown_headers(LISTINGS, headers) == ["Neue Spalte", "Wert"]
    assert unknown_headers(LISTINGS, ["seller-sku", "price", "new-column"]) == []


def test_files_may_mix_english_and_the_language_of_the_marketplace() -> None:
    headers = ["商品名", "出品者SKU", "asin1", "zshop-boldface"]

    assert english_headers(LISTINGS, headers) == [
        "item-name",
        "seller-sku",
        "asin1",
        "zshop-boldface",
    ]


def test_columns_of_one_header_are_known_by_their_places() -> None:
    everything = _header_line("de", LISTINGS)
    english = [pair[1] for pair in everything]

    assert [pair[0] for pair in everything].count("nicht zutreffend") == 9
    assert english_headers(LISTINGS, [pair[0] for pair in everything]) == english


@pytest.mark.parametrize(
    ("headers", "english"),
    [
        (
            ["Erstellungsdatum", "nicht zutreffend", "Artikel ist Marketplace-Angebot"],
            ["open-date", "image-url", "item-is-marketplace"],
        ),
        (
            ["Produkt-ID-Typ", "nicht zutreffend", "Neue Spalte"],
            ["product-id-type", "zshop-shipping-fee", "Neue Spalte"],
        ),
        (
            ["Artikelzustand", *["nicht zutreffend"] * 3, "ASIN 1", *["nicht zutreffend"] * 2],
            [
                "item-condition",
                "zshop-category1",
                "zshop-browse-path",
                "zshop-storefront-feature",
                "asin1",
                "asin2",
                "asin3",
            ],
        ),
        # Which of three columns is left is unknown.
        (
            ["Artikelzustand", "nicht zutreffend", "ASIN 1"],
            ["item-condition", "nicht zutreffend", "asin1"],
        ),
        (["Preis", "Menge", "nicht zutreffend"], ["price", "quantity", "nicht zutreffend"]),
    ],
)
def test_columns_of_one_header_are_known_by_their_neighbours_if_some_are_missing(
    headers: list[str], english: list[str]
) -> None:
    assert english_headers(LISTINGS, headers) == english


def test_one_header_more_than_known_is_none_of_them() -> None:
    headers = [pair[0] for pair in _header_line("de", LISTINGS)]

    assert english_headers(LISTINGS, [*headers, "nicht zutreffend"])[-1] == "nicht zutreffend"


def test_as_many_headers_as_known_may_be_other_columns() -> None:
    headers = [pair[0] for pair in _header_line("de", LISTINGS)]
    place = headers.index("nicht zutreffend")
    found = english_headers(
        LISTINGS, [*headers[:place], *headers[place + 1 :], "Neue Spalte", "nicht zutreffend"]
    )

    assert "image-url" not in found
    assert found.count("nicht zutreffend") == 1
    assert found[-1] == "nicht zutreffend"
    assert {"zshop-shipping-fee", "zshop-browse-path", "asin3", "zshop-boldface"} <= {*found}


def test_other_english_headers_become_those_of_the_united_states() -> None:
    headers = ["item-name", "open-date", "Deprecated column", "fulfilment-channel"]

    assert english_headers(LISTINGS, headers) == [
        "item-name",
        "open-date",
        "image-url",
        "fulfillment-channel",
    ]


def test_an_english_header_may_be_spelled_in_another_way() -> None:
    assert english_headers(LISTINGS, ["seller-sku", "ASIN 1"]) == ["seller-sku", "asin1"]


@pytest.mark.parametrize(
    ("headers", "english"),
    [
        (["H?ndler-SKU", "Preis"], ["seller-sku", "price"]),
        (["H\ufffd\ufffdndler-SKU", "Preis"], ["seller-sku", "price"]),
        (["sku-vendeur", "quantit?", "?tat"], ["seller-sku", "quantity", "status"]),
        (["nazwa-produktu", "ilo??", "cena"], ["item-name", "quantity", "price"]),
        (["T?tulo del producto", "Precio"], ["item-name", "price"]),
        # Nothing, or too little, is left, or there are several ways.
        (["出品者SKU", "??", "???"], ["seller-sku", "??", "???"]),
        (["Händler-SKU", "ASIN ?"], ["seller-sku", "ASIN ?"]),
        (["seller-sku", "is-prime?"], ["seller-sku", "is-prime?"]),
    ],
)
def test_letters_that_were_lost_are_filled_in_if_there_is_one_way(
    headers: list[str], english: list[str]
) -> None:
    assert english_headers(LISTINGS, headers) == english


def test_an_empty_file_has_no_headers() -> None:
    assert english_headers(LISTINGS, []) == []


def test_an_import_reads_no_table() -> None:
    code = (
        "import tap_amazon_sp.documents.flat_files as f, tap_amazon_sp.amazon.report_headers as h;"
        "print(h._data.cache_info().currsize)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout == "0\n"


# --- All tables --------------------------------------------------------------------------------


def _header_line(language: str, type_name: str) -> list[tuple[str, str]]:
    """Return a header and its English one for each column in the first table of a type."""
    table = next(table for name, types, table in TABLES if name == language and type_name in types)
    return [(local, english) for english, local in _usual(table).items()]


def _usual(table: list[list[str]]) -> dict[str, str]:
    """Return the first local header by the English one."""
    first: dict[str, str] = {}
    for local, english in table:
        first.setdefault(english, local)
    return first


@pytest.mark.parametrize(
    ("language", "name"),
    sorted({(language, name) for language, types, _ in TABLES for name in types}),
)
def test_all_spellings_of_all_tables_are_known(language: str, name: str) -> None:
    tables = [table for other, types, table in TABLES if other == language and name in types]
    pairs = [pair for table in tables for pair in table]
    usual = _usual(pairs)
    for local in {local for local, _ in pairs}:
        replaced = {english: local for other, english in pairs if other == local}
        headers = list((usual | replaced).values())
        assert english_headers(name, headers) == list(usual), local


def test_the_language_of_headers_is_known_by_its_code() -> None:
    assert header_language(LISTINGS, ["Händler-SKU", "Preis", "Menge"]) == "de"
    assert header_language(LISTINGS, ["seller-sku", "price", "quantity"]) == "en"
    assert header_language(LISTINGS, ["Seller SKU", "Price"]) == "en"
    assert header_language("GET_UNKNOWN", ["a", "b"]) == "en"
