"""Reading documents on request: for each window, jobs are submitted and polled.

The state lists the jobs that are submitted but not yet read. The next run reads these jobs, and
does not submit them again. If a document cannot be read, those of later windows are. But then the
bookmark and the jobs in the state stay, and the next run reads all of these windows again.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

from tap_amazon_sp.amazon.errors import NotFoundError, ServiceError, UnreadableDocumentError
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.jobs.polling import CANCELLED, Job
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.document_windows import DocumentPlan, RunStart
from tap_amazon_sp.reading.documents import DocumentRead, DocumentReader
from tap_amazon_sp.reading.pending import JobState
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.stream_jobs import JobSource, StreamJobs, WindowJob

MAX_WINDOWS_AHEAD = 10
"""The maximum number of windows of a stream with submitted jobs."""


@dataclass(frozen=True)
class SubmittedDocuments(DocumentRead):
    """Rows of requested documents, read window by window with a bookmark.

    Attributes:
        source: Where the documents come from.
        jobs: The jobs that make them.
    """

    jobs: JobSource

    def reader(self, stream: AmazonStream) -> SubmittedDocumentsReader:
        """Return the reader that submits jobs and reads their documents."""
        return SubmittedDocumentsReader(stream, self)


@dataclass
class SubmittedWindow:
    """A window and its jobs; None is the current state."""

    window: Window | None
    jobs: list[WindowJob] = field(default_factory=list)


class SubmittedDocumentsReader(DocumentReader):
    """Submits the jobs of one stream of one account, and reads their documents."""

    def __init__(self, stream: AmazonStream, read: SubmittedDocuments) -> None:
        """Submit nothing yet."""
        super().__init__(stream, read.source)
        declared = read.source.declared
        lookback = declared.lookback
        if lookback is None:
            lookback = max(stream.settings.lookback, read.jobs.rules.late_by)
        self.bookmark = Bookmark(stream, start_date=declared.start_date, lookback=lookback)
        self.bookmark.oldest_kept = read.jobs.rules.oldest_kept
        self.state = JobState(stream, self.bookmark)
        self.jobs = StreamJobs(self, read.jobs, self.bookmark, self.state)
        self._source = read.jobs
        self._planned: Future[None] | None = None
        self._submitted: deque[SubmittedWindow] = deque()
        self._windows_left: Iterator[Window | None] = iter(())
        self._turns = 0

    def begin(self) -> None:
        """Announce the plan of the run, so that the queue submits the longest jobs first."""
        if not self.stream.is_connection_test:
            self._planned = self.jobs.queue.announce(self._plan)
        super().begin()

    def pages(self) -> Iterator[Records]:
        """Yield the rows of all windows; read each window when Amazon has made its documents."""
        if self.stream.is_connection_test:
            # A test of the connection submits nothing.
            self._source.check_access(self.stream.client)
            return
        queue = self.jobs.queue
        queue.wait_for(self._planned or queue.announce(self._plan))
        while self._submitted:
            current = self._submitted.popleft()
            self._submit_ahead()
            finished = []
            # Jobs for further pages may be added.
            for job in current.jobs:
                found = yield from self._pages_of_job(job)
                if found is None:
                    return
                finished.append(found)
                further = self._source.further_request(found, current.window)
                if further is not None:
                    self._check_new(further, current)
                    current.jobs.append(self.jobs.submit(further, current.window))
            if not self.stream.shortfalls.count:
                self._finish(current.window, finished)

    # --- Planning -------------------------------------------------------------------------------

    def _plan(self) -> None:
        """Decide which windows to read, and submit the jobs of the first of them."""
        self.state.load()
        self._submitted = deque()
        self._turns = 0
        self._windows_left = iter(self._windows())
        self._submit_ahead()

    def _windows(self) -> Sequence[Window | None]:
        subjects = {
            request.subject
            for request in self._source.requests(self.connection, self.bookmark, None)
        }
        if not subjects:
            self._log_nothing_to_read("in the region of this account")
            return ()
        if not self._source.has_windows:
            return (None,)
        plan = DocumentPlan(
            self._source.rules,
            RunStart(
                # The same moment for all streams, because some share a report.
                now=self.jobs.queue.began_at,
                start_date=self.bookmark.start_date,
                end_date=self.end_date,
                lookback=self.bookmark.lookback,
                bookmark=self.bookmark.value(),
                days_from=self._days_from(),
                is_incremental=self.bookmark.is_incremental,
                pending=[
                    key.window
                    for key in (*self.state.pending, *self.state.unanswered)
                    if key.window is not None and key.subject in subjects
                ],
            ),
        )
        self.state.days_from = plan.days_from
        self._log_limits(plan)
        if not plan.windows:
            self._log_nothing_to_read(plan.why_empty())
        return plan.windows

    def _days_from(self) -> dt.datetime | None:
        """Return what the state says, unless it is in the future."""
        days_from = self.state.days_from
        return days_from if days_from and days_from <= self.jobs.queue.began_at else None

    def _log_limits(self, plan: DocumentPlan) -> None:
        if plan.default_start is not None:
            self.logger.info(
                "'%s' has no `start_date`: the first moment to read is %s",
                self.stream.label,
                format_timestamp(plan.default_start),
            )
        if plan.kept_from is not None:
            self.logger.warning(
                "Amazon keeps no data of '%s' older than %s",
                self.stream.label,
                format_timestamp(plan.kept_from),
            )

    def _log_nothing_to_read(self, reason: str) -> None:
        self.logger.info("'%s': nothing to read %s", self.stream.label, reason)

    def _submit_ahead(self) -> None:
        """Submit the jobs of the next windows."""
        left = MAX_WINDOWS_AHEAD - len(self._submitted)
        for window in itertools.islice(self._windows_left, left):
            requests = self._source.requests(self.connection, self.bookmark, window)
            jobs = [self.jobs.submit(request, window, turn=self._turns) for request in requests]
            self._turns += 1
            self._submitted.append(SubmittedWindow(window, jobs))

    def _check_new(self, further: JobRequest, current: SubmittedWindow) -> None:
        """Check that the request for a further page is not one that was made before.

        Raises:
            ServiceError: It is: without this check, the pages would never end.
        """
        if any(further.subject == job.request.subject for job in current.jobs):
            message = "Amazon returns the page token of a page that was read already"
            raise ServiceError(self.source.api.get, message=message)

    # --- Reading --------------------------------------------------------------------------------

    def _pages_of_job(self, job: WindowJob) -> Generator[Records, None, Job | None]:
        """Yield the rows of a job; return the job, or None if it cannot be read yet."""
        found = self.jobs.wait_for(job)
        shortfalls = self.stream.shortfalls
        missing = shortfalls.count
        try:
            yield from self._rows_of(found, job)
        except (ServiceError, UnreadableDocumentError) as error:
            if not shortfalls.spares(error):
                self._forget_if_reused(job)
                raise
        except NotFoundError as error:
            if not job.submission.is_reused:
                raise
            # Amazon keeps the document for a shorter time than the job.
            self.logger.info("%s; requesting it again", error)
            found = self.jobs.wait_for_another(job)
            yield from self._rows_of(found, job)
        else:
            shortfalls.succeeded()
        if shortfalls.count > missing:
            self._forget_if_reused(job)
        return found

    def _forget_if_reused(self, job: WindowJob) -> None:
        """Remove a job that an earlier run failed to read: a new document may be better."""
        if job.submission.is_reused:
            self.jobs.forget(job)

    def _rows_of(self, found: Job | None, job: WindowJob) -> Iterator[Records]:
        if found is None or found.get("processingStatus") == CANCELLED:
            return
        request = job.request
        if request.has_been_read(found):
            self.logger.info(
                "%s of '%s' was read before, and Amazon makes no newer one yet",
                self.source.api.label_of(found),
                self.stream.label,
            )
            return
        yield from self.rows.pages_of(found, window=job.window, request=request)

    def _finish(self, window: Window | None, finished: Sequence[Job]) -> None:
        """Write a STATE with the bookmark of a finished window."""
        if window is not None:
            instant: dt.datetime | None = window.before
        else:
            created = [moment_of(job, "createdTime") for job in finished]
            instant = max((moment for moment in created if moment is not None), default=None)
        if instant is not None:
            took = [seconds for job in finished if (seconds := _seconds_of(job)) is not None]
            self.state.finish(window, instant, max(took, default=None))


def _seconds_of(job: Job) -> float | None:
    created, ended = (moment_of(job, name) for name in ("createdTime", "processingEndTime"))
    return None if created is None or ended is None else (ended - created).total_seconds()
