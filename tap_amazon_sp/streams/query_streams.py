"""The streams of the setting `data_kiosk_queries`: what Data Kiosk answers, one stream a query.

Facts: Amazon's model of Data Kiosk. A document is lines of JSON; a query that is done without one
found nothing; what does not fit into a document is had with the same query and a page token; one
that failed has a document that says why.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from tap_amazon_sp.amazon.client import at_path
from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.jobs.polling import FATAL, Job
from tap_amazon_sp.jobs.requests import QUERIES, QueryRequest, listed
from tap_amazon_sp.reading.documents import (
    DATA_END,
    DATA_START,
    ROW_NUMBER,
)
from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.reading.submitted_documents import OrderedStream
from tap_amazon_sp.reading.window_plan import Window
from tap_amazon_sp.settings.data_kiosk_queries import QuerySettings, queries

if TYPE_CHECKING:
    from tap_amazon_sp.documents.document import Document
    from tap_amazon_sp.documents.rows import Rows
    from tap_amazon_sp.jobs.queue import Desk

QUERY_ID = "_query_id"
QUERY_CREATED = "_query_created_time"

_ONE_SECOND = dt.timedelta(seconds=1)


class QueryStream(OrderedStream):
    """What Data Kiosk answers to one entry of `data_kiosk_queries`."""

    declared: ClassVar[QuerySettings]
    operation_id = "dataKiosk_2023-11-15.getDocument"
    roles = ("Brand Analytics",)
    id_property = QUERY_ID
    created_property = QUERY_CREATED
    whole_windows = True

    @property
    def entry(self) -> str:
        """What to call the entry in the settings that declares the stream."""
        return f"`data_kiosk_queries`['{self.name}']"

    @property
    def desk(self) -> Desk:
        """Where queries are asked."""
        return self.connection.query_desk

    @property
    def has_times(self) -> bool:
        """Whether each is of a time."""
        return self.declared.has_times

    @property
    def lookback(self) -> dt.timedelta:
        """The entry's own lookback, or that of all streams."""
        return super().lookback if self.declared.lookback is None else self.declared.lookback

    @property
    def window_length(self) -> Period | None:
        """What one query is of: a day, where the entry does not say."""
        return self.declared.window or Period("DAY")

    def requests_for(self, window: Window | None) -> Iterator[QueryRequest]:
        """Give the query, with the days of the window."""
        yield self._request(window)

    def _request(self, window: Window | None, page_token: str | None = None) -> QueryRequest:
        template = self.declared.query
        if window is None:
            return QueryRequest(template, template, page_token=page_token)
        start, end = window.after, window.before - _ONE_SECOND
        text = template.replace("{start}", start.date().isoformat())
        text = text.replace("{end}", end.date().isoformat())
        return QueryRequest(text, template, start, end, page_token)

    def added_to(self, job: Job, window: Window | None, request: Any) -> Any:
        """Return the properties that all rows of a query get."""
        return super().added_to(job, window, request) | {QUERY_ID: job["queryId"]}

    def further_request(self, job: Job, window: Window | None) -> QueryRequest | None:
        """Return the query for the next page of rows; None where there is none."""
        page_token = at_path(job, ("pagination", "nextToken"))
        return self._request(window, page_token) if page_token else None

    def open_document(self, job: Job) -> Document | None:
        """Return the document of a query, which is not opened yet; None where there is none."""
        is_fatal = job.get("processingStatus") == FATAL
        document_id = job.get("errorDocumentId" if is_fatal else "dataDocumentId")
        return self.connection.documents.of_query(document_id) if document_id else None

    def rows_in(self, content: Iterable[bytes], document: Document, job: Job) -> Rows:  # noqa: ARG002
        """Read the lines of a document."""
        from tap_amazon_sp.documents.rows import read_json_lines  # noqa: PLC0415 - slow to load

        return read_json_lines(
            content, content_type=document.content_type, style=self.declared.column_names
        )

    def file_names(self, document: Document) -> tuple[str, str]:  # noqa: ARG002
        """Return how the name of a document's file begins and, if it is not converted, ends."""
        return self.name, "jsonl"

    def check_access(self) -> None:
        """List some queries."""
        next(listed(self.client, QUERIES, {"pageSize": 10}), None)

    def names_of(self, job: Job) -> tuple[str, str]:
        """Return what to call a job, and its id."""
        return "Query", str(job.get("queryId"))


def query_stream_classes(settings: Mapping[str, Any]) -> list[type[SellingPartnerStream]]:
    """Return a class for each entry of `data_kiosk_queries`.

    Raises:
        ValueError: An entry is wrong.
    """
    return [_make(declared) for declared in queries(settings)]


def _make(declared: QuerySettings) -> type[SellingPartnerStream]:
    return type(
        f"Query_{declared.name}",
        (QueryStream,),
        {
            "__doc__": "Declared in `data_kiosk_queries`.",
            "name": declared.name,
            "declared": declared,
            "primary_keys": declared.keys or (DATA_START, ROW_NUMBER),
            "replication_key": DATA_END if declared.has_times else QUERY_CREATED,
        },
    )
