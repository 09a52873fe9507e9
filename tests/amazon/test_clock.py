from __future__ import annotations

import datetime as dt
import logging
from email.utils import format_datetime

import pytest
import requests

from tap_amazon_sp.amazon.clock import ANSWERS_COMPARED, AmazonClock
from tap_amazon_sp.common.once import Once
from tests.fake_clock import FakeClock

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)


def answered(date: dt.datetime | str | None, **headers: str) -> requests.Response:
    response = requests.Response()
    if isinstance(date, dt.datetime):
        # As a server does: whole seconds, the rest is cut off.
        date = format_datetime(date.replace(microsecond=0), usegmt=True)
    if date is not None:
        headers["Date"] = date
    response.headers.update(headers)
    return response


def hear(clock: AmazonClock, date: dt.datetime, seconds: float = 0.1) -> None:
    """Let a clock hear as many answers as it compares."""
    for _ in range(ANSWERS_COMPARED):
        clock.heard(answered(date), seconds)


def seconds_off(clock: AmazonClock, machine: FakeClock) -> float:
    return (clock.now() - machine.now()).total_seconds()


@pytest.mark.parametrize("seconds_ahead", [240, 3600, 86_400 * 400, -240, -80_000])
def test_a_clock_that_is_off_is_corrected(seconds_ahead: float) -> None:
    machine = FakeClock(NOON + dt.timedelta(seconds=seconds_ahead))
    clock = AmazonClock(machine)

    hear(clock, NOON, 0.2)

    assert NOON - dt.timedelta(seconds=1) <= clock.now() <= NOON
    machine.advance(60)
    assert clock.now() <= NOON + dt.timedelta(seconds=60)


@pytest.mark.parametrize("seconds", [-0.4, 0.0, 0.4])
def test_a_clock_that_may_be_right_is_left_alone(seconds: float) -> None:
    machine = FakeClock(NOON + dt.timedelta(seconds=0.5))
    clock = AmazonClock(machine)

    clock.heard(answered(machine.now() + dt.timedelta(seconds=seconds)), 0.5)

    assert seconds_off(clock, machine) == 0


def test_a_slow_answer_does_not_make_the_present_later_than_it_is() -> None:
    machine = FakeClock(NOON)
    clock = AmazonClock(machine)
    truth = NOON - dt.timedelta(minutes=4)

    # It was made at once, and came half a minute later.
    machine.advance(30)
    clock.heard(answered(truth), 30)

    assert clock.now() <= truth + dt.timedelta(seconds=30)


def test_slow_answers_do_not_spoil_what_a_quick_one_told() -> None:
    machine = FakeClock(NOON)
    clock = AmazonClock(machine)
    for took in (20.0, 0.1, 40.0):
        machine.advance(took)
        clock.heard(answered(machine.now() - dt.timedelta(seconds=240 + took)), took)

    assert -241.2 < seconds_off(clock, machine) <= -240


def test_a_clock_that_is_set_meanwhile_is_followed() -> None:
    machine = FakeClock(NOON)
    clock = AmazonClock(machine)
    clock.heard(answered(NOON - dt.timedelta(minutes=4)), 0.1)
    machine._now -= dt.timedelta(minutes=4)

    hear(clock, machine.now())

    assert seconds_off(clock, machine) == 0


@pytest.mark.parametrize("number", range(5))
def test_one_answer_with_a_later_time_does_not_change_the_present(
    number: int, caplog: pytest.LogCaptureFixture
) -> None:
    machine = FakeClock(NOON)
    clock = AmazonClock(machine)

    for answer in range(5):
        hours = 20 if answer == number else 0
        clock.heard(answered(machine.now() + dt.timedelta(hours=hours)), 0.1)
        assert seconds_off(clock, machine) == 0
        assert clock.is_in_doubt is (answer == number)

    assert not caplog.messages


def test_an_answer_with_an_earlier_time_is_believed_at_once() -> None:
    machine = FakeClock(NOON)
    clock = AmazonClock(machine)

    clock.heard(answered(NOON - dt.timedelta(minutes=4)), 0.1)

    assert seconds_off(clock, machine) == -240
    assert not clock.is_in_doubt


@pytest.mark.parametrize(
    "date",
    [
        None,
        "",
        "yesterday",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Sat, 01 Jan 0001 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "Fri, 31 Dec 9999 23:59:59 -2300",
        "Sat, 21 Nov 99999 12:00:00 GMT",
        "Sat, 99 Nov 2026 12:00:00 GMT",
        "Tue, 24 Nov 2026 12:00:00 GMT",
        "\udcff",
    ],
)
def test_what_cannot_be_the_time_is_ignored(date: str | None) -> None:
    machine = FakeClock(NOON)
    clock = AmazonClock(machine)

    clock.heard(answered(date), 0.1)

    assert seconds_off(clock, machine) == 0


def test_an_answer_from_a_cache_tells_no_time() -> None:
    machine = FakeClock(NOON)
    clock = AmazonClock(machine)

    clock.heard(answered(NOON - dt.timedelta(hours=1), Age="3600"), 0.1)

    assert seconds_off(clock, machine) == 0


@pytest.mark.parametrize(
    ("difference", "told"),
    [
        (dt.timedelta(seconds=30), None),
        (dt.timedelta(minutes=-4), "is 240 seconds ahead of Amazon's"),
        (dt.timedelta(minutes=4), "is 240 seconds behind Amazon's"),
        (dt.timedelta(days=3), "later records are not read"),
    ],
)
def test_a_large_difference_is_told_once_for_all_accounts(
    difference: dt.timedelta, told: str | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    machine, once = FakeClock(NOON), Once()

    for _ in range(2):
        clock = AmazonClock(machine, once=once)
        hear(clock, NOON + difference)

    assert len(caplog.messages) == (told is not None)
    assert told is None or told in caplog.text
