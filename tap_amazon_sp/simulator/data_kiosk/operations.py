"""Data Kiosk 2023-11-15: submit a query in GraphQL, wait, download lines of JSON.

Source: Amazon's model and its page "Data Kiosk Use Case Guide". A query that is DONE without a
document found nothing. If the results do not fit into one document, the same query with a token
submits the next part. Queries are kept as long as their fields say: 30 days for all fields. The
number of queries for a dataset that an account may run at the same time is limited; Amazon
documents neither the number nor the error (here 429), nor the form of the error document.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.data_kiosk.economics import SellerFigures
from tap_amazon_sp.simulator.data_kiosk.graphql import GraphqlError, parse
from tap_amazon_sp.simulator.data_kiosk.results import QueryResult
from tap_amazon_sp.simulator.jobs.context import JobContext
from tap_amazon_sp.simulator.jobs.job import (
    CANCELLED,
    DONE,
    FATAL,
    FATAL_WITHOUT_DOCUMENT,
    IN_PROGRESS,
    FinishedJob,
    Job,
    outcome_of_fault,
)
from tap_amazon_sp.simulator.jobs.queue import JobQueue
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account, Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_input, invalid_parameter, quota_exceeded
from tap_amazon_sp.simulator.world.durations import Duration
from tap_amazon_sp.simulator.world.periods import day_of
from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE

API = "dataKiosk_2023-11-15"

_MAX_QUERY = 8000
_KEPT = 30 * DAY
_PAST_DAYS = 28
_PAST_FATAL = 7
_INTERNAL_ERROR = "An internal error has occurred while the query was processed."
_BY_DATE = (
    'query {{ analytics_salesAndTraffic_2024_04_24 {{ salesAndTrafficByDate(startDate: "{start}", '
    'endDate: "{end}", aggregateBy: DAY, marketplaceIds: ["{marketplace}"]) {{ startDate endDate '
    "marketplaceId sales {{ unitsOrdered orderedProductSales {{ amount currencyCode }} }} "
    "traffic {{ sessions pageViews }} }} }} }}"
)
_ECONOMICS = (
    'query {{ analytics_economics_2024_03_15 {{ economics(startDate: "{start}", endDate: "{end}", '
    'marketplaceIds: ["{marketplace}"], aggregateBy: {{ date: DAY, productId: MSKU }}) {{ '
    "startDate endDate marketplaceId msku sales {{ unitsOrdered netUnitsSold }} }} }} }}"
)
_OF_VENDOR = (
    "query {{ analytics_vendorAnalytics_2024_09_30 {{ manufacturingView("
    'startDate: "{start}", endDate: "{end}", aggregateBy: DAY) {{ startDate endDate marketplaceId '
    "}} }} }}"
)


@dataclass(frozen=True)
class _Page:
    """The page of a query that a token stands for."""

    account: str
    query: str
    number: int


@dataclass(frozen=True)
class QueryLimits:
    """How long queries take, and how many rows and queries there can be.

    Attributes:
        duration: How long a query takes.
        page_rows: Rows in a document.
        at_once: Number of queries for a dataset that may run at the same time.
    """

    duration: Duration
    page_rows: int
    at_once: int


class DataKiosk:
    """The operations of Data Kiosk 2023-11-15."""

    def __init__(
        self,
        context: JobContext,
        figures: SellerFigures,
        *,
        count: int,
        limits: QueryLimits,
    ) -> None:
        """Make up past queries.

        Args:
            context: What the jobs of the seller share.
            figures: What figures of the seller follow from.
            count: Number of past queries of an account.
            limits: How long queries take, and how many rows and queries there can be.
        """
        self._world = context.world
        self._figures = figures
        self._documents = context.documents
        self._pager = context.pager
        self._jobs = JobQueue(
            "query", context.pager, seed=context.world.seed, duration=limits.duration
        )
        self._page_rows = limits.page_rows
        self._at_once = limits.at_once
        self._pages: dict[str, _Page] = {}
        self._rng = context.world.random("data kiosk")
        for account in context.accounts:
            for number in range(count):
                age = int((count - number) * _PAST_DAYS * DAY / count)
                self._add_past(account, context.world.end_of_past - age, number)

    def _add_past(self, account: Account, moment: int, number: int) -> None:
        # Queries over 90 days have more than one page of rows.
        template, days = (_BY_DATE, 7) if number % 2 else (_ECONOMICS, 90)
        if account == VENDOR:
            template, days = _OF_VENDOR, 7
        day = day_of(moment)
        text = template.format(
            start=day - dt.timedelta(days=days),
            end=day,
            marketplace=self._world.marketplaces[0].id,
        )
        job = self._add(account, text, moment, times=(moment + 20, moment + 2 * MINUTE))
        self._finish(account, job, 0, FATAL if number % 10 == _PAST_FATAL else None)

    def _add(
        self,
        account: Account,
        text: str,
        moment: float,
        *,
        pace: str | None = None,
        times: tuple[float, float] | None = None,
    ) -> Job:
        dataset, _ = parse(text)
        job = self._jobs.add(account.name, dataset, [], moment, pace=pace, times=times)
        job.kept = _KEPT
        job.specification = {"query": text}
        return job

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.getQueries": self.get_queries,
            f"{API}.createQuery": self.create_query,
            f"{API}.getQuery": self.get_query,
            f"{API}.cancelQuery": self.cancel_query,
            f"{API}.getDocument": self.get_document,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """Return all queries of an account as they are now."""
        return [_render(job, now) for job in self._jobs.all(account, now)]

    def take_finished(self, now: float) -> list[FinishedJob]:
        """Return the queries that ended since the last call."""
        return [
            FinishedJob(account, _render(job, now), job.ended)
            for account, job in self._jobs.take_finished(now)
        ]

    def get_queries(self, call: Call) -> Answer:
        """List queries."""
        page = self._pager.page(
            call,
            call.parameters["pageSize"],
            lambda: self._jobs.find(call, lambda _: True),
            free=("pageSize",),
        )
        body: dict[str, Any] = {
            "queries": [_render(job.show(call.now), call.now) for job in page.items]
        }
        if page.next_token:
            body["pagination"] = {"nextToken": page.next_token}
        return Answer(body)

    def get_query(self, call: Call) -> Answer:
        """Return one query."""
        job = self._jobs.get(call.account.name, call.parameters["queryId"], call.now)
        return Answer(_render(job.show(call.now), call.now))

    def cancel_query(self, call: Call) -> Answer:
        """Cancel a query that has not ended; a cancelled query stays cancelled."""
        account, query_id = call.account.name, call.parameters["queryId"]
        if self._jobs.get(account, query_id, call.now).status(call.now) != CANCELLED:
            self._jobs.cancel(account, query_id, call.now, also=(IN_PROGRESS,))
        return Answer(None)

    def create_query(self, call: Call) -> Answer:
        """Submit a query."""
        text, token = call.body["query"], call.body.get("paginationToken")
        if len(re.sub(r"\s+", " ", text).strip()) > _MAX_QUERY:
            message = "query"
            raise invalid_parameter(message, f"it has more than {_MAX_QUERY} characters")
        try:
            dataset, _ = parse(text)
        except GraphqlError as error:
            message = f"Invalid query: {error}."
            raise invalid_input(message, details="query") from None
        number = 0
        if token is not None:
            page = self._pages.get(token)
            if page is None or (page.account, page.query) != (call.account.name, text):
                message = "paginationToken"
                raise invalid_parameter(message, "it is not of this query")
            number = page.number
        running = [
            job
            for job in self._jobs.all(call.account.name, call.now)
            if job.type == dataset and not job.is_over(call.now)
        ]
        if len(running) >= self._at_once:
            raise quota_exceeded()
        outcome = outcome_of_fault(call)
        job = self._add(call.account, text, call.now, pace=outcome)
        self._finish(call.account, job, number, outcome)
        return Answer({"queryId": job.id})

    def get_document(self, call: Call) -> Answer:
        """Return the URL of a document; zipped documents come with `Content-Encoding: gzip`."""
        document = self._documents.called_for(call, "documentId", "Data Kiosk")
        url = self._documents.url(document, "GET", call.origin, call.now, unzips=True)
        return Answer({"documentId": document.id, "documentUrl": url})

    def _finish(self, account: Account, job: Job, page: int, wanted: str | None) -> None:
        """Decide how a query ends, and attach its document."""
        text = job.specification["query"]
        if wanted in (CANCELLED, FATAL_WITHOUT_DOCUMENT):
            job.outcome = CANCELLED if wanted == CANCELLED else FATAL
            return
        dataset, selection = parse(text)
        result = QueryResult(self._figures, dataset, selection, now=job.created)
        problem = _INTERNAL_ERROR if wanted == FATAL else result.problem
        if problem is not None:
            job.outcome = FATAL
            why = json.dumps({"errors": [{"message": problem}]}).encode()
            job.document_id = self._documents.add(account.name, "application/json", lambda: why).id
            return
        start, stop = page * self._page_rows, (page + 1) * self._page_rows
        if start >= result.count:
            return
        job.document_id = self._documents.add(
            account.name, "application/jsonl", lambda: result.lines(start, stop), zipped=True
        ).id
        if stop < result.count:
            token = f"{self._rng.getrandbits(256):064x}"
            self._pages[token] = _Page(account.name, text, page + 1)
            job.specification["nextToken"] = token


def _render(job: Job, now: float) -> dict[str, Any]:
    """Return a query as the API shows it."""
    status = job.status(now)
    record: dict[str, Any] = {
        "queryId": job.id,
        "query": job.specification["query"],
        "processingStatus": status,
        **job.times(now),
    }
    if status in (DONE, FATAL) and job.document_id is not None:
        record["dataDocumentId" if status == DONE else "errorDocumentId"] = job.document_id
    if status == DONE and "nextToken" in job.specification:
        record["pagination"] = {"nextToken": job.specification["nextToken"]}
    return record
