"""The input of a run: config, state and catalog as files, settings in the environment.

Each mistake is a sentence that does not show the content, which may be secret. Each file is read
once, so that it may be a pipe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import isfinite
from pathlib import Path
from typing import Any, TextIO

from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.json_input import read_json, read_json_object

_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off", "")


def settings_in_environment(
    schema: Mapping[str, Any], environment: Mapping[str, str], prefix: str
) -> dict[str, Any]:
    """Return the settings in environment variables.

    Objects and lists are JSON; a list of texts may also be written with commas.

    Args:
        schema: JSON Schema of all settings.
        environment: The variables.
        prefix: How the names of the variables begin.

    Raises:
        SettingsError: Some variables cannot be read.
    """
    found: dict[str, Any] = {}
    mistakes: list[str] = []
    for name, setting in schema["properties"].items():
        variable = f"{prefix}{name.upper()}"
        if variable in environment:
            try:
                found[name] = _value_in_variable(environment[variable], setting, variable)
            except SettingsError as error:
                mistakes += error.errors
    if mistakes:
        raise SettingsError(mistakes)
    return found


def with_defaults(given: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings with the defaults of those that are not given; null counts as not given.

    Numbers may be text, as they are in the environment.

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
            is_number = "number" in _types_in(schema["properties"].get(name, {}))
            found[name] = _number_in(value) if is_number else value
    return found


def config_in_files(paths: Iterable[str]) -> dict[str, Any]:
    """Return the settings in config files; those of a later file replace those of an earlier one.

    Raises:
        SettingsError: A file cannot be read, or does not hold a JSON object.
    """
    found: dict[str, Any] = {}
    for path in paths:
        source = f"--config {path}"
        try:
            text = Path(path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise SettingsError([f"{source} is not UTF-8"]) from None
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "is not the path of a file"
            raise SettingsError([f"{source}: {reason}"]) from None
        found |= read_json_object(text, source)
    return found


def catalog_in_file(file: TextIO) -> dict[str, Any]:
    """Return the content of a catalog file.

    Raises:
        SettingsError: It does not hold a JSON object.
    """
    return read_json_object(*_text_in(file, "--catalog"))


def state_in_file(file: TextIO, option: str = "--state") -> dict[str, Any]:
    """Return the content of a state file; of several lines of JSON, the last state.

    Such lines are the output of a tap, or what a target printed of it.

    Args:
        file: The file.
        option: The option that names it, for errors; empty if it is an argument.

    Raises:
        SettingsError: It does not hold a JSON object, or no state.
    """
    text, source = _text_in(file, option)
    if lines := _lines_of_json(text):
        return _last_state(lines, source)
    return read_json_object(text, source)


def json_in_file(file: TextIO) -> list[Any]:
    """Return the JSON value that a file holds, or the objects in its lines.

    Raises:
        SettingsError: It does not hold JSON.
    """
    text, source = _text_in(file, "")
    if lines := _lines_of_json(text):
        return [read_json_object(line, source) for line in lines]
    return [read_json(text, source)]


def _lines_of_json(text: str) -> list[str]:
    """Return the lines of a text if each is an object, else nothing.

    A line that was cut off when its writer was stopped is left out.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    *earlier, last = lines or [""]
    if earlier and all(line.lstrip().startswith("{") and _is_whole(line) for line in earlier):
        return lines if _is_whole(last) else earlier
    return []


def _last_state(lines: list[str], source: str) -> dict[str, Any]:
    for line in reversed(lines):
        content = read_json_object(line, source)
        if content.get("type", "STATE") == "STATE":
            return content
    raise SettingsError([f"{source} has {len(lines)} lines of JSON, and none of them is a state"])


def _is_whole(line: str) -> bool:
    return line.rstrip().endswith("}")


def _text_in(file: TextIO, option: str) -> tuple[str, str]:
    source = f"{option} {file.name}".lstrip()
    try:
        return file.read(), source
    except UnicodeDecodeError:
        raise SettingsError([f"{source} is not UTF-8"]) from None
    except OSError as error:
        raise SettingsError([f"{source}: {error.strerror}"]) from None


def _types_in(setting: Mapping[str, Any]) -> Iterable[str]:
    found = setting.get("type", ())
    return (found,) if isinstance(found, str) else found


def _number_in(value: Any) -> Any:
    """Return the number that a text holds, or the value as it is."""
    try:
        number = float(value) if isinstance(value, str) else value
    except ValueError:
        return value
    return number if not isinstance(number, float) or isfinite(number) else value


def _value_in_variable(text: str, setting: Mapping[str, Any], variable: str) -> Any:
    """Return the value of a setting that a variable holds.

    Raises:
        SettingsError: The text is not such a value.
    """
    types = {*_types_in(setting)}
    source = f"environment variable `{variable}`"
    if "integer" in types:
        return _integer_in(text, source)
    if "boolean" in types:
        word = text.strip().lower()
        if word not in (*_TRUE, *_FALSE):
            raise SettingsError([f"{source} must be true or false"])
        return word in _TRUE
    if "array" in types:
        takes_texts = "string" in _types_in(setting["items"])
        if takes_texts and not text.lstrip().startswith("["):
            return [part.strip() for part in text.split(",")]
    return _json_in(text, setting, source) if {"array", "object"} & types else text


def _integer_in(text: str, source: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise SettingsError([f"{source} must hold a whole number"]) from None


def _json_in(text: str, setting: Mapping[str, Any], source: str) -> Any:
    try:
        return read_json(text, source)
    except SettingsError as error:
        wanted = f"{source} must hold JSON ({setting['title']})"
        reasons = [mistake.removeprefix(source).strip(" :") for mistake in error.errors]
        raise SettingsError([f"{wanted}, but {reason}" for reason in reasons]) from None
