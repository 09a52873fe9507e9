"""How flat files are written: character sets, dialects and languages together."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.reports.text_files import FlatFiles, encoded
from tap_amazon_sp.simulator.reports.types import report_types
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES

MARKETS = {market.country: market for found in MARKETPLACES.values() for market in found}
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
TRANSACTIONS = "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"
MONTHLY = "GET_EPR_MONTHLY_REPORTS"


def request(name: str, country: str) -> ReportRequest:
    return ReportRequest(report_types()[name], [MARKETS[country]], 0, 0, 0, {}, "A1")


def files(
    charsets: Mapping[str, str] | None = None,
    dialects: Mapping[str, str] | None = None,
    languages: Mapping[str, str] | None = None,
) -> FlatFiles:
    return FlatFiles(charsets=charsets or {}, dialects=dialects or {}, languages=languages or {})


@pytest.mark.parametrize(
    ("name", "country", "language", "charset"),
    [
        (LISTINGS, "US", None, "UTF-8"),
        (LISTINGS, "DE", None, "Cp1252"),
        (LISTINGS, "DE", "fr", "Cp1252"),
        (LISTINGS, "DE", "pl", "UTF-8"),
        (LISTINGS, "JP", None, "Shift_JIS"),
        (LISTINGS, "JP", "ja", "Shift_JIS"),
        (LISTINGS, "JP", "en", "Shift_JIS"),
        (LISTINGS, "JP", "zh", "UTF-8"),
        (LISTINGS, "AU", None, "UTF-8"),
        (ORDERS, "DE", None, "UTF-8"),
        (ORDERS, "JP", None, "UTF-8"),
    ],
)
def test_the_character_set_follows_marketplace_and_language(
    name: str, country: str, language: str | None, charset: str
) -> None:
    languages = {} if language is None else {name: language}

    assert files(languages=languages).charset(request(name, country)) == charset


def test_a_character_set_of_the_settings_counts_more_than_the_language() -> None:
    made = files(charsets={LISTINGS: "Cp1252"}, languages={"*": "pl"}).file(request(LISTINGS, "DE"))

    assert made.charset == "Cp1252"
    assert made.head(["price"]) == b"cena\r\n"
    assert [*made.rows(["price", "status"], [["1.50", "źle"]])] == [b"1,50\t?le\r\n"]


def test_lines_before_the_header_come_after_the_byte_order_mark() -> None:
    made = files(dialects={"*": "preamble,lf"}).file(request(MONTHLY, "DE"))

    head = made.head(["Report Month", "Units Sold"])

    assert head.startswith(b"\xef\xbb\xbfIncludes all transactions\n")
    assert b'"All amounts in EUR, unless specified"\n' in head
    assert head.endswith(b"\n\nReport Month,Units Sold\n")


def test_a_whole_file_has_header_and_rows() -> None:
    made = files(dialects={"*": "no-preamble"}, languages={"*": "de"}).file(
        request(TRANSACTIONS, "DE")
    )

    content = made.whole(["order id", "total"], [["1", "-1234.50"], ["2", "0"]])

    assert content.decode() == '"Bestellnummer","Gesamt"\r\n"1","-1.234,50"\r\n"2","0"\r\n'


def test_characters_that_a_character_set_lacks_become_question_marks() -> None:
    assert encoded("Łódź", "cp1252") == "?ód?".encode("cp1252")
