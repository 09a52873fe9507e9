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
"""Combinations of delimiter, quoting and line end."""
TURNS = 8
"""A table is written in each combination whose turn it is, so that each one has every eighth table.

In 10,000 tables, each combination is written 1,250 times. All of them for every table would take
eight times as long.
"""
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


def dialects_of(number: int, *, in_all: bool = False) -> Iterator[Dialect]:
    """Yield the dialects in which a table is written.

    Args:
        number: The number of the table.
        in_all: Whether it is written in all combinations of delimiter, quoting and line end.
    """
    groups = range(GROUPS) if in_all else range(number % TURNS, GROUPS, TURNS)
    turn = number if in_all else number // TURNS
    for group in groups:
        # Each group is elsewhere in its turn, or one table would have a preamble in all of them.
        yield ALL[group * OTHERS + (turn + 7 * group) % OTHERS]


def compared(seed: int, numbers: Iterable[int], *, in_all: bool = False) -> Result:
    """Compare the tables with some numbers, each in its dialects."""
    result = Result()
    for number in numbers:
        table = random_table(Random(f"{seed}/{number}"))
        result.tables += 1
        for place, dialect in enumerate(dialects_of(number, in_all=in_all)):
            result.documents[dialect] += 1
            result.cells += len(table.header) * len(table.rows)
            if fault := compare(table, dialect, f"{seed}/{number}/{place}"):
                result.faults.append(fault)
    return result
