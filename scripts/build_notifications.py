"""Build the JSON Schemas of the streams of notifications.

    python scripts/build_notifications.py PATH    out of a checkout of Amazon's models
    python scripts/build_notifications.py         nothing to do without one
    --check                                       write nothing; name what differs, exit with 1

PATH is a checkout of github.com/amzn/selling-partner-api-models; its folder schemas/notifications/
has the schemas. Names and types are kept; prose, limits and required properties are not, as Amazon
sends null or nothing for some of them.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from generated_files import ROOT, Built, Json, encode, run_with_models
from notification_schemas import notification_schemas

TARGET = ROOT / "tap_amazon_sp" / "amazon" / "notification_schemas.json"

PAYLOAD = ("Payload", "payload")
SCALARS = ("string", "integer", "number", "boolean")


def build(checkout: Path | None) -> Built:
    """Return the text of the file."""
    if checkout is None:
        return Built({TARGET: TARGET.read_text("utf-8")})
    schemas = {kind: _payload(schema) for kind, schema in notification_schemas(checkout).items()}
    return Built({TARGET: encode(schemas)})


def _payload(schema: Json) -> Json:
    """Return the schema of the payload of a type, as it is written."""
    found = _resolved(schema, schema)
    properties = found.get("properties", {})
    payload: Json = next((properties[name] for name in PAYLOAD if name in properties), {})
    return nullable(payload, schema)


def nullable(schema: Json, root: Json) -> Json:
    """Return a schema in which everything may be null, without what limits values."""
    schema = _resolved(schema, root)
    kinds = _kinds(schema)
    if kinds == {"object"}:
        properties = {
            name: nullable(part, root) for name, part in schema.get("properties", {}).items()
        }
        return {"type": ["object", "null"], "properties": properties}
    if kinds == {"array"}:
        return {"type": ["array", "null"], "items": nullable(schema.get("items", {}), root)}
    if kinds == {"integer", "number"}:
        return {"type": ["number", "null"]}
    if len(kinds) == 1 and kinds <= {*SCALARS}:
        return {"type": [*kinds, "null"]}
    return {}


def _kinds(schema: Mapping[str, Any]) -> set[str]:
    kinds = schema.get("type", "object" if "properties" in schema else None)
    found = {kinds} if isinstance(kinds, str) else set(kinds or ())
    return found - {"null"}


def _resolved(schema: Json, root: Json) -> Json:
    while (reference := schema.get("$ref")) is not None:
        schema = root
        for name in reference.removeprefix("#").strip("/").split("/"):
            schema = schema[name] if name else schema
    return schema


if __name__ == "__main__":
    sys.exit(run_with_models(__doc__, build, None))
