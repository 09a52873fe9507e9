"""Merging what Amazon's SDK has, and Amazon's models lack, into the models.

`sdk_additions.json` has parts of Swagger 2.0 models by the name of the API.
`build_sdk_additions.py` builds it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from generated_files import ROOT, BuildError, Json, read_json

FILE = ROOT / "scripts" / "sdk_additions.json"


def merge_additions(models: Mapping[str, Json]) -> dict[str, Json]:
    """Return Amazon's models with the additions, and the APIs that only the SDK has.

    Args:
        models: Amazon's models (Swagger 2.0) by the names of their files.

    Raises:
        BuildError: A model has an addition by now, or is missing.
    """
    content: Json = read_json(FILE)
    merged = dict(models)
    for api, part in content.items():
        if api == "sdk":
            continue
        if api not in models and "info" not in part:
            message = f"no model {api}.json, which {FILE.name} adds to"
            raise BuildError(message)
        try:
            merged[api] = merge(models.get(api, {}), part)
        except BuildError as error:
            message = f"{api}: {error}: run build_sdk_additions.py"
            raise BuildError(message) from error
    return merged


def merge(model: Json, part: Json, *, repeated: bool = False) -> Json:
    """Return a model with a part added to it: lists grow, objects gain members.

    Args:
        model: Of Amazon, or a part of one.
        part: What to add.
        repeated: Whether the part may have what the model has already.

    Raises:
        BuildError: The model has something of the part already.
    """
    merged = dict(model)
    for key, value in part.items():
        merged[key] = (
            _merged(key, merged[key], value, repeated=repeated) if key in merged else value
        )
    return merged


def _merged(key: str, there: Any, added: Any, *, repeated: bool) -> Any:
    if isinstance(there, dict) and isinstance(added, dict):
        return merge(there, added, repeated=repeated)
    if isinstance(there, list) and isinstance(added, list):
        new = [item for item in added if item not in there]
        if repeated or new == added:
            return there + new
    elif repeated and there == added:
        return there
    message = f"the model has {key!r} already, as {there!r}"
    raise BuildError(message)
