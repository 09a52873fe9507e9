from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import redirect_stdout
from typing import Any

import pytest

from tap_amazon_sp.reading.inferred import InferredStream
from tap_amazon_sp.settings.schema import SettingsError
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
KEY = {"id": {"type": ["string", "null"]}}


class Things(InferredStream):
    """Gives pages of records that a test makes up."""

    name = "things"
    primary_keys = ("id",)
    operation_id = "reports_2021-06-30.getReports"
    given: list[Any]
    described = False
    selected_by_default = True

    @property
    def is_inferred(self) -> bool:
        return not self.described

    @property
    def entry(self) -> str:
        return "`things`[0]"

    def own_schema(self) -> dict[str, Any]:
        return {"type": "object", "properties": dict(KEY)}

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        for page in self.given:
            if isinstance(page, Exception):
                raise page
            yield page


@pytest.fixture
def things() -> Things:
    return Things(TapAmazonSP(config=CREDENTIALS, clock=FakeClock()))


def written_by(stream: Things, *pages: Any) -> list[dict[str, Any]]:
    """Return the messages of a stream that has these pages."""
    stream.given = list(pages)
    with redirect_stdout(io.StringIO()) as stdout:
        stream.sync()
        stream.write_missing_schema()
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


def test_what_is_a_text_once_is_written_as_text_from_then_on(things: Things) -> None:
    messages = written_by(
        things, [{"id": "1", "a": 5}], [{"id": "2", "a": "x"}], [{"id": "3", "a": 7}]
    )

    values = [message["record"]["a"] for message in messages if message["type"] == "RECORD"]
    assert values == [5, "x", "7"]


def test_a_record_without_its_key_is_an_error_that_names_the_entry(things: Things) -> None:
    for record in ({"name": "a", "count": 1}, {"id": None, "name": "a", "count": 1}):
        with pytest.raises(SettingsError, match=r"^`things`\[0\]: a record has no 'id', only "):
            written_by(things, [record])


def test_a_run_without_records_has_the_schema_that_is_known(things: Things) -> None:
    (schema,) = written_by(things)

    assert properties(schema) == KEY


def test_a_stream_that_failed_has_no_schema_at_the_end(things: Things) -> None:
    things.failed = True

    assert written_by(things) == []


def test_what_is_described_is_not_inferred(things: Things) -> None:
    things.described = True

    with redirect_stdout(io.StringIO()) as stdout:
        records = things.processed([{"name": "without a key"}])
        things.write_missing_schema()

    assert records == [{"name": "without a key"}]
    assert stdout.getvalue() == ""


def test_a_property_of_which_nobody_knows_anything_is_text(things: Things) -> None:
    first, _, *rest = written_by(things, [{"id": "1", "a": None}], [{"id": "2", "a": 5}])

    assert properties(first)["a"]["type"] == ["string", "null"]
    # What it is shows later.
    assert kinds(rest) == ["SCHEMA", "RECORD"]
    assert properties(rest[0])["a"]["type"] == ["integer", "null"]


def test_streams_of_several_accounts_share_what_is_known(things: Things) -> None:
    other = Things(things.tap)
    other.messages = things.messages

    first = written_by(things, [{"id": "1", "a": 5}])
    second = written_by(other, [{"id": "2", "a": 6}], [{"id": "3", "b": 7}])

    assert kinds(first + second) == ["SCHEMA", "RECORD", "RECORD", "SCHEMA", "RECORD"]
    assert properties(second[1]).keys() == {"id", "a", "b"}
