from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tap_amazon_sp.amazon.client import Answer
from tap_amazon_sp.amazon.errors import AccessDeniedError, ServiceError
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.jobs.requests import QUERIES, REPORTS
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.settings.accounts import settings_by_account
from tap_amazon_sp.settings.schema import SettingsError
from tests.fake_clock import FakeClock

WAIT = 30.0
ASKED = "sellers.getMarketplaceParticipations"
US = "ATVPDKIKX0DER"
SETTINGS: Mapping[str, Any] = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "max_parallel_requests": 2,
    "report_poll_interval": 3,
    "report_timeout": 60,
    "request_timeout": 60,
    "seller_id": "A1",
}
PARTICIPATIONS = Answer(
    {"payload": [{"marketplace": {"id": US}, "participation": {"isParticipating": True}}]},
    200,
    None,
)


def connection(name: str | None = None, **settings: Any) -> Connection:
    clock = FakeClock()
    return Connection(
        {**SETTINGS, **settings},
        clock=clock,
        throttle=Throttle(clock),
        user_agent="test/1.0",
        name=name,
    )


class SlowSellers:
    """Tells the marketplaces when it may, and who asked."""

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
    """Lets threads begin together."""

    def then(self, function: Callable[[], Any]) -> Callable[[], Any]:
        def run() -> Any:
            self.wait(WAIT)
            return function()

        return run


def test_marketplaces_are_asked_for_once_though_many_threads_want_them(
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


def test_who_wants_the_client_does_not_wait_for_the_marketplaces(
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


def test_marketplaces_that_could_not_be_had_are_asked_for_again(
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


def test_marketplaces_that_amazon_does_not_tell_are_asked_for_once(
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
        # Without `accounts` the setting is no such list.
        (None, ["sales_metrics"], True),
        ("us", None, True),
        ("us", ["orders", "sales_metrics"], True),
        ("us", ["sales_metrics"], False),
        ("us", [], False),
    ],
)
def test_an_account_wants_the_streams_it_names_or_all(
    name: str | None, streams: list[str] | None, *, wanted: bool
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

    # As many as there may be requests at once.
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
        {"name": "eu", "refresh_token": "two", "region": "eu", "max_parallel_requests": None},
    ]
    us, eu = (
        Connection(settings, clock=clock, throttle=throttle, user_agent="test/1.0", name=name)
        for name, settings in settings_by_account({**SETTINGS, "accounts": entries})
    )

    assert us.client is not eu.client
    assert us.client.account.credentials.refresh_token == "one"
    assert eu.client.account.region == "eu"
    assert us.client._throttle is eu.client._throttle is throttle
    assert us.client._slots is not eu.client._slots
    assert eu.max_parallel_requests == 2


def test_reports_and_queries_have_a_desk_each_that_all_streams_share() -> None:
    shared = connection()
    together = CountedStarts(8)

    with ThreadPoolExecutor(8) as executor:
        wanted = [lambda: shared.report_desk, lambda: shared.query_desk] * 4
        asking = [executor.submit(together.then(want)) for want in wanted]
        desks = {future.result(WAIT) for future in asking}

    assert desks == {shared.report_desk, shared.query_desk}
    assert len(desks) == 2
    assert shared.report_desk._api is REPORTS
    assert shared.query_desk._api is QUERIES
    assert shared.documents is shared.documents


def test_accounts_have_desks_of_their_own() -> None:
    assert connection("us").report_desk is not connection("eu").report_desk


def test_a_desk_waits_as_the_settings_say() -> None:
    desk = connection(report_poll_interval=0.5, report_timeout=90).report_desk

    assert desk._pace.first == 0.5
    assert desk._timeout == 90.0
