"""Feeds and reports are jobs: queued, worked on, then done, cancelled or failed.

Facts: Amazon's models of Feeds and Reports. Only what is `IN_QUEUE` can be cancelled; 90 days are
kept; a page token must come alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.calls import Call
from tap_amazon_sp.simulator.errors import invalid_input, not_found
from tap_amazon_sp.simulator.paging import Page, Pager
from tap_amazon_sp.simulator.randomness import chance
from tap_amazon_sp.simulator.timestamps import DAY, iso_with_offset

RETENTION = 90 * DAY

IN_QUEUE = "IN_QUEUE"
IN_PROGRESS = "IN_PROGRESS"
DONE = "DONE"
CANCELLED = "CANCELLED"
FATAL = "FATAL"

_QUEUED_SHARE = 0.25


@dataclass
class Job:
    """A feed or report; times are epoch seconds.

    Attributes:
        id: Amazon's id, unique for one account.
        type: Feed or report type.
        marketplace_ids: What it is for.
        created: When it was created.
        started: When work on it begins.
        ended: When it is over.
        outcome: `DONE`, `CANCELLED` or `FATAL`.
        document_id: What comes out of it.
        specification: What it was created with.
    """

    id: str
    type: str
    marketplace_ids: list[str]
    created: float
    started: float
    ended: float
    outcome: str = DONE
    document_id: str | None = None
    specification: dict[str, Any] = field(default_factory=dict)

    def status(self, now: float) -> str:
        """Processing status at a moment."""
        if now >= self.ended:
            return self.outcome
        return IN_PROGRESS if now >= self.started else IN_QUEUE

    def render(self, now: float, id_name: str, type_name: str, document: str) -> dict[str, Any]:
        """The job as Amazon writes it.

        Args:
            now: Epoch seconds.
            id_name: `feedId` or `reportId`.
            type_name: `feedType` or `reportType`.
            document: Name of the document's id.
        """
        status = self.status(now)
        record: dict[str, Any] = {
            id_name: self.id,
            type_name: self.type,
            "marketplaceIds": self.marketplace_ids,
            "createdTime": iso_with_offset(self.created),
            "processingStatus": status,
        }
        if status not in (IN_QUEUE, CANCELLED):
            record["processingStartTime"] = iso_with_offset(self.started)
        if status not in (IN_QUEUE, IN_PROGRESS):
            record["processingEndTime"] = iso_with_offset(self.ended)
        if status in (DONE, FATAL) and self.document_id:
            record[document] = self.document_id
        return record


class Jobs:
    """The feeds, or the reports, of all accounts."""

    def __init__(self, name: str, pager: Pager, *, seed: int, duration: float) -> None:
        """Hold no jobs yet.

        Args:
            name: `feed` or `report`.
            pager: Makes pages.
            seed: Decides ids and how long each takes.
            duration: Seconds that one takes, about.
        """
        self._name = name
        self._pager = pager
        self._seed = seed
        self._duration = duration
        self._jobs: dict[str, dict[str, Job]] = {}

    def all(self, account: str) -> list[Job]:
        """All jobs of an account."""
        return list(self._jobs.get(account, {}).values())

    def add(
        self,
        account: str,
        kind: str,
        marketplace_ids: list[str],
        created: float,
        *,
        slow: bool = False,
    ) -> Job:
        """Create a job that will be done after a while."""
        jobs = self._jobs.setdefault(account, {})
        luck = chance(self._seed, self._name, account, len(jobs))
        job_id = str(50_000_000_000 + len(jobs) * 7_919 + luck.randrange(7_919)) + "020599"[-4:]
        duration = self._duration * (0.5 + luck.random()) * (100 if slow else 1)
        job = Job(
            id=job_id,
            type=kind,
            marketplace_ids=marketplace_ids,
            created=created,
            started=created + duration * _QUEUED_SHARE,
            ended=created + duration,
        )
        jobs[job.id] = job
        return job

    def get(self, account: str, job_id: str) -> Job:
        """Return a job.

        Raises:
            ApiError: 404.
        """
        job = self._jobs.get(account, {}).get(job_id)
        if job is None:
            message = f"{self._name.capitalize()} {job_id}"
            raise not_found(message)
        return job

    def cancel(self, account: str, job_id: str, now: float) -> None:
        """Cancel a job.

        Raises:
            ApiError: 404, or 400 if it is no longer in the queue.
        """
        job = self.get(account, job_id)
        if job.status(now) != IN_QUEUE:
            message = f"Only a {self._name} with processingStatus=IN_QUEUE can be cancelled."
            raise invalid_input(message)
        job.started = job.ended = now
        job.outcome, job.document_id = CANCELLED, None

    def page(self, call: Call, types_name: str) -> Page[Job]:
        """Return the page of jobs a list operation asks for.

        Args:
            call: The call of the list operation.
            types_name: `feedTypes` or `reportTypes`.

        Raises:
            ApiError: 400, neither types nor a token, or a token that does not come alone.
        """
        if "nextToken" in call.given and len(call.given) > 1:
            others = ", ".join(sorted(call.given - {"nextToken"}))
            message = f"'nextToken' must be the only parameter; it came with {others}."
            raise invalid_input(message, details="nextToken")
        if not {"nextToken", types_name} & call.given:
            message = f"Either '{types_name}' or 'nextToken' is required."
            raise invalid_input(message, details=types_name)
        return self._pager.page(
            call,
            call.parameters["pageSize"],
            lambda: self._find(call, call.parameters[types_name]),
            alone=True,
        )

    def _find(self, call: Call, types: Sequence[str]) -> list[Job]:
        since = max(call.times.get("createdSince", 0.0), call.now - RETENTION)
        until = call.times.get("createdUntil", call.now)
        statuses = call.parameters.get("processingStatuses")
        marketplaces = call.parameters.get("marketplaceIds")
        found = [
            job
            for job in self.all(call.account.name)
            # Shown times are whole seconds, so the filters see whole seconds.
            if since <= int(job.created) <= until
            and job.type in types
            and (statuses is None or job.status(call.now) in statuses)
            and (marketplaces is None or {*marketplaces} & {*job.marketplace_ids})
        ]
        chance(self._seed, "disorder", self._name, len(found)).shuffle(found)
        return found


def check_types(types: Sequence[str], known: Callable[[str], bool], name: str) -> None:
    """Refuse types that Amazon does not know.

    Raises:
        ApiError: 400.
    """
    for kind in types:
        if not known(kind):
            message = f"Invalid value for parameter '{name}': unknown type '{kind}'."
            raise invalid_input(message, details=name)
