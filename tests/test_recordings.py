"""Recorded messages, and how they are changed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

from benchmarks.recordings import BATCH_ROWS, with_batches, with_json_lists


def write(path: Path, messages: list[dict[str, Any]]) -> Path:
    """Write messages as the tap does."""
    lines = (json.dumps(message, separators=(",", ":")) + "\n" for message in messages)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def read(path: Path) -> list[dict[str, Any]]:
    """Read lines of JSON."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def record(stream: str, number: int) -> dict[str, Any]:
    """Return a RECORD message."""
    content = {"id": number}
    return {"type": "RECORD", "stream": stream, "record": content, "time_extracted": "2026"}


def schema(stream: str, **properties: Any) -> dict[str, Any]:
    """Return a SCHEMA message."""
    return {"type": "SCHEMA", "stream": stream, "schema": {"properties": properties}}


def test_batches_hold_all_records_of_each_stream(tmp_path: Path) -> None:
    count = BATCH_ROWS + 1
    records = [record("a", number) for number in range(count)] + [record("b", 0)]
    path = write(tmp_path / "messages", [schema("a"), schema("b"), *records])

    found = read(with_batches(path))

    assert [one["type"] for one in found] == ["SCHEMA", "SCHEMA", "BATCH", "BATCH", "BATCH"]
    held: dict[str, list[Any]] = {"a": [], "b": []}
    for message in found[2:]:
        (address,) = message["manifest"]
        held[message["stream"]] += read(Path(urlparse(address).path))
    assert held == {"a": [{"id": number} for number in range(count)], "b": [{"id": 0}]}


def test_only_lists_of_objects_may_be_objects_instead(tmp_path: Path) -> None:
    objects = {"type": ["array", "null"], "items": {"type": ["object", "null"]}}
    texts = {"type": ["array", "null"], "items": {"type": ["string", "null"]}}
    number = {"type": ["number", "null"]}
    path = write(tmp_path / "messages", [schema("a", x=objects, y=texts, z=number), record("a", 1)])

    found, same = read(with_json_lists(path))

    assert found["schema"]["properties"] == {
        "x": objects | {"type": ["array", "object", "null"]},
        "y": texts,
        "z": number,
    }
    assert same == record("a", 1)
