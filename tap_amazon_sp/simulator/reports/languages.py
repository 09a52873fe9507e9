"""Flat files in the languages of marketplaces: headers, and the forms of their dates and numbers.

`data/report_headers.json` has the headers that somebody published. A type that is not in it keeps
its English headers. A report has the same facts in every language.

Where the forms come from:

- The dates of listings follow the marketplace, with zones as the language calls them:
  `2026-08-15 11:35:17 PDT`, `15/08/2026 19:35:17 BST`, `15/08/2026 20:35:17 MESZ`,
  `2026/08/16 03:35:17 JST` (sellers' files; jlevers/selling-partner-api#525).
- The dates of feedback follow the marketplace: `11/20/26` in the United States, `20.11.26` in
  Germany, `26/11/20` in Japan, `20/11/26` elsewhere (the map of date formats in Airbyte's
  source-amazon-seller-partner).
- The date range reports of Seller Central have the medium form of the language, and its signs of
  decimals and thousands (Unicode CLDR).
- So has the day of a suppressed listing (GET_MERCHANTS_LISTINGS_FYP_REPORT).
- Amazon's program writes the numbers of listings with the decimal sign of the language, without
  signs of thousands.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tap_amazon_sp.simulator.data import read_data
from tap_amazon_sp.simulator.reports.columns import DATE_RANGE_TEXTS
from tap_amazon_sp.simulator.reports.request import ReportRequest
from tap_amazon_sp.simulator.reports.types import DATE_RANGE
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.timestamps import HOUR, UTC, parse_iso
from tap_amazon_sp.simulator.world.zones import (
    british,
    central_european,
    japanese,
    pacific,
    utc,
)

LOCALE_OPTION = "preferredReportDocumentLocale"
"""The option of inventory reports that asks for a language (Amazon's page inventory)."""

ENGLISH = "en"
EUROPEAN = frozenset({"EUR", "GBP"})
"""The currencies of Europe."""

_LISTINGS = re.compile(r"GET_MERCHANT_(CANCELLED_)?LISTINGS_|GET_FLAT_FILE_OPEN_LISTINGS_DATA")

_NO_BREAK, _NARROW, _MINUS = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}", "\N{MINUS SIGN}"
_AMOUNT = re.compile(r"(-?)([0-9]+)(?:\.([0-9]+))?")
_PRICES = re.compile(r"price|Price( [0-9]+)?$")

Write = Callable[[str], str]
"""Puts a value into the form of a file."""


@dataclass(frozen=True)
class Language:
    """How a language writes numbers and dates.

    Attributes:
        decimal: Decimal sign.
        thousands: What separates thousands in texts for people.
        months: Short names of the months, January first.
        date: Medium form of a day; day, month and so on are names of `str.format`.
        time: What follows it in the medium form of a time.
        minus: Sign of negative numbers.
        codecs: Python's single- or double-byte codecs that have its letters.
    """

    decimal: str = "."
    thousands: str = ","
    months: tuple[str, ...] = ()
    date: str = "{day} {month} {year}"
    time: str = " {clock} {zone}"
    minus: str = "-"
    codecs: tuple[str, ...] = ("cp1252", "iso-8859-1")


def _months(names: str) -> tuple[str, ...]:
    return tuple(names.split())


_LANGUAGES: Mapping[str, Language] = {
    "ar": Language(date="{day:02}/{month_number:02}/{year}", codecs=()),
    "de": Language(",", ".", date="{day:02}.{month_number:02}.{year}"),
    ENGLISH: Language(
        months=_months("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec"),
        codecs=("cp1252", "iso-8859-1", "cp932"),
    ),
    "es": Language(",", ".", _months("ene feb mar abr may jun jul ago sept oct nov dic")),
    "fr": Language(
        ",",
        _NARROW,
        _months("janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."),
    ),
    "it": Language(",", ".", _months("gen feb mar apr mag giu lug ago set ott nov dic")),
    "ja": Language(
        date="{year}/{month_number:02}/{day:02}", time=" {clock}{zone}", codecs=("cp932",)
    ),
    "nl": Language(",", ".", _months("jan. feb. mrt. apr. mei jun. jul. aug. sep. okt. nov. dec.")),
    "pl": Language(
        ",",
        _NO_BREAK,
        _months("sty lut mar kwi maj cze lip sie wrz paź lis gru"),
        codecs=(),
    ),
    "pt": Language(
        ",",
        ".",
        _months("jan. fev. mar. abr. mai. jun. jul. ago. set. out. nov. dez."),
        "{day} de {month} de {year}",
    ),
    "sv": Language(
        ",",
        _NO_BREAK,
        _months("jan. feb. mars apr. maj juni juli aug. sep. okt. nov. dec."),
        minus=_MINUS,
    ),
    "tr": Language(",", ".", _months("Oca Şub Mar Nis May Haz Tem Ağu Eyl Eki Kas Ara"), codecs=()),
    "zh": Language(date="{year}年{month_number}月{day}日", codecs=()),
}
LANGUAGES = tuple(_LANGUAGES)
"""Codes of the languages (ISO 639-1)."""

_WESTERN_CODECS = frozenset({"cp1252", "iso-8859-1", "cp932"})


def check_language(code: str) -> None:
    """Check the code of a language.

    Raises:
        ValueError: It is unknown.
    """
    if code not in _LANGUAGES:
        message = f"'{code}' is unknown; known: {', '.join(LANGUAGES)}"
        raise ValueError(message)


