"""The entities in lists: they are created, and change, at determined moments.

Everything follows from the names of a timeline and the clock, so it does not matter when a timeline
is first used.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE
from tap_amazon_sp.simulator.world.world import World

# Like purchase orders, entities change more slowly than orders of customers.
_PACE = 0.1
_SHARE_OF_NEW = 0.3
_SHARE_EVER_CHANGED = 0.6
_MAX_LIFE = 12 * DAY
_RECENT = 200
_MIN_BELOW = 3
_FEWER_BELOW = 5


@dataclass
class Entity:
    """An entity; times are epoch seconds.

    Attributes:
        index: Its number in its timeline, oldest first.
        created: When it was created.
        updated: When it last changed; when it was created, if it never changed.
        changes: How often it changed.
    """

    index: int
    created: int
    updated: int
    changes: int = 0


@dataclass(frozen=True)
class TimelineSettings:
    """What all timelines of a seller share.

    Attributes:
        world: The world of the seller; a timeline has a tenth of the changes of its orders.
        count: Number of entities at the start.
    """

    world: World
    count: int

    @property
    def count_below(self) -> int:
        """Number of entities at the start in a list that belongs to another entity."""
        return min(self.count, max(_MIN_BELOW, self.count // _FEWER_BELOW))


@dataclass
class Timeline:
    """The entities of a list.

    Attributes:
        names: Names that no other timeline has.
        settings: What it shares with other timelines.
        count: Number of entities at the start; with fewer entities, there are fewer changes.
        entities: The entities, oldest first.
    """

    names: tuple[object, ...]
    settings: TimelineSettings
    count: int
    entities: list[Entity] = field(default_factory=list)
    _happened: int = 0

    def __post_init__(self) -> None:
        """Make up the past."""
        world = self.settings.world
        rng, end = world.random(*self.names), world.end_of_past
        moments = (end - int(rng.random() * world.length_of_past) for _ in range(self.count))
        for created in sorted(moments):
            changes = 0
            updated = created
            if rng.random() < _SHARE_EVER_CHANGED:
                changes = rng.randrange(1, 4)
                updated = min(end, created + rng.randrange(1, _MAX_LIFE))
            self.entities.append(Entity(len(self.entities), created, updated, changes))

    def advance(self, now: float) -> None:
        """Let all changes happen that are due by a moment (epoch seconds)."""
        world, total = self.settings.world, self.settings.count
        share = self.count / total if total else 1.0
        pace = world.changes_per_minute * _PACE * share / MINUTE
        while pace:
            rng = world.random(*self.names, "change", self._happened)
            moment = int(world.end_of_past + (self._happened + rng.random()) / pace)
            if moment > now:
                return
            self._happened += 1
            if not self.entities or rng.random() < _SHARE_OF_NEW:
                self.entities.append(Entity(len(self.entities), moment, moment))
                continue
            entity = rng.choice(self.entities[-_RECENT:])
            entity.updated = max(moment, entity.updated)
            entity.changes += 1
