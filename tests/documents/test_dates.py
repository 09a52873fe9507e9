from __future__ import annotations

import pytest

from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, Conventions, conventions_of
from tap_amazon_sp.documents.dates import possible_orders, read_date, read_instant

NBSP = "\N{NO-BREAK SPACE}"
NARROW = "\N{NARROW NO-BREAK SPACE}"

ARABIC_TIME = "\u0661\u0660:\u0662\u0663:\u0660\u0665"


def of(*countries: str) -> Conventions:
    return conventions_of(countries)


@pytest.mark.parametrize(
    "conventions", [NO_CONVENTIONS, of("US"), of("GB"), of("CA"), of("JP"), of("US", "DE")]
)
@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("2026-01-31", "2026-01-31"),
        ("2026/01/31", "2026-01-31"),
        ("2026/1/3", "2026-01-03"),
        ("2026.11.20", "2026-11-20"),
        ("31.01.2026", "2026-01-31"),
        ("3.1.2026", "2026-01-03"),
        ("20.11.26", "2026-11-20"),
        ("20. 11. 2026", "2026-11-20"),
        ("20/11/2026", "2026-11-20"),
        ("11/20/2026", "2026-11-20"),
        ("11/20/26", "2026-11-20"),
        ("20-11-2026", "2026-11-20"),
        ("11/11/2026", "2026-11-11"),
        ("2026年11月20日", "2026-11-20"),
        ("2026年1月3日", "2026-01-03"),
        ("26年11月20日", "2026-11-20"),
        ("2026년 11월 20일", "2026-11-20"),
        ("20-Nov-2026", "2026-11-20"),
        ("20-NOV-26", "2026-11-20"),
        ("20/Nov/2026", "2026-11-20"),
        ("20 Nov 2026", "2026-11-20"),
        ("Nov 20, 2026", "2026-11-20"),
        ("November 20, 2026", "2026-11-20"),
        ("Nov-20-2026", "2026-11-20"),
        ("2026-Nov-20", "2026-11-20"),
        ("Friday, November 20, 2026", "2026-11-20"),
        ("Fri, 20 Nov 2026", "2026-11-20"),
        ("3rd March 2026", "2026-03-03"),
        ("20. November 2026", "2026-11-20"),
        ("3. M\u00e4rz 2026", "2026-03-03"),
        ("3. Mrz 2026", "2026-03-03"),
        ("2026年11月20日(金)", "2026-11-20"),
        ("2026年11月20日(木)", None),
        ("20 Kasim 2026 Cuma", "2026-11-20"),
        ("Freitag, 20. November 2026", "2026-11-20"),
        ("1er janvier 2026", "2026-01-01"),
        ("9 ao\u00fbt 2026", "2026-08-09"),
        ("9 aout 2026", "2026-08-09"),
        ("4 juil. 2026", "2026-07-04"),
        ("8-nov-2026", "2026-11-08"),
        ("8 gen 2026", "2026-01-08"),
        ("8 set 2026", "2026-09-08"),
        ("8 de noviembre de 2026", "2026-11-08"),
        ("8 sept 2026", "2026-09-08"),
        ("8 mrt. 2026", "2026-03-08"),
        ("8 mei 2026", "2026-05-08"),
        ("8 lis 2026", "2026-11-08"),
        ("8 pa\u017adziernika 2026", "2026-10-08"),
        ("8 okt. 2026", "2026-10-08"),
        ("08.Kas.2026", "2026-11-08"),
        ("8 \u015eubat 2026", "2026-02-08"),
        ("8 KASIM 2026", "2026-11-08"),
        ("8 Kas\u0131m 2026", "2026-11-08"),
        ("8 A\u011fu 2026", "2026-08-08"),
        ("8 de nov. de 2026", "2026-11-08"),
        ("16 de mar\u00e7o de 2026", "2026-03-16"),
        ("8 نوفمبر 2026", "2026-11-08"),
        ("٨ نوفمبر، ٢٠٢٦", "2026-11-08"),
        ("20\N{RIGHT-TO-LEFT MARK}/11\N{RIGHT-TO-LEFT MARK}/2026", "2026-11-20"),
        ("\uff12\uff10\uff12\uff16/\uff11\uff11/\uff12\uff10", "2026-11-20"),
        ("20-Nov-2026 UTC", "2026-11-20"),
        ("20-Nov-2026 PST", None),
        ('"20/11/2026"', "2026-11-20"),
        ('"11/2026"', "2026-11-01"),
        ("'2026-11-20", "2026-11-20"),
        ("'20/11/2026'", "2026-11-20"),
        ("\N{LEFT DOUBLE QUOTATION MARK}20.11.2026\N{RIGHT DOUBLE QUOTATION MARK}", "2026-11-20"),
        ('" 20-Nov-2026 "', "2026-11-20"),
        ("20/11/2026'", None),
        ('"', None),
        # A month is its first day: the ledger of inventory by month.
        ("11/2026", "2026-11-01"),
        # A midnight without a time zone, or in UTC, says nothing but its day.
        ("2026-01-31T00:00:00", "2026-01-31"),
        ("2026-01-31T00:00:00.000Z", "2026-01-31"),
        ("20.11.2026 00:00:00 UTC", "2026-11-20"),
        ("2026-01-31T00:00:00+09:00", None),
        ("2026-01-31T08:00:00Z", None),
        ("2026-01-31T00:00:00.001Z", None),
        # Days that are not in the calendar, and what is not a day.
        ("2026-02-30", None),
        ("30.02.2026", None),
        ("2026-13-01", None),
        ("13/13/2026", None),
        ("31-Nov-2026", None),
        ("20-Foo-2026", None),
        ("Monday, November 20, 2026", None),
        ("13/2026", None),
        ("1/2026", None),
        ("2026-11", None),
        ("Nov 2026", None),
        ("20261120", None),
        ("20/11-2026", None),
        ("2026-11-20 soon", None),
        ("20.11.2026.5", None),
        ("20-11-26", None),
        ("soon", None),
        ("2026", None),
        ("46346", None),
        ("-", None),
    ],
)
def test_days_that_can_be_read_one_way_are_read_so_everywhere(
    text: str, date: str | None, conventions: Conventions
) -> None:
    assert read_date(text, conventions) == date
    assert read_date(f" {text}{NBSP}", conventions) == date


