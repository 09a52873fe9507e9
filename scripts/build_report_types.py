"""Build the table of report types out of the reference and the facts kept beside this script.

    python scripts/build_report_types.py PATH            write the table
    python scripts/build_report_types.py PATH --check    write nothing; exit 1 where it differs

The table is tap_amazon_sp/amazon/report_types.json. PATH is the folder of the reference:
`report_types.json`, `report_types.md` (which alone tells how a type takes its dates) and
`schemas/reports/` with Amazon's JSON Schemas of reports, as published in
github.com/amzn/selling-partner-api-models. Names, types and limits are kept, prose is not.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The checkout's own package and facts, whatever is installed and wherever this runs.
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import report_type_facts as facts  # noqa: E402

TABLE = ROOT / "tap_amazon_sp" / "amazon" / "report_types.json"

Json = dict[str, Any]

RANGES = {
    # How the reference's table of prose says it -> how the table of types does.
    "required": "required",
    "yes": "required",
    "yes (spec)": "required",
    "range (optional, default now)": "optional",
    "no": "none",
    "-": None,
}
PERIOD_OPTIONS = ("reportPeriod", "dateGranularity", "aggregatedByTimePeriod")
NEAR_REAL_TIME = 30 * 60
DAILY = 4 * 60 * 60
"""Seconds between two FBA reports of the same type (Amazon's page of FBA reports)."""
KEPT_IN_SCHEMAS = ("type", "format", "enum")


class ReferenceMismatchError(Exception):
    """The reference and what is declared about it do not fit together."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path, help="folder of the reference")
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    options = parser.parse_args(arguments)
    try:
        text = encode(build(options.path))
    except ReferenceMismatchError as error:
        print(error, file=sys.stderr)
        return 1
    if not options.check:
        TABLE.write_text(text, encoding="utf-8")
        print(f"wrote {TABLE.name}")
        return 0
    if TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text:
        return 0
    print(f"differs: {TABLE.relative_to(ROOT)}", file=sys.stderr)
    return 1


def build(reference: Path) -> Json:
    """Return the table.

    Raises:
        ReferenceMismatchError: A fact is about a type, array or field that is not there.
    """
    entries: list[Json] = _load(reference / "report_types.json")
    ranges = dict(_ranges((reference / "report_types.md").read_text(encoding="utf-8")))
    schema_files = sorted((reference / "schemas" / "reports").glob("*.json"))
    schemas = {path.stem: _load(path) for path in schema_files}
    known = {entry["reportType"] for entry in entries}
    if unknown := ", ".join(sorted(set(_declared()) - known)):
        message = f"declared in report_type_facts.py, but not in the reference: {unknown}"
        raise ReferenceMismatchError(message)
    arrays = {stem: dict(_record_arrays(stem, schema)) for stem, schema in schemas.items()}
    for schema, array in [*facts.KEYS, *facts.UNDATED]:
        if array not in arrays.get(schema, {}):
            message = f"declared in report_type_facts.py: {schema} has no array {array}"
            raise ReferenceMismatchError(message)
    return {
        "types": {
            entry["reportType"]: _compact(entry, ranges[entry["reportType"]])
            for entry in entries
            if "status" not in entry
        },
        "removed": dict(sorted(_removed(entries))),
        "schemas": arrays,
        "headers": facts.HEADERS,
    }


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def encode(table: Json) -> str:
    """Return the table as JSON with one type, one removed type or one schema per line."""
    lines = ["{"]
    for number, (section, entries) in enumerate(table.items(), 1):
        lines.append(f"{_encode(section)}:{{")
        each = [f"{_encode(name)}:{_encode(value)}" for name, value in entries.items()]
        lines += [line + "," for line in each[:-1]] + each[-1:]
        lines.append("}" if number == len(table) else "},")
    return "\n".join([*lines, "}", ""])


def _ranges(markdown: str) -> Iterator[tuple[str, str | None]]:
    """Give how each type takes its dates, out of the reference's table."""
    for line in markdown.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0].isupper():
            yield cells[0], RANGES[cells[4]]


def _removed(entries: Iterable[Json]) -> Iterator[tuple[str, Json]]:
    for entry in entries:
        if status := entry.get("status"):
            name = entry["reportType"]
            # "removed 2026-11-11" has a date; others were on the page of 2022 for the last time.
            since = status.removeprefix("removed ") if status.startswith("removed ") else None
            successor = facts.SUCCESSORS.get(name)
            yield name, _without_empty({"since": since, "successor": successor})


