"""Headers, dates and numbers of flat files in other languages."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tap_amazon_sp.simulator.data import read_data
from tap_amazon_sp.simulator.reports.columns import columns_of
from tap_amazon_sp.simulator.reports.languages import (
    LANGUAGES,
    check_language,
    has_letters_of,
    language_of,
    local_headers,
    value_writers,
)
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.reports.types import ReportType
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES, Marketplace

MARKETS = {market.country: market for found in MARKETPLACES.values() for market in found}
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
TRANSACTIONS = "GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"
OPENED, POSTED = "2026-08-15 08:00:00 PST", "2026-11-09T06:23:05Z"


def written(name: str, country: str, language: str | None, values: Mapping[str, str]) -> list[str]:
    """Return values by column as the file of a type has them."""
    writers = value_writers(name, MARKETS[country], language, [*values])
    return [
        value if write is None else write(value)
        for write, value in zip(writers, values.values(), strict=True)
    ]


@pytest.mark.parametrize(
    ("country", "language", "price", "opened"),
    [
        ("US", None, "1234.50", OPENED),
        ("US", "en", "1234.50", "2026-08-15 09:00:00 PDT"),
        ("US", "zh", "1234.50", "2026-08-15 09:00:00 PDT"),
        ("GB", "en", "1234.50", "15/08/2026 17:00:00 BST"),
        ("DE", "de", "1234,50", "15/08/2026 18:00:00 MESZ"),
        ("FR", "fr", "1234,50", "15/08/2026 18:00:00 CEST"),
        ("DE", "pl", "1234,50", "15/08/2026 18:00:00 CEST"),
        ("JP", "ja", "1234.50", "2026/08/16 01:00:00 JST"),
    ],
)
def test_listings_have_the_dates_of_the_marketplace_and_the_numbers_of_the_language(
    country: str, language: str | None, price: str, opened: str
) -> None:
    values = {
        "seller-sku": "19.99",
        "price": "1234.50",
        "Quantity Price 1": "",
        "open-date": OPENED,
    }

    assert written(LISTINGS, country, language, values) == ["19.99", price, "", opened]


@pytest.mark.parametrize(
    ("country", "language", "day"),
    [
        ("US", None, "11/20/26"),
        ("DE", None, "20.11.26"),
        ("DE", "de", "20.11.26"),
        ("GB", "en", "20/11/26"),
        ("CA", None, "20/11/26"),
        ("JP", "ja", "26/11/20"),
        ("JP", "zh", "2026年11月20日"),
    ],
)
def test_feedback_has_the_dates_of_the_marketplace(
    country: str, language: str | None, day: str
) -> None:
    values = {"Date": "2026-11-20T23:00:00+00:00", "Rating": "5"}

    assert written(FEEDBACK, country, language, values) == [day, "5"]


@pytest.mark.parametrize(
    ("country", "language", "posted", "total"),
    [
        ("US", None, "Nov 8, 2026 10:23:05 PM PST", "-1,007.81"),
        ("US", "en", "Nov 8, 2026 10:23:05 PM PST", "-1,007.81"),
        ("GB", "en", "9 Nov 2026 06:23:05 UTC", "-1,007.81"),
        ("DE", "de", "09.11.2026 06:23:05 UTC", "-1.007,81"),
        ("FR", "fr", "9 nov. 2026 06:23:05 UTC", "-1\u202f007,81"),
        ("DE", "es", "9 nov 2026 06:23:05 UTC", "-1.007,81"),
        ("IT", "it", "9 nov 2026 06:23:05 UTC", "-1.007,81"),
        ("DE", "nl", "9 nov. 2026 06:23:05 UTC", "-1.007,81"),
        ("DE", "pl", "9 lis 2026 06:23:05 UTC", "-1\u00a0007,81"),
        ("DE", "sv", "9 nov. 2026 06:23:05 UTC", "\u22121\u00a0007,81"),
        ("DE", "tr", "9 Kas 2026 06:23:05 UTC", "-1.007,81"),
        ("BR", "pt", "9 de nov. de 2026 06:23:05 UTC", "-1.007,81"),
        ("JP", "ja", "2026/11/09 15:23:05JST", "-1,007.81"),
        ("US", "zh", "2026年11月9日 06:23:05 UTC", "-1,007.81"),
        ("US", "ar", "09/11/2026 06:23:05 UTC", "-1,007.81"),
    ],
)
def test_date_range_reports_have_the_forms_of_the_language(
    country: str, language: str | None, posted: str, total: str
) -> None:
    values = {"date/time": POSTED, "order id": "12", "total": "-1007.81"}

    assert written(TRANSACTIONS, country, language, values) == [posted, "12", total]


@pytest.mark.parametrize(
    ("country", "language", "day"),
    [
        ("US", None, "Nov 9, 2026"),
        ("GB", None, "9 Nov 2026"),
        ("DE", "de", "09.11.2026"),
        ("FR", "fr", "9 nov. 2026"),
        ("JP", "ja", "2026/11/09"),
    ],
)
def test_the_day_of_a_suppressed_listing_has_the_form_of_the_language(
    country: str, language: str | None, day: str
) -> None:
    values = {"Status": "1.5", "Status Change Date": "2026-11-09T23:59:59+00:00"}

    assert written("GET_MERCHANTS_LISTINGS_FYP_REPORT", country, language, values) == ["1.5", day]


@pytest.mark.parametrize("name", [TRANSACTIONS, "GET_DATE_RANGE_FINANCIAL_HOLDS_DATA"])
def test_only_amounts_of_a_date_range_are_written_as_amounts(name: str) -> None:
    columns = columns_of(name)

    texts = written(name, "DE", "de", dict.fromkeys(columns, "1234.5") | {"date/time": POSTED})

    amounts = {column for column, text in zip(columns, texts, strict=True) if text == "1.234,5"}
    assert {"total", "product sales"} <= amounts
    assert {"sku", "quantity", "order id", "date/time"}.isdisjoint(amounts)


def test_noon_and_midnight_are_twelve() -> None:
    times = ("2026-11-08T08:00:00Z", "2026-11-08T20:00:00Z")

    assert [written(TRANSACTIONS, "US", None, {"date/time": time}) for time in times] == [
        ["Nov 8, 2026 12:00:00 AM PST"],
        ["Nov 8, 2026 12:00:00 PM PST"],
    ]


@pytest.mark.parametrize(
    ("country", "language", "headers"),
    [
        ("DE", "de", ["Händler-SKU", "Versender", "something-new"]),
        ("US", "de", ["Händler-SKU", "Versender", "something-new"]),
        ("GB", "en", ["seller-sku", "fulfilment-channel", "something-new"]),
        ("US", "en", ["seller-sku", "fulfillment-channel", "something-new"]),
        ("GB", None, ["seller-sku", "fulfillment-channel", "something-new"]),
    ],
)
def test_headers_that_nobody_published_are_english(
    country: str, language: str | None, headers: list[str]
) -> None:
    columns = ["seller-sku", "fulfillment-channel", "something-new"]

    assert local_headers(LISTINGS, MARKETS[country], language, columns) == headers
    assert local_headers("GET_NOTHING", MARKETS[country], language, columns) == columns


def test_every_language_with_headers_has_forms() -> None:
    languages = {code for known in read_data("report_headers.json").values() for code in known}

    assert languages <= {*LANGUAGES}


def request(market: Marketplace, options: Mapping[str, str], *known: str) -> ReportRequest:
    kind = ReportType(LISTINGS, "TSV", options=dict.fromkeys(known, "string"))
    return ReportRequest(kind, [market], 0, 0, 0, options, "A1")


@pytest.mark.parametrize(
    ("options", "is_known", "languages", "expected"),
    [
        ({}, False, {}, None),
        ({}, False, {"*": "it"}, "it"),
        ({}, False, {"*": "it", LISTINGS: "fr"}, "fr"),
        ({"preferredReportDocumentLocale": "de_DE"}, False, {"*": "it"}, "it"),
        ({"preferredReportDocumentLocale": "de_DE"}, True, {"*": "it"}, "de"),
        ({"preferredReportDocumentLocale": "xx_XX"}, True, {"*": "it"}, "it"),
        ({"preferredReportDocumentLocale": "en_US"}, True, {}, "en"),
    ],
)
def test_the_option_for_a_locale_takes_precedence(
    *, options: dict[str, str], is_known: bool, languages: dict[str, str], expected: str | None
) -> None:
    names = ("preferredReportDocumentLocale",) if is_known else ()

    assert language_of(request(MARKETS["DE"], options, *names), languages) == expected


def test_a_character_set_may_lack_the_letters_of_a_language() -> None:
    assert has_letters_of("cp1252", "fr")
    assert not has_letters_of("cp1252", "pl")
    assert has_letters_of("cp932", "ja")
    assert not has_letters_of("cp932", "de")
    assert all(has_letters_of("utf-8", language) for language in LANGUAGES)


def test_languages_are_checked() -> None:
    with pytest.raises(ValueError, match="'xx' is unknown; known: ar, de, en"):
        check_language("xx")
