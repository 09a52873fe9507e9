"""Streams of the rows of documents that Amazon makes: of reports, and of Data Kiosk queries."""

from __future__ import annotations

import datetime as dt
import functools
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from tap_amazon_sp.amazon.errors import UnreadableDocumentError
from tap_amazon_sp.common.batches import batches
from tap_amazon_sp.common.timestamps import format_milliseconds, moment_of
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.reading.bookmarks import BookmarkedStream
from tap_amazon_sp.reading.declared_schemas import TEXT, TIME
from tap_amazon_sp.reading.inferred import InferredStream
from tap_amazon_sp.reading.misfits import is_text, put_aside_misfits
from tap_amazon_sp.reading.read_ahead import one_ahead
from tap_amazon_sp.reading.stream import ACCOUNT
from tap_amazon_sp.reading.window_plan import Window
from tap_amazon_sp.settings.document_entries import DocumentSettings
from tap_amazon_sp.settings.schema import SettingsError
from tap_amazon_sp.singer.inference import Schema, Test, kind_test
from tap_amazon_sp.singer.writer import to_json

if TYPE_CHECKING:
    from tap_amazon_sp.documents.document import Document
    from tap_amazon_sp.documents.flat_files import FlatFile
    from tap_amazon_sp.documents.rows import Rows

DATA_START = "_data_start_time"
DATA_END = "_data_end_time"
ROW_NUMBER = "_row_number"
FILE = "_file"

ROWS_AT_ONCE = 2000

INTEGER: Schema = {"type": ["integer"]}


