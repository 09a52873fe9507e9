"""The input of a run: config, state and catalog as files, settings in the environment.

Each mistake is a sentence that does not show the content, which may be secret.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from tap_amazon_sp.settings.errors import SettingsError


def mistakes_in_environment(schema: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each environment variable that must hold JSON and does not.

    Args:
        schema: JSON Schema of all settings.
    """
    mistakes = []
    for name, setting in schema["properties"].items():
        variable = f"TAP_AMAZON_SP_{name.upper()}"
        wants_json = {"array", "integer", "object"} & set(setting.get("type", ()))
        if variable not in os.environ or not wants_json:
            continue
        try:
            json.loads(os.environ[variable])
        except ValueError:
            mistakes.append(
                f"environment variable `{variable}` must hold JSON ({setting['title']})"
            )
    return mistakes


def with_defaults(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with the defaults of those that are not given; null counts as not given.

    Numbers may be text: the SDK takes them so from the environment.

    Args:
        given: As the user gave them.
        schema: JSON Schema of all settings.
    """
    found = {
        name: setting["default"]
        for name, setting in schema["properties"].items()
        if "default" in setting
    }
    for name, value in given.items():
        if value is not None:
            is_number = "number" in schema["properties"].get(name, {}).get("type", ())
            found[name] = _number_in(value) if is_number else value
    return found


def check_config_file(path: str) -> None:
    """Check that a config file can be read and holds a JSON object.

    Raises:
        SettingsError: It cannot, or does not.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise SettingsError([f"--config {path}: {reason}"]) from None
    _json_object(text, f"--config {path}")


def checked_state(file: TextIO | None) -> TextIO | None:
    """Return the content of a state file, which is a state, so that it can be read again.

    Raises:
        SettingsError: It is not JSON, or not a state.
    """
    return _checked_json(file, "--state", _mistake_in_state)


def checked_catalog(file: TextIO | None) -> TextIO | None:
    """Return the content of a catalog file, which is a catalog, so that it can be read again.

    Raises:
        SettingsError: It is not JSON, or not a catalog.
    """
    return _checked_json(file, "--catalog", _mistake_in_catalog)


def _number_in(value: Any) -> Any:
    """Return the number that a text holds, or the value as it is."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _checked_json(
    file: TextIO | None, option: str, check: Callable[[dict[str, Any]], str | None]
) -> TextIO | None:
    if file is None:
        return None
    name = f"{option} {file.name}"
    try:
        text = file.read()
    except UnicodeDecodeError:
        raise SettingsError([f"{name} is not UTF-8"]) from None
    mistake = check(_json_object(text, name))
    if mistake is not None:
        raise SettingsError([f"{name}: {mistake}"])
    return io.StringIO(text)


def _json_object(text: str, name: str) -> dict[str, Any]:
    """Read a JSON object; errors do not show it, as it may hold secrets."""
    if text.startswith("\ufeff"):
        raise SettingsError([f"{name} begins with a byte order mark: save it as UTF-8 without"])
    try:
        content = json.loads(text)
    except ValueError as error:
        position = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        raise SettingsError([f"{name} is not JSON{position}"]) from None
    if not isinstance(content, dict):
        raise SettingsError([f"{name} must hold a JSON object"])
    return content


def _mistake_in_state(state: dict[str, Any]) -> str | None:
    bookmarks = state.get("bookmarks", {})
    if not isinstance(bookmarks, dict):
        return "`bookmarks` must be an object"
    for name, bookmark in bookmarks.items():
        if not isinstance(bookmark, dict):
            return f"the bookmark of '{name}' must be an object"
        partitions = bookmark.get("partitions") or []
        if not isinstance(partitions, list) or not all(
            isinstance(part, dict) and isinstance(part.get("context"), dict) for part in partitions
        ):
            return f"`partitions` of '{name}' must be a list of objects with a `context`"
    return None


def _mistake_in_catalog(catalog: dict[str, Any]) -> str | None:
    streams = catalog.get("streams")
    if not isinstance(streams, list):
        return "`streams` must be a list: `--discover` prints a catalog"
    for number, stream in enumerate(streams, 1):
        if not isinstance(stream, dict) or "tap_stream_id" not in stream:
            return f"stream {number} has no `tap_stream_id`"
        schema = stream.get("schema")
        if not isinstance(schema, dict) or not isinstance(schema.get("properties"), dict):
            return f"the schema of '{stream['tap_stream_id']}' has no `properties`"
    return None
