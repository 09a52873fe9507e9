"""The queue of jobs: they wait, are processed, and end as done, cancelled or failed.

Source: Amazon's models of Feeds, Reports and Data Kiosk: jobs are kept for 90 days, some for less.
Amazon does not say how many it processes at the same time, or how long that takes; both are
settings here.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Sequence

from tap_amazon_sp.simulator.jobs.job import (
    CANCELLED,
    IN_PROGRESS,
    IN_QUEUE,
    RETENTION,
    SLOW,
    STUCK,
    Job,
)
from tap_amazon_sp.simulator.server.calls import Call
from tap_amazon_sp.simulator.server.errors import invalid_input, not_found
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.durations import Duration, drawn
from tap_amazon_sp.simulator.world.randomness import seeded_random

SECONDS_TO_CANCEL = 10
"""How long a job can be cancelled, even if it is over, as long as no answer has shown that it has
left the queue. At a high speed, it could never be cancelled otherwise. At Amazon, jobs are usually
longer in the queue than that.
"""

_QUEUED_SHARE = 0.25
_SLOWER = 100


class JobQueue:
    """The feeds, reports or queries of all accounts."""

    def __init__(
        self,
        name: str,
        pager: Pager,
        *,
        seed: int,
        duration: Duration,
        at_once: int | None = None,
    ) -> None:
        """Hold no jobs yet.

        Args:
            name: `feed`, `report` or `query`.
            pager: Cuts lists into pages.
            seed: Determines the ids and how long each job takes.
            duration: How long a job takes.
            at_once: Number of jobs of an account that are processed at the same time; None means
                no limit.
        """
        self.name = name
        self.pager = pager
        self._seed = seed
        self._duration = duration
        self._at_once = at_once
        self._jobs: dict[str, dict[str, Job]] = {}
        self._unfinished: list[tuple[str, Job]] = []

    def all(self, account: str, now: float = -math.inf) -> list[Job]:
        """Return the jobs of an account, without those that Amazon has forgotten by a moment."""
        return [job for job in self._jobs.get(account, {}).values() if now - job.created < job.kept]

    def add(  # noqa: PLR0913 - the parts of a job
        self,
        account: str,
        kind: str,
        marketplace_ids: list[str],
        created: float,
        *,
        pace: str | None = None,
        duration: Duration | None = None,
        times: tuple[float, float] | None = None,
    ) -> Job:
        """Add a new job, or one of the past.

        Args:
            account: Name of the account.
            kind: Type of the job.
            marketplace_ids: The marketplaces that it is for.
            created: Epoch seconds.
            pace: `SLOW` takes a hundred times as long, `STUCK` never leaves the queue.
            duration: How long it takes, if not as long as others.
            times: For a job of the past: when it was started and ended, epoch seconds.
        """
        jobs = self._jobs.setdefault(account, {})
        rng = seeded_random(self._seed, self.name, account, len(jobs))
        job_id = str(50_000_000_000 + len(jobs) * 7_919 + rng.randrange(7_919)) + "020599"[-4:]
        seconds = drawn(self._duration if duration is None else duration, rng.random())
        seconds *= _SLOWER if pace == SLOW else 1
        waits = math.inf if pace == STUCK else seconds * _QUEUED_SHARE
        job = Job(
            id=job_id,
            type=kind,
            marketplace_ids=marketplace_ids,
            created=created,
            waits=waits,
            works=seconds * (1 - _QUEUED_SHARE),
            started=created + waits,
            ended=created + (math.inf if pace == STUCK else seconds),
        )
        jobs[job.id] = job
        if times is None:
            self._unfinished.append((account, job))
            self._schedule(account, created)
        else:
            job.started, job.ended = times
        return job

    def take_finished(self, now: float) -> list[tuple[str, Job]]:
        """Return the jobs that ended since the last call, each with the name of its account."""
        finished = [one for one in self._unfinished if one[1].is_over(now)]
        for _, job in finished:
            job.show(now)
        self._unfinished = [one for one in self._unfinished if not one[1].is_over(now)]
        return finished

    def _schedule(self, account: str, now: float) -> None:
        """Determine when the jobs in the queue begin, given the limit of simultaneous jobs."""
        if self._at_once is None:
            return
        jobs = self._jobs[account].values()
        busy = [job.ended for job in jobs if job.status(now) == IN_PROGRESS]
        heapq.heapify(busy)
        for job in jobs:
            if job.status(now) != IN_QUEUE or math.isinf(job.waits):
                continue
            free = heapq.heappop(busy) if len(busy) >= self._at_once else now
            job.started = max(job.created + job.waits, free)
            job.ended = job.started + job.works
            heapq.heappush(busy, job.ended)

    def get(self, account: str, job_id: str, now: float = -math.inf) -> Job:
        """Return a job.

        Raises:
            ApiError: 404, there is no such job, or Amazon has forgotten it.
        """
        job = self._jobs.get(account, {}).get(job_id)
        if job is None or now - job.created >= job.kept:
            message = f"{self.name.capitalize()} {job_id}"
            raise not_found(message)
        return job

    def cancel(self, account: str, job_id: str, now: float, also: Sequence[str] = ()) -> None:
        """Cancel a job.

        Args:
            account: Name of the account.
            job_id: Id of the job.
            now: Epoch seconds.
            also: Statuses besides `IN_QUEUE` in which the job can be cancelled.

        Raises:
            ApiError: 404, there is no such job; 400, it is too late to cancel it.
        """
        job = self.get(account, job_id, now)
        can = (IN_QUEUE, *also)
        is_early = now < job.created + SECONDS_TO_CANCEL and job.shown in can
        if job.status(now) not in can and not is_early:
            message = (
                f"Only a {self.name} with processingStatus={' or '.join(can)} can be cancelled."
            )
            raise invalid_input(message)
        job.started = job.ended = now
        job.outcome, job.document_id, job.shown = CANCELLED, None, CANCELLED
        self._schedule(account, now)

    def find(self, call: Call, wanted: Callable[[Job], bool]) -> list[Job]:
        """Return the jobs that a list operation asks for, unsorted.

        Args:
            call: The call, with `createdSince`, `createdUntil`, `processingStatuses` and
                `marketplaceIds`.
            wanted: Further condition.
        """
        since = max(call.times.get("createdSince", 0.0), call.now - RETENTION)
        until = call.times.get("createdUntil", call.now)
        statuses = call.parameters.get("processingStatuses")
        marketplaces = call.parameters.get("marketplaceIds")
        found = [
            job
            for job in self.all(call.account.name, call.now)
            # Records show whole seconds, so the filters look at whole seconds.
            if since <= int(job.created) <= until
            and wanted(job)
            and (statuses is None or job.status(call.now) in statuses)
            and (marketplaces is None or {*marketplaces} & {*job.marketplace_ids})
        ]
        seeded_random(self._seed, "disorder", self.name, len(found)).shuffle(found)
        return found
