"""What the catalog deselects, at any depth of a record.

The SDK removes deselected properties that the schema knows. Here also goes what nobody declared: a
new property inside an object with deselected properties may be the kind of data that the user does
not want. Properties of records that are a stream of their own, such as the items of orders, are
removed from both streams.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Names = tuple[str, ...]
"""The names that lead to a property, without positions in lists."""


@dataclass
class _Node:
    """A partly deselected object, or the objects in a list."""

    declared: frozenset[str]
    removed: set[str] = field(default_factory=set)
    inside: dict[str, _Node] = field(default_factory=dict)


class Deselection:
    """Removes from records what is deselected."""

    def __init__(
        self,
        schema: Mapping[str, Any],
        deselected: Iterable[Names],
        tell: Callable[[Names], None] | None = None,
    ) -> None:
        """Take the deselected properties.

        Args:
            schema: JSON Schema of the records, with all properties that are declared.
            deselected: The names that lead to each deselected property.
            tell: Is called for each undeclared property that is left out.
        """
        self._tell = tell
        self.deselected = tuple(_outermost(deselected))
        self._root = _Node(_declared(schema))
        for names in self.deselected:
            self._add(schema, names)

    def __bool__(self) -> bool:
        """Return whether a property is deselected."""
        return bool(self.deselected)

    def _add(self, schema: Mapping[str, Any], names: Names) -> None:
        node = self._root
        for name in names[:-1]:
            schema = _of_items(_of_items(schema).get("properties", {}).get(name, {}))
            node = node.inside.setdefault(name, _Node(_declared(schema)))
        node.removed.add(names[-1])

    def within(self, schema: Mapping[str, Any], place: Sequence[str]) -> list[Names]:
        """Return what is deselected, as properties of records that hold these records at a place.

        Args:
            schema: JSON Schema of the outer records; properties that it does not have there, such
                as those that are added to the inner records, are not among the result.
            place: The names that lead from an outer record to the inner ones.
        """
        for name in place:
            schema = _of_items(schema).get("properties", {}).get(name, {})
        known = _declared(schema)
        return [(*place, *names) for names in self.deselected if names[0] in known]

    def is_selected(self, names: Sequence[str]) -> bool:
        """Return whether the property that names lead to is written."""
        node = self._root
        for name in names:
            if name in node.removed or (self.deselected and name not in node.declared):
                return False
            if name not in node.inside:
                return True
            node = node.inside[name]
        return True

    def apply(self, record: dict[str, Any]) -> None:
        """Remove what is deselected from a record, in place; the keys stay."""
        if self.deselected:
            self._apply(self._root, record, ())

    def _apply(self, node: _Node, value: Any, names: Names) -> None:
        if isinstance(value, list):
            for item in value:
                self._apply(node, item, names)
        if not isinstance(value, dict):
            return
        for name in list(value):
            if name in node.removed:
                del value[name]
            elif name in node.inside:
                self._apply(node.inside[name], value[name], (*names, name))
            elif name not in node.declared and names:
                # The properties of the record itself are looked at before.
                del value[name]
                if self._tell is not None:
                    self._tell((*names, name))


def deselected_in(mask: Mapping[tuple[str, ...], bool]) -> Iterator[Names]:
    """Yield the names that lead to each property that a selection mask leaves out."""
    for breadcrumb, is_selected in mask.items():
        if not is_selected and breadcrumb:
            yield names_of(breadcrumb)


def names_of(breadcrumb: Sequence[str]) -> Names:
    """Return the names in a breadcrumb of a catalog.

    Singer does not say how breadcrumbs lead through lists: with `items` or without.
    """
    crumbs = iter(breadcrumb)
    return tuple(next(crumbs, "") for crumb in crumbs if crumb == "properties")


def _outermost(deselected: Iterable[Names]) -> Iterator[Names]:
    """Yield the deselected properties that do not lie inside another one."""
    found: set[Names] = set()
    for names in sorted(set(deselected), key=len):
        if not any(names[:length] in found for length in range(1, len(names))):
            found.add(names)
            yield names


def _declared(schema: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(_of_items(schema).get("properties", ()))


def _of_items(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    while "items" in schema:
        schema = schema["items"]
    return schema
