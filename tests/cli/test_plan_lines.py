from __future__ import annotations

from collections.abc import Sequence

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.cli.plan_lines import Bucket, KindOfJobs, together
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.plan import Certainty, PlannedJob

CREATE = catalogue.operation("reports_2021-06-30.createReport")
START = parse_timestamp("2026-11-01T00:00:00Z")


@pytest.mark.parametrize(
    ("parts", "sum_"),
    [
        ([], "exactly"),
        (["exactly", "exactly"], "exactly"),
        (["exactly", "at least"], "at least"),
        (["at most", "exactly", "at most"], "at most"),
        (["at most", "at least"], "about"),
        (["about", "at least"], "about"),
    ],
)
def test_a_sum_is_as_certain_as_its_parts(parts: Sequence[Certainty], sum_: Certainty) -> None:
    assert together(parts) == sum_


@pytest.mark.parametrize(
    ("certainty", "seconds", "least_seconds", "time"),
    [
        ("exactly", 5.2, 5.2, "at least 6 s"),
        ("at least", 3600.0, 3600.0, "at least 1 h"),
        ("about", 3660.0, 3660.0, "about 1 h 1 min"),
        ("at most", 86400.0, 0.0, "up to 1 d"),
        ("at most", 86400.0, 78360.0, "21 h 46 min to 1 d"),
    ],
)
def test_the_time_of_calls_says_how_certain_it_is(
    certainty: Certainty, seconds: float, least_seconds: float, time: str
) -> None:
    assert Bucket(CREATE, 100, certainty, seconds, least_seconds).time == time


def test_reports_that_amazon_may_have_are_the_most() -> None:
    windows = [Window(START, START + DAY), Window(START + DAY, START + 4 * DAY)]
    jobs = [PlannedJob("GET_X", "x", window, may_exist=True) for window in windows]

    kind = KindOfJobs("GET_X", jobs, seconds=120.0)

    assert kind.sentence == (
        "at most 2 of GET_X, from 2026-11-01T00:00:00Z to 2026-11-05T00:00:00Z, "
        "each of up to 3 d, up to 2 min"
    )
    assert (kind.record["number"], kind.record["longest_window_seconds"]) == (2, 3 * 86400)


def test_reports_of_the_current_state_have_no_time() -> None:
    kind = KindOfJobs("GET_NOW", [PlannedJob("GET_NOW", "now", None)], seconds=0.0)

    assert kind.sentence == "exactly 1 of GET_NOW"
    assert kind.record["from"] is None
