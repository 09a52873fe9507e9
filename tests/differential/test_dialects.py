"""A part of `make differential`: every dialect once."""

from __future__ import annotations

import logging

import pytest

from tests.differential.comparison import smallest
from tests.differential.dialects import ALL
from tests.differential.plan import GROUPS, OTHERS, compared, dialects_of

PARTS = 6


def test_some_tables_are_written_in_every_dialect() -> None:
    dialects = {dialect for number in range(OTHERS) for dialect in dialects_of(number)}

    assert len(dialects) == OTHERS * GROUPS == len(ALL)
    assert dialects == {*ALL}


@pytest.mark.parametrize("part", range(PARTS))
def test_tables_in_every_dialect_are_read_as_they_were_written(
    caplog: pytest.LogCaptureFixture, part: int
) -> None:
    caplog.set_level(logging.CRITICAL)

    result = compared(1, range(part, OTHERS, PARTS))

    found = smallest(result.faults[0]) if result.faults else None
    assert found is None, f"{found.dialect}: {found.content!r}: {found.difference}"
    assert sum(result.documents.values()) == OTHERS // PARTS * GROUPS
