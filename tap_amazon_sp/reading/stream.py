"""Base class of all streams: a stream is a few declarative lines on top of an operation.

The SDK's stream is used for what it knows about Singer (catalog, selection, stream maps,
flattening, messages). Reading, windows and bookmarks are done here, because the SDK moves a
bookmark with each record, which is only true for sorted records, and Amazon's are not.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, cast

from singer_sdk import Stream
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record
from singer_sdk.metrics import Counter, Timer
from singer_sdk.singerlib import Catalog, CatalogEntry

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation, Parameter
from tap_amazon_sp.amazon.client import Answer, SellingPartnerClient, at_path, records_of
from tap_amazon_sp.amazon.errors import NotFoundError, PageTokenRejectedError
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.common.timestamps import timestamp_normalizer
from tap_amazon_sp.settings.schema import SettingsError
from tap_amazon_sp.singer.messages import StreamMessages
from tap_amazon_sp.singer.packaged_schemas import packaged_schema
from tap_amazon_sp.singer.writer import ReaderGoneError, RecordBatch

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

    from tap_amazon_sp.reading.children import ChildStream
    from tap_amazon_sp.reading.connection import Connection
    from tap_amazon_sp.settings.accounts import Account
    from tap_amazon_sp.tap import TapAmazonSP

MARKETPLACE_PARAMETERS = ("marketplaceIds", "MarketplaceIds", "marketplaceId", "MarketplaceId")
INCLUDED_DATA_PARAMETER = "includedData"
"""The parameter that says what records are to hold, by the names of their properties."""
MAX_RESTARTS = 3

ACCOUNT = "_account"
"""The property that names the account of a record, where the settings describe several."""

Parameters = dict[str, Any]


@dataclass
class Page:
    """The records of a page, and Amazon's token for the next one, if there is one."""

    records: list[dict[str, Any]]
    next_token: str | None = None


