"""The jobs that Amazon lists, among which one may be used instead of a new one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.jobs.api import JobApi
from tap_amazon_sp.jobs.polling import CANCELLED, FATAL, Job, has_status
from tap_amazon_sp.jobs.requests import MAX_LISTED_AGE, JobRequest

MAX_TYPES_PER_CALL = 10
"""Report types that one call of getReports takes (model `reports_2021-06-30`)."""


def list_jobs(
    client: SellingPartnerClient, api: JobApi, parameters: Mapping[str, Any]
) -> Iterator[Job]:
    """Yield the jobs of a kind that Amazon lists.

    Raises:
        SellingPartnerError: Amazon refused the call, or did not answer.
    """
    for page in client.pages(catalogue.operation(api.list), parameters):
        yield from page


def whole_job(client: SellingPartnerClient, api: JobApi, listed: Job) -> Job:
    """Return a listed job; ask Amazon for it if the list does not say all that it must.

    Raises:
        SellingPartnerError: Amazon does not say how the job is.
    """
    if api.is_whole(listed):
        return listed
    job_id = listed.get(api.id_name)
    if not isinstance(job_id, str) or not job_id:
        message = f"the list has an item without a `{api.id_name}`"
        raise ServiceError(api.list, message=message)
    return api.job(client, job_id)


def newest_usable(jobs: Iterable[Job]) -> Job | None:
    """Return the newest job that has data, or will have; else the newest of all.

    Amazon may have cancelled one because it had made another just before.
    """
    return max(
        jobs,
        key=lambda job: (
            not has_status(job, (CANCELLED, FATAL)),
            str(job.get("createdTime")),
        ),
        default=None,
    )


class JobListings:
    """What Amazon lists for one account, by report type; each type is listed once in a run."""

    def __init__(self, client: SellingPartnerClient, clock: Clock, api: JobApi) -> None:
        """List nothing yet."""
        self._client = client
        self._clock = clock
        self._api = api
        self._listed: dict[str, list[Job]] = {}

    def usable_job(
        self, request: JobRequest, other_requests: Callable[[], Sequence[JobRequest]]
    ) -> Job | None:
        """Return the newest job that can be used; a failed one only if there is no other.

        Args:
            request: The request.
            other_requests: Returns the requests that come later. Their types are listed in the
                same call, up to as many as it takes.

        Raises:
            SellingPartnerError: Amazon refused the call, or did not answer.
        """
        now = self._clock.now()
        if request.reusable_since(now) is None:
            return None
        if _kind(request) not in self._listed:
            self._list([request, *other_requests()])
        return newest_usable(
            job for job in self._listed[_kind(request)] if request.is_met_by(job, now)
        )

    def _list(self, requests: Sequence[JobRequest]) -> None:
        now = self._clock.now()
        since = now
        found: dict[str, list[Job]] = {}
        for request in requests:
            reusable_since, kind = request.reusable_since(now), _kind(request)
            if reusable_since is None or kind in self._listed:
                continue
            if kind in found or len(found) < MAX_TYPES_PER_CALL:
                found.setdefault(kind, [])
                since = min(since, reusable_since)
        since = max(since, now - MAX_LISTED_AGE)
        parameters = requests[0].listing(since) | {"reportTypes": list(found)}
        for job in list_jobs(self._client, self._api, parameters):
            found.setdefault(str(job.get("reportType")), []).append(job)
        self._listed |= found

    def forget(self, request: JobRequest) -> None:
        """Use none of the listed jobs of this request's type any more."""
        self._listed[_kind(request)] = []


def _kind(request: JobRequest) -> str:
    return str(request.body.get("reportType"))
