"""Build the API catalogue and the schemas of the built-in streams.

    python scripts/build_models.py PATH    tap_amazon_sp/amazon/models/ and schemas/
    python scripts/build_models.py         schemas/ alone, from the models that are committed
    --check                                write nothing; name what differs and exit with 1

PATH is a checkout of github.com/amzn/selling-partner-api-models. Its folder models/ has Amazon's
models (swagger 2.0, one per API version), each in a folder of its API or all in one. What only
Amazon's SDK has is added from sdk_additions.json (see build_sdk_additions.py). Names, types and
limits are kept; prose is not. JSON files in the two folders that are no longer built are removed.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import model_facts
import rule_facts
from generated_files import (
    ROOT,
    BuildError,
    Built,
    Json,
    encode_sections,
    read_json,
    run_with_models,
)
from sdk_additions import merge_additions
from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.reading.stream_schemas import DeclarationError, stream_schema
from tap_amazon_sp.streams import all_built_in_streams

MODELS = ROOT / "tap_amazon_sp" / "amazon" / "models"
SCHEMAS = ROOT / "schemas"

METHODS = ("get", "put", "post", "delete", "patch")
OK = 200
NO_CONTENT = 204
BAD_REQUEST = 400
TOKEN_PARAMETERS = {
    "NextToken",
    "nextPageToken",
    "nextToken",
    "nextTokenForLineItems",
    "pageToken",
    "paginationToken",
}
SIZE_PARAMETERS = {"MaxResultsPerPage", "limit", "maxResults", "maxResultsPerPage", "pageSize"}
TOKEN_FIELDS = {"NextToken", "nextPageToken", "nextToken", "nextTokenForLineItems"}
ENVELOPE_FIELDS = TOKEN_FIELDS | {"errors", "pagination", "payload", "warnings"}
"""What surrounds the records of a response."""

KEPT_IN_SCHEMAS = (
    "$ref",
    "type",
    "format",
    "enum",
    "required",
    "default",
    "minimum",
    "maximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "minItems",
    "maxItems",
    "uniqueItems",
)
KEPT_IN_PARAMETERS = {
    "type": "type",
    "format": "format",
    "enum": "enum",
    "collectionFormat": "collection_format",
    "minimum": "minimum",
    "maximum": "maximum",
    "minItems": "min_items",
    "maxItems": "max_items",
    "uniqueItems": "unique_items",
    "minLength": "min_length",
    "maxLength": "max_length",
    "pattern": "pattern",
    "default": "default",
    "x-amazon-spds-greedy-path-parameter": "greedy",
}
USAGE_PLAN = re.compile(
    r"\|\s*Rate \(requests per second\)\s*\|\s*Burst\s*\|\s*"
    r"\|[-\s|]+\|\s*"
    r"\|(?:\s*Default\s*\|)?\s*(?P<rate>[\d.]+)\s*\|\s*(?P<burst>[\d.]+)\s*\|"
)
DEPRECATED = re.compile(r"\W*deprecated\b", re.IGNORECASE)
AFTER = re.compile(r"^(?P<what>.+)(?P<word>After|Since)$")
COUNTERPARTS = {"After": "Before", "Since": "Until"}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run_with_models(__doc__, build, arguments)


def build(checkout: Path | None) -> Built:
    """Build the files.

    Args:
        checkout: Checkout of Amazon's models; without it the compact models stay as they are.

    Raises:
        BuildError: The models lack something that `model_facts` or a stream declares.
    """
    texts: dict[Path, str] = {}
    if checkout is not None:
        compact = compact_models(checkout)
        texts = {MODELS / f"{api}.json": encode_sections(model) for api, model in compact.items()}
        # The schemas of the streams must follow from these models, not from earlier ones.
        catalogue.replace_models(compact)
    try:
        for stream_class in all_built_in_streams():
            name = stream_class.schema_name or stream_class.name
            schema = stream_schema(stream_class)
            text = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
            texts[SCHEMAS / f"{name}.json"] = text
    except DeclarationError as error:
        raise BuildError(str(error)) from error
    folders = (SCHEMAS,) if checkout is None else (MODELS, SCHEMAS)
    found = {path for folder in folders for path in folder.glob("*.json")}
    return Built(texts, leftovers=tuple(sorted(found - texts.keys())))


def compact_models(checkout: Path, *, with_additions: bool = True) -> dict[str, Json]:
    """Return the compact model of each API version, by the name of its file.

    Args:
        checkout: Checkout of Amazon's models.
        with_additions: Whether to add what Amazon's SDK has and the models lack.

    Raises:
        BuildError: There is no model, or one lacks something that `model_facts` declares.
    """
    folder = checkout / "models"
    sources: dict[str, Json] = {}
    for path in sorted(folder.rglob("*.json"), key=lambda path: path.name):
        if path.stem in sources:
            message = f"two models are called {path.name} in {folder}"
            raise BuildError(message)
        sources[path.stem] = read_json(path)
    if not sources:
        message = f"no models of Amazon in {folder}"
        raise BuildError(message)
    if not with_additions:
        return {api: compact_model(api, source) for api, source in sources.items()}
    merged = merge_additions(sources)
    models = {api: compact_model(api, source) for api, source in merged.items()}
    known = {f"{api}.{name}" for api, model in models.items() for name in model["operations"]}
    if unknown := sorted(_declared_operations() - known):
        message = f"declared in model_facts.py, but not in {folder}: {', '.join(unknown)}"
        raise BuildError(message)
    for api, model in models.items():
        for name, operation in model["operations"].items():
            _check_rules(f"{api}.{name}", operation)
    return models


def compact_model(api: str, source: Json) -> Json:
    """Return a model of Amazon (swagger 2.0) in the form of the catalogue."""
    operations = {}
    for path, item in source["paths"].items():
        for method in METHODS:
            if method in item:
                operation = _Operation(api, source, path, method)
                if operation.name in operations:
                    message = f"{api} has two operations {operation.name}"
                    raise BuildError(message)
                operations[operation.name] = operation.compact()
    return {
        "api": api,
        "title": source["info"]["title"],
        "version": source["info"]["version"],
        "operations": operations,
        "definitions": {
            name: compact_schema(definition)
            for name, definition in source.get("definitions", {}).items()
        },
    }


def compact_schema(schema: Json) -> Json:
    """Return a schema without descriptions, examples, titles and extensions."""
    if "$ref" in schema:
        return {"$ref": schema["$ref"]}
    compact: Json = {key: schema[key] for key in KEPT_IN_SCHEMAS if key in schema}
    if "properties" in schema:
        compact["properties"] = {
            name: compact_schema(value) for name, value in schema["properties"].items()
        }
    if "items" in schema:
        compact["items"] = compact_schema(schema["items"])
    if "additionalProperties" in schema:
        value = schema["additionalProperties"]
        compact["additionalProperties"] = (
            compact_schema(value) if isinstance(value, dict) else value
        )
    if "allOf" in schema:
        compact["allOf"] = [compact_schema(part) for part in schema["allOf"]]
    return compact


def usage_plan(description: str) -> tuple[float, float] | None:
    """Return rate (requests per second) and burst from an operation's description.

    Return None if there is no such table, or if it has Amazon's placeholder `n`.
    """
    # Two descriptions have line breaks and percent signs that are escaped twice.
    match = USAGE_PLAN.search(description.replace("\\n", "\n"))
    return (_number(match["rate"]), _number(match["burst"])) if match else None


class _Operation:
    """Converts an operation of Amazon's model to the form of the catalogue."""

    def __init__(self, api: str, source: Json, path: str, method: str) -> None:
        item = source["paths"][path]
        self._source = source
        self._operation: Json = item[method]
        self._path = path
        self._method = method
        name: str = self._operation["operationId"]
        self.name = model_facts.RENAMED.get((method, path, name), name)
        self._id = f"{api}.{self.name}"
        parameters = [*item.get("parameters", ()), *self._operation.get("parameters", ())]
        self._parameters = [self._resolved(parameter) for parameter in parameters]
        statuses = sorted(int(status) for status in self._operation["responses"])
        self._success_status = next(status for status in statuses if status < BAD_REQUEST)
        self._may_have_no_content = {OK, NO_CONTENT} <= set(statuses)
        self._error_statuses = [status for status in statuses if status >= BAD_REQUEST]

    def compact(self) -> Json:
        success_schema = self._schema(self._success_status)
        paging = self._paging(success_schema)
        rate, burst = self._usage_plan()
        restricted = model_facts.RESTRICTED.get(self._id)
        described = {
            "method": self._method.upper(),
            "path": self._path,
            "source": self._operation.get("x-source"),
            "deprecated": self._operation.get("deprecated") or None,
            "parameters": [
                _compact_parameter(parameter) | self._declared_facts(parameter["name"])
                for parameter in self._parameters
                if parameter["in"] != "body"
            ],
            "body": self._body(),
            "success_status": self._success_status,
            "success_schema": success_schema,
            "may_have_no_content": self._may_have_no_content or None,
            "error_statuses": self._error_statuses,
            "error_schema": self._schema(BAD_REQUEST),
            "rate": rate,
            "burst": burst,
            "paging": paging,
            **self._records(success_schema, paged=paging is not None),
            "time_filters": self._time_filters() or None,
            "restricted": None if restricted is None else list(restricted),
            "grantless": model_facts.GRANTLESS.get(self._id),
            "query": self._id in model_facts.QUERIES or None,
            "rules": rule_facts.RULES.get(self._id) or None,
        }
        return {key: value for key, value in described.items() if value is not None}

    def _declared_facts(self, parameter: str) -> Json:
        facts: Json = {}
        if max_items := model_facts.MAX_ITEMS.get(self._id, {}).get(parameter):
            facts["max_items"] = max_items
        if parameter in model_facts.DOUBLE_ENCODED.get(self._id, ()):
            facts["double_encoded"] = True
        return facts

    def _body(self) -> Json | None:
        for parameter in self._parameters:
            if parameter["in"] == "body":
                return {
                    "required": bool(parameter.get("required")),
                    "schema": compact_schema(parameter["schema"]),
                }
        return None

    def _usage_plan(self) -> tuple[float | None, float | None]:
        documented = model_facts.DOCUMENTED_RATES.get(self._id, (None, None))
        if plan := self._operation.get("x-usage-plan"):
            return plan["rate"], plan["burst"]
        return usage_plan(self._operation.get("description", "")) or documented

    def _schema(self, status: int) -> Json | None:
        response = self._operation["responses"].get(str(status), {})
        schema = self._resolved(response).get("schema")
        return compact_schema(schema) if schema else None

    def _resolved(self, node: Json) -> Json:
        while "$ref" in node:
            _, section, name = node["$ref"].split("/")
            node = self._source[section][name]
        return node

    def _paging(self, success_schema: Json | None) -> Json | None:
        declared = model_facts.PAGING_WITHOUT_TOKEN | model_facts.PAGING_IN_BODY
        if paging := declared.get(self._id):
            return paging
        by_name = {parameter["name"]: parameter for parameter in self._parameters}
        token = next((name for name in by_name if name in TOKEN_PARAMETERS), None)
        if token is None or success_schema is None:
            return None
        paging = {
            "token_parameter": token,
            "token_in": by_name[token]["in"],
            "next_token": self._next_token(success_schema),
            "rule": model_facts.PAGING_RULES.get(self._id, "same_arguments"),
        }
        if size := next((name for name in by_name if name in SIZE_PARAMETERS), None):
            paging["size_parameter"] = size
            maximum = by_name[size].get("maximum") or model_facts.MAX_PAGE_SIZES.get(self._id)
            if maximum:
                paging["max_size"] = maximum
        if lifetime := model_facts.TOKEN_LIFETIMES.get(self._id):
            paging["token_lifetime"] = lifetime
        return paging

    def _next_token(self, success_schema: Json) -> str:
        if declared := model_facts.NEXT_TOKENS.get(self._id):
            return declared
        places = [
            ".".join([*path, name])
            for path in ((), ("pagination",), ("payload",), ("payload", "pagination"))
            for name in self._properties_at(success_schema, path)
            if name in TOKEN_FIELDS
        ]
        if len(places) != 1:
            message = f"{self._id}: the token of the next page could be at {places}"
            raise BuildError(message)
        return places[0]

    def _properties_at(self, schema: Json, path: tuple[str, ...]) -> Json:
        properties = self._properties(schema)
        for name in path:
            properties = self._properties(properties.get(name, {}))
        return properties

    def _properties(self, schema: Json) -> Json:
        schema = self._resolved(schema)
        properties: Json = dict(schema.get("properties", {}))
        for part in schema.get("allOf", ()):
            properties |= self._properties(part)
        return properties

    def _records(self, success_schema: Json | None, *, paged: bool) -> Json:
        """Return the path to the list of records, or to the one record, in the response."""
        if self._id in model_facts.RESULTS:
            return {"results": model_facts.RESULTS[self._id]}
        if success_schema is None:
            return {}
        path: tuple[str, ...] = ()
        schema = success_schema
        if payload := self._properties(schema).get("payload"):
            path, schema = ("payload",), payload
        content = {
            name: value
            for name, value in self._properties(schema).items()
            if name not in ENVELOPE_FIELDS
        }
        lists = [name for name, value in content.items() if self._is_list_of_objects(value)]
        if self._is_list_of_objects(schema):
            return {"results": ".".join(path)}
        if len(lists) == 1 and (paged or len(content) == 1):
            return {"results": ".".join((*path, *lists))}
        return self._record(schema, content, path)

    def _record(self, schema: Json, content: Json, path: tuple[str, ...]) -> Json:
        is_object = self._resolved(schema).get("type", "object") == "object"
        if not is_object or not (content or path):
            return {}
        if len(content) == 1:
            (name,) = content
            if self._properties(content[name]):
                path = (*path, name)
        return {"record": ".".join(path)}

    def _is_list_of_objects(self, schema: Json) -> bool:
        schema = self._resolved(schema)
        if schema.get("type") != "array":
            return False
        items = self._resolved(schema["items"])
        return bool(items.get("type", "object") == "object")

    def _time_filters(self) -> list[Json]:
        by_name = {
            parameter["name"]: parameter
            for parameter in self._parameters
            if parameter["in"] == "query"
        }
        pairs = model_facts.TIME_FILTERS.get(self._id) or list(_time_pairs(by_name))
        filters = []
        for after, before in pairs:
            if missing := {after, before} - {None} - by_name.keys():
                message = f"{self._id} has no parameters {missing}"
                raise BuildError(message)
            time_format = by_name[after or before or ""].get("format")
            time_format = time_format or model_facts.TIME_FORMATS.get(self._id)
            if time_format is None:
                message = f"{self._id}: the format of {after} is unknown"
                raise BuildError(message)
            filters.append({"after": after, "before": before, "format": time_format})
        return filters