@pytest.mark.parametrize(
    ("text", "conventions", "date"),
    [
        ("11/08/2026", NO_CONVENTIONS, None),
        ("11/08/2026", of("US"), "2026-11-08"),
        ("11/08/2026", of("GB"), "2026-08-11"),
        ("11/08/2026", of("DE", "FR"), "2026-08-11"),
        ("11-08-2026", of("NL"), "2026-08-11"),
        ("11/08/2026", of("AE"), "2026-08-11"),
        ("11/08/2026", of("MX"), "2026-08-11"),
        ("11/08/2026", of("US", "MX"), None),
        ("11/08/2026", of("JP"), None),
        # In Canada, only the short form of Java is known: that of seller feedback.
        ("11/08/2026", of("CA"), None),
        ("11/08/26", of("CA"), "2026-08-11"),
        ("11/08/26", of("US"), "2026-11-08"),
        ("11/08/26", of("IN"), "2026-08-11"),
        ("20/11/26", of("IT"), "2026-11-20"),
        ("26/11/20", of("JP"), "2026-11-20"),
        ("26/11/08", of("JP"), "2026-11-08"),
        ("11/20/26", of("JP"), "2026-11-20"),
        # Either 2026-11-20 or 2020-11-26.
        ("20/11/26", NO_CONVENTIONS, None),
        ("11/08/26", NO_CONVENTIONS, None),
        ("20-11-26", of("NL"), None),
        ("11/08/2026", conventions_of(["GB"], date_order="mdy"), "2026-11-08"),
        ("11/08/2026", conventions_of(["A0UNKNOWN"], date_order="mdy"), "2026-11-08"),
        # The language of the headers and the country differ.
        ("11/08/2026", of("US").in_language("ar"), None),
        ("11/08/2026", of("US").in_language("es"), None),
        ("11/08/2026", of("US").in_language("de"), None),
        ("20/11/2026", of("US").in_language("ar"), "2026-11-20"),
        ("11/20/26", of("US").in_language("ar"), "2026-11-20"),
        ("11/08/2026", of("US").in_language("en"), "2026-11-08"),
        ("11/08/2026", of("DE").in_language("en"), "2026-08-11"),
        ("11/08/2026", of("EG").in_language("ar"), "2026-08-11"),
        ("11/08/26", of("DE").in_language("tr"), "2026-08-11"),
        ("26/11/08", of("JP").in_language("ja"), "2026-11-08"),
        ("11/08/2026", of("JP").in_language("de"), None),
        ("11/08/2026", NO_CONVENTIONS.in_language("ar"), None),
        # Chinese begins with the year, so it says nothing of a date that does not.
        ("11/08/2026", of("GB").in_language("zh"), "2026-08-11"),
        ("11/08/2026", of("US").in_language("zh"), "2026-11-08"),
        # Years of two digits are those of feedback, which has the order of the marketplace.
        ("11/08/26", of("US").in_language("es"), "2026-11-08"),
        ("11/08/26", of("US").in_language("zh"), "2026-11-08"),
        ("26/11/08", of("JP").in_language("de"), "2026-11-08"),
        # The report type has one order in all languages.
        ("11/08/2026", conventions_of(["US"], date_order="mdy").in_language("ar"), "2026-11-08"),
        ("11/08/2026", conventions_of(["DE"], date_order="mdy").in_language("de"), "2026-11-08"),
        ("11/08/2026", conventions_of([], date_order="mdy").in_language("de"), "2026-11-08"),
    ],
)
def test_conventions_decide_where_day_and_month_could_be_either(
    text: str, conventions: Conventions, date: str | None
) -> None:
    assert read_date(text, conventions) == date


