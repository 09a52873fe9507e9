"""The order of the properties in the schema of a stream: the useful ones first.

Loaders make the columns of a new table in the order of the SCHEMA. Amazon's models have their
properties in no such order.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import IntEnum

from tap_amazon_sp.singer.conforming import kind_of
from tap_amazon_sp.singer.schemas import Schema

_STATUS = re.compile(r"^(?:status|state)$|(?:Status|State)$")
_ID = re.compile(r"^(?:id|asin|sku)$|(?:Id|ID|Identifier|Asin|ASIN|Sku|SKU)$")
_AMOUNTS = frozenset({"amount", "currencyamount", "value"})


class _Group(IntEnum):
    """What a property is for, in the order of the columns."""

    KEY = 0
    REPLICATION_KEY = 1
    OWN = 2
    """Added by the tap, such as `_source`."""
    TIME = 3
    STATUS = 4
    ID = 5
    NUMBER = 6
    MONEY = 7
    SCALAR = 8
    OBJECT = 9
    ARRAY = 10


_BY_KIND = {
    "date": _Group.TIME,
    "date-time": _Group.TIME,
    "integer": _Group.NUMBER,
    "number": _Group.NUMBER,
    "object": _Group.OBJECT,
    "array": _Group.ARRAY,
}


def keys_first(properties: Schema, primary_keys: Sequence[str]) -> Schema:
    """Return the same properties, those of the key first and in its order."""
    keys = {name: properties[name] for name in primary_keys if name in properties}
    return keys | properties


def in_column_order(
    properties: Schema, primary_keys: Sequence[str], replication_key: str | None
) -> Schema:
    """Return the same properties in the order of columns.

    Keys come first, then the replication key, what the tap adds, times, statuses, ids, numbers,
    amounts of money, other scalars, objects and lists. Properties of a group keep their order.

    Args:
        properties: The schemas of the properties of a record, by name.
        primary_keys: The names of the keys.
        replication_key: The name of the replication key; None if there is none.
    """
    groups = {name: _group_of(name, found) for name, found in properties.items()}
    groups |= {} if replication_key is None else {replication_key: _Group.REPLICATION_KEY}
    groups |= dict.fromkeys(primary_keys, _Group.KEY)
    # Sorting is stable: properties of a group are in the order of Amazon's model.
    names = sorted(keys_first(properties, primary_keys), key=groups.__getitem__)
    return {name: properties[name] for name in names}


def _group_of(name: str, schema: Schema) -> _Group:
    if name.startswith("_"):
        return _Group.OWN
    kind = kind_of(schema)
    if kind == "object" and _is_money(schema.get("properties", {})):
        return _Group.MONEY
    if (group := _BY_KIND.get(kind)) is not None:
        return group
    if _STATUS.search(name):
        return _Group.STATUS
    return _Group.ID if _ID.search(name) else _Group.SCALAR


def _is_money(properties: Mapping[str, Schema]) -> bool:
    """Return whether an object is an amount with its currency, in any of Amazon's spellings."""
    names = {name.lower() for name in properties}
    has_currency = any(name.startswith("currency") for name in names - _AMOUNTS)
    return has_currency and not names.isdisjoint(_AMOUNTS)
