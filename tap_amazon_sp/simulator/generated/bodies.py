"""Reading and changing the bodies of answers at dotted paths."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tap_amazon_sp.simulator.generated.names import plain

_TOTALS = ("numberofresult", "totalresultsize", "totalresult", "numofrecord", "totalcount")


def value_at(record: Any, path: str) -> Any:
    """Return the value at a dotted path of a record, or None."""
    for name in path.split("."):
        record = record.get(name) if isinstance(record, dict) else None
    return record


def prefixes(path: str) -> frozenset[str]:
    """Return a dotted path and the paths of everything around it."""
    names = path.split(".")
    return frozenset(".".join(names[: count + 1]) for count in range(len(names)))


def put(body: dict[str, Any], path: str, value: Any) -> None:
    """Put a value at a dotted path; an object is merged into the one that is there."""
    *names, last = path.split(".")
    for name in names:
        body = body.setdefault(name, {})
    if isinstance(value, dict) and isinstance(body.get(last), dict):
        body[last].update(value)
    else:
        body[last] = value


def count_results(body: Any, total: Callable[[], int]) -> None:
    """Put the number of results into a body, if it has a property for it."""
    if not isinstance(body, dict):
        return
    for name, value in body.items():
        if plain(name) in _TOTALS and isinstance(value, int):
            body[name] = total()
        elif isinstance(value, dict):
            count_results(value, total)