@pytest.mark.parametrize(
    "conventions", [NO_CONVENTIONS, of("US"), of("GB"), of("IN"), of("JP"), of("US", "DE")]
)
@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-31T08:00:00+00:00", "2026-01-31T08:00:00Z"),
        ("2026-01-31T08:00:00Z", "2026-01-31T08:00:00Z"),
        ("2026-01-31T08:00Z", "2026-01-31T08:00:00Z"),
        ("2026-01-31T08:00:00-08:00", "2026-01-31T16:00:00Z"),
        ("2026-01-31T08:00:00-0800", "2026-01-31T16:00:00Z"),
        ("2026-01-31T08:00:00+09", "2026-01-30T23:00:00Z"),
        ("2026-01-31T08:00:00.123+0900", "2026-01-30T23:00:00.123Z"),
        ("2026-06-09 05:23:19 UTC", "2026-06-09T05:23:19Z"),
        ("2026-06-09 05:23:19 +0530", "2026-06-08T23:53:19Z"),
        ("09.06.2026 05:23:19 UTC", "2026-06-09T05:23:19Z"),
        ("2026/06/09 05:23:19 JST", "2026-06-08T20:23:19Z"),
        ("2026/11/08 22:23:05JST", "2026-11-08T13:23:05Z"),
        ("2026-01-31 23:59:59 PST", "2026-02-01T07:59:59Z"),
        ("2026-08-15 11:35:17 PDT", "2026-08-15T18:35:17Z"),
        ("15/08/2026 20:35:17 MESZ", "2026-08-15T18:35:17Z"),
        ("15/11/2026 20:35:17 MEZ", "2026-11-15T19:35:17Z"),
        ("15/08/2026 20:35:17 CEST", "2026-08-15T18:35:17Z"),
        ("15/08/2026 19:35:17 BST", "2026-08-15T18:35:17Z"),
        ("15/08/2026 20:35:17 AEST", "2026-08-15T10:35:17Z"),
        ("15/08/2026 20:35:17 ACST", "2026-08-15T11:05:17Z"),
        ("15/08/2026 20:35:17 EEST", "2026-08-15T17:35:17Z"),
        ("15/08/2026 20:35:17 HAP", "2026-08-16T03:35:17Z"),
        ("Nov 8, 2026 10:23:05 PM PST", "2026-11-09T06:23:05Z"),
        (f"Nov 8, 2026, 10:23:05{NARROW}PM PST", "2026-11-09T06:23:05Z"),
        ("Nov 8, 2026 12:00:00 AM PST", "2026-11-08T08:00:00Z"),
        ("Nov 8, 2026 12:00:00 PM PST", "2026-11-08T20:00:00Z"),
        ("Nov. 8, 2026 10:23:05 p.m. PST", "2026-11-09T06:23:05Z"),
        (f"8 nov 2026 10:23:05 p.{NBSP}m. GMT-6", "2026-11-09T04:23:05Z"),
        ("12 May 2026 4:26:48 AM UTC", "2026-05-12T04:26:48Z"),
        ("8 Nov 2026 22:23:05 GMT+00:00", "2026-11-08T22:23:05Z"),
        ("8 nov. 2026 22:23:05 UTC", "2026-11-08T22:23:05Z"),
        ("8 nov. 2026 \u00e0 22:23:05 UTC", "2026-11-08T22:23:05Z"),
        ("8 nov. 2026 22 h 23 min 05 s HNE", "2026-11-09T03:23:05Z"),
        ("08.11.2026 22:23:05 GMT+00:00", "2026-11-08T22:23:05Z"),
        ("8. November 2026 um 22:23:05 MEZ", "2026-11-08T21:23:05Z"),
        ("8 de nov. de 2026 22:23:05 GMT-8", "2026-11-09T06:23:05Z"),
        ("8 de nov. de 2026 22:23:05 BRT", "2026-11-09T01:23:05Z"),
        ("8 de nov. de 2026 \u00e0s 22:23:05 UTC", "2026-11-08T22:23:05Z"),
        ("8-nov-2026 22.23.05 UTC", "2026-11-08T22:23:05Z"),
        ("1 Haz 2026 12:55:55 UTC", "2026-06-01T12:55:55Z"),
        ("1 Haz 2026 12:55:55 GMT+3", "2026-06-01T09:55:55Z"),
        ("8 lis 2026 22:23:05 UTC", "2026-11-08T22:23:05Z"),
        ("8 nov. 2026 kl. 22:23:05 CET", "2026-11-08T21:23:05Z"),
        ("2026年11月8日 下午10:23:05 GMT+8", "2026-11-08T14:23:05Z"),
        ("2026年11月8日 GMT+8 22:23:05", "2026-11-08T14:23:05Z"),
        ("2026年11月8日 -0800 15:23:05", "2026-11-08T23:23:05Z"),
        ("2026年11月8日 UTC 下午3:23:05", "2026-11-08T15:23:05Z"),
        ("2026年11月8日 UTC 15:23:05 UTC", None),
        ("8 Kas\u0131m 2026 15:23:05 TS\u0130", "2026-11-08T12:23:05Z"),
        ("2026年11月8日 上午12:23:05 UTC", "2026-11-08T00:23:05Z"),
        ("2026年11月8日 凌晨3:23:05 UTC", "2026-11-08T03:23:05Z"),
        ("2026年11月8日 晚上8:23:05 UTC", "2026-11-08T20:23:05Z"),
        ("2026年11月8日 午後10:23:05 JST", "2026-11-08T13:23:05Z"),
        ("2026/11/08 午後0:23:05 JST", "2026-11-08T03:23:05Z"),
        ("2026年11月8日 22時23分05秒 JST", "2026-11-08T13:23:05Z"),
        ("2026년 11월 8일 오후 10:23:05 KST", "2026-11-08T13:23:05Z"),
        (f"٨ نوفمبر ٢٠٢٦ {ARABIC_TIME} م UTC", "2026-11-08T22:23:05Z"),
        ("8 نوفمبر 2026 10:23:05 ص UTC", "2026-11-08T10:23:05Z"),
        ("Mon Oct 28 18:49:32 UTC 2019", "2019-10-28T18:49:32Z"),
        ("Fri Nov 20 08:00:00 PST 2026", "2026-11-20T16:00:00Z"),
        ("Fri, 20 Nov 2026 08:00:00 GMT", "2026-11-20T08:00:00Z"),
        ('"2026-11-20 08:00:00 UTC"', "2026-11-20T08:00:00Z"),
        ("'2026-11-20T08:00:00Z'", "2026-11-20T08:00:00Z"),
        ("'20/11/2026 08:00:00 UTC", "2026-11-20T08:00:00Z"),
        ("2026-11-20 08:00:00 (UTC)", "2026-11-20T08:00:00Z"),
        # Not in every country, or not at all: no time zone, no time, no day.
        ("2026-06-09 05:23:19 XYZ", None),
        ("2026-06-09 05:23:19", None),
        ("2026-06-09", None),
        ("20-Nov-2026 UTC", None),
        ("08:00:00 UTC", None),
        ("2026-02-30T08:00:00Z", None),
        ("2026-01-31T25:00:00Z", None),
        ("2026-01-31T24:00:00Z", None),
        ("2026-01-31 08:60:00 UTC", None),
        ("2026-01-31 08:00:00 +15:00", None),
        ("2026-01-31 08:00:00 +08:75", None),
        ("2026-01-31 08:00:00 +8", None),
        ("2026-01-31 08:00:00 PST+1", None),
        ("2026-01-31 08:00:00 PST PDT", None),
        ("Nov 8, 2026 13:23:05 PM PST", None),
        ("2026年11月8日 下午10:23:05 PM UTC", None),
        ("2026年11月8日 晚上12:23:05 UTC", None),
        ("Tue Oct 28 18:49:32 UTC 2019", None),
        ("0001-01-01T00:00:00+09:00", None),
        ("n/a", None),
    ],
)
def test_instants_that_can_be_read_one_way_are_read_so_everywhere(
    text: str, instant: str | None, conventions: Conventions
) -> None:
    assert read_instant(text, conventions) == instant


