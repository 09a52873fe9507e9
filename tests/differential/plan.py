"""Which tables are written in which dialects, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from tests.differential.comparison import Fault, compare
from tests.differential.dialects import ALL, DELIMITERS, LINE_ENDS, QUOTINGS, Dialect
from tests.differential.tables import random_table

GROUPS = len(DELIMITERS) * len(QUOTINGS) * len(LINE_ENDS)
"""Combinations of delimiter, quoting and line end. A table is written in all of them."""
OTHERS = len(ALL) // GROUPS
"""Combinations of all else. From table to table, it is the turn of the next."""


@dataclass
class Result:
    """What was compared, and what was wrong."""

    tables: int = 0
    cells: int = 0
    documents: Counter[Dialect] = field(default_factory=Counter)
    faults: list[Fault] = field(default_factory=list)

    def add(self, other: Result) -> None:
        """Add another result."""
        self.tables += other.tables
        self.cells += other.cells
        self.documents.update(other.documents)
        self.faults += other.faults


def dialects_of(number: int) -> Iterator[Dialect]:
    """Yield the dialects in which a table is written.

    Args:
        number: The number of the table.
    """
    for group in range(GROUPS):
        # Each group is elsewhere in its turn, or one table would have a preamble in all of them.
        yield ALL[group * OTHERS + (number + 7 * group) % OTHERS]


def compared(seed: int, numbers: Iterable[int]) -> Result:
    """Compare the tables with some numbers, each in its dialects."""
    result = Result()
    for number in numbers:
        table = random_table(Random(f"{seed}/{number}"))
        result.tables += 1
        for place, dialect in enumerate(dialects_of(number)):
            result.documents[dialect] += 1
            result.cells += len(table.header) * len(table.rows)
            if fault := compare(table, dialect, f"{seed}/{number}/{place}"):
                result.faults.append(fault)
    return result
