"""Reading documents on request: for each window, jobs are submitted and polled.

The state lists the jobs that are submitted but not yet read. The next run reads these jobs, and
does not submit them again. If a job fails or its document cannot be read, those of later windows
are read. But then the bookmark stays, and the state lists what could not be read: each run tries it
again, after what is new.
"""

from __future__ import annotations

import datetime as dt
import itertools
import logging
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.errors import (
    JobFailedError,
    NotFoundError,
    SellingPartnerError,
    ServiceError,
    UnreadableDocumentError,
)
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.jobs.polling import Job
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.document_windows import DocumentPlan, RunStart
from tap_amazon_sp.reading.documents import DocumentRead, DocumentReader
from tap_amazon_sp.reading.listed_documents import READ_BEFORE
from tap_amazon_sp.reading.pending import MAX_UNREAD, JobKey, JobState
from tap_amazon_sp.reading.plan import FOR_EACH_MARKETPLACE, PlannedJob, StreamPlan
from tap_amazon_sp.reading.reader import Records
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.stream_jobs import (
    DataNotThereYetError,
    JobSource,
    StreamJobs,
    WindowJob,
)

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts

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
    """A window and its jobs, the first for each request; None is the current state."""

    window: Window | None
    jobs: list[WindowJob] = field(default_factory=list)


