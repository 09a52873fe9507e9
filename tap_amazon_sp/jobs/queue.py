"""The queue in which the streams of an account submit reports, or Data Kiosk queries.

All jobs of a run are under way at the same time: one thread submits them, as fast as the usage plan
allows, another polls them. So a run takes as long as its slowest job, not as all of them together.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
import threading
from collections.abc import Callable, Collection, Hashable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeVar, final

from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import ThrottledError
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.events import AccountEvents, Events
from tap_amazon_sp.jobs.api import JobApi
from tap_amazon_sp.jobs.counts import JobCounts, JobOutcomes
from tap_amazon_sp.jobs.creation import JobCreation
from tap_amazon_sp.jobs.listing import JobListings
from tap_amazon_sp.jobs.poller import JobPoller, start_thread
from tap_amazon_sp.jobs.polling import Job, PollingPace, is_finished
from tap_amazon_sp.jobs.requests import JobRequest
from tap_amazon_sp.jobs.submission import Submission

T = TypeVar("T")

logger = logging.getLogger(__name__)

_HEARTBEAT = 1.0


@final
class JobQueue:
    """Submits jobs of one kind for one account, and polls all of them side by side.

    It may be used from many threads. Its own two threads run while there is something to do.
    """

    def __init__(  # noqa: PLR0913 - each is injected
        self,
        client: SellingPartnerClient,
        clock: Clock,
        api: JobApi,
        *,
        pace: PollingPace,
        timeout: float,
        events: AccountEvents | None = None,
    ) -> None:
        """Call nothing yet.

        Args:
            client: The client of the account.
            clock: The source of time.
            api: The operations of the jobs.
            pace: How often to poll a job.
            timeout: The longest time to wait for a job, in seconds.
            events: Where the stages of the jobs are noted.
        """
        self._client = client
        self._clock = clock
        self._api = api
        self._events = events or Events(clock).of_account(None)
        self._lock = threading.RLock()
        self._plans: list[tuple[Callable[[], object], Future[object]]] = []
        self._waiting: list[Submission] = []
        self._submissions: dict[tuple[object, ...], Submission] = {}
        self._listings = JobListings(client, clock, api)
        self._creation = JobCreation(
            client, clock, api, is_free=self._is_free, on_unanswered=self._note_unanswered
        )
        self._poller = JobPoller(
            client, clock, api, pace=pace, timeout=timeout, on_gone=self._submit_once_more
        )
        self._has_begun = False
        self.outcomes = JobOutcomes()
        self._submitter: threading.Thread | None = None

    @property
    def api(self) -> JobApi:
        """The operations of the jobs."""
        return self._api

    @functools.cached_property
    def began_at(self) -> dt.datetime:
        """When the first stream of a run made its plan: all of them read up to this moment."""
        return self._clock.now()

    def announce(self, plan: Callable[[], T]) -> Future[T]:
        """Take a function that submits jobs; it is called when somebody first waits.

        No job goes to Amazon before all plans that were announced by then are made, so that the
        longest jobs go first.
        """
        result: Future[T] = Future()
        with self._lock:
            self._plans.append((plan, result))  # type: ignore[arg-type]
        return result

    def submit(  # noqa: PLR0913 - the request, its turn, and what is known of its job
        self,
        request: JobRequest,
        *,
        stream: str = "",
        turn: int = 0,
        expected: float = 0.0,
        known_id: str | None = None,
        unanswered_since: dt.datetime | None = None,
        on_id: Callable[[Submission], object] = lambda _: None,
    ) -> Submission:
        """Submit a job, unless the same was submitted before: then that submission is returned.

        Args:
            request: The request.
            stream: Name of the stream that needs the job.
            turn: How many jobs the caller needs before this one.
            expected: Seconds that the job is expected to take.
            known_id: Amazon's id of the job, where an earlier run submitted it.
            unanswered_since: As in `Submission`, where an earlier run got no answer.
            on_id: Called when the job has an id, or may be at Amazon, from any thread.
        """
        # The next window of every stream before the second of any; then what takes longest.
        rank = (turn, -expected, -request.length.total_seconds(), len(self._submissions))
        with self._lock:
            new = Submission(request, rank, self._events.job(request.kind, stream))
            submission = self._submissions.setdefault(new.key, new)
            submission.listeners.append(on_id)
            if submission is new:
                self._waiting.append(submission)
                submission.events.reach("queued")
            submission.unanswered_since = submission.unanswered_since or unanswered_since
            # The stream that submitted it first may not have known the id.
            is_known = known_id is not None and submission in self._waiting
            if is_known:
                self._waiting.remove(submission)
                submission.is_reused = True
        if known_id is not None and is_known:
            self._watch(submission, known_id)
        elif submission.job_id is not None or submission.unanswered_since is not None:
            on_id(submission)
        if self._has_begun:
            self._start()
        return submission

    def submit_again(self, submission: Submission) -> Submission:
        """Submit a new job in place of an older one that is of no use."""
        with self._lock:
            if self._submissions.get(submission.key) is submission:
                again = Submission(
                    submission.request,
                    submission.rank,
                    submission.events.another(),
                    listeners=submission.listeners,
                )
                self._submissions[submission.key] = again
                self._listings.forget(submission.request)
                self._waiting.append(again)
                again.events.reach("queued")
            return self._submissions[submission.key]

    def note_failed(self, submission: Submission) -> None:
        """Note that a job could not be read."""
        self.outcomes.note(submission.key, "failed")

    def note_read(self, submission: Submission) -> None:
        """Note that a job is read, or the one that was submitted in its place."""
        self.outcomes.note(submission.key, "read")
        with self._lock:
            newest = self._submissions.get(submission.key, submission)
        newest.events.reach("read")

    def begin(self) -> None:
        """Begin to work on all that there is, and on what is submitted later."""
        self._has_begun = True
        self._start()

    def wait_for_job(self, submission: Submission) -> Job:
        """Wait until Amazon has finished a job, and return it, however it ended.

        Raises:
            JobUnfinishedError: The job takes longer than the timeout.
            SellingPartnerError: It could not be submitted, or polled.
            SyncInterrupted: The process was asked to stop.
        """
        return self.wait_for(submission.finished)

    def wait_for(self, future: Future[T]) -> T:
        """Wait for a plan or a job; begin to work on all that there is.

        Raises:
            Exception: The plan or the job failed with it.
            SyncInterrupted: The process was asked to stop.
        """
        self.begin()
        while not future.done():
            self._start()
            wait([future], _HEARTBEAT)
            self._clock.raise_if_stopped()
        return future.result()

    def counts(self, expected: Collection[Hashable] = ()) -> JobCounts:
        """Count the jobs of this run.

        Args:
            expected: Keys of jobs that will be submitted, and perhaps of some that are.
        """
        with self._lock:
            submissions = tuple(self._submissions.values())
        return self.outcomes.count(submissions, expected, self._clock.monotonic())

    # --- Submitting -----------------------------------------------------------------------------

    def _start(self) -> None:
        """Start the thread that submits, if it has something to do and does not run."""
        with self._lock:
            if (self._plans or self._waiting) and self._submitter is None:
                name = f"{self._api.noun.lower()} submitter"
                self._submitter = start_thread(self._submit_all, name)

    def _submit_all(self) -> None:
        """Submit all waiting jobs, those that take longest first."""
        while True:
            with self._lock:
                plans, self._plans = self._plans, []
            for plan, result in plans:
                _settle(result, plan)
            with self._lock:
                if self._plans:
                    continue
                if not self._waiting:
                    self._submitter = None
                    return
                submission = min(self._waiting, key=lambda one: one.rank)
                self._waiting.remove(submission)
            try:
                self._submit_patiently(submission)
            except BaseException as error:  # noqa: BLE001 - raised by all that wait for the job
                submission.fail(error)

    def _submit_patiently(self, submission: Submission) -> None:
        """Submit a job; at the limit of Amazon, as soon as a running one is finished.

        Raises:
            ThrottledError: Amazon takes no job, though none of ours is under way.
        """
        while True:
            others = self._poller.jobs
            try:
                self._find_or_create(submission)
            except ThrottledError as error:
                if not others:
                    raise
                advice = f"Waiting until one of the {len(others)} under way is finished"
                logger.info(error.sentence(advice))
            else:
                return
            while self._poller.has_all(others):
                wait([other.finished for other in others], _HEARTBEAT, FIRST_COMPLETED)
                self._clock.raise_if_stopped()

    def _find_or_create(self, submission: Submission) -> None:
        """Find a job that can be used, else create one."""
        request = submission.request
        self._clock.raise_if_stopped()
        if (job := self._listings.usable_job(request, self._waiting_requests)) is not None:
            submission.is_reused = True
            logger.info("%s exists already: %s", self._api.label_of(job), request.label)
            self._watch(submission, self._api.id_of(job), job)
            return
        # A stop waits until the id of what Amazon has accepted is in the state.
        with self._clock.finishing():
            job_id = self._creation.create(submission)
            self._watch(submission, job_id)
        logger.info("%s %s requested: %s", self._api.noun, job_id, request.label)

    def _waiting_requests(self) -> list[JobRequest]:
        with self._lock:
            return [submission.request for submission in self._waiting]

    def _note_unanswered(self, submission: Submission, since: dt.datetime) -> None:
        """Let the state say that a job may be at Amazon: this run may end before it is found."""
        with self._lock:
            submission.unanswered_since = submission.unanswered_since or since
            listeners = tuple(submission.listeners)
        for on_id in listeners:
            on_id(submission)

    def _is_free(self, job_id: str) -> bool:
        """Return whether a job belongs to no other submission of this run."""
        with self._lock:
            return all(submission.job_id != job_id for submission in self._submissions.values())

    def _watch(self, submission: Submission, job_id: str, job: Job | None = None) -> None:
        """Note the id of a job, and poll it from now on."""
        with self._lock:
            submission.job_id = job_id
            listeners = tuple(submission.listeners)
        submission.events.reach("submitted")
        # Before anybody can read the job: once it is read, the state no longer lists it as pending.
        for on_id in listeners:
            on_id(submission)
        if job is not None and is_finished(job):
            submission.finish(job)
            return
        self._poller.add(submission)

    def _submit_once_more(self, submission: Submission) -> None:
        """Submit a job of an earlier run that Amazon does not know any more."""
        with self._lock:
            submission.job_id, submission.is_reused = None, False
            self._listings.forget(submission.request)
            self._waiting.append(submission)
        self._start()


def _settle(result: Future[T], work: Callable[[], T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised by the stream that waits for the plan
        result.set_exception(error)