@pytest.mark.parametrize(
    ("text", "conventions", "instant"),
    [
        ("15/08/2026 20:35:17 IST", of("IN"), "2026-08-15T15:05:17Z"),
        ("15/08/2026 20:35:17 IST", of("IE"), "2026-08-15T19:35:17Z"),
        ("15/08/2026 20:35:17 IST", of("GB"), None),
        ("15/08/2026 20:35:17 IST", of("IN", "IE"), None),
        ("15/08/2026 20:35:17 IST", NO_CONVENTIONS, None),
        ("2026-01-15 20:35:17 CST", of("US"), "2026-01-16T02:35:17Z"),
        ("2026-01-15 20:35:17 CST", of("US", "MX"), "2026-01-16T02:35:17Z"),
        ("2026-01-15 20:35:17 CST", of("JP"), None),
        ("2026-01-15 20:35:17 EST", of("US"), "2026-01-16T01:35:17Z"),
        ("2026-01-15 20:35:17 EST", of("AU"), None),
        ("2026-01-15 20:35:17 EST", NO_CONVENTIONS, None),
        ("15/01/2026 20:35:17 AST", of("SA"), "2026-01-15T17:35:17Z"),
        ("15/01/2026 20:35:17 GST", of("AE"), "2026-01-15T16:35:17Z"),
        ("11/08/2026 20:35:17 UTC", of("DE"), "2026-08-11T20:35:17Z"),
        ("11/08/2026 20:35:17 UTC", of("US"), "2026-11-08T20:35:17Z"),
        ("11/08/2026 20:35:17 UTC", NO_CONVENTIONS, None),
    ],
)
def test_the_country_decides_what_an_abbreviation_and_an_order_is(
    text: str, conventions: Conventions, instant: str | None
) -> None:
    assert read_instant(text, conventions) == instant


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        ("20/11/2026", {"dmy"}),
        ("11/20/2026", {"mdy"}),
        ("11/08/2026", {"dmy", "mdy"}),
        ("31/12/99", {"dmy"}),
        ("11/20/26", {"mdy"}),
        ("20/11/26", {"dmy", "ymd"}),
        ("15/08/2026 20:35:17 MESZ", {"dmy"}),
        ("31/31/2026", set()),
        ('"20/11/2026"', {"dmy"}),
        ("Fri, 20/11/2026", {"dmy"}),
        # These say nothing about others.
        ("20.11.2026", {"dmy", "mdy", "ymd"}),
        ("2026-11-20", {"dmy", "mdy", "ymd"}),
        ("20-Nov-2026", {"dmy", "mdy", "ymd"}),
        ("n/a", {"dmy", "mdy", "ymd"}),
        ("", {"dmy", "mdy", "ymd"}),
    ],
)
def test_a_date_shows_the_orders_that_it_may_have(text: str, orders: set[str]) -> None:
    assert possible_orders(text) == orders


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("8 nov. 2026 PM 12:23:05 UTC", "2026-11-08T12:23:05Z"),
        ("8 nov. 2026 AM 12:23:05 UTC", "2026-11-08T00:23:05Z"),
        ("8 nov. 2026 PM 10:23:05 UTC", "2026-11-08T22:23:05Z"),
        ("Nov 8, 2026 13:23:05 PM UTC", None),
        ("Nov 8, 2026 24:23:05 UTC", None),
        ("Nov 8, 2026 0:23:05 PM UTC", "2026-11-08T12:23:05Z"),
        ("Nov 8, 2026" + " " * 200 + "10:23:05 UTC", None),
        ("PM Nov 8, 2026 10:23:05 UTC", None),
        ("20-Nov-2026 UTC 10:00:00 PST", None),
        ("20-Nov-2026 00:00:00 10:00:00 PST", None),
        ("2026-11-20 00:00 10:00:00 UTC", None),
        ("31.12.9999 23:59:59 PST", None),
        ("01.01.0001 00:00:00 JST", None),
    ],
)
def test_a_time_after_something_else_than_a_day_is_no_shortcut(
    text: str, instant: str | None
) -> None:
    assert read_instant(text) == instant
