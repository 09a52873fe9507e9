"""Records that are written as Amazon sent them, compared with the same records decoded."""

from __future__ import annotations

import datetime as dt
import functools
import io
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from decimal import Decimal
from itertools import chain
from typing import Any

import pytest

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import Answer, answer_of
from tap_amazon_sp.amazon.errors import RecordWithoutKeyError
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.unchanged_records import Addition, UnchangedRecord
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams import all_built_in_streams, built_in_streams
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.small_world import known_ids
from tests.tap_runs import select

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
ONE_WINDOW = {"start_date": "2026-11-20T00:00:00Z", "end_date": "2026-11-21T00:00:00Z"}
SEVERAL: dict[str, Any] = {"accounts": [CREDENTIALS | {"name": "ü"}, CREDENTIALS | {"name": "b"}]}
TIME = "2026-11-20T00:00:00Z"
US = "ATVPDKIKX0DER"
ORDERS = ("orders", "order_items", "order_packages")

WINDOW = {"earliestDateTime": "2026-11-05T10:56:20Z", "latestDateTime": "2026-11-06T10:56:20.5Z"}
ORDER = {
    "orderId": "903-1",
    "createdTime": "2026-11-04T10:56:20Z",
    "lastUpdatedTime": "2026-11-20T01:02:03Z",
    "programs": ["PRIME"],
    "salesChannel": {"channelName": "AMAZON", "marketplaceId": US},
    "orderItems": [
        {
            "orderItemId": "7",
            "quantityOrdered": 2,
            "product": {"title": 'Frame 8" x 10", größe', "price": {"amount": "9.50"}},
            "fulfillment": {"shipping": {"scheduledDeliveryWindow": WINDOW}},
        },
        {"orderItemId": "8", "quantityOrdered": 0, "cancellation": None},
    ],
    "proceeds": {"grandTotal": {"amount": "19.00", "currencyCode": "USD"}},
    "fulfillment": {"fulfillmentStatus": "SHIPPED", "shipByWindow": WINDOW},
    "packages": [
        {"packageReferenceId": "1", "createdTime": "2026-11-05T00:00:00Z", "packageItems": []}
    ],
}


class Amazon:
    """Answers every request with the same pages of JSON."""

    def __init__(self, *pages: bytes, takes_raw_records: bool) -> None:
        self._pages = pages
        self._takes_raw_records = takes_raw_records

    def answers(
        self, operation: Operation, _: Mapping[str, Any], *, raw_records: bool = False, **__: Any
    ) -> Iterator[Answer]:
        is_raw = raw_records and self._takes_raw_records
        for page in self._pages:
            yield answer_of(operation, page, status=200, request_id=None, raw_records=is_raw)


@functools.cache
def discovered(several_accounts: bool) -> str:  # noqa: FBT001
    settings = SEVERAL if several_accounts else {}
    return json.dumps(TapAmazonSP(config=CREDENTIALS | settings, clock=FakeClock()).catalog_dict)


def stream_of(*selected: str, name: str = "orders", **settings: Any) -> AmazonStream:
    config = CREDENTIALS | ONE_WINDOW | {"max_parallel_requests": 1} | settings
    catalog = select(json.loads(discovered("accounts" in settings)), *selected)
    tap = TapAmazonSP(config=config, catalog=catalog, clock=FakeClock())
    tap.mapper.register_raw_streams_from_catalog(tap.catalog)
    return stream_in(tap, name)


def stream_in(tap: TapAmazonSP, name: str) -> AmazonStream:
    stream = tap.streams[name]
    assert isinstance(stream, AmazonStream)
    return stream


def lines_of(
    *pages: bytes, raw: bool = True, streams: Sequence[str] = ORDERS, **settings: Any
) -> list[str]:
    """Return what is written of pages of orders, with unchanged records or with all decoded."""
    stream = stream_of(*streams, **settings)
    stream.client.answers = Amazon(*pages, takes_raw_records=raw).answers  # type: ignore[assignment]
    with redirect_stdout(io.StringIO()) as stdout:
        stream.sync()
    return stdout.getvalue().split("\n")[:-1]


