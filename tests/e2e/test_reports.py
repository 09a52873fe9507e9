"""The life of reports: ordered once, waited for side by side, collected by a later run."""

from __future__ import annotations

import copy
import datetime as dt
import json
import re
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import DEVNULL, Command
from tests.sellers import (
    CREATE_QUERY,
    CREATE_REPORT,
    GET_DOCUMENT,
    Seller,
    Sellers,
    days_ago,
    pending,
    report_ids,
    today,
)
from tests.simulator.api_caller import REPORTS
from tests.tap_runs import TapRun, bookmarks_in, discover, read_messages, run_tap, select
from tests.world_clock import WorldClock

LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
"""How things are; takes an option, so that none is taken for another."""
INVENTORY = "GET_AFN_INVENTORY_DATA"
"""Snapshots, made again every half hour."""
ORDERS = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
"""Of a time, without options."""
LEDGER = "GET_LEDGER_SUMMARY_VIEW_DATA"
LEDGER_DETAIL = "GET_LEDGER_DETAIL_VIEW_DATA"
"""Of a time, with options."""
FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
REPLACEMENTS = "GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_REPLACEMENT_DATA"
"""Of a time, not made again for four hours."""
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
"""JSON with two arrays."""
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
SCHEDULED = "GET_ORDER_REPORT_DATA_SHIPPING"
"""Made by a schedule only, and restricted."""

GET_REPORT = "reports_2021-06-30.getReport"
GET_REPORTS = "reports_2021-06-30.getReports"
CREATE_TOKEN = "tokens_2021-03-01.createRestrictedDataToken"
SECONDS = 0.015
"""How long a report takes; a slow one a hundred times longer, a quarter of it in the queue."""

SNAPSHOTS = ("report_merchant_listings_all", "report_afn_inventory")
STREAMS_OF_TRAFFIC = ("report_sales_and_traffic", "report_sales_and_traffic_by_asin")
OF_A_RUN = ("_report_id", "_report_created_time", "_data_end_time")
"""Properties that are others where the same is asked for later."""

QUERY = (
    "query { analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByDate("
    'startDate: "{start}", endDate: "{end}", aggregateBy: DAY, '
    'marketplaceIds: ["ATVPDKIKX0DER"]) { startDate } } }'
)


def world(**more: Any) -> SimulatorSettings:
    """Settings of a simulator that stands still and limits nobody."""
    values: dict[str, Any] = {"orders": 600, "history_days": 60, "records": 15} | more
    values |= {"processing_seconds": (SECONDS * 1e6, SECONDS * 1e6)}
    return SimulatorSettings(speed=1e6, changes_per_minute=0, port=0, **values)


@pytest.fixture(scope="module")
def clock() -> WorldClock:
    """The clock of the sellers."""
    return WorldClock()


@pytest.fixture(scope="module")
def sellers(clock: WorldClock) -> Iterator[Sellers]:
    with Simulator(world(sellers=40, now=clock)) as simulator:
        yield Sellers(simulator)


@pytest.fixture
def seller(sellers: Sellers, tmp_path: Path) -> Seller:
    return sellers.next(tmp_path)


def of_days(report_type: str, first: int, last: int, **more: Any) -> dict[str, Any]:
    """An entry for the days from so many days ago on, up to the end of another."""
    return {
        "report_type": report_type,
        "start_date": days_ago(first),
        "end_date": days_ago(last - 1),
        "lookback": "PT0S",
        "window": "DAY",
    } | more


def rows(records: list[dict[str, Any]], *without: str) -> Counter[str]:
    """Return rows that can be compared, without what is another in each run."""
    left_out = {*OF_A_RUN, *without}
    return Counter(
        repr(sorted((name, value) for name, value in record.items() if name not in left_out))
        for record in records
    )


def kinds_of(reports: list[dict[str, Any]]) -> set[tuple[str, ...]]:
    """Return what was ordered: what is of today ends whenever it was asked for."""
    return {
        # Those that show how things are have the time of their order.
        (report["reportType"], *report["marketplaceIds"])
        if report["reportType"] in (LISTINGS, INVENTORY)
        else (report["reportType"], *report["marketplaceIds"], report["dataStartTime"])
        for report in reports
    }


def can_be_found(report: dict[str, Any]) -> bool:
    """Return whether a run can find a report that no STATE told of, and use it.

    Amazon does not list options, and the time of today ends at another moment in each run.
    """
    if report["reportType"] == ORDERS:
        return bool(report["dataEndTime"][11:19] == "23:59:59")
    return bool(report["reportType"] == INVENTORY)


# --- Killed -----------------------------------------------------------------------------------


