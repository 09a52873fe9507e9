"""The time that a call of the Finances APIs asks for."""

from __future__ import annotations

from typing import NamedTuple

from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.server.errors import invalid_parameter
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

    Sources: the models `financesV0` and `finances_2024-06-19`.

    Raises:
        ApiError: 400, a time is not two minutes ago, or the end is not after the begin.
    """
    latest = call.now - _MIN_AGE
    after, before = call.times.get(after_name), call.times.get(before_name)
    for name, moment in ((after_name, after), (before_name, before)):
        if moment is not None and moment > latest:
            raise invalid_parameter(name, "it must be more than two minutes before now")
    if after is not None and before is not None and before <= after:
        raise invalid_parameter(before_name, f"it is not after '{after_name}'")
    if before is not None and after is None:
        raise invalid_parameter(before_name, f"'{after_name}' is required with it")
    begin, end = after or 0.0, latest if before is None else before
    if after is not None and end - begin > _MAX_LENGTH:
        return Period(begin, begin)
    return Period(begin, end)