def page_of(*records: str) -> bytes:
    return b'{"orders": [%b]}' % ",".join(records).encode()


def records_in(lines: Sequence[str], stream: str) -> list[str]:
    """Return the JSON of the records of a stream."""
    start = f'{{"type":"RECORD","stream":"{stream}","record":'
    return [
        line.removeprefix(start).rpartition(',"time_extracted"')[0]
        for line in lines
        if line.startswith(start)
    ]


def with_marketplace(order: str, marketplace_id: str | None = None) -> str:
    """Return the JSON of an order with the marketplace that the tap adds to it."""
    return f'{{"marketplaceId":{json.dumps(marketplace_id)},{order[1:].lstrip()}'


def exact(text: str) -> Any:
    """Return what JSON says, with the digits of all numbers."""
    return json.loads(text, parse_float=Decimal)


# --- One record ----------------------------------------------------------------------------------

KEYS = '"orderId":"1","lastUpdatedTime":"2026-11-20T00:00:00Z"'
ALL = f'{KEYS},"orderItems":[]'
PASSING = {
    "nothing else": f"{{{ALL}}}",
    "numbers in any form": f'{{{ALL},"proceeds":{{"a":1.50e1,"b":-0,"c":1E400,"d":{10**40}}}}}',
    "escapes": f'{{{ALL},"programs":["\\u00fc\\/\\n\\"", "ü"]}}',
    "spaces": f'{{ {ALL} , "programs" : [ ] }}',
    "nulls": f'{{{ALL},"createdTime":null,"packages":null,"fulfillment":{{"shipByWindow":null}}}}',
    "unknown names inside": f'{{{ALL},"salesChannel":{{"new":{{"a":[1]}}}}}}',
    "a key with white space": '{"orderId":" 1 ","orderItems":[]}',
    "milliseconds": '{"orderId":"1","lastUpdatedTime":"2026-11-20T00:00:00.123Z","orderItems":[]}',
    "hyphens in text": f'{{{ALL},"programs":["-12","a-01T","+49-30-12:30"]}}',
    "a name twice": f'{{{ALL},"programs":["a"],"programs":["b"]}}',
    "a key twice": f'{{{ALL},"orderId":"2"}}',
}
ITEM = (
    '{"orderItemId":"1","fulfillment":'
    '{"shipping":{"scheduledDeliveryWindow":{"latestDateTime":"%s"}}}}'
)
CHANGED: dict[str, tuple[str, dict[str, Any]]] = {
    "a key that is a number": ('{"orderId":5}', {"orderId": "5"}),
    "other types than the schema says": (
        '{"orderId":"1","proceeds":[1],"programs":{},"tax":true}',
        {
            "orderId": "1",
            "proceeds": None,
            "programs": None,
            "tax": None,
            "_misfits": {"proceeds": "[1]", "programs": "{}", "tax": "true"},
        },
    ),
    "a number as text, and text as a number": (
        '{"orderId":"1","orderItems":[{"orderItemId":7,"quantityOrdered":"2","isGift":"no"}]}',
        {
            "orderId": "1",
            "orderItems": [{"orderItemId": "7", "quantityOrdered": 2, "isGift": "no"}],
        },
    ),
    "a number that no column holds": (
        f'{{"orderId":"1","orderItems":[{{"orderItemId":"7","quantityOrdered":{10**20}}}]}}',
        {
            "orderId": "1",
            "orderItems": [{"orderItemId": "7", "quantityOrdered": None}],
            "_misfits": {"orderItems.0.quantityOrdered": str(10**20)},
        },
    ),
    "a space in a time": (
        '{"orderId":"1","createdTime":"2020-06-09 14:00:00Z"}',
        {"orderId": "1", "createdTime": "2020-06-09T14:00:00Z"},
    ),
    "small letters in a time": (
        '{"orderId":"1","createdTime":"2020-06-09t14:00:00z"}',
        {"orderId": "1", "createdTime": "2020-06-09T14:00:00Z"},
    ),
    "an escaped offset": (
        '{"orderId":"1","createdTime":"2026-11\\u002d20T01:00:00\\u002b01:00"}',
        {"orderId": "1", "createdTime": "2026-11-20T00:00:00Z"},
    ),
    "seconds since 1970": (
        '{"orderId":"1","createdTime":1.596578152E9}',
        {"orderId": "1", "createdTime": "2020-08-04T21:55:52Z"},
    ),
    "a day that does not exist": (
        '{"orderId":"1","createdTime":"2024-02-30T00:00:00.000Z"}',
        {
            "orderId": "1",
            "createdTime": None,
            "_misfits": {"createdTime": "2024-02-30T00:00:00.000Z"},
        },
    ),
    "an offset": (
        '{"orderId":"1","createdTime":"2026-11-20T01:00:00+01:00"}',
        {"orderId": "1", "createdTime": "2026-11-20T00:00:00Z"},
    ),
    "a Z before the end": (
        '{"orderId":"1","createdTime":"2026-11-20Z01:00:00+01:00"}',
        {"orderId": "1", "createdTime": "2026-11-20T00:00:00Z"},
    ),
    "an offset before another time under the same name": (
        '{"orderId":"1","createdTime":"2026-11-20T01:00:00+01:00","createdTime":null}',
        {"orderId": "1", "createdTime": None},
    ),
    "no seconds": (
        '{"orderId":"1","fulfillment":{"shipByWindow":{"latestDateTime":"2026-11-20T01:00Z"}}}',
        {
            "orderId": "1",
            "fulfillment": {"shipByWindow": {"latestDateTime": "2026-11-20T01:00:00Z"}},
        },
    ),
    "no time at all": (
        '{"orderId":"1","createdTime":"yesterday, long ago Z\\n"}',
        {
            "orderId": "1",
            "createdTime": None,
            "_misfits": {"createdTime": "yesterday, long ago Z\n"},
        },
    ),
    "an unknown null": ('{"orderId":"1","new":null}', {"orderId": "1"}),
    "an offset inside an item": (
        f'{{"orderId":"1","orderItems":[{ITEM % "2026-11-20T01:00:00-01:00"}]}}',
        {"orderId": "1", "orderItems": [json.loads(ITEM % "2026-11-20T02:00:00Z")]},
    ),
}


