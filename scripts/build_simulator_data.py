"""Build the simulator's data out of the reference and the facts kept beside this script.

    python scripts/build_simulator_data.py PATH            write the files
    python scripts/build_simulator_data.py PATH --check    write nothing; exit 1 naming what differs

The files, in tap_amazon_sp/simulator/data/, are what the simulator knows of report types, of their
columns and JSON Schemas, and of Data Kiosk's types. PATH is the folder of the reference:
`report_types.json`, `report_types.md` (which alone tells how a type takes its dates), and Amazon's
own `schemas/reports/` and `schemas/data-kiosk/`. Names, types and limits are kept, prose is not.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The checkout's own facts, wherever this runs.
sys.path.insert(0, str(ROOT / "scripts"))

import simulator_data_facts as facts  # noqa: E402

DATA = ROOT / "tap_amazon_sp" / "simulator" / "data"

Json = dict[str, Any]

RANGES = {
    # How the reference's table of prose says it -> how the simulator does. "yes (spec)" is left
    # out: there the schema says more.
    "required": "required",
    "yes": "required",
    "range (optional, default now)": "optional",
    "no": "none",
    "-": "none",
}
FLAT_FILES = {"CSV", "TSV", "XLSX"}
LONGEST_DAYS = {"up to one month": 31, "up to 60 days": 60}
"""Most days of a request, by how Amazon's page says it."""
NEAR_REAL_TIME = 30 * 60
DAILY = 4 * 60 * 60
"""Seconds after an FBA report was made in which it is not made again (Amazon's page of them)."""
DROPPED_FROM_SCHEMAS = {"$id", "$schema", "default", "description", "examples", "title"}
NAMED_SCHEMAS = {"definitions", "properties"}
"""Keywords of JSON Schema whose value has names for keys."""
RECOMMENDATIONS = "recommendations"
"""Array in the JSON Schemas of reports that are CSV: its fields are the columns."""

# Amazon's GraphQL is as a program prints it: every description starts a line, every definition ends
# with a brace at the start of one.
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


