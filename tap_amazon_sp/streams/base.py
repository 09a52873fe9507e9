"""Base classes of all streams: a stream is a few declarative lines on top of an operation.

The SDK's stream is used for what it knows about Singer (catalog, selection, stream maps,
flattening, messages). Reading, windows and bookmarks are done here, because the SDK moves a
bookmark with each record, which is only true for sorted records, and Amazon's are not.
"""

from __future__ import annotations

import copy
import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import ExitStack
from decimal import Decimal
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk import Stream
from singer_sdk.helpers._catalog import get_selected_schema
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record
from singer_sdk.metrics import Counter
from singer_sdk.singerlib import Catalog

from tap_amazon_sp.api import catalogue
from tap_amazon_sp.api.catalogue import Operation, TimeFilter
from tap_amazon_sp.api.client import SellingPartnerClient
from tap_amazon_sp.api.errors import PageTokenRejectedError
from tap_amazon_sp.schemas import packaged_schema
from tap_amazon_sp.settings import SettingsError
from tap_amazon_sp.streams.windows import SETTLING_TIME, Window, WindowPlan
from tap_amazon_sp.timestamps import (
    EPOCH,
    format_timestamp,
    parse_timestamp,
    timestamp_normalizer,
    to_milliseconds,
)

if TYPE_CHECKING:
    from tap_amazon_sp.accounts import Account
    from tap_amazon_sp.tap import TapAmazonSP

MARKETPLACE_PARAMETERS = ("marketplaceIds", "MarketplaceIds")
MAX_RESTARTS = 3


