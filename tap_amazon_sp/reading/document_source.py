"""The differences between reports and Data Kiosk queries, for the code that reads their rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.opening import Documents
from tap_amazon_sp.documents.rows import Rows
from tap_amazon_sp.jobs.api import JobApi
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.reading.line_currencies import LineCurrencies
from tap_amazon_sp.reading.sales_channels import SalesChannels
from tap_amazon_sp.settings.document_entries import DocumentSettings
from tap_amazon_sp.singer.schemas import INTEGER, TEXT, TIME, Schema

DATA_START = "_data_start_time"
DATA_END = "_data_end_time"
ROW_NUMBER = "_row_number"
FILE = "_file"


class DocumentSource(Protocol):
    """The documents that one entry of the settings declares."""

    @property
    def declared(self) -> DocumentSettings:
        """The settings of the entry."""

    @property
    def entry(self) -> str:
        """The name of the entry in messages."""

    @property
    def doubts(self) -> Iterator[str]:
        """Warnings about the entry, which may have mistakes."""

    @property
    def api(self) -> JobApi:
        """The operations of the jobs that make the documents."""

    @property
    def id_property(self) -> str:
        """The property with Amazon's id of the job."""

    @property
    def created_property(self) -> str:
        """The property with the time when the job was created."""

    @property
    def properties(self) -> Schema:
        """The schemas of further properties that all rows get; `values` returns the values."""

    @property
    def known_properties(self) -> Schema:
        """The schemas of the properties of rows, as far as they are known before a document is."""

    @property
    def has_flat_files(self) -> bool:
        """Whether the documents are flat files, as far as that is known."""

    def missing_settings(self, account: Account) -> list[str]:
        """Return the settings without which the documents cannot be read."""

    def values(self, job: Job, request: JobRequest | None) -> dict[str, Any]:
        """Return the values of the further properties of the rows of a job."""

    def sales_channels(self, account: Account) -> SalesChannels | None:
        """Return what tells the marketplaces of the rows of a document; None without it."""

    def currencies(self) -> LineCurrencies | None:
        """Return what tells the currency of each row of a document; None if each row says it."""

    def open(self, documents: Documents, job: Job) -> Document | None:
        """Return the document of a job, not opened yet; None if it has none."""

    def rows(self, content: Iterable[bytes], document: Document, job: Job) -> Rows:
        """Read the beginning of a document and return its rows.

        Raises:
            NoRowsError: The document is a file without rows.
        """

    def file_name(self, document: Document) -> tuple[str, str]:
        """Return the beginning of the file name of a document, and its extension."""


def added_properties(source: DocumentSource) -> Schema:
    """Return the schemas of the properties that are added to all rows."""
    added: Schema = source.properties | {
        source.id_property: {"type": ["string"]},
        DATA_START: TIME,
        DATA_END: TIME,
        source.created_property: TIME,
        ROW_NUMBER: INTEGER,
    }
    return added | ({FILE: TEXT} if source.declared.save_to else {})
