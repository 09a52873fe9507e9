"""Paths into JSON: names that lead from a value to one inside it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any


def at_path(value: Any, path: Iterable[str]) -> Any:
    """Follow names into objects; None where one of them is missing."""
    for name in path:
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def at_path_or_list(value: Any, path: Iterable[str]) -> Any:
    """Follow names into objects, up to the first list; None where one of them is missing."""
    for name in path:
        if value.__class__ is list:
            return value
        if not isinstance(value, dict):
            return None
        value = value.get(name)
    return value


def object_at(value: Any, path: Iterable[str]) -> dict[str, Any]:
    """Follow names into objects; return an empty object where there is none."""
    found = at_path(value, path)
    return found if isinstance(found, dict) else {}


def values_at(value: Any, path: Iterable[str]) -> list[Any]:
    """Follow names into objects, and through the items of all lists on the way.

    Returns:
        The values there; nothing where a name is missing or its value null.
    """
    path = tuple(path)
    # There is rarely a list on the way, and every record comes here.
    straight = value
    for name in path:
        if not isinstance(straight, dict):
            break
        straight = straight.get(name)
    else:
        if isinstance(straight, list):
            return list(_flattened(straight))
        return [] if straight is None else [straight]

    found = [value]
    for name in path:
        inner = [item.get(name) for item in _flattened(found) if isinstance(item, dict)]
        found = [item for item in inner if item is not None]
    return list(_flattened(found))


def gaps_at(
    value: Any, path: Sequence[str], is_required: Sequence[bool], place: str = ""
) -> Iterator[str]:
    """Yield the places where `values_at` finds nothing, although there must be something.

    A list on the way, or at the end, has no null, and a value before the end of the path is an
    object. Names may be missing if they are not required.

    Args:
        value: Where the path begins.
        path: The names to follow.
        is_required: Whether each of them is required.
        place: The dotted path of the value, with positions in lists; empty for the outermost value.

    Yields:
        The dotted paths of the places, with positions in lists.
    """
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from gaps_at(item, path, is_required, f"{place}.{number}".lstrip("."))
    elif not path:
        if value is None:
            yield place
    elif not isinstance(value, dict):
        yield place
    else:
        inner = value.get(path[0])
        if inner is not None or is_required[0]:
            place = f"{place}.{path[0]}".lstrip(".")
            if inner is None:
                yield place
            else:
                yield from gaps_at(inner, path[1:], is_required[1:], place)


def without(value: Mapping[str, Any], path: Sequence[str]) -> dict[str, Any]:
    """Return an object without the value at the end of a path of names, which is not empty.

    Objects on the way that hold nothing else are left out, too. The given object stays as it is.
    """
    name, *rest = path
    inner = value.get(name)
    if rest and not isinstance(inner, Mapping):
        return dict(value)
    left = without(inner, rest) if rest and inner is not None else {}
    return {
        key: left if key == name else item for key, item in value.items() if key != name or left
    }


def first_at(value: Any, path: Sequence[str]) -> Any:
    """Follow names into objects, and into the first item that has them of a list on the way.

    Returns:
        The value there, which may be a list; None where a name is missing.
    """
    found = at_path(value, path)
    return next(iter(values_at(value, path)), None) if found is None else found


def _flattened(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flattened(value)
        elif value is not None:
            yield value


def first_or_only(value: Any) -> Any:
    """Return the first item of a list that is not empty; any other value as it is."""
    return value[0] if isinstance(value, (list, tuple)) and value else value
