"""Values that do not have the type that Amazon documents for their property.

These values are moved to `_misfits`, like those of flat files, so that a property keeps its type:
SQL targets can add columns, but many cannot change the type of a column.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.singer.conforming import Conformer, Misfit
from tap_amazon_sp.singer.inference import Test
from tap_amazon_sp.singer.schemas import Schema
from tap_amazon_sp.singer.writer import to_json

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


class RecordConformer:
    """Makes the records of one stream of one account conform to its schema."""

    def __init__(self, stream: AmazonStream) -> None:
        """Read no schema yet."""
        self._stream = stream
        self._conformer: tuple[Schema, Conformer] | None = None

    def conform(self, record: dict[str, Any]) -> None:
        """Change a record in place so that its values have the types in the schema.

        Misfits move to `_misfits`, by their dotted path; the first of each property is logged.
        """
        schema = self._stream.schema
        known = self._conformer
        if known is None or known[0] is not schema:
            self._conformer = known = schema, Conformer(schema)
        misfits = known[1].conform(record)
        if misfits:
            self._keep(record, misfits)

    def _keep(self, record: dict[str, Any], misfits: Sequence[Misfit]) -> None:
        before = record.get(MISFITS)
        found = {one.label: one.text for one in misfits}
        record[MISFITS] = (before if isinstance(before, dict) else {}) | found
        for one in misfits:
            self._stream.messages.tell_misfit(".".join(one.names), one.kind)


def names_in_label(label: str) -> tuple[str, ...]:
    """Return the names in the dotted path of a misfit, without positions in lists."""
    return tuple(name for name in label.split(".") if not name.isdecimal())


def handed_down(parent: Mapping[str, Any], place: Sequence[str]) -> dict[int, dict[str, str]]:
    """Return the misfits of the records inside a parent record, by the number of the record.

    Args:
        parent: The parent record.
        place: The names that lead to the records, which are counted as `values_at` yields them.
    """
    found = parent.get(MISFITS)
    if not isinstance(found, dict):
        return {}
    by_record: dict[int, dict[str, str]] = {}
    for number, path in enumerate(_paths_of_values(parent, tuple(place), "")):
        inside = {
            label.removeprefix(path): text
            for label, text in found.items()
            if label.startswith(path)
        }
        if inside:
            by_record[number] = inside
    return by_record


def _paths_of_values(value: Any, place: tuple[str, ...], path: str) -> Iterable[str]:
    """Yield the beginning of the dotted path of each value at a place, through lists on the way."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _paths_of_values(item, place, f"{path}{number}.")
    elif value is not None:
        if not place:
            yield path
        elif isinstance(value, dict):
            yield from _paths_of_values(value.get(place[0]), place[1:], f"{path}{place[0]}.")


def put_aside_misfits(columns: Mapping[str, Test], records: Iterable[dict[str, Any]]) -> None:
    """Move values that do not have the type of their column to `_misfits`, as text by column."""
    for record in records:
        for name, is_of_kind in columns.items():
            value = record.get(name)
            if value is not None and not is_of_kind(value):
                text = value if isinstance(value, str) else to_json(value).decode()
                record[name] = None
                record.setdefault(MISFITS, {})[name] = text


def select_misfits(
    records: Iterable[dict[str, Any]], is_selected: Callable[[str], bool], *, as_text: bool
) -> None:
    """Remove the misfits of columns that are not selected.

    Args:
        records: The rows.
        is_selected: Returns whether a column is selected.
        as_text: Whether `_misfits` is written as text.
    """
    for record in records:
        if MISFITS in record:
            selected = {
                name: value for name, value in record.pop(MISFITS).items() if is_selected(name)
            }
            if selected:
                record[MISFITS] = to_json(selected).decode() if as_text else selected
