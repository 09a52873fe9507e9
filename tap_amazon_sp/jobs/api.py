"""Kinds of jobs: reports, Data Kiosk queries and feeds, and the operations of each.

Facts: Amazon's models of Data Kiosk, Feeds and Reports (what a job must have; a query without data
has no document).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.retry import RetryPolicy
from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.jobs.polling import DONE, FATAL, Job, has_status


@dataclass(frozen=True)
class JobApi:
    """What is different between kinds of jobs.

    Attributes:
        create, get, list: The operations.
        id_name: The property with the id of a job.
        noun: The name in messages.
        plural: The name of several in messages.
        document_name: The property with the id of the document that a job made.
        is_document_certain: Whether each job that is `DONE` has made a document.
        error_name: The property with the id of a document that only a failed job has.
        is_cancelled_without_data: Whether Amazon cancels a job that finds no data. Otherwise, only
            a user cancels jobs.
    """

    create: str
    get: str
    list: str
    id_name: str
    noun: str
    plural: str
    document_name: str
    is_document_certain: bool = True
    error_name: str | None = None
    is_cancelled_without_data: bool = True

    def job(
        self, client: SellingPartnerClient, job_id: str, *, retry: RetryPolicy | None = None
    ) -> Job:
        """Return a job as it is now.

        Args:
            client: The client of the account.
            job_id: Amazon's id of the job.
            retry: How often to try, instead of the client's own policy.

        Raises:
            SellingPartnerError: Amazon refused the call, or did not answer with this job.
        """
        answer = client.send(
            catalogue.operation(self.get),
            {self.id_name: job_id},
            check=lambda body: self.check(body, job_id),
            retry=retry,
        )
        job: Job = answer.body
        return job

    def has_failed(self, job: Job) -> bool:
        """Return whether a finished job failed."""
        is_error_told = self.error_name is not None and bool(job.get(self.error_name))
        return is_error_told or has_status(job, (FATAL,))

    def created_id(self, client: SellingPartnerClient, body: Mapping[str, Any]) -> str:
        """Create a job and return its id.

        Raises:
            SellingPartnerError: Amazon refused the call, or did not answer with an id.
        """
        operation = catalogue.operation(self.create)
        answer = client.send(operation, body=body, check=self.check_created)
        return str(answer.body[self.id_name])

    def check_created(self, body: Any) -> None:
        """Check that an answer has the id of a new job.

        Raises:
            ValueError: It has none.
        """
        if not isinstance(body, Mapping) or not is_id(body.get(self.id_name)):
            message = f"it has no `{self.id_name}`"
            raise ValueError(message)

    def is_whole(self, job: Any) -> bool:
        """Return whether this is a job as Amazon describes it; see `check`."""
        return next(self._mistakes_in(job, None), None) is None

    def check(self, job: Any, job_id: str | None = None) -> None:
        """Check that this is a job as Amazon describes it, with what the models require.

        Args:
            job: An answer, or an item of a list.
            job_id: The id of the job, if it is known.

        Raises:
            ValueError: It is none, or another one.
        """
        mistake = next(self._mistakes_in(job, job_id), None)
        if mistake is not None:
            raise ValueError(mistake)

    def _mistakes_in(self, job: Any, job_id: str | None) -> Iterator[str]:
        if not isinstance(job, Mapping):
            yield "it is not an object"
            return
        if not has_status(job):
            yield "it has no `processingStatus`, or an unknown one"
        if not is_id(found := job.get(self.id_name)):
            yield f"it has no `{self.id_name}`"
        elif job_id is not None and found != job_id:
            yield f"it has another `{self.id_name}` than the request"
        if moment_of(job, "createdTime") is None:
            yield "it has no `createdTime`, or not a time there"
        for name in filter(None, (self.document_name, self.error_name)):
            if job.get(name) is not None and not is_id(job[name]):
                yield f"its `{name}` is not an id"
        pagination = job.get("pagination")
        if pagination is not None and not _is_pagination(pagination):
            yield "its `pagination` has no token that is text"
        has_document = job.get(self.document_name) is not None
        if self.is_document_certain and has_status(job, (DONE,)) and not has_document:
            yield f"it is {DONE}, but has no `{self.document_name}`"

    def id_of(self, job: Job) -> str:
        """Return Amazon's id of a job."""
        return str(job.get(self.id_name))

    def label_of(self, job: Job) -> str:
        """Return the name of a job in messages, such as `Report 50001`."""
        return f"{self.noun} {self.id_of(job)}"


REPORTS = JobApi(
    create="reports_2021-06-30.createReport",
    get="reports_2021-06-30.getReport",
    list="reports_2021-06-30.getReports",
    id_name="reportId",
    noun="Report",
    plural="Reports",
    document_name="reportDocumentId",
)

QUERIES = JobApi(
    create="dataKiosk_2023-11-15.createQuery",
    get="dataKiosk_2023-11-15.getQuery",
    list="dataKiosk_2023-11-15.getQueries",
    id_name="queryId",
    noun="Query",
    plural="Queries",
    document_name="dataDocumentId",
    # A query that found nothing has none.
    is_document_certain=False,
    error_name="errorDocumentId",
    # Only cancelQuery cancels one.
    is_cancelled_without_data=False,
)

FEEDS = JobApi(
    create="feeds_2021-06-30.createFeed",
    get="feeds_2021-06-30.getFeed",
    list="feeds_2021-06-30.getFeeds",
    id_name="feedId",
    noun="Feed",
    plural="Feeds",
    document_name="resultFeedDocumentId",
)


def is_id(value: Any) -> bool:
    """Return whether a value can be an id of Amazon's: text that is not empty."""
    return isinstance(value, str) and bool(value)


def _is_pagination(value: Any) -> bool:
    """Return whether this says whether a query has a further page (only queries have pages)."""
    return isinstance(value, Mapping) and isinstance(value.get("nextToken") or "", str)
