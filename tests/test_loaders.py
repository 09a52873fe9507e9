"""The page about loaders says what its program says, of the streams that there are."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from demo.postgres import PostgresAddress
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.streams import built_in_streams
from tests.loader_messages import Messages, flat_files, stream_names
from tests.loaders import FIRST_ROW_FIX, PAGE, Kind, Outcome, Result, page, results_of
from tests.loaders_tried import Places, SecondLoad, Tried

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


def tried(
    name: str, second: SecondLoad = SecondLoad.MERGES, *, together: bool = True, loses: int = 0
) -> Tried:
    """Return a loader that counts records, and may not take several streams at once."""
    counted: dict[str, int] = {}

    def load(lines: Sequence[str]) -> str:
        streams = [json.loads(line)["stream"] for line in lines if '"RECORD"' in line]
        for stream in streams:
            if second is SecondLoad.REPLACES:
                counted.pop(stream, None)
        for stream in streams:
            counted[stream] = counted.get(stream, 0) + 1
        if not together and len({*streams}) > 1:
            return "ends"
        return ""

    def counts(streams: Sequence[str]) -> dict[str, int]:
        return {stream: counted[stream] - loses for stream in streams if stream in counted}

    return Tried(name, "", load, lambda _: [], counts, second)


def messages() -> Messages:
    """Return a record of each of two streams."""
    schema = {"type": "SCHEMA", "key_properties": ["id"], "schema": {"properties": {}}}
    record = {"type": "RECORD", "record": {"id": "1"}}
    lines = [one | {"stream": name} for name in ("a", "b") for one in (schema, record)]
    return Messages.of("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))


@pytest.mark.parametrize("second", [SecondLoad.APPENDS, SecondLoad.REPLACES])
@pytest.mark.parametrize("together", [True, False])
def test_what_a_second_load_does_is_what_is_wanted(
    second: SecondLoad, places: Places, *, together: bool
) -> None:
    kind = Kind(lambda _: tried("files 1.0", second, together=together))

    _, results = results_of(kind, places, messages())

    assert [one.is_right for one in results] == [True, True]
    assert {one.second for one in results} == {2 if second is SecondLoad.APPENDS else 1}


def test_rows_that_a_loader_loses_are_missing(places: Places) -> None:
    kind = Kind(lambda _: tried("files 1.0", SecondLoad.APPENDS, loses=1))

    _, results = results_of(kind, places, messages())

    assert {one.verdict for one in results} == {"1 missing"}


@pytest.fixture
def places(tmp_path: Path) -> Places:
    return Places(tmp_path, tmp_path, PostgresAddress(0, ""))


def test_the_page_tells_what_is_wrong() -> None:
    of_one = [Result("a", (2, 2), 2, 2), Result("b", (2, 2), 2, 4)]
    of_two = [Result("a", (2, 2), 1, 1), Result("b", (2, 2), 0, 0, "psycopg: no")]
    of_files = [Result("a", (2, 4), 2, 4), Result("b", (2, 4), 0, 0, "no")]
    outcomes = [
        Outcome(Kind(lambda _: tried("one 1.0"), in_detail=True), tried("one 1.0"), of_one),
        Outcome(Kind(lambda _: tried("two 2.0"), in_detail=True), tried("two 2.0"), of_two),
        Outcome(Kind(lambda _: tried("files")), tried("files", SecondLoad.APPENDS), of_files),
    ]

    text = page(outcomes, [Result("a", (2, 2), 2, 2)])

    cells = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    assert ["", "one 1.0", "as it comes", "merges by key", "1 of 2", "`b`", ""] in cells
    assert ["", "two 2.0", "as it comes", "merges by key", "0 of 2", "`a`, `b`", ""] in cells
    assert ["", "files", "as it comes", "appends", "1 of 2", "`b`", ""] in cells
    assert ["", "stream", "keys", "one 1.0", "two 2.0", ""] in cells
    assert f"one: {FIRST_ROW_FIX}" in text
    assert "2, 4: 2 duplicates" in text
    assert "1, 1: 1 missing" in text
    assert "fails: psycopg: no" in text
    assert [one.is_right for one in of_one] == [True, False]
