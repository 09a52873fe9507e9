"""Build the table of report types that the tap reads.

    python scripts/build_report_types.py PATH    the whole table
    python scripts/build_report_types.py         the table with the record schemas as committed
    --check                                      write nothing; name what differs and exit with 1

The table is tap_amazon_sp/amazon/report_types.json. It is built from `report_types.json`,
`report_columns.json` and `report_type_facts.py` beside this script, and from Amazon's JSON Schemas
of reports. PATH is a
checkout of github.com/amzn/selling-partner-api-models, whose folder schemas/reports/ has them.
Names, types and limits are kept; prose is not.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import report_type_facts as facts
from generated_files import (
    ROOT,
    BuildError,
    Built,
    Json,
    encode_sections,
    read_json,
    run_with_models,
    without_empty,
)
from report_column_list import Columns, columns_of_types
from report_type_list import (
    definitions_of,
    report_schemas,
    report_types,
    require_listed,
    resolved,
)

TABLE = ROOT / "tap_amazon_sp" / "amazon" / "report_types.json"

PERIOD_OPTIONS = ("reportPeriod", "dateGranularity", "aggregatedByTimePeriod")
MINIMUM_INTERVALS = {"near real-time": 30 * 60, "daily": 4 * 60 * 60}
"""Seconds between two FBA reports of one type, by how often Amazon updates it (page fba)."""
DECLARED: tuple[Iterable[str], ...] = (
    facts.SUCCESSORS,
    facts.SUCCESSORS.values(),
    facts.LISTED,
    facts.FORMATS,
    facts.DATES,
    facts.VENDOR_AND_SELLER,
    facts.MAX_DAYS,
    facts.HISTORY_DAYS,
    facts.LATENCY_HOURS,
    facts.ENDS_BEFORE_MINUTES,
    facts.WHOLE_HOURS,
    facts.MINIMUM_INTERVALS,
    facts.SALES_CHANNELS,
    facts.ADJUSTED_PERIODS,
    facts.SINGLE_PERIOD,
    facts.OPTIONS,
    facts.REQUIRED_TOGETHER,
    facts.XML_RECORDS,
    facts.COLUMNS,
    facts.DATE_ORDERS,
)
"""The tables of facts, whose names must be listed types."""
KEPT_IN_SCHEMAS = ("type", "format")
"""Enumerations are left out: a value that Amazon adds tomorrow must break nothing."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_with_models(__doc__, build, arguments)


def build(checkout: Path | None) -> Built:
    """Build the table.

    Args:
        checkout: Checkout of Amazon's models; without it the record schemas stay as they are.

    Raises:
        BuildError: A fact is about a type, array or field that does not exist.
    """
    types, columns = report_types(), columns_of_types()
    require_listed(DECLARED, types, "report_type_facts.py")
    if checkout is None:
        arrays: Json = read_json(TABLE)["schemas"]
    else:
        schemas = report_schemas(checkout)
        arrays = {stem: dict(_record_arrays(schema)) for stem, schema in schemas.items()}
    _require_fields(arrays)
    table = {
        "types": {
            name: _compact(name, entry, columns.get(name))
            for name, entry in types.items()
            if not _is_gone(entry)
        },
        "removed": dict(sorted(_removed(types))),
        "schemas": {
            stem: {name: _with_keys(stem, name, array) for name, array in found.items()}
            for stem, found in arrays.items()
        },
    }
    return Built({TABLE: encode_sections(table)})


def _is_gone(entry: Json) -> bool:
    return "removed" in entry or "retired" in entry


