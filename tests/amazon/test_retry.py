from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from tap_amazon_sp.amazon.errors import AuthenticationError, ServiceError, ThrottledError
from tap_amazon_sp.amazon.retry import (
    BUDGET_CAPACITY,
    BUDGET_USED_UP,
    MAX_RETRY_AFTER,
    RULES,
    THROTTLED,
    TRANSIENT,
    RetryableError,
    RetryBudget,
    RetryPolicy,
    RetryRule,
    Tries,
)
from tests.fake_clock import FakeClock


def failing(times: int, *, retry_after: float | None = None) -> Callable[[], str]:
    """Return a function that fails `times` times and then returns an answer."""
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

    rule = replace(TRANSIENT, max_tries=10)
    RetryPolicy(clock, rule, jitter=lambda longest: longest).run(failing(8))

    assert clock.sleeps == [1, 2, 4, 8, 16, 32, 60, 60]


def test_a_failure_that_stays_is_raised_as_itself() -> None:
    clock = FakeClock()

    with pytest.raises(ValueError, match="broken"):
        RetryPolicy(clock, replace(TRANSIENT, max_tries=3)).run(failing(3))

    assert len(clock.sleeps) == 2


def test_retry_after_is_honoured() -> None:
    clock = FakeClock()

    RetryPolicy(clock).run(failing(1, retry_after=17.0))

    assert clock.sleeps == [17.0]


