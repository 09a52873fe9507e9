from __future__ import annotations

from collections.abc import Callable

import pytest

from tap_amazon_sp.amazon.errors import ServiceError, ThrottledError
from tap_amazon_sp.amazon.retry import RetryableError, RetryPolicy
from tests.fake_clock import FakeClock


def failing(times: int, *, retry_after: float | None = None) -> Callable[[], str]:
    """Return a function that fails so many times before it gives an answer."""
    left = [times]

    def function() -> str:
        if left[0]:
            left[0] -= 1
            raise RetryableError(ValueError("broken"), retry_after=retry_after)
        return "answer"

    return function


def test_a_failure_that_passes_is_not_seen() -> None:
    clock = FakeClock()

    answer = RetryPolicy(clock, jitter=lambda longest: longest).run(failing(3))

    assert answer == "answer"
    assert clock.sleeps == [1, 2, 4]


def test_waits_stop_growing() -> None:
    clock = FakeClock()

    RetryPolicy(clock, max_tries=10, jitter=lambda longest: longest).run(failing(8))

    assert clock.sleeps == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_failure_that_stays_is_raised_as_itself() -> None:
    clock = FakeClock()

    with pytest.raises(ValueError, match="broken"):
        RetryPolicy(clock, max_tries=3).run(failing(3))

    assert len(clock.sleeps) == 2


def test_retry_after_is_honoured() -> None:
    clock = FakeClock()

    RetryPolicy(clock).run(failing(1, retry_after=17.0))

    assert clock.sleeps == [17.0]


def test_a_retry_after_of_nothing_does_not_make_a_hot_loop() -> None:
    clock = FakeClock()

    RetryPolicy(clock, jitter=lambda longest: longest).run(failing(2, retry_after=0.0))

    assert clock.sleeps == [1, 2]


def test_waits_are_random() -> None:
    sleeps = set()
    for _ in range(5):
        clock = FakeClock()
        RetryPolicy(clock).run(failing(1))
        sleeps.add(clock.sleeps[0])

    assert len(sleeps) > 1


def test_other_errors_are_not_retried() -> None:
    clock = FakeClock()

    def wrong() -> str:
        raise KeyError

    with pytest.raises(KeyError):
        RetryPolicy(clock).run(wrong)
    assert clock.sleeps == []


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (
            ServiceError("a.getIt", status=503, message="Internal failure."),
            "a.getIt: HTTP 503: Internal failure",
        ),
        (ThrottledError("a.getIt", status=429, request_id="1-2"), "HTTP 429 (request id 1-2)"),
        (ValueError("broken"), "broken"),
    ],
)
def test_a_failure_that_is_tried_again_is_told_without_the_advice_for_the_end(
    error: Exception, told: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RetryableError(error)

    with pytest.raises(type(error)):
        RetryPolicy(FakeClock(), max_tries=3, jitter=lambda longest: longest).run(fail)

    first, last = caplog.messages
    assert first.endswith(f"{told}. Trying again in 1.0 seconds (try 2 of 3)")
    assert last.endswith(f"{told}. Trying again in 2.0 seconds (try 3 of 3)")
    assert "next run" not in caplog.text