class KilledRuns:
    """Runs of all kinds of reports, each killed, and each from the state of the one before."""

    streams = (
        *SNAPSHOTS,
        "report_flat_file_all_orders_data_by_order_date_general",
        *STREAMS_OF_TRAFFIC,
    )

    def __init__(self, seller: Seller) -> None:
        self.seller = seller
        self.entries: tuple[str | dict[str, Any], ...] = (
            LISTINGS,
            INVENTORY,
            # The last window is that of today, up to now.
            {"report_type": ORDERS, "start_date": days_ago(2), "lookback": "PT0S"},
            of_days(TRAFFIC, 2, 1, options={"asinGranularity": "SKU"}),
        )
        self.state: dict[str, Any] = {}
        self.records: dict[str, list[dict[str, Any]]] = {name: [] for name in self.streams}
        self.ids_told: set[str] = set()
        self.untold: list[str] = []

    def arguments(self) -> list[str]:
        return self.seller.arguments(
            state=self.state, reports=list(self.entries), marketplace_ids=["US", "CA"]
        )

    def pending(self) -> set[str]:
        return {report_id for name in self.streams for report_id in pending(self.state, name)}

    def kill_after(self, count: int, kind: str) -> None:
        """Run until so many messages of a kind were written."""
        before, was_pending = self.seller.ordered, self.pending()
        with Command(self.arguments()).start(stderr=DEVNULL) as process:
            assert process.stdout is not None
            lines = []
            while count:
                lines.append(process.stdout.readline())
                assert lines[-1], "it ended before it was to be killed"
                count -= json.loads(lines[-1])["type"] == kind
            process.kill()
            lines.append(process.stdout.read())
        assert process.returncode == -signal.SIGKILL
        self.take(read_messages("".join(lines)))
        self.check(before, was_pending)

    def take(self, messages: list[dict[str, Any]]) -> None:
        for message in messages:
            if message["type"] == "STATE":
                self.state = message["value"]
                self.ids_told |= self.pending()
            elif message["type"] == "RECORD":
                self.records[message["stream"]].append(message["record"])

    def check(self, before: list[dict[str, Any]], was_pending: set[str]) -> None:
        """Nothing pending was ordered again; one order at most was not told before a kill."""
        ordered = self.seller.ordered
        waited_for = [report for report in before if report["reportId"] in was_pending]
        assert not kinds_of(waited_for) & kinds_of(ordered[len(before) :])
        untold = [
            report for report in ordered[len(before) :] if report["reportId"] not in self.ids_told
        ]
        assert len(untold) <= 1
        self.untold += [report["reportId"] for report in untold if can_be_found(report)]


def test_killed_runs_order_nothing_twice_and_lose_nothing(tmp_path: Path) -> None:
    clock = WorldClock()
    with Simulator(world(sellers=2, now=clock)) as simulator:
        seller = Sellers(simulator).next(tmp_path)
        killed = KilledRuns(seller)

        with clock.slowed_down():
            for count in (1, 4, 11):
                killed.kill_after(count, "STATE")
                assert killed.pending()
        at_first = killed.pending()
        for count in (1, 150):
            killed.kill_after(count, "RECORD")
        before, was_pending = seller.ordered, killed.pending()
        finished = Command(killed.arguments()).run()
        killed.take(read_messages(finished.stdout))
        killed.check(before, was_pending)
        undisturbed = seller.run(reports=list(killed.entries), marketplace_ids=["US", "CA"])

    assert finished.returncode == 0, finished.stderr
    assert killed.pending() == set()
    # What was pending at the first kills is what was read.
    assert len(at_first) >= 4
    read = {record["_report_id"] for name in killed.streams for record in killed.records[name]}
    empty = {one["reportId"] for one in seller.ordered if one["processingStatus"] == "CANCELLED"}
    assert at_first <= read | empty
    # And those that no STATE told of, where they can be found.
    assert {*killed.untold} <= read | empty
    for name in killed.streams:
        how_things_are = ("_data_start_time",) if name in SNAPSHOTS else ()
        found = rows(killed.records[name], *how_things_are)
        assert found.keys() == rows(undisturbed.records(name), *how_things_are).keys()
        assert found
    bookmarks = bookmarks_in(killed.state), bookmarks_in(undisturbed.last_state)
    for name in STREAMS_OF_TRAFFIC:
        first, second = (found[name, None]["replication_key_value"] for found in bookmarks)
        assert first == second == days_ago(0)


def test_a_stop_waits_for_the_id_of_a_report_that_is_being_requested(seller: Seller) -> None:
    seller.inject("slow", delay=1.0)
    with Command(seller.arguments(reports=[LISTINGS])).start() as process:
        while not seller.ordered:
            assert process.poll() is None
            time.sleep(0.02)
        process.terminate()
        stopped_at = time.monotonic()
        time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output, log = process.communicate(timeout=20)
    took = time.monotonic() - stopped_at
    messages = read_messages(output)
    state = messages[-1]["value"]

    second = seller.run(reports=[LISTINGS], state=state)

    assert process.returncode == 128 + signal.SIGTERM
    assert took < 10
    assert log.count("Stopped by signal") == 1
    assert "Traceback" not in log
    assert pending(state, SNAPSHOTS[0]) == seller.ordered_ids
    assert second.exit_code == 0, second.log
    assert report_ids(second, SNAPSHOTS[0]) == seller.ordered_ids
    assert len(seller.ordered_ids) == 1


