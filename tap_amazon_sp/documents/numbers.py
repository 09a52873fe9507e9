"""Read numbers as people of many countries write them, where there is one way to read them.

A number is read twice, with a point and with a comma as decimal sign. If only one reading is
possible, or both give the same number, it is certain: `1.234,56`, `1,234,567`, `19,99`, `1 234`.
Otherwise the conventions of its column decide: `1,234`, `1.234`.
"""

from __future__ import annotations

import functools
import re
from decimal import Decimal

from tap_amazon_sp.documents.characters import ascii_text, plain
from tap_amazon_sp.documents.conventions import (
    NO_CONVENTIONS,
    Convention,
    Conventions,
    DecimalSign,
)
from tap_amazon_sp.documents.readings import MISFIT, Reader, Reading

Number = int | Decimal

_MAX_LENGTH = 4300
"""Characters of a number: Python converts no more digits to an integer."""

# A text with leading zeros is not a number, even in a column of numbers.
_is_integer = re.compile(r"-?(?:0|[1-9][0-9]*)").fullmatch
# As a program writes it, where the point cannot be a sign of thousands.
_is_plain = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.(?![0-9]{3}\Z)[0-9]+)?|-?0\.[0-9]{3}").fullmatch

_ARABIC_SIGN = "\N{ARABIC DECIMAL SEPARATOR}"
_THOUSANDS = r"[1-9][0-9]{0,2}(?P<sign>[%s '])[0-9]{3}(?:(?P=sign)[0-9]{3})*"
# In India, all groups but the last have two digits.
_LAKHS = r"|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}"
_NUMBER = r"(?P<whole>0|[1-9][0-9]*|%s)?(?:%s(?P<part>[0-9]+))?"
_WITH_POINT = re.compile(_NUMBER % (_THOUSANDS % "," + _LAKHS, r"\."))
_WITH_COMMA = re.compile(_NUMBER % (_THOUSANDS % ".", ","))
_WITH_ARABIC_SIGN = re.compile(_NUMBER % (_THOUSANDS % "", _ARABIC_SIGN))

_AFFIX = r"[^\s0-9.,'()+-][^\s0-9,'()+-]*"
_WHOLE_TEXT = re.compile(
    rf"(?P<open>\()? ?(?P<sign>[+-])? ?(?P<before>{_AFFIX})? ?(?P<inner>[+-])? ?"
    rf"(?P<number>[0-9.,{_ARABIC_SIGN}](?:[0-9.,{_ARABIC_SIGN}' ]*[0-9])?)"
    rf"(?P<last>-)? ?(?P<after>{_AFFIX})?(?P<close>\))?"
)

# Signs of currencies as CLDR has them, and as people write them in the country of the currency.
_CURRENCY_SIGNS = {
    "AED": {"aed", "د.إ", "د.إ.", "dhs", "dh"},
    "AUD": {"aud", "$", "a$", "au$"},
    "BRL": {"brl", "r$"},
    "CAD": {"cad", "$", "c$", "ca$", "cdn$"},
    "EGP": {"egp", "e£", "ج.م", "ج.م."},
    "EUR": {"eur", "€", "euro"},
    "GBP": {"gbp", "£"},
    "INR": {"inr", "₹", "rs", "rs."},
    "JPY": {"jpy", "¥", "円"},
    "MXN": {"mxn", "$", "mx$"},
    "PLN": {"pln", "zł"},
    "SAR": {"sar", "ر.س", "ر.س.", "sr"},
    "SEK": {"sek", "kr", "kr."},
    "SGD": {"sgd", "$", "s$"},
    "TRY": {"try", "₺", "tl"},
    "USD": {"usd", "$", "us$"},
    "ZAR": {"zar", "r"},
}


def number_reader(conventions: Conventions) -> Reader:
    """Return what reads the numbers of a column."""
    # What needs no second look.
    is_contradicted_by_point = conventions.comma == "decimal" or conventions.point == "thousands"
    is_plain = _is_integer if is_contradicted_by_point else _is_plain

    @functools.lru_cache(maxsize=16384)
    def reading(text: str) -> Reading:
        return _reading(text, conventions)

    @functools.lru_cache(maxsize=16384)
    def certain(text: str) -> Number | None:
        stripped = text.strip()
        if not is_plain(stripped):
            found: Number | None = reading(text).certain_value
            return found
        return _number(stripped)

    return Reader(certain, reading)


