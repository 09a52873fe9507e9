"""The streams of the setting `data_kiosk_queries`: one stream for each query.

Facts: Amazon's model of Data Kiosk. A document has a JSON object on each line. A query that is done
and has no document found nothing. Rows that do not fit into a document are returned for the same
query with a page token. A failed query has a document with the reason.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.documents.beginnings import EXPLANATION, JSON_LINES
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.opening import Documents
from tap_amazon_sp.documents.rows import Rows, read_json_lines
from tap_amazon_sp.jobs.api import QUERIES, JobApi
from tap_amazon_sp.jobs.listing import list_jobs
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.queue import JobQueue
from tap_amazon_sp.jobs.requests import JobRequest, QueryRequest
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.document_source import DATA_END, DATA_START, ROW_NUMBER
from tap_amazon_sp.reading.document_windows import WindowRules
from tap_amazon_sp.reading.documents import DocumentStream
from tap_amazon_sp.reading.submitted_documents import SubmittedDocuments
from tap_amazon_sp.settings.data_kiosk_queries import QuerySettings
from tap_amazon_sp.singer.schemas import Schema
from tap_amazon_sp.streams.from_settings.factory import make_stream_class

QUERY_ID = "_query_id"
QUERY_CREATED = "_query_created_time"

_ONE_SECOND = dt.timedelta(seconds=1)


def query_stream_classes(entries: Iterable[QuerySettings]) -> list[type[DocumentStream]]:
    """Return a class for each entry of `data_kiosk_queries`."""
    return [_make(declared) for declared in entries]


def _make(declared: QuerySettings) -> type[DocumentStream]:
    return make_stream_class(
        DocumentStream,
        declared.name,
        description="Declared in `data_kiosk_queries`.",
        operation_id="dataKiosk_2023-11-15.getDocument",
        roles=("Brand Analytics",),
        primary_keys=declared.keys or (DATA_START, ROW_NUMBER),
        replication_key=DATA_END if declared.has_times else QUERY_CREATED,
        read=SubmittedDocuments(QueryDocuments(declared), QueryJobs(declared)),
    )


@dataclass(frozen=True)
class QueryDocuments:
    """The documents with the answers to one entry of `data_kiosk_queries`."""

    declared: QuerySettings

    api: JobApi = QUERIES
    id_property: str = QUERY_ID
    created_property: str = QUERY_CREATED

    @property
    def entry(self) -> str:
        """The name of the entry in messages."""
        return self.declared.label

    @property
    def doubts(self) -> Iterator[str]:
        """No warnings: an entry gives no reason for one."""
        return iter(())

    @property
    def properties(self) -> Schema:
        """No properties: rows get no further ones."""
        return {}

    @property
    def has_flat_files(self) -> bool:
        """Whether the documents are flat files: they are JSON Lines."""
        return False

    @property
    def known_properties(self) -> Schema:
        """No properties: the query decides which properties rows have."""
        return {}

    def missing_settings(self, account: Account) -> list[str]:  # noqa: ARG002 - as reports
        """Return no settings: a query needs none."""
        return []

    def values(self, job: Job, request: JobRequest | None) -> dict[str, Any]:  # noqa: ARG002
        """Return no values: rows get no further properties."""
        return {}

    def sales_channels(self, account: Account) -> None:
        """Return None: rows belong to no marketplace, unless the query says so."""

    def currencies(self) -> None:
        """Return None: an amount has its currency with it."""

    def open(self, documents: Documents, job: Job) -> Document | None:
        """Return the document of a query, not opened yet; None where it has none."""
        has_failed = QUERIES.has_failed(job)
        document_id = job.get("errorDocumentId" if has_failed else "dataDocumentId")
        if not document_id:
            return None
        expectation = EXPLANATION if has_failed else JSON_LINES
        return documents.of_query(document_id, expectation=expectation)

    def rows(self, content: Iterable[bytes], document: Document, job: Job) -> Rows:  # noqa: ARG002
        """Return the rows of a document: one JSON object on each line."""
        return read_json_lines(
            content, content_type=document.content_type, style=self.declared.column_names
        )

    def file_name(self, document: Document) -> tuple[str, str]:  # noqa: ARG002 - as reports
        """Return the beginning of the file name of a document, and its extension."""
        return self.declared.name, "jsonl"


@dataclass(frozen=True)
class QueryJobs:
    """The queries that are submitted for one entry of `data_kiosk_queries`."""

    declared: QuerySettings

    @property
    def has_windows(self) -> bool:
        """Whether each query covers a window."""
        return self.declared.has_times

    @functools.cached_property
    def rules(self) -> WindowRules:
        """The rules for the windows of the queries; days by default."""
        return WindowRules(window=self.declared.window or Period("DAY"), only_whole=True)

    def queue(self, connection: Connection) -> JobQueue:
        """Return the queue of Data Kiosk queries."""
        return connection.query_jobs

    def requests(
        self,
        connection: Connection,  # noqa: ARG002 - as reports
        bookmark: Bookmark,  # noqa: ARG002
        window: Window | None,
    ) -> Iterator[QueryRequest]:
        """Yield the request for the query, with the days of the window."""
        yield self._request(window)

    @property
    def further_jobs(self) -> str:
        """Each page of rows takes a query of its own."""
        return "1 for each further page of a query"

    def knows_requests(self, connection: Connection) -> bool:  # noqa: ARG002 - as reports
        """Return True: the settings have the query."""
        return True

    def further_request(self, job: Job, window: Window | None) -> QueryRequest | None:
        """Return the query for the next page of rows; None after the last page."""
        page_token = at_path(job, ("pagination", "nextToken"))
        return self._request(window, page_token) if page_token else None

    def _request(self, window: Window | None, page_token: str | None = None) -> QueryRequest:
        template = self.declared.query
        if window is None:
            return QueryRequest(template, template, page_token=page_token)
        start, end = window.after, window.before - _ONE_SECOND
        text = template.replace("{start}", start.date().isoformat())
        text = text.replace("{end}", end.date().isoformat())
        return QueryRequest(text, template, start, end, page_token)

    def missing_data(self, explanation: str) -> None:
        """Return None: Amazon never gives this reason for a failed query."""

    def check_access(self, client: SellingPartnerClient) -> None:
        """List some queries, to see whether Amazon gives access."""
        next(list_jobs(client, QUERIES, {"pageSize": 10}), None)