@pytest.fixture(scope="module")
def left(sellers: Sellers, clock: WorldClock, tmp_path_factory: pytest.TempPathFactory) -> Left:
    seller = sellers.next(tmp_path_factory.mktemp("left"))
    entries: list[str | dict[str, Any]] = [LISTINGS, of_days(ORDERS, 2, 1), of_days(TRAFFIC, 1, 1)]
    with clock.slowed_down():
        run = seller.run(reports=entries, report_timeout=0.1)
    return Left(seller, entries, run)


@dataclass
class Left:
    """A run that did not wait for what it ordered."""

    seller: Seller
    entries: list[str | dict[str, Any]]
    run: TapRun
    streams: tuple[str, ...] = (
        "report_merchant_listings_all",
        "report_flat_file_all_orders_data_by_order_date_general",
        *STREAMS_OF_TRAFFIC,
    )

    @property
    def state(self) -> dict[str, Any]:
        """A copy of its state."""
        return copy.deepcopy(self.run.last_state)


@pytest.mark.parametrize("name", ["a_later_entry", "z_later_entry"])
def test_a_later_entry_of_the_same_type_reads_the_report_that_another_has_read(
    name: str, sellers: Sellers, tmp_path: Path
) -> None:
    seller = sellers.next(tmp_path)
    first = {"report_type": INVENTORY, "name": "first_entry"}
    before = seller.run(reports=[first])
    assert before.exit_code == 0, before.log

    later = {"report_type": INVENTORY, "name": name}
    run = seller.run(reports=[first, later], state=before.last_state)

    assert run.exit_code == 0, run.log
    assert run.counts[name] == before.counts["first_entry"] > 0


def test_what_is_in_the_queue_at_the_timeout_is_collected_by_the_next_run(left: Left) -> None:
    ordered = left.seller.ordered_ids

    second = left.seller.run(reports=left.entries, state=left.state)

    assert left.run.exit_code == 0, left.run.log
    assert not left.run.counts
    assert left.run.log.count("the next run collects it (`report_timeout`)") == len(left.streams)
    for name in left.streams:
        told = (
            rf"WARNING.* Report {pending(left.state, name)[0]} of '{name}' is IN_(QUEUE|PROGRESS) "
        )
        assert re.search(told, left.run.log)
    of_state = [pending(left.state, name) for name in left.streams]
    assert {report_id for ids in of_state for report_id in ids} == {*ordered}
    assert all(
        len(ids) == (2 if "order" in name else 1)
        for name, ids in zip(left.streams, of_state, strict=True)
    )
    assert second.exit_code == 0, second.log
    assert left.seller.ordered_ids == ordered
    assert [report_ids(second, name) for name in left.streams] == of_state
    assert not any(pending(second, name) for name in left.streams)


def test_a_pending_report_is_read_by_all_of_its_streams(left: Left) -> None:
    """As if killed when the first of two was through: it reads that day again by its lookback."""
    ordered = left.seller.ordered_ids
    state = left.state
    part = state["bookmarks"][STREAMS_OF_TRAFFIC[0]]
    part |= {"replication_key": "_data_end_time", "replication_key_value": days_ago(0)}
    (report_id,) = (entry["id"] for entry in part.pop("pending"))

    second = left.seller.run(reports=[of_days(TRAFFIC, 1, 1, lookback="P1D")], state=state)

    assert second.exit_code == 0, second.log
    assert left.seller.ordered_ids == ordered
    assert [report_ids(second, name) for name in STREAMS_OF_TRAFFIC] == [[report_id]] * 2


def test_what_amazon_has_forgotten_is_ordered_anew(left: Left) -> None:
    ordered = left.seller.ordered_ids
    state = left.state
    gone = state["bookmarks"]["report_merchant_listings_all"]["pending"][0]
    gone["id"] = "59999999999"

    second = left.seller.run(reports=left.entries, state=state)

    assert second.exit_code == 0, second.log
    (new,) = left.seller.ordered[len(ordered) :]
    assert new["reportType"] == LISTINGS
    assert "Report 59999999999 no longer exists" in second.log
    assert report_ids(second, "report_merchant_listings_all") == [new["reportId"]]


def with_garbage(garbage: Any) -> dict[str, Any]:
    """A state in which a stream has this in the place of what is pending."""
    part = dict.fromkeys(("pending", "days_from", "seconds"), garbage)
    return {"bookmarks": {"feedback": part}}


