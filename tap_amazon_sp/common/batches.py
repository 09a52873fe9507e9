"""Items in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists of at most `size`; no list is empty."""
    source = iter(items)
    while batch := list(itertools.islice(source, size)):
        yield batch


def chunks(values: Sequence[T], size: int | None) -> Iterator[list[T]]:
    """Cut a sequence into lists of at most `size` values; None means one list."""
    step = size or max(len(values), 1)
    for start in range(0, len(values), step):
        yield list(values[start : start + step])
