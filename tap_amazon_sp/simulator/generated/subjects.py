"""What a made-up record is about, and where in it a value stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.world.marketplaces import Marketplace

SHALLOW = 2


@dataclass(frozen=True)
class Subject:
    """The subject of a record: its values follow from it.

    Attributes:
        key: Names that no other subject has.
        index: Its number in its collection.
        created: When it was created, epoch seconds.
        updated: When it last changed, epoch seconds.
        marketplace: The marketplace that it belongs to.
        seller_id: Merchant token of the seller that it belongs to.
        changes: How often it changed.
        own_key: Plain name of the property that identifies it.
        known: Values that the record must show because the call asks for them, by plain name.
        known_depth: Maximum depth in the record at which they are shown.
        exact: Plain stems of the times that filters look at, so that they must be exact.
        options: Possible values of texts by plain name, if the schema does not list them.
    """

    key: tuple[object, ...]
    index: int
    created: int
    updated: int
    marketplace: Marketplace
    seller_id: str = ""
    changes: int = 0
    own_key: str = ""
    known: Mapping[str, Any] = field(default_factory=dict)
    known_depth: int = SHALLOW
    exact: frozenset[str] = frozenset()
    options: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Place:
    """The place of a value in a record.

    Attributes:
        path: Names of properties and positions in lists, from the record down to the value.
        name: The last of the names.
        depth: Number of objects around it.
        position: Position in the innermost list around it.
        refs: References to the definitions around it.
    """

    path: tuple[str, ...] = ()
    name: str = ""
    depth: int = 0
    position: int = 0
    refs: tuple[str, ...] = ()

    def inside(self, name: str) -> Place:
        """Return the place of a property."""
        return Place((*self.path, name), name, self.depth + 1, self.position, self.refs)

    def at(self, position: int) -> Place:
        """Return the place of an item."""
        return Place((*self.path, str(position)), self.name, self.depth, position, self.refs)

    def below(self, ref: str) -> Place:
        """Return the same place inside a definition."""
        return Place(self.path, self.name, self.depth, self.position, (*self.refs, ref))

    def above(self, path: tuple[str, ...]) -> Place:
        """Return a place around this one, or the same place without some positions."""
        return Place(path, self.name, self.depth)
