"""What is read: lists, jobs, two sellers, and many sellers whose access tokens are struck."""

from __future__ import annotations

import datetime as dt
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.settings.reports import read_report, report_streams
from tap_amazon_sp.simulator import (
    SELLER_REFRESH_TOKEN,
    VENDOR_REFRESH_TOKEN,
    Simulator,
    SimulatorSettings,
)
from tap_amazon_sp.streams import built_in_streams
from tests.mutations.clocks import NOON, world_time
from tests.mutations.jobs import CREATE, GET, GET_DOCUMENT
from tests.mutations.pairs import Scenario
from tests.mutations.world import DOCUMENT
from tests.report_entries import ReportEntries
from tests.simulator.api_caller import REPORTS, ApiCaller
from tests.small_world import known_ids
from tests.tap_runs import catalog_of

SELLERS_WITH_TOKENS = 24
WINDOWS_BACK = dt.timedelta(days=50)
ROWS = 4
"""Rows of a report."""

QUERIES = {
    "economics": (
        "query { analytics_economics_2024_03_15 { economics("
        'startDate: "{start}", endDate: "{end}", marketplaceIds: ["ATVPDKIKX0DER"], '
        "aggregateBy: { date: DAY, productId: MSKU }) "
        "{ startDate endDate marketplaceId msku sales { unitsOrdered } } } }"
    ),
    "salesAndTrafficByDate": (
        "query { analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByDate("
        'startDate: "{start}", endDate: "{end}", aggregateBy: DAY, '
        'marketplaceIds: ["ATVPDKIKX0DER"]) { startDate endDate marketplaceId } } }'
    ),
}
"""Queries of Data Kiosk by the name of what they ask for."""


def _world(**more: Any) -> SimulatorSettings:
    settings: dict[str, Any] = {
        "orders": 12,
        "purchase_orders": 6,
        "records": 3,
        "longest_page": 2,
        "history_days": 20,
        "speed": 1e9,
        "changes_per_minute": 0,
        "shuffle": True,
        "port": 0,
        "processing_seconds": 1,
        "now": world_time,
    }
    return SimulatorSettings(**settings | more)


def _common(simulator: Simulator, refresh_token: str | None = None) -> dict[str, Any]:
    return simulator.settings_for_tap(refresh_token) | {
        "start_date": (NOON - WINDOWS_BACK).isoformat(),
        "request_timeout": 5,
        "report_poll_interval": 1,
        "restricted_data": True,
    }


def _saved(catalog: Mapping[str, Any], folder: Path, name: str) -> Path:
    path = folder / f"{name}.catalog.json"
    path.write_text(json.dumps(catalog), encoding="utf-8")
    return path


def _keys(streams: Iterable[type[AmazonStream]]) -> dict[str, tuple[str, ...]]:
    """Return the names of what identifies the records of an operation."""
    found: dict[str, tuple[str, ...]] = {}
    for stream in streams:
        if stream.operation_id:
            names = (*stream.primary_keys, *found.get(stream.operation_id, ()))
            found[stream.operation_id] = tuple(dict.fromkeys(names))
    return found


ByOperation = dict[tuple[str, str], frozenset[str]]
"""Names of streams by operation and job."""


def _harmed(streams: Iterable[type[AmazonStream]]) -> tuple[ByOperation, ByOperation]:
    """Return the streams that an operation may harm: its own, and their descendants.

    Returns:
        All of them, and those among them that make requests for the records of others.
    """
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    children: dict[tuple[str, str], set[str]] = defaultdict(set)
    for stream in streams:
        member: type[AmazonStream] | None = stream
        makes_requests = False
        while member is not None:
            if member.operation_id:
                found[member.operation_id, ""].add(stream.name)
                if makes_requests:
                    children[member.operation_id, ""].add(stream.name)
                makes_requests = makes_requests or member.read.place_in_parent is None
            member = member.read.parent
    return _frozen(found), _frozen(children)


def _frozen(found: Mapping[tuple[str, str], set[str]]) -> ByOperation:
    return {place: frozenset(names) for place, names in found.items()}


def _lists_of(
    name: str, simulator: Simulator, folder: Path, settings: dict[str, Any], orders_api: str
) -> Scenario:
    streams = built_in_streams(orders_api)
    catalog = catalog_of(*(stream.name for stream in streams), settings=settings)
    path = _saved(catalog, folder, name)
    harmed, children = _harmed(streams)
    return Scenario(name, simulator, settings, path, harmed, _keys(streams), children)


def lists(folder: Path, orders_api: str = ORDERS_APIS[0], name: str = "lists") -> Scenario:
    """All built-in streams of a seller."""
    simulator = Simulator(_world())
    settings = _common(simulator) | {
        "orders_api": orders_api,
        # Some streams are there for Brazil only.
        "marketplace_ids": ["US", "BR"],
        "seller_id": "A1SIMULATEDSELLER",
        "stream_ids": known_ids(simulator, orders_api),
    }
    return _lists_of(name, simulator, folder, settings, orders_api)


