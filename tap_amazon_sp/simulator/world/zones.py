"""Local times with the abbreviations of their zones, as files of sellers have them.

The rules of daylight saving time are those of the United States since 2007 and of the European
Union since 1996 (IANA time zone database).
"""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.simulator.world.timestamps import HOUR, UTC

_SUNDAY = 6
_PACIFIC = ("PST", "PDT")
_CENTRAL_EUROPE = {"de": ("MEZ", "MESZ")}
_CENTRAL_EUROPE_ELSEWHERE = ("CET", "CEST")


def pacific(moment: float) -> tuple[dt.datetime, str]:
    """Return a moment (epoch seconds) as local time in Los Angeles, and the zone."""
    year = dt.datetime.fromtimestamp(moment, UTC).year
    # From two in the morning to two in the morning, local time.
    start = _sunday(year, 3, 8, hour=10)
    end = _sunday(year, 11, 1, hour=9)
    summer = start <= moment < end
    return _local(moment, -7 if summer else -8), _PACIFIC[summer]


def central_european(moment: float, language: str) -> tuple[dt.datetime, str]:
    """Return a moment (epoch seconds) as local time in Berlin, and the zone in a language."""
    summer = _is_summer_in_europe(moment)
    names = _CENTRAL_EUROPE.get(language, _CENTRAL_EUROPE_ELSEWHERE)
    return _local(moment, 1 + summer), names[summer]


def british(moment: float) -> tuple[dt.datetime, str]:
    """Return a moment (epoch seconds) as local time in London, and the zone."""
    summer = _is_summer_in_europe(moment)
    return _local(moment, int(summer)), ("GMT", "BST")[summer]


def japanese(moment: float) -> tuple[dt.datetime, str]:
    """Return a moment (epoch seconds) as local time in Tokyo, and the zone."""
    return _local(moment, 9), "JST"


def utc(moment: float) -> tuple[dt.datetime, str]:
    """Return a moment (epoch seconds) in UTC."""
    return _local(moment, 0), "UTC"


def _local(moment: float, hours: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(moment + hours * HOUR, UTC)


def _is_summer_in_europe(moment: float) -> bool:
    year = dt.datetime.fromtimestamp(moment, UTC).year
    return _sunday(year, 3, 25, hour=1) <= moment < _sunday(year, 10, 25, hour=1)


def _sunday(year: int, month: int, day: int, *, hour: int) -> float:
    """Return the moment of an hour (UTC) on the first Sunday from a day on."""
    first = dt.datetime(year, month, day, hour, tzinfo=UTC)
    return (first + dt.timedelta(days=(_SUNDAY - first.weekday()) % 7)).timestamp()
