"""Read dates and times in the languages of Seller Central, where there is one way to read them.

Amazon's programs are written in Java, and most of its dates have the short or medium form that Java
takes in the country of the marketplace: `11/20/26`, `20.11.26`, `8 de nov. de 2026 22:23:05 GMT-8`.
Other files have a form of their own, such as `20-Nov-2026` or `15/08/2026 20:35:17 MESZ`. The names
of months and weekdays are those of Unicode CLDR (`scripts/build_date_words.py`).
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon.report_types import DateOrder
from tap_amazon_sp.common.timestamps import ZONES
from tap_amazon_sp.documents.characters import folded, plain
from tap_amazon_sp.documents.conventions import (
    DATE_ORDERS,
    NO_CONVENTIONS,
    Convention,
    Conventions,
)
from tap_amazon_sp.documents.readings import Reader, Reading

_is_iso_instant = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\+00:00|Z)"
).fullmatch
_is_month = re.compile(r"(?P<month>0[1-9]|1[0-2])/(?P<year>[0-9]{4})").fullmatch
_is_usual = re.compile(
    r"(?P<day>.+?) (?P<hour>[0-9]{1,2}):(?P<minute>[0-5][0-9]):(?P<second>[0-5][0-9])"
    r"(?: (?P<half>[AP]M))? ?(?P<zone>[A-Z]{3,4})"
).fullmatch
_is_iso_date = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}").fullmatch

# --- Dates --------------------------------------------------------------------------------------

_WORD = r"[^\W\d_]+"
_TWO = "[0-9]{1,2}"
_DAY = rf"(?P<day>{_TWO})(?:\.|er|o|º|st|nd|rd|th)?"
_OF = r"(?: d[eo]l? |[ ./-] ?)"
_NO_DIGIT = r"(?![0-9])"
_NUMERIC = re.compile(
    rf"(?P<first>{_TWO})(?P<sign>[-/.]) ?(?P<second>{_TWO})(?P=sign) ?"
    rf"(?P<third>[0-9]{{4}}|[0-9]{{2}}){_NO_DIGIT}"
)
_FIRST_WEEKDAY = re.compile(rf"(?P<name>{_WORD}(?:-{_WORD})?)\.?[,،]? ")
_LAST_WEEKDAY = re.compile(rf"[,،]? ?\(?(?P<name>{_WORD})\.?\)?")

# --- Times --------------------------------------------------------------------------------------

_PREPOSITION = r"(?:(?:a las|a|alas|alle|as|at|kl|klo|om|o|saat|um|في)\.? )?"
_CLOCK = (
    r"(?P<hour>[0-9]{1,2})(?:"
    r":(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]+))?)?"
    r"|\.(?P<minute_2>[0-9]{2})\.(?P<second_2>[0-9]{2})"
    r"|(?:[時时시]| ?h) ?(?P<minute_3>[0-9]{2}) ?(?:分|분|min)?"
    r"(?: ?(?P<second_3>[0-9]{2}) ?[秒초s]?)?"
    r")"
)
_ZONE = (
    r"\(?(?P<zone>z|[a-z]{3,5})?"
    r"(?: ?(?P<offset>[+-])(?P<hours>[0-9]{1,2})(?::?(?P<minutes>[0-5][0-9]))?)?\)?"
)
# In Chinese, CLDR has the time zone before the time.
_zone_first = re.compile(
    r" ?(?P<zone>(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2})?|utc|gmt)(?P<time> [^ ].*)"
).fullmatch
_says_no_time = re.compile(r"(?: ?(?:utc|gmt))?").fullmatch
_JAVA = re.compile(rf"({_WORD}) ({_WORD}) ([0-9]{{1,2}}) ([0-9]{{2}}:.+) ([0-9]{{4}})")
"""The form of `Date.toString`: `Mon Oct 28 18:49:32 UTC 2019`."""

_OTHER_ZONES: Mapping[str, Mapping[str, float]] = {
    "AST": {"SA": 3, "CA": -4},
    "CST": {"CA": -6, "MX": -6, "US": -6},
    "EST": {"CA": -5, "MX": -5, "US": -5},
    "GST": {"AE": 4},
    "IST": {"IN": 5.5, "IE": 1},
}
"""Hours from UTC of abbreviations that have several meanings, by country."""

_MAX_LENGTH = 200
"""Characters of a date with spaces; a longer text is something else."""
_NOON = 12
_LARGEST_OFFSET = dt.timedelta(hours=14)


@dataclass(frozen=True)
class _Moment:
    """A day with or without a time, and with or without how far the time is from UTC."""

    day: dt.date
    time: dt.time | None = None
    fraction: str = ""
    """Digits of a fraction of a second."""
    offset: dt.timedelta | None = None


def date_reader(conventions: Conventions) -> Reader:
    """Return what reads the days of a column as ISO 8601.

    A month, as in the inventory ledger by month (`11/2026`), is its first day.
    """

    @functools.lru_cache(maxsize=4096)
    def reading(text: str) -> Reading:
        if month := _is_month(plain(text)):
            return Reading(f"{month['year']}-{month['month']}-01")
        return _reading(_day(_parsed(text, conventions)), text, conventions)

    @functools.lru_cache(maxsize=4096)
    def certain(text: str) -> str | None:
        if _is_iso_date(text):
            return text if _exists(text) else None
        found: str | None = reading(text).certain_value
        return found

    return Reader(certain, reading)


def instant_reader(conventions: Conventions) -> Reader:
    """Return what reads the instants of a column as ISO 8601 in UTC with `Z`."""

    @functools.lru_cache(maxsize=4096)
    def midnight(day: str, zone: str) -> tuple[dt.datetime, Reading] | None:
        """Return the beginning of a day in UTC; a file has few days, and many times."""
        whole = _parsed(day, conventions)
        moment = _parsed(f"{day} 00:00:00 {zone}", conventions)
        if whole is None or whole.time or moment is None or (start := _in_utc(moment)) is None:
            return None
        return start, _reading(_day(whole), day, conventions)

    @functools.lru_cache(maxsize=16384)
    def reading(text: str) -> Reading:
        usual = _is_usual(text) if len(text) <= _MAX_LENGTH else None
        if usual and (found := midnight(usual["day"], usual["zone"])):
            start, of_day = found
            hour = _hour(int(usual["hour"]), usual["half"] and usual["half"].lower())
            if hour is not None:
                seconds = (hour * 60 + int(usual["minute"])) * 60 + int(usual["second"])
                instant = f"{(start + dt.timedelta(seconds=seconds)).isoformat()}Z"
                return Reading(instant, of_day.decided_by, of_day.contradiction)
        return _reading(_instant(_parsed(text, conventions)), text, conventions)

    def certain(text: str) -> str | None:
        if _is_iso_instant(text) and _exists(text[:10]):
            return text[:19] + "Z"
        value, decided_by, contradicting = reading(text)
        return value if decided_by is None and contradicting is None else None

    return Reader(certain, reading)


def read_date(text: str, conventions: Conventions = NO_CONVENTIONS) -> str | None:
    """Return a day as ISO 8601, without converting it to another time zone; None if it is unclear.

    A time is a day only if it is midnight, in UTC or without a time zone: nothing is lost then.
    """
    found: str | None = date_reader(conventions)(text)
    return found


def read_instant(text: str, conventions: Conventions = NO_CONVENTIONS) -> str | None:
    """Return an instant in UTC with `Z`; None if its time zone is missing or unclear."""
    found: str | None = instant_reader(conventions)(text)
    return found


def possible_orders(text: str, conventions: Conventions = NO_CONVENTIONS) -> frozenset[DateOrder]:
    """Return the orders of day and month that a date may be written in.

    Only dates of numbers with the year at the end, or of two digits, say something about other
    dates.
    """
    match = _numeric(text)
    return DATE_ORDERS if match is None else frozenset(_days(match, conventions))


def _numeric(text: str) -> re.Match[str] | None:
    """Return the date of numbers that a text begins with, if its order is not certain."""
    if len(text) > _MAX_LENGTH:
        return None
    text = folded(plain(text))
    if (weekday := _FIRST_WEEKDAY.match(text)) and _weekday(weekday) is not None:
        text = text[weekday.end() :]
    match = _NUMERIC.match(text)
    return None if match is None or match["sign"] == "." else match


def _reading(value: str | None, text: str, conventions: Conventions) -> Reading:
    """Return the reading of a day or an instant whose value is known already."""
    if (match := _numeric(text)) is None:
        return Reading(value)
    days = _days(match, conventions)
    shown = next(iter(days)) if len(days) == 1 else None
    is_decided = value is not None and len(set(days.values())) > 1
    return Reading(
        value,
        _order_of(match) if is_decided else None,
        shown if shown in conventions.contradictions else None,
    )


def _day(moment: _Moment | None) -> str | None:
    if moment is None or (moment.time and (moment.time != dt.time() or moment.fraction.strip("0"))):
        return None
    return None if moment.offset else moment.day.isoformat()


def _instant(moment: _Moment | None) -> str | None:
    instant = None if moment is None else _in_utc(moment)
    if moment is None or instant is None:
        return None
    return f"{instant.isoformat()}{moment.fraction and '.'}{moment.fraction}Z"


def _in_utc(moment: _Moment) -> dt.datetime | None:
    """Return a moment in UTC; None if it has no time or no time zone, or is not in the calendar."""
    if moment.time is None or moment.offset is None or moment.day.year == dt.MAXYEAR:
        return None
    try:
        return dt.datetime.combine(moment.day, moment.time) - moment.offset
    except OverflowError:
        return None


@functools.lru_cache(maxsize=4096)
def _exists(day: str) -> bool:
    try:
        dt.date.fromisoformat(day)
    except ValueError:
        return False
    return True


def _parsed(text: str, conventions: Conventions) -> _Moment | None:
    if len(text) > _MAX_LENGTH:
        return None
    text = re.sub(r"\s+", " ", folded(plain(text)))
    if java := _JAVA.fullmatch(text):
        weekday, month, day, time, year = java.groups()
        text = f"{weekday} {month} {day} {year} {time}"
    if (moment := _without_first_weekday(text, conventions)) is not None:
        return moment
    match = _FIRST_WEEKDAY.match(text)
    weekday = _weekday(match)
    if match is None or weekday is None:
        return None
    moment = _without_first_weekday(text[match.end() :], conventions)
    return moment if moment is not None and moment.day.weekday() == weekday else None


def _without_first_weekday(text: str, conventions: Conventions) -> _Moment | None:
    if numeric := _NUMERIC.match(text):
        return _continued(_decided(numeric, conventions), text[numeric.end() :], conventions)
    for pattern in _certain_forms():
        if (match := pattern.match(text)) and (day := _certain(match.groupdict())) is not None:
            return _continued(day, text[match.end() :], conventions)
    return None


def _continued(day: dt.date | None, text: str, conventions: Conventions) -> _Moment | None:
    """Return the moment of a day and what follows it: its weekday, a time, or nothing."""
    match = _LAST_WEEKDAY.match(text)
    weekday = _weekday(match)
    if match is not None and weekday is not None:
        text = text[match.end() :]
    if day is None or weekday not in (None, day.weekday()):
        return None
    return _with_time(day, text, conventions)


def _weekday(match: re.Match[str] | None) -> int | None:
    """Return the number of a weekday, from Monday, which is 0; None for other words."""
    return None if match is None else _words()["weekdays"].get(match["name"])


@functools.cache
def _certain_forms() -> tuple[re.Pattern[str], ...]:
    """Return the forms of dates in which day and month cannot be confused."""
    patterns = (
        rf"(?P<year>[0-9]{{4}})(?P<sign>[-/.]) ?(?P<month>{_TWO})(?P=sign) ?(?P<day>{_TWO})",
        rf"(?P<year>(?:[0-9]{{2}}){{1,2}})[年년] ?(?P<month>{_TWO})[月월] ?(?P<day>{_TWO})[日일]",
        # `8. November 2026`, `1er janvier 2026`, `8 de nov. de 2026`, `20-Nov-2026`.
        rf"{_DAY}{_OF}(?P<name>{_WORD})\.?[,،]?{_OF}(?P<year>[0-9]{{4}})",
        rf"(?P<day>{_TWO})[- ](?P<name>{_WORD})\.?[- ](?P<year>[0-9]{{2}})(?![:.])",
        rf"(?P<name>{_WORD})\.?[ -]{_DAY},?[ -](?P<year>[0-9]{{4}})",
        rf"(?P<year>[0-9]{{4}})[- ](?P<name>{_WORD})\.?[- ](?P<day>{_TWO})",
    )
    return tuple(re.compile(pattern + _NO_DIGIT) for pattern in patterns)


def _certain(parts: Mapping[str, str]) -> dt.date | None:
    month = _words()["months"].get(parts["name"]) if "name" in parts else int(parts["month"])
    return None if month is None else _date(parts["year"], month, parts["day"])


def _decided(match: re.Match[str], conventions: Conventions) -> dt.date | None:
    """Return the day of a date of numbers with the year at the end, or of two digits."""
    if match["sign"] == ".":
        return _date(match["third"], int(match["second"]), match["first"])
    days = _days(match, conventions)
    if len(set(days.values())) == 1:
        return next(iter(days.values()))
    usual = _usual_order(match, conventions)
    return None if usual is None else days.get(usual)


def _order_of(match: re.Match[str]) -> Convention:
    """Return the convention that decides the order of a date of numbers."""
    return "short_date_order" if len(match["third"]) == len("26") else "date_order"


def _usual_order(match: re.Match[str], conventions: Conventions) -> DateOrder | None:
    if match["sign"] == "-" and _order_of(match) == "short_date_order":
        # `20-11-26`: no country's own short form has this sign, so it is of another one.
        return None
    order: DateOrder | None = getattr(conventions, _order_of(match))
    return order


def _days(match: re.Match[str], conventions: Conventions) -> dict[DateOrder, dt.date]:
    """Return the days that a date of numbers may be, by their order."""
    first, second, third = match["first"], match["second"], match["third"]
    # The year comes first only in some countries.
    has_year_first = _usual_order(match, conventions) in (None, "ymd") and len(first) == len(third)
    days: dict[DateOrder, dt.date | None] = {
        "dmy": _date(third, int(second), first),
        "mdy": _date(third, int(first), second),
        "ymd": _date(first, int(second), third) if has_year_first else None,
    }
    return {order: day for order, day in days.items() if day is not None}


def _date(year: str, month: int, day: str) -> dt.date | None:
    try:
        return dt.date(int(year) if len(year) > len("26") else 2000 + int(year), month, int(day))
    except ValueError:
        return None


def _with_time(day: dt.date, text: str, conventions: Conventions) -> _Moment | None:
    if _says_no_time(text):
        return _Moment(day)
    if zone_first := _zone_first(text):
        text = f"{zone_first['time']} {zone_first['zone']}"
    if (match := _time().fullmatch(text)) is None or (clock := _clock(match)) is None:
        return None
    offset = None
    if (match["zone"] or match["offset"]) and (offset := _offset(match, conventions)) is None:
        return None
    return _Moment(day, clock, match["fraction"] or "", offset)


@functools.cache
def _time() -> re.Pattern[str]:
    others = [re.escape(word) for word in _words()["day_periods"] if word not in ("am", "pm")]
    period = rf"[ap]\.? ?m\.?|{'|'.join(others)}"
    return re.compile(
        rf"(?:t|[,،]? ?{_PREPOSITION})(?:(?P<before>{period}) ?)?{_CLOCK}"
        rf"(?: ?(?P<after>{period})(?![^\W\d_]))?(?: ?{_ZONE})?"
    )


def _clock(match: re.Match[str]) -> dt.time | None:
    periods = [period for period in (match["before"], match["after"]) if period]
    if len(periods) > 1:
        return None
    period = _words()["day_periods"][re.sub("[. ]", "", periods[0])] if periods else None
    hour = _hour(int(match["hour"]), period)
    minute = match["minute"] or match["minute_2"] or match["minute_3"]
    second = match["second"] or match["second_2"] or match["second_3"] or 0
    try:
        return None if hour is None else dt.time(hour, int(minute), int(second))
    except ValueError:
        return None


def _hour(number: int, period: str | None) -> int | None:
    """Return an hour of 24, of a number and a part of the day: `am`, `pm`, `evening` or None."""
    if period is None:
        return number if number < 2 * _NOON else None
    if number > _NOON or (number == _NOON and period == "evening"):
        return None
    return number % _NOON + (0 if period == "am" else _NOON)


def _offset(match: re.Match[str], conventions: Conventions) -> dt.timedelta | None:
    """Return how far a time is from UTC; None if that is not known."""
    zone = (match["zone"] or "").upper()
    if match["offset"]:
        # `+9` alone could be something else.
        if zone not in ("", "GMT", "UTC") or (not zone and len(match["hours"]) == 1):
            return None
        found = dt.timedelta(hours=int(match["hours"]), minutes=int(match["minutes"] or 0))
        if found > _LARGEST_OFFSET:
            return None
        return -found if match["offset"] == "-" else found
    hours = ZONES.get(zone)
    if hours is None:
        hours = _common_hours(_OTHER_ZONES.get(zone, {}), conventions.countries)
    return None if hours is None else dt.timedelta(hours=hours)


def _common_hours(by_country: Mapping[str, float], countries: frozenset[str]) -> float | None:
    found = {by_country.get(country) for country in countries}
    return found.pop() if len(found) == 1 else None


@functools.cache
def _words() -> Mapping[str, Mapping[str, Any]]:
    path = Path(__file__).with_name("date_words.json")
    words: Mapping[str, Mapping[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    return words
