"""Feeds, reports and queries are jobs: queued, worked on, then done, cancelled or failed.

Facts: Amazon's models of Feeds, Reports and Data Kiosk. 90 days are kept, unless something is kept
shorter. How many are worked on at once, and how long that takes, Amazon does not say: both can be
set.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_input, not_found
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import DAY, iso_with_offset

RETENTION = 90 * DAY

IN_QUEUE = "IN_QUEUE"
IN_PROGRESS = "IN_PROGRESS"
DONE = "DONE"
CANCELLED = "CANCELLED"
FATAL = "FATAL"

# What a fault wants of a job besides `FATAL` and `CANCELLED`.
FATAL_WITHOUT_DOCUMENT = "FATAL without document"
SLOW = "slow"
STUCK = "stuck"

Duration = float | tuple[float, float]
"""Seconds: the least and the most, or a number for from half of it to one and a half times it."""

_QUEUED_SHARE = 0.25
_SLOWER = 100


def scaled(duration: Duration, speed: float) -> Duration:
    """A duration at a speed."""
    if isinstance(duration, tuple):
        return duration[0] / speed, duration[1] / speed
    return duration / speed


def drawn(duration: Duration, luck: float) -> float:
    """Seconds out of a duration, by a number from 0 to 1."""
    least, most = duration if isinstance(duration, tuple) else (duration / 2, duration * 1.5)
    return least + (most - least) * luck


@dataclass
class Job:
    """A feed, a report or a query; times are epoch seconds.

    Attributes:
        id: Amazon's id, unique for one account.
        type: Feed or report type; what is asked in a query.
        marketplace_ids: What it is for; empty where it does not say.
        created: When it was created.
        waits: Seconds it is in the queue even if nothing else is to be done.
        works: Seconds that the work takes.
        started: When work on it begins.
        ended: When it is over.
        outcome: `DONE`, `CANCELLED` or `FATAL`.
        document_id: What comes out of it.
        specification: What it was created with.
        kept: Seconds after which it is gone.
    """

    id: str
    type: str
    marketplace_ids: list[str]
    created: float
    waits: float
    works: float
    started: float
    ended: float
    outcome: str = DONE
    document_id: str | None = None
    specification: dict[str, Any] = field(default_factory=dict)
    kept: float = RETENTION

    def status(self, now: float) -> str:
        """Processing status at a moment."""
        if now >= self.ended:
            return self.outcome
        return IN_PROGRESS if now >= self.started else IN_QUEUE

    def is_over(self, now: float) -> bool:
        """Whether nothing will change any more."""
        return now >= self.ended

    def times(self, now: float) -> dict[str, str]:
        """When it was created, started and ended, as far as that can be told."""
        status = self.status(now)
        known = {"createdTime": iso_with_offset(self.created)}
        if status not in (IN_QUEUE, CANCELLED):
            known["processingStartTime"] = iso_with_offset(self.started)
        if self.is_over(now):
            known["processingEndTime"] = iso_with_offset(self.ended)
        return known


class Jobs:
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
            pager: Makes pages.
            seed: Decides ids and how long each takes.
            duration: How long one takes.
            at_once: How many of an account are worked on at the same time; None is all.
        """
        self.name = name
        self.pager = pager
        self._seed = seed
        self._duration = duration
        self._at_once = at_once
        self._jobs: dict[str, dict[str, Job]] = {}

    def all(self, account: str, now: float = -math.inf) -> list[Job]:
        """All jobs of an account, without those that were too long ago at a moment."""
        return [job for job in self._jobs.get(account, {}).values() if now - job.created < job.kept]

    def add(  # noqa: PLR0913 - what a job is made of
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
        """Create a job that will be done after a while, or one of the past.

        Args:
            account: Whose.
            kind: Its type.
            marketplace_ids: What it is for.
            created: Epoch seconds.
            pace: `slow` takes a hundred times as long, `stuck` never leaves the queue.
            duration: How long it takes, where it is not as others.
            times: When one of the past was started and ended, epoch seconds.
        """
        jobs = self._jobs.setdefault(account, {})
        luck = chance(self._seed, self.name, account, len(jobs))
        job_id = str(50_000_000_000 + len(jobs) * 7_919 + luck.randrange(7_919)) + "020599"[-4:]
        seconds = drawn(self._duration if duration is None else duration, luck.random())
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
            self._queue(account, created)
        else:
            job.started, job.ended = times
        return job

    def _queue(self, account: str, now: float) -> None:
        """Say when those in the queue begin, as only so many are worked on at once."""
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
            ApiError: 404, there is none, or it was too long ago.
        """
        job = self._jobs.get(account, {}).get(job_id)
        if job is None or now - job.created >= job.kept:
            message = f"{self.name.capitalize()} {job_id}"
            raise not_found(message)
        return job

    def cancel(self, account: str, job_id: str, now: float, also: Sequence[str] = ()) -> None:
        """Cancel a job.

        Args:
            account: Whose.
            job_id: Its id.
            now: Epoch seconds.
            also: Statuses in which it can be cancelled besides `IN_QUEUE`.

        Raises:
            ApiError: 404, or 400 if it cannot be cancelled any more.
        """
        job = self.get(account, job_id, now)
        can = (IN_QUEUE, *also)
        if job.status(now) not in can:
            message = (
                f"Only a {self.name} with processingStatus={' or '.join(can)} can be cancelled."
            )
            raise invalid_input(message)
        job.started = job.ended = now
        job.outcome, job.document_id = CANCELLED, None
        self._queue(account, now)

    def find(self, call: Call, wanted: Callable[[Job], bool]) -> list[Job]:
        """Jobs that a list operation asks for, in no order.

        Args:
            call: Its `createdSince`, `createdUntil`, `processingStatuses` and `marketplaceIds`
                count.
            wanted: What else they must be.
        """
        since = max(call.times.get("createdSince", 0.0), call.now - RETENTION)
        until = call.times.get("createdUntil", call.now)
        statuses = call.parameters.get("processingStatuses")
        marketplaces = call.parameters.get("marketplaceIds")
        found = [
            job
            for job in self.all(call.account.name, call.now)
            # Shown times are whole seconds, so the filters see whole seconds.
            if since <= int(job.created) <= until
            and wanted(job)
            and (statuses is None or job.status(call.now) in statuses)
            and (marketplaces is None or {*marketplaces} & {*job.marketplace_ids})
        ]
        chance(self._seed, "disorder", self.name, len(found)).shuffle(found)
        return found


@dataclass(frozen=True)
class JobNames:
    """What feeds, or reports, are called in the API.

    Attributes:
        api: Stem of the model's name.
        one: `Feed` or `Report`.
        document: Name of the property with the document's id.
    """

    api: str
    one: str
    document: str

    @property
    def low(self) -> str:
        """`feed` or `report`."""
        return self.one.lower()


class TypedJobs:
    """The operations that Feeds and Reports share: list, get and cancel."""

    def __init__(
        self,
        jobs: Jobs,
        names: JobNames,
        *,
        is_type: Callable[[str], bool],
        more: Callable[[Job], Mapping[str, Any]] = lambda _: {},
    ) -> None:
        """Serve jobs.

        Args:
            jobs: The jobs.
            names: What they are called.
            is_type: Whether something can be a type.
            more: What else the API shows of a job.
        """
        self._jobs = jobs
        self._names = names
        self._is_type = is_type
        self._more = more

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by operation id."""
        api, one = self._names.api, self._names.one
        return {
            f"{api}.get{one}s": self.get_all,
            f"{api}.get{one}": self.get_one,
            f"{api}.cancel{one}": self.cancel,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """All jobs of an account as they are now."""
        return [self.render(job, now) for job in self._jobs.all(account, now)]

    def render(self, job: Job, now: float) -> dict[str, Any]:
        """The job as Amazon writes it at a moment (epoch seconds)."""
        status = job.status(now)
        record: dict[str, Any] = {
            f"{self._names.low}Id": job.id,
            f"{self._names.low}Type": job.type,
            "marketplaceIds": job.marketplace_ids,
            "processingStatus": status,
            **job.times(now),
            **self._more(job),
        }
        if status in (DONE, FATAL) and job.document_id:
            record[self._names.document] = job.document_id
        return record

    def get_all(self, call: Call) -> Answer:
        """List jobs; a page token must come alone, else types must be given.

        Raises:
            ApiError: 400.
        """
        types_name = f"{self._names.low}Types"
        types = call.parameters.get(types_name, ())
        self.check_types(types, types_name)
        if "nextToken" in call.given and len(call.given) > 1:
            others = ", ".join(sorted(call.given - {"nextToken"}))
            message = f"'nextToken' must be the only parameter; it came with {others}."
            raise invalid_input(message, details="nextToken")
        if not {"nextToken", types_name} & call.given:
            message = f"Either '{types_name}' or 'nextToken' is required."
            raise invalid_input(message, details=types_name)
        page = self._jobs.pager.page(
            call,
            call.parameters["pageSize"],
            lambda: self._jobs.find(call, lambda job: job.type in types),
            alone=True,
        )
        body: dict[str, Any] = {
            f"{self._names.low}s": [self.render(job, call.now) for job in page.items]
        }
        if page.next_token:
            body["nextToken"] = page.next_token
        return Answer(body)

    def get_one(self, call: Call) -> Answer:
        """Give one job."""
        job_id = call.parameters[f"{self._names.low}Id"]
        return Answer(self.render(self._jobs.get(call.account.name, job_id, call.now), call.now))

    def cancel(self, call: Call) -> Answer:
        """Cancel a job that is still in the queue."""
        self._jobs.cancel(call.account.name, call.parameters[f"{self._names.low}Id"], call.now)
        return Answer(None)

    def check_types(self, types: Sequence[str], name: str) -> None:
        """Refuse what cannot be a type.

        Raises:
            ApiError: 400, naming the parameter.
        """
        for kind in types:
            if not self._is_type(kind):
                message = f"Invalid value for parameter '{name}': unknown type '{kind}'."
                raise invalid_input(message, details=name)
