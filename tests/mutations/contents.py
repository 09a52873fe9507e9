"""Damage inside the JSON of an answer: its list, its tokens, its records and their values."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from tap_amazon_sp.simulator.server.calls import HttpAnswer
from tests.mutations.answers import ERROR
from tests.mutations.kinds import Given, Kind, Kinds, put, value_at

CONTENTS = Kinds()
# --- The list of records --------------------------------------------------------------------------


def _list_becomes(name: str, what: str, change: Callable[[list[Any]], Any], **more: Any) -> None:
    def with_list(given: Given) -> HttpAnswer | None:
        path = given.list_path
        found = value_at(given.json, path) if path else None
        if not path or not isinstance(found, list) or not found:
            return None
        put(given.json, path, change(found))
        return given.with_json(given.json)

    CONTENTS.add(Kind(name, what, with_list, **more))


_list_becomes("list_object", "an object in the place of the list", lambda found: {"items": found})
_list_becomes("list_text", "a text in the place of the list", lambda found: "none")
_list_becomes("list_number", "a number in the place of the list", len)
_list_becomes("list_false", "`false` in the place of the list", lambda found: False)
_list_becomes("list_of_scalars", "a list of texts", lambda found: ["a" for _ in found])
_list_becomes("list_of_nulls", "a list of nulls", lambda found: [None for _ in found])
_list_becomes("list_nested", "the list is in another list", lambda found: [found])
_list_becomes("list_with_null", "a null among the records", lambda found: [*found, None])
_list_becomes("list_with_text", "a text among the records", lambda found: ["?", *found])
_list_becomes("list_empty_text", "an empty text in the place of the list", lambda found: "")
_list_becomes(
    "list_twice", "each record comes twice", lambda found: [*found, *found], keeps_records=True
)


@CONTENTS.kind("the list that the model requires is null")
def list_null(given: Given) -> HttpAnswer | None:
    path = given.list_path
    if not path or not given.requires(path) or not value_at(given.json, path):
        return None
    put(given.json, path, None)
    return given.with_json(given.json)


@CONTENTS.kind("the list that the model requires is missing")
def list_missing(given: Given) -> HttpAnswer | None:
    path = given.list_path
    if not path or not given.requires(path) or not value_at(given.json, path):
        return None
    del value_at(given.json, path[:-1])[path[-1]]
    return given.with_json(given.json)


@CONTENTS.kind("an empty list beside `errors`")
def errors_beside_empty_list(given: Given) -> HttpAnswer | None:
    path = given.list_path
    if not path or not value_at(given.json, path):
        return None
    put(given.json, path, [])
    given.json["errors"] = [ERROR]
    return given.with_json(given.json)


@CONTENTS.kind("no list, but `errors` in its place")
def errors_beside_no_list(given: Given) -> HttpAnswer | None:
    path = given.list_path
    if not path or not value_at(given.json, path):
        return None
    del value_at(given.json, path[:-1])[path[-1]]
    given.json["errors"] = [ERROR]
    return given.with_json(given.json)


@CONTENTS.kind("half of the records beside `errors`")
def errors_beside_records(given: Given) -> HttpAnswer | None:
    path = given.list_path
    found = value_at(given.json, path) if path else None
    if not path or not isinstance(found, list) or not found:
        return None
    put(given.json, path, found[: len(found) // 2])
    given.json["errors"] = [ERROR]
    return given.with_json(given.json)


@CONTENTS.kind("an empty `errors` beside the records", keeps_records=True)
def errors_empty(given: Given) -> HttpAnswer | None:
    if not isinstance(given.json, dict):
        return None
    return given.with_json({**given.json, "errors": []})


@CONTENTS.kind("a null `errors` beside the records", keeps_records=True)
def errors_null(given: Given) -> HttpAnswer | None:
    if not isinstance(given.json, dict):
        return None
    return given.with_json({**given.json, "errors": None})


# --- The envelope ---------------------------------------------------------------------------------


def _envelope_becomes(name: str, what: str, change: Callable[[dict[str, Any], str], None]) -> None:
    def with_envelope(given: Given) -> HttpAnswer | None:
        path = given.list_path if given.list_path is not None else given.record_path
        content = given.json
        is_wrapped = len(path) > 1 or (given.list_path is None and path)
        # The links beside `_embedded` have the same records, with less of them.
        if (
            not is_wrapped
            or path[0] == "_embedded"
            or not isinstance(content, dict)
            or path[0] not in content
        ):
            return None
        change(content, path[0])
        return given.with_json(content)

    CONTENTS.add(Kind(name, what, with_envelope))


def _renamed(content: dict[str, Any], name: str) -> None:
    content[name.swapcase()] = content.pop(name)


def _wrapped(content: dict[str, Any], name: str) -> None:
    content[name] = {name: content[name]}


_envelope_becomes("envelope_missing", "the envelope is missing", dict.pop)
_envelope_becomes(
    "envelope_null", "the envelope is null", lambda content, name: content.update({name: None})
)
_envelope_becomes(
    "envelope_list", "a list in the place of the envelope", lambda c, name: c.update({name: []})
)
_envelope_becomes(
    "envelope_text", "a text in the place of the envelope", lambda c, name: c.update({name: "x"})
)
_envelope_becomes("envelope_case", "the name of the envelope in other case", _renamed)
_envelope_becomes("envelope_twice", "the envelope is in another one", _wrapped)


@CONTENTS.kind("the whole answer is in an envelope")
def in_envelope(given: Given) -> HttpAnswer | None:
    path = given.list_path if given.list_path is not None else given.record_path
    if given.json is None or (path and path[0] == "payload"):
        return None
    return given.with_json({"response": given.json})


@CONTENTS.kind("the whole answer is in a list")
def in_list(given: Given) -> HttpAnswer | None:
    # A list of objects is what some operations answer although their models have one object.
    return None if given.list_path is None else given.with_json([[given.json]])


# --- Page tokens ----------------------------------------------------------------------------------


def _token_becomes(name: str, what: str, token: Any) -> None:
    def with_token(given: Given) -> HttpAnswer | None:
        if given.token_path is None or not isinstance(given.json, dict):
            return None
        if not isinstance(value_at(given.json, given.token_path[:-1]), dict):
            put(given.json, given.token_path[:-1], {})
        return given.with_json(given.json) if put(given.json, given.token_path, token) else None

    CONTENTS.add(Kind(name, what, with_token))


_token_becomes("token_object", "the page token is an object", {"token": "x"})
_token_becomes("token_list", "the page token is a list", ["x"])
_token_becomes("token_number", "the page token is a number", 17)
_token_becomes("token_true", "the page token is `true`", True)  # noqa: FBT003 - a value
_token_becomes("token_unknown", "the page token is one that Amazon does not know", "nobody knows")
_token_becomes("token_long", "the page token has 100,000 characters", "x" * 100_000)
_token_becomes("token_control", "the page token has line ends and NULs in it", "a\r\nb\0c")

FOREVER = "for-ever-"
"""How page tokens begin that lead to the same page again."""


def _for_ever(name: str, what: str, token: Callable[[int], str]) -> None:
    def change(given: Given) -> HttpAnswer | None:
        # All that follows is answered from memory.
        content = given.memory.setdefault("content", given.json)
        if given.token_path is None or not value_at(content, given.list_path or ()):
            return None
        given.memory["times"] = given.memory.get("times", 0) + 1
        if not isinstance(value_at(content, given.token_path[:-1]), dict):
            put(content, given.token_path[:-1], {})
        put(content, given.token_path, token(given.memory["times"]))
        return given.with_json(content, status=200)

    CONTENTS.add(Kind(name, what, change))


_for_ever(
    "same_page_same_token", "the same page again and again, and its token", lambda n: FOREVER + "0"
)
_for_ever(
    "same_page_new_tokens",
    "the same page again and again, each time with a new token",
    lambda times: FOREVER + str(times),
)

# --- What identifies a record ---------------------------------------------------------------------


def _key_becomes(name: str, what: str, change: Callable[[dict[str, Any], str], Any]) -> None:
    def with_key(given: Given) -> HttpAnswer | None:
        for record in given.records:
            names = [name for name in given.keys if name in record]
            if names:
                change(record, given.chance.choice(names))
                return given.with_json(given.json)
        return None

    kind = Kind(f"key_{name}", what, with_key, keeps_records=True, hides_children=True)
    CONTENTS.add(kind)


def _set(value: Any) -> Callable[[dict[str, Any], str], Any]:
    return lambda record, name: record.update({name: value})


_key_becomes("missing", "a record without its key", dict.pop)
_key_becomes("null", "a record whose key is null", _set(None))
_key_becomes("empty", "a record whose key is an empty text", _set(""))
_key_becomes("blank", "a record whose key is a blank", _set(" "))
_key_becomes("object", "a record whose key is an object", _set({"id": "K"}))
_key_becomes("list", "a record whose key is a list", _set(["K"]))
_key_becomes("number", "a record whose key is a number", _set(4711))
_key_becomes("fraction", "a record whose key is a number with a fraction", _set(0.1))
_key_becomes("true", "a record whose key is `true`", _set(True))  # noqa: FBT003 - a value
_key_becomes("nul", "a record whose key is a NUL character", _set("\0"))
_key_becomes("slash", "a record whose key is not fit for a path", _set("../a b?c=d#e%2F"))
_key_becomes("control", "a record whose key has line ends in it", _set("a\r\nX-Evil: 1"))

# --- Values ---------------------------------------------------------------------------------------

_TIME = re.compile(r"\d{4}-\d\d-\d\d(T[\d:.]+(Z|[-+]\d\d:?\d\d)?)?")


def _values(content: Any) -> Iterator[tuple[Any, Any, Any]]:
    """Yield holder, name and value of each value inside JSON."""
    items = content.items() if isinstance(content, dict) else enumerate(content)
    for name, value in list(items):
        if isinstance(value, dict | list):
            yield from _values(value)
        yield content, name, value


def _values_become(
    name: str, what: str, fits: Callable[[Given, Any, Any], bool], new: Callable[[Any], Any]
) -> None:
    def with_values(given: Given) -> HttpAnswer | None:
        found = [
            (holder, place)
            for record in given.records
            for holder, place, value in _values(record)
            if place not in given.keys and fits(given, place, value)
        ]
        for holder, place in found:
            holder[place] = new(holder[place])
        return given.with_json(given.json) if found else None

    CONTENTS.add(Kind(name, what, with_values, keeps_records=True))


def _is_time(given: Given, name: Any, value: Any) -> bool:
    del given, name
    return isinstance(value, str) and _TIME.fullmatch(value) is not None


def _is_number(given: Given, name: Any, value: Any) -> bool:
    del given, name
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_text(given: Given, name: Any, value: Any) -> bool:
    # Ids lead to further calls: without them other records cannot be read.
    is_id = isinstance(name, str) and re.search(r"(id|sku|asin|token)$", name, re.IGNORECASE)
    is_address = isinstance(value, str) and value.startswith("http")
    return isinstance(value, str) and not (is_id or is_address or _is_time(given, name, value))


_TIMES = {
    "null": None,
    "number": 1.596578152e9,
    "long_number": 10**30,
    "text": "soon",
    "empty": "",
    "object": {"time": 1},
    "year_9999": "9999-12-31T23:59:59.999999Z",
    "year_0001": "0001-01-01T00:00:00+14:00",
    "year_10000": "10000-01-01T00:00:00Z",
    "invalid_day": "2026-02-30T00:00:00.000Z",
    "leap_second": "2026-06-30T23:59:60Z",
    "no_zone": "2026-11-20 14:00:00",
    "unix_words": "Mon Oct 28 18:49:32 UTC 2019",
    "odd_zone": "2026-11-20T14:00:00+99:99",
    "nanoseconds": "2026-11-20T14:00:00.123456789Z",
    "other_digits": "\u0662\u0660\u0662\u0666-11-20T14:00:00Z",
}
for _name, _time in _TIMES.items():
    _what = json.dumps(_time)
    _values_become(
        f"time_{_name}",
        f"times are {_what}",
        _is_time,
        lambda value, new=_time: new,  # type: ignore[misc]
    )

_values_become("number_as_text", "numbers come as texts", _is_number, str)
_values_become("number_null", "numbers are null", _is_number, lambda value: None)
_values_become("number_object", "numbers are objects", _is_number, lambda value: {"v": value})
_values_become("text_null", "texts are null", _is_text, lambda value: None)
_values_become("text_object", "texts are objects", _is_text, lambda value: {"text": value})
_values_become("text_list", "texts are lists", _is_text, lambda value: [value])
_values_become("text_number", "texts are numbers", _is_text, lambda value: 5)
_values_become("text_nul", "texts hold NUL characters", _is_text, lambda value: f"a\0{value}")
_values_become(
    "text_surrogate", "texts hold half a surrogate pair", _is_text, lambda value: f"{value}\ud83d"
)
_values_become("text_empty", "texts are empty", _is_text, lambda value: "")
_values_become("text_unknown", "enumerated texts are new ones", _is_text, lambda v: "BRAND_NEW")
_values_become(
    "text_odd",
    "texts hold separators of lines and odd characters",
    _is_text,
    lambda value: f"{value}\u2028\u2029\x85\x0b\x1c\x7f\ufeff\u202e",
)
_values_become(
    "text_long", "texts have 20,000 characters", _is_text, lambda value: (value or "x") * 20_000
)


def _first_value_written(name: str, what: str, written: bytes) -> None:
    """Declare a kind in whose answers a record has one more field, written as it is."""

    def change(given: Given) -> HttpAnswer | None:
        records = given.records
        if not records:
            return None
        given.chance.choice(records)["simulatorField"] = "\x01"
        body = json.dumps(given.json).encode()
        return given.with_body(body.replace(b'"\\u0001"', written))

    CONTENTS.add(Kind(name, what, change, keeps_records=True))


_first_value_written("long_integer", "a number of 5,000 digits", b"9" * 5000)
_first_value_written("giant_exponent", "a number with an exponent of 999,999,999", b"1e999999999")
_first_value_written("tiny_exponent", "a number with an exponent of -999,999,999", b"1e-999999999")
_first_value_written("long_exponent", "a number whose exponent has 400 digits", b"1e" + b"9" * 400)
_first_value_written("long_fraction", "a number with 50,000 decimal places", b"0." + b"3" * 50_000)
_first_value_written("nan", "NaN, which is not JSON", b"NaN")
_first_value_written("infinity", "-Infinity, which is not JSON", b"-Infinity")
_first_value_written("negative_zero", "-0.0", b"-0.0")
_first_value_written("deep_value", "2,000 nested lists", b"[" * 2000 + b"]" * 2000)
_first_value_written("deeper_value", "100,000 nested lists", b"[" * 100_000 + b"]" * 100_000)
_first_value_written("deep_object", "900 nested objects", b'{"a":' * 900 + b"1" + b"}" * 900)
_first_value_written("long_text", "a text of a million characters", b'"' + b"x" * 1_000_000 + b'"')
_first_value_written("raw_nul", "a NUL byte in a text", b'"a\0b"')
_first_value_written("raw_line", "a line end in a text", b'"a\nb"')
_first_value_written("escaped_nul", "an escaped NUL character", b'"\\u0000"')
_first_value_written("half_pair", "half a surrogate pair, escaped", b'"cut \\ud83d"')
_first_value_written("not_utf8", "bytes that are not UTF-8", b'"\xe9t\xe9 \xff"')
_first_value_written("single_quotes", "a text in single quotes", b"'text'")
_first_value_written("comma", "a comma too many", b"1,")
_first_value_written("leading_zero", "a number with a leading zero", b"007")
_first_value_written("duplicated_names", "an object with a name twice", b'{"a": 1, "a": {"b": 2}}')


def _record_field(name: str, what: str, field: str, value: Any) -> None:
    def change(given: Given) -> HttpAnswer | None:
        records = given.records
        for record in records:
            record[field] = value
        return given.with_json(given.json) if records else None

    CONTENTS.add(Kind(name, what, change, keeps_records=True))


_record_field("field_new", "a field that is not in the model", "brandNewField", {"a": [1, "x"]})
_record_field("field_no_name", "a field without a name", "", 1)
_record_field("field_dots", "a field whose name has dots", "a.b.c", 1)
_record_field("field_dollar", "a field that looks like one of JSON Schema", "$ref", "#/definitions")
_record_field("field_account", "a field with a name of ours", "_account", "someone else")
_record_field("field_misfits", "a field with the name of what does not fit", "_misfits", [1])
_record_field("field_long_name", "a field with a name of 5,000 characters", "n" * 5000, 1)
_record_field("field_surrogate", "a field whose name holds half a pair", "cut \udc00", 1)
_record_field("field_nul", "a field whose name holds a NUL character", "a\0b", 1)


@CONTENTS.kind("each record has 500 new fields", keeps_records=True)
def fields_many(given: Given) -> HttpAnswer | None:
    records = given.records
    for record in records:
        record.update({f"new{number}": number for number in range(500)})
    return given.with_json(given.json) if records else None


@CONTENTS.kind("the first field of each record comes twice, at first as null", keeps_records=True)
def duplicated_fields(given: Given) -> HttpAnswer | None:
    records = [record for record in given.records if record]
    for number, record in enumerate(records):
        record[f"\x01{number}"] = None
    body = json.dumps(given.json)
    for number, record in enumerate(records):
        # The last of two counts: the null comes first, where the record begins.
        name = json.dumps(next(iter(record)))
        start = body.index(name)
        body = f"{body[:start]}{name}: null, {body[start:]}"
        body = body.replace(f', "\\u0001{number}": null', "", 1)
    return given.with_body(body.encode()) if records else None


@CONTENTS.kind("empty objects in the place of records")
def records_empty(given: Given) -> HttpAnswer | None:
    records = given.records
    # An empty record is one where the model requires nothing of it.
    if not any(records) or not given.requires_fields:
        return None
    for record in records:
        record.clear()
    return given.with_json(given.json)


# --- One record -----------------------------------------------------------------------------------


def _one_record(name: str, what: str, change: Callable[[Given], Any]) -> None:
    def with_one(given: Given) -> HttpAnswer | None:
        if given.list_path is not None or not isinstance(given.json, dict):
            return None
        content = change(given)
        return None if content is None else given.with_json(content)

    CONTENTS.add(Kind(name, what, with_one))


def _record_put(value: Any) -> Callable[[Given], Any]:
    def change(given: Given) -> Any:
        put_there = given.record_path and put(given.json, given.record_path, value)
        return given.json if put_there else None

    return change


def _record_beside(given: Given) -> Any:
    """The fields of the record right in its envelope."""
    if not given.record_path:
        return None
    record = value_at(given.json, given.record_path)
    if not isinstance(record, dict) or not record:
        return None
    *envelope, _ = given.record_path
    if not envelope:
        return record
    put(given.json, tuple(envelope), record)
    return given.json


_one_record("record_null", "null in the place of the record", _record_put(None))
_one_record("record_text", "a text in the place of the record", _record_put("none"))
_one_record("record_of_nothing", "an empty object in the place of the record", _record_put({}))
_one_record("record_no_list", "an empty list in the place of the record", _record_put([]))
_one_record("record_of_scalars", "a list of texts in the place of the record", _record_put(["x"]))
_one_record("record_beside", "the record is right in its envelope", _record_beside)


@CONTENTS.kind("the record beside `errors`", keeps_records=True)
def record_and_errors(given: Given) -> HttpAnswer | None:
    if given.list_path is not None or not isinstance(given.json, dict):
        return None
    return given.with_json({**given.json, "errors": [ERROR]})
