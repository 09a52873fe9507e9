"""Reproducible chance: the same seed and names always give the same made-up world."""

from __future__ import annotations

import random
import zlib


def chance(seed: int, *names: object) -> random.Random:
    """Return a source of random numbers that depends on the seed and the names alone."""
    key = zlib.crc32("/".join(map(str, names)).encode())
    return random.Random((seed << 32) ^ key)  # noqa: S311 - makes up data, guards nothing


def digits(seed: int, *names: object, length: int) -> str:
    """Return so many random decimal digits, the first not a zero."""
    low = 10 ** (length - 1)
    return str(chance(seed, *names).randrange(low, 10 * low))
