from __future__ import annotations

import datetime as dt

import pytest

from tap_amazon_sp.timeline.scale import MAX_TICKS, WIDTH, Scale, duration
from tests.timeline.runs import NOON, at


@pytest.mark.parametrize(
    "seconds", [0, 0.003, 0.4, 1, 7, 59, 61, 600, 3599, 3601, 86399, 86401, 1e6, 1e7, 1e8]
)
def test_ticks_are_few_in_order_and_differ(seconds: float) -> None:
    scale = Scale(at(17.3), at(17.3 + seconds))

    places, labels = zip(*scale.ticks, strict=True) if scale.ticks else ((), ())

    assert len(places) <= MAX_TICKS + 1
    assert [*places] == sorted(set(places))
    assert len(set(labels)) == len(labels)
    assert all(0 <= place <= WIDTH for place in places)
    assert len(places) >= 2 or seconds == 0


def test_ticks_are_at_round_times() -> None:
    scale = Scale(at(-100), at(500))

    assert [label for _, label in scale.ticks] == [
        "12:00",
        "12:02",
        "12:04",
        "12:06",
        "12:08",
    ]
    assert scale.ticks[0][0] == scale.place(NOON) == pytest.approx(166.7)


def test_a_run_over_days_has_dates() -> None:
    labels = [label for _, label in Scale(NOON, NOON + dt.timedelta(days=6)).ticks]

    assert labels[0] == "2026-11-29"


def test_a_new_day_is_named() -> None:
    labels = [label for _, label in Scale(at(0), at(43_000 * 2)).ticks]

    assert labels == ["12:00", "15:00", "18:00", "21:00", "11-29 00:00", "03:00", "06:00", "09:00"]


def test_a_moment_outside_is_at_the_nearer_end() -> None:
    scale = Scale(at(0), at(10))

    assert (scale.place(at(-1)), scale.place(at(11))) == (0, WIDTH)
    assert scale.moment(WIDTH / 2) == at(5)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0.00 s"),
        (0.256, "0.26 s"),
        (2.34, "2.3 s"),
        (59.4, "59 s"),
        (185, "3 min 5 s"),
        (7380, "2 h 3 min"),
        (32_400, "9 h"),
        (60, "1 min"),
        (86_405, "1 d"),
        (187_200, "2 d 4 h"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text
