"""The jobs of one stream: submitted, waited for, and submitted again where they are of no use."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import JobFailedError, SellingPartnerError
from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.documents.explanations import explanation_of
from tap_amazon_sp.jobs.polling import CANCELLED, FATAL, Job, JobUnfinishedError
from tap_amazon_sp.jobs.queue import JobQueue, Submission
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.document_windows import WindowRules
from tap_amazon_sp.reading.pending import JobKey, JobState

if TYPE_CHECKING:
    from tap_amazon_sp.reading.documents import DocumentReader

MAX_PENDING = dt.timedelta(days=1)
"""A job that Amazon has not finished for so long is submitted again, and a report of the current
state that is so old is outdated."""

MAX_DELAY = dt.timedelta(days=10)
"""Data of a time that is not longer ago may still come, where Amazon says that they are missing."""


class JobSource(Protocol):
    """The jobs that one entry of the settings declares."""

    @property
    def has_windows(self) -> bool:
        """Whether each job is of a time; others show the current state of things."""

    @property
    def rules(self) -> WindowRules:
        """Which windows the jobs are of."""

    def queue(self, connection: Connection) -> JobQueue:
        """Return the queue in which the jobs are submitted."""

    def requests(
        self, connection: Connection, bookmark: Bookmark, window: Window | None
    ) -> Iterator[JobRequest]:
        """Yield the requests that a window takes; None is the current state of things."""

    def further_request(self, job: Job, window: Window | None) -> JobRequest | None:
        """Return the request for the rest of a job's rows; None where there is no more."""

    def is_missing_data(self, explanation: str) -> bool:
        """Return whether Amazon explains a failure by data that are missing."""

    def check_access(self, client: SellingPartnerClient) -> None:
        """Make a call that changes nothing, to see whether the stream can be read."""


@dataclass(frozen=True)
class WindowJob:
    """A job and the window that it is of; None is the current state of things."""

    submission: Submission
    window: Window | None

    @property
    def key(self) -> JobKey:
        """The key of the job in the state."""
        return JobKey(self.submission.request.subject, self.window)


class StreamJobs:
    """Submits the jobs of one stream of one account, and waits for them."""

    def __init__(
        self, reader: DocumentReader, source: JobSource, bookmark: Bookmark, state: JobState
    ) -> None:
        """Submit nothing yet."""
        self._reader = reader
        self._source = source
        self._bookmark = bookmark
        self._state = state
        self._logger = reader.logger
        self._label = reader.stream.label
        self._label_of = reader.source.api.label_of

    @property
    def queue(self) -> JobQueue:
        """The queue of the account."""
        return self._source.queue(self._reader.connection)

    def submit(self, request: JobRequest, window: Window | None, *, turn: int = 0) -> WindowJob:
        """Submit a job, or take the pending one of an earlier run.

        Args:
            request: The request.
            window: The window that it is for.
            turn: How many windows are read before.
        """
        key = JobKey(request.subject, window)
        submission = self.queue.submit(
            request,
            turn=turn,
            expected=self._state.expected_seconds,
            known_id=self._state.pending.get(key),
            on_id=functools.partial(self._remember, key),
        )
        return WindowJob(submission, window)

    def _remember(self, key: JobKey, submission: Submission) -> None:
        self._state.remember(key, str(submission.job_id))

    def wait_for(self, job: WindowJob) -> Job | None:
        """Return a finished job that is up to date; None where the next run has to read it.

        Raises:
            JobFailedError: Amazon could not do it.
        """
        found = self._finished(job)
        if found is not None and job.submission.is_reused and self._is_outdated(found, job.window):
            return self._newer(job, found)
        return found

    def wait_for_another(self, job: WindowJob) -> Job | None:
        """Submit a job in place of another, and return it as `wait_for` does.

        Raises:
            JobFailedError: Amazon could not do it.
        """
        return self._finished(WindowJob(self.queue.submit_again(job.submission), job.window))

    def forget(self, job: WindowJob) -> None:
        """Remove a job from the state, so that the next run submits another."""
        self._state.forget(job.key)

    # --- Waiting --------------------------------------------------------------------------------

    def _finished(self, job: WindowJob) -> Job | None:
        """Return a job when Amazon has finished it; None where it cannot be read yet."""
        try:
            found = self.queue.wait_for_job(job.submission)
        except JobUnfinishedError as error:
            self._logger.warning(
                "%s of '%s' is %s: the next run collects it (`report_timeout`)",
                self._label_of(error.job),
                self._label,
                error,
            )
            created = moment_of(error.job, "createdTime")
            if created is not None and created < self._reader.clock.now() - MAX_PENDING:
                # It will never be finished.
                self.forget(job)
            return None
        status = found.get("processingStatus")
        if status == CANCELLED:
            self._logger.info(
                "%s is cancelled: Amazon has no data for %s",
                self._label_of(found),
                job.submission.request.label,
            )
        elif status == FATAL:
            self.forget(job)
            self._raise_unless_data_may_come(job, found)
            return None
        return found

    def _raise_unless_data_may_come(self, job: WindowJob, failed: Job) -> None:
        """Warn of a failed job whose data may still come.

        Raises:
            JobFailedError: It failed for another reason.
        """
        explanation = self._explanation(failed)
        if job.window is not None and self._source.is_missing_data(explanation):
            max_delay = max(MAX_DELAY, self._bookmark.lookback)
            if job.window.before >= self._reader.clock.now() - max_delay:
                self._logger.warning(
                    "%s: %s The next run asks again", self._label_of(failed), explanation
                )
                return
        request = job.submission.request
        message = (
            f"Amazon could not make {self._label_of(failed).lower()} ({FATAL}), "
            f"{request.label}: {explanation.rstrip('.') or 'it does not say why'}"
        )
        raise JobFailedError(request.api.create, message=message)

    def _explanation(self, failed: Job) -> str:
        """Return what Amazon says about a job that failed; empty where it says nothing."""
        documents = self._reader.connection.documents
        try:
            return explanation_of(self._reader.source.open(documents, failed))
        except SellingPartnerError as error:
            self._logger.warning(error.sentence("So the reason for the failure is unknown"))
            return ""

    # --- Outdated jobs --------------------------------------------------------------------------

    def _is_outdated(self, job: Job, window: Window | None) -> bool:
        """Return whether data came in after a job was created that no later run would read."""
        created = moment_of(job, "createdTime")
        now = self._reader.clock.now()
        if created is None:
            return False
        if window is None:
            return created < now - max(MAX_PENDING, self._source.rules.interval)
        return created < window.before + self._bookmark.lookback <= now

    def _newer(self, job: WindowJob, old: Job) -> Job | None:
        """Return a newer job; the old one where Amazon gives no other."""
        self._logger.info("%s is too old; requesting it again", self._label_of(old))
        try:
            newer = self.wait_for_another(job)
        except JobFailedError as error:
            if job.window is None:
                raise
            self._logger.warning(error.sentence("Reading the old one"))
            return old
        # Amazon cancels what it made just before.
        is_cancelled = newer is not None and newer.get("processingStatus") == CANCELLED
        return old if is_cancelled else newer
