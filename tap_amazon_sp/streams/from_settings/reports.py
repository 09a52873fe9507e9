"""The streams of the setting `reports`: rows of reports, one stream per array of an entry.

Facts: Amazon's model of Reports and its pages on report types, in `amazon/report_types.json`. A
report for several marketplaces contains the data of only one of them
(amzn/selling-partner-api-models#1998, #2567, #2775), so each marketplace takes one request. Reports
of all orders contain those of the whole region, so a region takes one request.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.account import Account
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.marketplaces import marketplaces_in
from tap_amazon_sp.common.periods import Period
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.documents.beginnings import EXPLANATION, expectation_of
from tap_amazon_sp.documents.columns import columns_of
from tap_amazon_sp.documents.decoding import usual_charset
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.explanations import MissingData, missing_data
from tap_amazon_sp.documents.files import extension_of
from tap_amazon_sp.documents.names import column_names, renamed_schema, snake_case
from tap_amazon_sp.documents.opening import Documents
from tap_amazon_sp.documents.rows import Rows, read_rows
from tap_amazon_sp.documents.values import schema_of_kind
from tap_amazon_sp.jobs.api import REPORTS, JobApi
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.queue import JobQueue
from tap_amazon_sp.jobs.requests import JobRequest, ReportRequest, marketplaces_of
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.document_source import DATA_END, DATA_START, ROW_NUMBER
from tap_amazon_sp.reading.document_windows import LONG_WINDOW, WindowRules
from tap_amazon_sp.reading.documents import DocumentRead, DocumentStream
from tap_amazon_sp.reading.line_currencies import CURRENCY, LineCurrencies
from tap_amazon_sp.reading.listed_documents import ListedDocuments, check_reports
from tap_amazon_sp.reading.sales_channels import MARKETPLACE_ID, SalesChannels
from tap_amazon_sp.reading.submitted_documents import SubmittedDocuments
from tap_amazon_sp.settings.reports import (
    ReportSettings,
    report_streams,
)
from tap_amazon_sp.singer.inference import nullable
from tap_amazon_sp.singer.schemas import TEXT, Schema
from tap_amazon_sp.streams.from_settings.factory import make_stream_class

REPORT_ID = "_report_id"
REPORT_TYPE = "_report_type"
MARKETPLACE_IDS = "_marketplace_ids"
REPORT_CREATED = "_report_created_time"

_NONE = dt.timedelta(0)
_ONE_SECOND = dt.timedelta(seconds=1)
_ONE_MILLISECOND = dt.timedelta(milliseconds=1)


def report_stream_classes(entries: Iterable[ReportSettings]) -> list[type[DocumentStream]]:
    """Return a class for each stream of the setting `reports`."""
    return [_make(declared) for declared in report_streams(entries)]


def _make(declared: ReportSettings) -> type[DocumentStream]:
    source = ReportDocuments(declared)
    if declared.is_requested:
        read: DocumentRead = SubmittedDocuments(source, ReportJobs(declared))
    else:
        read = ListedDocuments(source, declared.type.name, declared.marketplace_ids)
    is_of_times = declared.is_requested and declared.has_times
    return make_stream_class(
        DocumentStream,
        declared.name,
        description=f"Declared in `reports`: {declared.type.name}.",
        operation_id="reports_2021-06-30.getReportDocument",
        primary_keys=_primary_keys(declared),
        replication_key=DATA_END if is_of_times else REPORT_CREATED,
        read=read,
    )


def _primary_keys(declared: ReportSettings) -> tuple[str, ...]:
    """Return the keys of rows: the natural keys of the type, or else window and row number."""
    if declared.keys is not None:
        return declared.keys
    if not declared.is_requested:
        return REPORT_ID, ROW_NUMBER
    natural: list[str] = []
    if declared.array is not None:
        natural = declared.array.keys(declared.options, declared.type.default_options)
    if not natural:
        return DATA_START, MARKETPLACE_ID, ROW_NUMBER
    if declared.column_names == "snake_case":
        known = list(declared.array.schema.get("properties", {})) if declared.array else []
        names = dict(zip(known, column_names(known), strict=True))
        natural = [names.get(name, snake_case(name)) for name in natural]
    of_window = (DATA_START,) if declared.array is None or declared.array.undated else ()
    return *of_window, MARKETPLACE_ID, *natural


@dataclass(frozen=True)
class ReportDocuments:
    """The documents of the reports that one entry of `reports` declares."""

    declared: ReportSettings

    api: JobApi = REPORTS
    id_property: str = REPORT_ID
    created_property: str = REPORT_CREATED

    @property
    def entry(self) -> str:
        """The name of the entry in messages."""
        return f"`reports`['{self.declared.type.name}']"

    @property
    def doubts(self) -> Iterator[str]:
        """Warnings about the entry, which may have mistakes."""
        return (f"{self.declared.label}: {doubt}" for doubt in self.declared.doubts())

    @property
    def properties(self) -> Schema:
        """The schemas of the type and the marketplaces, which are added to all rows."""
        added: Schema = {
            REPORT_TYPE: {"type": ["string"]},
            MARKETPLACE_IDS: {"type": ["array", "null"], "items": {"type": ["string", "null"]}},
        }
        if self.declared.is_requested or self.declared.type.is_region_wide:
            added[MARKETPLACE_ID] = {"type": ["string"]}
        if self.declared.type.currency is not None:
            added[CURRENCY] = TEXT
        return added

    @property
    def known_properties(self) -> Schema:
        """The schemas of the properties of rows, as far as Amazon or a source documents them."""
        array, kind = self.declared.array, self.declared.type
        if array is None:
            columns = columns_of(kind.known_columns, self.declared.column_names, kind.columns)
            return {column.name: schema_of_kind(column.kind) for column in columns}
        schema = dict(array.schema)
        if self.declared.column_names == "snake_case":
            schema = renamed_schema(schema)
        # Amazon leaves out properties without a value, or sends null.
        found: Schema = nullable(schema).get("properties", {})
        return found

    @property
    def has_flat_files(self) -> bool:
        """Whether the documents are flat files, as far as that is known."""
        return self.declared.type.is_flat

    def missing_settings(self, account: Account) -> list[str]:
        """Return `restricted_data`, if the type needs it and it is not set."""
        is_refused = self.declared.type.restricted and not account.restricted_data
        return ["restricted_data"] if is_refused else []

    def values(self, job: Job, request: JobRequest | None) -> dict[str, Any]:
        """Return the type and the marketplaces of a report."""
        values: dict[str, Any] = {
            REPORT_TYPE: self.declared.type.name,
            MARKETPLACE_IDS: marketplaces_of(job),
        }
        if isinstance(request, ReportRequest) and not request.type.is_region_wide:
            values[MARKETPLACE_ID] = request.marketplace_ids[0]
        return values

    def sales_channels(self, account: Account) -> SalesChannels | None:
        """Return what tells the marketplaces of rows; None for a report of one marketplace."""
        declared = self.declared
        column = declared.type.sales_channel
        if column is None:
            return None
        wanted = declared.marketplace_ids or account.marketplace_ids
        return SalesChannels(self._in_rows(column), wanted)

    def currencies(self) -> LineCurrencies | None:
        """Return what tells the currency of each row of a document; None if each row says it."""
        shared = self.declared.type.currency
        if shared is None:
            return None
        return LineCurrencies(self._in_rows(shared.column), self._in_rows(shared.group))

    def _in_rows(self, column: str) -> str:
        """Return the name that a column of Amazon has in rows."""
        return snake_case(column) if self.declared.column_names == "snake_case" else column

    def open(self, documents: Documents, job: Job) -> Document | None:
        """Return the document of a report, not opened yet; None where it has none."""
        document_id = job.get(REPORTS.document_name)
        if not document_id:
            return None
        kind = self.declared.type
        return documents.of_report(
            document_id,
            restricted=kind.restricted,
            expectation=EXPLANATION
            if REPORTS.has_failed(job)
            else expectation_of(kind, usual_charset(marketplaces_of(job))),
        )

    def rows(self, content: Iterable[bytes], document: Document, job: Job) -> Rows:
        """Read the beginning of a document and return its rows.

        Raises:
            NoRowsError: The document is a file without rows.
        """
        return read_rows(
            content,
            self.declared.type,
            content_type=document.content_type,
            marketplace_ids=marketplaces_of(job),
            record_path=self.declared.record_path,
            style=self.declared.column_names,
            label=REPORTS.label_of(job),
        )

    def file_name(self, document: Document) -> tuple[str, str]:
        """Return the beginning of the file name of a document, and its extension."""
        declared = self.declared
        stem = declared.type.name
        if declared.format and declared.record_path:
            # Each array of a JSON report gives separate rows.
            stem += f"-{declared.record_path}"
        return stem, extension_of(declared.type.format, document.content_type)


@dataclass(frozen=True)
class ReportJobs:
    """The reports that are requested for one entry of `reports`."""

    declared: ReportSettings

    @property
    def has_windows(self) -> bool:
        """Whether each report covers a window; others show the current state."""
        return self.declared.has_times

    @functools.cached_property
    def rules(self) -> WindowRules:
        """The rules for the windows of the reports, from the entry and the type."""
        declared, dates = self.declared, self.declared.type.dates
        is_long = dates.longest is None or dates.longest >= LONG_WINDOW.longest
        return WindowRules(
            window=declared.window or declared.period,
            long_window=LONG_WINDOW if is_long else Period(dates.longest or _NONE),
            only_whole=declared.period is not None,
            starts_with_whole=True,
            one_request=self._one_request,
            ends_before=dates.ends_before or _NONE,
            history=dates.history,
            interval=declared.type.interval,
            late_by=dates.latency or _NONE,
        )

    @property
    def _one_request(self) -> Window | None:
        """The window of the entry, if it is a single request whose length Amazon accepts."""
        declared, longest = self.declared, self.declared.type.dates.longest
        start, end = declared.start_date, declared.end_date
        if not declared.is_one_request or start is None or end is None:
            return None
        return Window(start, end) if longest is None or end - start <= longest else None

    def queue(self, connection: Connection) -> JobQueue:
        """Return the queue of reports."""
        return connection.report_jobs

    def requests(
        self, connection: Connection, bookmark: Bookmark, window: Window | None
    ) -> Iterator[ReportRequest]:
        """Yield a request for each marketplace, or one for all if a report is of the region."""
        for marketplace_ids in self._asked_together(connection):
            yield ReportRequest(
                self.declared.type,
                marketplace_ids,
                self.declared.options,
                start=None if window is None else window.after,
                end=None if window is None else self._last_instant(window),
                settles=bookmark.lookback,
                newer_than=bookmark.value() if window is None else None,
            )

    def _asked_together(self, connection: Connection) -> Iterator[tuple[str, ...]]:
        """Yield the marketplaces of each request."""
        marketplace_ids = tuple(self._marketplace_ids(connection))
        if not self.declared.type.is_region_wide:
            yield from ((one,) for one in marketplace_ids)
        elif marketplace_ids:
            yield marketplace_ids

    def _marketplace_ids(self, connection: Connection) -> Iterable[str]:
        """Return the marketplaces of the entry in the region of an account, or the account's."""
        given = self.declared.marketplace_ids
        if not given:
            return connection.participating_marketplaces
        # An entry applies to the accounts of all regions.
        return marketplaces_in(connection.account.region, given)

    def _last_instant(self, window: Window) -> dt.datetime:
        """Return the end of a window as Amazon counts it: a range includes its end."""
        rules = self.rules
        if rules.one_request is not None or self.declared.type.dates.whole_hours:
            return window.before
        grid = (Period("DAY"), rules.window or Period("DAY"))
        if any(window.before == period.start_around(window.before) for period in grid):
            return window.before - (_ONE_SECOND if self.declared.period else _ONE_MILLISECOND)
        return window.before

    @property
    def further_jobs(self) -> None:
        """None: a report has one document."""
        return None

    def knows_requests(self, connection: Connection) -> bool:
        """Return whether the marketplaces of the requests are known without a call."""
        return bool(self.declared.marketplace_ids) or connection.knows_marketplaces

    def further_request(self, job: Job, window: Window | None) -> JobRequest | None:  # noqa: ARG002
        """Return None: a report has one document."""
        return None

    def missing_data(self, explanation: str) -> MissingData | None:
        """Return why data are missing, if this is Amazon's explanation of a failure."""
        return missing_data(explanation)

    def check_access(self, client: SellingPartnerClient) -> None:
        """List some reports of the type, to see whether Amazon gives access."""
        check_reports(client, self.declared.type.name)
