"""What a stream would read in a run, and the least calls and time that it takes.

Nothing here makes a request.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Hashable
from dataclasses import dataclass


@dataclass(frozen=True)
class StreamPlan:
    """What a stream would read.

    Attributes:
        how: How it is read, in a few words.
        operation_id: The operation whose calls are counted.
        calls: The least number of calls that the stream takes.
        start: Beginning of the time to read; None if the stream is not read by time.
        end: End of that time.
        jobs: The reports or queries that would be submitted; streams may share some.
    """

    how: str
    operation_id: str
    calls: int
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    jobs: frozenset[Hashable] = frozenset()


def least_seconds(calls: int, rate: float, burst: float) -> float:
    """Return the least time that calls take, from a full token bucket on.

    Args:
        calls: How many calls.
        rate: Tokens that the bucket gains in a second.
        burst: Tokens that a full bucket holds.
    """
    return max(0.0, calls - max(burst, 1.0)) / rate


def pages_of(records: int, page_size: int) -> int:
    """Return the least number of pages for so many records; an answer without records is a page."""
    return max(1, math.ceil(records / page_size))
