"""Read numbers as people of many countries write them, where there is one way to read them.

A number is read twice, with a point and with a comma as decimal sign. If only one reading is
possible, or both give the same number, it is certain: `1.234,56`, `1,234,567`, `19,99`, `1 234`.
Otherwise the conventions of its column decide: `1,234`, `1.234`.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from decimal import Decimal

from tap_amazon_sp.documents.characters import ascii_text, plain
from tap_amazon_sp.documents.conventions import NO_CONVENTIONS, Conventions, DecimalSign

Number = int | Decimal

_MAX_LENGTH = 4300
"""Characters of a number: Python converts no more digits to an integer."""

# A text with leading zeros is not a number, even in a column of numbers.
_is_integer = re.compile(r"-?(?:0|[1-9][0-9]*)").fullmatch
_is_plain = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?").fullmatch

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


def number_reader(conventions: Conventions) -> Callable[[str], Number | None]:
    """Return the function that reads the numbers of a column."""
    # What needs no second look: a single point is not a decimal sign in every file.
    is_plain = _is_plain if conventions.point == "decimal" else _is_integer

    @functools.lru_cache(maxsize=16384)
    def read(text: str) -> Number | None:
        text = text.strip()
        if not is_plain(text):
            return _read(text, conventions)
        return _number(text)

    return read


def read_number(text: str, conventions: Conventions = NO_CONVENTIONS) -> Number | None:
    """Return a number with all its digits; None if the text is ambiguous or not a number."""
    return number_reader(conventions)(text)


def decimal_sign(text: str) -> DecimalSign | None:
    """Return the decimal sign that a number certainly has; None if none or either is possible."""
    if (parts := _parts(text)) is None:
        return None
    with_point = _WITH_POINT.fullmatch(parts["number"])
    with_comma = _WITH_COMMA.fullmatch(parts["number"])
    if (with_point is None) == (with_comma is None):
        return None
    return "." if with_point else ","


def _read(text: str, conventions: Conventions) -> Number | None:
    if (parts := _parts(text)) is None:
        return None
    signs = [sign for sign in (parts["sign"], parts["inner"], parts["last"]) if sign]
    names = [name for name in (parts["before"], parts["after"]) if name]
    in_brackets = parts["open"] is not None
    if (
        len(signs) + in_brackets > 1
        or in_brackets != (parts["close"] is not None)
        or len(names) > 1
        or not all(_is_currency(name, conventions.currency) for name in names)
    ):
        return None
    found = _unsigned(parts["number"], conventions)
    if found is None or not (in_brackets or "-" in signs):
        return found
    # `-` would round a Decimal of more than 28 digits.
    return -found if isinstance(found, int) else found.copy_negate()


def _parts(text: str) -> re.Match[str] | None:
    return None if len(text) > _MAX_LENGTH else _WHOLE_TEXT.fullmatch(ascii_text(plain(text)))


def _is_currency(name: str, currency: str | None) -> bool:
    return currency is not None and name.casefold() in _CURRENCY_SIGNS[currency]


def _unsigned(text: str, conventions: Conventions) -> Number | None:
    if _ARABIC_SIGN in text:
        return _value(_WITH_ARABIC_SIGN.fullmatch(text))
    with_point = _value(_WITH_POINT.fullmatch(text))
    with_comma = _value(_WITH_COMMA.fullmatch(text))
    if with_point is None or with_comma is None or with_point == with_comma:
        return with_comma if with_point is None else with_point
    # One sign, which is one of the two.
    is_comma = "," in text
    meaning = conventions.comma if is_comma else conventions.point
    if meaning is None:
        return None
    return with_comma if is_comma == (meaning == "decimal") else with_point


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
