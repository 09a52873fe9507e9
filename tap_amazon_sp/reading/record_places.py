"""Finds the records in answers that no model describes."""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.settings.errors import SettingsError

ENVELOPE = frozenset(
    {"errors", "nextPageToken", "nextToken", "NextToken", "pagination", "payload", "warnings"}
)
"""Properties around the records in Amazon's answers (counted over its models)."""


class RecordPlace:
    """Finds the records in the answers of one operation, in the same place on each page."""

    def __init__(self, label: str, results_key: str | None) -> None:
        """Look at `results_key`, or for the only list of objects.

        Args:
            label: The name of the entry of the settings in errors.
            results_key: Dotted path, from the answer or from its `payload`.
        """
        self._label = label
        self._results_key = results_key
        # The name of the list, after it is found; "" if the answer itself is the record.
        self._place: str | None = None

    def records_in(self, body: Any) -> list[dict[str, Any]]:
        """Return the records of an answer; none if it is empty.

        Raises:
            SettingsError: They are not at `results_key`, or may be in several places.
        """
        path = self.path_in(body)
        found = None if path is None else at_path(body, path)
        if found is None:
            return []
        if not isinstance(found, (dict, list)):
            message = f"the answer has no records at {'.'.join(path or ())!r}"
            raise self._error(message)
        return _as_records(found)

    def path_in(self, body: Any) -> tuple[str, ...] | None:
        """Return the names that lead to the records of an answer; None if it has none.

        Raises:
            SettingsError: As `records_in`.
        """
        if not body:
            return None
        if self._results_key is None:
            return self._likely_path(body)
        for path in possible_paths(self._results_key):
            if isinstance(at_path(body, path), (dict, list)):
                return tuple(path)
        if isinstance(body, dict) and _leads_to_nothing(body, self._results_key):
            return None
        names = ", ".join(sorted(_names_in(body))) or "a list"
        message = f"the answer has nothing at `results_key: {self._results_key}`, only {names}"
        raise self._error(message)

    def _likely_path(self, body: Any) -> tuple[str, ...] | None:
        if isinstance(body, dict) and isinstance(body.get("payload"), (dict, list)):
            inside = self._likely_path(body["payload"])
            return None if inside is None else ("payload", *inside)
        if isinstance(body, list):
            return ()
        if not isinstance(body, dict):
            message = "the answer is neither an object nor a list"
            raise self._error(message)
        if self._place is None:
            self._place = self._find_place(body)
        if self._place is None:
            return None
        return (self._place,) if self._place else ()

    def _find_place(self, body: dict[str, Any]) -> str | None:
        """Return the name of the list of records; None while no answer shows it."""
        content = {name: value for name, value in body.items() if name not in ENVELOPE}
        lists = [name for name, value in content.items() if _is_list_of_objects(value)]
        full = [name for name in lists if content[name]]
        if len(full) > 1:
            message = f"the answer has several lists, {', '.join(full)}: name one in `results_key`"
            raise self._error(message)
        if full:
            return full[0]
        if lists or not content:
            return None
        return ""

    def _error(self, what: str) -> SettingsError:
        return SettingsError([f"{self._label}: {what}"])


def possible_paths(results_key: str) -> tuple[list[str], list[str]]:
    """Return the possible paths of a `results_key`: from the answer, or from its `payload`."""
    path = results_key.split(".")
    return path, ["payload", *path]


def _as_records(found: dict[str, Any] | list[Any]) -> list[dict[str, Any]]:
    if isinstance(found, dict):
        return [found] if found else []
    return [item if isinstance(item, dict) else {"value": item} for item in found]


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _leads_to_nothing(body: dict[str, Any], results_key: str) -> bool:
    """Return whether the list of this answer may just be missing or null."""
    if not body.keys() - ENVELOPE and not body.get("payload"):
        return True
    for place in (body, body.get("payload")):
        value: Any = place
        for name in results_key.split("."):
            if not isinstance(value, dict) or name not in value:
                break
            value = value[name]
            if value is None or value == {}:
                return True
    return False


def _names_in(body: Any) -> list[str]:
    if not isinstance(body, dict):
        return []
    payload = body.get("payload")
    inside = [f"payload.{name}" for name in payload] if isinstance(payload, dict) else []
    return [*body, *inside]
