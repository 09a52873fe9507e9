"""Reading records that are nested in the records of another stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.json_paths import gaps_at, values_at
from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.reading.misfits import handed_down
from tap_amazon_sp.reading.plan import StreamPlan
from tap_amazon_sp.reading.reader import ChildRead, ChildReader, Records
from tap_amazon_sp.reading.unchanged_records import UnchangedRecord

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class Inside(ChildRead):
    """Records that are nested in the records of the parent stream: no further request.

    Attributes:
        of: The parent stream.
        place: Dotted path to the list or object in a parent record.
        copied: Properties added to a record, by dotted path of the value in its parent record.
    """

    of: type[AmazonStream]
    place: str
    copied: Mapping[str, str] = field(default_factory=dict)

    @property
    def place_in_parent(self) -> str:
        """Dotted path of the records in a parent record."""
        return self.place

    def reader(self, stream: AmazonStream) -> ChildReader:
        """Return the reader that takes the records out of a parent record."""
        return InsideReader(stream, self)


class InsideReader(ChildReader):
    """Takes records out of parent records."""

    takes_calls = False

    def __init__(self, stream: AmazonStream, read: Inside) -> None:
        """Read nothing yet."""
        super().__init__(stream)
        self._read = read
        self._path = tuple(read.place.split("."))
        self._is_required = self.required_in_parent(self._path)

    @property
    def properties_looked_at(self) -> frozenset[str]:
        """No property: records pass as they are."""
        return frozenset()

    def plan_with_parent(self, parent: StreamPlan) -> StreamPlan:  # noqa: ARG002 - as for calls
        """Return no call: the records come with those of the parent stream."""
        how = f"within the records of {self._read.of.name}"
        return StreamPlan(how, self.stream.operation, 0, "exactly")

    def needs_of_parent(self, path: str) -> bool:
        """Return whether the stream needs the value at a dotted path in a parent record."""
        name, _, inner = path.partition(".")
        if self._path[0] == name:
            return not inner or self.stream.needs(inner)
        return super().needs_of_parent(path)

    def records_of(self, parent: Mapping[str, Any]) -> Records:
        """Return the records in a parent record, with the properties copied from it.

        What is not an object in their place is missing, and so is a list that the model requires
        and that is not there. The bookmark does not move past it.
        """
        pipeline = self.stream.pipeline
        if isinstance(parent, UnchangedRecord) and (unchanged := parent.get(self._read.place)):
            # None of them is missing, and nothing in them is a misfit.
            return pipeline.with_parent(unchanged, parent)
        found = values_at(parent, self._path)
        for number, misfits in handed_down(parent, self._path).items():
            if isinstance(found[number], dict):
                found[number] = found[number] | {MISFITS: misfits}
        records = [one for one in found if isinstance(one, dict)]
        has_gaps = any(gaps_at(parent, self._path, self._is_required))
        if has_gaps or len(records) < len(found) or self._has_misfit(parent):
            self.note_missing(parent, f"`{self._read.place}` has no objects")
        return pipeline.complete(records, pipeline.request({}, parent))

    def _has_misfit(self, parent: Mapping[str, Any]) -> bool:
        """Return whether the place of the records, or of one of them, had something else."""
        misfits = parent.get(MISFITS)
        for label in misfits if isinstance(misfits, Mapping) else ():
            names = tuple(name for name in label.split(".") if not name.isdecimal())
            if names == self._path[: len(names)]:
                return True
        return False
