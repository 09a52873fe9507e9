"""The reports of all orders, as a source for the streams of orders.

Such a report is only ever a help. One that Amazon cancels or cannot make, that comes late, or has
no rows, never means that there are no orders: then the API has to be asked.

Facts: Amazon's model of Reports and its page "Report Type Values" (30 days at most). The reports
have the orders of the whole region, even if a request names some marketplaces
(amzn/selling-partner-api-docs#1404, amzn/selling-partner-api-models#2209), without those of the
last half hour. A report for too long a time may have no rows, or only a sentence
(amzn/selling-partner-api-models#385 and #2591).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.amazon.report_types import ReportType, report_type
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.documents.beginnings import expectation_of
from tap_amazon_sp.documents.decoding import usual_charset
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.rows import NoRowsError, Rows, read_rows
from tap_amazon_sp.jobs.api import REPORTS
from tap_amazon_sp.jobs.polling import DONE, Job, JobUnfinishedError
from tap_amazon_sp.jobs.requests import ReportRequest, marketplaces_of
from tap_amazon_sp.jobs.submission import Submission
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.read_ahead import one_ahead

BY_LAST_UPDATE = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"
XML_BY_LAST_UPDATE = "GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL"

LATENCY = dt.timedelta(hours=1)
"""How recent a change must not be, for a report to have it for certain (Amazon: half an hour)."""

_NOTHING = dt.timedelta(0)
_ONE_SECOND = dt.timedelta(seconds=1)


class UselessReportError(Exception):
    """A report of all orders says nothing about what orders there are; the text says why."""


def report_windows(time: Window, kind: ReportType) -> list[Window]:
    """Return the windows of the reports for a time, oldest first, each as long as Amazon allows.

    Their ends are whole seconds, as Amazon's times are.
    """
    longest = kind.dates.longest or time.length
    windows = []
    after = time.after.replace(microsecond=0)
    while after < time.before:
        before = min(after + longest, time.before)
        windows.append(Window(after, before))
        after = before
    return windows


class OrderReport:
    """A report of all orders of a window that is submitted."""

    def __init__(
        self, connection: Connection, kind: ReportType, window: Window, submission: Submission
    ) -> None:
        """Wait for nothing yet."""
        self.window = window
        self.kind = kind
        self._connection = connection
        self._submission = submission

    @property
    def job_id(self) -> str | None:
        """Amazon's id of the report, once it has one."""
        return self._submission.job_id

    @property
    def is_over(self) -> bool:
        """Whether Amazon has finished the report, however it ended."""
        return self._submission.is_over

    def wait(self) -> Job:
        """Wait until Amazon has made the report, and return it.

        Raises:
            UselessReportError: It is cancelled, failed, refused or late, or has no document.
            AccountError, SyncInterrupted: Nothing more can be read.
        """
        queue = self._connection.report_jobs
        try:
            job = queue.wait_for_job(self._submission)
        except JobUnfinishedError as error:
            message = f"it is {error}"
            raise UselessReportError(message) from None
        except SellingPartnerError as error:
            raise UselessReportError(str(error)) from None
        if job.get("processingStatus") != DONE:
            queue.note_failed(self._submission)
            message = f"it ended {job.get('processingStatus')}"
            raise UselessReportError(message)
        if not job.get(REPORTS.document_name):
            queue.note_failed(self._submission)
            message = "it has no document"
            raise UselessReportError(message)
        return job

    def rows(
        self, *, needed: Collection[str] = (), executor: ThreadPoolExecutor | None = None
    ) -> Iterator[dict[str, Any]]:
        """Wait for the report, then yield its rows, in constant memory.

        Args:
            needed: Columns that a flat file must have, as they are named in rows.
            executor: Threads in which the download goes on while rows are read.

        Raises:
            UselessReportError: As `wait`; or the document cannot be read, or lacks a column. It is
                raised after some rows if only then that shows.
            AccountError, SyncInterrupted: As `wait`.
        """
        job = self.wait()
        queue = self._connection.report_jobs
        try:
            yield from self._rows_of(job, needed, executor)
        except SellingPartnerError as error:
            queue.note_failed(self._submission)
            raise UselessReportError(str(error)) from None
        except (DocumentFormatError, NoRowsError) as error:
            queue.note_failed(self._submission)
            raise UselessReportError(str(error)) from None
        queue.note_read(self._submission)

    def _rows_of(
        self, job: Job, needed: Collection[str], executor: ThreadPoolExecutor | None
    ) -> Iterator[dict[str, Any]]:
        places = marketplaces_of(job)
        document = self._connection.documents.of_report(
            str(job[REPORTS.document_name]),
            restricted=self.kind.restricted,
            expectation=expectation_of(self.kind, usual_charset(places)),
        )
        with document:
            content = iter(document)
            rows: Rows = read_rows(
                content if executor is None else one_ahead(content, executor),
                self.kind,
                content_type=document.content_type,
                marketplace_ids=places,
                label=REPORTS.label_of(job),
            )
            if isinstance(rows, FlatFile):
                lacks = set(needed).difference(column.name for column in rows.columns)
                if lacks:
                    message = f"its document has no columns {', '.join(sorted(lacks))}"
                    raise DocumentFormatError(message)
            yield from rows


class OrderReports:
    """Submits the reports of all orders of one account; each covers the whole region."""

    def __init__(self, connection: Connection, stream_name: str) -> None:
        """Submit nothing yet; `stream_name` is the stream that needs the reports."""
        self._connection = connection
        self._stream_name = stream_name

    def submit(  # noqa: PLR0913 - the report, its turn, and what is known of it
        self,
        kind: str,
        window: Window,
        *,
        turn: int = 0,
        created_since: dt.datetime | None = None,
        known_id: str | None = None,
        on_id: Callable[[Submission], object] = lambda _: None,
    ) -> OrderReport:
        """Submit a report, or take one that exists or that an earlier run submitted.

        Args:
            kind: The report type.
            window: The window, without its end: 30 days at most.
            turn: How many windows are needed before this one.
            created_since: When a report that exists must have been created at the earliest; by
                default any time after the window, or a few minutes ago.
            known_id: Amazon's id of the report, where an earlier run submitted it.
            on_id: Called when the report has an id, from any thread.

        Raises:
            SettingsError, SellingPartnerError: The marketplaces of the account are unknown.
        """
        found = report_type(kind)
        # A range of a report includes its end.
        end = max(window.after, window.before - _ONE_SECOND)
        request = ReportRequest(
            found,
            tuple(self._connection.participating_marketplaces),
            start=window.after,
            end=end,
            settles=_NOTHING if created_since is None else max(_NOTHING, created_since - end),
        )
        submission = self._connection.report_jobs.submit(
            request, stream=self._stream_name, turn=turn, known_id=known_id, on_id=on_id
        )
        return OrderReport(self._connection, found, window, submission)