class SellingPartnerStream(Stream):
    """A stream of the records that one operation gives."""

    # Amazon's JSON is passed on as it came: the SDK's conformance would drop what it does not know.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    # A catalog says so for the few that are; everything else waits to be selected.
    selected_by_default = False

    # The SDK has properties for these, which a class cannot be asked for.
    name: str = ""
    primary_keys: Sequence[str] = ()
    replication_key: str | None = None

    operation_id: ClassVar[str]
    """The operation that is called, such as `orders_2026-01-01.searchOrders`."""

    schema_name: ClassVar[str | None] = None
    """Name of the file in `schemas/`, where it is not the stream's."""

    roles: ClassVar[tuple[str, ...]] = ()
    """The roles of which an application needs one, as Amazon's documentation calls them."""

    records_path: ClassVar[str | None] = None
    """Dotted path from the answer to its records, where it is not the catalogue's."""

    parameters: ClassVar[Mapping[str, Any]] = {}
    """Parameters that go with every request."""

    parameters_from_settings: ClassVar[Mapping[str, str]] = {}
    """Settings that give parameters, by parameter; without them the stream cannot be read."""

    marketplace_parameter: ClassVar[str | None] = None
    """The parameter that takes the marketplaces, where its name does not say so."""

    one_marketplace_per_request: ClassVar[bool] = False
    """Whether each marketplace is asked for alone, though the operation takes a list."""

    lifted: ClassVar[Mapping[str, str]] = {}
    """Properties added to a record by dotted path of the value inside it: keys must be on top.
    Where the path leads through a list, its first item that has a value gives it."""

    from_request: ClassVar[Mapping[str, str]] = {}
    """Properties added to a record by the parameter of the request that found it."""

    missing_is_empty: ClassVar[bool] = False
    """Whether "not found" (404) is Amazon's way to say that there is nothing."""

    added_properties: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """JSON Schemas of properties that the stream's own code adds."""

    left_out: ClassVar[tuple[str, ...]] = ()
    """Properties of Amazon's that the stream's own code leaves out."""

    date_times: ClassVar[tuple[str, ...]] = ()
    """Properties that are times, though Amazon's model has no `format` for them."""

    def __init__(self, tap: TapAmazonSP, connection: Connection | None = None) -> None:
        """Belong to a tap; read nothing yet.

        Args:
            tap: Whose stream this is.
            connection: The account to read; the tap's first where not given.
        """
        super().__init__(tap)
        self.connection = connection or tap.connections[0]
        self._config = dict(self.connection.settings)
        self.messages = StreamMessages(self)
        if tap.has_several_accounts and self.primary_keys:
            self.primary_keys = (ACCOUNT, *self.primary_keys)
        # A catalog may replace both.
        self._own_primary_keys = tuple(self.primary_keys)
        self._own_replication_key = self.replication_key
        self._counter: Counter | None = None
        self._uncounted = 0
        self._batch = RecordBatch(tap.writer)
        self.failed = False
        self.is_wanted = self.connection.wants(self.name)

    def for_account(self, connection: Connection) -> SellingPartnerStream:
        """Return this stream for another account: of the same catalog, with its own requests."""
        stream = type(self)(self.tap, connection)
        if (catalog := self.tap.input_catalog) is not None:
            stream.apply_catalog(catalog)
        stream._metadata, stream._mask = self.metadata, self.mask  # noqa: SLF001
        stream.messages = self.messages
        stream.is_wanted = connection.wants(self.name)
        return stream

    @property
    def selected(self) -> bool:
        """Whether the catalog selects this stream, and the account wants it."""
        return self.is_wanted and self.is_selected_in_catalog

    @selected.setter
    def selected(self, value: bool | None) -> None:
        self.metadata.root.selected = value
        self._mask = self.metadata.resolve_selection()

    @property
    def is_selected_in_catalog(self) -> bool:
        """Whether the catalog selects this stream, whatever its account wants."""
        if self._mask is None and self._metadata is None:
            # The SDK comes to the same after it has resolved every property of the stream.
            if (catalog := self.tap.input_catalog) is None:
                return self.selected_by_default
            if catalog.get_stream(self.name) is None:
                return False
        return bool(self.mask.get((), True))

    @property
    def catalog_entry(self) -> CatalogEntry:
        """What the given catalog says of this stream; without one, what a discovery says."""
        given = self.tap.input_catalog
        entry = given.get_stream(self.tap_stream_id) if given is not None else None
        return entry or self._singer_catalog_entry

    @property
    def tap(self) -> TapAmazonSP:
        """The tap this stream belongs to."""
        return cast("TapAmazonSP", self._tap)

    @property
    def client(self) -> SellingPartnerClient:
        """The client of the account that is read."""
        return self.connection.client

    @property
    def account(self) -> Account:
        """The account that is read."""
        return self.connection.account

    @property
    def label(self) -> str:
        """What to call this stream in the log."""
        account = self.connection.name
        return self.name if account is None else f"{self.name} of {account}"

    @functools.cached_property
    def executor(self) -> ThreadPoolExecutor:
        """Threads for the requests of this stream that are made ahead."""
        return self.connection.new_executor(self.name)

    @property
    def reads_ahead(self) -> bool:
        """Whether requests may be made before their records are needed."""
        return self.connection.max_parallel_requests > 1 and self.ABORT_AT_RECORD_COUNT is None

    @functools.cached_property
    def operation(self) -> Operation:
        """The operation that is called."""
        return self.find_operation()

    @classmethod
    def find_operation(cls) -> Operation:
        """Return the operation that is called.

        Raises:
            UnknownOperationError: There is no such operation.
        """
        return catalogue.operation(cls.operation_id)

    @classmethod
    def answer_path(cls) -> tuple[str, ...]:
        """Return the names that lead from an answer to its records."""
        if cls.records_path is not None:
            return tuple(filter(None, cls.records_path.split(".")))
        operation = cls.find_operation()
        return (operation.results if operation.results is not None else operation.record) or ()

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a record."""
        if self.messages.stream is not self:
            return self.messages.stream.schema
        if self._schema is None:
            schema = self.own_schema()
            if self.tap.has_several_accounts:
                account = {ACCOUNT: {"type": ["string"]}}
                schema = schema | {"properties": account | schema["properties"] | account}
            self._schema = schema
        return self._schema

    def own_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a record of this account."""
        return packaged_schema(self.schema_name or self.name)

    def adopt_schema(self, schema: dict[str, Any]) -> None:
        """Go on with another schema."""
        self._schema = schema
        if self._input_schema is not None:
            self._input_schema = schema
        self._stream_maps = None

    @property
    def is_inferred(self) -> bool:
        """Whether nobody describes the records, so that the schema follows from them."""
        return False

    @functools.cached_property
    def _normalize_timestamps(self) -> Callable[[Any], Any]:
        return timestamp_normalizer(self.schema) or (lambda record: record)

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
                "it was discovered with other settings (`orders_api`, `accounts`?), discover again"
            )
            raise SettingsError([message])
        if entry.key_properties is None and not self.primary_keys:
            self.primary_keys = self._own_primary_keys
        if self.replication_key is None:
            self.replication_key = self._own_replication_key

    @property
    def declared_in(self) -> str | None:
        """The entry in the settings that declares this stream; None where it is always there."""
        return None

    @property
    def family(self) -> tuple[SellingPartnerStream, ...]:
        """This stream and all that are read with it."""
        return (self, *cast("list[SellingPartnerStream]", self.descendent_streams))

    def missing_settings(self) -> list[str]:
        """Return the settings without which this stream cannot be read, and that are not given."""
        return [
            name for name in self.parameters_from_settings.values() if not self.config.get(name)
        ]

    # --- Requests ------------------------------------------------------------------------------

    def requests(self) -> Iterator[Parameters]:
        """Give the parameters of each request: one, or as many as the marketplaces take."""
        fixed = self._page_size() | dict(self.parameters)
        for name, setting in self.parameters_from_settings.items():
            fixed[name] = self.config.get(setting)
        if isinstance(datasets := fixed.get(INCLUDED_DATA_PARAMETER), (list, tuple)):
            fixed[INCLUDED_DATA_PARAMETER] = [name for name in datasets if self.needs(name)] or None
        for marketplaces in self.marketplace_parameters():
            yield fixed | marketplaces

    def needs(self, path: str) -> bool:
        """Whether what lies at a dotted path in a record is selected, or needed for what is."""
        name = path.partition(".")[0]
        return (
            self.mask["properties", name]
            or any(needed.split(".")[0] == name for needed in self.lifted.values())
            or any(child.needs_of_parent(path) for child in self._selected_children)
        )

    def marketplace_parameters(self) -> Iterator[Parameters]:
        """Give the marketplaces to ask for, as many at a time as the operation takes."""
        parameter = self._marketplace_parameter
        if parameter is None:
            yield {}
            return
        marketplace_ids: Sequence[str] = self.account.marketplace_ids
        if not marketplace_ids and parameter.required:
            marketplace_ids = self.connection.participating_marketplaces
        if not marketplace_ids:
            yield {}
        elif parameter.type == "array":
            most = 1 if self.one_marketplace_per_request else parameter.max_items
            for some_ids in chunks(marketplace_ids, most):
                yield {parameter.name: some_ids}
        else:
            for marketplace_id in marketplace_ids:
                yield {parameter.name: marketplace_id}

    @functools.cached_property
    def _marketplace_parameter(self) -> Parameter | None:
        if self.marketplace_parameter is not None:
            in_body = Parameter(self.marketplace_parameter, "body", "string", required=True)
            return self.operation.parameter(self.marketplace_parameter) or in_body
        for name in MARKETPLACE_PARAMETERS:
            if name in self.given_parameters():
                return None
            if parameter := self.operation.parameter(name):
                return parameter
        return None

    @classmethod
    def given_parameters(cls) -> set[str]:
        """Return the names of the parameters that the stream declares itself."""
        return {*cls.parameters, *cls.parameters_from_settings}

    def _page_size(self) -> Parameters:
        paging = self.operation.paging
        if paging is None or paging.size_parameter is None or paging.max_size is None:
            return {}
        return {paging.size_parameter: paging.max_size}

    def pages_of(
        self,
        parameters: Parameters,
        parent: Mapping[str, Any] | None = None,
        page_token: str | None = None,
    ) -> Iterator[Page]:
        """Make a request; give its pages, their records with what is added to them.

        Args:
            parameters: Of the request.
            parent: The record of the parent stream that it is made for.
            page_token: Where to begin, if not with the first page.
        """
        for answer in self.answers(parameters, page_token):
            records = self.records_in(answer)
            self.client.metrics.count_records(self.operation.id, len(records))
            yield Page(
                [
                    self.prepare(self._completed(record, parameters, parent or {}))
                    for record in records
                ],
                answer.next_token,
            )

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation until it gives no further page."""
        return self.client.answers(self.operation, parameters, page_token=page_token)

    def restarted_pages_of(
        self, parameters: Parameters, parent: Mapping[str, Any] | None = None
    ) -> Iterator[Page]:
        """Make a request as `pages_of`, from its beginning again where Amazon forgot the page."""
        for restarts in range(MAX_RESTARTS + 1):
            try:
                yield from self.pages_of(parameters, parent)
            except NotFoundError as error:
                if not self.missing_is_empty:
                    raise
                self.logger.info("Nothing there: %s", error)
                return
            except PageTokenRejectedError as error:
                if restarts == MAX_RESTARTS:
                    raise
                self.logger.warning("%s; calling again", error)
            else:
                return

    def records_in(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the records in an answer."""
        if self.records_path is None:
            return records_of(self.operation, answer)
        return [
            record
            for record in values_at(answer.body, self.answer_path())
            if isinstance(record, dict)
        ]

    def _completed(
        self, record: dict[str, Any], parameters: Parameters, parent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return a record with all properties that are added to it, and no key without a value."""
        additions = self.additions(record, parameters, parent)
        if self.connection.name is not None:
            additions[ACCOUNT] = self.connection.name
        if additions:
            record = additions | record | additions
        for name in self._text_keys:
            # Amazon leaves out parts of some keys, and no target takes a key without a value.
            if record.get(name) is None:
                record[name] = ""
        return record

    def additions(
        self,
        record: Mapping[str, Any],
        parameters: Parameters,
        parent: Mapping[str, Any],  # noqa: ARG002 - for child streams
    ) -> dict[str, Any]:
        """Return the properties that are added to a record."""
        added = {name: first_at(record, path.split(".")) for name, path in self.lifted.items()}
        for name, parameter in self.from_request.items():
            value = parameters.get(parameter)
            added[name] = value[0] if isinstance(value, (list, tuple)) and value else value
        return added

    @functools.cached_property
    def _text_keys(self) -> tuple[str, ...]:
        properties = self.schema["properties"]
        return tuple(
            name
            for name in self._own_primary_keys
            if "string" in properties[name].get("type", ()) and "format" not in properties[name]
        )

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Change a record before anything else looks at it."""
        return record

    # --- Records -------------------------------------------------------------------------------

    def pages(self) -> Iterator[list[dict[str, Any]]]:
        """Give all records page by page; when asked for more, those before are written."""
        raise NotImplementedError

    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Give all records, having told which come next."""
        for page in self.pages():
            records = self.processed(page)
            self.before_records(records)
            yield from records

    def before_records(self, records: Sequence[dict[str, Any]]) -> None:
        """Hear which records come next, and tell the child streams."""
        for child in self._selected_children:
            child.prefetch(record for record in records if self.messages.passes_filter(record))

    def sync(self, context: Context | None = None) -> None:  # type: ignore[misc]  # noqa: ARG002
        """Write the schemas of this stream and its children, then all records.

        The SDK's own `sync` writes the children's schema and state with every parent record.
        """
        self.log("Beginning sync of '%s' in %s mode", self.label, self.replication_method.lower())
        with ExitStack() as stack:
            # What was read is written, even where the rest could not be.
            stack.callback(self._flush)
            for stream in self.family:
                stream._batch = self._batch  # noqa: SLF001
                stack.callback(stream.end_threads)
                stack.callback(stream.forget_prefetched)
                if stream.selected:
                    stream.write_first_schema()
                    stream._counter = stack.enter_context(stream._new_counter())  # noqa: SLF001
                    stack.callback(stream.count_written)
            stack.enter_context(self._new_timer())
            number = 0
            # When `pages` is asked for more, the records before are written.
            for page in self.pages():
                self._batch.begin_page(self.tap.clock.now())
                with self.messages.one_schema():
                    records = self.processed(page)
                    self.before_records(records)
                    if self.ABORT_AT_RECORD_COUNT is not None:
                        del records[self.ABORT_AT_RECORD_COUNT - number :]
                    self.write_all(records)
                    number += len(records)
                    if number == self.ABORT_AT_RECORD_COUNT:
                        return
                    self._batch.flush()
                for stream in self.family:
                    stream.count_written()
        self._write_state_message()

    def begin(self) -> None:
        """Hear that the run begins, before any stream is read; calls nothing."""

    def _flush(self) -> None:
        with suppress(ReaderGoneError, SyncInterrupted):
            self._batch.flush()

    def _new_counter(self) -> Counter:
        counter = self.get_record_counter()
        counter.context = self.partition
        return counter

    def _new_timer(self) -> Timer:
        timer = self.get_sync_timer()
        timer.context = self.partition
        return timer

    @property
    def partition(self) -> dict[str, Any] | None:
        """What state and metrics of this account are marked with; None where there is one only."""
        name = self.connection.name
        return None if name is None else {ACCOUNT: name}

    def write_first_schema(self) -> None:
        """Write the SCHEMA that comes before the records."""
        self.messages.write_first_schema()

    def write_missing_schema(self) -> None:
        """Write a SCHEMA even if there was no record in the whole run."""

    def forget_prefetched(self) -> None:
        """Give up what was asked for ahead, where the sync ended before it was needed."""

    def end_threads(self) -> None:
        """Give back the threads that read ahead."""
        if "executor" in self.__dict__:
            self.executor.shutdown(wait=False, cancel_futures=True)
            del self.executor

    def write(self, record: dict[str, Any]) -> None:
        """Write a record, which `processed` gave, after those of its children."""
        if self._selected_children and self.messages.passes_filter(record):
            for child in tuple(self._selected_children):
                self._write_children(child, record)
        if not self.selected:
            return
        self.messages.write(record, self._batch)
        self._uncounted += 1

    def write_all(self, records: Sequence[dict[str, Any]]) -> None:
        """Write a page of records, as `write` does one by one."""
        if self._selected_children or not self.selected:
            for record in records:
                self.write(record)
        else:
            self.messages.write_all(records, self._batch)
            self._uncounted += len(records)

    def count_written(self) -> None:
        """Count the records written since the last time for the Singer metrics."""
        if self._counter is not None and self._uncounted:
            self._counter.increment(self._uncounted)
            self._uncounted = 0

    def _write_children(self, child: ChildStream, record: dict[str, Any]) -> None:
        """Write what belongs to a record; a child that fails keeps nobody else from being read.

        Then the bookmark stays, so that the next run finds what the child still lacks.
        """
        try:
            child.sync_parent_record(record)
        except Exception as error:  # noqa: BLE001 - the tap tells those that end the run
            self.tap.report_failure(child, error)
            child.forget_prefetched()
            self._selected_children.remove(child)

    @functools.cached_property
    def _selected_children(self) -> list[ChildStream]:
        return [
            cast("ChildStream", child)
            for child in self.child_streams
            if child.selected or child.has_selected_descendents
        ]

    def processed(self, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the records as they are written."""
        found = map(self.post_process, records)
        return [record for record in found if record is not None]

    def post_process(self, row: Record, context: Context | None = None) -> dict[str, Any] | None:  # noqa: ARG002
        """Bring timestamps to UTC."""
        return cast("dict[str, Any]", self._normalize_timestamps(row))

    @functools.cached_property
    def deselects_properties(self) -> bool:
        """Whether a property of this stream is not wanted."""
        return not all(self.mask.values())

    def _write_state_message(self) -> None:
        """Write a STATE; of a stream without bookmark there is nothing to say."""
        if self.replication_method == "INCREMENTAL":
            self.tap.writer.write_state(self.tap_state)

    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Leave the bookmark alone: records come unsorted, so none of them says where we are."""


def chunks(values: Sequence[Any], size: int | None) -> Iterator[list[Any]]:
    """Cut a sequence into lists of at most `size` values; None means one list."""
    step = size or max(len(values), 1)
    for start in range(0, len(values), step):
        yield list(values[start : start + step])


def values_at(value: Any, path: Iterable[str]) -> list[Any]:
    """Follow names into objects, and through the items of all lists on the way.

    Returns:
        What lies there; nothing where a name is missing or its value null.
    """
    path = tuple(path)
    # Mostly there is no list on the way, and this is asked of every record.
    straight = value
    for name in path:
        if not isinstance(straight, dict):
            break
        straight = straight.get(name)
    else:
        if not isinstance(straight, list):
            return [] if straight is None else [straight]

    found = [value]
    for name in path:
        inner = [item.get(name) for item in _flattened(found) if isinstance(item, dict)]
        found = [item for item in inner if item is not None]
    return list(_flattened(found))


def first_at(value: Any, path: Sequence[str]) -> Any:
    """Follow names into objects, and into the first item that has them of a list on the way.

    Returns:
        What lies there, which may be a list; None where a name is missing.
    """
    found = at_path(value, path)
    return next(iter(values_at(value, path)), None) if found is None else found


def _flattened(values: Iterable[Any]) -> Iterator[Any]:
    for value in values:
        if isinstance(value, list):
            yield from _flattened(value)
        elif value is not None:
            yield value