def test_records_that_need_no_change_are_written_as_they_came() -> None:
    page = page_of(*PASSING.values())

    lines = lines_of(page)

    assert records_in(lines, "orders") == [with_marketplace(one) for one in PASSING.values()]
    assert list(map(exact, lines)) == list(map(exact, lines_of(page, raw=False)))


def test_records_that_need_a_change_are_changed() -> None:
    page = page_of(*[record for record, _ in CHANGED.values()])

    lines = lines_of(page)

    assert list(map(exact, lines)) == list(map(exact, lines_of(page, raw=False)))
    written = map(exact, records_in(lines, "orders"))
    assert dict(zip(CHANGED, written, strict=True)) == {
        name: {"marketplaceId": None} | expected for name, (_, expected) in CHANGED.items()
    }


@pytest.mark.parametrize(
    "order",
    [
        "{}",
        '{"orderId":null}',
        '{"orderId":""}',
        '{"orderId":" \\t\\u00a0"}',
        '{"orderId":"\\u0000"}',
        '{"orderId":{"id":"1"}}',
    ],
)
@pytest.mark.parametrize("raw", [True, False])
def test_a_record_without_what_identifies_it_is_told(
    order: str,
    raw: bool,  # noqa: FBT001
) -> None:
    with pytest.raises(RecordWithoutKeyError, match="without 'orderId'"):
        lines_of(page_of(order), streams=["orders"], raw=raw)


