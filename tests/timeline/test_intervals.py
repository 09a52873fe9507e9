from __future__ import annotations

import datetime as dt
import random

from tap_amazon_sp.timeline.intervals import Interval, merged, seconds_of, without

NOON = dt.datetime(2026, 11, 28, 12, tzinfo=dt.timezone.utc)


def between(begun: float, ended: float) -> Interval:
    return NOON + dt.timedelta(seconds=begun), NOON + dt.timedelta(seconds=ended)


def test_intervals_that_touch_become_one() -> None:
    assert merged([between(5, 6), between(0, 2), between(1, 3), between(3, 4)]) == [
        between(0, 4),
        between(5, 6),
    ]


def test_moments_of_others_are_taken_away() -> None:
    left = without([between(0, 10), between(20, 30)], [between(2, 3), between(8, 25)])

    assert left == [between(0, 2), between(3, 8), between(25, 30)]


def test_lengths_agree_with_counting_each_second() -> None:
    """Against sets of seconds, for many random intervals."""
    numbers = random.Random(1)  # noqa: S311 - nothing secret
    for _ in range(300):
        ours, others = (
            [
                between(begun, begun + numbers.randrange(1, 9))
                for begun in (numbers.randrange(60) for _ in range(numbers.randrange(9)))
            ]
            for _ in range(2)
        )
        seconds, taken = (
            {
                begun + dt.timedelta(seconds=number)
                for begun, ended in intervals
                for number in range(int((ended - begun).total_seconds()))
            }
            for intervals in (ours, others)
        )
        assert seconds_of(merged(ours)) == len(seconds)
        assert seconds_of(without(merged(ours), merged(others))) == len(seconds - taken)
