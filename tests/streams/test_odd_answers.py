"""Answers of Amazon's models with an odd value in one place, through the code of every stream.

Such an answer may be refused, and its records may go without the odd value. It is never a fault of
this program.
"""

from __future__ import annotations

import copy
import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from tap_amazon_sp.amazon.answer_checks import BrokenAnswerError, checked_page
from tap_amazon_sp.amazon.decoding import answer_of
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_reader import WindowReader
from tap_amazon_sp.run import EXPECTED_ERRORS
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.legal_answers import largest_answer

CONFIG: dict[str, Any] = {
    "client_id": "id",
    "client_secret": "hush",
    "refresh_token": "hush",
    "seller_id": "A1",
    "marketplace_ids": ["US", "BR"],
    "restricted_data": True,
}
ODD: tuple[Any, ...] = (None, 5, -1.5, True, "x", "", [], {}, [5], [None], ["x"], {"a": 1}, [{}])
PLACES = 3
"""How many places of each stream's answer become odd."""
MAX_DEPTH = 7
DOCUMENTS = {"feed_processing_reports"}
"""Streams whose records are not in an answer of the operation."""
MOMENT = dt.datetime(2026, 11, 1, tzinfo=dt.timezone.utc)
PARAMETERS = {"PostedAfter": MOMENT, "periodStart": MOMENT.date()} | {
    "filters.timeInterval.startDate": MOMENT,
    "timeInterval.startDate": MOMENT,
}


def streams_of(orders_api: str) -> Iterator[AmazonStream]:
    """Yield the streams under a version of the Orders API; of v0 those that only it has."""
    tap = TapAmazonSP(config=CONFIG | {"orders_api": orders_api}, clock=FakeClock())
    others = built_in_streams() if orders_api != ORDERS_APIS[0] else ()
    for kind in built_in_streams(orders_api):
        if kind in others:
            continue
        stream = tap.streams[kind.name]
        assert isinstance(stream, AmazonStream)
        if not isinstance(kind.read, Inside) and kind.name not in DOCUMENTS:
            yield stream


def places_in(value: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inside = value.items() if isinstance(value, dict) else enumerate(value[:1])
    for name, inner in inside:
        yield (*way, name)
        if isinstance(inner, (dict, list)) and len(way) < MAX_DEPTH:
            yield from places_in(inner, (*way, name))


def with_odd(body: Any, place: tuple[Any, ...], odd: Any) -> Any:
    changed = here = copy.deepcopy(body)
    for name in place[:-1]:
        here = here[name]
    here[place[-1]] = odd
    return changed


def read(stream: AmazonStream, body: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Take an answer through the code of a stream and its children; write nothing."""
    content = msgspec.json.encode(body)
    answer = answer_of(stream.operation, content, status=200, request_id=None)
    answer = checked_page(stream.operation, answer)
    reader = stream.reader
    monkeypatch.setattr(reader, "answers", lambda *_: iter([answer]))
    for page in reader.pages_of(PARAMETERS, {"orderId": "1"}):
        if isinstance(reader, WindowReader):
            reader.note_unfinished(page.records)
        for child in stream.child_streams:
            assert isinstance(child, AmazonStream)
            for record in page.records:
                if isinstance(child.read, Inside):
                    list(child.child_reader.records_of(record))
                elif isinstance(child.read, PerParent):
                    list(child.child_reader.requests_for(record))  # type: ignore[attr-defined]


@pytest.mark.parametrize("orders_api", ORDERS_APIS)
def test_no_odd_value_is_a_fault_of_this_program(
    orders_api: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = random.Random(f"odd {orders_api}")  # noqa: S311 - no secret
    faults = {}
    count = refused = 0
    for stream in streams_of(orders_api):
        body = largest_answer(stream.operation)
        places = list(places_in(body))
        for place in rng.sample(places, min(PLACES, len(places))):
            for odd in ODD:
                count += 1
                try:
                    read(stream, with_odd(body, place, odd), monkeypatch)
                except (BrokenAnswerError, *EXPECTED_ERRORS):
                    refused += 1
                except Exception as error:  # noqa: BLE001 - each is shown
                    faults[stream.name, place, repr(odd)] = repr(error)

    assert faults == {}
    assert 0 < refused < count / 2
