"""Lists of some items each, out of any number that come one by one."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Give items in lists of at most so many; none is empty."""
    source = iter(items)
    while batch := list(itertools.islice(source, size)):
        yield batch
