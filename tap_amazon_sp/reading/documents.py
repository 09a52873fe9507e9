"""Streams of rows of the documents that Amazon makes for reports and Data Kiosk queries."""

from __future__ import annotations

import datetime as dt
import functools
from abc import abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    RefusedDocumentError,
    SellingPartnerError,
    ServiceError,
    UnreadableDocumentError,
    WrongDocumentError,
)
from tap_amazon_sp.common.batches import batches_by_size
from tap_amazon_sp.common.timestamps import format_milliseconds, moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.documents.columns import row_properties
from tap_amazon_sp.documents.explanations import explanation_of
from tap_amazon_sp.documents.files import (
    FileFormatError,
    file_name,
    join,
    path_part,
    storing,
    tee_rows,
)
from tap_amazon_sp.documents.rows import DocumentFormatError, NoRowsError
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.reading.column_order import keys_first
from tap_amazon_sp.reading.document_schema import DocumentSchema
from tap_amazon_sp.reading.document_source import (
    DATA_END,
    DATA_START,
    FILE,
    ROW_NUMBER,
    DocumentSource,
    added_properties,
)
from tap_amazon_sp.reading.pipeline import ACCOUNT
from tap_amazon_sp.reading.read_ahead import one_ahead
from tap_amazon_sp.reading.reader import Read, Reader, Records
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.schemas import TEXT, Schema

if TYPE_CHECKING:
    from tap_amazon_sp.documents.document import Document
    from tap_amazon_sp.reading.bookmarks import Bookmark

ROWS_PER_PAGE = 2000
MAX_PAGE_SIZE = 4 * 1024 * 1024
"""Bytes of a document after which a page gets no further rows. 2,000 rows are far smaller."""


@dataclass(frozen=True)
class DocumentRead(Read):
    """Rows of documents.

    Attributes:
        source: Where the documents come from.
    """

    source: DocumentSource

    @abstractmethod
    def reader(self, stream: AmazonStream) -> DocumentReader:
        """Return what reads the documents of this stream of this account."""


class DocumentStream(AmazonStream):
    """A stream of rows of documents; an entry of the settings declares it."""

    read: ClassVar[DocumentRead]
    has_whole_schema = False
    selected_by_default = True

    @functools.cached_property
    def reader(self) -> DocumentReader:
        """The reader of this stream."""
        return self.read.reader(self)

    @functools.cached_property
    def fitting(self) -> DocumentSchema:
        """Fits schema and records to each other."""
        return self.reader.schema

    @property
    def declared_in(self) -> str | None:
        """The entry in the settings that declares this stream."""
        return self.read.source.entry

    @property
    def keeps_amazons_names(self) -> bool:
        """Whether the settings ask for Amazon's own names of columns."""
        return self.read.source.declared.column_names == "original"

    def own_schema(self) -> Schema:
        """Return the JSON Schema of a row, as far as it is known before a document is opened."""
        source = self.read.source
        properties = added_properties(source)
        # A key is never null: text is what any value can be.
        keys = {name: TEXT for name in source.declared.keys or () if name not in properties}
        if source.has_flat_files:
            properties |= source.known_properties | keys
            properties |= row_properties((), is_flattened=self.flattens_records)
        else:
            properties |= keys | source.known_properties
        return {"type": "object", "properties": keys_first(properties, self.own_primary_keys)}


