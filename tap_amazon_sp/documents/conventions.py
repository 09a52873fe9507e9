"""How a file writes numbers and dates: as its own values show, or else as its country does.

`1,234` is a thousand or a bit more than one, `11/08/2026` is in August or in November. Other values
of the same column tell which, then those of the other columns, then the marketplace. Where none of
them does, such a value is not read.

Sources: Unicode CLDR for the signs of numbers, the order of dates and the names of currencies;
public readers of Amazon's reports for the forms that Amazon takes, such as the map of date formats
by marketplace in Airbyte's source-amazon-seller-partner (seller feedback).
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.amazon.report_types import DateOrder

DecimalSign = Literal[".", ","]

Convention = Literal["comma", "point", "date_order", "short_date_order"]
"""The attributes of `Conventions` that decide between two readings of a value."""

Shown = DecimalSign | DateOrder
"""What a value shows of how a column is written, if it can be read one way only."""

DATE_ORDERS: frozenset[DateOrder] = frozenset({"dmy", "mdy", "ymd"})

_T = TypeVar("_T")


@dataclass(frozen=True)
class Country:
    """The conventions of a country; None where it has several."""

    currency: str
    decimal_sign: DecimalSign | None = "."
    date_order: DateOrder | None = "dmy"
    short_date_order: DateOrder = "dmy"
    """Order of dates whose year has two digits."""


COUNTRIES = {
    "AE": Country("AED"),
    "AU": Country("AUD"),
    "BE": Country("EUR", ","),
    "BR": Country("BRL", ","),
    # Feedback is day first there, other files are like those of the United States.
    "CA": Country("CAD", ".", None),
    "DE": Country("EUR", ","),
    "EG": Country("EGP"),
    "ES": Country("EUR", ","),
    "FR": Country("EUR", ","),
    "GB": Country("GBP"),
    "IE": Country("EUR"),
    "IN": Country("INR"),
    "IT": Country("EUR", ","),
    "JP": Country("JPY", ".", "ymd", "ymd"),
    "MX": Country("MXN"),
    "NL": Country("EUR", ","),
    "PL": Country("PLN", ","),
    "SA": Country("SAR"),
    "SE": Country("SEK", ","),
    "SG": Country("SGD"),
    "TR": Country("TRY", ","),
    "US": Country("USD", ".", "mdy", "mdy"),
    # Both decimal signs are usual in South Africa.
    "ZA": Country("ZAR", None),
}

# Languages of Seller Central whose decimal sign is a comma.
_COMMA_LANGUAGES = {"de", "es", "fr", "it", "nl", "pl", "pt", "sv", "tr"}
_SPANISH_WITH_POINT = {"MX", "US"}

# In all others, the day comes first. These say nothing about a date with the year at the end.
_YEAR_FIRST_LANGUAGES = {"ja", "ko", "zh"}


@dataclass(frozen=True)
class Conventions:
    """How to read the values of a column that can be read in several ways.

    Attributes:
        comma: What a comma before the last three digits is: a decimal sign, or one of thousands.
        point: The same of a point. Amazon's programs write it as a decimal sign in all countries.
        date_order: Order of day and month where the year has four digits.
        short_date_order: Order of day, month and year where the year has two digits.
        countries: Codes of the countries that the file is of: they decide what `IST` is.
        currency: The currency of all these countries, whose sign adds nothing to a number.
        has_order_of_type: Whether the report type has these orders, in all countries and languages.
    """

    comma: Literal["decimal", "thousands"] | None = None
    point: Literal["decimal", "thousands"] | None = "decimal"
    date_order: DateOrder | None = None
    short_date_order: DateOrder | None = None
    countries: frozenset[str] = field(default_factory=frozenset)
    currency: str | None = None
    has_order_of_type: bool = False

    def with_decimal_sign(self, sign: DecimalSign) -> Conventions:
        """Return conventions with a decimal sign that is certain."""
        if sign == ".":
            return replace(self, comma="thousands", point="decimal")
        return replace(self, comma="decimal", point="thousands")

    @functools.cached_property
    def contradictions(self) -> frozenset[Shown]:
        """What values show that contradict these conventions."""
        everything: list[Shown] = [".", ","]
        everything.extend(DATE_ORDERS)
        return frozenset(shown for shown in everything if self.without_contradicted(shown) != self)

    def without_contradicted(self, shown: Shown) -> Conventions:
        """Return conventions without those that a value contradicts."""
        if shown in (".", ","):
            right = self.with_decimal_sign(shown)
            return replace(
                self,
                comma=self.comma if self.comma == right.comma else None,
                point=self.point if self.point == right.point else None,
            )
        return replace(
            self,
            date_order=self.date_order if self.date_order == shown else None,
            short_date_order=self.short_date_order if self.short_date_order == shown else None,
        )

    def in_language(self, code: str) -> Conventions:
        """Return the conventions of a file whose header is in a language (ISO 639-1).

        In other languages than English, its values are written for people as well: a point
        separates thousands where a comma is the decimal sign. Nobody knows whether they follow
        the country or the language where these differ, as in a German file of Japan.

        Only dates whose year has two digits follow the country: those of seller feedback, whose
        public readers choose the order by marketplace, regardless of the language.
        """
        if code == "en":
            return self
        found = self
        if not self.has_order_of_type and code not in _YEAR_FIRST_LANGUAGES:
            found = replace(self, date_order=self.date_order if self.date_order == "dmy" else None)
        sign = _sign_of_language(code, self.countries)
        # Canada has the conventions of two languages.
        is_usual = code == "fr" and self.countries == {"CA"}
        if is_usual or self.comma == ("decimal" if sign == "," else "thousands"):
            return found.with_decimal_sign(sign)
        return replace(found, comma=None, point=None)


def _sign_of_language(code: str, countries: frozenset[str]) -> DecimalSign:
    if code not in _COMMA_LANGUAGES or (code == "es" and countries <= _SPANISH_WITH_POINT):
        return "."
    return ","


NO_CONVENTIONS = Conventions()
"""Of a file about which nothing is known."""


def conventions_of(
    marketplace_ids: Iterable[str],
    *,
    date_order: DateOrder | None = None,
) -> Conventions:
    """Return what the marketplaces of a file say about its values.

    Args:
        marketplace_ids: Marketplaces of the report; unknown ones have no conventions.
        date_order: The order of dates in all files of this type, if it is known.
    """
    codes = set()
    for marketplace_id in marketplace_ids:
        try:
            codes.add(find_marketplace(marketplace_id).country_code)
        except ValueError:
            return Conventions(
                date_order=date_order,
                short_date_order=date_order,
                has_order_of_type=date_order is not None,
            )
    countries = [COUNTRIES[code] for code in codes]
    found = Conventions(
        date_order=date_order or _common(country.date_order for country in countries),
        short_date_order=date_order or _common(country.short_date_order for country in countries),
        countries=frozenset(codes),
        currency=_common(country.currency for country in countries),
        has_order_of_type=date_order is not None,
    )
    sign = _common(country.decimal_sign for country in countries)
    if sign is None:
        return found
    return replace(found, comma="thousands" if sign == "." else "decimal")


def _common(values: Iterable[_T | None]) -> _T | None:
    """Return the value if all are equal."""
    found = set(values)
    return found.pop() if len(found) == 1 else None


def with_decimal_signs(
    usual: Conventions, shown: Sequence[frozenset[DecimalSign]]
) -> list[Conventions]:
    """Return the conventions of each column of numbers.

    Args:
        usual: The conventions of the file's marketplaces.
        shown: For each column, the decimal signs that its values certainly have.
    """
    everywhere = frozenset[DecimalSign]().union(*shown)
    neither = replace(usual, comma=None, point=None)
    return [
        usual
        if not signs
        else neither
        if len(signs) > 1
        else usual.with_decimal_sign(next(iter(signs)))
        for signs in (column or everywhere for column in shown)
    ]


def with_date_orders(
    usual: Sequence[Conventions], possible: Sequence[frozenset[DateOrder]]
) -> list[Conventions]:
    """Return the conventions of each column of dates.

    Args:
        usual: The conventions of each column so far.
        possible: For each column, the orders in which all of its dates can be written.
    """
    certain = {order for orders in possible if len(orders) == 1 for order in orders}
    return [
        _with_date_order(column, orders, certain)
        for column, orders in zip(usual, possible, strict=True)
    ]


def _with_date_order(
    usual: Conventions, orders: frozenset[DateOrder], of_others: set[DateOrder]
) -> Conventions:
    if len(orders) > 1:
        known = {usual.date_order} - {None}
        if not of_others or of_others == known:
            return usual
        orders = frozenset() if known else orders & of_others
    order = next(iter(orders)) if len(orders) == 1 else None
    return replace(usual, date_order=order, short_date_order=order)
