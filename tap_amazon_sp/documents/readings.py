"""How one value is read: with certainty, as its column's conventions decide, or against them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from tap_amazon_sp.documents.conventions import Convention, Shown

Read = Callable[[str], Any]
"""Converts a text that is not empty; returns None if it does not fit."""


class Reading(NamedTuple):
    """How a text is read.

    Attributes:
        value: The value; None if the text does not fit.
        decided_by: The convention that decided between two values; None if there was only one.
        contradiction: What the text shows if it contradicts the conventions.
    """

    value: Any
    decided_by: Convention | None = None
    contradiction: Shown | None = None

    @property
    def certain_value(self) -> Any:
        """The value, unless a convention decided it, or it contradicts one."""
        return self.value if self.decided_by is None and self.contradiction is None else None


MISFIT = Reading(None)


@dataclass(frozen=True)
class Reader:
    """Reads the texts of a column.

    Attributes:
        certain: Returns values that say nothing against the conventions and do not need them. It
            is fast, so that only other values need a second look.
        reading: Returns how any text is read.
    """

    certain: Read
    reading: Callable[[str], Reading]

    def __call__(self, text: str) -> Any:
        """Return the value of a text; None if it does not fit."""
        return self.reading(text).value
