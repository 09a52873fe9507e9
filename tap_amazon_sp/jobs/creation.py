"""Creating a report or query once, even if Amazon's answer is lost."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable

from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.amazon.retry import SUBMISSION_UNANSWERED
from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.jobs.api import JobApi
from tap_amazon_sp.jobs.listing import list_jobs
from tap_amazon_sp.jobs.requests import MAX_LISTED_AGE, JobRequest
from tap_amazon_sp.jobs.submission import Submission

logger = logging.getLogger(__name__)

MAX_SUBMISSION_TRIES = SUBMISSION_UNANSWERED.max_tries
MAX_CLOCK_DIFFERENCE = dt.timedelta(minutes=1)
"""How far Amazon's clock may be behind this one."""
WAIT_BEFORE_LISTING = SUBMISSION_UNANSWERED.first_wait
"""Seconds after which a job is listed whose submission was not answered."""


class JobCreation:
    """Creates the jobs of one kind for one account."""

    def __init__(
        self,
        client: SellingPartnerClient,
        clock: Clock,
        api: JobApi,
        *,
        is_free: Callable[[str], bool],
        on_unanswered: Callable[[Submission, dt.datetime], object],
    ) -> None:
        """Create nothing yet.

        Args:
            client: The client of the account.
            clock: The source of time.
            api: The operations of the jobs.
            is_free: Returns whether the job with an id belongs to no submission yet.
            on_unanswered: Called with a submission without an answer, and a time before it.
        """
        self._client = client
        self._clock = clock
        self._api = api
        self._is_free = is_free
        self._on_unanswered = on_unanswered

    def create(self, submission: Submission) -> str:
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
                self._on_unanswered(submission, began_at)
                if tries == MAX_SUBMISSION_TRIES:
                    raise
                logger.warning(error.sentence("Checking whether Amazon received the request"))
            self._clock.sleep(WAIT_BEFORE_LISTING)
            created = self._created_since(request, began_at)
            if created is not None:
                return created
        raise AssertionError

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
