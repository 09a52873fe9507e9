"""Reproducible chance: the same seed and names always give the same made-up world."""

from __future__ import annotations

import bisect
import random
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def chance(seed: int, *names: object) -> random.Random:
    """Return a source of random numbers that depends on the seed and the names alone."""
    key = zlib.crc32("/".join(map(str, names)).encode())
    return random.Random((seed << 32) ^ key)  # noqa: S311 - makes up data, guards nothing


def digits(seed: int, *names: object, length: int) -> str:
    """Return so many random decimal digits, the first not a zero."""
    low = 10 ** (length - 1)
    return str(chance(seed, *names).randrange(low, 10 * low))


def weighted(luck: random.Random, values: Sequence[T], sums: Sequence[int]) -> T:
    """Draw a value; as `random.choices` does, which adds up the weights each time.

    Args:
        luck: Where chance comes from.
        values: What there is to draw.
        sums: For each value its weight and those before it, added up.
    """
    draw = luck.random() * sums[-1]
    return values[bisect.bisect(sums, draw, 0, len(values) - 1)]