def language_of(request: ReportRequest, languages: Mapping[str, str]) -> str | None:
    """Return the code of the language of a report; None is as usual.

    Args:
        request: The request, whose options may ask for a language.
        languages: Codes by report type; `*` is every other type.
    """
    if LOCALE_OPTION in request.type.options:
        code = request.options.get(LOCALE_OPTION, "")[:2].lower()
        if code in _LANGUAGES:
            return code
    name = request.type.name
    return languages.get(name, languages.get("*"))


def has_letters_of(codec: str, language: str) -> bool:
    """Return whether a character set has the letters of a language."""
    return codec not in _WESTERN_CODECS or codec in _LANGUAGES[language].codecs


def local_headers(
    name: str, market: Marketplace, language: str | None, columns: Sequence[str]
) -> Sequence[str]:
    """Return the headers of a file; English ones where nobody published them.

    Args:
        name: Report type.
        market: First marketplace of the report; English has other words in Europe.
        language: Code of the language; None is as usual.
        columns: The English headers.
    """
    if language is None or (language == ENGLISH and market.currency not in EUROPEAN):
        return columns
    known = _headers().get(name, {}).get(language, {})
    return [known.get(column, column) for column in columns]


@functools.cache
def _headers() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    return read_data("report_headers.json")


def value_writers(
    name: str, market: Marketplace, language: str | None, columns: Sequence[str]
) -> list[Write | None]:
    """Return what puts the values of each column into the form of a file; None keeps them.

    Args:
        name: Report type.
        market: First marketplace of the report.
        language: Code of the language; None is as usual.
        columns: The English headers.
    """
    return [_writer(name, market, language, column) for column in columns]


def _writer(name: str, market: Marketplace, language: str | None, column: str) -> Write | None:
    if name.startswith(DATE_RANGE):
        return _writer_of_date_range(column, market, language or ENGLISH)
    date = _DATES.get((name, column))
    if date is not None:
        return functools.partial(date, market=market, language=language or ENGLISH)
    if language is None or not _LISTINGS.match(name):
        return None
    if column == "open-date":
        return functools.partial(_time_of_listing, market=market, language=language)
    if _PRICES.fullmatch(column):
        return functools.partial(_amount, sign=_LANGUAGES[language].decimal)
    return None


def _writer_of_date_range(column: str, market: Marketplace, language: str) -> Write | None:
    if column == "date/time":
        return functools.partial(_time_of_date_range, market=market, language=language)
    if column in DATE_RANGE_TEXTS:
        return None
    form = _LANGUAGES[language]
    return functools.partial(_amount, sign=form.decimal, thousands=form.thousands, minus=form.minus)


def _amount(text: str, *, sign: str, thousands: str = "", minus: str = "-") -> str:
    found = _AMOUNT.fullmatch(text)
    if found is None:
        return text
    negative, whole, part = found.groups()
    whole = f"{int(whole):,}".replace(",", thousands)
    return (minus if negative else "") + whole + (f"{sign}{part}" if part is not None else "")


_FEEDBACK_FORMS = {"US": "%m/%d/%y", "DE": "%d.%m.%y", "JP": "%y/%m/%d"}


def _date_of_feedback(text: str, *, market: Marketplace, language: str) -> str:
    day = dt.date.fromisoformat(text[:10])
    if language == "zh":
        return f"{day.year}年{day.month}月{day.day}日"
    return day.strftime(_FEEDBACK_FORMS.get(market.country, "%d/%m/%y"))


def _time_of_listing(text: str, *, market: Marketplace, language: str) -> str:
    """Return a time such as `2026-08-15 08:00:00 PST` as a marketplace shows it."""
    plain = dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S PST").replace(tzinfo=UTC)
    moment = plain.timestamp() + 8 * HOUR
    if market.country == "JP":
        local, zone = japanese(moment)
        return f"{local:%Y/%m/%d %H:%M:%S} {zone}"
    if market.country == "GB":
        local, zone = british(moment)
    elif market.currency == "EUR":
        local, zone = central_european(moment, language)
    else:
        local, zone = pacific(moment)
        return f"{local:%Y-%m-%d %H:%M:%S} {zone}"
    return f"{local:%d/%m/%Y %H:%M:%S} {zone}"


def _time_of_date_range(text: str, *, market: Marketplace, language: str) -> str:
    """Return a time such as `2026-08-15T15:00:00Z` in the medium form of a language."""
    moment = parse_iso(text)
    if language == ENGLISH and market.country == "US":
        local, zone = pacific(moment)
        clock = f"{(local.hour - 1) % 12 + 1}:{local:%M:%S} {'AP'[local.hour // 12]}M"
    else:
        local, zone = japanese(moment) if language == "ja" else utc(moment)
        clock = f"{local:%H:%M:%S}"
    form = _LANGUAGES[language].time
    return _day(local, market, language) + form.format(clock=clock, zone=zone)


def _date_of_suppression(text: str, *, market: Marketplace, language: str) -> str:
    """Return the day of a time such as `2026-08-15T15:00:00+00:00` in the form of a language."""
    return _day(dt.datetime.fromisoformat(text), market, language)


def _day(local: dt.datetime, market: Marketplace, language: str) -> str:
    """Return a day in the medium form of a language."""
    form = _LANGUAGES[language]
    in_america = language == ENGLISH and market.country == "US"
    return ("{month} {day}, {year}" if in_america else form.date).format(
        day=local.day,
        month=form.months[local.month - 1] if form.months else "",
        month_number=local.month,
        year=local.year,
    )


_DATES: Mapping[tuple[str, str], Callable[..., str]] = {
    ("GET_SELLER_FEEDBACK_DATA", "Date"): _date_of_feedback,
    ("GET_MERCHANTS_LISTINGS_FYP_REPORT", "Status Change Date"): _date_of_suppression,
}
"""What writes a column of days, by report type and column."""
