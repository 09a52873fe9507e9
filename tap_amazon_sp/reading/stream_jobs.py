"""The jobs of one stream: submit them, wait for them, and submit them again if needed."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import JobFailedError, QueryCancelledError
from tap_amazon_sp.common.timestamps import format_timestamp, moment_of
from tap_amazon_sp.common.windows import Window
from tap_amazon_sp.documents.explanations import MissingData
from tap_amazon_sp.jobs.polling import CANCELLED, Job, JobUnfinishedError
from tap_amazon_sp.jobs.queue import JobQueue
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.jobs.submission import Submission
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.document_windows import WindowRules
from tap_amazon_sp.reading.pending import JobKey, JobState

if TYPE_CHECKING:
    from tap_amazon_sp.reading.documents import DocumentReader

MAX_PENDING = dt.timedelta(days=1)
"""After this time, an unfinished job is submitted again, and a report of the current state is
outdated."""

MAX_DELAYS: Mapping[MissingData, dt.timedelta] = {
    "unavailable": dt.timedelta(days=10),
    "late": dt.timedelta(days=30),
}
"""How long after a window its data may still arrive, by what Amazon says of them."""


class DataNotThereYetError(Exception):
    """Amazon gives no data for a window yet; the next run requests them again."""


class JobSource(Protocol):
    """The jobs that one entry of the settings declares."""

    @property
    def has_windows(self) -> bool:
        """Whether each job covers a window; others show the current state."""

    @property
    def rules(self) -> WindowRules:
        """The rules for the windows of the jobs."""

    def queue(self, connection: Connection) -> JobQueue:
        """Return the queue in which the jobs are submitted."""

    def requests(
        self, connection: Connection, bookmark: Bookmark, window: Window | None
    ) -> Iterator[JobRequest]:
        """Yield the requests for a window; None is the current state."""

    @property
    def further_jobs(self) -> str | None:
        """What takes a further job, in words; None if nothing does."""

    def knows_requests(self, connection: Connection) -> bool:
        """Return whether the requests are known without a call."""

    def further_request(self, job: Job, window: Window | None) -> JobRequest | None:
        """Return the request for the next rows after a job's rows; None if those were the last."""

    def missing_data(self, explanation: str) -> MissingData | None:
        """Return why data are missing, if this is Amazon's explanation of a failure."""

    def check_access(self, client: SellingPartnerClient) -> None:
        """Make a request that changes nothing, to see whether Amazon gives access."""


