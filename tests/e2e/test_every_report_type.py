"""Every report type of the table, as an entry of `reports`, in one run of the command."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tap_amazon_sp.amazon.report_types import REPORT_TYPES, ReportType, report_type
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.settings.reports import ReportSettings, read_report, report_streams
from tap_amazon_sp.simulator import (
    SELLER_REFRESH_TOKEN,
    VENDOR_REFRESH_TOKEN,
    Simulator,
    SimulatorSettings,
)
from tap_amazon_sp.simulator.reports.xml_documents import PLAIN, SHAPES
from tests.made_documents import document_of, misfits
from tests.report_entries import ReportEntries
from tests.simulator.api_caller import REPORTS, ApiCaller
from tests.simulator_tables import table_of
from tests.tap_runs import TapRun, catalog_of, run_tap

NOW = dt.datetime.now(dt.timezone.utc).replace(microsecond=0)
TYPES = [report_type(name) for name in REPORT_TYPES]
MARKETPLACES = ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"]

INSTANT = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d:\d\dZ)?")


@dataclass(frozen=True)
class EveryType:
    """The settings of a run over all types, whose streams are by account, and its first run."""

    simulator: Simulator
    settings: dict[str, Any]
    streams: dict[str, list[ReportSettings]]
    catalog: dict[str, Any]
    run: TapRun
    created: dict[str, list[dict[str, Any]]]

    def declared(self) -> Iterator[tuple[str, ReportSettings]]:
        for account, streams in self.streams.items():
            for declared in streams:
                yield account, declared


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    settings = SimulatorSettings(
        orders=1500, purchase_orders=10, records=10, speed=1_000_000, changes_per_minute=0, port=0
    )
    with Simulator(settings) as simulator:
        caller = ApiCaller(simulator)
        for kind in TYPES:
            if kind.mode == "scheduled":
                schedule = {
                    "reportType": kind.name,
                    "marketplaceIds": MARKETPLACES[:1],
                    "period": "P1D",
                    "nextReportCreationTime": (NOW - dt.timedelta(days=3)).isoformat(),
                }
                caller.call("POST", f"{REPORTS}/schedules", json=schedule).raise_for_status()
        yield simulator


@pytest.fixture(scope="module")
def every_type(simulator: Simulator, tmp_path_factory: pytest.TempPathFactory) -> EveryType:
    folder = tmp_path_factory.mktemp("every_type")
    entries_at = ReportEntries(NOW, folder)
    entries = {
        party: [entries_at.entry(kind, party) for kind in TYPES if party in kind.parties]
        for party in ("seller", "vendor")
    }
    streams = {party: report_streams(map(read_report, found)) for party, found in entries.items()}
    tokens = {"seller": SELLER_REFRESH_TOKEN, "vendor": VENDOR_REFRESH_TOKEN}
    settings = simulator.settings_for_tap() | {
        "reports": [entry for found in entries.values() for entry in found],
        "restricted_data": True,
        "start_date": entries_at.ago(1),
        "marketplace_ids": MARKETPLACES,
        "report_poll_interval": 0.05,
        "accounts": [
            {
                "name": party,
                "refresh_token": tokens[party],
                "streams": [declared.name for declared in found],
            }
            for party, found in streams.items()
        ],
    }
    del settings["refresh_token"]
    names = [declared.name for found in streams.values() for declared in found]
    catalog = catalog_of(*names, settings=settings)
    run = run_tap(folder, settings, catalog=catalog)
    created = {party: simulator.truth("created_reports", party) for party in tokens}
    return EveryType(simulator, settings, streams, catalog, run, created)


def keys_in(run: TapRun) -> Iterator[tuple[str, tuple[str, ...], dict[str, Any]]]:
    """Yield the stream, the key and the content of each record."""
    names = {message["stream"]: message["key_properties"] for message in run.of_type("SCHEMA")}
    for message in run.of_type("RECORD"):
        record = message["record"]
        key = tuple(json.dumps(record[name]) for name in names[message["stream"]])
        yield message["stream"], key, record


# --- Records and schemas --------------------------------------------------------------------------


def test_every_report_type_gives_records_that_fit_their_schema(
    every_type: EveryType, tell: Callable[[str], None]
) -> None:
    run = every_type.run

    with_records = {
        declared.type.name for _, declared in every_type.declared() if run.counts[declared.name]
    }
    tell(
        f"{len(with_records)} of {len(TYPES)} report types give records that fit, "
        f"{run.counts.total()} in all"
    )
    assert run.exit_code == 0, run.log
    assert misfits(run) == {}
    assert {declared.name for _, declared in every_type.declared()} == {
        message["stream"] for message in run.of_type("SCHEMA")
    }
    assert set(REPORT_TYPES) - with_records == set()
    assert {kind.mode for kind in TYPES} == {"requested", "scheduled", "listed"}


def test_each_flat_file_takes_one_schema(every_type: EveryType) -> None:
    counts = Counter(message["stream"] for message in every_type.run.of_type("SCHEMA"))

    flat = {declared.name for _, declared in every_type.declared() if declared.type.is_flat}
    assert len(flat) > 60
    assert {name: counts[name] for name in flat} == dict.fromkeys(flat, 1)


def test_keys_are_there_and_unique(every_type: EveryType) -> None:
    properties = {
        message["stream"]: message["schema"]["properties"]
        for message in every_type.run.of_type("SCHEMA")
    }
    seen: Counter[tuple[str, tuple[str, ...]]] = Counter()
    for stream, key, _ in keys_in(every_type.run):
        seen[stream, key] += 1
        assert "null" not in key, stream

    assert {place: count for place, count in seen.items() if count > 1} == {}
    for message in every_type.run.of_type("SCHEMA"):
        assert message["key_properties"][0] == "_account"
        assert set(message["key_properties"]) <= properties[message["stream"]].keys()


# --- Documents ------------------------------------------------------------------------------------


def rows_of(document: bytes, kind: ReportType, path: str | None) -> list[Any]:
    """Return the rows of a document, read with nothing of the tap's own.

    Those of a flat file are lists of texts, without the header.
    """
    if document.startswith((b"%PDF", b"PK")):
        return [None]
    is_utf16 = document.startswith(b"\xff\xfe")
    text = document.decode("utf-16" if is_utf16 else "utf-8-sig")
    if text.startswith("{"):
        content = json.loads(text)
        paths = [path] if path else [name for name in content if isinstance(content[name], list)]
        assert len(paths) == 1
        return list(content[paths[0]])
    if text.startswith("<"):
        record = "./" + "/".join(SHAPES.get(kind.name, PLAIN).record)
        return ET.fromstring(document).findall(record)  # noqa: S314 - made by the simulator
    return table_of(kind.name, text)[1:]


ELSEWHERE = {"Amazon.com.mx", "Amazon.com.br"}
"""The sales channels of the seller's marketplaces that the settings do not name."""


