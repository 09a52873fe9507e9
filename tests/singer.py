"""Running the installed command in a process, and reading what it writes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TAP = str(Path(sys.executable).with_name("tap-amazon-sp"))


@dataclass(frozen=True)
class TapRun:
    """A finished run of the tap: its exit code, its messages in order, and its log."""

    exit_code: int
    messages: list[dict[str, Any]]
    log: str

    def of_type(self, message_type: str) -> list[dict[str, Any]]:
        return [message for message in self.messages if message["type"] == message_type]

    def records(self, stream: str) -> list[dict[str, Any]]:
        return [
            message["record"] for message in self.of_type("RECORD") if message["stream"] == stream
        ]

    @property
    def counts(self) -> Counter[str]:
        return Counter(message["stream"] for message in self.of_type("RECORD"))

    @property
    def last_state(self) -> dict[str, Any]:
        states = self.of_type("STATE")
        state: dict[str, Any] = states[-1]["value"] if states else {}
        return state

    def bookmark(self, stream: str) -> str | None:
        value: str | None = (
            self.last_state.get("bookmarks", {}).get(stream, {}).get("replication_key_value")
        )
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
    finished = subprocess.run(
        [*tap_arguments(folder, settings, state=state, catalog=catalog), *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
        cwd=folder,
        env=os.environ | (environment or {}),
    )
    return TapRun(finished.returncode, read_messages(finished.stdout), finished.stderr)


def read_messages(output: str) -> list[dict[str, Any]]:
    """Read whole lines as messages; a last line cut off by a kill is left out."""
    lines = output.splitlines(keepends=True)
    return [json.loads(line) for line in lines if line.endswith("\n") and line.startswith("{")]


def discover(folder: Path, settings: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the catalog that the tap discovers."""
    finished = subprocess.run(
        [*tap_arguments(folder, settings or {}), "--discover"],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    catalog: dict[str, Any] = json.loads(finished.stdout)
    return catalog


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