@dataclass(frozen=True)
class WindowJob:
    """A job of a stream.

    Attributes:
        submission: The submission, which streams with equal requests share.
        request: The stream's own request: what it has read may differ from the others.
        window: The window of the job; None is the current state.
    """

    submission: Submission
    request: JobRequest
    window: Window | None

    @property
    def key(self) -> JobKey:
        """The key of the job in the state."""
        return JobKey(self.request.subject, self.window)


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
            window: The window of the job.
            turn: The number of windows that are read before this one.
        """
        key = JobKey(request.subject, window)
        submission = self.queue.submit(
            request,
            stream=self._reader.stream.name,
            turn=turn,
            expected=self._state.expected_seconds,
            known_id=self._state.pending.get(key),
            unanswered_since=self._state.unanswered.get(key),
            on_id=functools.partial(self._remember, key),
        )
        return WindowJob(submission, request, window)

    def _remember(self, key: JobKey, submission: Submission) -> None:
        since = submission.unanswered_since
        self._state.remember(key, submission.job_id, unanswered_since=since)

    def wait_for(self, job: WindowJob) -> Job | None:
        """Return a finished job that is up to date; None if only the next run can read it.

        A job without data is finished, too: it is CANCELLED, or it failed for this reason.

        Raises:
            DataNotThereYetError: The job failed at Amazon because its data are not there yet.
            JobFailedError: The job failed at Amazon for another reason.
        """
        found = self._finished(job)
        if found is not None and job.submission.is_reused and self._is_outdated(found, job.window):
            return self._newer(job, found)
        return found

    def wait_for_another(self, job: WindowJob) -> Job | None:
        """Submit a job in place of another, and return it as `wait_for` does.

        Raises:
            DataNotThereYetError, JobFailedError: As `wait_for`.
        """
        another = replace(job, submission=self.queue.submit_again(job.submission))
        return self._finished(another)

    def is_without_data(self, job: Job) -> bool:
        """Return whether a finished job has no rows, as Amazon has no data for it."""
        has_failed = self._reader.source.api.has_failed(job)
        return has_failed or job.get("processingStatus") == CANCELLED

    def forget(self, job: WindowJob) -> None:
        """Remove a job from the state, so that the next run submits another."""
        self._state.forget(job.key)

    # --- Waiting --------------------------------------------------------------------------------

    def _finished(self, job: WindowJob, *, may_submit_again: bool = True) -> Job | None:
        """Return a job after Amazon has finished it; None if it cannot be read yet.

        Raises:
            DataNotThereYetError: The job failed at Amazon because its data are not there yet, or
                Amazon never finishes it.
            JobFailedError: The job failed at Amazon, or somebody cancelled it.
        """
        try:
            found = self.queue.wait_for_job(job.submission)
        except JobUnfinishedError as error:
            what = f"{self._label_of(error.job)} of '{self._label}' is {error}"
            created = moment_of(error.job, "createdTime")
            if created is not None and created < self._reader.clock.now() - MAX_PENDING:
                # It will never be finished, and keeps nothing else waiting.
                self.forget(job)
                message = f"{what}, a day after its request: the next run requests it again"
                raise DataNotThereYetError(message) from None
            self._logger.warning("%s: the next run collects it (`report_timeout`)", what)
            return None
        if self._reader.source.api.has_failed(found):
            self.forget(job)
            self._raise_unless_data_are_missing(job, found)
        if found.get("processingStatus") == CANCELLED:
            if not job.request.api.is_cancelled_without_data:
                return self._in_place_of_cancelled(job, found, may_submit_again=may_submit_again)
            self._logger.warning(
                "%s is cancelled: Amazon has no data for %s%s",
                self._label_of(found),
                job.request.label,
                self._kept_since(),
            )
        return found

    def _in_place_of_cancelled(
        self, job: WindowJob, cancelled: Job, *, may_submit_again: bool
    ) -> Job | None:
        """Return a job in place of one that somebody cancelled: it may have had data.

        Raises:
            JobFailedError: This one was cancelled, too, or failed.
        """
        self.forget(job)
        label = self._label_of(cancelled)
        if may_submit_again:
            self._logger.warning(
                "%s of '%s' was cancelled by a user or an application (%s): requesting it again",
                label,
                self._label,
                job.request.label,
            )
            another = replace(job, submission=self.queue.submit_again(job.submission))
            return self._finished(another, may_submit_again=False)
        message = (
            f"{label} was cancelled by a user or an application, as was the one before "
            f"({job.request.label})"
        )
        raise QueryCancelledError(job.request.api.create, message=message)

    def _raise_unless_data_are_missing(self, job: WindowJob, failed: Job) -> None:
        """Warn of a job that failed because Amazon has no data for its window.

        Raises:
            DataNotThereYetError: Its data may still come.
            JobFailedError: The job failed for another reason.
        """
        explanation = self._reader.explanation(failed)
        label, request = self._label_of(failed), job.request
        missing = None if job.window is None else self._source.missing_data(explanation)
        if job.window is None or missing is None:
            message = (
                f"Amazon could not make {label.lower()} ({failed.get('processingStatus')}), "
                f"{request.label}: {explanation.rstrip('.') or 'it does not say why'}"
            )
            raise JobFailedError(request.api.create, message=message)
        reason = f"{explanation.rstrip('.')}."
        max_delay = max(MAX_DELAYS[missing], self._bookmark.lookback)
        if job.window.before >= self._reader.clock.now() - max_delay:
            message = (
                f"{label} has no data yet, {request.label}: {reason} The next run requests it again"
            )
            raise DataNotThereYetError(message)
        self._logger.warning(
            "%s: Amazon has no data for %s: %s Going on with what follows%s",
            label,
            request.label,
            reason,
            self._kept_since(),
        )

    def _kept_since(self) -> str:
        """Return the end of a sentence about the data that Amazon keeps, if that is known."""
        rules = self._source.rules
        if rules.history is None:
            return ""
        since = rules.oldest_kept(self._reader.clock.now())
        return f". Amazon keeps the data of this report since {format_timestamp(since)}"

    # --- Outdated jobs --------------------------------------------------------------------------

    def _is_outdated(self, job: Job, window: Window | None) -> bool:
        """Return whether data arrived after the job, and no later run would read them."""
        created = moment_of(job, "createdTime")
        now = self._reader.clock.now()
        if created is None:
            return False
        if window is None:
            return created < now - max(MAX_PENDING, self._source.rules.interval)
        return created < window.before + self._bookmark.lookback <= now

    def _newer(self, job: WindowJob, old: Job) -> Job | None:
        """Return a newer job, or the old job if Amazon makes no other."""
        self._logger.info("%s is too old; requesting it again", self._label_of(old))
        try:
            newer = self.wait_for_another(job)
        except JobFailedError as error:
            if job.window is None:
                raise
            self._logger.warning(error.sentence("Reading the old one"))
            return old
        except DataNotThereYetError as error:
            self._logger.warning("%s. Reading the old one", error)
            return old
        # Amazon cancels what it made just before.
        return old if newer is not None and self.is_without_data(newer) else newer
