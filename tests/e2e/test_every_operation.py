"""Every operation that reads, as a stream by its name alone."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.simulator import Simulator
from tests.simulator.operation_caller import OperationCaller
from tests.small_world import small_world
from tests.tap_runs import TapRun, catalog_of, run_tap

READS = [operation for operation in catalogue.operations() if operation.reads_only]
START = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=100)
SELLER_ID = "A1SIMULATEDSELLER"


@pytest.fixture(scope="module")
def short_pages() -> Iterator[Simulator]:
    """A small world whose generated lists have pages of three."""
    with small_world(records=40, longest_page=3) as simulator:
        yield simulator


@pytest.fixture(scope="module")
def long_pages() -> Iterator[Simulator]:
    """The same world with pages as long as they are asked for."""
    with small_world(records=40) as simulator:
        yield simulator


def stream_name(operation: Operation) -> str:
    return re.sub(r"\W", "_", operation.id)


def entry_for(operation: Operation, caller: OperationCaller) -> dict[str, Any]:
    """Return the entry of an operation: its name, and what it requires beyond times and stores."""
    arguments = caller.arguments(caller.models.operation(operation.id))
    given_by_itself = {"sellerId"} | {
        name for pair in operation.time_filters for name in (pair.after, pair.before)
    }
    params = {
        name: value
        for name, value in arguments.values.items()
        if name not in given_by_itself and not name.lower().startswith("marketplaceid")
    }
    entry = {"name": stream_name(operation), "operation": operation.id, "params": params}
    if operation.body is not None:
        entry["body"] = arguments.body
    return entry


def settings_for(simulator: Simulator) -> dict[str, Any]:
    caller = OperationCaller(simulator)
    entries = [entry_for(operation, caller) for operation in READS]
    simulator.clear_requests()
    return simulator.settings_for_tap() | {
        "custom_streams": entries,
        "seller_id": SELLER_ID,
        "marketplace_ids": ["US"],
        "restricted_data": True,
        "start_date": START.isoformat(),
    }


def run_all(folder: Path, simulator: Simulator, state: dict[str, Any] | None = None) -> TapRun:
    settings = settings_for(simulator)
    catalog = catalog_of(*map(stream_name, READS), settings=settings)
    return run_tap(folder, settings, catalog=catalog, state=state)


@pytest.fixture(scope="module")
def first_run(short_pages: Simulator, tmp_path_factory: pytest.TempPathFactory) -> TapRun:
    return run_all(tmp_path_factory.mktemp("first"), short_pages)


def test_every_operation_that_reads_gives_records_that_fit_their_schema(
    first_run: TapRun, tell: Callable[[str], None]
) -> None:
    validators = {
        message["stream"]: Draft7Validator(message["schema"])
        for message in first_run.of_type("SCHEMA")
    }
    misfits = Counter(
        message["stream"]
        for message in first_run.of_type("RECORD")
        if not validators[message["stream"]].is_valid(message["record"])
    )
    names = {stream_name(operation) for operation in READS}
    good = names & first_run.counts.keys() - misfits.keys()

    tell(f"{len(good)} of {len(names)} operations give records that fit")
    assert first_run.exit_code == 0, first_run.log
    assert misfits == {}
    assert names - good == set()


def test_every_operation_is_paged_to_its_end(
    first_run: TapRun, short_pages: Simulator, long_pages: Simulator, tmp_path: Path
) -> None:
    in_long_pages = run_all(tmp_path, long_pages)

    # A page of listFinancialEvents is one record with all its lists.
    whole_pages = {
        stream_name(operation)
        for operation in READS
        if operation.paging is not None and operation.results is None
    }
    assert first_run.exit_code == in_long_pages.exit_code == 0
    assert {
        name: (first_run.counts[name], in_long_pages.counts[name])
        for name in map(stream_name, READS)
        if name not in whole_pages and first_run.counts[name] != in_long_pages.counts[name]
    } == {}
    paged = {
        request["operation"]
        for request in short_pages.requests
        if any("token" in name.lower() for name in request["query"])
    }
    assert len(paged) >= 50


def test_a_second_run_asks_only_for_what_is_new(
    first_run: TapRun, short_pages: Simulator, tmp_path: Path
) -> None:
    second = run_all(tmp_path, short_pages, state=first_run.last_state)

    assert second.exit_code == 0, second.log
    by_time = 0
    for operation in READS:
        bookmark = first_run.bookmark(stream_name(operation))
        if bookmark is None:
            continue
        requests = [one for one in short_pages.requests if one["operation"] == operation.id]
        afters = {
            request["query"][pair.after]
            for request in requests
            for pair in operation.time_filters
            if pair.after in request["query"]
        }
        assert afters, operation.id
        assert min(parse_timestamp(after) for after in afters) >= _day_of(bookmark), operation.id
        by_time += 1
    assert by_time > 35


def _day_of(bookmark: str) -> dt.datetime:
    """Return the beginning of the bookmark's day: some filters take dates only."""
    # Filters that leave out their own bounds are asked a second earlier.
    moment = parse_timestamp(bookmark) - dt.timedelta(seconds=1)
    return moment.replace(hour=0, minute=0, second=0, microsecond=0)
