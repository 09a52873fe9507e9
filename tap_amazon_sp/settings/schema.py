"""JSON Schema of the settings, from what is declared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, Literal, get_args, get_origin

from singer_sdk import typing as th

from tap_amazon_sp.settings.definitions import DECLARATIONS, Settings
from tap_amazon_sp.settings.fields import Declaration, Entry, declared_in, is_entry

JsonType = th.JSONTypeHelper[Any] | type[th.JSONTypeHelper[Any]]

_JSON_TYPES: Mapping[Any, type[th.JSONTypeHelper[Any]]] = {
    Any: th.AnyType,
    str: th.StringType,
    bool: th.BooleanType,
    int: th.IntegerType,
    float: th.NumberType,
    dt.datetime: th.DateTimeType,
    dt.timedelta: th.StringType,
}


def _property(declaration: Declaration) -> th.Property[Any]:
    """Return a setting of the tap, with its texts."""
    allowed_values = get_args(declaration.kind) if get_origin(declaration.kind) is Literal else ()
    return th.Property(
        declaration.name,
        th.StringType if allowed_values else _json_type(declaration.kind, declaration.allowed),
        default=declaration.default,
        description=declaration.description,
        secret=declaration.is_secret,
        allowed_values=list(allowed_values),
        title=declaration.title,
    )


def _json_type(kind: Any, allowed: tuple[str, ...] = ()) -> JsonType:
    """Return the JSON Schema of a Python type.

    Args:
        kind: The type.
        allowed: The values that a text of it may have; any where none are given.
    """
    origin = get_origin(kind)
    if kind is Settings:
        return _account_type()
    if is_entry(kind):
        return _entry_type(kind)
    if origin is tuple:
        return th.ArrayType(_json_type(get_args(kind)[0], allowed))
    if origin is not None and origin is not Literal and issubclass(origin, Mapping):
        values = get_args(kind)[1]
        return th.ObjectType(additional_properties=th.StringType if values is str else True)
    texts = get_args(kind) if origin is Literal else allowed
    return th.StringType(allowed_values=list(texts)) if texts else _JSON_TYPES[kind]


def _account_type() -> th.ObjectType:
    """Return the type of an entry of `accounts`."""
    properties = [
        th.Property(
            declaration.name,
            _json_type(declaration.kind, declaration.allowed),
            required=declaration.is_required and not declaration.is_of_tap,
            secret=declaration.is_secret,
        )
        for declaration in DECLARATIONS
        if declaration.is_of_account
    ]
    return th.ObjectType(*properties, additional_properties=False)


def _entry_type(entry_class: type[Entry]) -> JsonType:
    """Return the type of an object in a setting."""
    types = {one.name: _json_type(one.kind, one.allowed) for one in declared_in(entry_class)}
    properties = [
        th.Property(one.name, types[one.name], required=one.is_required)
        for one in declared_in(entry_class)
    ]
    properties += [th.Property(alias, types[name]) for alias, name in entry_class.aliases.items()]
    found = th.ObjectType(*properties, additional_properties=False)
    if entry_class.short_for is None:
        return found
    return th.CustomType({**found.to_dict(), "type": ["string", "object"]})


SETTINGS = th.PropertiesList(
    *(_property(declaration) for declaration in DECLARATIONS if declaration.is_of_tap)
)
"""All settings of the tap."""
