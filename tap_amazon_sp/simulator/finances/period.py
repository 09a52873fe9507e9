"""The time that a call of the Finances APIs asks for."""

from __future__ import annotations

from typing import NamedTuple

from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE

_MIN_AGE = 2 * MINUTE
_MAX_LENGTH = 180 * DAY


class Period(NamedTuple):
    """A time; the end is excluded.

    Attributes:
        after: Begin, epoch seconds.
        before: End, epoch seconds.
    """

    after: float
    before: float

    def holds(self, moment: float) -> bool:
        """Return whether a moment lies in it."""
        return self.after <= moment < self.before


def period_of(call: Call, after_name: str, before_name: str) -> Period:
    """Return the time that a call asks for; it is empty if it is longer than 180 days.

    Source: the models `financesV0` and `finances_2024-06-19`. What else they demand of the times
    is checked before, as a rule of the operation.
    """
    after, before = call.times.get(after_name), call.times.get(before_name)
    begin = after or 0.0
    end = call.now - _MIN_AGE if before is None else before
    if after is not None and end - begin > _MAX_LENGTH:
        return Period(begin, begin)
    return Period(begin, end)