def numbered(rows: list[Any], kind: ReportType) -> list[tuple[int, Any]]:
    """Return the rows that are read, and their numbers: not those of other marketplaces."""

    found = [*enumerate(rows, 1)]
    if not kind.is_region_wide:
        return found
    return [
        (number, row)
        for number, row in found
        if ELSEWHERE.isdisjoint(row if isinstance(row, list) else [one.text for one in row])
    ]


def is_same(cell: str, value: Any) -> bool:
    """Return whether a value is that of a cell; times may be written in another way."""
    if isinstance(value, str):
        return value == cell or (INSTANT.fullmatch(value) is not None and cell != "")
    return cell == "" if value is None else Decimal(cell.replace(",", "")) == Decimal(str(value))


def test_every_row_of_every_document_is_written_once(every_type: EveryType) -> None:
    simulator = every_type.simulator
    written: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for message in every_type.run.of_type("RECORD"):
        record = message["record"]
        written.setdefault((message["stream"], record["_report_id"]), []).append(record)
    expected: dict[tuple[str, str], list[tuple[int, Any]]] = {}
    start_of_listed = parse_timestamp(ReportEntries(NOW, Path()).start_of_listed)
    for account, declared in every_type.declared():
        reports = every_type.created[account]
        if not declared.is_requested:
            reports = [
                report
                for report in simulator.truth("reports", account)
                if parse_timestamp(report["createdTime"]) >= start_of_listed
                and not set(MARKETPLACES).isdisjoint(report["marketplaceIds"])
            ]
        path = declared.array.path if declared.array else None
        for report in reports:
            if report["reportType"] == declared.type.name and "reportDocumentId" in report:
                rows = rows_of(document_of(simulator, account, report), declared.type, path)
                expected[declared.name, report["reportId"]] = numbered(rows, declared.type)

    assert {place: len(records) for place, records in written.items()} == {
        place: len(rows) for place, rows in expected.items() if rows
    }
    cells = 0
    for place, records in written.items():
        for record, (number, row) in zip(records, expected[place], strict=True):
            assert record["_row_number"] == number
            if isinstance(row, list):
                # What is not of its column's kind, such as a day without a time, is there.
                written_in_row = (record | (record.get("_misfits") or {})).values()
                assert all(map(is_same, row, written_in_row)), (place, row, record)
                cells += len(row)
    assert cells > 100_000
    statuses = {one["processingStatus"] for found in every_type.created.values() for one in found}
    assert statuses <= {"DONE", "CANCELLED"}


def test_the_options_reach_amazon_and_none_is_ignored(every_type: EveryType) -> None:
    for account, declared in every_type.declared():
        if not declared.is_requested:
            continue
        mine = [
            report
            for report in every_type.created[account]
            if report["reportType"] == declared.type.name
        ]
        assert mine, declared.name
        for report in mine:
            assert report["reportOptions"] == declared.options, declared.name
            assert report["ignoredOptions"] == [], declared.name
            assert len(report["marketplaceIds"]) == (2 if declared.type.is_region_wide else 1)


# --- State ----------------------------------------------------------------------------------------


def test_a_second_run_writes_the_same_of_windows_that_are_over(
    every_type: EveryType, tmp_path: Path
) -> None:
    first = every_type.run

    second = run_tap(
        tmp_path, every_type.settings, catalog=every_type.catalog, state=first.last_state
    )

    assert second.exit_code == 0, second.log
    of_report = ("_report_id", "_report_created_time")
    before = {(stream, key): record for stream, key, record in keys_in(first)}
    again = 0
    for stream, key, record in keys_in(second):
        known = before.get((stream, key))
        # A window that is not over yet is read again, to a later end.
        if known is not None and known["_data_end_time"] == record["_data_end_time"]:
            again += 1
            assert without(record, *of_report) == without(known, *of_report)
    assert again > 100
    listed = {declared.name for _, declared in every_type.declared() if not declared.is_requested}
    assert listed & second.counts.keys() == set()
    assert second.counts.keys() < first.counts.keys()


def without(record: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in names}
