"""Names as a sentence lists them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def listed(names: Iterable[str], conjunction: str = "and") -> str:
    """Return names with a word before the last, such as `a, b and c`; empty if there are none."""
    *others, last = ["", *names]
    return f"{', '.join(others[1:])} {conjunction} {last}" if others[1:] else last


def quoted(names: Iterable[str]) -> list[str]:
    """Return names in backquotes, as messages write settings and parameters."""
    return [f"`{name}`" for name in names]


def first_of(names: Sequence[str], number: int) -> str:
    """Return the first names, and how many more there are, such as `a, b and 3 more`."""
    shown = ", ".join(names[:number])
    return shown if len(names) <= number else f"{shown} and {len(names) - number} more"
