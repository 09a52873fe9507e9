"""The messages for a record, compared with those of the SDK."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import io
import json
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import redirect_stdout
from decimal import Decimal
from typing import Any, cast

import pytest
from singer_sdk.singerlib.encoding import SimpleSingerWriter

from tap_amazon_sp.amazon.decoding import answer_of
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.writer import RecordBatch
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.tap_runs import catalog_of

Config = dict[str, Any]
Record = dict[str, Any]

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
EXTRACTED = dt.datetime(2026, 11, 21, 12, 30, 0, 5, tzinfo=dt.timezone.utc)

ORDER: Record = {
    "orderId": "1",
    "lastUpdatedTime": "2026-11-01T00:00:00Z",
    "createdTime": "2026-10-01T00:00:00Z",
    "salesChannel": {"channelName": "AMAZON", "marketplaceId": "ATVPDKIKX0DER"},
    "buyer": {"buyerName": "A", "buyerEmail": "a@example.com"},
    "proceeds": {"grandTotal": {"amount": Decimal("12.50"), "currencyCode": "USD"}},
    "programs": ["PRIME", "AMAZON_BUSINESS"],
    "orderItems": [
        {"orderItemId": "7", "quantityOrdered": 2, "product": {"asin": "B01", "price": {}}},
        {"orderItemId": "8", "quantityOrdered": 0, "product": None},
    ],
}

RECORDS: dict[str, Record] = {
    "whole": ORDER,
    "empty": {},
    "keys only": {"orderId": "2", "lastUpdatedTime": "2026-11-01T00:00:00Z"},
    "nulls": ORDER | {"buyer": None, "programs": None, "orderItems": [None]},
    "another order of names": dict(reversed(ORDER.items())),
    "new properties": ORDER
    | {"newText": "x", "newObject": {"a": {"b": [{"c": 1}]}}, "newNull": None},
    "new inner properties": ORDER | {"buyer": {"buyerName": "A", "newObject": {"a": {"b": 1}}}},
    "unicode": ORDER | {"orderId": "größe 注文 \U0001f600 \u2028\u2029 \u007f\u0085"},
    "control characters": ORDER | {"orderId": "".join(map(chr, range(32))) + '"\\/'},
    "numbers": ORDER
    | {
        "proceeds": {
            "grandTotal": {"amount": Decimal("123456789012345678901234567890.12345678901234567")},
            "a": Decimal("1E+400"),
            "b": Decimal("-1.50E-30"),
            "c": Decimal("-0.0"),
            "d": 2**53 + 1,
            "e": -(2**63) - 1,
            "f": 10**40,
            "g": 0,
            "h": float("nan"),
            "i": True,
        }
    },
    "another type than the schema says": ORDER
    | {"buyer": "A", "programs": {"a": 1}, "proceeds": [1], "orderId": 5},
    "nested lists": ORDER | {"programs": [[], [[]], [{}, [{"a": [1, [2, {"b": None}]]}]]]},
}

FAST: dict[str, Config] = {
    "plain": {},
    "flattened to level 0": {"flattening_enabled": True, "flattening_max_depth": 0},
    "a limit to levels without flattening": {
        "flattening_enabled": False,
        "flattening_max_depth": 2,
    },
    "a map of another stream": {"stream_maps": {"fba_inventory_summaries": {"x": "1"}}},
    "another stream that is left out": {"stream_maps": {"feeds": None, "report*": "__NULL__"}},
}
"""Settings that leave the records of orders and their items unchanged."""


def both(stream_map: Record | str | None) -> Config:
    """Return settings that map orders and their items alike."""
    return {"stream_maps": {"orders": stream_map, "order_items": stream_map}}


MAPPED: dict[str, Config] = {
    "flattened to level 1": {"flattening_enabled": True, "flattening_max_depth": 1},
    "flattened to level 2": {"flattening_enabled": True, "flattening_max_depth": 2},
    "flattened with another separator": {
        "flattening_enabled": True,
        "flattening_max_depth": 3,
        "flattening_separator": ".",
    },
    "filtered": both({"__filter__": "record.get('orderId') == '1'"}),
    "renamed": both({"__alias__": "'my_' + __stream_name__ + ' ü\"'"}),
    "a property of another name": both(
        {"number": "record.get('orderId')", "lastUpdatedTime": None}
    ),
    "an expression added": both(
        {"hash": "md5(str(record.get('orderId')))", "two": "1 + 1", "part": "0.5"}
    ),
    "an expression that makes a date": both({"day": "datetime.date(2026, 1, 31)"}),
    "a property replaced by the record": both({"lastUpdatedTime": "record"}),
    "a property removed": both({"lastUpdatedTime": "__NULL__"}),
    "all but some properties removed": both(
        {
            "orderId": "record.get('orderId')",
            "orderItemId": "record.get('orderItemId', '')",
            "__else__": None,
        }
    ),
    "other keys": both({"k": "'k'", "__key_properties__": ["k"], "__else__": None}),
    "by a pattern": {"stream_maps": {"orders*": {"x": "1"}, "order_it*": {"__alias__": "'items'"}}},
    "all other streams removed": {"stream_maps": {"reports": None, "__else__": None}},
    "removed": both(None),
    "removed by a text": both("__NULL__"),
    "duplicated": {
        "stream_maps": {
            "copies": {"__source__": "orders", "again": "record.get('orderId')"},
            "item_copies": {
                "__source__": "order_items",
                "__filter__": "record.get('orderItemId') == '8'",
            },
        }
    },
    "duplicated and mapped and flattened": {
        "stream_maps": {
            "orders": {"__alias__": "'x_' + __stream_name__", "buyer": None},
            "order_items": {"product": None},
            "copies": {"__source__": "orders", "__else__": None, "orderId": "'c'"},
            "more": {"__source__": "orders", "__filter__": "False"},
        },
        "flattening_enabled": True,
        "flattening_max_depth": 1,
    },
}
"""Settings that change the records."""

DESELECTED: dict[str, tuple[tuple[str, ...], ...]] = {
    "a property": (("buyer",),),
    "properties inside others": (("buyer", "buyerEmail"), ("salesChannel", "marketplaceId")),
    "deep inside": (
        ("proceeds", "grandTotal", "amount"),
        ("proceeds", "grandTotal", "currencyCode"),
    ),
    "the replication key": (("lastUpdatedTime",),),
    "in a list": (("orderItems",), ("programs",)),
}


def make_tap(config: Config, *deselected: tuple[str, ...]) -> TapAmazonSP:
    """Return a tap with orders and their items selected, except for these properties."""
    settings = CREDENTIALS | copy.deepcopy(config)
    catalog = None
    if deselected:
        catalog = catalog_of("orders", "order_items", settings=settings)
        (entry,) = [entry for entry in catalog["streams"] if entry["stream"] == "orders"]
        for path in deselected:
            breadcrumb = [part for name in path for part in ("properties", name)]
            (found,) = [one for one in entry["metadata"] if one["breadcrumb"] == breadcrumb]
            found["metadata"] |= {"selected": False, "inclusion": "available"}
    return TapAmazonSP(config=settings, catalog=catalog, clock=FakeClock())


def stream_of(config: Config, *deselected: tuple[str, ...]) -> AmazonStream:
    stream = make_tap(config, *deselected).streams["orders"]
    assert isinstance(stream, AmazonStream)
    return stream


@functools.cache
def known_stream(
    config: str, deselected: str | None = None, *, name: str = "orders"
) -> AmazonStream:
    """Return a stream that writes nothing, by the name of its settings in this module."""
    paths = DESELECTED[deselected] if deselected else ()
    stream = make_tap((FAST | MAPPED)[config], *paths).streams[name]
    assert isinstance(stream, AmazonStream)
    return stream


def is_fast(stream: AmazonStream) -> bool:
    return stream.messages._prefix is not None


def ordered(text: str | bytes) -> Any:
    """Decode JSON; keep the order of names and the text of numbers."""
    return json.loads(text, object_pairs_hook=list, parse_float=str, parse_int=str)


def ours(stream: AmazonStream, record: Record) -> list[Any]:
    """Return the messages of `StreamMessages` for a record."""
    batch = RecordBatch(stream.run.writer)
    batch.begin_page(EXTRACTED)
    lines = stream.messages.lines(copy.deepcopy(record), batch.line_end)
    assert lines.endswith(b"\n") or not lines
    return [ordered(line) for line in lines.split(b"\n")[:-1]]


def the_sdks(stream: AmazonStream, record: Record) -> list[Any]:
    """Return the messages of the SDK for a record."""
    messages = []
    for message in stream._generate_record_messages(copy.deepcopy(record)):
        message.time_extracted = EXTRACTED
        messages.append(ordered(SimpleSingerWriter().format_message(message)))
    return messages


def assert_same(stream: AmazonStream, record: Record) -> None:
    assert ours(stream, record) == the_sdks(stream, record)


@pytest.mark.parametrize("record", RECORDS.values(), ids=RECORDS)
@pytest.mark.parametrize("config", FAST | MAPPED)
def test_a_record_is_written_as_the_sdk_does(config: str, record: Record) -> None:
    assert_same(known_stream(config), record)


UNDECLARED = {("properties inside others", "new inner properties"), ("deep inside", "numbers")}
"""Deselections, with the records that have undeclared properties beside what is deselected."""


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("deselected", DESELECTED)
@pytest.mark.parametrize("config", ["plain", "flattened to level 1", "duplicated"])
def test_deselected_properties_are_left_out_as_the_sdk_does(
    config: str, deselected: str, record: str
) -> None:
    stream = known_stream(config, deselected)

    if (deselected, record) in UNDECLARED:
        assert ours(stream, RECORDS[record]) != the_sdks(stream, RECORDS[record])
    else:
        assert_same(stream, RECORDS[record])
    assert not is_fast(stream)


def test_a_deselected_property_is_in_no_line() -> None:
    stream = stream_of({}, ("buyer", "buyerEmail"), ("programs",))

    ((*_, (_, record), _),) = ours(stream, ORDER)

    names = dict(record)
    assert dict(names["buyer"]) == {"buyerName": "A"}
    assert "programs" not in names


@pytest.mark.parametrize("config", FAST | MAPPED)
def test_records_of_child_streams_are_written_as_the_sdk_does(config: str) -> None:
    stream = known_stream(config, name="order_items")
    items = list(stream.child_reader.records_of(copy.deepcopy(ORDER)))
    assert [item["orderItemId"] for item in items] == ["7", "8"]

    for item in items:
        assert_same(stream, item)


@pytest.mark.parametrize("name", ["orders", "order_items"])
@pytest.mark.parametrize("config", FAST)
def test_unchanged_records_are_written_directly(config: str, name: str) -> None:
    stream = known_stream(config, name=name)

    assert is_fast(stream)
    assert stream.messages.passes_filter(ORDER)


@pytest.mark.parametrize("name", ["orders", "order_items"])
@pytest.mark.parametrize("config", MAPPED)
def test_changed_records_are_not_written_directly(config: str, name: str) -> None:
    assert not is_fast(known_stream(config, name=name))


def test_deselection_in_one_stream_does_not_slow_other_streams() -> None:
    streams = make_tap({}, ("buyer",)).streams

    assert not is_fast(streams["orders"])  # type: ignore[arg-type]
    assert is_fast(streams["order_items"])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("config", "passing"),
    [
        (FAST["plain"], ["1", "2"]),
        (MAPPED["filtered"], ["1"]),
        (MAPPED["renamed"], ["1", "2"]),
        # A stream that is dropped is still read for its children.
        (MAPPED["removed"], ["1", "2"]),
        (MAPPED["all other streams removed"], ["1", "2"]),
        # The filter of a copy does not apply to the stream itself.
        ({"stream_maps": {"copies": {"__source__": "orders", "__filter__": "False"}}}, ["1", "2"]),
    ],
)
def test_passes_filter_follows_the_stream_map(config: Config, passing: list[str]) -> None:
    messages = stream_of(config).messages

    assert [
        order_id for order_id in ("1", "2") if messages.passes_filter(ORDER | {"orderId": order_id})
    ] == passing


class Output:
    """The messages of a stream for some records."""

    def __init__(self, stream: AmazonStream) -> None:
        self._stream = stream
        self._batch = RecordBatch(stream.run.writer)

    def of(self, *records: Record) -> list[dict[str, Any]]:
        with redirect_stdout(io.StringIO()) as stdout:
            self._stream.messages.write_first_schema()
            self._batch.begin_page(EXTRACTED)
            for record in records:
                self._stream.messages.write(copy.deepcopy(record), self._batch)
            self._batch.flush()
        return [json.loads(line, parse_float=Decimal) for line in stdout.getvalue().splitlines()]


@pytest.mark.parametrize(
    "config", [FAST["plain"], MAPPED["an expression added"], MAPPED["flattened to level 1"]]
)
def test_a_schema_comes_before_the_first_record_that_needs_it(config: Config) -> None:
    stream = stream_of(config)
    newer = ORDER | {"orderId": "2", "newText": "x", "newNull": None}

    messages = Output(stream).of(ORDER, newer, newer, ORDER)

    types = [message["type"] for message in messages]
    assert types == ["SCHEMA", "RECORD", "SCHEMA", "RECORD", "RECORD", "RECORD"]
    first, second = (message["schema"] for message in messages if message["type"] == "SCHEMA")
    assert set(second["properties"]) - set(first["properties"]) == {"newText"}
    ids = [message["record"]["orderId"] for message in messages if "record" in message]
    assert ids == ["1", "2", "2", "1"]
    # A null says nothing about its type.
    assert "newNull" not in messages[3]["record"]
    assert messages[3]["record"]["newText"] == "x"
    assert is_fast(stream) is (config == {})


def test_a_null_of_a_property_that_is_known_by_now_is_written() -> None:
    messages = Output(stream_of({})).of(ORDER | {"new": 1}, ORDER | {"new": None})

    assert [message["record"]["new"] for message in messages if "record" in message] == [1, None]


def test_new_properties_are_left_out_where_some_are_deselected() -> None:
    messages = Output(stream_of({}, ("buyer",))).of(ORDER | {"new": 1}, ORDER)

    assert [message["type"] for message in messages] == ["SCHEMA", "RECORD", "RECORD"]
    assert not {"new", "buyer"} & set(messages[1]["record"])


def test_a_property_that_an_older_catalog_lacks_is_not_called_new(
    caplog: pytest.LogCaptureFixture,
) -> None:
    settings = dict(CREDENTIALS)
    catalog = catalog_of("orders", settings=settings)
    (entry,) = [entry for entry in catalog["streams"] if entry["stream"] == "orders"]
    del entry["schema"]["properties"]["marketplaceId"]
    for one in entry["metadata"]:
        if one["breadcrumb"] == ["properties", "buyer"]:
            one["metadata"] |= {"selected": False, "inclusion": "available"}
    stream = TapAmazonSP(config=settings, catalog=catalog, clock=FakeClock()).streams["orders"]
    assert isinstance(stream, AmazonStream)

    Output(stream).of(ORDER | {"marketplaceId": "ATVPDKIKX0DER", "new": 1})

    assert "The catalog lacks 'marketplaceId', which is left out because" in caplog.text
    assert "Amazon sends a new property 'new', which is left out because" in caplog.text


def test_a_record_is_written_with_the_time_of_its_page() -> None:
    (_, record) = Output(stream_of({})).of(ORDER)

    assert list(record) == ["type", "stream", "record", "time_extracted"]
    assert record["time_extracted"] == "2026-11-21T12:30:00.000005+00:00"
    assert record["record"] == ORDER


def test_all_accounts_share_one_schema() -> None:
    accounts = [{"name": "us"}, {"name": "eu", "region": "eu"}]
    tap = TapAmazonSP(config=CREDENTIALS | {"accounts": accounts}, clock=FakeClock())
    us, eu = (
        next(stream for stream in streams if stream.name == "orders")
        for streams in tap.run.streams_by_account.values()
    )

    messages = [
        *Output(us).of({"_account": "us"} | ORDER),
        *Output(eu).of({"_account": "eu"} | ORDER, {"_account": "eu"} | ORDER | {"new": 1}),
        *Output(us).of({"_account": "us"} | ORDER | {"new": 2}),
    ]

    assert [message["type"] for message in messages] == [
        *("SCHEMA", "RECORD"),
        *("RECORD", "SCHEMA", "RECORD"),
        "RECORD",
    ]
    assert {tuple(m["key_properties"]) for m in messages if m["type"] == "SCHEMA"} == {
        ("_account", "orderId")
    }
    assert eu.messages is us.messages
    assert eu.schema is us.schema


@pytest.fixture
def restless_threads() -> Iterator[None]:
    """Make threads switch as often as possible."""
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(interval)


@pytest.mark.parametrize("expression", ["orderId + 1", "record['email']", "1 / 0", "int(orderId)"])
def test_an_expression_that_fails_names_the_setting_and_no_value(expression: str) -> None:
    record = ORDER | {"orderId": "confidential"}
    of_map, of_filter = (
        stream_of({"stream_maps": {"orders": {name: expression}}}).messages
        for name in ("x", "__filter__")
    )

    with pytest.raises(SettingsError) as told:
        of_map.lines(record, b"}\n")
    with pytest.raises(SettingsError) as told_of_filter:
        of_filter.passes_filter(record)

    label = f"`{expression}` does not work for a record of 'orders': a value may be null"
    assert f"`stream_maps`['orders']['x']: {label}" in str(told.value)
    assert f"`stream_maps`['orders']['__filter__']: {label}" in str(told_of_filter.value)
    assert "confidential" not in str(told.value)


def in_threads(function: Callable[[int], list[Any]]) -> list[list[Any]]:
    with ThreadPoolExecutor(8) as executor:
        return list(executor.map(function, range(8)))


@pytest.mark.usefixtures("restless_threads")
def test_threads_do_not_mix_up_stream_maps() -> None:
    maps = {
        "orders": {
            "number": "int(orderId) * 2 + int(str(orderId))",
            "__filter__": "int(orderId) % 3",
        }
    }
    messages = stream_of({"stream_maps": maps}).messages

    def numbers(thread: int) -> list[Any]:
        ids = range(thread * 1000, thread * 1000 + 60)
        lines = b"".join(messages.lines({"orderId": str(number)}, b"}\n") for number in ids)
        return [
            (number, found["record"]["orderId"], found["record"]["number"])
            for number, found in zip(
                (number for number in ids if number % 3),
                map(json.loads, lines.splitlines()),
                strict=True,
            )
        ]

    for found in in_threads(numbers):
        assert all(int(order_id) == of and number == 3 * of for of, order_id, number in found)


@pytest.mark.usefixtures("restless_threads")
@pytest.mark.parametrize("config", [FAST["plain"], MAPPED["an expression added"]])
def test_no_record_comes_before_its_schema_when_threads_find_new_properties(
    config: Config,
) -> None:
    stream = stream_of(config)
    batches = [RecordBatch(stream.run.writer) for _ in range(8)]

    def write(thread: int) -> list[Any]:
        for number in range(12):
            stream.messages.write(ORDER | {f"new{(number + thread) % 12}": number}, batches[thread])
        batches[thread].flush()
        return []

    with redirect_stdout(io.StringIO()) as stdout:
        stream.messages.write_first_schema()
        in_threads(write)

    known: set[str] = set()
    records = 0
    for message in map(json.loads, stdout.getvalue().splitlines()):
        if message["type"] == "SCHEMA":
            # No property disappears again.
            assert known <= set(message["schema"]["properties"])
            known = set(message["schema"]["properties"])
        else:
            records += 1
            assert set(message["record"]) <= known
    assert records == 8 * 12


# --- Records inside others ------------------------------------------------------------------------


def written_of(*deselected: tuple[str, ...], record: Record = ORDER) -> dict[str, Any]:
    """Return what is written of an order, by stream, if properties are deselected.

    Args:
        deselected: The stream and the names that lead to a property in it.
        record: The order as Amazon sends it.
    """
    catalog = catalog_of("orders", "order_items", settings=CREDENTIALS)
    for name, *names in deselected:
        (entry,) = [entry for entry in catalog["streams"] if entry["stream"] == name]
        breadcrumb = [part for name in names for part in ("properties", name)]
        (found,) = [one for one in entry["metadata"] if one["breadcrumb"] == breadcrumb]
        found["metadata"]["selected"] = False
    tap = TapAmazonSP(config=CREDENTIALS, catalog=catalog, clock=FakeClock())
    stream = cast("AmazonStream", tap.streams["orders"])
    page = json.dumps({"orders": [record]}, default=float).encode()
    answer = answer_of(stream.operation, page, status=200, request_id=None, raw_records=True)
    with redirect_stdout(io.StringIO()) as stdout:
        for one in (stream, *stream.selected_children):
            one.batch = stream.batch
            one.fitting.write_first_schema()
        stream.pipeline.begin()
        request = stream.pipeline.request({}, {})
        stream.pipeline.write(stream.pipeline.complete(stream.extract(answer), request))
        stream.batch.flush()
    messages = map(json.loads, stdout.getvalue().splitlines())
    return {
        message["stream"]: message["record"] for message in messages if message["type"] == "RECORD"
    }


def test_what_is_deselected_in_a_stream_is_not_in_the_records_around_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    product = {"asin": "B01", "title": "Mug", "new": "?"}
    items = [{"orderItemId": "7", "product": product}, {"orderItemId": "8", "new": 1}]

    written = written_of(
        ("order_items", "product", "title"), record=ORDER | {"orderItems": items, "newText": "x"}
    )

    assert written["orders"]["orderItems"] == [
        {"orderItemId": "7", "product": {"asin": "B01"}},
        {"orderItemId": "8"},
    ]
    assert written["order_items"]["orderItemId"] == "8"
    assert "new" not in written["order_items"]
    assert "newText" not in written["orders"]
    assert (
        "What is deselected in 'order_items' is left out of 'orders.orderItems' as well: "
        "product.title" in caplog.text
    )
    assert caplog.text.count("'orderItems.product.new'") == 1
    assert "Mug" not in caplog.text


def test_a_stream_keeps_what_is_deselected_around_its_records() -> None:
    written = written_of(("orders", "orderItems"))

    assert "orderItems" not in written["orders"]
    assert written["order_items"].keys() >= {"orderItemId", "quantityOrdered", "product"}


def test_undeclared_properties_go_with_deselected_ones_beside_them(
    caplog: pytest.LogCaptureFixture,
) -> None:
    buyer = {"buyerName": "A", "mobilePhone": "+1 555 0100"}

    written = written_of(("orders", "buyer", "buyerEmail"), record=ORDER | {"buyer": buyer})

    assert written["orders"]["buyer"] == {"buyerName": "A"}
    assert (
        "new property 'buyer.mobilePhone', which is left out because properties of 'orders.buyer'"
        in (caplog.text)
    )
    assert "0100" not in caplog.text


def test_misfits_of_deselected_properties_are_left_out() -> None:
    items = [{"orderItemId": "7", "product": {"asin": ["B01"], "title": ["Mug"]}}]
    record = ORDER | {"orderItems": items, "createdTime": "soon", "buyer": {"buyerEmail": ["a@b"]}}

    written = written_of(
        ("orders", "buyer", "buyerEmail"), ("order_items", "product", "title"), record=record
    )

    assert written["orders"]["_misfits"] == {
        "createdTime": "soon",
        "orderItems.0.product.asin": '["B01"]',
    }
    assert written["order_items"]["_misfits"] == {"product.asin": '["B01"]'}


def test_misfits_are_text_where_records_are_flattened() -> None:
    stream = stream_of({"flattening_enabled": True, "flattening_max_depth": 2})
    record = copy.deepcopy(ORDER) | {"createdTime": "soon"}
    stream.pipeline.conformer.conform(record)

    *_, schema, line = Output(stream).of(record)

    assert schema["schema"]["properties"]["_misfits"] == {"type": ["string", "null"]}
    assert line["record"]["_misfits"] == '{"createdTime":"soon"}'
    assert line["record"]["createdTime"] is None
