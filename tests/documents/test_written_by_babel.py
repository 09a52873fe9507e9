"""Numbers and dates as Babel writes them in each country: another program, with data of CLDR."""

from __future__ import annotations

import datetime as dt
import itertools
import random
import re
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.core import negotiate_locale
from babel.dates import format_date, format_datetime, format_time
from babel.localedata import locale_identifiers
from babel.numbers import format_currency, format_decimal, get_territory_currencies

from tap_amazon_sp.amazon.marketplaces import MARKETPLACES
from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, DecimalSign, conventions_of
from tap_amazon_sp.documents.dates import date_reader, instant_reader
from tap_amazon_sp.documents.numbers import number_reader

# Languages of each marketplace and of its sellers, as Amazon has them in Seller Central.
LOCALES = {
    "AE": "ar en",
    "AU": "en",
    "BE": "fr nl en",
    "BR": "pt en",
    "CA": "en fr",
    "DE": "de en",
    "EG": "ar en",
    "ES": "es en",
    "FR": "fr en",
    "GB": "en",
    "IE": "en",
    "IN": "en",
    "IT": "it en",
    "JP": "ja en",
    "MX": "es en",
    "NL": "nl en",
    "PL": "pl en",
    "SA": "ar en",
    "SE": "sv en",
    "SG": "en zh",
    "TR": "tr en",
    "US": "en zh",
    "ZA": "en",
}
PLACES = [
    # CLDR has no English of some countries.
    (
        country,
        Locale.parse(
            negotiate_locale([f"{language}_{country}", language], locale_identifiers()) or ""
        ),
    )
    for country, languages in LOCALES.items()
    for language in languages.split()
]
AT_HOME = [(country, locale) for country, locale in PLACES if locale.territory == country]
NUMBERING = ("latn", "default")


def numbers(seed: str) -> list[Decimal]:
    rng = random.Random(seed)  # noqa: S311 - no secret
    return [
        *map(Decimal, ("0", "1", "-1", "1000", "1234567", "0.5", "-0.05", "1234567890123456789")),
        *(
            Decimal(rng.randint(-(10 ** rng.randint(1, 12)), 10 ** rng.randint(1, 12)))
            / 10 ** rng.randint(0, 4)
            for _ in range(150)
        ),
    ]


def test_every_marketplace_is_here() -> None:
    assert {market.country_code for market in MARKETPLACES} == LOCALES.keys()


@pytest.mark.parametrize(("country", "locale"), PLACES, ids=str)
@pytest.mark.parametrize("numbering", NUMBERING)
def test_numbers_read_back(country: str, locale: Locale, numbering: str) -> None:
    usual = conventions_of([country]).in_language(locale.language)
    sign: DecimalSign = "," if locale.number_symbols["latn"]["decimal"] == "," else "."
    read_anywhere = number_reader(NO_CONVENTIONS)
    read_in_file = number_reader(usual.with_decimal_sign(sign))
    read_in_country = number_reader(usual)
    is_usual = usual.comma == ("decimal" if sign == "," else "thousands")
    for number in numbers(str(locale)):
        text = format_decimal(
            number, locale=locale, decimal_quantization=False, numbering_system=numbering
        )
        assert read_in_file(text) == number, text
        # A single point is a decimal sign in English files and where nothing is known.
        if is_usual and not (locale.language == "en" and is_ambiguous(text)):
            assert read_in_country(text) == number, text
        assert read_anywhere(text) in (None, number) or is_ambiguous(text), text


def is_ambiguous(text: str) -> bool:
    return re.fullmatch(r"-?[1-9][0-9]{0,2}[.][0-9]{3}", text) is not None