def lists_v0(folder: Path) -> Scenario:
    """The same with Orders v0."""
    return lists(folder, ORDERS_APIS[1], "lists-v0")


def accounts(folder: Path) -> Scenario:
    """All built-in streams of two sellers."""
    simulator = Simulator(_world(sellers=2))
    settings = _common(simulator) | {"marketplace_ids": ["US", "BR"]}
    for number, entry in enumerate(settings["accounts"], 1):
        entry["seller_id"] = f"A{number}SIMULATEDSELLER"
        entry["stream_ids"] = known_ids(simulator, ORDERS_APIS[0], entry["name"])
    return _lists_of("accounts", simulator, folder, settings, ORDERS_APIS[0])


def tokens(folder: Path, sellers: int = SELLERS_WITH_TOKENS) -> Scenario:
    """A few streams of many sellers, each with access tokens of its own."""
    simulator = Simulator(_world(sellers=sellers, records=2))
    settings = _common(simulator) | {"marketplace_ids": ["US"], "orders_api": ORDERS_APIS[1]}
    names = ("orders", "order_items", "awd_outbound_orders", "destinations")
    streams = [stream for stream in built_in_streams(ORDERS_APIS[1]) if stream.name in names]
    catalog = catalog_of(*(stream.name for stream in streams), settings=settings)
    path = _saved(catalog, folder, "tokens")
    return Scenario("tokens", simulator, settings, path, {}, _keys(streams))


def jobs(folder: Path) -> Scenario:
    """All report types of a seller and a vendor, and queries of Data Kiosk."""
    types = [report_type(name) for name in REPORT_TYPES]
    names_of_types = [kind.name for kind in types]
    world = _world(
        report_rows=dict.fromkeys(names_of_types, ROWS),
        # A call is carried out before its answer is damaged, also where that becomes a 429. Amazon
        # would carry out nothing then, and so not cancel the report that is submitted next.
        report_intervals=dict.fromkeys(names_of_types, 0.0),
    )
    simulator = Simulator(world)
    _schedule(simulator, [kind.name for kind in types if kind.mode == "scheduled"])
    entries = ReportEntries(NOON, folder)
    by_party = {
        party: [entries.entry(kind, party) for kind in types if party in kind.parties]
        for party in ("seller", "vendor")
    }
    declared = {party: report_streams(map(read_report, found)) for party, found in by_party.items()}
    settings = _common(simulator) | {
        "reports": [entry for found in by_party.values() for entry in found],
        "data_kiosk_queries": [
            {"name": name, "query": query, "start_date": entries.ago(2)}
            for name, query in QUERIES.items()
        ],
        "start_date": entries.ago(1),
        "marketplace_ids": ["US"],
        "accounts": [
            {
                "name": party,
                "refresh_token": token,
                "streams": [stream.name for stream in declared[party]] + queries,
            }
            for party, token, queries in (
                ("seller", SELLER_REFRESH_TOKEN, [*QUERIES]),
                ("vendor", VENDOR_REFRESH_TOKEN, []),
            )
        ],
    }
    del settings["refresh_token"]
    streams: dict[tuple[str, str], set[str]] = defaultdict(set)
    named = [(stream.type.name, stream.name) for found in declared.values() for stream in found]
    for job, name in [*named, *((name, name) for name in QUERIES)]:
        for operation in (*CREATE, *GET, *GET_DOCUMENT, DOCUMENT):
            streams[operation, job].add(name)
    names = [name for _, name in named] + [*QUERIES]
    catalog = catalog_of(*names, settings=settings)
    return Scenario(
        "jobs",
        simulator,
        settings,
        _saved(catalog, folder, "jobs"),
        _frozen(streams),
        {},
    )


def _schedule(simulator: Simulator, types: Iterable[str]) -> None:
    """Let reports be made on a schedule."""
    with simulator:
        caller = ApiCaller(simulator)
        for name in types:
            schedule = {
                "reportType": name,
                "marketplaceIds": ["ATVPDKIKX0DER"],
                "period": "P1D",
                "nextReportCreationTime": (NOON - dt.timedelta(days=3)).isoformat(),
            }
            caller.call("POST", f"{REPORTS}/schedules", json=schedule).raise_for_status()


SCENARIOS: Mapping[str, tuple[Callable[[Path], Scenario], float]] = {
    "lists": (lists, 0.45),
    "jobs": (jobs, 0.3),
    "lists-v0": (lists_v0, 0.05),
    "accounts": (accounts, 0.15),
    "tokens": (tokens, 0.05),
}
"""What makes each scenario, and its part of all answers."""