@pytest.mark.parametrize("items", ["", ',"orderItems":null', ',"orderItems":[null]'])
@pytest.mark.parametrize("raw", [True, False])
def test_a_list_that_the_model_requires_is_missed(items: str, raw: bool) -> None:  # noqa: FBT001
    stream = stream_of(*ORDERS)
    amazon = Amazon(page_of(f"{{{KEYS}{items}}}"), takes_raw_records=raw)
    stream.client.answers = amazon.answers  # type: ignore[assignment]

    with redirect_stdout(io.StringIO()):
        stream.sync()

    short = [member.name for member in stream.family if member.shortfalls.count]
    assert short == ["order_items"]


def test_what_is_added_comes_before_what_amazon_sent() -> None:
    item = '{"orderItemId":"7","quantityOrdered":2.0}'
    order = f'{{{KEYS},"orderItems":[{item}],"salesChannel":{{"marketplaceId":"M"}}}}'

    lines = lines_of(page_of(order), **SEVERAL)

    added = f'{{{KEYS},"marketplaceId":"M","createdTime":null,"fulfillmentStatus":null,'
    assert records_in(lines, "order_items") == [added + '"_account":"ü",' + item[1:]]
    assert records_in(lines, "orders") == ['{"marketplaceId":"M","_account":"ü",' + order[1:]]


def test_items_that_cannot_be_extended_are_decoded() -> None:
    items = [
        '{"orderItemId":"7","orderId":"another"}',
        '{"orderItemId":"7","_account":"another"}',
        '{ "orderItemId":"7"}',
        '{"orderItemId":7}',
    ]
    page = page_of(*[f'{{{KEYS},"orderItems":[{item}]}}' for item in items])

    lines = lines_of(page, **SEVERAL)

    assert list(map(exact, lines)) == list(map(exact, lines_of(page, raw=False, **SEVERAL)))
    written = [exact(record) for record in records_in(lines, "order_items")]
    assert [(item["orderId"], item["_account"]) for item in written] == [("1", "ü")] * len(items)


def test_an_empty_record_cannot_be_extended() -> None:
    assert UnchangedRecord.of(b"{}", {}).extended(Addition({"a": 1})) is None
    assert UnchangedRecord.of(b"{ }", {}).extended(Addition({"a": 1})) is None
    assert UnchangedRecord.of(b"{}", {}).extended(Addition({})) == {}


def test_line_breaks_of_amazon_do_not_break_lines() -> None:
    page = json.dumps({"orders": [ORDER]}, indent=2).replace("\n", "\r\n").encode()

    lines = lines_of(page)

    written = with_marketplace(json.dumps(ORDER, separators=(",", ":")), US)
    assert written in records_in(lines, "orders")
    assert [exact(line)["type"] for line in lines] == ["SCHEMA"] * 3 + ["RECORD"] * 4 + ["STATE"]


@pytest.mark.parametrize(
    ("streams", "settings"),
    [
        (["orders", "order_attributes"], {}),
        (["orders"], {"stream_maps": {"orders": {"x": "1"}}}),
        (["orders"], {"flattening_enabled": True, "flattening_max_depth": 1}),
    ],
)
def test_all_records_are_decoded_where_more_of_them_is_needed(
    streams: list[str], settings: dict[str, Any]
) -> None:
    stream = stream_of(*streams, **settings)

    stream.pipeline.begin()

    assert stream.pipeline.inspector is None


def test_a_connection_test_decodes_all_records() -> None:
    stream = stream_of("orders")
    stream.ABORT_AT_RECORD_COUNT = 1

    stream.pipeline.begin()

    assert stream.pipeline.inspector is None


def test_orders_are_decoded_where_their_items_hold_what_the_item_stream_does_not_know() -> None:
    stream = stream_of("orders", "order_items")
    (items,) = stream.selected_children
    items.schema["properties"].pop("fulfillment")

    stream.pipeline.begin()

    assert items.pipeline.inspector is not None
    assert stream.pipeline.inspector is None


# --- Many records --------------------------------------------------------------------------------