class DocumentReader(Reader):
    """Reads the rows of the documents of one stream of one account."""

    def __init__(self, stream: AmazonStream, source: DocumentSource) -> None:
        """Read nothing yet."""
        super().__init__(stream)
        self.source = source
        self.schema = DocumentSchema(stream, source)
        self.rows = DocumentRows(self)

    def check_state(self, bookmark: Bookmark, written_by_others: AbstractSet[str]) -> None:
        """Check that the bookmark is one of reading as the entry says now.

        A bookmark is the time of data or the time when a job was created. If one were taken for the
        other, what lies between them would never be read.

        Args:
            bookmark: The bookmark of the stream.
            written_by_others: Keys of a state that only another way of reading writes.

        Raises:
            SettingsError: It is not.
        """
        state = bookmark.written_state()
        if not bookmark.is_incremental or state.get("replication_key_value") is None:
            return
        times = {DATA_END, self.source.created_property}
        is_other_time = state.get("replication_key") in times - {self.stream.own_replication_key}
        if not is_other_time and written_by_others.isdisjoint(state):
            return
        message = (
            f"{self.source.entry} was read in another way before (`mode`, or with or without "
            f"times): the state's bookmark of stream '{self.stream.name}' is not the time that it "
            "would be now, and reports would be passed over. Give the entry another `name`, or "
            "remove the bookmark with `amazon-sp state reset` to read it from the beginning"
        )
        raise SettingsError([message])

    def begin(self) -> None:
        """Warn of what may be a mistake in the entry, once for all of its streams."""
        for doubt in self.source.doubts:
            if self.connection.once.is_first(doubt):
                self.logger.warning(doubt)

    def missing_settings(self) -> list[str]:
        """Return the settings that the stream needs and that are not set."""
        return self.source.missing_settings(self.stream.account)

    def explanation(self, failed: Job) -> str:
        """Return Amazon's explanation of a failed job; it may be empty."""
        try:
            return explanation_of(self.source.open(self.connection.documents, failed))
        except SellingPartnerError as error:
            self.logger.warning(error.sentence("So the reason for the failure is unknown"))
            return ""

    @property
    def end_date(self) -> dt.datetime | None:
        """The stream's own end date, or that of all streams."""
        return self.source.declared.end_date or self.stream.settings.end_date


