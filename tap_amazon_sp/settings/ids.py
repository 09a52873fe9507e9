"""Lists of ids in settings: in the setting itself, or in a file that it names."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def ids_from_setting(setting: Sequence[Any] | Mapping[str, Any]) -> list[str]:
    """Return the ids in a list, or in the file that `{"file": path}` names.

    A file whose name ends in `.json` holds a JSON array; any other file has one id per line.

    Raises:
        ValueError: The file cannot be read or does not hold ids, or the setting is neither.
    """
    if isinstance(setting, Mapping):
        if set(setting) != {"file"} or not isinstance(setting["file"], str):
            message = 'it must be a list of ids or {"file": "path"}'
            raise ValueError(message)
        return _ids_in_file(Path(setting["file"]))
    return _texts(setting, 'it must be a list of ids or {"file": "path"}')


def _ids_in_file(path: Path) -> list[str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        message = f"{path}: {reason}"
        raise ValueError(message) from None
    if path.suffix == ".json":
        try:
            content = json.loads(text)
        except ValueError:
            content = None
        return _texts(content, f"{path} holds no JSON array of ids")
    return [line.strip() for line in text.splitlines() if line.strip()]


def _texts(values: Any, message: str) -> list[str]:
    if isinstance(values, (list, tuple)) and all(isinstance(item, (str, int)) for item in values):
        return [str(item) for item in values]
    raise ValueError(message)
