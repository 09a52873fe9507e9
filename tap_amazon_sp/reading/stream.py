"""The base class of all streams: a few declarative lines on top of an operation.

The SDK's stream provides the Singer parts: catalog, selection, stream maps, flattening and
messages. The attribute `read` declares how a stream is read, and a `Reader` does it. The records go
through a `RecordPipeline`. The tap keeps its own bookmarks: the SDK moves a bookmark with each
record, which is only right for sorted records, and Amazon's records are not sorted.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from singer_sdk import Stream, Tap
from singer_sdk.helpers.conform import TypeConformanceLevel
from singer_sdk.helpers.types import Context, Record
from singer_sdk.mapper import PluginMapper
from singer_sdk.singerlib import Catalog, CatalogEntry

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.answer_checks import not_documented
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import Answer, records_of
from tap_amazon_sp.amazon.errors import InvalidRequestError
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.json_paths import gaps_at, values_at
from tap_amazon_sp.reading.catalog_entries import apply_entry
from tap_amazon_sp.reading.declaration import check_attributes
from tap_amazon_sp.reading.fitting import SchemaFitting
from tap_amazon_sp.reading.messages import StreamMessages
from tap_amazon_sp.reading.omissions import Omissions
from tap_amazon_sp.reading.pipeline import ACCOUNT, RecordPipeline, Request
from tap_amazon_sp.reading.progress import Progress
from tap_amazon_sp.reading.reader import ChildReader, Parameters, Read, Reader, Records
from tap_amazon_sp.reading.requests import Each, marketplace_parameter, requests_of
from tap_amazon_sp.reading.shortfalls import Shortfalls
from tap_amazon_sp.reading.stream_sync import sync_stream
from tap_amazon_sp.reading.written_records import WrittenRecords
from tap_amazon_sp.singer.schemas import packaged_schema
from tap_amazon_sp.singer.writer import MessageWriter, RecordBatch

if TYPE_CHECKING:
    from tap_amazon_sp.amazon.account import Account
    from tap_amazon_sp.reading.connection import Connection
    from tap_amazon_sp.settings.definitions import Settings


class Run(Protocol):
    """The parts of a run that a stream needs."""

    @property
    def clock(self) -> Clock:
        """The source of time."""

    @property
    def writer(self) -> MessageWriter:
        """The output."""

    @property
    def has_several_accounts(self) -> bool:
        """Whether accounts have names, which are part of their records and their state."""

    def report_failure(self, stream: AmazonStream, error: Exception) -> None:
        """Report why a stream failed; raise the error again if it ends the whole run."""


class AmazonStream(Stream):
    """A stream of the records that one operation of the SP-API returns."""

    # Amazon's JSON stays as it is: the SDK's conformance would drop unknown properties.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    selected_by_default = False

    # The SDK has properties for these, which cannot be read from a class.
    name: str = ""
    primary_keys: Sequence[str] = ()
    replication_key: str | None = None

    operation_id: ClassVar[str]
    """The operation that is called, such as `orders_2026-01-01.searchOrders`."""

    further_operations: ClassVar[tuple[str, ...]] = ()
    """Other operations whose calls give records of this stream."""

    read: ClassVar[Read]
    """How the stream is read."""

    orders_api: ClassVar[str | None] = None
    """The version of the Orders API with which the stream exists; None with every version."""

    has_whole_schema: ClassVar[bool] = True
    """Whether the schema is known before a record is read, so that a key must be in it."""

    schema_name: ClassVar[str | None] = None
    """Name of the file in `schemas/`, if it is not the stream's name."""

    roles: ClassVar[tuple[str, ...]] = ()
    """Roles in the words of Amazon's documentation; an application needs one of them."""

    optional_keys: ClassVar[tuple[str, ...]] = ()
    """Parts of the key that Amazon leaves out of some records, which the others identify."""

    records_path: ClassVar[str | None] = None
    """Dotted path from the answer to its records, if it is not the path in the catalogue."""

    parameters: ClassVar[Mapping[str, Any]] = {}
    """Parameters that go with every request."""

    parameters_from_settings: ClassVar[Mapping[str, str]] = {}
    """Settings by the parameter that takes them; the stream needs all of them."""

    each: ClassVar[tuple[Each, ...]] = ()
    """Parameters that take a request, or several, for each of their values."""

    marketplace_parameter: ClassVar[str | None] = None
    """The parameter that takes the marketplaces, if it has an unusual name."""

    one_marketplace_per_request: ClassVar[bool] = False
    """Whether each marketplace takes a request, although the operation takes a list."""

    only_marketplaces: ClassVar[frozenset[str] | None] = None
    """Ids of the marketplaces that have these records; None means all."""

    page_size_parameter: ClassVar[str | None] = None
    """The parameter with the page size, which is reduced if Amazon refuses a page as too large."""

    smaller_pages: ClassVar[tuple[int, ...]] = ()
    """The smaller page sizes to try, from large to small."""

    lifted: ClassVar[Mapping[str, str]] = {}
    """Properties added to a record, by dotted path of the value inside it: keys must be on top.
    If the path leads through a list, the value is that of the first item that has one."""

    from_request: ClassVar[Mapping[str, str]] = {}
    """Properties added to a record, by the parameter of the request with the value."""

    from_answer: ClassVar[Mapping[str, str]] = {}
    """Properties added to a record, by dotted path in the answer of a value beside the records.
    Where a page lacks it, the value is that of an earlier page of the same request."""

    numbered_by: ClassVar[tuple[str, ...]] = ()
    """Properties that identify a record without an id: `occurrence` counts equal records. Amazon
    may leave out any of them."""

    missing_is_empty: ClassVar[bool] = False
    """Whether Amazon answers "not found" (404) if there are no records."""

    added_properties: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    """JSON Schemas of properties that the stream's own code adds."""

    added_inside: ClassVar[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {}
    """The same for the objects inside a record, by the property that lists them."""

    left_out_properties: ClassVar[tuple[str, ...]] = ()
    """Amazon's properties that the stream's own code leaves out."""

    date_times: ClassVar[tuple[str, ...]] = ()
    """Properties that are times, although Amazon's model has no `format` for them."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Refuse values for attributes that do not exist.

        Raises:
            TypeError: An attribute does not exist.
        """
        super().__init_subclass__(**kwargs)
        check_attributes(cls)

    def __init__(self, tap: Tap, run: Run, connection: Connection) -> None:
        """Make the stream for a run; read nothing yet.

        Args:
            tap: The tap; it has what the SDK's stream needs: name, config, state, mapper.
            run: The run that reads this stream.
            connection: The account to read.
        """
        super().__init__(tap)
        self.parent_stream_type = self.read.parent
        if self.read.parent is not None:
            # Otherwise the SDK keeps a bookmark per parent record, and the state grows forever.
            self.state_partitioning_keys = ()
        self.run = run
        self.connection = connection
        if run.has_several_accounts and self.primary_keys:
            self.primary_keys = (ACCOUNT, *self.primary_keys)
        self.omissions = Omissions(self.logger, self.label)
        self.shortfalls = Shortfalls(self.logger, self.label)
        # A catalog may replace keys and replication key.
        self.own_primary_keys = tuple(self.primary_keys)
        self.own_replication_key = self.replication_key
        self.messages = StreamMessages(self)
        self.batch = RecordBatch(run.writer)
        self.failed = False
        self.failed_with: AmazonStream | None = None
        self.failure: Exception | None = None
        self.is_wanted = connection.wants(self.name)
        self.progress = Progress(on_reach=functools.partial(connection.events.read_to, self.name))
        self.written = WrittenRecords(self)

    # --- Parts ----------------------------------------------------------------------------------

    @functools.cached_property
    def reader(self) -> Reader:
        """The reader of this stream."""
        return self.read.reader(self)

    @property
    def child_reader(self) -> ChildReader:
        """The reader of this child stream."""
        return cast("ChildReader", self.reader)

    @functools.cached_property
    def pipeline(self) -> RecordPipeline:
        """Brings the records from an answer to the output."""
        return RecordPipeline(self)

    @functools.cached_property
    def fitting(self) -> SchemaFitting:
        """Fits schema and records to each other."""
        return SchemaFitting(self)

    # --- Account and selection ------------------------------------------------------------------

    def for_account(self, connection: Connection) -> AmazonStream:
        """Return this stream for another account: with the same catalog and its own requests."""
        stream = type(self)(self._tap, self.run, connection)
        if (catalog := self._tap.input_catalog) is not None:
            stream.apply_catalog(catalog)
        stream._metadata, stream._mask = self.metadata, self.mask  # noqa: SLF001
        stream.messages = self.messages
        return stream

    @property
    def settings(self) -> Settings:
        """The settings of the account."""
        return self.connection.settings

    @property
    def account(self) -> Account:
        """The account that is read."""
        return self.connection.account

    @property
    def client(self) -> SellingPartnerClient:
        """The client of the account that is read."""
        return self.connection.client

    @property
    def mapper(self) -> PluginMapper:
        """Makes the stream maps of the settings."""
        return self._tap.mapper

    @property
    def selected(self) -> bool:
        """Whether the catalog selects this stream, and it is read for this account."""
        return self.is_wanted and self.is_selected_in_catalog

    @selected.setter
    def selected(self, value: bool | None) -> None:
        self.metadata.root.selected = value
        self._mask = self.metadata.resolve_selection()

    @property
    def is_needed(self) -> bool:
        """Whether the stream is read: for its own records, or for those of its child streams."""
        return self.selected or self.has_selected_descendents

    @property
    def is_selected_in_catalog(self) -> bool:
        """Whether the catalog selects this stream, for any account."""
        if self._mask is None and self._metadata is None:
            # The SDK comes to the same after it has resolved every property of the stream.
            if (catalog := self._tap.input_catalog) is None:
                return self.selected_by_default
            if catalog.get_stream(self.name) is None:
                return False
        return bool(self.mask.get((), True))

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces of the requests are known without a call."""
        parameter = marketplace_parameter(self)
        is_needed = parameter is not None and parameter.required
        return not is_needed or self.connection.knows_marketplaces

    @property
    def catalog_entry(self) -> CatalogEntry:
        """The entry of the given catalog for this stream; without one, that of a discovery."""
        given = self._tap.input_catalog
        entry = given.get_stream(self.tap_stream_id) if given is not None else None
        return entry or self._singer_catalog_entry

    @functools.cached_property
    def deselects_properties(self) -> bool:
        """Whether a property of this stream is deselected."""
        return not all(self.mask.values())

    @property
    def label(self) -> str:
        """The stream's name in the log."""
        account = self.connection.name
        return self.name if account is None else f"{self.name} of {account}"

    @property
    def declared_in(self) -> str | None:
        """The entry in the settings that declares this stream; None if it is built in."""
        return None

    @property
    def keys_declared_in(self) -> str | None:
        """The entry in the settings that chooses the keys; None if they are the tap's own."""
        return self.declared_in

    @property
    def flattens_records(self) -> bool:
        """Whether nested objects become columns."""
        # The mapper, which knows it too, is made from the schemas.
        return bool(self.config.get("flattening_enabled"))

    @property
    def keeps_amazons_names(self) -> bool:
        """Whether the settings ask for Amazon's own names of columns."""
        return False

    @property
    def is_connection_test(self) -> bool:
        """Whether only some records are read, to test the connection."""
        return self.ABORT_AT_RECORD_COUNT is not None

    @property
    def family(self) -> tuple[AmazonStream, ...]:
        """This stream and all its descendants."""
        return (self, *cast("list[AmazonStream]", self.descendent_streams))

    @functools.cached_property
    def selected_children(self) -> list[AmazonStream]:
        """The child streams to be read."""
        return [
            cast("AmazonStream", child)
            for child in self.child_streams
            if cast("AmazonStream", child).is_needed
        ]

    @property
    def streams_inside(self) -> Iterator[tuple[AmazonStream, tuple[str, ...]]]:
        """The selected streams whose records lie inside those of this one, each with its place."""
        for child in cast("list[AmazonStream]", self.child_streams):
            if child.is_selected_in_catalog and child.read.place_in_parent is not None:
                yield child, tuple(child.read.place_in_parent.split("."))

    def missing_settings(self) -> list[str]:
        """Return the settings that this stream needs and that are not set."""
        missing = [
            name
            for name in self.parameters_from_settings.values()
            if not getattr(self.settings, name)
        ]
        return list(dict.fromkeys([*missing, *self.reader.missing_settings()]))

    # --- Operation and schema -------------------------------------------------------------------

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
        if (parent := cls.read.parent) is not None and (place := cls.read.place_in_parent):
            return (*parent.answer_path(), *place.split("."))
        operation = cls.find_operation()
        return (operation.results if operation.results is not None else operation.record) or ()

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema of a record."""
        if self.messages.stream is not self:
            return self.messages.stream.schema
        if self._schema is None:
            schema = self.own_schema()
            if self.run.has_several_accounts:
                account = {ACCOUNT: {"type": ["string"]}}
                schema = schema | {"properties": account | schema["properties"] | account}
            self._schema = schema
        return self._schema

    def own_schema(self) -> dict[str, Any]:
        """Return the JSON Schema of a record, without the name of the account."""
        return packaged_schema(self.schema_name or self.name)

    def adopt_schema(self, schema: dict[str, Any]) -> None:
        """Continue with another schema."""
        self._schema = schema
        if self._input_schema is not None:
            self._input_schema = schema
        self._stream_maps = None

    def apply_catalog(self, catalog: Catalog) -> None:
        """Use selection, schema, key and replication method of a catalog.

        Raises:
            SettingsError: The catalog describes another stream of the same name.
        """
        super().apply_catalog(catalog)
        if (entry := catalog.get_stream(self.name)) is not None:
            apply_entry(self, entry)

    @property
    def calls_for_records(self) -> str | None:
        """What takes calls of other operations for the records, in words; None if nothing does."""
        return None

    @property
    def given_parameters(self) -> frozenset[str]:
        """Names of the parameters that the declaration of the stream sets."""
        return self.read.given_parameters.union(self.parameters, self.parameters_from_settings)

    # --- What a stream may override -------------------------------------------------------------

    def requests(self) -> Iterator[Parameters]:
        """Yield the parameters of each request: one per marketplace and value."""
        return requests_of(self)

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation until there is no further page."""
        return self.client.answers(
            self.operation,
            parameters,
            page_token=page_token,
            raw_records=self.pipeline.inspector is not None,
        )

    def extract(self, answer: Answer) -> Records:
        """Return the records in an answer."""
        if self.records_path is None:
            if answer.raw_records is not None and self.pipeline.inspector is not None:
                return self.pipeline.inspector.records(answer.raw_records)
            return records_of(self.operation, answer)
        path = self.answer_path()
        found = values_at(answer.body, path)
        records = [record for record in found if isinstance(record, dict)]
        # Which items of a batch have failed, and so have no records, is for the stream to know.
        has_gaps = any(gaps_at(answer.body, path, [False] * len(path)))
        if has_gaps or len(records) < len(found):
            broken = not_documented(f"`{self.records_path}` has no objects")
            self.shortfalls.add(broken.failure(self.operation.id, answer))
        return records

    def add(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Return the properties that are added to a record, which is as Amazon sent it."""
        return self.pipeline.additions(record, request)

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Return a record as it is written, after all properties are added to it."""
        return record

    def transform_page(self, records: Records) -> Records:
        """Return the records of a page as they are written."""
        return [self.transform(record) for record in records]

    @functools.cached_property
    def has_own_code(self) -> bool:
        """Whether records are extracted, extended or transformed in a way of this stream's own."""
        return self.records_path is not None or any(
            getattr(type(self), name) is not getattr(AmazonStream, name)
            for name in ("extract", "add", "transform", "transform_page")
        )

    def left_out(
        self,
        error: InvalidRequestError,  # noqa: ARG002 - for streams that look at it
        parameters: Parameters,  # noqa: ARG002
    ) -> str | None:
        """Return what is left out if Amazon refuses a request; None if the stream has to fail."""
        return None

    def smaller_page(self, parameters: Parameters) -> Parameters | None:
        """Return the page size to try after a refusal; None if there is no smaller one."""
        name = self.page_size_parameter
        if name is None:
            return None
        size = parameters.get(name)
        smaller = [one for one in self.smaller_pages if size is None or one < size]
        return {name: smaller[0]} if smaller else None

    # --- Sync -----------------------------------------------------------------------------------

    def needs(self, path: str) -> bool:
        """Return whether the value at a dotted path in a record is selected, or needed."""
        name = path.partition(".")[0]
        return (
            self.mask["properties", name]
            or any(needed.split(".")[0] == name for needed in self.lifted.values())
            or any(child.child_reader.needs_of_parent(path) for child in self.selected_children)
        )

    def get_records(self, context: Context | None) -> Iterator[dict[str, Any]]:
        """Yield all records; for a child stream, those of the parent record in the context."""
        if self.read.parent is not None:
            yield from self.child_reader.records_of(context or {})
            return
        for page in self.reader.pages():
            yield from self.fitting.fit(page)

    def sync(self, context: Context | None = None) -> None:  # type: ignore[misc]  # noqa: ARG002
        """Write the schemas of this stream and its children, then all records.

        The SDK's own `sync` writes the children's schema and state with every parent record.
        """
        sync_stream(self)

    @property
    def partition(self) -> dict[str, Any] | None:
        """The mark of this account in state and metrics; None if there is only one account."""
        name = self.connection.name
        return None if name is None else {ACCOUNT: name}

    def write_state(self) -> None:
        """Write a STATE, unless the stream has no bookmark."""
        if self.replication_method == "INCREMENTAL":
            self.run.writer.write_state(self.tap_state)

    def post_process(self, row: Record, context: Context | None = None) -> dict[str, Any] | None:  # noqa: ARG002
        """Make the values of a record conform to the schema."""
        self.pipeline.conformer.conform(row)
        return row

    def _increment_stream_state(
        self, latest_record: Record, *, context: Context | None = None
    ) -> None:
        """Do not move the bookmark: records are not sorted, so none of them is a bookmark."""


def link_children(streams: Sequence[AmazonStream]) -> None:
    """Link the streams of one account to their child streams.

    The SDK's method logs a line for every child.
    """
    by_class = {type(stream): stream for stream in streams}
    for stream in streams:
        if (parent := stream.read.parent) in by_class:
            by_class[parent].child_streams.append(stream)
