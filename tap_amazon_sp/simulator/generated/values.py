"""Made-up values that fit a schema of Amazon's models.

A value follows from the seed, the subject of the record, and its place in the record, and from
nothing else. So a property has the same value in a list and in the answer for one record, at any
time.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.generated.names import plain
from tap_amazon_sp.simulator.generated.schemas import Definitions, flat, merged
from tap_amazon_sp.simulator.generated.sources import ForeignId, ValueSource
from tap_amazon_sp.simulator.generated.subjects import SHALLOW, Place, Subject
from tap_amazon_sp.simulator.generated.texts import ID_NAME, text_for
from tap_amazon_sp.simulator.world.world import World

_MAX_DEPTH = 7
_ABSENT_ONE_IN = 8
_MIN_ID = 10**8
_BOUND = 100

_IDENTIFIES = re.compile(
    r"(id|ids|number|numbers|identifier|identifiers|sku|skus|asin|asins|key|name|code|type|status"
    r"|state|date|time|at|timestamp|reference|currency|amount)$",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"^(next|previous|prev)?(page|pagination|next|previous)?token$", re.IGNORECASE)
_MONEY = re.compile("amount|price|total|fee|cost|charge|value|money|balance|tax", re.IGNORECASE)
_ALWAYS_ANSWERED = frozenset({"FeesEstimate", "Product", "body", "payload"})
"""What Amazon has about an item: a success without it would be empty, though models allow that."""

_NEVER_ANSWERED = frozenset({"errors", "pagination"})


def no_foreign_id(subject: Subject, name: str, number: int) -> Any:
    """Return None: no record names another."""
    del subject, name, number


class ValueMaker:
    """Makes up values."""

    def __init__(
        self, definitions: Definitions, world: World, foreign_id: ForeignId = no_foreign_id
    ) -> None:
        """Make up the values of a seller.

        Args:
            definitions: The definitions that schemas refer to.
            world: The world of the seller.
            foreign_id: Returns ids of other records.
        """
        self._definitions = definitions
        self._world = world
        self._foreign_id = foreign_id

    def make(
        self,
        api: str,
        schema: Mapping[str, Any],
        subject: Subject,
        *,
        needed: frozenset[str] = frozenset(),
        without: frozenset[str] = frozenset(),
    ) -> Any:
        """Return a value.

        Args:
            api: The API whose definitions the schema refers to.
            schema: The schema that the value must fit.
            subject: What the value is about.
            needed: Dotted paths that are never absent.
            without: Dotted paths that are left out.
        """
        return self._filling(api, subject, needed, without).value(schema, Place())

    def property_of(self, api: str, schema: Mapping[str, Any], name: str, subject: Subject) -> Any:
        """Return a single property of a record."""
        filling = self._filling(api, subject)
        properties = flat(self._definitions, api, schema).get("properties", {})
        return filling.value(properties[name], Place().inside(name))

    def _filling(
        self,
        api: str,
        subject: Subject,
        needed: frozenset[str] = frozenset(),
        without: frozenset[str] = frozenset(),
    ) -> _Filling:
        source = ValueSource(self._world, subject, self._foreign_id)
        return _Filling(source, self._definitions, api, needed, without)


@dataclass(frozen=True)
class _Filling:
    source: ValueSource
    definitions: Definitions
    api: str
    needed: frozenset[str]
    without: frozenset[str]

    def value(self, schema: Mapping[str, Any], place: Place) -> Any:
        """Return the value at a place."""
        if "$ref" in schema:
            ref = schema["$ref"]
            return self.value(self.definitions.resolve(self.api, {"$ref": ref}), place.below(ref))
        schema = merged(self.definitions, self.api, schema)
        kind = schema.get("type") or _kind_of(schema)
        if kind == "object":
            return self._object(schema, place)
        if kind == "array":
            return self._array(schema, place)
        known = self._known(schema, kind, place)
        return self._scalar(schema, kind, place) if known is None else known

    def _scalar(self, schema: Mapping[str, Any], kind: str, place: Place) -> Any:
        if kind == "boolean":
            return self.source.number(place) % 2 == 0
        if kind in ("integer", "number"):
            return self._numeric(schema, kind, place)
        return text_for(self.source, schema, place)

    def _object(self, schema: Mapping[str, Any], place: Place) -> dict[str, Any]:
        required = schema.get("required", ())
        result: dict[str, Any] = {}
        for name, inner in schema.get("properties", {}).items():
            there = place.inside(name)
            dotted = ".".join(there.path)
            if dotted in self.without:
                continue
            if name in required or dotted in self.needed or self._is_present(inner, there):
                result[name] = self.value(inner, there)
        rest = schema.get("additionalProperties")
        if isinstance(rest, Mapping) and not result and not self._is_cut(rest, place):
            names = ("first", "second")[: 1 + self.source.number(place) % 2]
            result = {name: self.value(rest, place.inside(name)) for name in names}
        return result

    def _is_present(self, schema: Mapping[str, Any], place: Place) -> bool:
        name = place.path[-1]
        if name in _NEVER_ANSWERED or _TOKEN.search(name) or self._is_cut(schema, place):
            return False
        if (
            name in _ALWAYS_ANSWERED
            or _identifies(name)
            or plain(name) in self.source.subject.known
        ):
            return True
        if "date" in self.definitions.resolve(self.api, schema).get("format", ""):
            return True
        return self.source.number(place, "present") % _ABSENT_ONE_IN != 0

    def _is_cut(self, schema: Mapping[str, Any], place: Place) -> bool:
        """Return whether a value is left out because it is too deep or contains itself."""
        resolved = self.definitions.resolve(self.api, schema)
        refs = {schema.get("$ref"), resolved.get("items", {}).get("$ref")}
        return place.depth > _MAX_DEPTH or bool(refs & {*place.refs})

    def _array(self, schema: Mapping[str, Any], place: Place) -> list[Any]:
        items = schema.get("items", {})
        least, most = schema.get("minItems", 0), schema.get("maxItems", 1000)
        if least == 0 and (self._is_cut(schema, place) or place.path[-1:] == ("errors",)):
            return []
        resolved = flat(self.definitions, self.api, items)
        asked = self.source.subject.known.get(plain(place.name))
        if isinstance(asked, list) and place.depth <= self.source.subject.known_depth:
            fitting = [value for value in asked if _fits(resolved, value)]
            if fitting and len(fitting) >= least:
                return fitting[:most]
        count = 1 + self.source.number(place, "count") % 2 if place.depth <= SHALLOW + 1 else 1
        count = max(least, min(count, most))
        if "enum" in resolved:
            count = min(count, len(resolved["enum"]))
        if (
            "marketplaceId" in resolved.get("properties", {})
            or plain(place.name) == "marketplaceid"
        ):
            # A record belongs to one marketplace only.
            count = max(least, min(count, 1))
        values = [self.value(items, place.at(position)) for position in range(count)]
        if schema.get("uniqueItems"):
            values = [value for at, value in enumerate(values) if value not in values[:at]]
        return values

    def _known(self, schema: Mapping[str, Any], kind: str, place: Place) -> Any:
        if place.depth > self.source.subject.known_depth:
            return None
        value = self.source.subject.known.get(plain(place.name))
        if isinstance(value, list):
            value = value[place.position % len(value)] if value else None
        if value is None or not _fits({"type": kind, **schema}, value):
            return None
        return value

    def _numeric(self, schema: Mapping[str, Any], kind: str, place: Place) -> Any:
        name = place.name
        if name == "statusCode":
            return 200
        number = self.source.number(place)
        low, high = schema.get("minimum"), schema.get("maximum")
        if kind == "integer" or "int" in schema.get("format", ""):
            if ID_NAME.search(name) and high is None:
                return self.source.foreign(place) or _MIN_ID + number % _MIN_ID
            least = 1 if low is None else int(low)
            most = least + _BOUND if high is None else int(high)
            return min(least, most) + number % (abs(most - least) + 1)
        first = 0.01 if low is None else float(low)
        last = first + _BOUND * (2 if _MONEY.search(name) else 1) if high is None else float(high)
        share = (number % 10_000) / 10_000
        return max(first, min(last, round(first + (last - first) * share, 2)))


@functools.cache
def _identifies(name: str) -> bool:
    return _IDENTIFIES.search(name) is not None


def _kind_of(schema: Mapping[str, Any]) -> str:
    if "properties" in schema or "additionalProperties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
}


def _fits(schema: Mapping[str, Any], value: Any) -> bool:
    kind = schema.get("type") or _kind_of(schema)
    if not isinstance(value, _TYPES.get(kind, ())) or (
        kind != "boolean" and value in (True, False)
    ):
        return kind == "boolean" and isinstance(value, bool)
    if "enum" in schema and value not in schema["enum"]:
        return False
    if not isinstance(value, str):
        return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
    if "date" in schema.get("format", ""):
        return False
    return schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value)) and (
        "pattern" not in schema or re.search(schema["pattern"], value) is not None
    )
