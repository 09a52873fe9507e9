"""Orders from reports as JSON, as far as they are written as they are."""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.common.json_values import decode
from tap_amazon_sp.reading.order_history.records import ORDER_ITEMS, Record
from tap_amazon_sp.reading.unchanged_records import UnchangedRecord
from tap_amazon_sp.singer.writer import to_json


def unchanged(record: Record) -> UnchangedRecord:
    """Return a record as JSON with its items as JSON, for a stream that writes them as they are."""
    items = record.pop(ORDER_ITEMS)
    inside = [UnchangedRecord.of(to_json(item), {}) for item in items]
    list_of_items = b",".join([item.json for item in inside])
    json = b'%b,"orderItems":[%b]}' % (to_json(record)[:-1], list_of_items)
    return UnchangedRecord.of(json, record | {ORDER_ITEMS: inside})


def decoded(record: Record) -> dict[str, Any]:
    """Return a record that shares no part with another one: it may be changed."""
    found: dict[str, Any] = decode(to_json(record))
    return found
