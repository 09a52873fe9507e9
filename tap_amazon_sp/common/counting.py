"""Numbers with their nouns, in sentences."""

from __future__ import annotations


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """Return a number with its noun, such as `1 call` or `1,649 records`.

    Args:
        number: How many there are.
        noun: The noun for one.
        plural: The noun for any other number; with `s` at its end if it is left out.
    """
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
