"""Compare the orders and order items that a run wrote with those of the simulator.

The last record with a key counts, as in a target. A record of the API must equal the truth. One
from a report, as its `_source` says, may lack properties, but what it has must be right.
"""

from __future__ import annotations

import datetime as dt
import mmap
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

ORDERS, ITEMS = "orders", "order_items"
SOURCE, FROM_REPORT = "_source", "report"
NAMES_OF_PARTS = ("orderItemId", "packageReferenceId", "aliasId", "type", "subtype")
"""Properties that name an element of a list, so that it is found again in the list of the truth."""


class _Message(msgspec.Struct):
    type: str
    stream: str = ""
    record: msgspec.Raw = msgspec.Raw()


class _Ids(msgspec.Struct, rename="camel"):
    order_id: str
    order_item_id: str = ""


_ADDED = {
    ORDERS: {"marketplaceId"},
    ITEMS: {"createdTime", "fulfillmentStatus"},
}
"""What older builds of the tap do not add to records."""


class Key(NamedTuple):
    """What a record is about; `item_id` is empty for an order."""

    stream: str
    order_id: str
    item_id: str


@dataclass
class Comparison:
    """Records of a stream, compared with the truth.

    Attributes:
        found: Records with different keys.
        missing: How many there should be that were not written.
        beyond: How many were written that are not in the truth.
        wrong: How many have a property that is not that of the truth, such as an older one.
        properties: In how many records each property was wrong, by its path.
        from_reports: How many records are from reports.
        claimed: How many records from reports have a property, by its path.
    """

    found: int = 0
    missing: int = 0
    beyond: int = 0
    wrong: int = 0
    properties: Counter[str] = field(default_factory=Counter)
    from_reports: int = 0
    claimed: Counter[str] = field(default_factory=Counter)


def compare(output: Path, truth: bytes, *, with_items: bool = True) -> dict[str, Comparison]:
    """Compare the messages of a run with the orders of the simulator.

    Args:
        output: The messages.
        truth: The JSON of the simulator's orders, a list in the form of Orders 2026-01-01.
        with_items: Whether the run was to write `order_items`.
    """
    found = {ORDERS: Comparison()} | ({ITEMS: Comparison()} if with_items else {})
    with output.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        places = _last_places(text)
        for raw in msgspec.json.decode(truth, type=list[msgspec.Raw]):
            for key, expected in expected_records(msgspec.json.decode(raw)):
                if key.stream in found:
                    record = _record(text, places.pop(key)) if key in places else None
                    for name in _ADDED[key.stream] - (record or {}).keys():
                        del expected[name]
                    _check(found[key.stream], record, expected)
    for key in places:
        found[key.stream].beyond += 1
    return found


def differences(record: Any, truth: Any, *, complete: bool, path: str = "") -> Iterator[str]:
    """Yield the paths at which a value is not that of the truth.

    Args:
        record: The value. Properties that are null, or begin with an underscore, do not count.
        truth: What it should be.
        complete: Whether the value must have what the truth has.
        path: Where the value is.
    """
    if isinstance(record, Mapping) and isinstance(truth, Mapping):
        mine, theirs = _present(record), _present(truth)
        for name in [*mine, *(name for name in theirs if complete and name not in mine)]:
            below = f"{path}.{name}" if path else name
            if name not in mine or name not in theirs:
                yield below
            else:
                yield from differences(mine[name], theirs[name], complete=complete, path=below)
    elif isinstance(record, list) and isinstance(truth, list):
        yield from _list_differences(record, truth, complete=complete, path=path)
    elif record != truth and not _same_moment(record, truth):
        yield path


def paths(value: Any, path: str = "") -> Iterator[str]:
    """Yield the paths of all values in a record that are not objects or lists."""
    if isinstance(value, Mapping):
        for name, below in _present(value).items():
            yield from paths(below, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for element in value:
            yield from paths(element, f"{path}[]")
    else:
        yield path


def _check(comparison: Comparison, record: dict[str, Any] | None, truth: dict[str, Any]) -> None:
    if record is None:
        comparison.missing += 1
        return
    comparison.found += 1
    is_complete = record.get(SOURCE) != FROM_REPORT
    different = set(differences(record, truth, complete=is_complete))
    comparison.wrong += bool(different)
    comparison.properties.update(different)
    if not is_complete:
        comparison.from_reports += 1
        comparison.claimed.update(set(paths(record)))


def _last_places(text: mmap.mmap) -> dict[Key, tuple[int, int]]:
    """Return where the last record with each key begins and ends."""
    decoder = msgspec.json.Decoder(_Message)
    places = {}
    begin = 0
    while (end := text.find(b"\n", begin)) >= 0:
        message = decoder.decode(text[begin:end])
        if message.type == "RECORD" and message.stream in (ORDERS, ITEMS):
            ids = msgspec.json.decode(message.record, type=_Ids)
            item_id = ids.order_item_id if message.stream == ITEMS else ""
            places[Key(message.stream, ids.order_id, item_id)] = begin, end
        begin = end + 1
    return places


def _record(text: mmap.mmap, place: tuple[int, int]) -> dict[str, Any]:
    begin, end = place
    record: dict[str, Any] = msgspec.json.decode(text[begin:end])["record"]
    return record


def expected_records(order: dict[str, Any]) -> Iterator[tuple[Key, dict[str, Any]]]:
    """Yield an order and its items, as they should be in the streams."""
    order_id = order["orderId"]
    marketplace = {"marketplaceId": order["salesChannel"]["marketplaceId"]}
    yield Key(ORDERS, order_id, ""), order | marketplace
    of_order = marketplace | {
        "orderId": order_id,
        "lastUpdatedTime": order["lastUpdatedTime"],
        "createdTime": order["createdTime"],
        "fulfillmentStatus": order["fulfillment"]["fulfillmentStatus"],
    }
    for item in order["orderItems"]:
        yield Key(ITEMS, order_id, item["orderItemId"]), item | of_order


def _present(value: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: below
        for name, below in value.items()
        if below is not None and not name.startswith("_")
    }


def _list_differences(
    record: list[Any], truth: list[Any], *, complete: bool, path: str
) -> Iterator[str]:
    below = f"{path}[]"
    name = None if complete else _name_of_parts(truth)
    if name is not None:
        named = {element[name]: element for element in truth}
        for element in record:
            known = named.get(element.get(name)) if isinstance(element, Mapping) else None
            if known is None:
                yield below
            else:
                yield from differences(element, known, complete=complete, path=below)
    elif len(record) != len(truth):
        yield below
    else:
        for element, known in zip(record, truth, strict=True):
            yield from differences(element, known, complete=complete, path=below)


def _name_of_parts(elements: list[Any]) -> str | None:
    return next(
        (
            name
            for name in NAMES_OF_PARTS
            if elements
            and all(isinstance(element, Mapping) and name in element for element in elements)
        ),
        None,
    )


def _same_moment(one: Any, other: Any) -> bool:
    try:
        return dt.datetime.fromisoformat(str(one).replace("Z", "+00:00")) == (
            dt.datetime.fromisoformat(str(other).replace("Z", "+00:00"))
        )
    except (ValueError, TypeError):
        return False
