"""The queue in which the streams of an account submit reports, or Data Kiosk queries.

All jobs of a run are under way at the same time: one thread submits them, as fast as the usage plan
allows, another polls them. So a run takes as long as its slowest job, not as all of them together.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
import threading
from collections.abc import Callable, Collection, Hashable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TypeVar, final

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import (
    AccountError,
    InvalidRequestError,
    NotFoundError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.amazon.retry import ONE_POLL, POLL_UNANSWERED, SUBMISSION_UNANSWERED, RetryPolicy
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.events import AccountEvents, Events, JobEvents
from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.jobs.counts import JobCounts, JobOutcomes
from tap_amazon_sp.jobs.listing import JobListings, list_jobs
from tap_amazon_sp.jobs.polling import (
    IN_PROGRESS,
    Job,
    JobUnfinishedError,
    PollingPace,
    is_finished,
)
from tap_amazon_sp.jobs.requests import MAX_LISTED_AGE, JobApi, JobRequest

T = TypeVar("T")

logger = logging.getLogger(__name__)

MAX_SUBMISSION_TRIES = SUBMISSION_UNANSWERED.max_tries
MAX_CLOCK_DIFFERENCE = dt.timedelta(minutes=1)
"""How far Amazon's clock may be behind this one."""
WAIT_BEFORE_LISTING = SUBMISSION_UNANSWERED.first_wait
"""Seconds after which a job is listed whose submission was not answered."""

MAX_MISSED_POLLS = POLL_UNANSWERED.max_tries - 1
"""Polls in a row that Amazon may leave unanswered before a job counts as failed: it takes minutes
or hours, and the connection may be broken for some of them."""

_HEARTBEAT = 1.0


