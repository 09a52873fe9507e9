"""Finds the records in answers that no model describes.

Nothing says which of its lists such an API leaves out when they are empty. So the first answers
show where the records are, and an answer without that place is a broken one: an empty page would
move the bookmark past records that nobody reads again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from tap_amazon_sp.amazon.answer_checks import BrokenAnswerError
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.settings.errors import SettingsError

PAYLOAD = "payload"

ENVELOPE = frozenset(
    {"errors", "nextPageToken", "nextToken", "NextToken", "pagination", PAYLOAD, "warnings"}
)
"""Properties around the records in Amazon's answers (counted over its models)."""

MESSAGE = frozenset(
    {"__type", "code", "error", "message", "Message", "request_id", "requestId", "RequestId"}
)
"""Properties of what says that something failed, as AWS services and gateways write it."""

Path = tuple[str, ...]


class RecordPlace:
    """Finds the records in the answers of one operation, in the same place on each page."""

    def __init__(
        self, label: str, results_key: str | None, *, results_optional: bool = False
    ) -> None:
        """Look at `results_key`, or for the only list of objects.

        Args:
            label: The name of the entry of the settings in errors.
            results_key: Dotted path, from the answer or from its `payload`.
            results_optional: Whether an answer without the place is an empty page.
        """
        self._label = label
        self._results_key = results_key
        self._results_optional = results_optional
        # Where the records are, after an answer shows it; () if the answer itself is the records.
        self._path: Path | None = None
        self._is_list = False

    def records_in(self, body: Any) -> list[dict[str, Any]]:
        """Return the records of an answer; none if it is empty.

        Raises:
            BrokenAnswerError: It lacks the place of the records, or has something else there.
            SettingsError: They are not at `results_key`, or may be in several places.
        """
        path = self.path_in(body)
        return [] if path is None else _as_records(at_path(body, path))

    def path_in(self, body: Any) -> Path | None:
        """Return the names that lead to the records of an answer; None if it has none.

        Raises:
            BrokenAnswerError, SettingsError: As `records_in`.
        """
        if isinstance(body, dict) and body.keys() <= MESSAGE:
            message = "the answer has no records, only " + (", ".join(sorted(body)) or "nothing")
            raise BrokenAnswerError(message)
        for path in self._possible_paths(body):
            found = at_path(body, path)
            if isinstance(found, (dict, list)):
                self._remember(path, found)
                self._check_other_lists(body, path)
                return path
            if _is_empty_on_the_way(body, path):
                return None
        if self._path is None and isinstance(body, dict) and self._has_only_empty_lists(body):
            return None
        if self._results_optional and isinstance(body, dict):
            if self._results_key is None and (full := list(_full_lists(body))):
                raise self._several(full)
            return None
        raise self._missing(body)

    def _possible_paths(self, body: Any) -> Sequence[Path]:
        """Return where the records may be."""
        if self._path is not None:
            return [self._path]
        if self._results_key is not None:
            return [tuple(path) for path in possible_paths(self._results_key)]
        path = self._likely_path(body)
        return [] if path is None else [path]

    def _likely_path(self, body: Any) -> Path | None:
        if isinstance(body, dict) and isinstance(body.get(PAYLOAD), (dict, list)):
            if not body[PAYLOAD]:
                return (PAYLOAD,) if isinstance(body[PAYLOAD], list) else None
            inside = self._likely_path(body[PAYLOAD])
            return None if inside is None else (PAYLOAD, *inside)
        if isinstance(body, list):
            return ()
        if not isinstance(body, dict):
            message = "the answer is neither an object nor a list"
            raise self._error(message)
        return self._likely_list(body)

    def _likely_list(self, body: dict[str, Any]) -> Path | None:
        """Return the name of the only list of objects, () if there is none; None if none is full.

        One of several empty lists may be full on a later page.
        """
        full = list(_full_lists(body))
        if len(full) > 1:
            raise self._several(full)
        if full:
            return (full[0],)
        content = body.keys() - ENVELOPE
        return (
            None if not content or any(_is_list_of_objects(body[name]) for name in content) else ()
        )

    def _remember(self, path: Path, found: dict[str, Any] | list[Any]) -> None:
        is_list = isinstance(found, list)
        if self._path is None:
            if found or is_list:
                self._path, self._is_list = path, is_list
            return
        if is_list != self._is_list or (
            is_list and self._results_key is None and not _is_list_of_objects(found)
        ):
            what = "a list of objects" if self._is_list else "an object"
            message = f"the answer has no longer {what} at {_written(path)}"
            raise BrokenAnswerError(message)

    def _check_other_lists(self, body: Any, path: Path) -> None:
        """Check that no other list has objects, unless the user said which to read.

        Raises:
            SettingsError: One has.
        """
        if self._results_key is not None or not path or not self._is_list:
            return
        around = at_path(body, path[:-1])
        others = [name for name in _full_lists(around) if name != path[-1]]
        if others:
            raise self._several([path[-1], *others])

    def _has_only_empty_lists(self, body: dict[str, Any]) -> bool:
        """Return whether an answer may be an empty page, before any answer showed the place."""
        if self._results_key is not None:
            return False
        payload = body.get(PAYLOAD)
        if payload == {}:
            return True
        around = payload if isinstance(payload, dict) else body
        return any(_is_list_of_objects(around[name]) for name in around.keys() - ENVELOPE)

    def _missing(self, body: Any) -> Exception:
        """Return the error for an answer without the place of the records."""
        names = ", ".join(sorted(_names_in(body))) or "a list"
        if self._path is None:
            has_content = isinstance(body, list) or bool(
                _names_in(body) - ENVELOPE if isinstance(body, dict) else ()
            )
            if self._results_key is not None and has_content:
                message = (
                    f"the answer has nothing at `results_key: {self._results_key}`, only {names}"
                )
                return self._error(message)
            return BrokenAnswerError(f"the answer has no records, only {names}")
        return BrokenAnswerError(
            f"the answer has nothing at {_written(self._path)}, where the records of other answers "
            f"are, only {names}. If Amazon leaves out an empty list here, set `results_optional` "
            f"in {self._label}"
        )

    def _several(self, names: Iterable[str]) -> SettingsError:
        names = ", ".join(names)
        return self._error(f"the answer has several lists, {names}: name one in `results_key`")

    def _error(self, what: str) -> SettingsError:
        return SettingsError([f"{self._label}: {what}"])