def _removed(types: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield what to say about each type that Amazon removed: since when, and its successor."""
    for name, entry in types.items():
        if _is_gone(entry):
            successor = facts.SUCCESSORS.get(name)
            yield name, without_empty({"since": entry.get("removed"), "successor": successor})


def _compact(name: str, entry: Json, columns: Columns | None) -> Json:
    """Return what is known about a type; what is unknown is left out."""
    options = dict(_options(name, entry))
    period = next((option for option in PERIOD_OPTIONS if option in options), None)
    listed = name in facts.LISTED or entry["mode"] == "listed"
    scheduled = entry["mode"] == "scheduled" and not listed
    dates = {
        "wanted": None if listed or scheduled else facts.DATES.get(name, entry.get("dates")),
        "period_option": period,
        "moved": name in facts.ADJUSTED_PERIODS,
        "single": name in facts.SINGLE_PERIOD,
        "longest_days": facts.MAX_DAYS.get(name),
        "history_days": facts.HISTORY_DAYS.get(name),
        "latency_hours": facts.LATENCY_HOURS.get(name),
        "ends_before_minutes": facts.ENDS_BEFORE_MINUTES.get(name),
        "whole_hours": name in facts.WHOLE_HOURS,
    }
    updated = MINIMUM_INTERVALS.get(entry.get("updated", ""))
    listed_format = entry.get("format", "").lower()
    form = facts.FORMATS.get(name) or listed_format
    return without_empty(
        {
            "format": form,
            "other_format": listed_format if listed_format != form else None,
            "mode": "listed" if listed else "scheduled" if scheduled else "requested",
            "schedulable": "scheduled" in entry["mode"] and not listed,
            "dates": without_empty(dates),
            "minimum_interval": facts.MINIMUM_INTERVALS.get(name, updated),
            "options": options,
            "one_of": facts.REQUIRED_TOGETHER.get(name),
            "sales_channel": facts.SALES_CHANNELS.get(name),
            "currency": facts.CURRENCIES.get(name),
            "restricted": entry.get("restricted"),
            "parties": _parties(name),
            "quoted": entry.get("quoted"),
            "schemas": entry.get("schemas"),
            "records": facts.XML_RECORDS.get(name),
            "lists": facts.XML_LISTS.get(name),
            "columns": facts.COLUMNS.get(name),
            "date_order": facts.DATE_ORDERS.get(name),
            "known_columns": columns.all if columns else None,
        }
    )


def _parties(name: str) -> list[str]:
    if name.startswith("GET_VENDOR_"):
        return ["vendor"]
    return ["seller", "vendor"] if name in facts.VENDOR_AND_SELLER else ["seller"]


def _options(name: str, entry: Json) -> Iterator[tuple[str, Json]]:
    """Yield the options of a type by name, each with what is known about it."""
    listed = entry.get("options", {})
    declared = facts.OPTIONS.get(name, {})
    required = set(entry.get("required_options", ()))
    for option in [*listed, *(option for option in declared if option not in listed)]:
        values = listed.get(option)
        known: Json = {
            "values": values if isinstance(values, list) else None,
            "required": option in required,
        }
        yield option, without_empty(known | declared.get(option, {}), kept=("default",))


def _record_arrays(schema: Json) -> Iterator[tuple[str, Json]]:
    """Yield the arrays of objects of a report's schema, each with the schema of a record."""
    definitions = definitions_of(schema)
    for name, value in schema["properties"].items():
        array = resolved(value, definitions)
        if array.get("type") == "array":
            yield name, {"schema": _compact_schema(array["items"], definitions)}


def _with_keys(stem: str, name: str, array: Json) -> Json:
    """Return an array with the facts about its records."""
    return without_empty(
        {
            "keys": facts.KEYS.get((stem, name)),
            "undated": (stem, name) in facts.UNDATED,
            "schema": array["schema"],
        }
    )


def _require_fields(arrays: Mapping[str, Json]) -> None:
    """Check that the arrays and fields exist that the facts about keys name."""
    for stem, name in [*facts.KEYS, *facts.UNDATED]:
        array = arrays.get(stem, {}).get(name)
        if array is None:
            message = f"declared in report_type_facts.py: {stem} has no array {name}"
            raise BuildError(message)
        for field in _fields(facts.KEYS.get((stem, name))):
            if field not in array["schema"]["properties"]:
                message = f"declared in report_type_facts.py: {stem}.{name} has no {field}"
                raise BuildError(message)


def _fields(keys: Any) -> Iterator[str]:
    if isinstance(keys, list):
        yield from keys
    elif isinstance(keys, dict):
        for value in keys.values():
            yield from _fields(value)


def _compact_schema(schema: Json, definitions: Json) -> Json:
    """Return a schema without references, prose and limits of its values."""
    schema = resolved(schema, definitions)
    compact: Json = {key: schema[key] for key in KEPT_IN_SCHEMAS if key in schema}
    if "properties" in schema:
        compact["properties"] = {
            name: _compact_schema(value, definitions)
            for name, value in schema["properties"].items()
        }
    if "items" in schema:
        compact["items"] = _compact_schema(schema["items"], definitions)
    return compact


if __name__ == "__main__":
    sys.exit(main())
