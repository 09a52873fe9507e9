from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import AccessDeniedError, ServiceError
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.jobs.api import QUERIES, REPORTS
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.errors import SettingsError
from tests.fake_clock import FakeClock

WAIT = 30.0
ASKED = "sellers.getMarketplaceParticipations"
US = "ATVPDKIKX0DER"
SETTINGS = Settings(
    client_id="id",
    client_secret="hush",
    refresh_token="hush",
    max_parallel_requests=2,
    report_poll_interval=3,
    report_timeout=60,
    request_timeout=60,
    seller_id="A1",
)
PARTICIPATIONS = Answer(
    {"payload": [{"marketplace": {"id": US}, "participation": {"isParticipating": True}}]},
    200,
    None,
)


def connection(name: str | None = None, **settings: Any) -> Connection:
    clock = FakeClock()
    return Connection(
        replace(SETTINGS, name=name, **settings),
        clock=clock,
        throttle=Throttle(clock),
        user_agent="test/1.0",
    )


class SlowSellers:
    """Returns the marketplaces when the test allows it, and counts the requests."""

    def __init__(self, *failures: Exception) -> None:
        self.asked = threading.Semaphore(0)
        self.may_answer = threading.Event()
        self.calls = 0
        self._failures = list(failures)

    def send(self, *_: Any, **__: Any) -> Answer:
        self.calls += 1
        self.asked.release()
        assert self.may_answer.wait(WAIT)
        if self._failures:
            raise self._failures.pop(0)
        return PARTICIPATIONS


class CountedStarts(threading.Barrier):
    """Lets threads start together."""

    def then(self, function: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            self.wait(WAIT)
            return function()

        return run


def test_marketplaces_are_requested_once_for_many_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = connection()
    sellers = SlowSellers()
    monkeypatch.setattr(shared.client, "send", sellers.send)
    together = CountedStarts(8)

    with ThreadPoolExecutor(8) as executor:
        asking = [
            executor.submit(together.then(lambda: shared.participating_marketplaces))
            for _ in range(8)
        ]
        assert sellers.asked.acquire(timeout=WAIT)
        sellers.may_answer.set()
        found = {future.result(WAIT) for future in asking}

    assert found == {(US,)}
    assert sellers.calls == 1


def test_the_client_does_not_wait_for_the_marketplaces(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = connection()
    client = shared.client
    sellers = SlowSellers()
    monkeypatch.setattr(client, "send", sellers.send)

    with ThreadPoolExecutor(2) as executor:
        asking = executor.submit(lambda: shared.participating_marketplaces)
        assert sellers.asked.acquire(timeout=WAIT)

        others = executor.submit(
            lambda: (shared.client, shared.account.region, shared.new_executor("other"))
        )
        assert others.result(WAIT)[:2] == (client, "na")
        assert shared.own_items is shared.own_items
        assert not asking.done()

        sellers.may_answer.set()
        assert asking.result(WAIT) == (US,)


def test_marketplaces_are_requested_again_after_a_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = connection()
    sellers = SlowSellers(ServiceError(ASKED, status=500))
    sellers.may_answer.set()
    monkeypatch.setattr(shared.client, "send", sellers.send)

    with pytest.raises(ServiceError):
        _ = shared.participating_marketplaces
    assert shared.participating_marketplaces == (US,)
    assert shared.participating_marketplaces == (US,)
    assert sellers.calls == 2


def test_refused_marketplaces_are_requested_only_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shared = connection()
    sellers = SlowSellers(AccessDeniedError(ASKED))
    sellers.may_answer.set()
    monkeypatch.setattr(shared.client, "send", sellers.send)

    for _ in range(3):
        with pytest.raises(SettingsError, match="set `marketplace_ids`"):
            _ = shared.participating_marketplaces
    assert sellers.calls == 1


def test_many_threads_get_one_client() -> None:
    shared = connection()
    together = CountedStarts(8)
    assert not shared.is_used

    with ThreadPoolExecutor(8) as executor:
        clients = {
            future.result(WAIT)
            for future in [executor.submit(together.then(lambda: shared.client)) for _ in range(8)]
        }

    assert len(clients) == 1
    assert shared.is_used


def test_nothing_is_made_before_it_is_needed() -> None:
    unused = connection(region="nowhere")

    assert unused.wants("orders")
    assert not unused.is_used


@pytest.mark.parametrize(
    ("name", "streams", "wanted"),
    [
        (None, None, True),
        # Without `accounts`, the setting is not a list of streams to read.
        (None, ("sales_metrics",), True),
        ("us", None, True),
        ("us", ("orders", "sales_metrics"), True),
        ("us", ("sales_metrics",), False),
        ("us", (), False),
    ],
)
def test_an_account_reads_the_streams_it_names_or_all(
    name: str | None, streams: tuple[str, ...] | None, *, wanted: bool
) -> None:
    assert connection(name, streams=streams).wants("orders") is wanted


def test_executors_share_no_threads() -> None:
    shared = connection()
    first, second = shared.new_executor("first"), shared.new_executor("second")
    go_on = threading.Event()
    both_begun = threading.Barrier(3)

    def wait() -> None:
        both_begun.wait(WAIT)
        go_on.wait(WAIT)

    # As many threads as requests may run at the same time.
    under_way = [first.submit(wait) for _ in range(2)]
    both_begun.wait(WAIT)
    third = first.submit(int)

    assert second.submit(lambda: threading.current_thread().name).result(WAIT).startswith("second")
    assert not third.running()
    go_on.set()
    assert third.result(WAIT) == 0
    for future in under_way:
        future.result(WAIT)
    for executor in (first, second):
        executor.shutdown()


def test_accounts_have_clients_of_their_own_and_share_the_usage_plans() -> None:
    clock = FakeClock()
    throttle = Throttle(clock)
    entries = [
        {"name": "us", "refresh_token": "one"},
        {"name": "eu", "refresh_token": "two", "region": "eu", "seller_id": None},
    ]
    given = {
        "client_id": "id",
        "client_secret": "hush",
        "max_parallel_requests": 2,
        "accounts": entries,
    }
    us, eu = (
        Connection(settings, clock=clock, throttle=throttle, user_agent="test/1.0")
        for settings in settings_from(given).by_account
    )

    assert us.client is not eu.client
    assert us.client.account.credentials.refresh_token == "one"
    assert eu.client.account.region == "eu"
    assert us.client._throttle is eu.client._throttle is throttle
    assert us.client._sender._slots is not eu.client._sender._slots
    assert eu.max_parallel_requests == 2


def test_all_streams_share_one_queue_for_reports_and_one_for_queries() -> None:
    shared = connection()
    together = CountedStarts(8)

    with ThreadPoolExecutor(8) as executor:
        wanted = [lambda: shared.report_jobs, lambda: shared.query_jobs] * 4
        asking = [executor.submit(together.then(want)) for want in wanted]
        queues = {future.result(WAIT) for future in asking}

    assert queues == {shared.report_jobs, shared.query_jobs}
    assert len(queues) == 2
    assert shared.report_jobs._api is REPORTS
    assert shared.query_jobs._api is QUERIES
    assert shared.documents is shared.documents


def test_accounts_have_queues_of_their_own() -> None:
    assert connection("us").report_jobs is not connection("eu").report_jobs


def test_a_queue_waits_as_the_settings_say() -> None:
    queue = connection(report_poll_interval=0.5, report_timeout=90).report_jobs

    assert queue._poller._pace.first == 0.5
    assert queue._poller._timeout == 90.0
