from __future__ import annotations

import threading

import pytest

from tap_amazon_sp.api.throttle import Throttle, TokenBucket
from tests.fake_clock import FakeClock


def test_the_burst_is_free_and_then_the_rate_holds() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.5, burst=3, clock=clock)

    waits = [bucket.acquire() for _ in range(5)]

    assert waits == [0, 0, 0, 2, 2]


def test_who_asks_is_told_of_a_wait_when_it_begins() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.1, burst=1, clock=clock)
    told: list[tuple[float, int]] = []

    for _ in range(2):
        bucket.acquire(lambda seconds: told.append((seconds, len(clock.sleeps))))

    assert told == [(10.0, 0)]


def test_tokens_come_back_up_to_the_burst() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=1, burst=2, clock=clock)
    bucket.acquire()
    bucket.acquire()

    clock.advance(1000)

    assert [bucket.acquire() for _ in range(3)] == [0, 0, 1]


def test_calls_are_as_fast_as_the_usage_plan_allows_and_never_faster() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.0056, burst=20, clock=clock)
    started = clock.monotonic()

    for _ in range(100):
        bucket.acquire()

    assert clock.monotonic() - started == pytest.approx((100 - 20) / 0.0056)


def test_the_rate_that_amazon_sends_is_followed() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.1, burst=1, clock=clock)
    bucket.acquire()

    bucket.set_rate(2.0)

    assert bucket.acquire() == 0.5


@pytest.mark.parametrize("rate", [0.0, -1.0])
def test_a_rate_that_cannot_be_is_ignored(rate: float) -> None:
    bucket = TokenBucket(rate=1, burst=1, clock=FakeClock())

    bucket.set_rate(rate)

    assert bucket.rate == 1


def test_a_429_empties_the_bucket() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, random_source=lambda: 0.0)
    bucket = throttle.bucket("orders", rate=0.5, burst=10)

    throttle.wait_after_throttling(bucket, attempt=1)

    assert bucket.acquire() == 2


def test_waits_after_429_grow_and_are_random() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, random_source=lambda: 1.0)
    bucket = throttle.bucket("orders", rate=0.5, burst=10)

    for attempt in (1, 2, 3):
        throttle.wait_after_throttling(bucket, attempt)

    assert clock.sleeps == pytest.approx([0.2, 0.4, 0.8])


def test_retry_after_is_honoured_should_amazon_send_it() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, random_source=lambda: 0.0)

    throttle.wait_after_throttling(throttle.bucket("orders", 0.5, 10), 1, retry_after=30.0)

    assert clock.sleeps == [30.0]


def test_many_threads_share_one_bucket_without_overdrawing_it() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=1, burst=5, clock=clock)
    clock.sleep = lambda _: None  # type: ignore[method-assign]
    waits: list[float] = []
    threads = [threading.Thread(target=lambda: waits.append(bucket.acquire())) for _ in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(waits) == [0.0] * 5 + [float(second) for second in range(1, 16)]


def test_each_operation_has_a_bucket_of_its_own() -> None:
    throttle = Throttle(FakeClock())

    assert throttle.bucket("a", 1, 1) is throttle.bucket("a", 1, 1)
    assert throttle.bucket("a", 1, 1) is not throttle.bucket("b", 1, 1)


def test_an_operation_without_a_documented_plan_is_called_once_a_second() -> None:
    bucket = Throttle(FakeClock()).bucket("unknown", None, None)

    assert [bucket.acquire(), bucket.acquire()] == [0, 1]


def test_a_wait_at_a_guessed_rate_ends_when_the_rate_turns_out_higher() -> None:
    clock = FakeClock()
    bucket = TokenBucket(0.01, 1, clock, is_guessed=True)
    bucket.acquire()
    told = []

    def tell(seconds: float) -> None:
        told.append(seconds)
        # Another thread hears from Amazon meanwhile.
        bucket.set_rate(2)

    waited = bucket.acquire(tell)

    assert told == [pytest.approx(100)]
    assert waited == pytest.approx(0.5, abs=0.01)


def test_a_wait_at_a_guessed_rate_is_as_long_as_any_other_where_it_stays() -> None:
    bucket = TokenBucket(1, 1, FakeClock(), is_guessed=True)
    bucket.acquire()

    assert bucket.acquire() == pytest.approx(1)
