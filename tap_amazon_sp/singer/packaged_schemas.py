"""The JSON Schemas of the built-in streams, as files: in the wheel, or beside a checkout."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent.parent
_FOLDERS = (_PACKAGE / "schemas", _PACKAGE.parent / "schemas")


def packaged_schema(name: str) -> dict[str, Any]:
    """Return the schema in the file `<name>.json`.

    Raises:
        FileNotFoundError: There is no such file, in neither place.
    """
    for folder in _FOLDERS:
        path = folder / f"{name}.json"
        if path.is_file():
            schema: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return schema
    message = (
        f"No schema for stream {name!r}: the installation is broken, install the package again"
    )
    raise FileNotFoundError(message)
