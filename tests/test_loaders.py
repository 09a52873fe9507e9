"""The page about loaders says what its program says, of the streams that there are."""

from __future__ import annotations

import json
import re
from pathlib import Path

from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.streams import built_in_streams
from tests.loaders import (
    FIRST_ROW_FIX,
    PAGE,
    Messages,
    Result,
    flat_files,
    page,
    stream_names,
)

WRITTEN = Path(__file__).resolve().parent.parent / "docs" / "loaders.md"


def test_the_page_is_that_of_the_program() -> None:
    written = WRITTEN.read_text(encoding="utf-8")

    for piece in re.split(r"\{\w+\}", PAGE):
        assert piece.strip() in written


def test_the_page_has_all_streams() -> None:
    newest, *others = ORDERS_APIS
    names = {stream.name for stream in built_in_streams(newest)}
    for version in others:
        own = set(built_in_streams(version)) - set(built_in_streams(newest))
        names |= {f"{stream.name} ({version})" for stream in own}
    names |= {*stream_names(flat_files(Path()))}

    rows = re.findall(r"^\| `(.*?)` ", WRITTEN.read_text(encoding="utf-8"), re.MULTILINE)

    assert set(rows) == names


def test_messages_are_sorted_by_stream_and_key() -> None:
    text = {"type": ["string", "null"]}
    time = text | {"format": "date-time"}
    lines = [
        {
            "type": "SCHEMA",
            "stream": name,
            "key_properties": ["id"],
            "schema": {"properties": {"id": text, "at": at}},
        }
        for name, at in (("a", text), ("b", time))
    ]
    records = [{"type": "RECORD", "stream": "a", "record": {"id": one}} for one in ("1", "2", "1")]
    output = "".join(json.dumps(line) + "\n" for line in [*lines, *records, {"type": "STATE"}])

    found = Messages.of(output)

    assert {name: len(lines) for name, lines in found.records.items()} == {"a": 4, "b": 1}
    assert found.keys == {"a": {("1",), ("2",)}, "b": set()}
    assert found.all_text == {"a"}


def test_the_page_tells_what_is_wrong() -> None:
    results = {
        "one 1.0": [Result("a", 2, 2, 2), Result("b", 2, 2, 4)],
        "two 2.0": [Result("a", 2, 1, 1), Result("b", 2, 0, 0, "psycopg: no")],
    }

    text = page(results, [Result("a", 2, 2, 2)])

    assert "one 1.0: 1; two 2.0: 0" in text
    assert f"one: {FIRST_ROW_FIX}" in text
    assert "2, 4: 2 duplicates" in text
    assert "1, 1: 1 missing" in text
    assert "fails: psycopg: no" in text
    assert [one.is_right for one in results["one 1.0"]] == [True, False]
