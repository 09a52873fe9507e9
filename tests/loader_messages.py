"""What the tap writes about all that a simulated seller has, for loaders to load."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon.report_types import REPORT_TYPES, report_type
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes
from tests.report_entries import ReportEntries
from tests.small_world import known_ids, small_world
from tests.tap_runs import catalog_of, tap_arguments

START = dt.timedelta(days=100)
MARKETPLACES = ["US", "BR"]


@dataclass
class Messages:
    """What a run of the tap wrote."""

    records: dict[str, list[str]] = field(default_factory=dict)
    keys: dict[str, set[tuple[Any, ...]]] = field(default_factory=dict)
    all_text: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, output: str) -> Messages:
        """Read the output of the tap."""
        found = cls()
        key_names: dict[str, list[str]] = {}
        for line in output.splitlines(keepends=True):
            message = json.loads(line)
            if message["type"] == "SCHEMA":
                name = message["stream"]
                key_names[name] = message["key_properties"]
                found.records.setdefault(name, []).append(line)
                found.keys.setdefault(name, set())
                if _is_all_text(message["schema"]["properties"]):
                    found.all_text.add(name)
            elif message["type"] == "RECORD":
                name = message["stream"]
                found.records[name].append(line)
                key = tuple(str(message["record"][part]) for part in key_names[name])
                found.keys[name].add(key)
        return found


def _is_all_text(properties: Mapping[str, Any]) -> bool:
    """Return whether DuckDB reads all columns as text."""
    texts = ("string",)
    return all(
        set(found.get("type", ())) <= {*texts, "null"} and "format" not in found
        for found in properties.values()
    )


def run_of(version: str, folder: Path) -> Messages:
    """Read all streams of a version of the Orders API.

    Raises:
        SystemExit: The tap failed.
    """
    with world_of(version) as (settings, names):
        return read_streams(folder, settings, names)


def run_of_reports(folder: Path) -> Messages:
    """Read a report of each type of flat files that a seller can request or list.

    Raises:
        SystemExit: The tap failed, or wrote more than one SCHEMA of a stream.
    """
    entries = flat_files(folder)
    with small_world() as world:
        settings = settings_for(world, ORDERS_APIS[0]) | {
            "reports": entries,
            "marketplace_ids": MARKETPLACES[:1],
            "start_date": (dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=1)).isoformat(),
            "report_poll_interval": 0.05,
        }
        messages = read_streams(folder, settings, stream_names(entries))
    for name, lines in messages.records.items():
        if sum(line.startswith('{"type":"SCHEMA"') for line in lines) > 1:
            sys.exit(f"{name} has several SCHEMAs: loaders may lose rows after the second")
    return messages


def flat_files(folder: Path) -> list[dict[str, Any]]:
    """Return an entry of `reports` for each type of flat files."""
    entries = ReportEntries(dt.datetime.now(dt.timezone.utc).replace(microsecond=0), folder)
    return [
        entries.entry(kind, "seller")
        for kind in map(report_type, REPORT_TYPES)
        if kind.is_flat and "seller" in kind.parties and kind.mode != "scheduled"
    ]


def stream_names(entries: Sequence[dict[str, Any]]) -> list[str]:
    """Return the names of the streams of entries of `reports`."""
    return [made.name for made in report_stream_classes(map(read_report, entries))]


@contextmanager
def world_of(version: str) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Run a seller; yield the settings to read it, and the names of the streams that it has."""
    found = set(built_in_streams(version))
    if version != ORDERS_APIS[0]:
        found -= set(built_in_streams())
    with small_world() as world:
        yield settings_for(world, version), sorted(stream.name for stream in found)


def settings_for(world: Simulator, version: str) -> dict[str, Any]:
    """Return the settings that read everything of a simulated seller."""
    return world.settings_for_tap() | {
        "orders_api": version,
        "marketplace_ids": MARKETPLACES,
        "seller_id": "A1SIMULATEDSELLER",
        "restricted_data": True,
        "start_date": (dt.datetime.now(dt.timezone.utc) - START).isoformat(),
        "stream_ids": known_ids(world, version),
    }


def read_streams(folder: Path, settings: dict[str, Any], names: Sequence[str]) -> Messages:
    """Run the tap.

    Raises:
        SystemExit: It failed.
    """
    catalog = catalog_of(*names, settings=settings)
    command = tap_arguments(folder, settings, catalog=catalog)
    finished = subprocess.run(command, check=False, capture_output=True, text=True)
    if finished.returncode:
        sys.exit(finished.stderr)
    return Messages.of(finished.stdout)
