"""Polling all jobs of an account side by side, each when it is due."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import (
    AccountError,
    InvalidRequestError,
    NotFoundError,
    SellingPartnerError,
    ServiceError,
)
from tap_amazon_sp.amazon.retry import ONE_POLL, POLL_UNANSWERED, RetryPolicy
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.jobs.api import JobApi
from tap_amazon_sp.jobs.polling import IN_PROGRESS, JobUnfinishedError, PollingPace, is_finished
from tap_amazon_sp.jobs.submission import Submission

logger = logging.getLogger(__name__)

MAX_MISSED_POLLS = POLL_UNANSWERED.max_tries - 1
"""Polls in a row that Amazon may leave unanswered before a job counts as failed: it takes minutes
or hours, and the connection may be broken for some of them."""


class JobPoller:
    """Polls the jobs of one kind for one account, in a thread that runs while there are some."""

    def __init__(  # noqa: PLR0913 - each is injected
        self,
        client: SellingPartnerClient,
        clock: Clock,
        api: JobApi,
        *,
        pace: PollingPace,
        timeout: float,
        on_gone: Callable[[Submission], object],
    ) -> None:
        """Poll nothing yet.

        Args:
            client: The client of the account.
            clock: The source of time.
            api: The operations of the jobs.
            pace: How often to poll a job.
            timeout: The longest time to wait for a job, in seconds.
            on_gone: Called with a job of an earlier run that Amazon does not know any more.
        """
        self._client = client
        self._clock = clock
        self._api = api
        self._pace = pace
        self._timeout = timeout
        self._on_gone = on_gone
        # Further tries take their turn, so that a job without answers does not delay the others.
        self._one_poll = RetryPolicy(clock, ONE_POLL)
        self._lock = threading.Lock()
        self._jobs: list[Submission] = []
        self._thread: threading.Thread | None = None

    @property
    def jobs(self) -> list[Submission]:
        """The jobs that Amazon has not finished."""
        with self._lock:
            return list(self._jobs)

    def has_all(self, jobs: Iterable[Submission]) -> bool:
        """Return whether Amazon has finished none of some jobs."""
        with self._lock:
            return all(job in self._jobs for job in jobs)

    def add(self, submission: Submission) -> None:
        """Poll a job from now on."""
        with self._lock:
            submission.since = submission.poll_at = self._clock.monotonic()
            if not submission.is_reused:
                submission.poll_at += self._pace.first
            self._jobs.append(submission)
            if self._thread is None:
                self._thread = start_thread(self._poll_all, f"{self._api.noun.lower()} poller")

    def _poll_all(self) -> None:
        """Poll the jobs under way, each when it is due, until all are finished."""
        try:
            while True:
                with self._lock:
                    if not self._jobs:
                        self._thread = None
                        return
                    submission = min(self._jobs, key=lambda one: one.poll_at)
                seconds = submission.poll_at - self._clock.monotonic()
                if seconds > 0:
                    # No longer: another job may come that is due earlier.
                    self._clock.sleep(min(seconds, self._pace.first))
                else:
                    self._poll(submission)
        except BaseException as error:  # noqa: BLE001 - raised by all that wait
            with self._lock:
                self._thread = None
                lost, self._jobs = self._jobs, []
            for submission in lost:
                submission.fail(error)

    def _poll(self, submission: Submission) -> None:
        operation = catalogue.operation(self._api.get)
        try:
            job = self._api.job(self._client, str(submission.job_id), retry=self._one_poll)
        except (NotFoundError, InvalidRequestError) as error:
            self._remove(submission)
            if not submission.is_reused:
                submission.fail(error)
                return
            logger.info("%s %s no longer exists", self._api.noun, submission.job_id)
            self._on_gone(submission)
            return
        except ServiceError as error:
            submission.missed_polls += 1
            if submission.missed_polls > MAX_MISSED_POLLS:
                self._remove(submission)
                submission.fail(error)
            else:
                seconds = max(
                    POLL_UNANSWERED.longest_wait(submission.missed_polls),
                    error.retry_after or 0.0,
                    self._least_wait(operation),
                )
                logger.warning(error.sentence(f"Polling again in {seconds:.0f} seconds"))
                submission.poll_at = self._clock.monotonic() + seconds
            return
        except (SellingPartnerError, AccountError) as error:
            self._remove(submission)
            submission.fail(error)
            return
        submission.missed_polls = 0
        submission.status = str(job.get("processingStatus"))
        now = self._clock.monotonic()
        waited = now - submission.since
        if is_finished(job):
            self._remove(submission)
            logger.info(
                "%s %s: %s after %.0f seconds: %s",
                self._api.noun,
                submission.job_id,
                submission.status,
                waited,
                submission.request.label,
            )
            submission.finish(job)
        elif waited >= self._timeout:
            self._remove(submission)
            submission.fail(JobUnfinishedError(job, waited))
        else:
            if submission.status == IN_PROGRESS:
                submission.events.reach("processing")
            seconds = max(self._pace.wait(waited), self._least_wait(operation))
            submission.poll_at = now + min(seconds, self._timeout - waited)

    def _least_wait(self, operation: Operation) -> float:
        """Return the wait with which all jobs are polled no more often than Amazon allows."""
        return len(self._jobs) / self._client.calls_per_second(operation)

    def _remove(self, submission: Submission) -> None:
        with self._lock:
            self._jobs.remove(submission)


def start_thread(work: Callable[[], None], name: str) -> threading.Thread:
    """Start a thread that does not keep the process alive."""
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread
