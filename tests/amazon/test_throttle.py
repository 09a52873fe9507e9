from __future__ import annotations

import math
import random
import threading

import pytest

from tap_amazon_sp.amazon.throttle import Throttle, TokenBucket
from tests.fake_clock import FakeClock


def call(bucket: TokenBucket) -> float:
    """Make a call that is answered at once; return the seconds of waiting."""
    permit = bucket.acquire()
    permit.sent()
    permit.answered()
    return permit.waited


def test_the_burst_is_free_and_then_the_rate_holds() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.5, burst=3, clock=clock)

    waits = [call(bucket) for _ in range(5)]

    assert waits == [0, 0, 0, 2, 2]


def test_the_callback_is_called_before_a_wait() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.1, burst=1, clock=clock)
    waits: list[tuple[float, int]] = []

    for _ in range(2):
        bucket.acquire(lambda seconds: waits.append((seconds, len(clock.sleeps)))).answered()

    assert waits == [(10.0, 0)]


def test_the_least_time_for_calls_counts_the_tokens_that_are_there() -> None:
    clock = FakeClock()
    bucket = TokenBucket(0.5, 4, clock)

    assert bucket.least_seconds(3) == 0.0
    assert bucket.least_seconds(10) == pytest.approx(12.0)
    bucket.drain()
    clock.advance(4)
    assert bucket.least_seconds(10) == pytest.approx(16.0)
    # Nothing was taken.
    assert bucket.least_seconds(10) == pytest.approx(16.0)


def test_tokens_come_back_up_to_the_burst() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=1, burst=2, clock=clock)
    call(bucket)
    call(bucket)

    clock.advance(1000)

    assert [call(bucket) for _ in range(3)] == [0, 0, 1]


def test_calls_are_as_fast_as_the_usage_plan_allows_and_never_faster() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.0056, burst=20, clock=clock)
    started = clock.monotonic()

    for _ in range(100):
        call(bucket)

    assert clock.monotonic() - started == pytest.approx((100 - 20) / 0.0056)


def test_the_rate_that_amazon_sends_is_followed() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.1, burst=1, clock=clock)
    call(bucket)

    bucket.set_rate(2.0)

    assert call(bucket) == 0.5


@pytest.mark.parametrize("rate", [0.0, -1.0, 1e-308, 0.0004, math.nan, math.inf])
def test_an_impossible_rate_is_ignored(rate: float) -> None:
    bucket = TokenBucket(rate=1, burst=1, clock=FakeClock())

    bucket.set_rate(rate)

    assert bucket.rate == 1


def test_a_429_empties_the_bucket() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, random_source=lambda: 0.0)
    bucket = throttle.bucket("seller", "orders", rate=0.5, burst=10)

    throttle.wait_after_throttling(bucket, attempt=1)

    assert call(bucket) == 2


def test_waits_after_429_grow_and_are_random() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, random_source=lambda: 1.0)
    bucket = throttle.bucket("seller", "orders", rate=0.5, burst=10)

    for attempt in (1, 2, 3):
        throttle.wait_after_throttling(bucket, attempt)

    assert clock.sleeps == pytest.approx([0.2, 0.4, 0.8])


def test_retry_after_is_honoured_if_amazon_sends_it() -> None:
    clock = FakeClock()
    throttle = Throttle(clock, random_source=lambda: 0.0)

    throttle.wait_after_throttling(
        throttle.bucket("seller", "orders", 0.5, 10), 1, retry_after=30.0
    )

    assert clock.sleeps == [30.0]


def test_many_threads_share_one_bucket_without_overdrawing_it() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=1, burst=5, clock=clock)
    began_at = clock.monotonic()
    done_at: list[float] = []

    def use() -> None:
        permit = bucket.acquire()
        done_at.append(clock.monotonic() - began_at)
        permit.answered()

    threads = [threading.Thread(target=use) for _ in range(20)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    for number, moment in enumerate(sorted(done_at), 1):
        assert moment >= number - 5
    assert max(done_at) == pytest.approx(15)


def test_callers_are_served_in_order() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=1, burst=1, clock=clock)
    call(bucket)
    served: list[int] = []
    waiting = threading.Event()
    go_on = threading.Event()

    def sleep(seconds: float) -> None:
        waiting.set()
        assert go_on.wait(30)
        clock.advance(seconds)

    clock.sleep = sleep  # type: ignore[method-assign]

    def use(number: int) -> None:
        permit = bucket.acquire(lambda _: in_line.set())
        served.append(number)
        permit.answered()

    threads = []
    for number in range(5):
        in_line = threading.Event()
        threads.append(threading.Thread(target=use, args=(number,)))
        threads[-1].start()
        assert in_line.wait(30)
    assert waiting.wait(30)
    go_on.set()
    for thread in threads:
        thread.join()

    assert served == [0, 1, 2, 3, 4]


def test_each_operation_of_each_quota_has_its_own_bucket() -> None:
    throttle = Throttle(FakeClock())
    bucket = throttle.bucket("seller", "a", 1, 1)

    assert throttle.bucket("seller", "a", 1, 1) is bucket
    assert throttle.bucket("seller", "b", 1, 1) is not bucket
    assert throttle.bucket("other seller", "a", 1, 1) is not bucket


def test_the_slowest_operation_sets_the_shortest_time_of_a_run() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    assert throttle.slowest() is None
    for operation, rate, calls in (("fast", 10, 30), ("slow", 0.5, 7), ("rare", 0.1, 2)):
        bucket = throttle.bucket("seller", operation, rate, 2)
        for _ in range(calls):
            call(bucket)

    slowest = throttle.slowest()
    assert slowest is not None
    operation, bucket = slowest

    assert operation == "slow"
    assert bucket is not None
    assert (bucket.calls, bucket.shortest_time) == (7, 10)


@pytest.mark.parametrize("burst", [1, 5])
def test_tokens_that_another_run_has_used_count_in_the_shortest_time(burst: int) -> None:
    clock = FakeClock()
    began_at = clock.monotonic()
    throttle = Throttle(clock, lambda: 0.0)
    bucket = throttle.bucket("seller", "slow", 0.02, burst)
    permit = bucket.acquire()
    permit.sent()
    permit.answered(took_a_token=False)
    throttle.wait_after_throttling(bucket, 1)

    call(bucket)

    # The run lasted so long because of the limit, and says so.
    assert clock.monotonic() - began_at == pytest.approx(50, rel=0.1)
    assert bucket.shortest_time == pytest.approx(50)


def test_an_operation_without_a_documented_plan_is_called_once_a_second() -> None:
    bucket = Throttle(FakeClock()).bucket("seller", "unknown", None, None)

    assert [call(bucket), call(bucket)] == [0, 1]


def test_a_wait_becomes_shorter_when_the_rate_rises() -> None:
    clock = FakeClock()
    bucket = TokenBucket(0.01, 1, clock)
    call(bucket)
    waits = []

    def raise_rate(seconds: float) -> None:
        waits.append(seconds)
        # As another thread does that gets an answer meanwhile.
        bucket.set_rate(2)

    waited = bucket.acquire(raise_rate).waited

    assert waits == [pytest.approx(100)]
    assert waited == pytest.approx(0.5, abs=0.01)


def test_a_long_wait_has_few_pieces_and_is_not_too_long() -> None:
    clock = FakeClock()
    bucket = TokenBucket(0.0056, 1, clock)
    call(bucket)

    assert call(bucket) == pytest.approx(1 / 0.0056)
    assert len(clock.sleeps) < 60


@pytest.mark.parametrize("burst", [1, 2, 20])
def test_a_slow_first_answer_does_not_make_the_call_after_the_burst_early(burst: int) -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.5, burst=burst, clock=clock)
    first = bucket.acquire()
    first.sent()
    # Amazon takes the first token when the request arrives. Its full bucket gains none before.
    clock.advance(1.5)
    first.answered()

    for _ in range(burst - 1):
        assert call(bucket) == 0
    assert call(bucket) == pytest.approx(2)


def test_a_slow_answer_costs_nothing_while_amazon_gains_tokens() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.5, burst=2, clock=clock)
    call(bucket)
    second = bucket.acquire()
    second.sent()
    clock.advance(1.5)
    second.answered()

    assert call(bucket) == pytest.approx(0.5)


@pytest.mark.parametrize("is_answered", [True, False])
def test_without_a_burst_only_travel_time_counts_and_not_the_time_amazon_works(
    is_answered: bool,  # noqa: FBT001 - a case
) -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=0.5, burst=1, clock=clock)
    call(bucket)
    slow = bucket.acquire()
    slow.sent()
    clock.advance(1.5)
    if is_answered:
        slow.answered()

    # A twentieth of the two seconds.
    assert call(bucket) == pytest.approx(2 - 1.5 + 0.1)


def test_a_call_that_is_sent_late_makes_no_other_call_early() -> None:
    clock = FakeClock()
    bucket = TokenBucket(rate=1, burst=1, clock=clock)
    call(bucket)
    held_up = bucket.acquire()
    # An access token is renewed meanwhile.
    clock.advance(5)
    held_up.sent()
    held_up.answered()

    assert call(bucket) == pytest.approx(1.1)


@pytest.mark.parametrize("calls", [1, 8, 20])
def test_calls_that_amazon_throttled_took_no_token(calls: int) -> None:
    clock = FakeClock()
    throttle = Throttle(clock, random_source=lambda: 0.0)
    bucket = throttle.bucket("seller", "orders", rate=0.0167, burst=20)
    permits = [bucket.acquire() for _ in range(calls)]
    for permit in permits:
        permit.sent()
    for permit in permits:
        permit.answered(took_a_token=False)
        throttle.wait_after_throttling(bucket, attempt=1)

    assert call(bucket) == pytest.approx(1 / 0.0167)


class Amazon:
    """Amazon's own bucket: it refuses what arrives too early."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst = rate, burst
        self._tokens, self._at = burst, 0.0
        self.refused = 0

    def take(self, now: float) -> None:
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1 - 1e-6:
            self.refused += 1
        else:
            self._tokens -= 1


@pytest.mark.parametrize("burst", [1, 2, 10, 30])
@pytest.mark.parametrize("rate", [0.0056, 0.5, 5])
@pytest.mark.parametrize("seed", range(5))
def test_amazon_throttles_nothing_however_long_requests_travel(
    burst: int, rate: float, seed: int
) -> None:
    chance = random.Random(seed)  # noqa: S311 - no secret
    clock = FakeClock()
    bucket = TokenBucket(rate, burst, clock)
    amazon = Amazon(rate, burst)
    started = clock.monotonic()

    for _ in range(burst * 3 + 20):
        permit = bucket.acquire()
        clock.advance(chance.random() if chance.random() < 0.1 else 0)
        permit.sent()
        way = 0.02 + chance.random() * (0.04 if burst == 1 else 0.4)
        work = chance.random()
        clock.advance(way)
        amazon.take(clock.monotonic() - started)
        clock.advance(work)
        permit.answered()
        if chance.random() < 0.1:
            clock.advance(chance.random() * 3 / rate)

    assert amazon.refused == 0
