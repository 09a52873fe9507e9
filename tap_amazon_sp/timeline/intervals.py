"""Sets of moments, as intervals that do not touch, in order of time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence

Interval = tuple[dt.datetime, dt.datetime]


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Return the moments that are in at least one of some intervals."""
    found: list[Interval] = []
    for begun, ended in sorted(intervals):
        if found and begun <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], ended)
        else:
            found.append((begun, ended))
    return found


def without(intervals: Iterable[Interval], others: Sequence[Interval]) -> list[Interval]:
    """Return the moments of some intervals that are in none of the others. Both are merged."""
    return [*_without(intervals, others)]


def _without(intervals: Iterable[Interval], others: Sequence[Interval]) -> Iterator[Interval]:
    place = 0
    for begun, ended in intervals:
        while place < len(others) and others[place][1] <= begun:
            place += 1
        at, rest = place, begun
        while at < len(others) and others[at][0] < ended:
            if others[at][0] > rest:
                yield rest, others[at][0]
            rest = max(rest, others[at][1])
            at += 1
        if rest < ended:
            yield rest, ended


def seconds_of(intervals: Iterable[Interval]) -> float:
    """Return the length of merged intervals."""
    return sum((ended - begun).total_seconds() for begun, ended in intervals)
