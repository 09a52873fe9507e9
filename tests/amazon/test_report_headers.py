from __future__ import annotations

import subprocess
import sys

import pytest

from tap_amazon_sp.amazon.report_headers import comparable, english_headers

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
UNKNOWN = "GET_UNHEARD_OF_REPORT"


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
    assert english_headers(UNKNOWN, ["Händler-SKU", "Preis"]) == ["seller-sku", "price"]


def test_an_english_file_stays_as_it_is() -> None:
    """A single word of another language is there by chance."""
    english = ["sku", "asin", "price", "Menge", "quantity"]

    assert english_headers(UNKNOWN, english) == english
    assert english_headers(LISTINGS, ["seller-sku", "Menge"]) == ["seller-sku", "Menge"]
    assert english_headers(UNKNOWN, ["Menge"]) == ["Menge"]


def test_files_may_mix_english_and_the_language_of_the_marketplace() -> None:
    headers = ["商品名", "出品者SKU", "asin1", "zshop-boldface"]

    assert english_headers(LISTINGS, headers) == [
        "item-name",
        "seller-sku",
        "asin1",
        "zshop-boldface",
    ]


def test_an_empty_file_has_no_headers() -> None:
    assert english_headers(LISTINGS, []) == []


def test_an_import_reads_no_table() -> None:
    code = (
        "import tap_amazon_sp.documents.flat_files as f, tap_amazon_sp.amazon.report_headers as h;"
        "print(h._data.cache_info().currsize)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)

    assert done.stdout == "0\n"
