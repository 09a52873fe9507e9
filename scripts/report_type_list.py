"""The list of report types, `report_types.json`, from which two files are built.

Amazon publishes no such list for programs. This one was put together by hand from the pages below
developer-docs.amazon.com/sp-api/docs/report-type-values, the same pages as of 2022 in the archived
repository amzn/selling-partner-api-docs, the JSON Schemas of reports in
amzn/selling-partner-api-models, and the lists of types in public connectors. For each type it has:

- `category`: the group that Amazon's pages put the type in
- `format`: CSV, JSON, PDF, TSV, XLSX, XML or ZIP; absent where no source names one
- `mode`: `requested` with createReport, `scheduled` by the seller, `requested or scheduled`, or
  `listed` with getReports because Amazon makes the reports by itself, or the seller in Seller
  Central (of the date range reports, amzn/selling-partner-api-models#2036 and #5023 say so)
- `dates`: whether a request takes a time range: `required`, `optional`, `none`; absent where no
  source says it
- `options`: allowed values of each option by its name; `"string"` stands for any text
- `required_options`: names of options that a request must have
- `schemas`: names of the type's JSON Schemas in `schemas/reports/` of Amazon's models
- `restricted`: whether its documents need a restricted data token
- `quoted`: whether values in its flat files are quoted
- `updated`: how often Amazon updates an FBA report: `near real-time` or `daily`
- `max_days`: the longest range of one request, in days
- `removed`: the day when Amazon removed the type
- `retired`: whether the type is on the pages of 2022 for the last time

With Amazon's models at hand, the list is compared with the JSON Schemas.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from generated_files import ROOT, BuildError, Json, read_json

LIST = ROOT / "scripts" / "report_types.json"
SPECIFICATION = "reportSpecification"
"""Property of a report's JSON Schema: the request that the report was made for."""


def report_types() -> dict[str, Json]:
    """Return what the list has about each report type, by the type's name."""
    types: dict[str, Json] = read_json(LIST)
    return types


def require_listed(tables: Iterable[Iterable[str]], types: Mapping[str, Json], module: str) -> None:
    """Check that the tables of a module of facts name only types of the list.

    Raises:
        BuildError: A type is not listed.
    """
    if unknown := ", ".join(sorted(set().union(*tables) - types.keys())):
        message = f"declared in {module}, but not in {LIST.name}: {unknown}"
        raise BuildError(message)


def report_schemas(models: Path) -> dict[str, Json]:
    """Return Amazon's JSON Schemas of reports by name.

    Args:
        models: Checkout of Amazon's models.

    Raises:
        BuildError: The checkout has no such schemas, or the list contradicts one of them.
    """
    folder = models / "schemas" / "reports"
    schemas: dict[str, Json] = {
        path.stem: read_json(path) for path in sorted(folder.glob("*.json"))
    }
    if not schemas:
        message = f"no JSON Schemas of reports in {folder}"
        raise BuildError(message)
    for name, entry in report_types().items():
        _compare(name, entry, schemas)
    return schemas


def definitions_of(schema: Json) -> Json:
    """Return the definitions of a JSON Schema, by name."""
    definitions: Json = schema.get("definitions") or schema.get("$defs") or {}
    return definitions


def resolved(schema: Json, definitions: Json) -> Json:
    """Return what a schema refers to, or the schema itself."""
    while "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    return schema


def _compare(name: str, entry: Json, schemas: Mapping[str, Json]) -> None:
    """Check that the list has of a type what its schemas say about requests."""
    names = entry.get("schemas", [])
    if missing := ", ".join(sorted(set(names) - schemas.keys())):
        message = f"{LIST.name}: {name} has schemas that Amazon's models lack: {missing}"
        raise BuildError(message)
    requests = [_Request(schemas[schema]) for schema in names]
    requests = [request for request in requests if request.described]
    if not requests:
        return
    options: Json = {}
    for request in requests:
        options |= request.options
    # Sellers and vendors have schemas of their own: only what both require is always required.
    required = set.intersection(*(request.required_options for request in requests))
    expected = {
        "dates": requests[0].dates,
        "options": options or None,
        "required_options": required or None,
    }
    listed = {**entry, "required_options": set(entry.get("required_options", ())) or None}
    for field, value in expected.items():
        if listed.get(field) != value:
            message = f"{LIST.name}: {field} of {name} is {listed.get(field)}, "
            message += f"but {value} in {', '.join(names)}"
            raise BuildError(message)


class _Request:
    """What the JSON Schema of a report says about its request."""

    def __init__(self, schema: Json) -> None:
        definitions = definitions_of(schema)
        specification: Any = resolved(schema["properties"].get(SPECIFICATION, {}), definitions)
        self.described = bool(specification)
        properties = specification.get("properties", {})
        taken = resolved(properties.get("reportOptions", {}), definitions)
        self.required_options = set(taken.get("required", ()))
        self.options = {
            name: resolved(option, definitions).get("enum", "string")
            for name, option in taken.get("properties", {}).items()
        }
        self.dates = None
        if "dataStartTime" in properties:
            required = "dataStartTime" in specification.get("required", ())
            self.dates = "required" if required else "optional"