@dataclass
class Outcome:
    """What was read of the jobs of one window.

    Attributes:
        finished: The jobs that were read.
        unread: The jobs that could not be read, or have no data yet.
        error: Why the stream cannot go on after this window; None if it can.
        is_waiting: Whether Amazon still works on a job, so that the next run reads the window.
    """

    finished: list[Job] = field(default_factory=list)
    unread: list[JobKey] = field(default_factory=list)
    error: SellingPartnerError | None = None
    is_waiting: bool = False


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
        self._again: dict[Window, set[str]] = {}
        self._turns = 0

    how = "reports that are requested"

    def plan(self, counts: Counts | None = None) -> StreamPlan:  # noqa: ARG002 - nothing to count
        """Return the time that would be read, with a call for each job that would be submitted.

        Raises:
            SettingsError: The state cannot be read.
        """
        self.check_state(self.bookmark, frozenset({READ_BEFORE}))
        self.state.load()
        create = catalogue.operation(self.source.api.create)
        if not self._source.knows_requests(self.connection):
            return StreamPlan(self.how, create, 1, further=FOR_EACH_MARKETPLACE)
        windows = [*self._windows()]
        requests = {
            JobKey(request.subject, window): request
            for window in windows
            for request in self._requests_of(window)
        }
        new = {key: made for key, made in requests.items() if key not in self.state.pending}
        dated = [window for window in windows if window is not None]
        further = self._source.further_jobs if requests else None
        now = self.jobs.queue.began_at
        jobs = frozenset(
            PlannedJob(
                request.kind, key.subject, key.window, request.reusable_since(now) is not None
            )
            for key, request in new.items()
        )
        may_exist = any(job.may_exist for job in jobs)
        return StreamPlan(
            self.how,
            create,
            len(new),
            "at least" if further else "at most" if may_exist else "exactly",
            further,
            min((window.after for window in dated), default=None),
            max((window.before for window in dated), default=None),
            jobs=jobs,
        )

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
            outcome = yield from self._pages_of_window(current)
            if outcome.is_waiting:
                return
            is_listed = self.state.has_room_for(outcome.unread)
            if not outcome.unread or (current.window is not None and is_listed):
                self._finish(current.window, outcome)
            if outcome.error is not None:
                raise outcome.error
            if not is_listed:
                self.logger.warning(
                    "'%s' has %d windows that cannot be read: the next run tries again",
                    self.stream.label,
                    MAX_UNREAD,
                )
                return

    # --- Planning -------------------------------------------------------------------------------

    def _plan(self) -> None:
        """Decide which windows to read, and submit the jobs of the first of them."""
        self.check_state(self.bookmark, frozenset({READ_BEFORE}))
        self.state.load()
        self._submitted = deque()
        self._turns = 0
        windows = [*self._windows()]
        keys = [request.key for window in windows for request in self._requests_of(window)]
        self.stream.progress.plan_jobs(self.jobs.queue, frozenset(keys))
        self._windows_left = iter(windows)
        self._submit_ahead()

    def _windows(self) -> Iterable[Window | None]:
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
                bookmark=self.state.reached,
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
        self._again = self._read_again(plan)
        if not plan.windows and not self._again:
            self._log_nothing_to_read(plan.why_empty(), is_certain=plan.is_too_old)
        if plan.windows:
            self.stream.progress.begin_span(plan.windows[0].after, plan.windows[-1].before)
        # What is new goes first: what failed before may fail again.
        return (*plan.windows, *self._again)

    def _requests_of(self, window: Window | None) -> list[JobRequest]:
        """Return the requests for a window; None is the current state."""
        requests = [*self._source.requests(self.connection, self.bookmark, window)]
        if window is not None and (subjects := self._again.get(window)):
            # Other settings make other requests.
            failed = [request for request in requests if request.subject in subjects]
            return failed or requests
        return requests

    def _read_again(self, plan: DocumentPlan) -> dict[Window, set[str]]:
        """Return the windows that earlier runs could not read, and the subjects of their jobs."""
        found: dict[Window, set[str]] = {}
        gone = []
        for key in self.state.unread:
            window = key.window
            if window is None or any(planned.contains(window) for planned in plan.windows):
                continue
            if window.before <= plan.oldest:
                gone.append(key)
            else:
                found.setdefault(window, set()).add(key.subject)
        for key in gone:
            self.state.unread.remove(key)
            self.logger.warning(
                "The data of '%s' from %s could not be read, and Amazon no longer keeps them",
                self.stream.label,
                "" if key.window is None else format_timestamp(key.window.after),
            )
        return found

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

    def _log_nothing_to_read(self, reason: str, *, is_certain: bool = False) -> None:
        level = logging.WARNING if is_certain else logging.INFO
        self.logger.log(level, "'%s': nothing to read %s", self.stream.label, reason)

    def _submit_ahead(self) -> None:
        """Submit the jobs of the next windows."""
        left = MAX_WINDOWS_AHEAD - len(self._submitted)
        for window in itertools.islice(self._windows_left, left):
            jobs = [
                self.jobs.submit(request, window, turn=self._turns)
                for request in self._requests_of(window)
            ]
            self._turns += 1
            self._submitted.append(SubmittedWindow(window, jobs))

    def _check_new(self, further: JobRequest, before: Sequence[WindowJob]) -> None:
        """Check that the request for a further page is not one that was made before.

        Raises:
            ServiceError: It is: without this check, the pages would never end.
        """
        if any(further.subject == job.request.subject for job in before):
            message = "Amazon returns the page token of a page that was read already"
            raise ServiceError(self.source.api.get, message=message)

    # --- Reading --------------------------------------------------------------------------------

    def _pages_of_window(self, current: SubmittedWindow) -> Generator[Records, None, Outcome]:
        """Yield the rows of a window; return what was read, and what was not."""
        outcome = Outcome()
        shortfalls = self.stream.shortfalls
        for job in current.jobs:
            missing = shortfalls.count
            try:
                found = yield from self._pages_of_request(job, current.window)
            except DataNotThereYetError as error:
                self.logger.warning("%s", error)
                outcome.unread.append(job.key)
                continue
            except (JobFailedError, ServiceError, UnreadableDocumentError) as error:
                outcome.unread.append(job.key)
                if shortfalls.spares(error):
                    continue
                if not shortfalls.may_be_alone(error):
                    raise
                # Too many in a row: the next run begins after them.
                outcome.error = error
                tried = current.jobs.index(job) + 1
                outcome.unread += [one.key for one in current.jobs[tried:]]
                break
            if found is None:
                outcome.is_waiting = True
                break
            # The keys of the last rows are looked at now.
            self.stream.batch.flush()
            if shortfalls.count > missing:
                outcome.unread.append(job.key)
                self._forget_if_reused(job)
            else:
                shortfalls.succeeded()
                outcome.finished += found
        return outcome

    def _pages_of_request(
        self, job: WindowJob, window: Window | None
    ) -> Generator[Records, None, list[Job] | None]:
        """Yield the rows of a job, and of the jobs for its further pages.

        Returns:
            The jobs; None if Amazon still works on one.

        Raises:
            DataNotThereYetError, SellingPartnerError: One of them cannot be read.
        """
        jobs, finished = [job], []
        # Jobs for further pages may be added.
        for one in jobs:
            try:
                found = yield from self._pages_of_job(one)
            except Exception:
                self.jobs.queue.note_failed(one.submission)
                raise
            if found is None:
                return None
            finished.append(found)
            further = self._source.further_request(found, window)
            if further is not None:
                self._check_new(further, jobs)
                jobs.append(self.jobs.submit(further, window))
        return finished

    def _pages_of_job(self, job: WindowJob) -> Generator[Records, None, Job | None]:
        """Yield the rows of a job; return the job, or None if it cannot be read yet.

        Raises:
            DataNotThereYetError, SellingPartnerError: It cannot be read.
        """
        found = self.jobs.wait_for(job)
        try:
            yield from self._rows_of(found, job)
        except (ServiceError, UnreadableDocumentError) as error:
            if not job.submission.is_reused or not self.stream.shortfalls.may_be_alone(error):
                raise
            # It may stay broken, and an earlier run may have failed to read it.
            self.logger.warning(error.sentence("Requesting another, as it may stay so"))
            found = self.jobs.wait_for_another(job)
            if found is not None and self.jobs.is_without_data(found):
                # Amazon makes no other of a report that it made just before.
                self.jobs.forget(job)
                raise
            yield from self._rows_of(found, job)
        except NotFoundError as error:
            if not job.submission.is_reused:
                raise
            # Amazon keeps the document for a shorter time than the job.
            self.logger.info("%s; requesting it again", error)
            found = self.jobs.wait_for_another(job)
            yield from self._rows_of(found, job)
        if found is not None:
            self.jobs.queue.note_read(job.submission)
        return found

    def _forget_if_reused(self, job: WindowJob) -> None:
        """Remove a job that an earlier run read, too: a new document may lack less."""
        if job.submission.is_reused:
            self.jobs.forget(job)

    def _rows_of(self, found: Job | None, job: WindowJob) -> Iterator[Records]:
        if found is None or self.jobs.is_without_data(found):
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

    def _finish(self, window: Window | None, outcome: Outcome) -> None:
        """Write a STATE with the bookmark of a finished window."""
        finished = outcome.finished
        if window is not None:
            instant: dt.datetime | None = window.before
            self.stream.progress.reach(window.before)
        else:
            created = [moment_of(job, "createdTime") for job in finished]
            instant = max((moment for moment in created if moment is not None), default=None)
        if instant is not None:
            took = [seconds for job in finished if (seconds := _seconds_of(job)) is not None]
            slowest = max(took, default=None)
            self.state.finish(window, instant, slowest, unread=outcome.unread)


def _seconds_of(job: Job) -> float | None:
    created, ended = (moment_of(job, name) for name in ("createdTime", "processingEndTime"))
    return None if created is None or ended is None else (ended - created).total_seconds()
