from __future__ import annotations

import functools
import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any, cast

import pytest

from tap_amazon_sp.reading.fitting import SchemaFitting
from tap_amazon_sp.reading.inferred import InferredSchema
from tap_amazon_sp.reading.reader import Reader, Records
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
KEY = {"id": {"type": ["string", "null"]}}


class Given(Reader):
    """Yields the pages of records of a test."""

    def pages(self) -> Iterator[Records]:
        for page in cast("Things", self.stream).given:
            if isinstance(page, Exception):
                raise page
            yield page


class Things(AmazonStream):
    """A stream like one that settings declare."""

    name = "things"
    primary_keys = ("id",)
    operation_id = "reports_2021-06-30.getReports"
    selected_by_default = True
    read = Snapshot()
    given: list[Any]

    @functools.cached_property
    def reader(self) -> Reader:
        return Given(self)

    @functools.cached_property
    def fitting(self) -> SchemaFitting:
        return InferredSchema(self, "`things`[0]")

    def own_schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": dict(KEY)}


class DescribedThings(Things):
    """The same stream with a known schema."""

    @functools.cached_property
    def fitting(self) -> SchemaFitting:
        return SchemaFitting(self)


@pytest.fixture
def things() -> Things:
    return stream_of(Things)


def stream_of(kind: type[Things], **settings: Any) -> Things:
    tap = TapAmazonSP(config=CREDENTIALS | settings, clock=FakeClock())
    return kind(tap, tap.run, tap.connections[0])


def written_by(stream: Things, *pages: Any) -> list[dict[str, Any]]:
    """Return the messages of a stream with these pages."""
    stream.given = list(pages)
    with redirect_stdout(io.StringIO()) as stdout:
        stream.sync()
        stream.fitting.write_missing_schema()
    return [json.loads(line) for line in stdout.getvalue().splitlines()]


def kinds(messages: list[dict[str, Any]]) -> list[str]:
    return [message["type"] for message in messages]


def properties(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = message["schema"]["properties"]
    return found


def test_the_schema_follows_from_the_first_records(things: Things) -> None:
    schema, *records = written_by(things, [{"id": "1", "count": 5}, {"id": "2", "price": 1.5}])

    assert schema["type"] == "SCHEMA"
    assert schema["key_properties"] == ["id"]
    assert properties(schema)["count"]["type"] == ["integer", "null"]
    assert properties(schema)["price"]["type"] == ["number", "null"]
    assert [message["record"] for message in records] == [
        {"id": "1", "count": 5},
        {"id": "2", "price": 1.5},
    ]


def test_a_schema_that_fits_is_written_once(things: Things) -> None:
    messages = written_by(
        things, [{"id": "1", "count": 5}], [{"id": "2", "count": None}], [], [{"id": "3"}]
    )

    assert kinds(messages) == ["SCHEMA", "RECORD", "RECORD", "RECORD"]


@pytest.mark.parametrize(
    ("record", "name", "expected"),
    [
        ({"id": "2", "new": True}, "new", ["boolean", "null"]),
        ({"id": "2", "count": 1.5}, "count", ["number", "null"]),
        ({"id": "2", "count": "many"}, "count", ["string", "null"]),
        ({"id": "2", "list": [{"a": 1}]}, "list", ["array", "null"]),
    ],
)
def test_a_record_that_does_not_fit_is_preceded_by_a_wider_schema(
    things: Things, record: dict[str, Any], name: str, expected: list[str]
) -> None:
    messages = written_by(things, [{"id": "1", "count": 5}], [record])

    assert kinds(messages) == ["SCHEMA", "RECORD", "SCHEMA", "RECORD"]
    assert properties(messages[2])[name]["type"] == expected
    # It only grows.
    assert properties(messages[0]).keys() <= properties(messages[2]).keys()


def test_a_property_that_became_text_stays_text(things: Things) -> None:
    messages = written_by(
        things, [{"id": "1", "a": 5}], [{"id": "2", "a": "x"}], [{"id": "3", "a": 7}]
    )

    values = [message["record"]["a"] for message in messages if message["type"] == "RECORD"]
    assert values == [5, "x", "7"]


def test_a_record_without_its_key_is_an_error_that_names_the_entry(things: Things) -> None:
    for record in ({"name": "a", "count": 1}, {"id": None, "name": "a", "count": 1}):
        with pytest.raises(SettingsError, match=r"^`things`\[0\]: a record has no 'id', only "):
            written_by(things, [record])


def test_a_run_without_records_writes_the_known_schema(things: Things) -> None:
    (schema,) = written_by(things)

    assert properties(schema) == KEY


def test_a_failed_stream_writes_no_schema_at_the_end(things: Things) -> None:
    things.failed = True

    assert written_by(things) == []


def test_a_described_schema_is_not_inferred() -> None:
    things = stream_of(DescribedThings)

    with redirect_stdout(io.StringIO()) as stdout:
        records = things.fitting.fit([{"name": "without a key"}])
        things.fitting.write_missing_schema()

    assert records == [{"name": "without a key"}]
    assert stdout.getvalue() == ""


def test_a_property_without_any_value_is_text(things: Things) -> None:
    first, _, *rest = written_by(things, [{"id": "1", "a": None}], [{"id": "2", "a": 5}])

    assert properties(first)["a"]["type"] == ["string", "null"]
    # Its type is known later.
    assert kinds(rest) == ["SCHEMA", "RECORD"]
    assert properties(rest[0])["a"]["type"] == ["integer", "null"]


def test_streams_of_several_accounts_share_the_inferred_schema(things: Things) -> None:
    other = Things(things._tap, things.run, things.connection)
    other.messages = things.messages

    first = written_by(things, [{"id": "1", "a": 5}])
    second = written_by(other, [{"id": "2", "a": 6}], [{"id": "3", "b": 7}])

    assert kinds(first + second) == ["SCHEMA", "RECORD", "RECORD", "SCHEMA", "RECORD"]
    assert properties(second[1]).keys() == {"id", "a", "b"}
