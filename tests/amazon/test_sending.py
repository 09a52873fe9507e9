from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    NotFoundError,
    ServiceError,
    ThrottledError,
    UnreachableError,
)
from tap_amazon_sp.amazon.retry import TRANSIENT
from tap_amazon_sp.simulator import Simulator
from tests.amazon.clients import LAST_MONTH, SEARCH, Wire, make_client
from tests.fake_clock import FakeClock

WAIT = 30.0


def test_the_rate_that_amazon_sends_is_followed(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(SEARCH)
    client.send(operation, LAST_MONTH)

    bucket = client._throttle.bucket(
        client.account.quota(operation), operation.id, operation.rate, operation.burst
    )

    assert bucket.rate == pytest.approx(0.0056 * simulator.settings.speed)


def test_a_429_is_waited_out(
    client: SellingPartnerClient, simulator: Simulator, clock: FakeClock
) -> None:
    operation = catalogue.operation("ordersV0.getOrder")
    simulator.inject(operation=operation.id, kind="throttle", count=2)
    order_id = simulator.truth("orders")[0]["orderId"]

    client.send(operation, {"orderId": order_id})

    (counted,) = [metrics for name, metrics in client.metrics if name == operation.id]
    assert counted.throttled == 2
    # There is no rate header before the first success: two whole tokens at the documented rate.
    assert sum(clock.sleeps) == pytest.approx(2 / 0.5, rel=0.3)


def test_the_first_long_wait_for_a_rate_limit_is_logged(
    slow_simulator: Simulator, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    client = make_client(slow_simulator, clock)
    operation = catalogue.operation("reports_2021-06-30.getReport")
    bucket = client._throttle.bucket(client.account.quota(operation), operation.id, 0.05, 1)
    caplog.set_level("DEBUG")

    for _ in range(2):
        bucket.set_rate(0.05)
        bucket.drain()
        with pytest.raises(NotFoundError):
            client.send(operation, {"reportId": "1"})

    waits = [record for record in caplog.records if "waiting" in record.getMessage()]
    assert [record.levelname for record in waits] == ["INFO", "DEBUG"]
    assert waits[0].getMessage() == (
        "reports_2021-06-30.getReport: waiting 20 seconds for the rate limit of 0.05 calls a second"
    )


def test_endless_429_is_given_up_with_advice(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    simulator.inject(operation=SEARCH, kind="throttle", count=None)

    with pytest.raises(ThrottledError, match=r"HTTP 429 QuotaExceeded.*Another program"):
        client.send(catalogue.operation(SEARCH), LAST_MONTH)

    assert len(simulator.requests) == 10


def test_an_expired_access_token_is_replaced_once(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(SEARCH)
    simulator.inject(operation=SEARCH, kind="expired_token", count=1)
    assert client.send(operation, LAST_MONTH).status == 200

    simulator.inject(operation=SEARCH, kind="expired_token", count=2)
    with pytest.raises(AccessDeniedError):
        client.send(operation, LAST_MONTH)


def test_restricted_tokens_are_requested_once_and_for_restricted_operations_only(
    simulator: Simulator, clock: FakeClock
) -> None:
    client = make_client(simulator, clock, restricted_data=True)
    items = catalogue.operation("ordersV0.getOrderItems")
    for order in simulator.truth("orders")[:3]:
        client.send(items, {"orderId": order["orderId"]})
    client.send(catalogue.operation(SEARCH), LAST_MONTH)

    asked = [(request["operation"], request["token_kind"]) for request in simulator.requests]
    assert asked == [
        ("tokens_2021-03-01.createRestrictedDataToken", "LWA"),
        *[("ordersV0.getOrderItems", "RDT")] * 3,
        (SEARCH, "LWA"),
    ]


def test_grantless_operations_get_a_grantless_token(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation("notifications.getDestinations")

    client.send(operation)

    assert {request["token_kind"] for request in simulator.requests} == {"grantless"}


def test_an_unreachable_address_is_named_without_its_query(
    clock: FakeClock, simulator: Simulator
) -> None:
    client = make_client(simulator, clock, endpoint="http://127.0.0.1:9")

    with pytest.raises(UnreachableError, match=r"127\.0\.0\.1:9 \(`endpoint`\) refuses") as caught:
        client.send(catalogue.operation(SEARCH), {"paginationToken": "hush"})

    assert "hush" not in str(caught.value)
    # Nobody waits long for what is wrong from the beginning.
    assert clock.sleeps == [1.0, 2.0, 2.0]


def test_a_host_that_does_not_accept_connections_is_tried_for_seconds_only(
    monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    def answer(_: str) -> bytes:
        clock.advance(10.0)
        raise requests.ConnectTimeout

    wire = Wire(monkeypatch, answer, clock, request_timeout=60.0)

    with pytest.raises(UnreachableError, match="did not accept a connection within 10 seconds"):
        wire.client.send(catalogue.operation(SEARCH), LAST_MONTH)

    assert clock.sleeps == []


def test_a_host_that_has_answered_before_is_tried_as_often_as_ever(
    monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    def answer(_: str) -> bytes:
        if len(wire.urls) > 1:
            raise requests.ConnectionError(ConnectionRefusedError())
        return b'{"orders": []}'

    wire = Wire(monkeypatch, answer, clock)
    wire.orders()

    with pytest.raises(ServiceError, match=r"no complete answer: .* \(`endpoint`\) refuses"):
        wire.orders()

    assert len(wire.urls) == 1 + TRANSIENT.max_tries


def test_no_more_requests_are_under_way_at_once_than_allowed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    under_way: list[str] = []
    counts = []
    arrived, entered, may_leave = (threading.Semaphore(0) for _ in range(3))

    def answer(url: str) -> bytes:
        under_way.append(url)
        counts.append(len(under_way))
        entered.release()
        assert may_leave.acquire(timeout=WAIT)
        under_way.remove(url)
        return b"{}"

    wire = Wire(monkeypatch, answer, max_parallel_requests=2)
    # Counted just before it is sent.
    monkeypatch.setattr(wire.client.metrics, "count_call", lambda _: arrived.release())
    operation = catalogue.operation(SEARCH)
    with ThreadPoolExecutor(6) as executor:
        calls = [executor.submit(wire.client.send, operation) for _ in range(6)]
        for _ in calls:
            assert arrived.acquire(timeout=WAIT)
        for _ in calls:
            assert entered.acquire(timeout=WAIT)
            may_leave.release()
        for call in calls:
            call.result(WAIT)

    assert max(counts) == 2
    assert len(wire.urls) == 6


def test_a_request_that_fails_makes_room_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([requests.ConnectionError, requests.Timeout, None])

    def answer(_: str) -> bytes:
        if error := next(answers):
            raise error
        return b'{"orders": [{}]}'

    assert Wire(monkeypatch, answer, max_parallel_requests=1).orders() == [{}]


class StandingClock(FakeClock):
    """Sleeps until it is woken."""

    def __init__(self) -> None:
        super().__init__()
        self.asleep, self.wake = threading.Event(), threading.Event()

    def sleep(self, seconds: float) -> None:
        self.asleep.set()
        assert self.wake.wait(WAIT)
        super().sleep(seconds)


def test_a_request_that_waits_for_the_rate_limit_does_not_count_as_under_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = StandingClock()
    client = Wire(monkeypatch, lambda _: b"{}", clock, max_parallel_requests=1).client
    waiting, other = (
        catalogue.operation(f"reports_2021-06-30.{name}") for name in ("getReport", "getReports")
    )
    plan = client._throttle.bucket(
        client.account.quota(waiting), waiting.id, waiting.rate, waiting.burst
    )
    plan.drain()

    with ThreadPoolExecutor(2) as executor:
        waits = executor.submit(client.send, waiting, {"reportId": "1"})
        assert clock.asleep.wait(WAIT)

        assert executor.submit(client.send, other).result(WAIT).status == 200

        assert not waits.done()
        clock.wake.set()
        assert waits.result(WAIT).status == 200


def test_a_budget_that_is_used_up_makes_failures_final_at_once(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    operation = catalogue.operation(SEARCH)
    budget = client.retry.budget
    budget.take(budget.tokens)

    for kind, error in (("status", ServiceError), ("throttle", ThrottledError)):
        simulator.inject(operation=SEARCH, kind=kind, count=1)
        with pytest.raises(error, match=r"HTTP \d+.*; no retry was made, because too many"):
            client.send(operation, LAST_MONTH)

    assert len(simulator.requests) == 2
    assert client.send(operation, LAST_MONTH).status == 200
    assert budget.tokens == 1


def test_what_passes_costs_nothing(client: SellingPartnerClient, simulator: Simulator) -> None:
    budget = client.retry.budget
    full = budget.tokens
    simulator.inject(operation=SEARCH, kind="throttle", count=3)
    simulator.inject(operation=SEARCH, kind="reset", count=1)
    simulator.inject(operation=SEARCH, kind="throttle", count=3)
    simulator.inject(operation=SEARCH, kind="status", status=500, count=1)

    client.send(catalogue.operation(SEARCH), LAST_MONTH)

    assert len(simulator.requests) == 9
    assert budget.tokens == full


def test_an_endless_429_costs_its_retries(
    client: SellingPartnerClient, simulator: Simulator
) -> None:
    full = client.retry.budget.tokens
    simulator.inject(operation=SEARCH, kind="throttle", count=None)

    with pytest.raises(ThrottledError):
        client.send(catalogue.operation(SEARCH), LAST_MONTH)

    assert client.retry.budget.tokens == full - 9