def _compact(entry: Json, date_range: str | None) -> Json:
    """Return what is known of a type; what is not is left out."""
    name = entry["reportType"]
    options = dict(_options(entry))
    period = next((option for option in PERIOD_OPTIONS if option in options), None)
    listed = name in facts.LISTED or (
        entry.get("requestable") is False and entry.get("schedulable") is False
    )
    scheduled = entry.get("requestable") is False and not listed
    dates = {
        "wanted": None if listed or scheduled else date_range,
        "period_option": period,
        "moved": name in facts.ADJUSTED_PERIODS,
        "single": name in facts.SINGLE_PERIOD,
        "longest_days": facts.LONGEST_DAYS.get(name),
        "history_days": facts.HISTORY_DAYS.get(name),
        "latency_hours": facts.LATENCY_HOURS.get(name),
        "ends_before_minutes": facts.ENDS_BEFORE_MINUTES.get(name),
        "whole_hours": name in facts.WHOLE_HOURS,
    }
    return _without_empty(
        {
            "format": facts.FORMATS.get(name) or (entry["format"] or "").lower(),
            "mode": "listed" if listed else "scheduled" if scheduled else "requested",
            "schedulable": bool(entry.get("schedulable")) and not listed,
            "dates": _without_empty(dates),
            "minimum_interval": facts.MINIMUM_INTERVALS.get(name, _minimum_interval(entry)),
            "options": options,
            "one_of": facts.REQUIRED_TOGETHER.get(name),
            "restricted": entry["restricted"],
            "parties": _parties(name),
            "quoted": bool(entry.get("quoted")),
            "schemas": [file.removesuffix(".json") for file in entry.get("schema_files", ())],
            "records": facts.XML_RECORDS.get(name),
            "lists": facts.XML_LISTS.get(name),
            "columns": facts.COLUMNS.get(name),
        }
    )


def _parties(name: str) -> list[str]:
    if name.startswith("GET_VENDOR_"):
        return ["vendor"]
    return ["seller", "vendor"] if name in facts.VENDOR_AND_SELLER else ["seller"]


def _minimum_interval(entry: Json) -> int | None:
    """Return seconds between two requests, by how often Amazon renews an FBA report."""
    if not (entry.get("category") or "").startswith("FBA"):
        return None
    text = entry.get("description_2022", "").lower().replace("near-real time", "near real-time")
    if "near real" in text:
        return NEAR_REAL_TIME
    return DAILY if "updated daily" in text else None


def _options(entry: Json) -> Iterator[tuple[str, Json]]:
    """Give the options by name, each with what is known about it."""
    found = entry.get("options") or {}
    declared = facts.OPTIONS.get(entry["reportType"], {})
    if isinstance(found, list):
        found = dict.fromkeys(found, "string")
    required = set(entry.get("options_required", ()))
    for name in [*found, *(name for name in declared if name not in found)]:
        values = found.get(name)
        option: Json = {
            "values": values if isinstance(values, list) else None,
            "required": name in required,
        }
        yield name, _without_empty(option | declared.get(name, {}), kept=("default",))


def _record_arrays(stem: str, schema: Json) -> Iterator[tuple[str, Json]]:
    """Give the arrays of objects of a report's schema: their keys and the schema of a record."""
    definitions = schema.get("definitions") or schema.get("$defs") or {}
    for name, value in schema["properties"].items():
        array = _resolved(value, definitions)
        if array.get("type") != "array":
            continue
        record = _compact_schema(array["items"], definitions)
        keys = facts.KEYS.get((stem, name))
        named = set(record["properties"])
        for field in _fields(keys):
            if field not in named:
                message = f"declared in report_type_facts.py: {stem}.{name} has no {field}"
                raise ReferenceMismatchError(message)
        yield (
            name,
            _without_empty(
                {
                    "keys": keys,
                    "undated": (stem, name) in facts.UNDATED,
                    "schema": record,
                }
            ),
        )


def _fields(keys: Any) -> Iterator[str]:
    if isinstance(keys, list):
        yield from keys
    elif isinstance(keys, dict):
        for value in keys.values():
            yield from _fields(value)


def _compact_schema(schema: Json, definitions: Json) -> Json:
    """Return a schema without references, prose and what a value's absence would break."""
    schema = _resolved(schema, definitions)
    compact: Json = {key: schema[key] for key in KEPT_IN_SCHEMAS if key in schema}
    # An enumeration that Amazon extends tomorrow must break nothing.
    compact.pop("enum", None)
    if "properties" in schema:
        compact["properties"] = {
            name: _compact_schema(value, definitions)
            for name, value in schema["properties"].items()
        }
    if "items" in schema:
        compact["items"] = _compact_schema(schema["items"], definitions)
    return compact


def _resolved(schema: Json, definitions: Json) -> Json:
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema


def _declared() -> Iterator[str]:
    tables: list[Iterable[str]] = [
        facts.SUCCESSORS,
        facts.LISTED,
        facts.FORMATS,
        facts.VENDOR_AND_SELLER,
        facts.LONGEST_DAYS,
        facts.HISTORY_DAYS,
        facts.LATENCY_HOURS,
        facts.ENDS_BEFORE_MINUTES,
        facts.WHOLE_HOURS,
        facts.MINIMUM_INTERVALS,
        facts.ADJUSTED_PERIODS,
        facts.SINGLE_PERIOD,
        facts.OPTIONS,
        facts.REQUIRED_TOGETHER,
        facts.XML_RECORDS,
        facts.COLUMNS,
    ]
    for table in tables:
        yield from table
    yield from facts.SUCCESSORS.values()


def _without_empty(value: Json, kept: tuple[str, ...] = ()) -> Json:
    return {
        name: item
        for name, item in value.items()
        if item not in (None, False, "", [], {}) or (name in kept and item is not None)
    }


def _encode(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
