"""Items in batches."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists of at most `size`; no list is empty."""
    source = iter(items)
    while batch := list(itertools.islice(source, size)):
        yield batch
