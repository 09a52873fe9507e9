"""Reading records that are nested in the records of another stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.common.json_paths import values_at
from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.reading.misfits import handed_down
from tap_amazon_sp.reading.reader import ChildRead, ChildReader, Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


NO_OBJECTS = "values in the place of records that are not objects"


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
        self._path = tuple(read.place.split("."))

    @property
    def properties_looked_at(self) -> frozenset[str]:
        """No property: records pass as they are."""
        return frozenset()

    def needs_of_parent(self, path: str) -> bool:
        """Return whether the stream needs the value at a dotted path in a parent record."""
        name, _, inner = path.partition(".")
        if self._path[0] == name:
            return not inner or self.stream.needs(inner)
        return super().needs_of_parent(path)

    def records_of(self, parent: Mapping[str, Any]) -> Records:
        """Return the records in a parent record, with the properties copied from it."""
        pipeline = self.stream.pipeline
        found = values_at(parent, self._path)
        for number, misfits in handed_down(parent, self._path).items():
            if isinstance(found[number], dict):
                found[number] = found[number] | {MISFITS: misfits}
        records = [one for one in found if isinstance(one, dict)]
        self.stream.omissions.count(NO_OBJECTS, number=len(found) - len(records))
        return pipeline.complete(records, pipeline.request({}, parent))
