"""A part of `make differential`: every dialect once."""

from __future__ import annotations

import logging
from collections import Counter

import pytest

from tests.differential.comparison import smallest
from tests.differential.dialects import ALL
from tests.differential.plan import GROUPS, OTHERS, TURNS, compared, dialects_of

PARTS = 6


def test_some_tables_are_written_in_every_dialect() -> None:
    dialects = {dialect for number in range(OTHERS) for dialect in dialects_of(number, in_all=True)}

    assert len(dialects) == OTHERS * GROUPS == len(ALL)
    assert dialects == {*ALL}


def test_every_dialect_has_as_many_tables_as_the_others() -> None:
    written = Counter(
        dialect for number in range(2 * OTHERS * TURNS) for dialect in dialects_of(number)
    )

    assert written == dict.fromkeys(ALL, 2)


@pytest.mark.parametrize("part", range(PARTS))
def test_tables_in_every_dialect_are_read_as_they_were_written(
    caplog: pytest.LogCaptureFixture, part: int
) -> None:
    caplog.set_level(logging.CRITICAL)

    result = compared(1, range(part, OTHERS, PARTS), in_all=True)

    found = smallest(result.faults[0]) if result.faults else None
    assert found is None, f"{found.dialect}: {found.content!r}: {found.difference}"
    assert sum(result.documents.values()) == OTHERS // PARTS * GROUPS
