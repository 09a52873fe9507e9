"""The life of Data Kiosk queries: each day is asked for once, and read page by page."""

from __future__ import annotations

import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import DEVNULL, Command
from tests.sellers import CREATE_QUERY, Seller, Sellers, days_ago, pending
from tests.tap_runs import TapRun, read_messages
from tests.world_clock import WorldClock

ECONOMICS = (
    "query { analytics_economics_2024_03_15 { economics("
    'startDate: "{start}", endDate: "{end}", marketplaceIds: ["ATVPDKIKX0DER"], '
    "aggregateBy: { date: DAY, productId: MSKU }) "
    "{ startDate endDate marketplaceId msku sales { unitsOrdered } } } }"
)
"""A row for each day and product: more rows than fit on a page."""

TRAFFIC = (
    "query { analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByDate("
    'startDate: "{start}", endDate: "{end}", aggregateBy: %s, marketplaceIds: ["%s"]) '
    "{ startDate endDate marketplaceId } } }"
)
"""A row for each day."""

BY_DAY = TRAFFIC % ("DAY", "ATVPDKIKX0DER")
BY_WEEK = TRAFFIC % ("WEEK", "ATVPDKIKX0DER")
ELSEWHERE = TRAFFIC % ("DAY", "A1VC38T7YXB528")

PAGE_ROWS = 50
SECONDS = 0.015
"""How long a query takes."""


@pytest.fixture(scope="module")
def clock() -> WorldClock:
    """The clock of the sellers."""
    return WorldClock()


@pytest.fixture(scope="module")
def sellers(clock: WorldClock) -> Iterator[Sellers]:
    """Sellers of whose queries Amazon takes two of a data set at a time."""
    with Simulator(world(clock, SECONDS)) as simulator:
        yield Sellers(simulator)


def world(clock: WorldClock, seconds: float) -> SimulatorSettings:
    """Settings of a simulator whose queries take so many seconds."""
    return SimulatorSettings(
        sellers=20,
        orders=60,
        records=15,
        speed=1e6,
        changes_per_minute=0,
        port=0,
        processing_seconds=(seconds * 1e6, seconds * 1e6),
        query_page_rows=PAGE_ROWS,
        queries_at_once=2,
        now=clock,
    )


@pytest.fixture
def seller(sellers: Sellers, tmp_path: Path) -> Asker:
    return Asker(sellers.next(tmp_path))


class Asker:
    """A seller, and the queries for it."""

    def __init__(self, seller: Seller) -> None:
        self.seller = seller
        self._before = {query["queryId"] for query in self._there()}

    def _there(self) -> list[dict[str, Any]]:
        return self.seller.simulator.truth("queries", self.seller.name)

    def run(self, *entries: dict[str, Any], **more: Any) -> TapRun:
        return self.seller.run(data_kiosk_queries=list(entries), **more)

    @property
    def asked(self) -> list[dict[str, Any]]:
        """What was asked since the beginning, in order."""
        return [query for query in self._there() if query["queryId"] not in self._before]

    @property
    def asked_ids(self) -> list[str]:
        return [query["queryId"] for query in self.asked]


def of_days(query: str, first: int, last: int, **more: Any) -> dict[str, Any]:
    """An entry for the days from so many days ago on, up to the end of another."""
    return {
        "name": "found",
        "query": query,
        "start_date": days_ago(first),
        "end_date": days_ago(last - 1),
    } | more


def with_days(query: str, days: int) -> str:
    """Return a query for the day so many days ago."""
    day = days_ago(days)[:10]
    return query.replace("{start}", day).replace("{end}", day)


def query_ids(run: TapRun, stream: str = "found") -> list[str]:
    """Return the queries whose rows were written, in order."""
    return list(dict.fromkeys(record["_query_id"] for record in run.records(stream)))