def test_a_retry_after_of_zero_does_not_make_a_busy_loop() -> None:
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
    ("error", "description"),
    [
        (
            ServiceError("a.getIt", status=503, message="Internal failure."),
            "a.getIt: HTTP 503: Internal failure",
        ),
        (ThrottledError("a.getIt", status=429, request_id="1-2"), "HTTP 429 (request id 1-2)"),
        (ValueError("broken"), "broken"),
    ],
)
def test_a_failure_that_is_tried_again_is_logged_without_the_final_advice(
    error: Exception, description: str, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise RetryableError(error)

    rule = replace(TRANSIENT, max_tries=3)
    with pytest.raises(type(error)):
        RetryPolicy(FakeClock(), rule, jitter=lambda longest: longest).run(fail)

    first, last = caplog.messages
    assert first.endswith(f"{description}. Trying again in 1.0 seconds (try 2 of 3)")
    assert last.endswith(f"{description}. Trying again in 2.0 seconds (try 3 of 3)")
    assert "next run" not in caplog.text


def always_failing() -> str:
    raise RetryableError(ServiceError("a.getIt", status=503, message="Internal failure"))


def policy(budget: RetryBudget, clock: FakeClock | None = None) -> RetryPolicy:
    return RetryPolicy(clock or FakeClock(), budget=budget, jitter=lambda longest: longest)


def test_a_request_that_fails_for_good_costs_its_retries() -> None:
    budget = RetryBudget()

    with pytest.raises(ServiceError):
        policy(budget).run(always_failing)

    assert budget.tokens == BUDGET_CAPACITY - 6 * TRANSIENT.cost


def test_a_request_that_succeeds_in_the_end_costs_nothing_and_returns_a_token() -> None:
    budget = RetryBudget(100)
    budget.take(50)

    policy(budget).run(failing(6))
    policy(budget).run(failing(0))

    assert budget.tokens == 52


def test_the_budget_holds_no_more_than_at_the_start() -> None:
    budget = RetryBudget(100)

    policy(budget).run(failing(0))

    assert budget.tokens == 100


def test_a_budget_that_is_used_up_makes_failures_final_at_once() -> None:
    clock = FakeClock()
    budget = RetryBudget(3 * TRANSIENT.cost)

    with pytest.raises(ServiceError) as last_retry:
        policy(budget, clock).run(always_failing)
    slept = list(clock.sleeps)
    with pytest.raises(ServiceError) as without_retry:
        policy(budget, clock).run(always_failing)

    assert clock.sleeps == slept == [1, 2, 4]
    for caught in (last_retry, without_retry):
        assert str(caught.value) == (
            f"a.getIt: HTTP 503: Internal failure; {BUDGET_USED_UP}. {ServiceError.advice}"
        )
        assert caught.value.sentence("Look again") == (
            f"a.getIt: HTTP 503: Internal failure; {BUDGET_USED_UP}. Look again"
        )
    assert "no retry was made, because too many requests" in BUDGET_USED_UP


def test_an_error_that_has_no_tries_left_does_not_blame_the_budget() -> None:
    with pytest.raises(ServiceError) as caught:
        policy(RetryBudget(6 * TRANSIENT.cost)).run(always_failing)

    assert BUDGET_USED_UP not in str(caught.value)


def test_successes_fill_a_budget_that_was_used_up() -> None:
    budget = RetryBudget(TRANSIENT.cost)
    with pytest.raises(ServiceError):
        policy(budget).run(always_failing)
    assert budget.tokens == 0

    for _ in range(TRANSIENT.cost):
        policy(budget).run(failing(0))

    assert policy(budget).run(failing(1)) == "answer"


def test_login_failures_say_that_the_budget_is_used_up() -> None:
    def fail() -> str:
        raise RetryableError(AuthenticationError("No access token: check it", status=503))

    with pytest.raises(AuthenticationError, match=BUDGET_USED_UP) as caught:
        policy(RetryBudget(0)).run(fail)

    assert caught.value.status == 503


def test_all_threads_of_an_account_share_its_budget() -> None:
    budget = RetryBudget()

    def fail() -> None:
        with pytest.raises(ServiceError):
            policy(budget).run(always_failing)

    with ThreadPoolExecutor(16) as executor:
        for call in [executor.submit(fail) for _ in range(200)]:
            call.result()

    assert budget.tokens == BUDGET_CAPACITY - 200 * 6 * TRANSIENT.cost


def test_a_long_run_whose_failures_pass_never_uses_its_budget_up() -> None:
    """Every request fails as often as its rule allows."""
    budget = RetryBudget()
    for rule in (TRANSIENT, THROTTLED):
        run = RetryPolicy(FakeClock(), rule, budget=budget).run
        for _ in range(5_000):
            assert run(failing(rule.max_tries - 1)) == "answer"

    assert budget.tokens == BUDGET_CAPACITY


def test_an_outage_that_hits_three_hundred_requests_at_once_passes() -> None:
    budget = RetryBudget()
    requests = [Tries(TRANSIENT, budget) for _ in range(333)]

    for _ in range(TRANSIENT.max_tries - 1):
        assert all(tries.may_retry() for tries in requests)
    for tries in requests:
        tries.passed()

    assert budget.tokens == BUDGET_CAPACITY


def test_a_429_that_stays_costs_less_than_a_failure_of_amazon() -> None:
    costs = {rule: (rule.max_tries - 1) * rule.cost for rule in (THROTTLED, TRANSIENT)}

    assert costs == {THROTTLED: 9, TRANSIENT: 30}


def waits(rule: RetryRule) -> str:
    if not rule.max_wait:
        return "none"
    if not rule.jitter:
        first = f"{rule.first_wait:g} s"
        is_constant = rule.first_wait == rule.max_wait
        return first if is_constant else f"{first}, doubled each time, at most {rule.max_wait:g} s"
    first = f"{rule.first_wait:g} s"
    before = ""
    if rule.after_new_token:
        first = f"{rule.first_wait:g} of the time that a token takes"
        before = "a new token of the usage plan, then "
    return f"{before}random, up to {first}, doubled each time, at most {rule.max_wait:g} s"


def test_the_page_on_retries_shows_all_rules_and_the_budget() -> None:
    page = (Path(__file__).parents[2] / "docs" / "retries.md").read_text(encoding="utf-8")

    rows = [line for line in page.splitlines() if line.startswith("|")]
    assert rows[2:] == [
        f"| {rule.failure} | {rule.max_tries} | {waits(rule)} | {rule.cost} |" for rule in RULES
    ]
    assert f"{BUDGET_CAPACITY:,} tokens" in page
    assert f"up to {MAX_RETRY_AFTER:g} s" in page
    assert BUDGET_USED_UP in " ".join(page.split())