def possible_paths(results_key: str) -> tuple[list[str], list[str]]:
    """Return the possible paths of a `results_key`: from the answer, or from its `payload`."""
    path = results_key.split(".")
    return path, [PAYLOAD, *path]


def _as_records(found: dict[str, Any] | list[Any]) -> list[dict[str, Any]]:
    if isinstance(found, dict):
        return [found] if found else []
    return [item if isinstance(item, dict) else {"value": item} for item in found]


def _full_lists(around: Any) -> Iterable[str]:
    """Yield the names of the lists of objects that are not empty, beside the envelope."""
    for name, value in around.items():
        if name not in ENVELOPE and value and _is_list_of_objects(value):
            yield name


def _is_list_of_objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, dict) for item in value)


def _is_empty_on_the_way(body: Any, path: Path) -> bool:
    """Return whether a list is null in its place, or the object around it is there and empty."""
    here = body
    for name in path[:-1]:
        here = here.get(name) if isinstance(here, dict) else None
        if here == {}:
            return True
    return bool(path) and isinstance(here, dict) and path[-1] in here and here[path[-1]] is None


def _written(path: Path) -> str:
    return f"`{'.'.join(path)}`" if path else "the top"


def _names_in(body: Any) -> set[str]:
    if not isinstance(body, dict):
        return set()
    payload = body.get(PAYLOAD)
    inside = [f"{PAYLOAD}.{name}" for name in payload] if isinstance(payload, dict) else []
    return {*body, *inside}
