"""A table that is read differently is found, and made as small as possible."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from tests.differential import comparison
from tests.differential.comparison import compare, smallest
from tests.differential.dialects import Dialect, Style
from tests.differential.tables import random_table

COMMAS = Dialect(",", Style.NEEDED, Style.NEEDED)
TABS = Dialect("\t", Style.NEEDED, Style.NEEDED)


class Rows(list[dict[str, Any]]):
    """Rows as a reader gives them."""

    columns: tuple[SimpleNamespace, ...] = ()


def lossy(document: Iterable[bytes], *_: object, **__: object) -> Rows:
    """Read as csv does, and lose the spaces around cells."""
    lines = csv.reader(io.StringIO(b"".join(document).decode(), newline=""))
    names = next(lines)
    rows = Rows(dict(zip(names, map(str.strip, line), strict=False)) for line in lines)
    rows.columns = tuple(SimpleNamespace(name=name) for name in names)
    return rows


def test_a_fault_is_found_and_made_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "read_rows", lossy)
    faults = [
        fault
        for number in range(30)
        if (fault := compare(random_table(Random(number)), COMMAS, str(number)))
    ]

    fault = smallest(max(faults, key=lambda fault: len(fault.content)))

    assert len(fault.content) < 20
    assert fault.difference.startswith("row 1: ['")
    assert " instead of " in fault.difference


def test_a_reader_that_takes_the_wrong_delimiter_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparison, "read_rows", lossy)

    fault = compare(random_table(Random(2)), TABS, "1")

    assert fault is not None
    assert fault.difference.startswith("header: ")