VALUES: tuple[Any, ...] = (
    None,
    "",
    "x\u2028ü\U0001f600",
    0,
    True,
    [],
    {},
    [None, [{}]],
    {"a": None},
    10**30,
    "@1.50@",
    "@-0.0@",
    "@1E+400@",
    "2026-11-20T01:00:00Z",
    "2026-11-20T01:00:00.123456Z",
    "2026-11-20T01:00:00+02:00",
    "2026-11-20T01:00Z",
    "2026-11-20",
    "not a time, but it ends in Z",
    "@text\\u0041\\/@",
)
"""Values that replace others. The text between @ is JSON as Amazon might write it."""


def objects_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
    for inner in value.values() if isinstance(value, dict) else value:
        if isinstance(inner, (dict, list)):
            yield from objects_in(inner)


FIXED = frozenset(
    name
    for stream in all_built_in_streams()
    for key in stream.primary_keys
    for name in stream.lifted.get(key, key).split(".")
)
"""The properties of keys: a stream fails where they are missing."""


def change(record: dict[str, Any], chance: random.Random) -> None:
    """Change something about a record, anywhere in it, but for its key."""
    place = chance.choice(list(objects_in(record)))
    name = chance.choice([*(name for name in place if name not in FIXED), "newName"])
    kinds: dict[str, Callable[[], object]] = {
        "another value": lambda: place.update({name: copy_of(chance.choice(VALUES))}),
        "nothing": lambda: place.pop(name, None),
        "twice": lambda: place.update({f"{name}#2": copy_of(chance.choice(VALUES))}),
        "the same twice": lambda: place.update({f"{name}#2": place.get(name)}),
        "another order": lambda: place.update({name: place.pop(name, None)}),
        "in a list": lambda: place.update({name: [place.get(name)]}),
    }
    chance.choice(list(kinds.values()))()


def text_of(value: Any, chance: random.Random) -> str:
    """Return JSON of a value, in one of the ways to write it."""
    text = json.dumps(
        value,
        ensure_ascii=chance.random() < 0.2,
        separators=chance.choice([(",", ":"), (", ", ": "), (" , ", " :")]),
    )
    text = re.sub(r'#2(?=" ?:)', "", text)
    return re.sub(r'"@(.*?)@"', _as_amazon_writes_it, text)


def _as_amazon_writes_it(found: re.Match[str]) -> str:
    inner = found[1].replace("\\\\", "\\")
    return f'"{inner[4:]}"' if inner.startswith("text") else inner


def copy_of(value: Any) -> Any:
    return json.loads(json.dumps(value))


def random_pages(pages: int = 40, size: int = 10) -> list[bytes]:
    chance = random.Random(1)  # noqa: S311 - no secret
    made = []
    for _ in range(pages):
        records = []
        for number in range(size):
            order = copy_of(ORDER) | {"orderId": f"903-{number}"}
            for _ in range(chance.choice([0, 0, 1, 1, 2, 3])):
                change(order, chance)
            records.append(text_of(order, chance))
        unusual = chance.random() < 0.2
        made.append(page_of(*records).replace(b"PRIME", rb"PRI\u0000ME\ud83d" if unusual else b"P"))
    return made


@pytest.mark.parametrize(
    ("streams", "settings"),
    [
        (["orders"], {}),
        (["orders", "order_items"], SEVERAL),
        (["order_items", "order_packages"], {}),
        (ORDERS, {"max_parallel_requests": 8}),
    ],
)
def test_whatever_comes_means_the_same_as_it_does_decoded(
    streams: Sequence[str], settings: dict[str, Any]
) -> None:
    pages = random_pages()

    lines = lines_of(*pages, streams=streams, **settings)
    decoded = lines_of(*pages, raw=False, streams=streams, **settings)

    assert [exact(line) for line in lines] == [exact(line) for line in decoded]
    as_they_came = sum(one != other for one, other in zip(lines, decoded, strict=True))
    assert len(lines) * 0.1 < as_they_came < len(lines) * 0.9


# --- Every stream --------------------------------------------------------------------------------