class ReferenceMismatchError(Exception):
    """The reference and what is declared about it do not fit together."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("path", type=Path, help="folder of the reference")
    parser.add_argument("--check", action="store_true", help="write nothing, say what differs")
    options = parser.parse_args(arguments)
    try:
        texts = {DATA / name: encode(data) for name, data in build(options.path).items()}
    except ReferenceMismatchError as error:
        print(error, file=sys.stderr)
        return 1
    if not options.check:
        for path, text in texts.items():
            path.write_text(text, encoding="utf-8")
        print(f"wrote {len(texts)} files")
        return 0
    differing = [
        path
        for path, text in texts.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != text
    ]
    for path in differing:
        print(f"differs: {path.relative_to(ROOT)}", file=sys.stderr)
    return 1 if differing else 0


def build(reference: Path) -> dict[str, Json]:
    """Return what each file is to hold, by its name.

    Raises:
        ReferenceMismatchError: A fact is about a type that is not there, a type lacks one, or a
            schema is written as none was before.
    """
    entries: list[Json] = _load(reference / "report_types.json")
    ranges = dict(_ranges((reference / "report_types.md").read_text(encoding="utf-8")))
    known = {entry["reportType"] for entry in entries}
    if unknown := ", ".join(sorted(set(_declared()) - known)):
        message = f"declared in simulator_data_facts.py, but not in the reference: {unknown}"
        raise ReferenceMismatchError(message)
    types = {
        entry["reportType"]: _report_type(entry, ranges[entry["reportType"]]) for entry in entries
    }
    schemas: Json = {
        path.name: compact_schema(_load(path))
        for path in sorted((reference / "schemas" / "reports").glob("*.json"))
    }
    columns = _report_columns(types, schemas)
    for name, schema in facts.INFERRED_SCHEMAS.items():
        title = f"inferred {name}"
        schemas[title] = schema
        types[name]["schemas"] = [title]
    return {
        "report_types.json": types,
        "report_columns.json": columns,
        "report_schemas.json": schemas,
        "data_kiosk_schemas.json": {
            path.stem: data_kiosk_types(path.read_text(encoding="utf-8"))
            for path in sorted((reference / "schemas" / "data-kiosk").glob("*.graphql"))
        },
    }


def _load(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))


def encode(data: Json) -> str:
    """Return a file's content as JSON with an entry per line."""
    lines = [f"{_encode(name)}:{_encode(value)}" for name, value in data.items()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _ranges(markdown: str) -> Iterator[tuple[str, str]]:
    """Give how each type takes its dates, in the words of the reference's table."""
    for line in markdown.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("|") and cells[0].isupper():
            yield cells[0], cells[4]


def _report_type(entry: Json, date_range: str) -> Json:
    """Return what is known of a type; what is not is left out."""
    name = entry["reportType"]
    file_format = entry["format"] or facts.FORMATS.get(name)
    if file_format is None:
        message = f"simulator_data_facts.py has no format for {name}"
        raise ReferenceMismatchError(message)
    status = entry.get("status", "")
    return _without_empty(
        {
            "format": file_format,
            "format_inferred": not entry["format"],
            # "removed 2026-11-11" has a date; types called retired are still taken.
            "removed": status.removeprefix("removed ") if status.startswith("removed ") else None,
            "mode": _mode(entry),
            "restricted": entry["restricted"],
            "dates": _dates(entry, date_range),
            "options": _options(entry),
            "needs": facts.NEEDS.get(name, entry.get("options_required")),
            "one_period": name in facts.ONE_PERIOD,
            "schemas": entry.get("schema_files"),
            "longest_days": _longest_days(entry),
            "interval": facts.INTERVALS.get(name, _interval(entry)),
            "kept_days": facts.KEPT_DAYS.get(entry.get("category", "")),
            "category": entry.get("category"),
            "vendor_needs": facts.VENDOR_NEEDS.get(name),
        }
    )


def _mode(entry: Json) -> str:
    """Return who has a report of this type made."""
    schedulable = bool(entry.get("schedulable"))
    if entry.get("requestable") is False and entry["reportType"] not in facts.REQUESTABLE:
        return "schedule" if schedulable else "amazon"
    return "both" if schedulable else "request"


def _dates(entry: Json, date_range: str) -> str:
    """Return what a type does with dates: Amazon's schema says it best."""
    if "spec_required" not in entry:
        return RANGES[date_range]
    if "dataStartTime" in entry["spec_required"]:
        return "required"
    return "optional" if entry["dates_in_spec"] else "none"


def _options(entry: Json) -> Json:
    """Return the values of each option by its name."""
    declared = facts.OPTIONS.get(entry["reportType"])
    found = declared if declared is not None else entry.get("options") or {}
    return dict.fromkeys(found, facts.ANY) if isinstance(found, list) else found


def _longest_days(entry: Json) -> int | None:
    text = entry.get("description_2022", "").lower()
    return next((days for words, days in LONGEST_DAYS.items() if words in text), None)


def _interval(entry: Json) -> int | None:
    """Return the seconds between two FBA reports, by how often Amazon renews this one."""
    if "FBA" not in entry.get("category", ""):
        return None
    text = entry.get("description_2022", "").lower()
    if "near real" in text or "near-real" in text:
        return NEAR_REAL_TIME
    return DAILY if "updated daily" in text else None


def _report_columns(types: Json, schemas: Json) -> Json:
    """Return the columns of the flat files that there still are: first the known, then the rest."""
    flat = {
        name
        for name, facts_of_type in types.items()
        if facts_of_type["format"] in FLAT_FILES and "removed" not in facts_of_type
    }
    with_schema = {name: types[name]["schemas"][0] for name in flat if "schemas" in types[name]}
    known: dict[str, Iterable[str]] = {
        **facts.COLUMNS,
        **{
            name: schemas[file]["properties"][RECOMMENDATIONS]["items"]["properties"]
            for name, file in with_schema.items()
        },
    }
    covered = [*facts.COLUMNS, *with_schema, *facts.INFERRED_COLUMNS]
    if wrong := ", ".join(sorted(flat ^ set(covered))):
        message = f"simulator_data_facts.py lacks columns of, or should not have those of: {wrong}"
        raise ReferenceMismatchError(message)
    return {
        **{name: {"columns": list(columns)} for name, columns in sorted(known.items())},
        **{
            name: {"columns": list(columns), "inferred": True}
            for name, columns in sorted(facts.INFERRED_COLUMNS.items())
        },
    }


def compact_schema(schema: Any) -> Any:
    """Return a JSON Schema without prose, and with what it requires but does not describe."""
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
    """Return the types of a GraphQL schema of Data Kiosk by name, in its own order.

    Raises:
        ReferenceMismatchError: It is written as none was before.
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
    """Return a field's type; with arguments or a retention, these and the type."""
    retention = RETENTION.search(field["directives"])
    more = _without_empty(
        {
            "args": _typed_names(field["arguments"] or ""),
            "kept": retention[1] if retention else None,
        }
    )
    return {"type": field["type"], **more} if more else field["type"]


def _typed_names(text: str) -> dict[str, str]:
    return {match["name"]: match["type"] for match in _matches(FIELD, text)}


def _matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Find all of a pattern in a part of a GraphQL schema, which must hold nothing else."""
    if rest := pattern.sub("", text).strip(", \n"):
        message = f"cannot read in a schema of Data Kiosk: {rest.splitlines()[0]}"
        raise ReferenceMismatchError(message)
    return pattern.finditer(text)


def _declared() -> Iterator[str]:
    tables: list[Iterable[str]] = [
        facts.FORMATS,
        facts.REQUESTABLE,
        facts.OPTIONS,
        facts.NEEDS,
        facts.VENDOR_NEEDS,
        facts.ONE_PERIOD,
        facts.INTERVALS,
        facts.COLUMNS,
        facts.INFERRED_COLUMNS,
        facts.INFERRED_SCHEMAS,
    ]
    for table in tables:
        yield from table


def _without_empty(value: Json) -> Json:
    return {name: item for name, item in value.items() if item not in (None, False, "", [], {}, 0)}


def _encode(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


if __name__ == "__main__":
    sys.exit(main())
