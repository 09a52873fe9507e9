"""Windows: stretches of time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Window:
    """A stretch of time, from `after` to `before`, both inclusive as Amazon's filters are."""

    after: dt.datetime
    before: dt.datetime

    @property
    def length(self) -> dt.timedelta:
        """Time between both ends."""
        return self.before - self.after
