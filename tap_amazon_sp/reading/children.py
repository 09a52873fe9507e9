"""Streams whose records belong to the records of another: inside them, or a call away.

They keep no state of their own: their parent's bookmark moves when theirs are written, too.
"""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.helpers.types import Context

from tap_amazon_sp.reading.read_ahead import LOOK_AHEAD
from tap_amazon_sp.reading.stream import Parameters, SellingPartnerStream, values_at

if TYPE_CHECKING:
    from tap_amazon_sp.reading.connection import Connection
    from tap_amazon_sp.tap import TapAmazonSP


class ChildStream(SellingPartnerStream):
    """A stream whose records belong to the records of another; it keeps no state of its own."""

    # Otherwise the SDK keeps a bookmark per parent record, and state grows without end.
    state_partitioning_keys: ClassVar[Sequence[str]] = ()

    from_parent: ClassVar[Mapping[str, str]] = {}
    """Properties added to a record by dotted path of the value in its parent record."""

    @classmethod
    def parent_class(cls) -> type[SellingPartnerStream]:
        """Return the class of the parent stream."""
        parent: type[SellingPartnerStream] = cls.parent_stream_type  # type: ignore[assignment]
        return parent

    @property
    def parent_name(self) -> str:
        """Name of the parent stream."""
        return str(self.parent_class().name)

    def additions(
        self, record: Mapping[str, Any], parameters: Parameters, parent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the properties that are added to a record."""
        added = super().additions(record, parameters, parent)
        for name, path in self.from_parent.items():
            found = values_at(parent, path.split("."))
            added[name] = found[0] if found else None
        return added

    def paths_in_parent(self) -> Iterable[str]:
        """Return the dotted paths of what this stream takes from a parent record."""
        return self.from_parent.values()

    def needs_of_parent(self, path: str) -> bool:
        """Whether this stream needs what lies at a dotted path in a parent record."""
        name = path.partition(".")[0]
        return any(needed.split(".")[0] == name for needed in self.paths_in_parent())

    def records_of(self, parent: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Give the records that belong to one record of the parent stream."""
        raise NotImplementedError

    def prefetch(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Hear which parent records come next, to ask for their records ahead."""

    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Give the records that belong to the parent record in the context."""
        return iter(self.records_of(context or {}))

    def sync_parent_record(self, parent: Mapping[str, Any]) -> None:
        """Write the records that belong to one record of the parent stream."""
        found = self.records_of(parent)
        records: Iterable[dict[str, Any]] = itertools.islice(found, self.ABORT_AT_RECORD_COUNT)
        if not self.is_inferred and not self._selected_children:
            for record in records:
                self._write_all(self.processed([record]))
            return
        # Not under the schema's lock: they may be a call away.
        records = list(records)
        with self.messages.one_schema():
            processed = self.processed(records)
            self.before_records(processed)
            self._write_all(processed)
            if self.is_inferred:
                self._batch.flush()

    def _write_all(self, records: Iterable[dict[str, Any]]) -> None:
        for record in records:
            # Deselection changes a record in place, and the parent shares its parts.
            self.write(copy.deepcopy(record) if self.deselects_properties else record)


def link_children(streams: Sequence[SellingPartnerStream]) -> None:
    """Tell streams of one account which others are their children.

    The SDK's own way tells every child in a line of the log.
    """
    by_class = {type(stream): stream for stream in streams}
    for stream in streams:
        if isinstance(stream, ChildStream) and stream.parent_class() in by_class:
            by_class[stream.parent_class()].child_streams.append(stream)


class EmbeddedStream(ChildStream):
    """Records that lie inside those of the parent: no further call."""

    list_in_parent: ClassVar[str]
    """Dotted path to the list, or the object, in a parent record."""

    @classmethod
    def answer_path(cls) -> tuple[str, ...]:
        """Return the names that lead from an answer to its records."""
        return (*cls.parent_class().answer_path(), *cls.list_in_parent.split("."))

    def needs_of_parent(self, path: str) -> bool:
        """Whether this stream needs what lies at a dotted path in a parent record."""
        name, _, inner = path.partition(".")
        if self.list_in_parent.split(".")[0] == name:
            return not inner or self.needs(inner)
        return super().needs_of_parent(path)

    def records_of(self, parent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the records in the parent record, with what they need of it."""
        for record in values_at(parent, self.list_in_parent.split(".")):
            if isinstance(record, dict):
                yield self.prepare(self._completed(record, {}, parent))


class CalledChildStream(ChildStream):
    """Records that take a call for each parent record; a page's calls run side by side."""

    parameters_from_parent: ClassVar[Mapping[str, str]] = {}
    """Parameters by the dotted path of their value in the parent record. Where it leads through
    a list, each value takes a call."""

    distinct_calls: ClassVar[bool] = False
    """Whether many parent records lead to the same call, which is then made once in a run."""

    def __init__(self, tap: TapAmazonSP, connection: Connection | None = None) -> None:
        """Belong to a tap; call nothing yet."""
        super().__init__(tap, connection)
        self._fixed_requests: list[Parameters] | None = None
        self._waiting: dict[Any, tuple[Parameters, Mapping[str, Any]]] = {}
        self._prefetched: dict[Any, Future[list[dict[str, Any]]]] = {}
        self._called: set[Any] = set()

    def requests_for(self, parent: Mapping[str, Any]) -> Iterator[Parameters]:
        """Give the parameters of each request that a parent record takes."""
        names = list(self.parameters_from_parent)
        values = [
            [value for value in values_at(parent, path.split(".")) if not isinstance(value, dict)]
            for path in self.parameters_from_parent.values()
        ]
        for combination in itertools.product(*values):
            of_parent = dict(zip(names, combination, strict=True))
            if self._fixed_requests is None:
                self._fixed_requests = list(self.requests())
            for fixed in self._fixed_requests:
                yield fixed | of_parent

    def paths_in_parent(self) -> Iterable[str]:
        """Return the dotted paths of what this stream takes from a parent record."""
        return (*self.from_parent.values(), *self.parameters_from_parent.values())

    @classmethod
    def given_parameters(cls) -> set[str]:
        """Return the names of the parameters that the stream declares itself."""
        return super().given_parameters() | {*cls.parameters_from_parent}

    def prefetch(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Begin the calls for these parent records, as many at once as the settings allow."""
        if not self.reads_ahead:
            return
        for parent in parents:
            for parameters in self.requests_for(parent):
                key = _key(parameters)
                if key not in self._prefetched and key not in self._called:
                    self._waiting[key] = parameters, parent
        self._call_ahead()

    def _call_ahead(self) -> None:
        """Begin calls, but so few that their records fit in memory, however slow the reader is."""
        most = LOOK_AHEAD * self.connection.max_parallel_requests
        while self._waiting and len(self._prefetched) < most:
            key = next(iter(self._waiting))
            self._prefetched[key] = self.executor.submit(self._call, *self._waiting.pop(key))

    def forget_prefetched(self) -> None:
        """Cancel the calls that have not begun, where the sync ended before they were needed."""
        self._waiting.clear()
        for future in self._prefetched.values():
            future.cancel()
        self._prefetched.clear()

    def records_of(self, parent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Give the records of one parent record, from all pages."""
        for parameters in self.requests_for(parent):
            key = _key(parameters)
            if self.distinct_calls:
                if key in self._called:
                    continue
                self._called.add(key)
            self._waiting.pop(key, None)
            future = self._prefetched.pop(key, None)
            self._call_ahead()
            if future is None:
                yield from self._call(parameters, parent)
                continue
            if not future.done():
                # What is there need not wait for it.
                self._batch.flush()
            yield from future.result()

    def _call(self, parameters: Parameters, parent: Mapping[str, Any]) -> list[dict[str, Any]]:
        pages = self.restarted_pages_of(parameters, parent)
        return [record for page in pages for record in page.records]


def _key(parameters: Parameters) -> str:
    return json.dumps(list(parameters.values()), default=str)
