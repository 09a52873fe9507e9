"""The operations that Feeds and Reports share: list, get and cancel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.jobs.job import DONE, FATAL, FinishedJob, Job
from tap_amazon_sp.simulator.jobs.queue import JobQueue
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_input


@dataclass(frozen=True)
class JobNames:
    """How the API calls its jobs.

    Attributes:
        api: Name of the API's model.
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


class JobOperations:
    """The operations that Feeds and Reports share: list, get and cancel."""

    def __init__(
        self,
        jobs: JobQueue,
        names: JobNames,
        *,
        is_type: Callable[[str], bool],
        more: Callable[[Job], Mapping[str, Any]] = lambda _: {},
    ) -> None:
        """Serve jobs.

        Args:
            jobs: The jobs.
            names: How the API calls them.
            is_type: Returns whether a text can be a type.
            more: Returns further fields of a job.
        """
        self._jobs = jobs
        self._names = names
        self._is_type = is_type
        self._more = more

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        api, one = self._names.api, self._names.one
        return {
            f"{api}.get{one}s": self.get_all,
            f"{api}.get{one}": self.get_one,
            f"{api}.cancel{one}": self.cancel,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """Return all jobs of an account as they are now."""
        return [self.render(job, now) for job in self._jobs.all(account, now)]

    def take_finished(self, now: float) -> list[FinishedJob]:
        """Return the jobs that ended since the last call."""
        return [
            FinishedJob(account, self.render(job, now), job.ended)
            for account, job in self._jobs.take_finished(now)
        ]

    def render(self, job: Job, now: float) -> dict[str, Any]:
        """Return a job as the API shows it at a moment (epoch seconds)."""
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
        """List jobs; the request needs either types or a page token alone.

        Raises:
            ApiError: 400, it has both or neither, or a type is unknown.
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
            f"{self._names.low}s": [self.render(job.show(call.now), call.now) for job in page.items]
        }
        if page.next_token:
            body["nextToken"] = page.next_token
        return Answer(body)

    def get_one(self, call: Call) -> Answer:
        """Return one job."""
        job_id = call.parameters[f"{self._names.low}Id"]
        job = self._jobs.get(call.account.name, job_id, call.now)
        return Answer(self.render(job.show(call.now), call.now))

    def cancel(self, call: Call) -> Answer:
        """Cancel a job that is still in the queue."""
        self._jobs.cancel(call.account.name, call.parameters[f"{self._names.low}Id"], call.now)
        return Answer(None)

    def check_types(self, types: Sequence[str], name: str) -> None:
        """Refuse texts that cannot be a type.

        Raises:
            ApiError: 400, names the parameter.
        """
        for kind in types:
            if not self._is_type(kind):
                message = f"Invalid value for parameter '{name}': unknown type '{kind}'."
                raise invalid_input(message, details=name)
