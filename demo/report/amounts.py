"""Amounts, numbers and days as text, in English."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from babel.numbers import format_currency

NONE = "\N{EN DASH}"
"""Stands for a value that is not known."""
MINUS = "\N{MINUS SIGN}"

_LOCALE = "en_US"


def money(amount: Decimal | None, currency: str) -> str:
    """Return an amount with the sign of its currency, such as `CA$1,234.50`."""
    if amount is None:
        return NONE
    return format_currency(amount, currency, locale=_LOCALE).replace("-", MINUS)


def whole_money(amount: Decimal, currency: str) -> str:
    """Return an amount without the parts behind its point, for a headline."""
    shown = format_currency(
        amount.quantize(Decimal(1)), currency, "¤#,##0", locale=_LOCALE, currency_digits=False
    )
    return shown.replace("-", MINUS)


def number(value: Decimal | float | None) -> str:
    """Return a number: with commas, and without zeros behind its point."""
    if value is None:
        return NONE
    if isinstance(value, Decimal):
        value = value.normalize() if value % 1 else Decimal(int(value))
    return f"{value:,f}".replace("-", MINUS) if value % 1 else f"{int(value):,}".replace("-", MINUS)


def count(value: int, one: str, many: str | None = None) -> str:
    """Return a number with what it counts: `1 order`, `1,200 orders`."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def percent(part: Decimal | float, whole: Decimal | float) -> str:
    """Return a part of a whole in percent, such as `60%`; of nothing, there is no part."""
    return f"{100 * float(part) / float(whole):.0f}%".replace("-", MINUS) if whole else NONE


def day(value: dt.date | None) -> str:
    """Return a day, such as `3 Oct 2026`."""
    return NONE if value is None else f"{value.day} {value:%b %Y}"


def period(first: dt.date, last: dt.date) -> str:
    """Return a period, such as `3 Oct 2026 to 9 Oct 2026`."""
    return day(first) if first == last else f"{day(first)} to {day(last)}"