def test_a_state_with_garbage_breaks_nothing(seller: Seller) -> None:
    garbage = [
        {"id": "1", "subject": "x", "after": "never", "before": "ever"},
        {"id": "2", "subject": "x", "after": 5, "before": None},
        {"id": "3", "subject": "x", "after": [], "before": {}},
        {"id": {}, "subject": ["x"]},
    ]

    run = seller.run(
        reports=[of_days(FEEDBACK, 1, 1, name="feedback")], state=with_garbage(garbage)
    )

    assert run.exit_code == 0, run.log
    assert report_ids(run, "feedback") == seller.ordered_ids
    assert "pending" not in run.last_state["bookmarks"]["feedback"]


@pytest.mark.parametrize("garbage", ["nonsense", {"id": "1"}, [None, 7, "x", [], {}, {"id": 5}]])
def test_a_state_that_is_none_is_refused(seller: Seller, garbage: Any) -> None:
    run = seller.run(
        reports=[of_days(FEEDBACK, 1, 1, name="feedback")], state=with_garbage(garbage)
    )

    assert run.exit_code == 1
    assert "The state: the bookmark of 'feedback', `pending" in run.log
    assert "Traceback" not in run.log
    assert seller.ordered == []


def test_an_id_that_amazon_refuses_is_ordered_anew(left: Left) -> None:
    ordered = left.seller.ordered_ids
    left.seller.inject("status", GET_REPORT, status=400, code="InvalidInput")

    second = left.seller.run(reports=[LISTINGS], state=left.state)

    assert second.exit_code == 0, second.log
    (new,) = left.seller.ordered_ids[len(ordered) :]
    assert report_ids(second, "report_merchant_listings_all") == [new]


# --- Cancelled, failed ------------------------------------------------------------------------


