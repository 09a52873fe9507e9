"""The steps of a record: extract, add, transform, conform, write.

1. `Reader.extract` takes the records out of an answer.
2. Properties are added to a record: values from deeper inside it, from the request and from the
   parent record, the account, and the number among equal records.
3. `AmazonStream.transform` makes the changes that a stream declares.
4. Values get the types in the schema, and each part of the key a value.
5. The schema and the records are fitted to each other, the records of child streams are written,
   and then the record itself.

Steps 1 to 4 run in the thread that made the request, step 5 runs in the thread of the stream.

A record that needs no change goes the same way as an `UnchangedRecord`: its JSON is never rebuilt.
"""

from __future__ import annotations

import copy
import functools
import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.common.json_paths import (
    at_path,
    at_path_or_list,
    first_at,
    first_or_only,
    values_at,
)
from tap_amazon_sp.documents.values import MISFITS
from tap_amazon_sp.reading.keys import RecordKeys, is_key, is_text_key, number_key
from tap_amazon_sp.reading.misfits import RecordConformer
from tap_amazon_sp.reading.raw_records import RecordInspector, inspector_of
from tap_amazon_sp.reading.reader import Parameters, Records
from tap_amazon_sp.reading.unchanged_records import Addition, UnchangedRecord

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream

ACCOUNT = "_account"
"""The property with the account of a record, if the settings describe several accounts."""

OCCURRENCE = "occurrence"
"""The property that counts equal records of a request, from 0, if records have no id."""


@dataclass
class Request:
    """What is added to the records that a request gives.

    Attributes:
        parameters: Of the request.
        parent: The record of the parent stream; empty where there is none.
        added: The properties that are added to all its records alike.
        equal: How many records were equal so far, by what they have in common.
        addition: What is added to unchanged records, once it is known.
        pages: How many pages came so far.
    """

    parameters: Parameters
    parent: Mapping[str, Any]
    added: dict[str, Any]
    equal: dict[tuple[Any, ...], int] = field(default_factory=dict)
    addition: Addition | None = None
    pages: int = 0