@pytest.mark.parametrize(("country", "locale"), PLACES, ids=str)
def test_amounts_in_the_currency_of_the_country_read_back(country: str, locale: Locale) -> None:
    usual = conventions_of([country])
    (currency,) = get_territory_currencies(country)
    assert usual.currency == currency
    sign: DecimalSign = "," if locale.number_symbols["latn"]["decimal"] == "," else "."
    read = number_reader(usual.with_decimal_sign(sign))
    read_abroad = number_reader(conventions_of(["PL" if currency != "PLN" else "TR"]))
    for number in numbers(str(locale)):
        text = format_currency(
            number, currency, locale=locale, currency_digits=False, decimal_quantization=False
        )
        assert read(text) == number, text
        assert read_abroad(text) is None


def days() -> list[dt.date]:
    rng = random.Random(1)  # noqa: S311 - no secret
    first = dt.date(2001, 1, 1)
    return [first + dt.timedelta(days=rng.randrange(365 * 30)) for _ in range(150)]


@pytest.mark.parametrize(("country", "locale"), PLACES, ids=str)
@pytest.mark.parametrize("form", ["medium", "long", "full"])
def test_days_with_names_read_back(country: str, locale: Locale, form: str) -> None:
    read = date_reader(conventions_of([country]))
    for day in days():
        text = format_date(day, form, locale=locale)
        assert read(text) == day.isoformat(), text


@pytest.mark.parametrize(("country", "locale"), AT_HOME, ids=str)
def test_short_days_of_a_country_read_back(country: str, locale: Locale) -> None:
    read = date_reader(conventions_of([country]))
    for day in days():
        text = format_date(day, "short", locale=locale)
        assert read(text) == day.isoformat(), text


def written(moment: dt.datetime, form: str, locale: Locale) -> str:
    """Return a moment with the date in a form, and the time without its zone."""
    pattern = str(locale.datetime_formats[form])
    day, clock = format_date(moment, form, locale), format_time(moment, "medium", locale=locale)
    return pattern.replace("'", "").replace("{1}", day).replace("{0}", clock)


@pytest.mark.parametrize(("country", "locale"), AT_HOME, ids=str)
@pytest.mark.parametrize("form", ["medium", "long", "full"])
def test_instants_read_back(country: str, locale: Locale, form: str) -> None:
    read = instant_reader(conventions_of([country]))
    clocks = itertools.cycle([dt.time(0, 0, 5), dt.time(9, 5, 59), dt.time(12, 0), dt.time(23, 59)])
    for day, clock in zip(days(), clocks, strict=False):
        moment = dt.datetime.combine(day, clock, tzinfo=dt.timezone.utc)
        text = f"{written(moment, form, locale)} UTC"
        assert read(text) == moment.isoformat().replace("+00:00", "Z"), text


# Not Ireland: Babel calls its winter IST and its summer GMT.
TIME_ZONES = {
    "AE": "Asia/Dubai",
    "AU": "Australia/Sydney",
    "BE": "Europe/Brussels",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "DE": "Europe/Berlin",
    "EG": "Africa/Cairo",
    "ES": "Europe/Madrid",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "MX": "America/Mexico_City",
    "NL": "Europe/Amsterdam",
    "PL": "Europe/Warsaw",
    "SA": "Asia/Riyadh",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "TR": "Europe/Istanbul",
    "US": "America/Los_Angeles",
    "ZA": "Africa/Johannesburg",
}


@pytest.mark.parametrize(("country", "locale"), AT_HOME, ids=str)
def test_time_zones_by_their_short_names_read_back(country: str, locale: Locale) -> None:
    if country not in TIME_ZONES:
        assert country == "IE"
        return
    zone = ZoneInfo(TIME_ZONES[country])
    read = instant_reader(conventions_of([country]))
    # Turkey has had one time zone since 2016, before Amazon came there.
    for day in (day for day in days() if country != "TR" or day.year > 2016):
        moment = dt.datetime.combine(day, dt.time(15, 23, 5), tzinfo=zone)
        text = format_datetime(moment, "long", tzinfo=zone, locale=locale)
        expected = moment.astimezone(dt.timezone.utc).isoformat().replace("+00:00", "Z")
        assert read(text) == expected, text