def tap_and_answers(orders_api: str) -> tuple[TapAmazonSP, Mapping[str, Sequence[bytes]]]:
    """Return a tap with all streams, and what the simulator answers it, by operation."""
    settings = SimulatorSettings(
        orders=4, purchase_orders=4, records=3, speed=1_000_000, changes_per_minute=0, port=0
    )
    with Simulator(settings) as simulator:
        config = simulator.settings_for_tap() | {
            "orders_api": orders_api,
            "marketplace_ids": ["US", "BR"],
            "seller_id": "A1SIMULATEDSELLER",
            "restricted_data": True,
            "stream_ids": known_ids(simulator, orders_api),
            "start_date": (dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=30)).isoformat(),
        }
        found = list(built_in_streams(orders_api))
        if orders_api != ORDERS_APIS[0]:
            found = list(set(found) - set(built_in_streams()))
        catalog = copy_of(TapAmazonSP(config=config).catalog_dict)
        tap = TapAmazonSP(config=config, catalog=select(catalog, *[one.name for one in found]))
        client = stream_in(tap, "orders").client
        contents: dict[str, list[bytes]] = defaultdict(list)

        def send(operation: Operation, *arguments: Any, **options: Any) -> Answer:
            answer = SellingPartnerClient.send(client, operation, *arguments, **options)
            contents[operation.id].append(answer.content)
            return answer

        client.send = send  # type: ignore[method-assign]
        with redirect_stdout(io.StringIO()):
            tap.sync_all()
    return tap, contents


def changed_pages(stream: AmazonStream, contents: Sequence[bytes]) -> Iterator[bytes]:
    """Yield answers of an operation as they are, and with changes in their records."""
    chance = random.Random(2)  # noqa: S311 - no secret
    for content in contents:
        yield content
        body = json.loads(content)
        for record in at_path(body, stream.operation.results or ["payload"]) or ():
            for _ in range(3 * isinstance(record, dict)):
                change(record, chance)
        yield text_of(body, chance).encode()


class Written:
    """The records of one stream as they are written of some answers."""

    def __init__(
        self, tap: TapAmazonSP, contents: Mapping[str, Sequence[bytes]], *, raw: bool
    ) -> None:
        self._tap = tap
        self._contents = contents
        self._raw = raw
        self.unchanged = 0

    def of(self, stream: AmazonStream) -> list[str]:
        stream.selected_children = []
        lines = []
        for record in self._records(stream):
            self.unchanged += isinstance(record, UnchangedRecord)
            lines.append(stream.messages.lines(record, b"}").decode())
        return lines

    def _records(self, stream: AmazonStream) -> list[dict[str, Any]]:
        read = stream.read
        if isinstance(read, Inside):
            parent = stream_in(self._tap, read.of.name)
            parent.selected_children = [stream]
            children = map(stream.child_reader.records_of, self._records(parent))
            return stream.fitting.fit(list(chain.from_iterable(children)))
        stream.pipeline.begin()
        above: dict[str, Any] = {}
        for path in read.from_parent.values():
            *names, last = path.split(".")
            functools.reduce(lambda place, name: place.setdefault(name, {}), names, above)[last] = (
                TIME
            )
        request = stream.pipeline.request(dict.fromkeys(stream.from_request.values(), TIME), above)
        records: list[dict[str, Any]] = []
        for page in changed_pages(stream, self._contents[stream.operation.id]):
            answer = answer_of(
                stream.operation, page, status=200, request_id=None, raw_records=self._raw
            )
            records += stream.pipeline.complete(stream.reader.extract(answer), request)
        return stream.fitting.fit(records)


@pytest.mark.parametrize("orders_api", ORDERS_APIS)
def test_records_of_every_stream_mean_the_same_as_they_do_decoded(orders_api: str) -> None:
    tap, contents = tap_and_answers(orders_api)
    written = Written(tap, contents, raw=True)
    decoded = Written(tap, contents, raw=False)
    streams = [stream_in(tap, name) for name in tap.streams]
    compared = [
        stream
        for stream in streams
        if stream.selected and not stream.has_own_code and not stream.numbered_by
    ]

    for stream in compared:
        lines = list(map(exact, written.of(stream)))
        assert lines == list(map(exact, decoded.of(stream))), stream.name

    assert written.unchanged > len(compared) / 2
    assert not decoded.unchanged