class DocumentStream(InferredStream, BookmarkedStream):
    """A stream of the rows of documents."""

    declared: ClassVar[DocumentSettings]
    selected_by_default = True
    _row_number = 0
    id_property: ClassVar[str]
    """The property with Amazon's id of the report or query."""
    created_property: ClassVar[str]
    """The property with the time when it was created."""

    @property
    def is_inferred(self) -> bool:
        """Always: what a document holds shows when it is there."""
        return True

    @property
    def start_date(self) -> dt.datetime | None:
        """The stream's own start date, or that of all streams."""
        return self.declared.start_date or super().start_date

    @property
    def end_date(self) -> dt.datetime | None:
        """The stream's own end date, or that of all streams."""
        return self.declared.end_date or self.account.end_date

    def own_schema(self) -> Schema:
        """Return what is known of the rows before there is a document."""
        keys = dict.fromkeys(self.declared.keys or (), TEXT)
        return {
            "type": "object",
            "properties": self.added_to_rows() | keys | self.known_properties(),
        }

    def added_to_rows(self) -> Schema:
        """Return the schemas of the properties that are added to all rows."""
        added: Schema = {
            self.id_property: {"type": ["string"]},
            DATA_START: TIME,
            DATA_END: TIME,
            self.created_property: TIME,
            ROW_NUMBER: INTEGER,
        }
        return added | ({FILE: TEXT} if self.declared.save_to else {})

    def known_properties(self) -> Schema:
        """Return the schemas of properties that Amazon documents."""
        return {}

    @property
    def declared_in(self) -> str | None:
        """The entry in the settings that declares this stream."""
        return self.entry

    # --- Rows ----------------------------------------------------------------------------------

    def open_document(self, job: Job) -> Document | None:
        """Return the document of a job, which is not opened yet; None where there is none."""
        raise NotImplementedError

    def rows_in(self, content: Iterable[bytes], document: Document, job: Job) -> Rows:
        """Read the beginning of a document and return its rows."""
        raise NotImplementedError

    def file_names(self, document: Document) -> tuple[str, str]:
        """Return how the name of a document's file begins and, if it is not converted, ends."""
        raise NotImplementedError

    def _file_address(
        self, document: Document, job_id: str, added: Mapping[str, Any]
    ) -> str | None:
        """Return where a document, or its rows, are stored; None where they are not."""
        from tap_amazon_sp.documents.files import file_name, join  # noqa: PLC0415 - slow to load

        folder = self.declared.save_to
        if folder is None:
            return None
        if self.connection.name is not None:
            # Ids are unique for one account only.
            folder = join(folder, self.connection.name)
        stem, extension = self.file_names(document)
        start, end = added[DATA_START], added[DATA_END]
        extension = self.declared.format or extension
        return join(folder, file_name(stem, job_id, start=start, end=end, extension=extension))

    def added_to(self, job: Job, window: Window | None, request: JobRequest | None) -> Any:
        """Return the properties that all rows of a job's document get."""
        created = _written(moment_of(job, "createdTime"))
        start, end = (_written(moment_of(job, name)) for name in ("dataStartTime", "dataEndTime"))
        if window is not None and request is not None:
            # As it was asked for: Amazon's own may be another, but is of the same window.
            start, end = _written(window.after), _written(request.end)
        added = {
            DATA_START: start or created,
            DATA_END: end or created,
            self.created_property: created,
        }
        if self.connection.name is not None:
            added[ACCOUNT] = self.connection.name
        return added

    def pages_of_job(
        self,
        job: Job,
        *,
        window: Window | None = None,
        request: JobRequest | None = None,
    ) -> Iterator[list[dict[str, Any]]]:
        """Give the rows of a job's document, some at a time, in constant memory.

        Args:
            job: Which is done.
            window: What it is of.
            request: What was asked for.

        Raises:
            SellingPartnerError: The document cannot be had, or read.
            SettingsError: It has no rows, or cannot be stored.
        """
        document = self.open_document(job)
        if document is None:
            self.logger.info("%s %s holds no data", *self.names_of(job))
            return
        added = self.added_to(job, window, request)
        if request is None or not request.is_further_page:
            self._row_number = 0
        with document:
            address = self._file_address(document, added[self.id_property], added)
            if address is not None:
                added[FILE] = address
            with self._failures_told(job, address):
                for page in self._pages_of_document(document, job, address):
                    for number, record in enumerate(page, self._row_number + 1):
                        record.update(added)
                        record[ROW_NUMBER] = number
                    self._row_number += len(page)
                    self.complete_keys(page)
                    yield page
                    self.client.metrics.count_records(self.operation.id, len(page))
            if address is not None:
                self.logger.info("Stored %s", address)
        self._flat_file = None

    def _pages_of_document(
        self, document: Document, job: Job, address: str | None
    ) -> Iterator[list[dict[str, Any]]]:
        """Give the rows of a document, some at a time, while it is stored at an address.

        Of one that has no rows, and is stored, an empty one.
        """
        from tap_amazon_sp.documents.files import tee, tee_rows  # noqa: PLC0415 - slow to load
        from tap_amazon_sp.documents.flat_files import FlatFile  # noqa: PLC0415
        from tap_amazon_sp.documents.rows import NoRowsError  # noqa: PLC0415

        form = self.declared.format
        is_stored_as_it_is = address is not None and form is None
        content = tee(document, address or "") if is_stored_as_it_is else iter(document)
        if self.reads_ahead:
            # Downloading and gunzipping go on while rows are read.
            content = one_ahead(content, self.executor)
        try:
            rows = self.rows_in(content, document, job)
        except NoRowsError as error:
            if not is_stored_as_it_is:
                raise SettingsError([f"{self.entry}: {error}"]) from None
            # What is left of it goes into the file.
            deque(content, maxlen=0)
            yield [{}]
            return
        self._flat_file = rows if isinstance(rows, FlatFile) else None
        if self._flat_file is not None:
            self._choose_text_columns(self._flat_file)
        records: Iterable[dict[str, Any]] = rows
        if address is not None and form is not None:
            records = tee_rows(rows, address, form)
        yield from batches(records, ROWS_AT_ONCE)

    @contextmanager
    def _failures_told(self, job: Job, address: str | None) -> Iterator[None]:
        """Turn what can go wrong with a document into errors for people."""
        from tap_amazon_sp.documents.files import FileFormatError  # noqa: PLC0415 - slow to load
        from tap_amazon_sp.documents.rows import DocumentFormatError  # noqa: PLC0415

        try:
            yield
        except DocumentFormatError as error:
            message = f"{' '.join(self.names_of(job))}: {error}"
            raise UnreadableDocumentError(self.operation.id, message=message) from None
        except (FileFormatError, ImportError, OSError) as error:
            if address is None:
                raise
            message = f"{self.entry}: `save_to`: {address} cannot be written: {error}"
            raise SettingsError([message]) from None

    def complete_keys(self, records: list[dict[str, Any]]) -> None:
        """Give records all their keys: Amazon leaves out parts of some."""
        for name in self._natural_keys:
            for record in records:
                if record.get(name) is None:
                    record[name] = ""

    @functools.cached_property
    def _natural_keys(self) -> tuple[str, ...]:
        own = (*self.added_to_rows(), ACCOUNT, *(self.declared.keys or ()))
        return tuple(name for name in self._own_primary_keys if name not in own)

    def names_of(self, job: Job) -> tuple[str, str]:
        """Return what to call a job: `Report` or `Query`, and its id."""
        raise NotImplementedError

    # --- Schemas -------------------------------------------------------------------------------

    _flat_file: FlatFile | None = None
    _fitted_to: tuple[FlatFile, frozenset[str]] | None = None
    _fitted_schema: Schema | None = None
    _text_columns: tuple[str, ...] = ()

    def processed(self, records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Return the records as they are written, having written the SCHEMA that they need."""
        page = records if isinstance(records, list) else list(records)
        if self._flat_file is None:
            put_aside_misfits(self._documented_columns, page)
            self._finish_misfits(page)
            return super().processed(page)
        self._finish_misfits(page)
        self._fit_to_columns(self._flat_file, page)
        for name in self.declared.keys or ():
            for record in page:
                if record[name] is None:
                    record[name] = ""
        for name in self._text_columns:
            for record in page:
                value = record.get(name)
                if value is not None and value.__class__ is not str:
                    record[name] = str(value)
        return page

    def _finish_misfits(self, page: list[dict[str, Any]]) -> None:
        """Leave out those that are not wanted; make text of them where objects are flattened."""
        from tap_amazon_sp.documents.values import MISFITS  # noqa: PLC0415 - slow to load

        for record in page:
            if MISFITS in record:
                wanted = {
                    name: value
                    for name, value in record.pop(MISFITS).items()
                    if self.mask["properties", name]
                }
                if wanted:
                    record[MISFITS] = to_json(wanted).decode() if self._flattens else wanted

    @property
    def _flattens(self) -> bool:
        return bool(self.tap.config.get("flattening_enabled"))

    @functools.cached_property
    def _documented_columns(self) -> Mapping[str, Test]:
        """Columns of a documented kind that is no text, and what tells whether a value is of it.

        Not those of the key, which no target takes without a value.
        """
        return {
            name: test
            for name, found in self.known_properties().items()
            if name not in self._own_primary_keys and (test := kind_test(found)) is not None
        }

    def _choose_text_columns(self, flat_file: FlatFile) -> None:
        """Read as text what is text by settings or catalog, and new columns of an unknown form."""
        properties = (self.messages.inferred or self.effective_schema)["properties"]
        text = {name for name, found in properties.items() if is_text(found)}
        new = {name for name in flat_file.unreadable() if not properties.get(name)}
        flat_file.read_as_text(text | new)

    def _fit_to_columns(self, flat_file: FlatFile, page: list[dict[str, Any]]) -> None:
        """Write a new SCHEMA where a column is new.

        Raises:
            SettingsError: A column of the key is missing.
        """
        from tap_amazon_sp.documents.names import EXTRA  # noqa: PLC0415 - slow to load
        from tap_amazon_sp.documents.values import MISFITS  # noqa: PLC0415

        # Seldom there, so they are no columns until they are.
        special = frozenset(
            name for name in (EXTRA, MISFITS) if any(name in record for record in page)
        )
        if self._fitted_to == (flat_file, special) and (
            self.messages.inferred is self._fitted_schema
        ):
            return
        columns = flat_file.schema()
        if self._flattens:
            # Properties that no schema names would be lost.
            columns[MISFITS] = TEXT
        for name in (EXTRA, MISFITS):
            if name not in special:
                del columns[name]
        for name in self.declared.keys or ():
            if name not in {*columns, *self.added_to_rows()}:
                message = f"{self.entry}: a record has no '{name}', only {', '.join(columns)}"
                raise SettingsError([message])
        with self.messages.lock:
            schema = self.messages.inferred or dict(self.effective_schema)
            before = schema["properties"]
            new = {
                name: found
                for name, found in columns.items()
                # Amazon documents some as JSON and sends them as text.
                if not before.get(name) or (is_text(found) and not is_text(before[name]))
            }
            if new or self.messages.inferred is None:
                schema = schema | {"properties": before | new}
            self.write_inferred(schema)
            self._fitted_to, self._fitted_schema = (flat_file, special), self.messages.inferred
            # Another account may have made it text since the document was begun.
            self._text_columns = tuple(
                column.name
                for column in flat_file.columns
                if column.kind is not None and is_text(schema["properties"][column.name])
            )


def _written(moment: dt.datetime | None) -> str | None:
    return None if moment is None else format_milliseconds(moment)
