"""Settings that the Singer SDK adds to each tap, as this tap needs them."""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.documents.names import MAX_NAME


def correct_sdk_settings(properties: dict[str, Any]) -> None:
    """Correct the SDK's own settings in place: flattened names as PostgreSQL holds them.

    In the SDK's own, the text `null` is among the types of `__else__`, where a JSON Schema
    belongs: a value that fits none of the others would end the validation.

    Args:
        properties: The JSON Schemas of all settings, by name.
    """
    _remove_texts_among_types(properties.get("stream_maps"))
    length = properties["flattening_max_key_length"]
    length["default"] = MAX_NAME + 1
    length["description"] = (
        "Names of flattened properties are made shorter than this; PostgreSQL cuts names of "
        f"more than {MAX_NAME} bytes"
    )


def _remove_texts_among_types(schema: Any) -> None:
    if isinstance(schema, dict):
        if isinstance(types := schema.get("anyOf"), list):
            types[:] = [one for one in types if not isinstance(one, str)]
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            _remove_texts_among_types(inner)