def read_number(text: str, conventions: Conventions = NO_CONVENTIONS) -> Number | None:
    """Return a number with all its digits; None if the text is ambiguous or not a number."""
    found: Number | None = _reading(text, conventions).value
    return found


def decimal_sign(text: str) -> DecimalSign | None:
    """Return the decimal sign that a number certainly has; None if none or either is possible."""
    return None if (parts := _parts(text)) is None else _shown(*_both(parts["number"]))


def _both(number: str) -> tuple[re.Match[str] | None, re.Match[str] | None]:
    """Return a number as it is with a point and with a comma as decimal sign."""
    return _WITH_POINT.fullmatch(number), _WITH_COMMA.fullmatch(number)


def _shown(
    with_point: re.Match[str] | None, with_comma: re.Match[str] | None
) -> DecimalSign | None:
    if (with_point is None) == (with_comma is None):
        return None
    return "." if with_point else ","


def _reading(text: str, conventions: Conventions) -> Reading:
    if (parts := _parts(text)) is None:
        return MISFIT
    both = _both(parts["number"])
    shown = _shown(*both)
    against = shown if shown in conventions.contradictions else None
    signs = [sign for sign in (parts["sign"], parts["inner"], parts["last"]) if sign]
    if not _is_amount(parts, signs, conventions):
        return Reading(None, contradiction=against)
    is_negative = parts["open"] is not None or "-" in signs
    if _ARABIC_SIGN in parts["number"]:
        return Reading(
            _signed(_value(_WITH_ARABIC_SIGN.fullmatch(parts["number"])), is_negative=is_negative)
        )
    found, decided_by = _chosen(both, conventions)
    return Reading(_signed(found, is_negative=is_negative), decided_by, against)


def _signed(number: Number | None, *, is_negative: bool) -> Number | None:
    if number is None or not is_negative:
        return number
    # `-` would round a Decimal of more than 28 digits.
    return -number if isinstance(number, int) else number.copy_negate()


def _is_amount(parts: re.Match[str], signs: list[str], conventions: Conventions) -> bool:
    """Return whether what is around the digits is one sign, and the currency, at most."""
    names = [name for name in (parts["before"], parts["after"]) if name]
    in_brackets = parts["open"] is not None
    return (
        len(signs) + in_brackets <= 1
        and in_brackets == (parts["close"] is not None)
        and len(names) <= 1
        and all(_is_currency(name, conventions.currency) for name in names)
    )


def _parts(text: str) -> re.Match[str] | None:
    return None if len(text) > _MAX_LENGTH else _WHOLE_TEXT.fullmatch(ascii_text(plain(text)))


def _is_currency(name: str, currency: str | None) -> bool:
    return currency is not None and name.casefold() in _CURRENCY_SIGNS[currency]


def _chosen(
    both: tuple[re.Match[str] | None, re.Match[str] | None], conventions: Conventions
) -> tuple[Number | None, Convention | None]:
    """Return one of the readings of a number, and the convention that decided between two."""
    with_point, with_comma = map(_value, both)
    if with_point is None or with_comma is None or with_point == with_comma:
        return with_comma if with_point is None else with_point, None
    # One sign, which is one of the two.
    is_comma = both[0] is not None and "," in both[0][0]
    meaning = conventions.comma if is_comma else conventions.point
    if meaning is None:
        return None, None
    found = with_comma if is_comma == (meaning == "decimal") else with_point
    return found, "comma" if is_comma else "point"


def _value(match: re.Match[str] | None) -> Number | None:
    if match is None:
        return None
    whole = re.sub("[^0-9]", "", match["whole"] or "0")
    return _number(whole if match["part"] is None else f"{whole}.{match['part']}")


def _number(text: str) -> Number | None:
    """Return a number that is written as in JSON; None if it is too long for one."""
    if len(text) > _MAX_LENGTH:
        return None
    return Decimal(text) if "." in text else int(text)