@dataclass
class Unlucky:
    """Two runs in which Amazon makes only some of what is ordered, and what they ordered."""

    first: TapRun
    second: TapRun
    ordered: list[dict[str, Any]]
    ordered_later: list[dict[str, Any]]

    def of_type(self, report_type: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What both runs ordered of a type."""
        return (
            [report for report in self.ordered if report["reportType"] == report_type],
            [report for report in self.ordered_later if report["reportType"] == report_type],
        )


@pytest.fixture(scope="module")
def unlucky(sellers: Sellers, tmp_path_factory: pytest.TempPathFactory) -> Unlucky:
    seller = sellers.next(tmp_path_factory.mktemp("unlucky"))
    entries = [
        of_days(LEDGER_DETAIL, 1, 1, name="a_cancelled"),
        of_days(ORDERS, 3, 1, name="b_failed"),
        of_days(FEEDBACK, 1, 1, name="c_failed_silently"),
        of_days(REPLACEMENTS, 1, 1, name="d_failed_for_hours"),
        of_days(TRAFFIC, 1, 1, name="e_good"),
    ]
    # The first window of each is ordered before the second of any.
    kinds = ("job_cancelled", "job_fatal", "job_fatal_without_document", "job_fatal")
    for skip, kind in enumerate(kinds):
        seller.inject(kind, skip=skip)
    first = seller.run(reports=entries)
    ordered = seller.ordered
    second = seller.run(reports=entries, state=first.last_state)
    return Unlucky(first, second, ordered, seller.ordered[len(ordered) :])


def test_a_cancelled_report_is_of_a_time_without_data(unlucky: Unlucky) -> None:
    ((report,), later) = unlucky.of_type(LEDGER_DETAIL)

    assert report["processingStatus"] == "CANCELLED"
    assert f"Report {report['reportId']} is cancelled: Amazon has no data for" in unlucky.first.log
    assert unlucky.first.bookmark("a_cancelled") == days_ago(0)
    assert not unlucky.first.records("a_cancelled")
    assert not later
    assert "a_cancelled" in {message["stream"] for message in unlucky.first.of_type("SCHEMA")}


def test_a_report_that_failed_fails_its_stream_with_what_amazon_says(unlucky: Unlucky) -> None:
    ordered, _ = unlucky.of_type(ORDERS)

    assert unlucky.first.exit_code == 1
    (told,) = (line for line in unlucky.first.log.splitlines() if "'b_failed' failed" in line)
    assert f"report {ordered[0]['reportId']} (FATAL)" in told
    assert "An internal error has occurred while the report was made." in told
    assert "check options, times and marketplaces" in told
    assert "A later run requests it again" in told
    assert "Traceback" not in unlucky.first.log
    assert "{" not in told


def test_a_report_that_failed_without_a_word_is_told_so(unlucky: Unlucky) -> None:
    lines = unlucky.first.log.splitlines()
    (told,) = (line for line in lines if "'c_failed_silently' failed" in line)

    assert "it does not say why" in told
    assert "(FATAL)" in told


def test_the_other_streams_are_read(unlucky: Unlucky) -> None:
    assert unlucky.first.records("e_good")
    assert unlucky.first.records("e_good_by_asin")
    assert unlucky.first.bookmark("e_good") == days_ago(0)
    assert "3 of 6 streams failed: b_failed, c_failed_silently, d_failed" in unlucky.first.log


def test_what_failed_is_ordered_again_alone_and_what_followed_is_read_once(
    unlucky: Unlucky,
) -> None:
    (failed, *others), again = unlucky.of_type(ORDERS)

    assert not pending(unlucky.first, "b_failed")
    assert len(others) == 2
    assert [report["dataStartTime"] for report in again] == [failed["dataStartTime"]]
    read = [
        [report["reportId"] for report in reports if report["processingStatus"] == "DONE"]
        for reports in (others, again)
    ]
    assert any(read)
    assert [report_ids(run, "b_failed") for run in (unlucky.first, unlucky.second)] == read
    assert unlucky.first.bookmark("b_failed") is None
    assert unlucky.second.bookmark("b_failed") == days_ago(0)
    silent, silent_again = unlucky.of_type(FEEDBACK)
    assert len(silent) == len(silent_again) == 1


def test_what_failed_is_not_ordered_again_while_amazon_makes_none(unlucky: Unlucky) -> None:
    (report,), later = unlucky.of_type(REPLACEMENTS)

    assert not later
    assert unlucky.second.exit_code == 1
    assert "1 of 6 streams failed: d_failed_for_hours" in unlucky.second.log
    assert f"report {report['reportId']} (FATAL)" in unlucky.second.log
    assert not pending(unlucky.second, "d_failed_for_hours")


# --- Ordering ---------------------------------------------------------------------------------


def test_a_report_that_is_there_is_taken_unless_it_may_have_other_options(seller: Seller) -> None:
    times = {"dataStartTime": days_ago(1), "dataEndTime": days_ago(0)}
    for report_type in (REPLACEMENTS, LEDGER):
        end = today() - dt.timedelta(milliseconds=1)
        body = times | {
            "reportType": report_type,
            "marketplaceIds": ["ATVPDKIKX0DER"],
            "dataEndTime": end.isoformat(timespec="milliseconds"),
        }
        assert seller.api.call("POST", f"{REPORTS}/reports", json=body).status_code == 202
    there, other = seller.ordered_ids

    run = seller.run(reports=[of_days(REPLACEMENTS, 1, 1), of_days(LEDGER, 1, 1)])

    assert run.exit_code == 0, run.log
    assert report_ids(run, "report_fba_fulfillment_customer_shipment_replacement") == [there]
    assert f"Report {there} exists already: {REPLACEMENTS}" in run.log
    (new,) = seller.ordered_ids[2:]
    assert report_ids(run, "report_ledger_summary_view") == [new]
    assert new != other


def test_a_report_that_is_there_is_taken_though_a_later_one_was_cancelled(seller: Seller) -> None:
    """Amazon cancels a report that anyone requests again too soon."""
    entry = of_days(REPLACEMENTS, 1, 1)
    seller.run(reports=[entry])
    seller.inject("job_cancelled")
    end = today() - dt.timedelta(milliseconds=1)
    body = {
        "reportType": REPLACEMENTS,
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "dataStartTime": days_ago(1),
        "dataEndTime": end.isoformat(timespec="milliseconds"),
    }
    # In the next second: Amazon tells whole ones.
    time.sleep(1 - time.time() % 1)
    assert seller.api.call("POST", f"{REPORTS}/reports", json=body).status_code == 202
    done, _ = seller.ordered

    run = seller.run(reports=[entry])

    assert run.exit_code == 0, run.log
    assert [one["processingStatus"] for one in seller.ordered] == ["DONE", "CANCELLED"]
    assert report_ids(run, "report_fba_fulfillment_customer_shipment_replacement") == [
        done["reportId"]
    ]


def test_a_list_goes_back_no_further_than_amazon_keeps_it(seller: Seller) -> None:
    run = seller.run(reports=[of_days(FEEDBACK, 120, 116, window="P5D")])

    assert run.exit_code == 0, run.log
    (listed,) = seller.calls(GET_REPORTS)
    assert listed["query"]["createdSince"] > days_ago(90)


def test_broken_documents_are_had_once_more_and_no_row_comes_twice(
    sellers: Sellers, tmp_path: Path
) -> None:
    faults = ("expired_url", "truncated", "reset", "truncated_gzip", "not_gzip", "status")
    found = [sellers.next(tmp_path) for _ in faults]
    for one, fault in zip(found, faults, strict=True):
        one.inject(fault, "documents")

    run = found[0].run(
        refresh_token=None,
        accounts=[{"name": one.name, "refresh_token": one.refresh_token} for one in found],
        reports=[LISTINGS],
    )

    assert run.exit_code == 0, run.log
    for one in found:
        records = run.records("report_merchant_listings_all", one.name)
        assert [record["_row_number"] for record in records] == list(range(1, len(records) + 1))
        assert len(records) > 100
        assert len(one.ordered) == 1


def test_the_streams_of_a_report_share_its_order_and_its_document_and_options_arrive(
    seller: Seller,
) -> None:
    options = {"asinGranularity": "SKU", "dateGranularity": "DAY"}

    run = seller.run(
        reports=[
            of_days(TRAFFIC, 1, 1, options=options),
            {"report_type": LISTINGS, "options": {"custom": True}},
        ]
    )

    assert run.exit_code == 0, run.log
    traffic, listings = seller.ordered
    assert [report_ids(run, name) for name in STREAMS_OF_TRAFFIC] == [[traffic["reportId"]]] * 2
    paths = [request["path"] for request in seller.calls(GET_DOCUMENT)]
    assert sorted(path.rpartition("/")[2] for path in paths) == sorted(
        report["reportDocumentId"] for report in (traffic, listings)
    )
    assert traffic["reportOptions"] == options
    assert listings["reportOptions"] == {"custom": "true"}
    assert not traffic["ignoredOptions"]
    assert not listings["ignoredOptions"]
    assert all("sku" in record for record in run.records(STREAMS_OF_TRAFFIC[1]))


def test_an_order_without_an_answer_is_placed_once(sellers: Sellers, tmp_path: Path) -> None:
    """Amazon took in some of them, and never saw the others."""
    faults: tuple[dict[str, Any], ...] = (
        {"kind": "reset"},
        {"kind": "truncated"},
        {"kind": "not_json"},
        {"kind": "status", "status": 503},
        {"kind": "status", "status": 500, "body": "html"},
    )
    found = [sellers.next(tmp_path) for _ in faults]
    for seller, fault in zip(found, faults, strict=True):
        seller.inject(**fault)
        seller.inject(**fault | {"operation": CREATE_QUERY})
    accounts = [{"name": one.name, "refresh_token": one.refresh_token} for one in found]
    query = {
        "name": "sales",
        "query": QUERY,
        "start_date": days_ago(1),
        "end_date": days_ago(0),
    }

    run = found[0].run(
        refresh_token=None, accounts=accounts, reports=[LISTINGS], data_kiosk_queries=[query]
    )

    assert run.exit_code == 0, run.log
    assert run.log.count("Checking whether Amazon received the request") == 2 * len(faults)
    for one in found:
        (report_id,) = one.ordered_ids
        records = run.records("report_merchant_listings_all", one.name)
        assert {record["_report_id"] for record in records} == {report_id}
        queries = [
            query["queryId"]
            for query in one.simulator.truth("queries", one.name)
            if days_ago(1)[:10] in query["query"] and "{ startDate }" in query["query"]
        ]
        assert [record["_query_id"] for record in run.records("sales", one.name)] == queries
        assert len(queries) == 1


def test_all_are_ordered_before_the_first_is_read(seller: Seller) -> None:
    entries = [of_days(LEDGER, 3, 1), of_days(TRAFFIC, 2, 1), LISTINGS, INVENTORY]

    run = seller.run(reports=entries, max_parallel_requests=1)

    assert run.exit_code == 0, run.log
    calls = [request["operation"] for request in seller.calls()]
    assert calls.count(CREATE_REPORT) == 7
    assert GET_DOCUMENT not in calls[: len(calls) - calls[::-1].index(CREATE_REPORT)]
    assert calls.count(GET_DOCUMENT) == 7
    # Those that may be there are listed together.
    assert calls.count(GET_REPORTS) == 1


def test_a_test_of_the_connection_orders_nothing(seller: Seller) -> None:
    run = seller.run("--test", reports=[TRAFFIC, LISTINGS, SETTLEMENTS])

    assert run.exit_code == 0, run.log
    assert not seller.ordered
    calls = [request["operation"] for request in seller.calls()]
    assert calls.count(GET_REPORTS) >= 3
    assert GET_DOCUMENT not in calls


def test_a_type_that_is_gone_is_refused_with_its_successor(seller: Seller) -> None:
    settings = seller.settings(reports=["GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE"])

    run = run_tap(seller.folder, settings)

    assert run.exit_code == 1
    (told,) = (line for line in run.log.splitlines() if "GET_V2_SETTLEMENT" in line)
    assert f"use {SETTLEMENTS} instead" in told
    assert not seller.calls()


def test_a_stop_while_waiting_ends_within_seconds_and_the_state_tells_of_all(
    seller: Seller,
) -> None:
    seller.inject("job_stuck", count=None)
    arguments = seller.arguments(reports=[LISTINGS, of_days(TRAFFIC, 3, 1)])
    with Command(arguments).start() as process:
        assert process.stdout is not None
        # One of listings, three of traffic for each of its two streams.
        lines = [process.stdout.readline() for _ in range(7)]

        process.terminate()

        # It waits for nothing: the reports are never made.
        rest, log = process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert "Stopped by signal 15" in log
    assert "Traceback" not in log
    output = "".join(lines) + rest
    assert output.endswith("\n")
    messages = read_messages(output)
    assert len(messages) == len(output.splitlines())
    state = messages[-1]["value"]
    traffic = pending(state, STREAMS_OF_TRAFFIC[0])
    assert pending(state, STREAMS_OF_TRAFFIC[1]) == traffic
    assert len(traffic) == 3
    assert {*traffic, *pending(state, "report_merchant_listings_all")} == {*seller.ordered_ids}


# --- Those that Amazon makes by itself, and restricted ones -------------------------------------


def schedule(seller: Seller, marketplace_id: str, period: str, minutes: int) -> None:
    """Make scheduled reports; the first was due so many minutes ago."""
    due = dt.datetime.now(dt.timezone.utc) - dt.timedelta(minutes=minutes)
    body = {
        "reportType": SCHEDULED,
        "marketplaceIds": [marketplace_id],
        "period": period,
        "nextReportCreationTime": due.isoformat(timespec="seconds"),
    }
    answer = seller.api.call("POST", f"{REPORTS}/schedules", json=body)
    assert answer.status_code == 201, answer.text


def made(seller: Seller, report_type: str) -> dict[str, dict[str, Any]]:
    """The reports that there are of a type, by id."""
    return {
        report["reportId"]: report
        for report in seller.simulator.truth("reports", seller.name)
        if report["reportType"] == report_type
    }


def test_reports_that_amazon_makes_are_read_once_each(seller: Seller) -> None:
    entries = [{"report_type": SETTLEMENTS, "name": "settlements", "marketplace_ids": ["US"]}]
    # Not yet there in the first run are the two of the last weeks.
    first = seller.run(reports=[entries[0] | {"end_date": days_ago(20)}])
    second = seller.run(reports=entries, state=first.last_state)
    third = seller.run(reports=entries, state=second.last_state)

    assert [run.exit_code for run in (first, second, third)] == [0] * 3
    there = {
        report_id: one
        for report_id, one in made(seller, SETTLEMENTS).items()
        if one["marketplaceIds"] == ["ATVPDKIKX0DER"]
    }
    oldest_first = sorted(there, key=lambda report_id: str(there[report_id]["createdTime"]))
    assert len(there) == 5
    assert report_ids(first, "settlements") == oldest_first[:3]
    assert report_ids(second, "settlements") == oldest_first[3:]
    assert not third.counts
    assert len(seller.calls(GET_DOCUMENT)) == 5
    assert not seller.ordered


def test_a_long_list_is_paged_and_what_comes_late_into_it_is_read(seller: Seller) -> None:
    schedule(seller, "ATVPDKIKX0DER", "PT1H", 60 * 104)
    entries = [
        {"report_type": SCHEDULED, "name": "shipping", "marketplace_ids": ["US", "CA"]},
    ]
    first = seller.run(reports=entries, restricted_data=True)
    there = made(seller, SCHEDULED)
    listed = seller.calls(GET_REPORTS)
    # Older than what was read last.
    schedule(seller, "A2EUQ1WTGCTBG2", "P7D", 29)
    second = seller.run(reports=entries, restricted_data=True, state=first.last_state)

    assert first.exit_code == second.exit_code == 0, first.log + second.log
    assert len(there) > 100
    done = [report_id for report_id, one in there.items() if one["processingStatus"] == "DONE"]
    assert len(done) > 1
    assert Counter(report_ids(first, "shipping")) == Counter(done)
    assert len(listed) == 2
    assert [*listed[1]["query"]] == ["nextToken"]
    (late,) = {*made(seller, SCHEDULED)} - {*there}
    assert report_ids(second, "shipping") == [late]
    # Each document has a token of its own, for no other path.
    of_documents = seller.calls(GET_DOCUMENT)
    assert len(of_documents) == len(done) + 1
    assert {request["token_kind"] for request in of_documents} == {"RDT"}
    assert len(seller.calls(CREATE_TOKEN)) == len(of_documents)


def test_restricted_reports_are_refused_before_the_first_request(seller: Seller) -> None:
    run = seller.run(reports=[{"report_type": SCHEDULED, "name": "shipping"}, LISTINGS])

    assert run.exit_code == 1
    assert "`restricted_data` is needed by shipping: give it, or deselect them" in run.log
    assert not seller.calls()


# --- Times ------------------------------------------------------------------------------------


def test_days_within_the_lookback_are_read_again_and_replace_their_rows(seller: Seller) -> None:
    entries = [
        of_days(LEDGER, 4, 1, lookback="P2D", name="late"),
        of_days(LEDGER, 4, 1, lookback="PT0S", name="at_once"),
    ]

    first = seller.run(reports=entries)
    ordered = len(seller.ordered)
    second = seller.run(reports=entries, state=first.last_state)

    assert first.exit_code == second.exit_code == 0, first.log + second.log
    keys = next(one["key_properties"] for one in first.of_type("SCHEMA") if one["stream"] == "late")
    before, after = (
        Counter(tuple(record[name] for name in keys) for record in run.records("late"))
        for run in (first, second)
    )
    again = {days_ago(number) for number in (1, 2)}
    assert {key[0] for key in before} == again | {days_ago(number) for number in (3, 4)}
    assert max(before.values()) == 1
    assert after == Counter(key for key in before if key[0] in again)
    assert {report["dataStartTime"][:10] for report in seller.ordered[ordered:]} == {
        day[:10] for day in again
    }
    assert len(first.records("at_once")) == len(first.records("late"))
    assert not second.records("at_once")


def check_days(seller: Seller, marketplace: str) -> None:
    """What is of a day says so, and it is the day that Amazon says."""
    run = seller.run(
        reports=[of_days(TRAFFIC, 3, 1), of_days(ORDERS, 3, 1, name="placed")],
        marketplace_ids=[marketplace],
    )

    assert run.exit_code == 0, run.log
    of_days_only = run.records(STREAMS_OF_TRAFFIC[0])
    assert [record["date"] for record in of_days_only] == [
        days_ago(number)[:10] for number in (3, 2, 1)
    ]
    for record in of_days_only:
        assert record["_data_start_time"] == f"{record['date']}T00:00:00Z"
        assert record["_data_end_time"] == f"{record['date']}T23:59:59Z"
    placed = run.records("placed")
    assert placed
    for record in placed:
        assert record["_data_start_time"][:10] == record["purchase_date"][:10]


def test_days_are_those_of_amazon(seller: Seller) -> None:
    check_days(seller, "US")


def test_days_do_not_shift_in_japan(tmp_path: Path) -> None:
    with Simulator(world(region="fe", sellers=2)) as simulator:
        check_days(Sellers(simulator).next(tmp_path), "JP")


# --- Several accounts -------------------------------------------------------------------------


@pytest.fixture
def made_in_turn(clock: WorldClock) -> Iterator[Sellers]:
    """Sellers whose reports take a third of a second, or half a minute where they are slow."""
    seconds = dict.fromkeys((LISTINGS, TRAFFIC), (0.3e6, 0.3e6))
    settings = world(sellers=3, now=clock, report_processing_seconds=seconds)
    with Simulator(settings) as simulator:
        yield Sellers(simulator)


def test_accounts_have_reports_of_their_own(
    made_in_turn: Sellers, clock: WorldClock, tmp_path: Path
) -> None:
    found = [made_in_turn.next(tmp_path) for _ in range(2)]
    found[1].inject("job_slow", count=None)
    seller = found[0]
    settings: dict[str, Any] = {
        "accounts": [
            {"name": f"shop {number}", "refresh_token": one.refresh_token}
            for number, one in enumerate(found)
        ],
        "refresh_token": None,
        "reports": [LISTINGS, of_days(TRAFFIC, 1, 1)],
    }
    first = seller.run(report_timeout=3, **settings)
    clock.put_forward(30)
    second = seller.run(state=first.last_state, **settings)

    assert first.exit_code == second.exit_code == 0, first.log + second.log
    names = ("report_merchant_listings_all", *STREAMS_OF_TRAFFIC)
    for name in names:
        assert first.records(name, "shop 0")
        assert not first.records(name, "shop 1")
        assert not pending(first, name, "shop 0")
        (report_id,) = pending(first, name, "shop 1")
        assert report_id in found[1].ordered_ids
        assert {record["_report_id"] for record in second.records(name, "shop 1")} == {report_id}
        (schema, *_) = (one for one in first.of_type("SCHEMA") if one["stream"] == name)
        assert schema["key_properties"][0] == "_account"
    assert len(found[1].ordered) == 2
    assert {
        record["_account"] for message in first.messages if (record := message.get("record"))
    } == {"shop 0"}


def test_an_entry_of_which_nothing_is_selected_is_told(seller: Seller) -> None:
    settings = seller.settings(reports=[LISTINGS, of_days(TRAFFIC, 1, 1)])
    catalog = select(discover(settings), "report_sales_and_traffic_by_asin")

    run = run_tap(seller.folder, settings, catalog=catalog)

    assert run.exit_code == 0, run.log
    (warning,) = [line for line in run.log.splitlines() if "is not read" in line]
    assert LISTINGS in warning
    assert "add report_merchant_listings_all to the catalog" in warning
