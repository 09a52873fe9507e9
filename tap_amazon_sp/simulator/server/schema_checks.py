"""Checks of values against Amazon's schemas: the same for parameters and for bodies.

Amazon takes more than its models say. Unless the checks are strict, they let pass

- `null` in a field that is not required: clients that Amazon generates send it for what is not set;
- a time without a zone (UTC), and a date for a time (its first moment): so do examples in Amazon's
  own models, and such times work where others are refused (selling-partner-api-models#330,
  selling-partner-api-docs#598);
- a time for a date: Amazon's SDK for JavaScript writes every date as a time;
- `5.0` for an integer, which is how clients write it that have one type for all numbers.

Content that is not Base64 is refused, as in the examples of Amazon's model `shipmentInvoicingV0`.
"""

from __future__ import annotations

import base64
import binascii
import functools
import ipaddress
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tap_amazon_sp.simulator.server.errors import invalid_input, invalid_parameter
from tap_amazon_sp.simulator.server.models import Models
from tap_amazon_sp.simulator.world.timestamps import parse_iso

Schema = Mapping[str, Any]

TIME_FORMATS = ("date-time", "dateTime")
"""Formats of a time; the second one is a misspelling in Amazon's model of Shipping v2."""

_TYPES: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_BITS = {"int32": 32, "int64": 64}


def time_of(name: str, text: str, *, strict: bool = False) -> float:
    """Return a time as epoch seconds.

    Raises:
        ApiError: 400, names the parameter or field.
    """
    try:
        return parse_iso(text, strict=strict)
    except ValueError:
        raise invalid_parameter(name, f"'{text}' is not an ISO 8601 date-time") from None


@dataclass(frozen=True)
class SchemaCheck:
    """Checks the values of one API.

    Attributes:
        models: Amazon's models.
        api: Stem of the model file.
        strict: Whether nothing passes that the model forbids.
    """

    models: Models
    api: str
    strict: bool = False

    def checked(self, schema: Schema, value: Any, where: str) -> Any:
        """Return a value without fields that are null.

        Args:
            schema: Its schema.
            value: As it was decoded.
            where: Its place: the name of a parameter, or a path in the body.

        Raises:
            ApiError: 400, names the first place that does not fit the schema.
        """
        schema = self.models.resolve(self.api, schema)
        for part in schema.get("allOf", ()):
            value = self.checked(part, value, where)
        value = self._typed(schema.get("type"), value, where)
        if isinstance(value, dict):
            value = self._object(schema, value, where)
        elif isinstance(value, list):
            self._count(schema, value, where)
            items = schema.get("items", {})
            value = [
                self.checked(items, content, f"{where}[{index}]")
                for index, content in enumerate(value)
            ]
        else:
            self.check_scalar(schema, value, where)
        return value

    def check_list(self, schema: Schema, values: list[Any], where: str) -> None:
        """Check how many values a list has, and each of them, by the name of the list.

        Raises:
            ApiError: 400, names the list.
        """
        self._count(schema, values, where)
        for value in values:
            self.check_scalar(schema.get("items", {}), value, where)

    def check_scalar(self, schema: Schema, value: Any, where: str) -> None:
        """Check a text, number or boolean of the right type.

        Raises:
            ApiError: 400, names its place.
        """
        if "enum" in schema and value not in schema["enum"]:
            allowed = ", ".join(map(str, schema["enum"]))
            raise invalid_parameter(where, f"'{value}' is not one of {allowed}")
        if isinstance(value, str):
            self._text(schema, value, where)
        elif not isinstance(value, bool) and isinstance(value, (int, float)):
            _check_number(schema, value, where)

    def _typed(self, kind: str | None, value: Any, where: str) -> Any:
        if kind == "integer" and isinstance(value, float) and value.is_integer():
            if not self.strict:
                return int(value)
        elif kind is None or (
            isinstance(value, _TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        ):
            return value
        raise invalid_parameter(where, f"it is not of type {kind}")

    def _object(self, schema: Schema, value: dict[str, Any], where: str) -> dict[str, Any]:
        required = schema.get("required", ())
        for name in required:
            if value.get(name) is None:
                message = f"Missing required parameter '{_inside(where, name)}'."
                raise invalid_input(message, details=name)
        properties = schema.get("properties", {})
        rest = schema.get("additionalProperties")
        found = {}
        for name, content in value.items():
            inner = properties.get(name, rest if isinstance(rest, dict) else None)
            if inner is None:
                found[name] = content
            elif content is not None:
                found[name] = self.checked(inner, content, _inside(where, name))
            elif self.strict:
                raise invalid_parameter(_inside(where, name), "it is null")
        return found

    def _count(self, schema: Schema, values: list[Any], where: str) -> None:
        least, most = schema.get("minItems", 0), schema.get("maxItems")
        if len(values) < least:
            raise invalid_parameter(
                where, f"it has {len(values)} values, and needs {least} or more"
            )
        if most is not None and len(values) > most:
            raise invalid_parameter(
                where, f"it has {len(values)} values, and at most {most} are allowed"
            )
        if schema.get("uniqueItems") and any(
            value in values[:at] for at, value in enumerate(values)
        ):
            raise invalid_parameter(where, "a value is there twice")

    def _text(self, schema: Schema, value: str, where: str) -> None:
        if len(value) < schema.get("minLength", 0):
            raise invalid_parameter(where, f"it is shorter than {schema['minLength']} characters")
        if len(value) > schema.get("maxLength", len(value)):
            raise invalid_parameter(where, f"it is longer than {schema['maxLength']} characters")
        pattern = schema.get("pattern")
        if pattern is not None and not _compiled(pattern).search(value):
            raise invalid_parameter(where, f"'{value}' does not match the pattern {pattern}")
        kind = schema.get("format")
        if kind in TIME_FORMATS:
            time_of(where, value, strict=self.strict)
        elif kind == "date":
            self._date(value, where)
        elif kind == "ip":
            _check_address(value, where)
        elif kind == "byte":
            _check_base64(value, where)

    def _date(self, value: str, where: str) -> None:
        is_date = _DATE.fullmatch(value) is not None or not self.strict
        try:
            parse_iso(value)
        except ValueError:
            is_date = False
        if not is_date:
            raise invalid_parameter(where, f"'{value}' is not a date such as 2026-01-31")


def _check_number(schema: Schema, value: float, where: str) -> None:
    if value in (math.inf, -math.inf):
        raise invalid_parameter(where, "it is too large")
    if value < schema.get("minimum", value):
        raise invalid_parameter(where, f"{value} is less than {schema['minimum']}")
    if value > schema.get("maximum", value):
        raise invalid_parameter(where, f"{value} is more than {schema['maximum']}")
    step = schema.get("multipleOf")
    if step is not None and Fraction(str(value)) % Fraction(str(step)):
        raise invalid_parameter(where, f"{value} is not a multiple of {step}")
    bits = _BITS.get(schema.get("format", ""))
    if bits is not None and not -(2 ** (bits - 1)) <= value < 2 ** (bits - 1):
        raise invalid_parameter(where, f"{value} is not an integer of {bits} bits")


def _check_address(value: str, where: str) -> None:
    try:
        ipaddress.ip_address(value)
    except ValueError:
        raise invalid_parameter(where, f"'{value}' is not an IP address") from None


def _check_base64(value: str, where: str) -> None:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        raise invalid_parameter(where, "it is not Base64") from None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _inside(where: str, name: str) -> str:
    return name if where == "body" else f"{where}.{name}"
