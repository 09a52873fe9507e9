"""What lists are made of: things that came to be, and change, at known moments.

All follows from the names of a timeline and the clock: one that is asked for late catches up.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tap_amazon_sp.simulator.orders.history import PAST_ENDS_BEFORE_START
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE

# As with purchase orders, what is not an order changes more slowly than orders.
_PACE = 0.1
_SHARE_OF_NEW = 0.3
_SHARE_EVER_CHANGED = 0.6
_LONGEST_LIFE = 12 * DAY
_LIVELY = 200
_LEAST_BELOW = 3
_FEWER_BELOW = 5


@dataclass
class Entity:
    """A thing; times are epoch seconds.

    Attributes:
        index: Its number in its timeline, oldest first.
        created: When it came to be.
        updated: When it last changed, or came to be.
        changes: How often it changed.
    """

    index: int
    created: int
    updated: int
    changes: int = 0


@dataclass(frozen=True)
class TimelineSettings:
    """What all timelines of a world share.

    Attributes:
        seed: Another seed is another past.
        count: Things at the start.
        start: When the simulator started, epoch seconds.
        days: How far back the past reaches.
        changes_per_minute: Changes of orders a minute; a timeline has a tenth of them.
    """

    seed: int
    count: int
    start: float
    days: int
    changes_per_minute: float

    @property
    def count_below(self) -> int:
        """Things at the start in a list that belongs to another thing."""
        return min(self.count, max(_LEAST_BELOW, self.count // _FEWER_BELOW))

    @property
    def end_of_past(self) -> int:
        """Where the past ends and changes begin."""
        return int(self.start) - PAST_ENDS_BEFORE_START


@dataclass
class Timeline:
    """Things of a kind.

    Attributes:
        names: What sets it apart from other timelines.
        settings: What it shares with them.
        count: Things at the start; a timeline of few changes as much less often.
        entities: The things, oldest first.
    """

    names: tuple[object, ...]
    settings: TimelineSettings
    count: int
    entities: list[Entity] = field(default_factory=list)
    _happened: int = 0

    def __post_init__(self) -> None:
        """Make up the past."""
        settings = self.settings
        end = settings.end_of_past
        luck = chance(settings.seed, *self.names)
        span = (settings.days - 1) * DAY
        for created in sorted(end - int(luck.random() * span) for _ in range(self.count)):
            changes = 0
            updated = created
            if luck.random() < _SHARE_EVER_CHANGED:
                changes = luck.randrange(1, 4)
                updated = min(end, created + luck.randrange(1, _LONGEST_LIFE))
            self.entities.append(Entity(len(self.entities), created, updated, changes))

    def advance(self, now: float) -> None:
        """Let everything happen that is due by now (epoch seconds)."""
        settings = self.settings
        share = self.count / settings.count if settings.count else 1.0
        pace = settings.changes_per_minute * _PACE * share / MINUTE
        while pace:
            luck = chance(settings.seed, *self.names, "change", self._happened)
            moment = int(settings.end_of_past + (self._happened + luck.random()) / pace)
            if moment > now:
                return
            self._happened += 1
            if not self.entities or luck.random() < _SHARE_OF_NEW:
                self.entities.append(Entity(len(self.entities), moment, moment))
                continue
            entity = luck.choice(self.entities[-_LIVELY:])
            entity.updated = max(moment, entity.updated)
            entity.changes += 1