class DocumentRows:
    """The rows of the documents of one stream of one account.

    All rows of a document get the same further properties. These are added here for a whole page,
    and not record by record in the pipeline.
    """

    def __init__(self, reader: DocumentReader) -> None:
        """Read nothing yet."""
        self._reader = reader
        self._stream = reader.stream
        self._source = reader.source
        self._rows_so_far = 0

    def pages_of(
        self, job: Job, *, window: Window | None = None, request: JobRequest | None = None
    ) -> Iterator[Records]:
        """Yield the rows of a job's document page by page, in constant memory.

        Args:
            job: The finished job.
            window: The window of the job.
            request: The request for the job.

        Raises:
            SellingPartnerError: The document cannot be downloaded or read.
            SettingsError: The document has no rows, or cannot be stored.
        """
        document = self._source.open(self._stream.connection.documents, job)
        if document is None:
            self._stream.logger.info("%s holds no data", self._source.api.label_of(job))
            return
        added = self._added(job, window, request)
        if request is None or not request.is_further_page:
            self._rows_so_far = 0
        channels = self._source.sales_channels(self._stream.account)
        currencies = self._source.currencies()
        with self._named(job), document:
            if document.is_empty:
                self._stream.logger.warning(
                    "%s has an empty document: it counts as one without rows",
                    self._source.api.label_of(job),
                )
            address = self._file_address(document, added)
            if address is not None:
                added[FILE] = address
            with self._errors_explained(job, address), self._misfits_told(job):
                for page in self._pages(document, job, address):
                    for number, record in enumerate(page, self._rows_so_far + 1):
                        record.update(added)
                        record[ROW_NUMBER] = number
                    self._rows_so_far += len(page)
                    if currencies is not None:
                        currencies.add_to(page)
                    yield page if channels is None else channels.placed(page)
                    metrics = self._stream.client.metrics
                    metrics.count_records(self._stream.operation.id, len(page))
            if address is not None:
                self._stream.logger.info("Stored %s", address)
            if channels is not None and channels.left_out:
                self._stream.logger.info(
                    "%s: left out are rows of marketplaces that `marketplace_ids` does not "
                    "name: %s",
                    self._source.api.label_of(job),
                    channels.left_out,
                )

    def _added(self, job: Job, window: Window | None, request: JobRequest | None) -> dict[str, Any]:
        """Return the properties that all rows of a document get."""
        created, start, end = (
            _written(moment_of(job, name))
            for name in ("createdTime", "dataStartTime", "dataEndTime")
        )
        if window is not None and request is not None:
            # Amazon's times may differ from those of the request, but lie in the same window.
            start, end = _written(window.after), _written(request.end)
        added: dict[str, Any] = {
            DATA_START: start or created,
            DATA_END: end or created,
            self._source.created_property: created,
        }
        if (account := self._stream.connection.name) is not None:
            added[ACCOUNT] = account
        added[self._source.id_property] = job[self._source.api.id_name]
        return added | self._source.values(job, request)

    def _file_address(self, document: Document, added: Mapping[str, Any]) -> str | None:
        """Return the address of the file for a document or its rows; None if none is stored."""
        declared = self._source.declared
        folder = declared.save_to
        if folder is None:
            return None
        if (account := self._stream.connection.name) is not None:
            # Ids are unique within an account only.
            folder = join(folder, path_part(account))
        stem, extension = self._source.file_name(document)
        name = file_name(
            stem,
            added[self._source.id_property],
            start=added[DATA_START],
            end=added[DATA_END],
            extension=declared.format or extension,
        )
        return join(folder, name)

    def _pages(self, document: Document, job: Job, address: str | None) -> Iterator[Records]:
        """Yield the rows of a document page by page, and store it at the address, if there is one.

        For a stored document without rows, yield one page with one empty row.
        """
        form = self._source.declared.format
        is_stored_as_it_is = address is not None and form is None
        # The file exists only after all rows were read.
        stored = storing(document, address or "") if is_stored_as_it_is else nullcontext(document)
        with stored as pieces:
            content = _Counted(iter(pieces))
            taken: Iterator[bytes] = content
            if self._reader.reads_ahead:
                # The download and the decompression continue while rows are read.
                taken = one_ahead(content, self._reader.executor)
            try:
                rows = self._source.rows(taken, document, job)
            except NoRowsError as error:
                if not is_stored_as_it_is:
                    raise SettingsError([f"{self._source.entry}: {error}"]) from None
                rows = None
            self._reader.schema.begin(rows)
            records: Iterable[dict[str, Any]] = [{}] if rows is None else rows
            if address is not None and form is not None:
                records = tee_rows(records, address, form)
            yield from batches_by_size(
                records, ROWS_PER_PAGE, lambda: content.length, MAX_PAGE_SIZE
            )
            # This writes the rest of a document without rows to the file.
            deque(taken, maxlen=0)

    @contextmanager
    def _named(self, job: Job) -> Iterator[None]:
        """Name the job in the error about a document that Amazon does not give as it should."""
        label = self._source.api.label_of(job)
        try:
            yield
        except WrongDocumentError as error:
            message = f"{label}: {error.message}"
            raise WrongDocumentError(error.operation_id, message=message) from None
        except InvalidRequestError as error:
            error.subject = ", ".join(filter(None, (label, error.subject)))
            raise error.recast(RefusedDocumentError) from None
        except ServiceError as error:
            error.subject = ", ".join(filter(None, (label, error.subject)))
            raise

    @contextmanager
    def _misfits_told(self, job: Job) -> Iterator[None]:
        """Log the misfits of a job's document after its last page was written, or after a stop."""
        try:
            yield
        finally:
            self._reader.schema.end(self._source.api.label_of(job))

    @contextmanager
    def _errors_explained(self, job: Job, address: str | None) -> Iterator[None]:
        """Turn failures of a document into errors that users understand."""
        try:
            yield
        except DocumentFormatError as error:
            label, reason = self._source.api.label_of(job), str(error)
            message = f"{label}: {reason}"
            unreadable = UnreadableDocumentError(self._stream.operation.id, message=message)
            unreadable.document, unreadable.reason = label, reason
            raise unreadable from None
        except (FileFormatError, ImportError, OSError) as error:
            if address is None:
                raise
            message = f"{self._source.entry}: `save_to`: {address} cannot be written: {error}"
            raise SettingsError([message]) from None


class _Counted:
    """The pieces of a document, and the length of those that were taken."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        """Take nothing yet."""
        self.length = 0
        self._pieces = pieces

    def __iter__(self) -> Iterator[bytes]:
        """Return itself."""
        return self

    def __next__(self) -> bytes:
        """Return the next piece."""
        piece = next(self._pieces)
        self.length += len(piece)
        return piece


def _written(moment: dt.datetime | None) -> str | None:
    return None if moment is None else format_milliseconds(moment)
