"""Items in batches."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

LOOKED_AT = 16
"""Items after which `batches_by_size` looks at their size."""


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


def batches_by_size(
    items: Iterable[T], count: int, size_so_far: Callable[[], int], max_size: int
) -> Iterator[list[T]]:
    """Yield items in lists of at most so many, and of fewer if the items are large.

    Args:
        items: The items.
        count: The most items of a list, rounded up to a multiple of `LOOKED_AT`.
        size_so_far: Returns the size of all items so far, in any unit.
        max_size: The size from which a list gets no further items. It is looked at after every
            `LOOKED_AT` items.
    """
    iterator = iter(items)
    batch: list[T] = []
    begin = size_so_far()
    while some := list(itertools.islice(iterator, LOOKED_AT)):
        batch += some
        if len(batch) >= count or size_so_far() - begin > max_size:
            yield batch
            batch, begin = [], size_so_far()
    if batch:
        yield batch
