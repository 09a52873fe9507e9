"""What two runs of the tap write about a seller's money agrees with the seller's books."""

from __future__ import annotations

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.simulator.finances.finance_calls import Record, amounts_in, identifiers, money
from tests.tap_runs import TapRun, catalog_of, run_tap

BEGIN = dt.datetime(2026, 9, 3, 10, tzinfo=dt.timezone.utc)
BETWEEN = dt.timedelta(days=30)
"""Between the runs: in the meantime, settlements are closed and all deferred money is released."""
SETTLEMENTS = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"
OF_REPORTS = "report_v2_settlement_report_data_flat_file_v2"
STREAMS = (
    "financial_transactions",
    "financial_events",
    "financial_event_groups",
    "financial_events_by_group",
    "financial_summaries",
    "payouts",
    OF_REPORTS,
)

Sums = Mapping[Any, Decimal]


@dataclass(frozen=True)
class Target:
    """What a target has after two runs, and what is true.

    Attributes:
        first: Records of the first run, by stream.
        tables: The last record of each key, by stream.
        lines: The lines of the books, without transfers.
        transactions: All transactions, by id.
        payouts: All payouts, by id.
    """

    first: Mapping[str, list[Record]]
    tables: Mapping[str, list[Record]]
    lines: list[Record]
    transactions: Mapping[str, Record]
    payouts: Mapping[str, Record]

    @property
    def settled(self) -> Sums:
        """What came of each settlement, by id."""
        return sums(
            (line["settlementId"], Decimal(line["amount"]))
            for line in self.lines
            if line["settlementId"] is not None
        )

    @property
    def settlement_ids(self) -> Mapping[str, str]:
        """The ids of settlements by the ids of their groups of events."""
        return {
            found["FINANCIAL_EVENT_GROUP_ID"]: found["SETTLEMENT_ID"]
            for found in map(identifiers, self.transactions.values())
            if "SETTLEMENT_ID" in found
        }


def sums(amounts: Iterable[tuple[Any, Decimal]]) -> Sums:
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for key, amount in amounts:
        found[key] += amount
    return found


def number(value: object) -> Decimal:
    return Decimal(str(value))


def upserted(*runs: TapRun) -> Mapping[str, list[Record]]:
    """Return the last record of each primary key, as a target keeps them."""
    keys: dict[str, list[str]] = {}
    tables: dict[str, dict[tuple[Any, ...], Record]] = {name: {} for name in STREAMS}
    for message in (message for run in runs for message in run.messages):
        if message["type"] == "SCHEMA":
            keys[message["stream"]] = message["key_properties"]
        elif message["type"] == "RECORD":
            record = message["record"]
            key = tuple(record[name] for name in keys[message["stream"]])
            tables[message["stream"]][key] = record
    return {name: [*table.values()] for name, table in tables.items()}


@pytest.fixture(scope="module", params=["na", "fe"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Target:
    """Two runs, with a month between them in which orders came, shipped and were refunded."""
    folder = tmp_path_factory.mktemp("books")
    ahead, since = dt.timedelta(0), time.monotonic()
    world = SimulatorSettings(
        orders=150,
        history_days=45,
        changes_per_minute=0.01,
        speed=1e6,
        port=0,
        region=request.param,
        now=lambda: BEGIN + ahead + dt.timedelta(seconds=time.monotonic() - since),
    )
    with Simulator(world) as simulator:
        settings = simulator.settings_for_tap() | {
            "start_date": format_timestamp(BEGIN - dt.timedelta(days=75)),
            "reports": [SETTLEMENTS],
        }
        catalog = catalog_of(*STREAMS, settings=settings)
        first = run_tap(folder, settings, catalog=catalog)
        assert first.exit_code == 0, first.log
        ahead = BETWEEN
        second = run_tap(folder, settings, catalog=catalog, state=first.last_state)
        assert second.exit_code == 0, second.log
        transactions = simulator.truth("finances_2024-06-19.listTransactions")
        payouts = simulator.truth("transfers_2024-06-01.listPayouts")
        books = simulator.truth("books")
    return Target(
        first={name: first.records(name) for name in STREAMS},
        tables=upserted(first, second),
        lines=[line for line in books if line["transactionType"] != "Transfer"],
        transactions={each["transactionId"]: each for each in transactions},
        payouts={each["id"]: each for each in payouts},
    )


def test_transactions_are_those_of_amazon_and_add_up_to_the_settlements(target: Target) -> None:
    written = {each["transactionId"]: each for each in target.tables["financial_transactions"]}
    before = {each["transactionId"]: each for each in target.first["financial_transactions"]}
    released = [
        name
        for name, each in written.items()
        if each["transactionStatus"] == "DEFERRED_RELEASED"
        and name in before
        and before[name]["transactionStatus"] == "DEFERRED"
    ]

    assert released
    assert len(written) > len(before) > 100
    assert written.keys() == target.transactions.keys()
    for name, each in target.transactions.items():
        assert written[name]["transactionStatus"] == each["transactionStatus"]
        assert written[name]["relatedIdentifiers"] == each["relatedIdentifiers"]
        assert written[name]["breakdowns"] == each["breakdowns"]
    assert target.settled == sums(
        (identifiers(each)["SETTLEMENT_ID"], money(each["totalAmount"]))
        for each in written.values()
        if each["transactionStatus"] == "RELEASED" and each["transactionType"] != "Transfer"
    )


def test_groups_and_their_events_add_up_to_the_settlements(target: Target) -> None:
    ids = target.settlement_ids
    groups = {
        ids[each["FinancialEventGroupId"]]: number(each["OriginalTotal"]["CurrencyAmount"])
        for each in target.tables["financial_event_groups"]
        if each["FinancialEventGroupId"] in ids
    }
    events = sums(
        (ids[each["FinancialEventGroupId"]], amounts_in(each["event"]))
        for each in target.tables["financial_events_by_group"]
    )

    assert groups == target.settled
    assert events == target.settled


def test_events_add_up_to_what_is_released(target: Target) -> None:
    events = target.tables["financial_events"]

    assert len(events) > len(target.first["financial_events"])
    assert sum(amounts_in(each["event"]) for each in events) == sum(target.settled.values())


def test_settlement_reports_have_the_lines_of_the_books(target: Target) -> None:
    rows = target.tables[OF_REPORTS]
    heads = {
        row["settlement_id"]: number(row["total_amount"])
        for row in rows
        if row["total_amount"] is not None
    }
    lines = sums(
        (row["settlement_id"], number(row["amount"])) for row in rows if row["amount"] is not None
    )

    of_first = {row["settlement_id"] for row in target.first[OF_REPORTS]}
    assert heads.keys() > of_first
    assert {name: lines.get(name, Decimal(0)) for name in heads} == heads
    assert {name: target.settled.get(name, Decimal(0)) for name in heads} == heads


def test_summaries_are_what_is_released_on_each_day(target: Target) -> None:
    expected = sums(
        ((line["marketplaceId"], line["releasedDate"][:10]), Decimal(line["amount"]))
        for line in target.lines
        if line["isReleased"]
    )

    assert expected == {
        (each["marketplaceId"], each["periodStart"][:10]): money(each["netProceeds"])
        for each in target.tables["financial_summaries"]
    }


def test_payouts_are_those_of_amazon(target: Target) -> None:
    written = {each["id"]: each for each in target.tables["payouts"]}

    assert written.keys() == target.payouts.keys()
    assert len(written) > len(target.first["payouts"])
    for name, each in target.payouts.items():
        assert written[name]["currentStatus"] == each["currentStatus"]
        assert money(written[name]["amount"]) == money(each["amount"])
