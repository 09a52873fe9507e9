"""What the tap writes about a report and orders, recorded once, and how it could be written."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.local_servers import replay_server, simulator
from benchmarks.tap_process import TAP, catalog_with, timed, write_json

REPORT_TYPE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
REPORT = "report_rows"
MARKETPLACE_ID = "ATVPDKIKX0DER"
LONG_AMOUNT = b"1234567890123456.78"
EVERY = 1_000
BATCH_ROWS = 10_000

_RECORD = re.compile(
    rb'\{"type":"RECORD","stream":"(\w+)","record":(.*),"time_extracted":"[^"]*"\}\n'
)
_AMOUNT = re.compile(rb'(?<="item_price":)[0-9.]+')


@dataclass(frozen=True)
class Recording:
    """What the tap wrote about some streams.

    Attributes:
        title: What it is.
        path: The file of messages.
        cpu: Processor time of the tap, in seconds.
    """

    title: str
    path: Path
    cpu: float


def record_report(folder: Path, rows: int) -> Recording:
    """Read a report with the tap.

    Raises:
        RunFailedError: The tap failed.
    """
    today = dt.datetime.now(dt.timezone.utc).replace(hour=0, minute=0, second=0, microsecond=0)
    entry = {
        "reportType": REPORT_TYPE,
        "name": REPORT,
        "marketplaceIds": [MARKETPLACE_ID],
        "dataStartTime": (today - dt.timedelta(days=20)).isoformat(),
        "dataEndTime": (today - dt.timedelta(seconds=1)).isoformat(),
    }
    own = {"marketplace_ids": [MARKETPLACE_ID], "report_poll_interval": 0.05, "reports": [entry]}
    world = simulator(
        orders=10, speed=1_000.0, changes_per_minute=0, report_rows={REPORT_TYPE: rows}
    )
    with world as settings:
        found = record("report rows", folder / "report", settings | own, [REPORT])
    return with_long_amounts(found)


def record_orders(folder: Path, orders: int) -> Recording:
    """Read orders and their items with the tap.

    Raises:
        RunFailedError: The tap failed.
    """
    with replay_server(orders) as settings:
        return record("orders", folder / "orders", settings, ["orders", "order_items"])


def record(
    title: str, path: Path, settings: Mapping[str, Any], streams: Sequence[str]
) -> Recording:
    """Run the tap; keep what it writes.

    Raises:
        RunFailedError: The tap failed.
    """
    config = write_json(path.with_suffix(".config"), settings)
    catalog = write_json(path.with_suffix(".catalog"), catalog_with(TAP, config, streams))
    command = [TAP, "--config", str(config), "--catalog", str(catalog)]
    cpu, _ = timed(command, None, path)
    return Recording(title, path, cpu)


def with_long_amounts(recording: Recording) -> Recording:
    """Return the messages with an amount of 18 digits in every thousandth row."""
    changed = recording.path.with_suffix(".long")
    with recording.path.open("rb") as lines, changed.open("wb") as file:
        for number, line in enumerate(lines):
            file.write(line if number % EVERY else _AMOUNT.sub(LONG_AMOUNT, line))
    return Recording(recording.title, changed, recording.cpu)


def with_batches(path: Path) -> Path:
    """Return the messages with files of records in the place of RECORDs."""
    folder = path.with_suffix(".batches")
    folder.mkdir(exist_ok=True)
    messages = folder / "messages"
    waiting: dict[bytes, list[bytes]] = {}
    number = 0
    with path.open("rb") as lines, messages.open("wb") as file:

        def flush(stream: bytes) -> None:
            nonlocal number
            number += 1
            content = folder / f"{number}.jsonl"
            content.write_bytes(b"".join(waiting.pop(stream)))
            message = {
                "type": "BATCH",
                "stream": stream.decode(),
                "encoding": {"format": "jsonl", "compression": "none"},
                "manifest": [content.as_uri()],
            }
            file.write(json.dumps(message).encode() + b"\n")

        for line in lines:
            if found := _RECORD.fullmatch(line):
                records = waiting.setdefault(found[1], [])
                records.append(found[2] + b"\n")
                if len(records) == BATCH_ROWS:
                    flush(found[1])
            elif line.startswith(b'{"type":"SCHEMA"'):
                file.write(line)
        for stream in [*waiting]:
            flush(stream)
    return messages


def with_json_lists(path: Path) -> Path:
    """Return the messages with schemas that allow an object in the place of a list of objects."""
    changed = path.with_suffix(".lists")
    with path.open("rb") as lines, changed.open("wb") as file:
        for line in lines:
            file.write(_with_json_lists(line) if line.startswith(b'{"type":"SCHEMA"') else line)
    return changed


def _with_json_lists(line: bytes) -> bytes:
    message = json.loads(line)
    for found in message["schema"]["properties"].values():
        if "array" in found.get("type", ()) and "object" in found["items"].get("type", ()):
            found["type"] = ["array", "object", "null"]
    return json.dumps(message, separators=(",", ":")).encode() + b"\n"
