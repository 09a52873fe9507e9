"""Data Kiosk 2023-11-15: ask in GraphQL, wait, download lines of JSON.

Facts: Amazon's model and its page "Data Kiosk Use Case Guide": what is done without documents found
nothing; more results than fit into a document are asked for with the same query and a token; what
was asked is kept as long as its fields say (30 days, all of them); so many queries of a data set
may be on their way for an account, a number that Amazon does not tell, nor what it answers to one
more (here 429). The form of the error document is not documented either.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.data_kiosk.graphql import GraphqlError, parse
from tap_amazon_sp.simulator.data_kiosk.results import QueryResult
from tap_amazon_sp.simulator.documents.storage import Documents
from tap_amazon_sp.simulator.jobs.jobs import (
    CANCELLED,
    DONE,
    FATAL,
    FATAL_WITHOUT_DOCUMENT,
    IN_PROGRESS,
    Duration,
    Job,
    Jobs,
)
from tap_amazon_sp.simulator.orders.history import PAST_ENDS_BEFORE_START
from tap_amazon_sp.simulator.reports.types import day_of
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account, Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import invalid_input, invalid_parameter, quota_exceeded
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.world.products import make_products
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE

API = "dataKiosk_2023-11-15"

_LONGEST_QUERY = 8000
_KEPT = 30 * DAY
_PAST_DAYS = 28
_PAST_FATAL = 7
_WHY_FATAL = "An internal error has occurred while the query was processed."
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
    """Where a token leads: the next page of whose query."""

    account: str
    query: str
    number: int


class DataKiosk:
    """The operations of Data Kiosk 2023-11-15."""

    def __init__(  # noqa: PLR0913 - what the world is made of
        self,
        pager: Pager,
        documents: Documents,
        accounts: Sequence[Account],
        *,
        seed: int,
        region: str,
        start: float,
        count: int,
        duration: Duration,
        page_rows: int,
        at_once: int,
    ) -> None:
        """Make up past queries.

        Args:
            pager: Makes pages.
            documents: Where documents are stored.
            accounts: Whose queries.
            seed: Another seed is another past.
            region: Whose marketplaces.
            start: Epoch seconds.
            count: How many queries of an account there were.
            duration: How long a query takes.
            page_rows: Rows in a document.
            at_once: How many queries of a data set may be on their way.
        """
        self._documents = documents
        self._pager = pager
        self._seed = seed
        self._jobs = Jobs("query", pager, seed=seed, duration=duration)
        self._page_rows = page_rows
        self._at_once = at_once
        self._marketplaces = {market.id: market for market in MARKETPLACES[region]}
        self._products = make_products(seed, region)
        self._pages: dict[str, _Page] = {}
        self._luck = chance(seed, "data kiosk")
        end = int(start) - PAST_ENDS_BEFORE_START
        for account in accounts:
            for number in range(count):
                self._add_past(
                    account, end - int((count - number) * _PAST_DAYS * DAY / count), number
                )

    def _add_past(self, account: Account, moment: int, number: int) -> None:
        # The longest ones have more than a page of rows.
        template, days = (_BY_DATE, 7) if number % 2 else (_ECONOMICS, 90)
        if account == VENDOR:
            template, days = _OF_VENDOR, 7
        day = day_of(moment)
        text = template.format(
            start=day - dt.timedelta(days=days), end=day, marketplace=next(iter(self._marketplaces))
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
        data_set, _ = parse(text)
        job = self._jobs.add(account.name, data_set, [], moment, pace=pace, times=times)
        job.kept = _KEPT
        job.specification = {"query": text}
        return job

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by operation id."""
        return {
            f"{API}.getQueries": self.get_queries,
            f"{API}.createQuery": self.create_query,
            f"{API}.getQuery": self.get_query,
            f"{API}.cancelQuery": self.cancel_query,
            f"{API}.getDocument": self.get_document,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """All queries of an account as they are now."""
        return [_render(job, now) for job in self._jobs.all(account, now)]

    def get_queries(self, call: Call) -> Answer:
        """List queries."""
        page = self._pager.page(
            call,
            call.parameters["pageSize"],
            lambda: self._jobs.find(call, lambda _: True),
            free=("pageSize",),
        )
        body: dict[str, Any] = {"queries": [_render(job, call.now) for job in page.items]}
        if page.next_token:
            body["pagination"] = {"nextToken": page.next_token}
        return Answer(body)

    def get_query(self, call: Call) -> Answer:
        """Give one query."""
        job = self._jobs.get(call.account.name, call.parameters["queryId"], call.now)
        return Answer(_render(job, call.now))

    def cancel_query(self, call: Call) -> Answer:
        """Cancel a query that is not over; one that is cancelled already stays so."""
        account, query_id = call.account.name, call.parameters["queryId"]
        if self._jobs.get(account, query_id, call.now).status(call.now) != CANCELLED:
            self._jobs.cancel(account, query_id, call.now, also=(IN_PROGRESS,))
        return Answer(None)

    def create_query(self, call: Call) -> Answer:
        """Take in a query."""
        text, token = call.body["query"], call.body.get("paginationToken")
        if len(re.sub(r"\s+", " ", text).strip()) > _LONGEST_QUERY:
            message = "query"
            raise invalid_parameter(message, f"it has more than {_LONGEST_QUERY} characters")
        try:
            data_set, _ = parse(text)
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
            if job.type == data_set and not job.is_over(call.now)
        ]
        if len(running) >= self._at_once:
            raise quota_exceeded()
        job = self._add(call.account, text, call.now, pace=call.job_outcome)
        self._finish(call.account, job, number, call.job_outcome)
        return Answer({"queryId": job.id})

    def get_document(self, call: Call) -> Answer:
        """Give the URL of a document; what is zipped says so itself."""
        document = self._documents.called_for(call, "documentId", "Data Kiosk")
        url = self._documents.url(document, "GET", call.origin, call.now, unzips=True)
        return Answer({"documentId": document.id, "documentUrl": url})

    def _finish(self, account: Account, job: Job, page: int, wanted: str | None) -> None:
        """Decide how a query ends, and attach what comes out of it."""
        text = job.specification["query"]
        if wanted in (CANCELLED, FATAL_WITHOUT_DOCUMENT):
            job.outcome = CANCELLED if wanted == CANCELLED else FATAL
            return
        data_set, asked = parse(text)
        result = QueryResult(
            data_set,
            asked,
            marketplaces=self._marketplaces,
            products=self._products,
            seed=self._seed,
            now=job.created,
        )
        problem = _WHY_FATAL if wanted == FATAL else result.problem
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
            token = f"{self._luck.getrandbits(256):064x}"
            self._pages[token] = _Page(account.name, text, page + 1)
            job.specification["nextToken"] = token


def _render(job: Job, now: float) -> dict[str, Any]:
    """The query as Amazon writes it."""
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
