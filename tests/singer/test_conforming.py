from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.singer.conforming import Conformer, Misfit


def nullable(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": [kind, "null"], **more}


TYPES: dict[str, dict[str, Any]] = {
    "text": nullable("string"),
    "integer": nullable("integer"),
    "number": nullable("number"),
    "boolean": nullable("boolean"),
    "time": nullable("string", format="date-time"),
    "day": nullable("string", format="date"),
    "object": nullable("object", properties={}),
    "list": nullable("array", items={}),
    "anything": {},
    "by hand": {"type": ["string", "integer", "null"]},
}
SCHEMA = {"type": "object", "properties": TYPES}


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", ""),
        ("text", " x "),
        ("integer", -(2**63)),
        ("integer", Decimal("5.0")),
        ("number", 10**30),
        ("number", Decimal("-1.50")),
        ("number", 1.5),
        ("boolean", False),
        ("time", "2026-01-01T10:00:00.5Z"),
        ("time", "2028-02-29T10:00:00Z"),
        ("day", "2028-02-29"),
        ("object", {"a": [1]}),
        ("list", [1, "a", {}]),
        ("anything", [[{}]]),
        ("by hand", 5),
        ("by hand", [5]),
        *((kind, None) for kind in TYPES),
        ("nobody declared it", {"a": [10**400]}),
    ],
)
def test_a_value_of_its_type_stays_as_it_is(kind: str, value: Any) -> None:
    record = {kind: value}

    assert Conformer(SCHEMA).conform(record) == ()
    assert record == {kind: value}
    assert type(record[kind]) is type(value)


@pytest.mark.parametrize(
    ("kind", "value", "converted"),
    [
        ("text", 5, "5"),
        ("text", Decimal("1.50"), "1.50"),
        ("text", True, "true"),
        ("integer", "5", 5),
        ("integer", " -7 ", -7),
        ("integer", "5.0", Decimal("5.0")),
        ("number", "1.50", Decimal("1.50")),
        ("number", "1e3", Decimal("1e3")),
        ("boolean", "TRUE", True),
        ("boolean", "false", False),
        ("time", "2026-01-01T10:00:00+09:00", "2026-01-01T01:00:00Z"),
        ("time", Decimal("1.596578152E9"), "2020-08-04T21:55:52Z"),
        ("day", "2026-01-31T00:00:00Z", "2026-01-31"),
        # No value.
        ("integer", "", None),
        ("time", " ", None),
        ("object", "", None),
    ],
)
def test_a_value_is_converted_if_there_is_one_way_to_read_it(
    kind: str, value: Any, converted: Any
) -> None:
    record = {kind: value}

    assert Conformer(SCHEMA).conform(record) == []
    assert record == {kind: converted}
    assert Conformer(SCHEMA).conform(record) == ()


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", {"a": 1}),
        ("text", ["a"]),
        ("integer", 2**63),
        ("integer", "5.5"),
        ("integer", "007"),
        ("integer", True),
        ("integer", Decimal("1e400")),
        ("number", "1,5"),
        ("number", "9" * 400),
        ("number", 10**400),
        ("number", False),
        ("number", {}),
        ("boolean", 1),
        ("boolean", "yes"),
        ("time", "2024-02-30T00:00:00.000Z"),
        ("time", "soon"),
        ("time", 5),
        ("day", "2026-01-31T10:00:00Z"),
        ("object", [1]),
        ("object", "{}"),
        ("list", {"a": 1}),
        ("list", 5),
    ],
    ids=lambda value: str(value)[:20],
)
def test_any_other_value_is_a_misfit(kind: str, value: Any) -> None:
    record = {kind: value}

    (misfit,) = Conformer(SCHEMA).conform(record)

    assert record == {kind: None}
    assert misfit.path == (kind,)
    text = value if isinstance(value, str) else json.loads(misfit.text, parse_float=Decimal)
    assert text == value


def test_misfits_are_found_at_any_depth() -> None:
    inner = {"type": ["object", "null"], "properties": {"at": TYPES["time"]}}
    outer = nullable("object", properties={"b": nullable("array", items=inner)})
    schema = {"type": "object", "properties": {"a": outer}}
    record = {"a": {"b": [{"at": "2026-01-01T00:00:00Z"}, {"at": "soon", "new": 1}, 5]}}

    misfits = Conformer(schema).conform(record)

    assert misfits == [
        Misfit(("a", "b", 1, "at"), "date-time", "soon"),
        Misfit(("a", "b", 2), "object", "5"),
    ]
    assert [misfit.label for misfit in misfits] == ["a.b.1.at", "a.b.2"]
    assert misfits[0].names == ("a", "b", "at")
    assert record == {"a": {"b": [{"at": "2026-01-01T00:00:00Z"}, {"at": None, "new": 1}, None]}}