@dataclass(eq=False)
class Submission:
    """A job that is to be submitted, or was.

    Attributes:
        request: The request.
        rank: Jobs are submitted in the order of their ranks.
        events: Where its stages are noted.
        job_id: Amazon's id of the job, once it has one.
        is_reused: Whether the job was not created in this run.
        unanswered_since: A time before the first creation whose answer is missing: since then,
            the job may be at Amazon.
        finished: The job, once Amazon has finished it.
        listeners: Called when the job has an id, or may be at Amazon.
        since: When the job came under way in this run, in monotonic seconds.
        status: Amazon's last processing status.
        poll_at: When to poll next.
        missed_polls: Polls in a row that Amazon left unanswered.
    """

    request: JobRequest
    rank: tuple[float, ...]
    events: JobEvents
    job_id: str | None = None
    is_reused: bool = False
    unanswered_since: dt.datetime | None = None
    finished: Future[Job] = field(default_factory=Future)
    listeners: list[Callable[[Submission], object]] = field(default_factory=list)
    since: float = 0.0
    status: str = ""
    poll_at: float = 0.0
    missed_polls: int = 0

    @property
    def key(self) -> tuple[object, ...]:
        """Identifies the request among all of a run."""
        return self.request.key

    @property
    def is_over(self) -> bool:
        """Whether Amazon has finished the job, or it failed."""
        return self.finished.done()

    def finish(self, job: Job) -> None:
        """Pass a finished job to all that wait for it."""
        self.events.reach("finished", str(job.get("processingStatus")))
        if not self.finished.done():
            self.finished.set_result(job)

    def fail(self, error: BaseException) -> None:
        """Raise an error in all that wait for the job."""
        if not self.finished.done():
            self.finished.set_exception(error)


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
        self._pace = pace
        self._timeout = timeout
        self._events = events or Events(clock).of_account(None)
        # Further tries take their turn, so that a job without answers does not delay the others.
        self._one_poll = RetryPolicy(clock, ONE_POLL)
        self._lock = threading.RLock()
        self._plans: list[tuple[Callable[[], object], Future[object]]] = []
        self._waiting: list[Submission] = []
        self._under_way: list[Submission] = []
        self._submissions: dict[tuple[object, ...], Submission] = {}
        self._listings = JobListings(client, clock, api)
        self._has_begun = False
        self.outcomes = JobOutcomes()
        self._submitter: threading.Thread | None = None
        self._poller: threading.Thread | None = None

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

    def note_read(self, submission: Submission) -> None:
        """Note that a job is read, or the one that was submitted in its place."""
        with self._lock:
            newest = self._submissions.get(submission.key, submission)
        newest.events.reach("read")

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
        self._has_begun = True
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
        """Start the threads that have something to do and do not run."""
        with self._lock:
            if (self._plans or self._waiting) and self._submitter is None:
                self._submitter = self._thread(self._submit_all, "submitter")
            if self._under_way and self._poller is None:
                self._poller = self._thread(self._poll_all, "poller")

    def _thread(self, work: Callable[[], None], role: str) -> threading.Thread:
        thread = threading.Thread(target=work, name=f"{self._api.noun.lower()} {role}", daemon=True)
        thread.start()
        return thread

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
            with self._lock:
                others = list(self._under_way)
            try:
                self._find_or_create(submission)
            except ThrottledError as error:
                if not others:
                    raise
                advice = f"Waiting until one of the {len(others)} under way is finished"
                logger.info(error.sentence(advice))
            else:
                return
            while self._are_under_way(others):
                wait([other.finished for other in others], _HEARTBEAT, FIRST_COMPLETED)
                self._clock.raise_if_stopped()

    def _are_under_way(self, submissions: Iterable[Submission]) -> bool:
        with self._lock:
            return all(submission in self._under_way for submission in submissions)

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
            job_id = self._create(submission)
            self._watch(submission, job_id)
        logger.info("%s %s requested: %s", self._api.noun, job_id, request.label)

    def _waiting_requests(self) -> list[JobRequest]:
        with self._lock:
            return [submission.request for submission in self._waiting]

    def _create(self, submission: Submission) -> str:
        """Create a job; where no answer comes, look for it in the list, and try again.

        Raises:
            SellingPartnerError: Amazon refused the request, or failed each time.
            SyncInterrupted: The process was asked to stop. The next run looks for it in the list.
        """
        request = submission.request
        if submission.unanswered_since is not None:
            created = self._created_since(request, submission.unanswered_since)
            if created is not None:
                submission.is_reused = True
                return created
        for tries in range(1, MAX_SUBMISSION_TRIES + 1):
            # Amazon gives, and compares, whole seconds.
            began_at = self._clock.now().replace(microsecond=0) - MAX_CLOCK_DIFFERENCE
            try:
                return self._api.created_id(self._client, request.body)
            except ServiceError as error:
                self._note_unanswered(submission, began_at)
                if tries == MAX_SUBMISSION_TRIES:
                    raise
                logger.warning(error.sentence("Checking whether Amazon received the request"))
            self._clock.sleep(WAIT_BEFORE_LISTING)
            created = self._created_since(request, began_at)
            if created is not None:
                return created
        raise AssertionError

    def _note_unanswered(self, submission: Submission, since: dt.datetime) -> None:
        """Let the state say that a job may be at Amazon: this run may end before it is found."""
        with self._lock:
            submission.unanswered_since = submission.unanswered_since or since
            listeners = tuple(submission.listeners)
        for on_id in listeners:
            on_id(submission)

    def _created_since(self, request: JobRequest, since: dt.datetime) -> str | None:
        """Return the id of the newest job in the list that this request can have created."""
        since = max(since, self._clock.now() - MAX_LISTED_AGE)
        created = [
            job
            for job in list_jobs(self._client, self._api, request.listing(since))
            if request.matches(job)
            and self._is_free(self._api.id_of(job))
            and (moment := moment_of(job, "createdTime")) is not None
            and moment >= since
        ]
        newest = max(created, key=lambda job: str(job["createdTime"]), default=None)
        return None if newest is None else self._api.id_of(newest)

    def _is_free(self, job_id: str) -> bool:
        """Return whether a job belongs to no other submission of this run."""
        with self._lock:
            return all(submission.job_id != job_id for submission in self._submissions.values())

    # --- Polling --------------------------------------------------------------------------------

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
        with self._lock:
            submission.since = submission.poll_at = self._clock.monotonic()
            if not submission.is_reused:
                submission.poll_at += self._pace.first
            self._under_way.append(submission)
        self._start()

    def _poll_all(self) -> None:
        """Poll the jobs under way, each when it is due, until all are finished."""
        try:
            while True:
                with self._lock:
                    if not self._under_way:
                        self._poller = None
                        return
                    submission = min(self._under_way, key=lambda one: one.poll_at)
                seconds = submission.poll_at - self._clock.monotonic()
                if seconds > 0:
                    # No longer: another job may come that is due earlier.
                    self._clock.sleep(min(seconds, self._pace.first))
                else:
                    self._poll(submission)
        except BaseException as error:  # noqa: BLE001 - raised by all that wait
            with self._lock:
                self._poller = None
                lost, self._under_way = self._under_way, []
            for submission in lost:
                submission.fail(error)

    def _poll(self, submission: Submission) -> None:
        operation = catalogue.operation(self._api.get)
        try:
            job = self._api.job(self._client, str(submission.job_id), retry=self._one_poll)
        except (NotFoundError, InvalidRequestError) as error:
            self._stop_polling(submission)
            if not submission.is_reused:
                submission.fail(error)
                return
            logger.info("%s %s no longer exists", self._api.noun, submission.job_id)
            with self._lock:
                submission.job_id, submission.is_reused = None, False
                self._listings.forget(submission.request)
                self._waiting.append(submission)
            self._start()
            return
        except ServiceError as error:
            submission.missed_polls += 1
            if submission.missed_polls > MAX_MISSED_POLLS:
                self._stop_polling(submission)
                submission.fail(error)
            else:
                seconds = max(
                    POLL_UNANSWERED.longest_wait(submission.missed_polls),
                    error.retry_after or 0.0,
                    self._least_seconds(operation),
                )
                logger.warning(error.sentence(f"Polling again in {seconds:.0f} seconds"))
                submission.poll_at = self._clock.monotonic() + seconds
            return
        except (SellingPartnerError, AccountError) as error:
            self._stop_polling(submission)
            submission.fail(error)
            return
        submission.missed_polls = 0
        submission.status = str(job.get("processingStatus"))
        now = self._clock.monotonic()
        waited = now - submission.since
        if is_finished(job):
            self._stop_polling(submission)
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
            self._stop_polling(submission)
            submission.fail(JobUnfinishedError(job, waited))
        else:
            if job.get("processingStatus") == IN_PROGRESS:
                submission.events.reach("processing")
            seconds = max(self._pace.wait(waited), self._least_seconds(operation))
            submission.poll_at = now + min(seconds, self._timeout - waited)

    def _least_seconds(self, operation: Operation) -> float:
        """Return the wait with which all jobs are polled no more often than Amazon allows."""
        return len(self._under_way) / self._client.calls_per_second(operation)

    def _stop_polling(self, submission: Submission) -> None:
        with self._lock:
            self._under_way.remove(submission)


def _settle(result: Future[T], work: Callable[[], T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised by the stream that waits for the plan
        result.set_exception(error)
