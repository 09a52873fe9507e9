"""Reproducible random numbers: the same seed and names always make the same world."""

from __future__ import annotations

import bisect
import hashlib
import random
import zlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


def seeded_random(seed: int, *names: object) -> random.Random:
    """Return a source of random numbers that depends on the seed and the names alone."""
    key = zlib.crc32("/".join(map(str, names)).encode())
    return random.Random((seed << 32) ^ key)  # noqa: S311 - makes up data, guards nothing


def number_from(*names: object) -> int:
    """Return a large number that follows from names; in contrast to a checksum, it is unique."""
    text = "\x1f".join(map(str, names)).encode()
    return int.from_bytes(hashlib.blake2b(text, digest_size=16).digest(), "big")


def share_from(*names: object) -> float:
    """Return a number from 0 to 1 (exclusive) that follows from names.

    It is much faster than the first number of a source of its own, as `seeded_random` makes one.
    """
    return (number_from(*names) >> 75) / (1 << 53)


def weighted(rng: random.Random, values: Sequence[T], sums: Sequence[int]) -> T:
    """Draw a value; faster than `random.choices`, which adds up the weights in each call.

    Args:
        rng: Source of random numbers.
        values: The values to draw from.
        sums: For each value, the sum of its weight and of all weights before it.
    """
    draw = rng.random() * sums[-1]
    return values[bisect.bisect(sums, draw, 0, len(values) - 1)]