class RecordPipeline:
    """Brings the records of one stream of one account from an answer to the output."""

    def __init__(self, stream: AmazonStream) -> None:
        """Write nothing yet."""
        self._stream = stream
        self._from_parent = {
            name: tuple(path.split(".")) for name, path in stream.read.from_parent.items()
        }
        self._lifted = {name: tuple(path.split(".")) for name, path in stream.lifted.items()}
        self._from_answer = {
            name: tuple(path.split(".")) for name, path in stream.from_answer.items()
        }
        self.inspector: RecordInspector | None = None

    def begin(self) -> None:
        """Prepare to write the records of this stream and its children.

        Their first schemas are written already. Until then all records are decoded.
        """
        for child in self._stream.selected_children:
            child.pipeline.begin()
        self.inspector = inspector_of(self._stream)

    @functools.cached_property
    def added_properties(self) -> frozenset[str]:
        """The properties that the declaration of the stream adds to its records."""
        account = () if self._stream.connection.name is None else (ACCOUNT,)
        of_request = (*self._stream.from_request, *self._from_parent, *self._from_answer)
        return frozenset([*self._lifted, *of_request, *account])

    @functools.cached_property
    def text_keys(self) -> tuple[str, ...]:
        """The properties of the key that are text."""
        properties = self._stream.schema["properties"]
        return tuple(
            name for name in self._stream.own_primary_keys if is_text_key(properties[name])
        )

    @functools.cached_property
    def keys(self) -> RecordKeys:
        """Completes the keys of records."""
        return RecordKeys(self._stream)

    @functools.cached_property
    def conformer(self) -> RecordConformer:
        """Makes the values of records conform to the schema."""
        return RecordConformer(self._stream)

    # --- Extract, add, transform ----------------------------------------------------------------

    def request(self, parameters: Parameters, parent: Mapping[str, Any]) -> Request:
        """Return what a request adds to its records."""
        added = {}
        for name, parameter in self._stream.from_request.items():
            added[name] = first_or_only(parameters.get(parameter))
        return Request(parameters, parent, added | self._of_parent(parent))

    def _of_parent(self, parent: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a record takes from its parent record."""
        added = {}
        for name, path in self._from_parent.items():
            found = at_path_or_list(parent, path)
            if found.__class__ is list:
                found = next(iter(values_at(parent, path)), None)
            added[name] = found
        return added

    def begin_page(self, request: Request, answer: Answer) -> None:
        """Take from an answer what lies beside its records and is added to each of them."""
        request.pages += 1
        request.added.pop(MISFITS, None)
        for name, path in self._from_answer.items():
            found = at_path(answer.envelope, path)
            if found is None:
                request.added.setdefault(name, None)
            else:
                beside = {name: found}
                self.conformer.conform(beside)
                request.added |= beside
                request.addition = None

    def complete(self, records: Iterable[dict[str, Any]], request: Request) -> Records:
        """Return the records of a page with all properties, as the stream transforms them.

        Their values have the types in the schema, and each part of their keys has a value. For an
        inferred schema that is so only after they are fitted to it. A record without what
        identifies it is left out, and the stream fails in the end.

        Raises:
            SettingsError: No record has the key that the settings name.
        """
        stream = self._stream
        completed = stream.transform_page([self._completed(record, request) for record in records])
        if stream.fitting.is_inferred:
            return completed
        for record in completed:
            if not isinstance(record, UnchangedRecord):
                self.conformer.conform(record)
        return self.keys.with_keys(completed)

    def with_parent(self, records: Sequence[UnchangedRecord], parent: UnchangedRecord) -> Records:
        """Return what is inside a record that is written as it came: the same as `complete` does.

        Args:
            records: The records of this stream in the parent record.
            parent: The parent record.
        """
        added = self._of_parent(parent)
        if self._stream.connection.name is not None:
            added[ACCOUNT] = self._stream.connection.name
        if not self._lifted and self._are_keys(added):
            addition = Addition(added)
            extended = [record.extended(addition) for record in records]
            if None not in extended:
                return cast("Records", extended)
        return self.complete(records, self.request({}, parent))

    def _are_keys(self, added: Mapping[str, Any]) -> bool:
        """Return whether what is added of the key can stay as it is."""
        for name in self.text_keys:
            if name in added and not (added[name].__class__ is str and is_key(added[name])):
                return False
        return True

    def _completed(self, record: dict[str, Any], request: Request) -> dict[str, Any]:
        """Return a record with all properties that are added to it."""
        if isinstance(record, UnchangedRecord):
            extended = self._extended(record, request)
            if extended is not None:
                return extended
            record = record.decoded()
        if self._stream.has_own_code and not self._stream.fitting.is_inferred:
            # So that this code meets only what the schema says.
            self.conformer.conform(record)
        added = self._added(record, request)
        if added:
            own_misfits = record.get(MISFITS)
            record = added | record | added
            if MISFITS in added and isinstance(own_misfits, dict):
                record[MISFITS] = own_misfits | added[MISFITS]
        if self._stream.numbered_by:
            key = number_key(record, self._stream.numbered_by)
            record[OCCURRENCE] = number = request.equal.get(key, 0)
            request.equal[key] = number + 1
        return record

    def _extended(self, record: UnchangedRecord, request: Request) -> UnchangedRecord | None:
        """Return an unchanged record with what is added to it; None if it has to be decoded."""
        if self._lifted or request.addition is None:
            added = self._added(record, request)
            # Most records of a page get the same, such as their marketplace.
            if request.addition is None or not request.addition.is_of_texts(added):
                if not self._are_keys(added):
                    return None
                request.addition = Addition(added)
        return record.extended(request.addition)

    def _added(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        added = self._stream.add(record, request)
        if self._stream.connection.name is not None:
            added[ACCOUNT] = self._stream.connection.name
        return added

    def additions(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Return the properties that the declaration of the stream adds to a record."""
        return {name: first_at(record, path) for name, path in self._lifted.items()} | request.added

    # --- Write ----------------------------------------------------------------------------------

    def write(self, page: Records) -> int:
        """Write a page of records, each after those of its children.

        Returns:
            How many records of the stream were written, or would be if it were selected.

        Raises:
            ReaderGoneError, SyncInterrupted: As `RecordBatch.add`.
            SettingsError: The records do not fit what the settings say.
        """
        stream = self._stream
        with stream.messages.one_schema():
            records = stream.fitting.fit(page)
            for child in tuple(stream.selected_children):
                parents = filter(stream.messages.passes_filter, records)
                if child.child_reader.takes_calls:
                    child.child_reader.prefetch(parents)
                else:
                    self._write_children(child, parents)
            self._write_fitted(records)
            if stream.fitting.is_inferred:
                # Another account may write a wider SCHEMA as soon as the lock is free.
                stream.batch.flush()
            return len(records)

    def _write_fitted(self, records: Records) -> None:
        """Write records, each after those of its children that take calls."""
        stream = self._stream
        with_calls = [child for child in stream.selected_children if child.child_reader.takes_calls]
        if stream.selected and not with_calls:
            stream.messages.write_all(records, stream.batch)
            stream.written.add(len(records))
            return
        for record in records:
            for child in with_calls:
                if child in stream.selected_children and stream.messages.passes_filter(record):
                    self._write_children(child, [record])
            if stream.selected:
                stream.messages.write(record, stream.batch)
                stream.written.add(1)

    def _write_children(self, child: AmazonStream, parents: Iterable[Mapping[str, Any]]) -> None:
        """Write the child records of some records; a child that fails does not stop other streams.

        After a failure the bookmark does not move, so the next run reads the missing records.
        """
        try:
            child.pipeline.write_of_parents(parents)
        except Exception as error:  # noqa: BLE001 - the run raises again what ends all streams
            self._stream.run.report_failure(child, error)
            child.child_reader.forget_prefetched()
            self._stream.selected_children.remove(child)

    def write_of_parents(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Write the records that belong to some records of the parent stream.

        Raises:
            Exception: As `write`, and what reading them raises.
        """
        stream = self._stream
        reader = stream.child_reader
        found = itertools.chain.from_iterable(map(reader.records_of, parents))
        records: Iterable[dict[str, Any]] = itertools.islice(found, stream.ABORT_AT_RECORD_COUNT)
        if stream.messages.deselection:
            # It changes a record in place, and the parent record contains the same objects.
            records = map(copy.deepcopy, records)
        if not reader.takes_calls or stream.fitting.is_inferred or stream.selected_children:
            # Read first, outside the lock of the schema: the records may take a request.
            self.write(list(records))
            return
        for record in records:
            self._write_fitted(stream.fitting.fit([record]))