class SellingPartnerStream(Stream):
    """A stream of the records that one operation gives."""

    # Amazon's JSON is passed on as it came: the SDK's conformance would drop what it does not know.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    operation_id: ClassVar[str]
    """The operation that is called, such as `orders_2026-01-01.searchOrders`."""

    schema_name: ClassVar[str | None] = None
    """Name of the file in `schemas/`, where it is not the stream's."""

    roles: ClassVar[tuple[str, ...]] = ()
    """The roles of which an application needs one, as Amazon's documentation calls them."""

    def __init__(self, tap: TapAmazonSP) -> None:
        """Belong to a tap; read nothing yet."""
        super().__init__(tap)
        # A catalog may replace both.
        self._own_primary_keys = tuple(self.primary_keys)
        self._own_replication_key = self.replication_key
        self._counter: Counter | None = None
        self._dropped_properties: set[str] = set()

    @property
    def tap(self) -> TapAmazonSP:
        """The tap this stream belongs to."""
        return cast("TapAmazonSP", self._tap)

    @property
    def client(self) -> SellingPartnerClient:
        """The client of the account that is read."""
        return self.tap.client

    @property
    def account(self) -> Account:
        """The account that is read."""
        return self.client.account

    @functools.cached_property
    def operation(self) -> Operation:
        """The operation that is called."""
        return catalogue.operation(self.operation_id)

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a record."""
        if self._schema is None:
            self._schema = packaged_schema(self.schema_name or self.name)
        return self._schema

    @functools.cached_property
    def _normalize_timestamps(self) -> Callable[[Any], Any]:
        return timestamp_normalizer(self.schema) or (lambda record: record)

    @functools.cached_property
    def _known_properties(self) -> set[str]:
        return set(self.effective_schema["properties"])

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take selection, schema and keys from a catalog; keys it does not give stay as they are.

        Raises:
            SettingsError: The catalog describes another stream of the same name.
        """
        super().apply_catalog(catalog)
        entry = catalog.get_stream(self.name)
        if entry is None:
            return
        missing = set(self._own_primary_keys) - set(entry.schema.properties or {})
        if missing:
            message = (
                f"The catalog's stream '{self.name}' has no property {', '.join(sorted(missing))}: "
                "it was discovered with other settings (`orders_api`?), discover again"
            )
            raise SettingsError([message])
        if entry.key_properties is None and not self.primary_keys:
            self.primary_keys = self._own_primary_keys
        if self.replication_key is None:
            self.replication_key = self._own_replication_key

    def sync(self, context: Context | None = None) -> None:  # type: ignore[misc]
        """Write the schemas of this stream and its children, then all records.

        The SDK's own `sync` writes the children's schema and state with every parent record.
        """
        self.log("Beginning sync of '%s' in %s mode", self.name, self.replication_method.lower())
        with ExitStack() as stack:
            for stream in (self, *cast("list[SellingPartnerStream]", self.descendent_streams)):
                stack.callback(stream.forget_prefetched)
                if stream.selected:
                    stream._write_schema_message()  # noqa: SLF001
                    stream._counter = stack.enter_context(  # noqa: SLF001
                        stream.get_record_counter()
                    )
            stack.enter_context(self.get_sync_timer())
            # When `get_records` is asked for more, the records before are written.
            for index, record in enumerate(self.get_records(context)):
                self._check_max_record_limit(index)
                self._write(cast("dict[str, Any]", record))
        self._write_state_message()

    def forget_prefetched(self) -> None:
        """Give up what was asked for ahead, where the sync ended before it was needed."""

    def _write(self, record: dict[str, Any]) -> None:
        """Write a record after those of its children."""
        processed = self.post_process(record)
        if processed is None:
            return
        if self._selected_children and self._passes_filter(processed):
            for child in self._selected_children:
                child.sync_parent_record(processed)
        if not self.selected:
            return
        if not self._known_properties.issuperset(processed):
            self._take_in_unknown_properties(processed)
        self._write_record_message(processed)
        if self._counter is not None:
            self._counter.increment()

    def _passes_filter(self, record: dict[str, Any]) -> bool:
        """Whether stream maps let this record through: children of others are not wanted."""
        return bool(self.stream_maps[0].get_filter_result(record))

    @functools.cached_property
    def _selected_children(self) -> list[ChildStream]:
        return [
            cast("ChildStream", child)
            for child in self.child_streams
            if child.selected or child.has_selected_descendents
        ]

    def post_process(self, row: Record, context: Context | None = None) -> dict[str, Any] | None:  # noqa: ARG002
        """Bring timestamps to UTC."""
        return cast("dict[str, Any]", self._normalize_timestamps(row))

    @functools.cached_property
    def _deselects_properties(self) -> bool:
        return not all(self.mask.values())

    def _take_in_unknown_properties(self, record: dict[str, Any]) -> None:
        """Add properties that Amazon added after the schema was made: a new SCHEMA, nothing lost.

        Where the user deselected properties of this stream, an unknown one is left out: it might
        be just the kind of data that is not wanted. A null says nothing about its type: it is left
        out until a value comes.
        """
        unknown = [name for name in record if name not in self._known_properties]
        if self._deselects_properties:
            for name in unknown:
                del record[name]
                if name not in self._dropped_properties:
                    self._dropped_properties.add(name)
                    self.logger.warning(
                        "Amazon sends a new property '%s', which is left out because properties "
                        "of '%s' are deselected: discover again to select it",
                        name,
                        self.name,
                    )
            return

        for name in [name for name in unknown if record[name] is None]:
            unknown.remove(name)
            del record[name]
        if not unknown:
            return
        widened = dict(self.effective_schema)
        widened["properties"] = widened["properties"] | {
            name: self.schema["properties"].get(name) or _schema_of(record[name])
            for name in unknown
        }
        self._schema = widened
        if self._input_schema is not None:
            self._input_schema = widened
        self._known_properties.update(unknown)
        self.logger.info("Amazon sends new properties: %s", ", ".join(unknown))
        self.tap.mapper.register_raw_stream_schema(
            self.name, get_selected_schema(self.name, widened, self.mask), self.primary_keys
        )
        self._stream_maps = None
        self._write_schema_message()

    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Leave the bookmark alone: records come unsorted, so none of them says where we are."""


class WindowedStream(SellingPartnerStream):
    """A stream with a time filter, read window by window with a STATE after each."""

    updated_after: ClassVar[str]
    """The parameter that selects records from a time on; its counterpart is in the catalogue."""

    also_updated_after: ClassVar[tuple[str, ...]] = ()
    """More such parameters: each is asked for every window, where one alone misses records."""

    retention: ClassVar[dt.timedelta | None] = None
    """How long Amazon keeps the records; nothing older is asked for."""

    overlap: ClassVar[dt.timedelta] = dt.timedelta(0)
    """How much earlier a window begins, where Amazon's filter leaves out its own bounds."""

    first_window: ClassVar[dt.timedelta] = dt.timedelta(days=1)
    shortest_window: ClassVar[dt.timedelta] = dt.timedelta(hours=1)
    longest_window: ClassVar[dt.timedelta] = dt.timedelta(days=30)

    unfinished: ClassVar[Mapping[str, frozenset[str]]] = {}
    """Values by property that say a record will still change, though its replication key will
    not: the bookmark waits for it, so that the next run reads it again."""

    def fixed_parameters(self) -> Iterable[dict[str, Any]]:
        """Give parameters for each request that a window takes, without its times.

        By default there is one request, or one per as many marketplaces as the operation allows.
        """
        for name in MARKETPLACE_PARAMETERS:
            parameter = self.operation.parameter(name)
            if parameter is not None and self.account.marketplace_ids:
                for marketplace_ids in chunks(self.account.marketplace_ids, parameter.max_items):
                    yield {name: marketplace_ids}
                return
        yield {}

    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Give the records of all windows from the bookmark on; bookmark each finished window."""
        start, end = self._span()
        plan = WindowPlan(
            start,
            end,
            first=self.first_window,
            shortest=self.shortest_window,
            longest=self.longest_window,
        )
        self._oldest_unfinished: dt.datetime | None = None
        self._seen: set[tuple[Any, ...]] = set()
        while (window := plan.current()) is not None:
            pages = 0
            try:
                for records in self._window_pages(window):
                    pages += 1
                    self._prefetch_children(records)
                    for record in records:
                        self._note_unfinished(record)
                        yield record
            except PageTokenRejectedError as error:
                # Reading took longer than the token lives: half the window takes half as long.
                if not plan.shorten(window):
                    raise
                self.logger.warning("%s; reading the window again, half as long", error)
            else:
                # The SDK asks for more only when all records up to here are written.
                self._bookmark(window.before)
                plan.finish(window, pages)

    def _prefetch_children(self, parents: Sequence[dict[str, Any]]) -> None:
        for child in self._selected_children:
            child.prefetch(parent for parent in parents if self._passes_filter(parent))

    def _window_pages(self, window: Window) -> Iterator[list[dict[str, Any]]]:
        requests = list(self._window_requests(window))
        for parameters in requests:
            for page in self.client.pages(self.operation, parameters):
                records = [self.prepare(record) for record in page]
                yield self._not_seen(records) if len(requests) > 1 else records

    def _window_requests(self, window: Window) -> Iterator[dict[str, Any]]:
        """Give the parameters of the first page of each request that a window takes."""
        for name in (self.updated_after, *self.also_updated_after):
            time_filter = self._time_filter(name)
            times: dict[str, Any] = {name: window.after - self.overlap}
            if time_filter.before:
                times[time_filter.before] = window.before
            for fixed in self.fixed_parameters():
                yield self._page_size() | fixed | times

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Change a record as Amazon sent it before anything else looks at it."""
        return record

    def _not_seen(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave out what another request of this run gave already, unless it changed since."""
        # Its own keys: a catalog may give others, or none.
        names = (*self._own_primary_keys, self._own_replication_key or "")
        fresh = []
        for record in records:
            version = tuple(record.get(name) for name in names)
            if version not in self._seen:
                self._seen.add(version)
                fresh.append(record)
        return fresh

    def _page_size(self) -> dict[str, Any]:
        paging = self.operation.paging
        if paging is None or paging.size_parameter is None or paging.max_size is None:
            return {}
        return {paging.size_parameter: paging.max_size}

    def _time_filter(self, after: str) -> TimeFilter:
        for time_filter in self.operation.time_filters:
            if time_filter.after == after:
                return time_filter
        message = f"{self.operation_id} has no time filter {after!r}"
        raise ValueError(message)

    def _span(self) -> tuple[dt.datetime, dt.datetime]:
        """Return from when to when is read: bookmark or start date to what Amazon answers for."""
        now = self.tap.clock.now()
        end = to_milliseconds(now - SETTLING_TIME)
        if self.account.end_date is not None:
            end = min(end, self.account.end_date)
        start = self._starting_point()
        if self.ABORT_AT_RECORD_COUNT is not None:
            start = max(start, end - self.longest_window)
        oldest = self.oldest_kept(now)
        if start < oldest:
            if self.account.start_date is not None:
                self.logger.info(
                    "Amazon keeps no records of '%s' older than %s: reading from there on",
                    self.name,
                    format_timestamp(oldest),
                )
            start = oldest
        return start, end

    def oldest_kept(self, now: dt.datetime) -> dt.datetime:
        """Return the time before which Amazon has no records."""
        return EPOCH if self.retention is None else now - self.retention

    def _starting_point(self) -> dt.datetime:
        start_date = self.account.start_date or EPOCH
        # Not `stream_state`, which would put an empty bookmark into the next STATE.
        state = self.tap_state.get("bookmarks", {}).get(self.name, {})
        bookmark = state.get("replication_key_value")
        if bookmark is None or self.replication_method != "INCREMENTAL":
            return start_date
        try:
            instant = parse_timestamp(bookmark)
        except (TypeError, ValueError):
            message = (
                f"The state's bookmark of stream '{self.name}' is no timestamp: "
                "correct it, or remove it to read from `start_date` on"
            )
            raise SettingsError([message]) from None
        return max(instant - self.account.lookback, start_date)

    def _note_unfinished(self, record: Mapping[str, Any]) -> None:
        for name, values in self.unfinished.items():
            created = record.get(self._own_replication_key or "")
            if created and record.get(name) in values:
                moment = parse_timestamp(created)
                self._oldest_unfinished = min(self._oldest_unfinished or moment, moment)

    def _bookmark(self, instant: dt.datetime) -> None:
        """Write a STATE that says: everything up to this instant is written."""
        if self.replication_method != "INCREMENTAL":
            return
        state = self.stream_state
        if self._oldest_unfinished is not None:
            instant = min(instant, self._oldest_unfinished)
        elif (before := state.get("replication_key_value")) is not None:
            instant = max(instant, parse_timestamp(before))
        state["replication_key"] = self.replication_key
        state["replication_key_value"] = format_timestamp(instant)
        self.state_manager.is_flushed = False
        self._write_state_message()


class ChildStream(SellingPartnerStream):
    """A stream whose records belong to the records of another; it keeps no state of its own."""

    # Otherwise the SDK keeps a bookmark per parent record, and state grows without end.
    state_partitioning_keys: ClassVar[Sequence[str]] = ()

    @property
    def parent_name(self) -> str:
        """Name of the parent stream."""
        return str(getattr(self.parent_stream_type, "name", ""))

    def records_of(self, parent: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Give the records that belong to one record of the parent stream."""
        raise NotImplementedError

    def prefetch(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Hear which parent records come next, to ask for their records ahead."""

    def get_records(self, context: Context | None) -> Iterable[dict[str, Any]]:
        """Give the records that belong to the parent record in the context."""
        return self.records_of(context or {})

    def sync_parent_record(self, parent: Mapping[str, Any]) -> None:
        """Write the records that belong to one record of the parent stream."""
        for index, record in enumerate(self.records_of(parent)):
            if self.ABORT_AT_RECORD_COUNT is not None and index >= self.ABORT_AT_RECORD_COUNT:
                return
            # Deselection changes a record in place, and the parent shares its parts.
            self._write(copy.deepcopy(record) if self._deselects_properties else record)


class CalledChildStream(ChildStream):
    """A child stream that takes calls for each parent record; a page's calls run side by side."""

    def __init__(self, tap: TapAmazonSP) -> None:
        """Belong to a tap; call nothing yet."""
        super().__init__(tap)
        self._prefetched: dict[tuple[Any, ...], Future[list[dict[str, Any]]]] = {}

    def parent_parameters(self, parent: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters of the call for one parent record."""
        raise NotImplementedError

    def child_record(self, parent: Mapping[str, Any], record: dict[str, Any]) -> dict[str, Any]:
        """Return a record with what it needs of its parent."""
        raise NotImplementedError

    def prefetch(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Begin the calls for these parent records, as many at once as the settings allow."""
        if self.ABORT_AT_RECORD_COUNT is not None:
            return
        for parent in parents:
            parameters = self.parent_parameters(parent)
            key = tuple(parameters.values())
            if key not in self._prefetched:
                self._prefetched[key] = self.tap.executor.submit(self._call, parameters)

    def forget_prefetched(self) -> None:
        """Cancel the calls that have not begun, where the sync ended before they were needed."""
        for future in self._prefetched.values():
            future.cancel()
        self._prefetched.clear()

    def records_of(self, parent: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Give the records of one parent record, from all pages."""
        parameters = self.parent_parameters(parent)
        future = self._prefetched.pop(tuple(parameters.values()), None)
        records = self._call(parameters) if future is None else future.result()
        for record in records:
            yield self.child_record(parent, record)

    def _call(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        restarts = 0
        while True:
            try:
                return list(chain.from_iterable(self.client.pages(self.operation, parameters)))
            except PageTokenRejectedError as error:
                restarts += 1
                if restarts > MAX_RESTARTS:
                    raise
                self.logger.warning("%s; calling again", error)


def chunks(values: Sequence[Any], size: int | None) -> Iterator[list[Any]]:
    """Cut a sequence into lists of at most `size` values; None means one list."""
    step = size or max(len(values), 1)
    for start in range(0, len(values), step):
        yield list(values[start : start + step])


def _schema_of(value: Any) -> dict[str, Any]:
    """Return the JSON Schema of a value nobody described."""
    if isinstance(value, bool):
        return {"type": ["boolean", "null"]}
    if isinstance(value, dict):
        return {
            "type": ["object", "null"],
            "properties": {name: _schema_of(item) for name, item in value.items()},
            "additionalProperties": True,
        }
    if isinstance(value, list):
        return {"type": ["array", "null"], "items": {}}
    if isinstance(value, (int, float, Decimal)):
        return {"type": ["number", "null"]}
    return {"type": ["string", "null"]}
