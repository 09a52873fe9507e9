"""Runs the installed command in a process, and reads its output."""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import tempfile
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.tap import TapAmazonSP
from tests.processes import TAP, Command


@dataclass(frozen=True)
class TapRun:
    """A finished run of the tap: exit code, messages in order, log, and messages as printed."""

    exit_code: int
    messages: list[dict[str, Any]]
    log: str
    output: str = ""

    def of_type(self, message_type: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == message_type]

    def records(self, stream: str, account: str | None = None) -> list[dict[str, Any]]:
        return [
            message["record"]
            for message in self.of_type("RECORD")
            if message["stream"] == stream and account in (None, message["record"].get("_account"))
        ]

    @property
    def counts(self) -> Counter[str]:
        return Counter(message["stream"] for message in self.of_type("RECORD"))

    @property
    def last_state(self) -> dict[str, Any]:
        states = self.of_type("STATE")
        state: dict[str, Any] = states[-1]["value"] if states else {}
        return state

    def bookmark(self, stream: str, account: str | None = None) -> str | None:
        bookmarks = bookmarks_in(self.last_state)
        value: str | None = bookmarks.get((stream, account), {}).get("replication_key_value")
        return value


def write_json(path: Path, content: Any) -> Path:
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def tap_arguments(
    folder: Path,
    settings: dict[str, Any],
    *,
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
) -> list[str]:
    """Write the files that a run needs and return its command line."""
    arguments = [TAP, "--config", str(write_json(folder / "config.json", settings))]
    if state is not None:
        arguments += ["--state", str(write_json(folder / "state.json", state))]
    if catalog is not None:
        arguments += ["--catalog", str(write_json(folder / "catalog.json", catalog))]
    return arguments


def run_tap(
    folder: Path,
    settings: dict[str, Any],
    *options: str,
    state: dict[str, Any] | None = None,
    catalog: dict[str, Any] | None = None,
    environment: dict[str, str] | None = None,
) -> TapRun:
    """Run the installed command to its end."""
    arguments = tap_arguments(folder, settings, state=state, catalog=catalog)
    finished = Command(
        [*arguments, *options], folder, environment=os.environ | (environment or {})
    ).run()
    output = finished.stdout
    return TapRun(finished.returncode, read_messages(output), finished.stderr, output)


def read_messages(output: str) -> list[dict[str, Any]]:
    """Read whole lines as messages; a last line cut off by a kill is left out."""
    lines = output.splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n") and line.startswith("{")]


def bookmarks_in(state: dict[str, Any]) -> dict[tuple[str, str | None], dict[str, Any]]:
    """Return the bookmarks in a state, by stream and account; None is an account without a name."""
    found = {}
    for stream, bookmark in state.get("bookmarks", {}).items():
        for part in bookmark.get("partitions", [bookmark]):
            found[stream, part.get("context", {}).get("_account")] = part
    return found


def written_too_late(messages: list[dict[str, Any]]) -> list[tuple[str, str | None, str]]:
    """Return stream, account and time of each record that comes after a STATE that covers it.

    Args:
        messages: The messages of a run that began without a state.
    """
    keys: dict[str, list[str]] = {}
    claimed: dict[tuple[str, str | None], tuple[str, dt.datetime]] = {}
    seen: set[tuple[Any, ...]] = set()
    late = []
    for message in messages:
        if message["type"] == "SCHEMA":
            keys[message["stream"]] = message["key_properties"]
        elif message["type"] == "STATE":
            for place, part in bookmarks_in(message["value"]).items():
                if part.get("replication_key_value"):
                    moment = parse_timestamp(part["replication_key_value"])
                    # A bookmark that moves back does not change what was written.
                    before = claimed.get(place, ("", moment))[1]
                    claimed[place] = part["replication_key"], max(moment, before)
        else:
            stream, record = message["stream"], message["record"]
            place = stream, record.get("_account")
            version = (stream, *(str(record[name]) for name in keys[stream]))
            if version not in seen and place in claimed:
                name, moment = claimed[place]
                if record.get(name) and parse_timestamp(record[name]) < moment:
                    late.append((*place, record[name]))
            seen.add(version)
    return late


def discover(settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the catalog that the installed tap discovers; it runs once for the same settings."""
    catalog: dict[str, Any] = json.loads(_discovered(json.dumps(settings or {})))
    return catalog


@functools.lru_cache(maxsize=8)
def _discovered(settings: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        arguments = tap_arguments(Path(folder), json.loads(settings))
        return Command([*arguments, "--discover"]).run(check=True).stdout


def catalog_of(
    *streams: str, settings: Mapping[str, Any] | None = None, without: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return a catalog of these streams alone, which is made and read faster than one of all.

    Args:
        streams: The streams that are selected.
        settings: What the tap discovers them with.
        without: The properties that are deselected, as `stream.property`.
    """
    catalog = json.loads(_catalog_of(json.dumps(settings or {}), streams))
    return select(catalog, *streams, without=without)


@functools.lru_cache(maxsize=64)
def _catalog_of(settings: str, streams: tuple[str, ...]) -> str:
    # Nothing is selected at first: that is faster than what is selected by default.
    tap = TapAmazonSP(config=json.loads(settings), catalog={"streams": []}, validate_config=False)
    entries = [tap.streams[name]._singer_catalog_entry.to_dict() for name in sorted(streams)]
    return json.dumps({"streams": entries})


def select(catalog: dict[str, Any], *streams: str, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Select streams in a catalog, and deselect properties given as `stream.property`."""
    for entry in catalog["streams"]:
        for metadata in entry["metadata"]:
            breadcrumb = metadata["breadcrumb"]
            if not breadcrumb:
                metadata["metadata"]["selected"] = entry["stream"] in streams
            elif f"{entry['stream']}.{breadcrumb[-1]}" in without:
                metadata["metadata"]["selected"] = False
    return catalog
