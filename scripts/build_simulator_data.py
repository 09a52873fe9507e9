"""Build the simulator's data about report types, Data Kiosk and notifications.

    python scripts/build_simulator_data.py PATH    all files
    python scripts/build_simulator_data.py         those that need no checkout of Amazon's models
    --check                                        write nothing; name what differs, exit with 1

The files, in tap_amazon_sp/simulator/data/, hold what the simulator knows about report types, their
columns and JSON Schemas, the types of Data Kiosk, and the JSON Schemas of notifications. They are
built from `report_types.json`, `report_columns.json` and `simulator_data_facts.py` beside this
script, and from Amazon's schemas. PATH is a checkout of github.com/amzn/selling-partner-api-models,
whose folders schemas/reports/, schemas/data-kiosk/ and schemas/notifications/ have them; without
it, the schemas stay as they are. Names, types and limits are kept; prose is not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import simulator_data_facts as facts
from generated_files import (
    ROOT,
    BuildError,
    Built,
    Json,
    encode,
    read_json,
    run_with_models,
    without_empty,
)
from notification_schemas import notification_schemas
from report_column_list import LIST as COLUMN_LIST
from report_column_list import columns_of_types
from report_type_list import report_schemas, report_types, require_listed

DATA = ROOT / "tap_amazon_sp" / "simulator" / "data"

MODES = {
    # Who has a report made: how the list says it -> how the simulator does.
    "requested": "request",
    "requested or scheduled": "both",
    "scheduled": "schedule",
    "listed": "amazon",
}
FLAT_FILES = {"CSV", "TSV", "XLSX"}
MINIMUM_INTERVALS = {"near real-time": 30 * 60, "daily": 4 * 60 * 60}
"""Seconds after which an FBA report is made again, by how often Amazon updates it (page fba)."""
INFERRED = "inferred "
"""Begins the names of schemas that Amazon does not publish."""
DROPPED_FROM_SCHEMAS = {"$id", "$schema", "default", "description", "examples", "title"}
NAMED_SCHEMAS = {"definitions", "properties"}
"""Keywords of JSON Schema whose value is an object by names."""
DECLARED: tuple[Iterable[str], ...] = (
    facts.FORMATS,
    facts.OPTIONS,
    facts.NEEDS,
    facts.VENDOR_NEEDS,
    facts.ONE_PERIOD,
    facts.INTERVALS,
    facts.INFERRED_COLUMNS,
    facts.INFERRED_SCHEMAS,
)
"""The tables of facts, whose names must be listed types."""
RECOMMENDATIONS = "recommendations"
"""Array in the JSON Schemas of CSV reports: its fields are the columns."""

# A program printed Amazon's GraphQL: each description starts a line, and each definition ends with
# a brace at the start of a line.
DESCRIPTION = re.compile(r'^\s*(?:""".*?"""|"(?:[^"\\\n]|\\.)*")', re.MULTILINE | re.DOTALL)
DEFINITION = re.compile(
    r"^(?:(?P<kind>type|input|enum) (?P<name>\w+) \{(?P<body>.*?)^\}"
    r"|schema \{.*?^\}|scalar \w+|directive @\w+\(.*?\) on \w+)",
    re.MULTILINE | re.DOTALL,
)
FIELD = re.compile(
    r"(?P<name>\w+)(?:\((?P<arguments>.*?)\))?: (?P<type>[\w\[\]!]+)"
    r"(?P<directives>(?: @\w+\(.*?\))*)",
    re.DOTALL,
)
RETENTION = re.compile(r'@resultRetention\(duration ?: ?"(\w+)"\)')


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_with_models(__doc__, build, arguments)


def build(checkout: Path | None) -> Built:
    """Build the files.

    Args:
        checkout: Checkout of Amazon's models; without it the schemas stay as they are.

    Raises:
        BuildError: A fact is about a type that is not listed, a type lacks a fact, or a schema is
            written in an unknown way.
    """
    files = build_data(checkout)
    return Built({DATA / name: encode(data) for name, data in files.items()})


def build_data(checkout: Path | None) -> dict[str, Json]:
    """Return the content of each file by its name; see `build`."""
    listed = report_types()
    require_listed(DECLARED, listed, "simulator_data_facts.py")
    types = {name: _report_type(name, entry) for name, entry in listed.items()}
    schemas = _committed_schemas() if checkout is None else _amazons_schemas(checkout)
    columns = _report_columns(types, schemas)
    for name, schema in facts.INFERRED_SCHEMAS.items():
        title = f"{INFERRED}{name}"
        schemas[title] = schema
        types[name]["schemas"] = [title]
    files = {
        "report_types.json": types,
        "report_columns.json": columns,
        "report_schemas.json": schemas,
    }
    if checkout is not None:
        files["data_kiosk_schemas.json"] = _data_kiosk_schemas(checkout)
        files["notification_schemas.json"] = {
            kind: compact_schema(schema) for kind, schema in notification_schemas(checkout).items()
        }
    return files


def _committed_schemas() -> Json:
    schemas = read_json(DATA / "report_schemas.json")
    return {name: schema for name, schema in schemas.items() if not name.startswith(INFERRED)}


def _amazons_schemas(checkout: Path) -> Json:
    schemas = report_schemas(checkout)
    return {f"{name}.json": compact_schema(schema) for name, schema in schemas.items()}


def _data_kiosk_schemas(checkout: Path) -> Json:
    folder = checkout / "schemas" / "data-kiosk"
    schemas = {
        path.stem: data_kiosk_types(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.graphql"))
    }
    if not schemas:
        message = f"no schemas of Data Kiosk in {folder}"
        raise BuildError(message)
    return schemas


def _report_type(name: str, entry: Json) -> Json:
    """Return what is known about a type; what is unknown is left out."""
    file_format = entry.get("format") or facts.FORMATS.get(name)
    if file_format is None:
        message = f"simulator_data_facts.py has no format for {name}"
        raise BuildError(message)
    updated = MINIMUM_INTERVALS.get(entry.get("updated", ""))
    return without_empty(
        {
            "format": file_format,
            "format_inferred": "format" not in entry,
            # Retired types are still taken.
            "removed": entry.get("removed"),
            "mode": MODES[entry["mode"]],
            "restricted": entry.get("restricted"),
            "dates": entry.get("dates", "none"),
            "options": facts.OPTIONS.get(name, entry.get("options")),
            "needs": facts.NEEDS.get(name, entry.get("required_options")),
            "one_period": name in facts.ONE_PERIOD,
            "schemas": [f"{schema}.json" for schema in entry.get("schemas", ())],
            "longest_days": entry.get("max_days"),
            "interval": facts.INTERVALS.get(name, updated),
            "kept_days": facts.KEPT_DAYS.get(entry.get("category", "")),
            "category": entry.get("category"),
            "vendor_needs": facts.VENDOR_NEEDS.get(name),
        }
    )


def _report_columns(types: Json, schemas: Json) -> Json:
    """Return the columns of the flat files that still exist: first known columns, then inferred."""
    flat = {
        name
        for name, facts_of_type in types.items()
        if facts_of_type["format"] in FLAT_FILES and "removed" not in facts_of_type
    }
    with_schema = {name: types[name]["schemas"][0] for name in flat if "schemas" in types[name]}
    listed = {name: of_type.usual for name, of_type in columns_of_types().items()}
    known: dict[str, Iterable[str]] = {
        **listed,
        **{
            name: schemas[file]["properties"][RECOMMENDATIONS]["items"]["properties"]
            for name, file in with_schema.items()
        },
    }
    covered = [*listed, *with_schema, *facts.INFERRED_COLUMNS]
    if wrong := ", ".join(sorted(flat ^ set(covered))):
        message = f"there are no columns, or those of no flat file, in {COLUMN_LIST.name} or "
        message += f"simulator_data_facts.py: {wrong}"
        raise BuildError(message)
    return {
        **{name: {"columns": list(columns)} for name, columns in sorted(known.items())},
        **{
            name: {"columns": list(columns), "inferred": True}
            for name, columns in sorted(facts.INFERRED_COLUMNS.items())
        },
    }


def compact_schema(schema: Any) -> Any:
    """Return a JSON Schema without prose, and with all properties that it requires."""
    if isinstance(schema, list):
        return [compact_schema(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    compact: Json = {}
    for key, value in schema.items():
        if key in NAMED_SCHEMAS:
            compact[key] = {name: compact_schema(part) for name, part in value.items()}
        elif key not in DROPPED_FROM_SCHEMAS:
            compact[key] = compact_schema(value)
    for name in compact.get("required", ()) if "properties" in compact else ():
        compact["properties"].setdefault(name, facts.UNDESCRIBED.get(name, {"type": "string"}))
    return compact


def data_kiosk_types(graphql: str) -> Json:
    """Return the types of a GraphQL schema of Data Kiosk by name, in its order.

    Raises:
        BuildError: The schema is written in an unknown way.
    """
    types: Json = {}
    for definition in _matches(DEFINITION, DESCRIPTION.sub("", graphql)):
        body = definition["body"]
        if definition["kind"] == "type":
            fields = {field["name"]: _field(field) for field in _matches(FIELD, body)}
            types[definition["name"]] = {"fields": fields}
        elif definition["kind"] == "input":
            types[definition["name"]] = {"inputs": _typed_names(body)}
        elif definition["kind"] == "enum":
            types[definition["name"]] = {"values": body.split()}
    return types


def _field(field: re.Match[str]) -> Any:
    """Return the type of a field, or an object if the field also has arguments or a retention."""
    retention = RETENTION.search(field["directives"])
    more = without_empty(
        {
            "args": _typed_names(field["arguments"] or ""),
            "kept": retention[1] if retention else None,
        }
    )
    return {"type": field["type"], **more} if more else field["type"]


def _typed_names(text: str) -> dict[str, str]:
    return {match["name"]: match["type"] for match in _matches(FIELD, text)}


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Find all matches in a part of a GraphQL schema, which must contain nothing else."""
    if rest := pattern.sub("", text).strip(", \n"):
        message = f"unknown syntax in a schema of Data Kiosk: {rest.splitlines()[0]}"
        raise BuildError(message)
    return pattern.finditer(text)


if __name__ == "__main__":
    sys.exit(main())
