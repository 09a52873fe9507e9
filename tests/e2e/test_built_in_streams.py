"""All built-in streams at once, under both versions of the Orders API."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams import built_in_streams
from tests.cli.running import AmazonSP
from tests.small_world import known_ids, small_world
from tests.tap_runs import TapRun, catalog_of, run_tap, write_json

START = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=100)
# Some streams are there for Brazil only.
MARKETPLACES = ["US", "BR"]
COUNTS = Path(__file__).with_name("record_counts.json")
# How many whole weeks there are in a time depends on the weekday of its end.
OF_PERIODS = {"replenishment_offer_metrics": "timeInterval"}

# What is charged on certain days depends on the date; `test_books.py` compares it with the books.
OF_THE_CALENDAR = {
    "financial_events",
    "financial_events_by_group",
    "financial_summaries",
    "financial_transactions",
    "payouts",
}


@pytest.fixture(scope="module")
def world() -> Iterator[Simulator]:
    with small_world(longest_page=7) as simulator:
        yield simulator


def settings_for(world: Simulator, orders_api: str) -> dict[str, Any]:
    return world.settings_for_tap() | {
        "orders_api": orders_api,
        "marketplace_ids": MARKETPLACES,
        "seller_id": "A1SIMULATEDSELLER",
        "restricted_data": True,
        "start_date": START.isoformat(),
        "stream_ids": known_ids(world, orders_api),
    }


def names_under(orders_api: str) -> set[str]:
    """The streams under a version of the Orders API; of v0 those that 2026-01-01 does not have."""
    found = built_in_streams(orders_api)
    if orders_api == ORDERS_APIS[0]:
        return {stream.name for stream in found}
    return {stream.name for stream in set(found) - set(built_in_streams())}


def run_all(
    folder: Path, world: Simulator, orders_api: str, state: dict[str, Any] | None = None
) -> TapRun:
    settings = settings_for(world, orders_api)
    catalog = catalog_of(*names_under(orders_api), settings=settings)
    return run_tap(folder, settings, catalog=catalog, state=state)


@pytest.fixture(scope="module", params=ORDERS_APIS)
def orders_api(request: pytest.FixtureRequest) -> str:
    version: str = request.param
    return version


def plan_in(
    folder: Path,
    world: Simulator,
    orders_api: str,
    *words: str,
    state: dict[str, Any] | None = None,
) -> list[dict[str, Any]]:
    """Return the lines of the plan of a run of all streams."""
    settings = settings_for(world, orders_api)
    catalog = catalog_of(*names_under(orders_api), settings=settings)
    finished = AmazonSP(write_json(folder / "config.json", settings)).run(
        "plan",
        *("--catalog", str(write_json(folder / "catalog.json", catalog))),
        *("--state", str(write_json(folder / "state.json", state or {}))),
        *("--output", "jsonl", *words),
    )
    assert finished.exit_code == 0, finished.stderr
    return finished.lines[:-1]


def calls_of(world: Simulator) -> Counter[str]:
    """Return how often each operation was called."""
    return Counter(request["operation"] for request in world.requests)


@dataclass(frozen=True)
class Everything:
    """A run of all streams, the calls that it made by operation, and what was planned before."""

    run: TapRun
    calls: Counter[str]
    plan: list[dict[str, Any]]
    plan_of_counted: list[dict[str, Any]]


@pytest.fixture(scope="module")
def everything(
    orders_api: str, world: Simulator, tmp_path_factory: pytest.TempPathFactory
) -> Everything:
    folder = tmp_path_factory.mktemp("all")
    world.clear_requests()
    plan = plan_in(folder, world, orders_api)
    assert not world.requests
    counted = plan_in(folder, world, orders_api, "--ask")
    world.clear_requests()
    run = run_all(folder, world, orders_api)
    return Everything(run, calls_of(world), plan, counted)


@pytest.fixture(scope="module")
def run(everything: Everything) -> TapRun:
    return everything.run


def test_every_stream_gives_records_with_keys_that_identify_them(
    run: TapRun, orders_api: str
) -> None:
    assert run.exit_code == 0, run.log
    assert names_under(orders_api) == run.counts.keys()

    keys = {message["stream"]: message["key_properties"] for message in run.of_type("SCHEMA")}
    seen: Counter[tuple[str, ...]] = Counter()
    for message in run.of_type("RECORD"):
        stream, record = message["stream"], message["record"]
        values = tuple(record[name] for name in keys[stream])
        assert None not in values, (stream, keys[stream], record)
        assert all(str(value).strip() for value in values), (stream, keys[stream], record)
        key = (stream, *map(str, values))
        seen[key] += 1

    assert {stream for stream, names in keys.items() if not names} == set()
    assert [key for key, count in seen.items() if count > 1] == []


def test_streams_give_as_many_records_as_ever(run: TapRun, orders_api: str) -> None:
    """Compare with the counts that are stored for the made-up seller, who is always the same.

    A stream with fewer records than before has lost some, and one with more has some twice, unless
    the simulator or the stream was changed on purpose. Then write the counts again, and look at
    the difference before you commit it:

        UPDATE_COUNTS=1 make pytest PYTEST_ARGS=tests/e2e/test_built_in_streams.py
    """
    names = sorted(run.counts.keys() - OF_THE_CALENDAR)
    counts = {name: _per_period(run, name) for name in names}
    stored: dict[str, dict[str, int]] = json.loads(COUNTS.read_text(encoding="utf-8"))
    if os.environ.get("UPDATE_COUNTS"):
        text = json.dumps(stored | {orders_api: counts}, indent=2) + "\n"
        COUNTS.write_text(text, encoding="utf-8")
        pytest.skip(f"wrote {COUNTS.name}")

    # What has no records at all is not in the counts of the run.
    assert counts == stored[orders_api]


def _per_period(run: TapRun, stream: str) -> int:
    """Return how many records a stream gave; of one per week, for each week."""
    period = OF_PERIODS.get(stream)
    if period is None:
        return run.counts[stream]
    periods = {json.dumps(record[period], sort_keys=True) for record in run.records(stream)}
    each, rest = divmod(run.counts[stream], len(periods))
    assert rest == 0, stream
    return each


def by_operation(plan: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the lines of a plan by operation: streams share the calls of some."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in plan:
        found.setdefault(line["operation"], []).append(line)
    return found


def check_calls(plan: list[dict[str, Any]], calls: Counter[str]) -> Counter[str]:
    """Check that a run made the calls of its plan; return how many numbers were how certain."""
    certainties = Counter[str]()
    for operation, lines in by_operation(plan).items():
        made, planned = calls[operation], sum(line["calls"] for line in lines)
        if operation == "sales.getOrderMetrics" and made > planned:
            # Orders are counted before they are read, a call for each marketplace.
            made -= len(MARKETPLACES)
        further = [*filter(None, (line["further_calls"] for line in lines))]
        certainty = "at least" if further else "exactly"
        certainties[certainty] += 1
        assert {line["certainty"] for line in lines} <= {certainty, "exactly"}
        assert made >= planned if further else made == planned, (operation, planned, made)
    return certainties


def test_a_run_makes_the_calls_of_its_plan(everything: Everything) -> None:
    certainties = check_calls(everything.plan, everything.calls)

    # Other calls only find out what to read.
    named = {line["operation"] for line in everything.plan}
    assert everything.calls.keys() - named <= {"tokens_2021-03-01.createRestrictedDataToken"}
    assert certainties["at least"] > 5


def test_a_run_makes_the_calls_for_what_was_counted(everything: Everything) -> None:
    checked = set()
    for operation, lines in by_operation(everything.plan_of_counted).items():
        uncertain = {line["certainty"] for line in lines} - {"exactly"}
        planned = sum(line["calls"] for line in lines)
        if any(line["further_calls"] for line in lines) or not uncertain & {"about", "at most"}:
            continue
        checked.add(operation)
        if uncertain == {"at most"}:
            assert everything.calls[operation] <= planned, operation
        else:
            assert everything.calls[operation] == planned, operation

    assert {"orders_2026-01-01.searchOrders", "ordersV0.getOrders"} & checked


def test_records_fit_their_schema_and_every_stream_has_one(run: TapRun) -> None:
    validators: dict[str, Draft7Validator] = {}
    for message in run.messages:
        if message["type"] == "SCHEMA":
            # None is found to be wanting, while the simulator keeps to Amazon's models.
            assert message["stream"] not in validators
            validators[message["stream"]] = Draft7Validator(message["schema"])
        elif message["type"] == "RECORD":
            validators[message["stream"]].validate(message["record"])


def test_a_second_run_goes_on_at_the_bookmarks(
    run: TapRun, world: Simulator, orders_api: str, tmp_path: Path
) -> None:
    plan = plan_in(tmp_path, world, orders_api, state=run.last_state)
    world.clear_requests()
    second = run_all(tmp_path, world, orders_api, state=run.last_state)

    check_calls(plan, calls_of(world))
    assert second.exit_code == 0, second.log
    bookmarked = [
        stream
        for stream in built_in_streams(orders_api)
        if stream.replication_key
        and stream.read.parent is None
        and stream.name in names_under(orders_api)
    ]
    assert bookmarked
    for stream in bookmarked:
        before, after = run.bookmark(stream.name), second.bookmark(stream.name)
        assert before is not None
        assert after is not None
        assert after >= before, stream.name
        reads_again = ("unfinished", "late_by", "children_change_for")
        if not any(getattr(stream.read, name, None) for name in reads_again):
            assert second.counts[stream.name] < run.counts[stream.name], stream.name


def test_there_are_at_least_80_streams() -> None:
    assert len(names_under(ORDERS_APIS[0])) >= 80
