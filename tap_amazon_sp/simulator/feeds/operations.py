"""Feeds 2021-06-30: upload a document, have it processed, read the result."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.feeds.results import (
    FeedProblem,
    FeedResult,
    content_type_of_report,
    process_feed,
    processing_report,
)
from tap_amazon_sp.simulator.jobs.context import JobContext
from tap_amazon_sp.simulator.jobs.job import (
    CANCELLED,
    FATAL,
    FATAL_WITHOUT_DOCUMENT,
    FinishedJob,
    Job,
    outcome_of_fault,
)
from tap_amazon_sp.simulator.jobs.operations import JobNames, JobOperations
from tap_amazon_sp.simulator.jobs.queue import JobQueue
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account, Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_parameter
from tap_amazon_sp.simulator.world.durations import Duration
from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE
from tap_amazon_sp.simulator.world.world import PAST_ENDS_BEFORE_START, World

API = "feeds_2021-06-30"

_PAST_FEEDS = 48
_PAST_FEEDS_OF_VENDOR = 6
_PAST_TYPES = (
    "JSON_LISTINGS_FEED",
    "POST_ORDER_FULFILLMENT_DATA",
    "POST_FLAT_FILE_FULFILLMENT_DATA",
    "POST_ORDER_ACKNOWLEDGEMENT_DATA",
    "POST_PAYMENT_ADJUSTMENT_DATA",
    "UPLOAD_VAT_INVOICE",
)
_TYPE = re.compile(r"(POST|UPLOAD)_[A-Z0-9_]+|JSON_LISTINGS_FEED")
_PAST_CANCELLED = 17
_PAST_FATAL = 23
_MAX_PROCESSING = 30 * MINUTE


class Feeds:
    """The operations of Feeds 2021-06-30."""

    def __init__(self, context: JobContext, *, duration: Duration) -> None:
        """Make up past feeds.

        Args:
            context: What the jobs of the seller share.
            duration: How long a feed takes.
        """
        self._documents = context.documents
        self._jobs = JobQueue("feed", context.pager, seed=context.world.seed, duration=duration)
        self._operations = JobOperations(
            self._jobs, JobNames(API, "Feed", "resultFeedDocumentId"), is_type=_is_type
        )
        for account in context.accounts:
            self._add_past(context.world, account)

    def _add_past(self, world: World, account: Account) -> None:
        count = _PAST_FEEDS_OF_VENDOR if account == VENDOR else _PAST_FEEDS
        rng = world.random("past feeds", account.name)
        latest = world.start - PAST_ENDS_BEFORE_START - _MAX_PROCESSING
        moments = sorted(latest - rng.random() * (world.days - 1) * DAY for _ in range(count))
        for number, moment in enumerate(moments):
            kind = _PAST_TYPES[number % len(_PAST_TYPES)]
            where, created = [rng.choice(world.marketplaces).id], int(moment)
            times = created + 20, created + rng.randrange(60, 900)
            job = self._jobs.add(account.name, kind, where, created, times=times)
            messages = rng.randrange(1, 200)
            problems = tuple(
                FeedProblem(at, f"SKU-{at:04d}", "90220", "A required attribute is missing.")
                for at in sorted(rng.sample(range(1, messages + 1), min(messages, number % 3)))
            )
            self._finish(account, job, FeedResult(messages, problems))
            if number == _PAST_CANCELLED:
                job.outcome, job.document_id = CANCELLED, None
            if number == _PAST_FATAL:
                job.outcome, job.document_id = FATAL, None

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            **self._operations.handlers(),
            f"{API}.createFeed": self.create_feed,
            f"{API}.createFeedDocument": self.create_feed_document,
            f"{API}.getFeedDocument": self.get_feed_document,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """Return all feeds of an account as they are now."""
        return self._operations.truth(account, now)

    def take_finished(self, now: float) -> list[FinishedJob]:
        """Return the feeds that ended since the last call."""
        return self._operations.take_finished(now)

    def create_feed_document(self, call: Call) -> Answer:
        """Return a URL to upload a feed to."""
        document = self._documents.add(call.account.name, call.body["contentType"])
        return Answer(
            {
                "feedDocumentId": document.id,
                "url": self._documents.url(document, "PUT", call.origin, call.now),
            }
        )

    def create_feed(self, call: Call) -> Answer:
        """Submit an uploaded feed."""
        body, outcome = call.body, outcome_of_fault(call)
        self._operations.check_types([body["feedType"]], "feedType")
        document = self._documents.get(body["inputFeedDocumentId"], call.account.name)
        if document is None:
            message = "inputFeedDocumentId"
            raise invalid_parameter(message, "there is no such document")
        job = self._jobs.add(
            call.account.name,
            body["feedType"],
            body["marketplaceIds"],
            call.now,
            pace=outcome,
        )
        if document.uploaded is None or outcome in (FATAL, FATAL_WITHOUT_DOCUMENT):
            job.outcome = FATAL
        elif outcome == CANCELLED:
            job.outcome = CANCELLED
        else:
            self._finish(call.account, job, process_feed(job.type, document.uploaded))
        return Answer({"feedId": job.id})

    def get_feed_document(self, call: Call) -> Answer:
        """Return the URL of a document."""
        document = self._documents.called_for(call, "feedDocumentId", "Feed")
        return self._documents.describe(document, call, "feedDocumentId")

    def _finish(self, account: Account, job: Job, result: FeedResult) -> None:
        report = processing_report(job.type, job.id, account.seller_id, result)
        document = self._documents.add(
            account.name,
            content_type_of_report(job.type),
            lambda: report,
            zipped=not job.type.startswith("UPLOAD"),
        )
        job.document_id = document.id
        if result.fatal:
            job.outcome = FATAL


def _is_type(text: str) -> bool:
    return _TYPE.fullmatch(text) is not None