def _time_pairs(names: Mapping[str, Any]) -> Iterator[tuple[str, str | None]]:
    for name in names:
        if match := AFTER.match(name):
            before = match["what"] + COUNTERPARTS[match["word"]]
            yield name, before if before in names else None


def _compact_parameter(parameter: Json) -> Json:
    compact: Json = {"name": parameter["name"], "in": parameter["in"]}
    if parameter.get("required"):
        compact["required"] = True
    if DEPRECATED.match(parameter.get("description", "")):
        compact["deprecated"] = True
    for key, name in KEPT_IN_PARAMETERS.items():
        if key in parameter:
            compact[name] = parameter[key]
    if parameter["type"] == "array":
        items = parameter["items"]
        compact["items"] = {key: items[key] for key in KEPT_IN_SCHEMAS if key in items}
        # The default of swagger 2.0.
        compact.setdefault("collection_format", "csv")
    return compact


def _declared_operations() -> set[str]:
    tables: list[Mapping[str, Any]] = [
        model_facts.DOCUMENTED_RATES,
        model_facts.PAGING_RULES,
        model_facts.PAGING_WITHOUT_TOKEN,
        model_facts.PAGING_IN_BODY,
        model_facts.NEXT_TOKENS,
        model_facts.MAX_PAGE_SIZES,
        model_facts.TOKEN_LIFETIMES,
        model_facts.DOUBLE_ENCODED,
        model_facts.MAX_ITEMS,
        model_facts.RESULTS,
        model_facts.TIME_FILTERS,
        model_facts.TIME_FORMATS,
        model_facts.RESTRICTED,
        model_facts.GRANTLESS,
        dict.fromkeys(model_facts.QUERIES),
        rule_facts.RULES,
    ]
    return {name for table in tables for name in table}


def _check_rules(operation_id: str, operation: Json) -> None:
    """Check that the parameters exist which the rules of an operation name.

    Raises:
        BuildError: One does not exist.
    """
    known = {parameter["name"] for parameter in operation["parameters"]}
    for rule in operation.get("rules", ()):
        names = {*rule.get("names", ())}
        names |= {rule[part] for part in ("name", "after", "before") if part in rule}
        if missing := names - known:
            message = f"{operation_id} has no parameters {missing}"
            raise BuildError(message)


def _number(text: str) -> float:
    value = float(text)
    return int(value) if value.is_integer() else value


if __name__ == "__main__":
    sys.exit(main())
