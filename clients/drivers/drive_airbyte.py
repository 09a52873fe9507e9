"""Airbyte's connector source-amazon-seller-partner: it checks, discovers, and reads every stream.

What it calls is up to the connector, so a line of the results is about a stream, not about an
operation. The connector has no setting for its addresses.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from walking import Plan

DAYS = 15
"""Long enough for a settlement."""
SECONDS = 1500


def _messages(folder: Path, *arguments: str) -> Iterator[dict[str, Any]]:
    command: list[str | Path] = [
        Path(sys.executable).with_name("source-amazon-seller-partner"),
        *arguments,
    ]
    finished = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=False, timeout=SECONDS
    )
    for line in finished.stdout.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _config(settings: Mapping[str, str]) -> dict[str, Any]:
    end = datetime.now(timezone.utc) - timedelta(minutes=5)
    start = end - timedelta(days=DAYS)
    return {
        "aws_environment": "PRODUCTION",
        "region": "US",
        "account_type": "Seller",
        "lwa_app_id": settings["client_id"],
        "lwa_client_secret": settings["client_secret"],
        "refresh_token": settings["refresh_token"],
        "replication_start_date": f"{start:%Y-%m-%dT%H:%M:%SZ}",
        "replication_end_date": f"{end:%Y-%m-%dT%H:%M:%SZ}",
        "period_in_days": DAYS,
    }


def _configured(streams: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "streams": [
            {
                "stream": stream,
                "sync_mode": "full_refresh",
                "destination_sync_mode": "overwrite",
            }
            for stream in streams
        ]
    }


def main() -> None:
    """Run the connector, and write a line for each stream."""
    plan = Plan.read(sys.argv[1])
    lines: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "config.json"
        config.write_text(json.dumps(_config(plan.settings)), encoding="utf-8")
        checked = [
            message["connectionStatus"]
            for message in _messages(folder, "check", "--config", str(config))
            if message["type"] == "CONNECTION_STATUS"
        ]
        status = checked[-1] if checked else {"status": "none", "message": "no status"}
        problem = "" if status["status"] == "SUCCEEDED" else str(status.get("message"))
        lines.append({"client_method": "check", "operation": "check", "problem": problem})
        (found,) = (
            message["catalog"]["streams"]
            for message in _messages(folder, "discover", "--config", str(config))
            if message["type"] == "CATALOG"
        )
        lines += _read(folder, config, found)
    with Path(sys.argv[2]).open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line) + "\n" for line in lines)


def _read(folder: Path, config: Path, streams: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    catalog = folder / "catalog.json"
    catalog.write_text(json.dumps(_configured(streams)), encoding="utf-8")
    records = dict.fromkeys((stream["name"] for stream in streams), 0)
    ends: dict[str, str] = {}
    errors: dict[str, str] = {}
    arguments = ("read", "--config", str(config), "--catalog", str(catalog))
    for message in _messages(folder, *arguments):
        if message["type"] == "RECORD":
            records[message["record"]["stream"]] += 1
        trace = message.get("trace", {})
        if trace.get("type") == "STREAM_STATUS":
            status = trace["stream_status"]
            ends[status["stream_descriptor"]["name"]] = status["status"]
        if trace.get("type") == "ERROR":
            error = trace["error"]
            descriptor = error.get("stream_descriptor") or {}
            text = error.get("internal_message") or error["message"]
            errors[descriptor.get("name", "")] = str(text)[:400]
    for name, count in records.items():
        end = ends.get(name, "never started")
        problem = ""
        if end != "COMPLETE":
            problem = f"{end}: {errors.get(name) or errors.get('', '')}"
        elif not count:
            problem = "COMPLETE without a record"
        yield {"client_method": name, "operation": name, "problem": problem, "records": count}


if __name__ == "__main__":
    main()
