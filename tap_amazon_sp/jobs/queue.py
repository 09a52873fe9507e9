"""The desk: where an account's streams order reports, or Data Kiosk queries, and wait for them.

All that is ordered in a run is on its way at the same time: one thread orders, as fast as the usage
plan allows, another looks how far all of them are. So a run takes as long as its slowest report,
not as all of them together.
"""

from __future__ import annotations

import datetime as dt
import functools
import logging
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass, field
from typing import TypeVar, final

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import (
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    SellingPartnerError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.jobs.polling import (
    UNFINISHED_STATUSES,
    Job,
    JobUnfinishedError,
    PollingPace,
)
from tap_amazon_sp.jobs.requests import (
    LISTED_FOR,
    JobApi,
    JobRequest,
    listed,
    newest_of_use,
)

T = TypeVar("T")

logger = logging.getLogger(__name__)

MOST_TYPES_LISTED = 10
"""Report types that one call of getReports takes (model `reports_2021-06-30`)."""

MOST_ORDERING_TRIES = 3
CLOCKS_DIFFER = dt.timedelta(minutes=1)
"""How much earlier than here it may be at Amazon."""
WAIT_BEFORE_LOOKING = 5.0
"""Seconds after which a report is listed that was ordered without an answer."""

MOST_LOST_LOOKS = 5
"""Looks in a row that Amazon does not answer, after all retries of each, before a job is given up:
it takes minutes or hours, and the way to Amazon may be broken for some of them."""

SECONDS_BETWEEN_WORDS = 60.0
_HEARTBEAT = 1.0


@dataclass(eq=False)
class Order:
    """A report, or query, that was ordered, or is to be.

    Attributes:
        request: What is wanted.
        rank: Orders are placed in the order of their ranks.
        job_id: Amazon's id of it, as soon as there is one.
        was_there: Whether it was not created in this run.
        ended: The job, once it is over.
        hearers: Called when its id is known.
        since: When it came under way in this run, in monotonic seconds.
        look_at: When it is looked at next.
        lost_looks: How many looks in a row Amazon did not answer.
    """

    request: JobRequest
    rank: tuple[float, ...]
    job_id: str | None = None
    was_there: bool = False
    ended: Future[Job] = field(default_factory=Future)
    hearers: list[Callable[[Order], object]] = field(default_factory=list)
    since: float = 0.0
    look_at: float = 0.0
    lost_looks: int = 0

    @property
    def place(self) -> tuple[object, ...]:
        """What tells it from the other orders of a run."""
        return self.request.subject, self.request.start, self.request.end

    def end(self, job: Job) -> None:
        """End with a job for all who wait for it."""
        if not self.ended.done():
            self.ended.set_result(job)

    def fail(self, error: BaseException) -> None:
        """End with an error for all who wait for it."""
        if not self.ended.done():
            self.ended.set_exception(error)


@final
class Desk:
    """Orders jobs of one kind for one account, and waits for all of them at once.

    It may be used from many threads. Its own two run while there is something to do.
    """

    def __init__(
        self,
        client: SellingPartnerClient,
        clock: Clock,
        api: JobApi,
        *,
        pace: PollingPace,
        timeout: float,
    ) -> None:
        """Call nothing yet.

        Args:
            client: Of the account.
            clock: Where time comes from.
            api: The operations of the jobs.
            pace: How often to look how far a job is.
            timeout: Seconds that a job is waited for at most.
        """
        self._client = client
        self._clock = clock
        self._api = api
        self._pace = pace
        self._timeout = timeout
        self._lock = threading.RLock()
        self._announced: list[tuple[Callable[[], object], Future[object]]] = []
        self._waiting: list[Order] = []
        self._under_way: list[Order] = []
        self._orders: dict[tuple[object, ...], Order] = {}
        self._listed: dict[str, list[Job]] = {}
        self._has_begun = False
        self._told_at = clock.monotonic()
        self._orderer: threading.Thread | None = None
        self._looker: threading.Thread | None = None

    @functools.cached_property
    def began_at(self) -> dt.datetime:
        """When the first of a run planned what to order: up to when all of them read."""
        return self._clock.now()

    def announce(self, plan: Callable[[], T]) -> Future[T]:
        """Take in what orders something; it is called when the first asks for a result.

        All that is announced by then is ordered before anything is placed, so that the longest can
        go first.
        """
        result: Future[T] = Future()
        with self._lock:
            self._announced.append((plan, result))  # type: ignore[arg-type]
        return result

    def order(
        self,
        request: JobRequest,
        *,
        turn: int = 0,
        expected: float = 0.0,
        known_id: str | None = None,
        hear: Callable[[Order], object] = lambda _: None,
    ) -> Order:
        """Order something, unless somebody did already: then that is the order.

        Args:
            request: What is wanted.
            turn: How many the caller ordered that it needs before.
            expected: Seconds that it is expected to take.
            known_id: Amazon's id of it, where it was ordered before.
            hear: Called when its id is known, from any thread.
        """
        # The next window of every stream before the second of any; then what takes longest.
        rank = (turn, -expected, -request.length.total_seconds(), len(self._orders))
        new = Order(request, rank)
        with self._lock:
            order = self._orders.setdefault(new.place, new)
            order.hearers.append(hear)
            if order is new:
                self._waiting.append(order)
            # Whoever ordered it first may not have known that it is there.
            is_known = known_id is not None and order in self._waiting
            if is_known:
                self._waiting.remove(order)
                order.was_there = True
        if known_id is not None and is_known:
            self._watch(order, known_id)
        elif order.job_id is not None:
            hear(order)
        if self._has_begun:
            self._start()
        return order

    def order_again(self, order: Order) -> Order:
        """Order what was made before once more, as it is of no use."""
        with self._lock:
            if self._orders.get(order.place) is order:
                again = Order(order.request, order.rank, hearers=order.hearers)
                self._orders[order.place] = again
                self._forget_listed(order.request)
                self._waiting.append(again)
            return self._orders[order.place]

    def result(self, order: Order) -> Job:
        """Wait for a job that was ordered, and return it, however it ended.

        Raises:
            JobUnfinishedError: It takes longer than it is to be waited for.
            SellingPartnerError: It could not be ordered, or looked at.
            SyncInterrupted: The process was asked to stop.
        """
        return self.wait_for(order.ended)

    def wait_for(self, future: Future[T]) -> T:
        """Wait for what was announced, or ordered; begin to work on all that there is.

        Raises:
            Exception: What that raised.
            SyncInterrupted: The process was asked to stop.
        """
        self._has_begun = True
        while not future.done():
            self._start()
            wait([future], _HEARTBEAT)
            self._clock.raise_if_stopped()
        return future.result()

    # --- Ordering ------------------------------------------------------------------------------

    def _start(self) -> None:
        """See to it that somebody works on what there is to do."""
        with self._lock:
            if (self._announced or self._waiting) and self._orderer is None:
                self._orderer = self._thread(self._place_all, "orders")
            if self._under_way and self._looker is None:
                self._looker = self._thread(self._look_at_all, "looks")

    def _thread(self, work: Callable[[], None], what: str) -> threading.Thread:
        thread = threading.Thread(target=work, name=f"{self._api.noun.lower()} {what}", daemon=True)
        thread.start()
        return thread

    def _place_all(self) -> None:
        """Place all orders, those that take longest first."""
        while True:
            with self._lock:
                announced, self._announced = self._announced, []
            for plan, result in announced:
                _settle(result, plan)
            with self._lock:
                if self._announced:
                    continue
                if not self._waiting:
                    self._orderer = None
                    return
                order = min(self._waiting, key=lambda one: one.rank)
                self._waiting.remove(order)
            try:
                self._place_patiently(order)
            except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
                order.fail(error)

    def _place_patiently(self, order: Order) -> None:
        """Place an order; where Amazon takes no more, when one of those under way is over.

        Raises:
            ThrottledError: Amazon takes none, though none of ours is under way.
        """
        while True:
            with self._lock:
                others = list(self._under_way)
            try:
                self._place(order)
            except ThrottledError as error:
                if not others:
                    raise
                advice = f"Waiting until one of the {len(others)} under way is over"
                logger.info(error.sentence(advice))
            else:
                return
            while self._are_under_way(others):
                wait([other.ended for other in others], _HEARTBEAT, FIRST_COMPLETED)
                self._clock.raise_if_stopped()

    def _are_under_way(self, orders: Iterable[Order]) -> bool:
        with self._lock:
            return all(order in self._under_way for order in orders)

    def _place(self, order: Order) -> None:
        """Find a job that will do, else create one."""
        request = order.request
        # A run that is over orders nothing more.
        self._clock.raise_if_stopped()
        if (job := self._job_there(request)) is not None:
            order.was_there = True
            job_id = str(job[self._api.id_name])
            logger.info("%s %s is there: %s", self._api.noun, job_id, request.label)
            self._watch(order, job_id, job)
            return
        job_id = self._create(request)
        logger.info("%s %s asked for: %s", self._api.noun, job_id, request.label)
        self._watch(order, job_id)

    def _job_there(self, request: JobRequest) -> Job | None:
        """Return a job that will do, the newest: one that failed only if there is no other."""
        now = self._clock.now()
        if request.made_since(now) is None:
            return None
        return newest_of_use(
            job for job in self._jobs_listed(request) if request.is_met_by(job, now)
        )

    def _create(self, request: JobRequest) -> str:
        """Create a job; where no answer comes, find out whether there is one, and try again.

        Raises:
            SellingPartnerError: Amazon refused, or failed again and again.
        """
        operation = catalogue.operation(self._api.create)
        for tries in range(1, MOST_ORDERING_TRIES + 1):
            # Amazon tells, and compares, whole seconds.
            asked_at = self._clock.now().replace(microsecond=0) - CLOCKS_DIFFER
            try:
                body = self._client.send(operation, body=request.body).body
                if job_id := body.get(self._api.id_name):
                    return str(job_id)
                raise ServiceError(operation.id, message="the answer has no id")  # noqa: TRY301
            except ServiceError as error:
                if tries == MOST_ORDERING_TRIES:
                    raise
                logger.warning(error.sentence("Finding out whether it was taken in"))
            self._clock.sleep(WAIT_BEFORE_LOOKING)
            made = [
                job
                for job in listed(self._client, self._api, request.listing(asked_at))
                if request.is_same(job)
                and self._is_free(str(job[self._api.id_name]))
                and (created := moment_of(job, "createdTime")) is not None
                and created >= asked_at
            ]
            if made:
                newest = max(made, key=lambda job: str(job["createdTime"]))
                return str(newest[self._api.id_name])
        raise AssertionError

    def _is_free(self, job_id: str) -> bool:
        """Whether a job is nobody else's in this run."""
        with self._lock:
            return all(order.job_id != job_id for order in self._orders.values())

    def _jobs_listed(self, request: JobRequest) -> list[Job]:
        """Return the jobs of the kind of a request.

        Those of all kinds that are waited for are listed in one call, as many as it takes.
        """
        kind = _kind(request)
        if kind not in self._listed:
            now = self._clock.now()
            with self._lock:
                requests = [request, *(order.request for order in self._waiting)]
            kinds: dict[str, None] = {}
            since = now
            for other in requests:
                made_since = other.made_since(now)
                name = _kind(other)
                if made_since is None or name in self._listed:
                    continue
                if name not in kinds and len(kinds) == MOST_TYPES_LISTED:
                    continue
                kinds[name] = None
                since = min(since, made_since)
            since = max(since, now - LISTED_FOR)
            found: dict[str, list[Job]] = {name: [] for name in kinds}
            parameters = request.listing(since) | {"reportTypes": list(kinds)}
            for job in listed(self._client, self._api, parameters):
                found.setdefault(str(job.get("reportType")), []).append(job)
            self._listed |= found
        return self._listed[kind]

    def _forget_listed(self, request: JobRequest) -> None:
        """List no more what is of no use."""
        self._listed[_kind(request)] = []

    # --- Waiting -------------------------------------------------------------------------------

    def _watch(self, order: Order, job_id: str, job: Job | None = None) -> None:
        """Take in the id of an order's job, and look how far it is from now on."""
        with self._lock:
            order.job_id = job_id
            hearers = tuple(order.hearers)
        # Before anybody can read it: what is read is pending no more.
        for hear in hearers:
            hear(order)
        if job is not None and job.get("processingStatus") not in UNFINISHED_STATUSES:
            order.end(job)
            return
        with self._lock:
            order.since = order.look_at = self._clock.monotonic()
            if not order.was_there:
                order.look_at += self._pace.first
            self._under_way.append(order)
        self._start()

    def _look_at_all(self) -> None:
        """Look how far the jobs are, each when its time comes, until all are over."""
        try:
            while True:
                with self._lock:
                    if not self._under_way:
                        self._looker = None
                        return
                    order = min(self._under_way, key=lambda one: one.look_at)
                self._tell_now_and_then()
                seconds = order.look_at - self._clock.monotonic()
                if seconds > 0:
                    # No longer: one may come that is to be looked at earlier.
                    self._clock.sleep(min(seconds, self._pace.first))
                else:
                    self._look_at_one(order)
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            with self._lock:
                self._looker = None
                lost, self._under_way = self._under_way, []
            for order in lost:
                order.fail(error)

    def _tell_now_and_then(self) -> None:
        """Tell once a minute what is waited for, so that nobody thinks the tap hangs."""
        now = self._clock.monotonic()
        if now - self._told_at < SECONDS_BETWEEN_WORDS:
            return
        self._told_at = now
        with self._lock:
            ages = [now - order.since for order in self._under_way]
        if ages and max(ages) >= SECONDS_BETWEEN_WORDS:
            logger.info(
                "%s still to come: %d, the first of them asked for %.0f seconds ago",
                self._api.noun,
                len(ages),
                max(ages),
            )

    def _look_at_one(self, order: Order) -> None:
        operation = catalogue.operation(self._api.get)
        try:
            job = self._client.send(operation, {self._api.id_name: order.job_id}).body
        except (NotFoundError, InvalidRequestError) as error:
            self._end(order)
            if not order.was_there:
                order.fail(error)
                return
            logger.info("%s %s is there no more", self._api.noun, order.job_id)
            with self._lock:
                order.job_id, order.was_there = None, False
                self._forget_listed(order.request)
                self._waiting.append(order)
            self._start()
            return
        except ServiceError as error:
            order.lost_looks += 1
            if order.lost_looks > MOST_LOST_LOOKS:
                self._end(order)
                order.fail(error)
            else:
                logger.warning(error.sentence(f"Looking again in {self._pace.longest:.0f} seconds"))
                order.look_at = self._clock.monotonic() + self._pace.longest
            return
        except (SellingPartnerError, AuthenticationError) as error:
            self._end(order)
            order.fail(error)
            return
        order.lost_looks = 0
        status = job.get("processingStatus")
        now = self._clock.monotonic()
        waited = now - order.since
        if status not in UNFINISHED_STATUSES:
            self._end(order)
            logger.info(
                "%s %s: %s after %.0f seconds: %s",
                self._api.noun,
                order.job_id,
                status,
                waited,
                order.request.label,
            )
            order.end(job)
        elif waited >= self._timeout:
            self._end(order)
            order.fail(JobUnfinishedError(job, waited))
        else:
            # All of them together are looked at no more often than Amazon allows.
            least = len(self._under_way) / self._client.calls_per_second(operation)
            seconds = max(self._pace.wait(waited), least)
            order.look_at = now + min(seconds, self._timeout - waited)

    def _end(self, order: Order) -> None:
        with self._lock:
            self._under_way.remove(order)


def _kind(request: JobRequest) -> str:
    return str(request.body.get("reportType"))


def _settle(result: Future[T], work: Callable[[], T]) -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - whoever waits for it raises it
        result.set_exception(error)