def test_each_day_is_asked_for_and_all_of_its_pages_are_read(seller: Asker) -> None:
    keys = ["start_date", "marketplace_id", "msku"]

    run = seller.run(of_days(ECONOMICS, 2, 1, keys=keys))

    assert run.exit_code == 0, run.log
    records = run.records("found")
    found = Counter(tuple(record[name] for name in keys) for record in records)
    assert max(found.values()) == 1
    products = {key[2] for key in found}
    assert len(products) > 2 * PAGE_ROWS
    assert {key[0] for key in found} == {days_ago(2)[:10], days_ago(1)[:10]}
    assert len(found) == 2 * len(products)
    # Rows are counted through the pages of a day.
    for days in (2, 1):
        of_day = [one for one in records if one["_data_start_time"] == days_ago(days)]
        assert [one["_row_number"] for one in of_day] == list(range(1, len(products) + 1))
    pages = -(-len(products) // PAGE_ROWS)
    assert query_ids(run) == [
        query["queryId"]
        for days in (2, 1)
        for query in seller.asked
        if query["query"] == with_days(ECONOMICS, days)
    ]
    assert len(seller.asked) == 2 * pages
    assert run.bookmark("found") == days_ago(0)
    assert not pending(run, "found")


def test_a_stop_waits_for_the_id_of_a_query_that_is_being_asked(seller: Asker) -> None:
    entry = of_days(BY_DAY, 2, 1)
    seller.seller.inject("slow", CREATE_QUERY, delay=1.0)
    with Command(seller.seller.arguments(data_kiosk_queries=[entry])).start() as process:
        while not seller.asked:
            assert process.poll() is None
            time.sleep(0.02)
        process.terminate()
        output, log = process.communicate(timeout=20)
    state = read_messages(output)[-1]["value"]

    second = seller.run(entry, state=state)

    assert process.returncode == 128 + signal.SIGTERM, log
    assert pending(state, "found") == seller.asked_ids[:1]
    assert second.exit_code == 0, second.log
    asked = [query["query"] for query in seller.asked]
    assert sorted(asked) == [with_days(BY_DAY, 2), with_days(BY_DAY, 1)]


def test_a_query_that_finds_nothing_moves_the_bookmark(seller: Asker) -> None:
    run = seller.run(of_days(BY_WEEK, 1, 1))

    assert run.exit_code == 0, run.log
    (query,) = seller.asked
    assert query["processingStatus"] == "DONE"
    assert f"Query {query['queryId']} holds no data" in run.log
    assert not run.records("found")
    assert run.bookmark("found") == days_ago(0)


def test_a_later_run_asks_for_the_new_days_alone(seller: Asker) -> None:
    entry = of_days(BY_DAY, 4, 3, lookback="PT0S")
    first = seller.run(entry)
    asked = len(seller.asked)
    second = seller.run(entry | {"end_date": None}, state=first.last_state)
    third = seller.run(entry | {"end_date": None}, state=second.last_state)

    assert [run.exit_code for run in (first, second, third)] == [0] * 3
    assert [query["query"] for query in seller.asked] == [
        with_days(BY_DAY, days) for days in (4, 3, 2, 1)
    ]
    assert asked == 2
    days = [[record["start_date"] for record in run.records("found")] for run in (first, second)]
    assert days == [[days_ago(4)[:10], days_ago(3)[:10]], [days_ago(2)[:10], days_ago(1)[:10]]]
    assert not third.counts


def test_a_query_that_fails_is_told_and_asked_again_once(seller: Asker) -> None:
    entries = (
        of_days(ELSEWHERE, 1, 1, name="elsewhere"),
        of_days(ECONOMICS, 1, 1, name="unlucky"),
        of_days(BY_DAY, 1, 1),
        of_days(BY_DAY.replace("salesAndTrafficByDate", "nonsense"), 1, 1, name="wrong"),
    )
    # The third by name.
    seller.seller.inject("job_fatal", CREATE_QUERY, skip=2)

    first = seller.run(*entries)
    asked = seller.asked
    second = seller.run(*entries, state=first.last_state)

    assert first.exit_code == second.exit_code == 1
    ids = {query["query"]: query["queryId"] for query in asked}
    for name, query, why in (
        ("elsewhere", ELSEWHERE, "The selling partner is not in marketplace A1VC38T7YXB528."),
        ("unlucky", ECONOMICS, "An internal error has occurred while the query was processed."),
    ):
        (told,) = (line for line in first.log.splitlines() if f"'{name}' failed" in line)
        assert f"query {ids[with_days(query, 1)]} (FATAL)" in told
        assert why in told
        assert "{" not in told
        assert not pending(first, name)
        assert first.bookmark(name) is None
    assert len(first.records("found")) == 1
    assert re.search(r"'wrong' failed: .*createQuery: HTTP 400 InvalidInput: .*nonsense", first.log)
    assert "3 of 4 streams failed: elsewhere, unlucky, wrong" in first.log
    assert "2 of 4 streams failed: elsewhere, wrong" in second.log
    again = Counter(query["query"] for query in seller.asked[len(asked) :])
    assert again[with_days(ELSEWHERE, 1)] == 1
    assert with_days(BY_DAY, 1) not in again
    assert second.records("unlucky")


def test_a_cancelled_query_is_asked_again(seller: Asker) -> None:
    seller.seller.inject("job_cancelled", CREATE_QUERY)

    run = seller.run(of_days(BY_DAY, 2, 1))

    assert run.exit_code == 0, run.log
    assert f"Query {seller.asked_ids[0]} of 'found' was cancelled" in run.log
    assert len(seller.asked) == 3
    dates = [record["start_date"] for record in run.records("found")]
    assert dates == [days_ago(2)[:10], days_ago(1)[:10]]
    assert run.bookmark("found") == days_ago(0)


def test_killed_while_queries_are_pending_they_are_not_asked_again(
    seller: Asker, clock: WorldClock
) -> None:
    entries = [of_days(BY_DAY, 2, 1), of_days(ECONOMICS, 1, 1, name="economics")]
    state: dict[str, Any] = {}
    told: set[str] = set()
    for taken in (1, 2):
        # The others are refused for now.
        seller.seller.inject("status", CREATE_QUERY, status=500, skip=taken, count=None)
        arguments = seller.seller.arguments(data_kiosk_queries=entries, state=state)
        known = told
        with clock.slowed_down(), Command(arguments).start(stderr=DEVNULL) as process:
            assert process.stdout is not None
            while len(known) < len(told) + taken:
                (message,) = read_messages(process.stdout.readline())
                if message["type"] != "STATE":
                    # Rows of an earlier query.
                    continue
                state = message["value"]
                known = {*pending(state, "found"), *pending(state, "economics")}
            process.kill()
        assert process.returncode == -signal.SIGKILL
        seller.seller.simulator.clear_faults()
        # Queries of earlier STATEs are still waited for.
        assert told < known
        told = known
    asked = seller.asked

    rest = seller.run(*entries, state=state)

    assert rest.exit_code == 0, rest.log
    # At each kill one may have been submitted that is not in a STATE yet.
    assert len({query["queryId"] for query in asked} - told) <= 2
    assert told <= {*query_ids(rest), *query_ids(rest, "economics")}
    of_told = {query["query"] for query in asked if query["queryId"] in told}
    first_pages = [query for query in seller.asked[len(asked) :] if query["query"] in of_told]
    assert len(first_pages) == len(query_ids(rest, "economics")) - 1
    assert len(rest.records("found")) == 2
    assert not pending(rest, "found")
    assert not pending(rest, "economics")


@pytest.fixture
def waiting_seller(clock: WorldClock, tmp_path: Path) -> Iterator[Asker]:
    """A seller whose queries take a third of a second, or half a minute where they are slow."""
    with Simulator(world(clock, 0.3)) as simulator:
        yield Asker(Sellers(simulator).next(tmp_path))


def test_a_page_that_is_pending_is_collected_with_its_day(
    waiting_seller: Asker, clock: WorldClock
) -> None:
    seller = waiting_seller
    entry = of_days(ECONOMICS, 1, 1, keys=["start_date", "marketplace_id", "msku"])
    seller.seller.inject("job_slow", CREATE_QUERY, skip=1)

    first = seller.run(entry, report_timeout=3)
    pages = seller.asked_ids
    seller.seller.simulator.clear_faults()
    clock.put_forward(30)
    second = seller.run(entry, state=first.last_state)

    assert first.exit_code == second.exit_code == 0, first.log + second.log
    assert query_ids(first) == pages[:1]
    assert pending(first, "found") == pages
    assert len(pages) == 2
    assert first.bookmark("found") is None
    assert query_ids(second) == seller.asked_ids
    assert seller.asked_ids[:2] == pages
    numbers = [record["_row_number"] for record in second.records("found")]
    assert numbers == list(range(1, len(numbers) + 1))
    assert len(numbers) > 2 * PAGE_ROWS


def test_more_than_amazon_takes_at_once_are_asked_one_after_the_other(
    seller: Asker, clock: WorldClock
) -> None:
    arguments = seller.seller.arguments(data_kiosk_queries=[of_days(BY_DAY, 5, 1)])

    with clock.slowed_down(), Command(arguments).start() as process:
        assert process.stderr is not None
        line = ""
        while "Waiting until one of the 2 under way is finished" not in line:
            line = process.stderr.readline()
            assert line, "it did not wait"
        clock.go_on()
        output, log = process.communicate(timeout=60)

    assert process.returncode == 0, log
    found = [message["record"] for message in read_messages(output) if "record" in message]
    assert [record["start_date"] for record in found] == [
        days_ago(days)[:10] for days in (5, 4, 3, 2, 1)
    ]
    statuses = Counter(call["status"] for call in seller.seller.calls(CREATE_QUERY))
    assert statuses[202] == len(seller.asked) == 5
    assert statuses[429]


def test_a_query_without_days_shows_how_things_are(seller: Asker) -> None:
    query = with_days(BY_DAY, 1)

    first = seller.run({"name": "found", "query": query})
    second = seller.run({"name": "found", "query": query}, state=first.last_state)

    assert first.exit_code == second.exit_code == 0, first.log + second.log
    assert [query_ids(run) for run in (first, second)] == [[one] for one in seller.asked_ids]
    (one,) = second.records("found")
    assert one["_data_start_time"] == one["_query_created_time"]


def test_a_test_of_the_connection_asks_nothing(seller: Asker) -> None:
    run = seller.seller.run("--test", data_kiosk_queries=[of_days(BY_DAY, 2, 1)])

    assert run.exit_code == 0, run.log
    assert not seller.asked
    assert seller.seller.calls("dataKiosk_2023-11-15.getQueries")
