"""Amazon's JSON Schemas of notifications (`data/notification_schemas.json`), by type.

The file has the structure of the schemas without their descriptions.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.data import read_data

_PAYLOAD = ("Payload", "payload")


class _Schemas:
    @functools.cached_property
    def all(self) -> Mapping[str, Any]:
        return read_data("notification_schemas.json")

    def resolve(self, api: str, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a schema of a type of notification; references are followed."""
        while "$ref" in schema:
            schema = self.all[api]["definitions"][schema["$ref"].rpartition("/")[2]]
        return schema

    def payload(self, kind: str) -> tuple[str, Mapping[str, Any]]:
        """Return the name of the payload in the messages of a type, and its schema."""
        properties = self.resolve(kind, self.all[kind])["properties"]
        name = next(name for name in _PAYLOAD if name in properties)
        return name, properties[name]


SCHEMAS = _Schemas()


def begins_low(kind: str) -> bool:
    """Return whether the keys of the messages of a type begin with a small letter."""
    return SCHEMAS.payload(kind)[0] == _PAYLOAD[1]
