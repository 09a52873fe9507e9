"""What is asked of Amazon: a report of a type for a time, or a Data Kiosk query."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.report_types import ReportType
from tap_amazon_sp.common.timestamps import format_milliseconds, moment_of
from tap_amazon_sp.jobs.polling import CANCELLED, DONE, FATAL, UNFINISHED_STATUSES, Job

FRESH = dt.timedelta(minutes=30)
"""A report of how things are, or of a time that is not over, is not asked for again so soon: many
of Amazon's are made anew every half hour (its page "FBA reports")."""

CLOSE = dt.timedelta(seconds=1)
"""Amazon gives the times of a report in whole seconds."""

LISTED_FOR = dt.timedelta(days=90, hours=-1)
"""How long getReports lists a report (model `reports_2021-06-30`), less some time for the way."""

_ABOUT = dt.timedelta(minutes=5)

_PAGE_SIZE = 100


@dataclass(frozen=True)
class JobApi:
    """The operations of one kind of job, and what its id is called."""

    create: str
    get: str
    list: str
    id_name: str
    noun: str


REPORTS = JobApi(
    create="reports_2021-06-30.createReport",
    get="reports_2021-06-30.getReport",
    list="reports_2021-06-30.getReports",
    id_name="reportId",
    noun="Report",
)

QUERIES = JobApi(
    create="dataKiosk_2023-11-15.createQuery",
    get="dataKiosk_2023-11-15.getQuery",
    list="dataKiosk_2023-11-15.getQueries",
    id_name="queryId",
    noun="Query",
)


class _Request:
    """What all requests have in common: a time, both ends of which may be open."""

    start: dt.datetime | None
    end: dt.datetime | None

    @property
    def length(self) -> dt.timedelta:
        """Time between both ends."""
        if self.start is None or self.end is None:
            return dt.timedelta(0)
        return self.end - self.start

    def _label(self, what: str) -> str:
        parts = [what]
        if self.start is not None:
            parts.append(f"from {format_milliseconds(self.start)}")
        if self.end is not None:
            parts.append(f"to {format_milliseconds(self.end)}")
        return " ".join(parts)


@dataclass(frozen=True)
class ReportRequest(_Request):
    """A report that is wanted.

    Attributes:
        type: Its type.
        marketplace_ids: Whose data.
        options: Its options, as Amazon wants them.
        start: The first instant of its data; None where it shows how things are.
        end: The last one; None is now.
        settles: How long after its end data still come in.
        newer_than: Reports made up to then are known already, those of types without dates.
    """

    api: ClassVar[JobApi] = REPORTS

    type: ReportType
    marketplace_ids: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    settles: dt.timedelta = dt.timedelta(0)
    newer_than: dt.datetime | None = None

    @property
    def body(self) -> dict[str, Any]:
        """What createReport takes."""
        body: dict[str, Any] = {
            "reportType": self.type.name,
            "marketplaceIds": list(self.marketplace_ids),
        }
        if self.options:
            body["reportOptions"] = dict(self.options)
        for name, moment in (("dataStartTime", self.start), ("dataEndTime", self.end)):
            if moment is not None:
                body[name] = format_milliseconds(moment)
        return body

    @property
    def subject(self) -> str:
        """What is asked for, whatever the time: it tells requests of one stream apart."""
        return _hash([self.type.name, sorted(self.marketplace_ids), dict(self.options)])

    @property
    def label(self) -> str:
        """What to call it in the log."""
        return f"{self._label(self.type.name)}, {', '.join(self.marketplace_ids)}"

    @property
    def is_further_page(self) -> bool:
        """Never: a report has one document."""
        return False

    def made_since(self, now: dt.datetime) -> dt.datetime | None:
        """Return the time from which on a report may be this one; None where it cannot be told.

        Amazon does not say what options a report has, so one of a type that takes some is never
        taken for this one.
        """
        if self.options or self.type.options:
            return None
        since = now - self._fresh
        return since if self.end is None else min(since, self.end + self.settles)

    def is_met_by(self, report: Job, now: dt.datetime) -> bool:
        """Whether a report that there is will do, so that none has to be asked for.

        One that is being made does. One that is done does where its data had settled when it was
        made, or where a new one would be the same. Where Amazon makes none again for a while, one
        that failed in that while does, too: a new one would fail, or be cancelled.
        """
        created = moment_of(report, "createdTime")
        if self.made_since(now) is None or created is None or not self.is_same(report):
            return False
        status = report.get("processingStatus")
        is_known = self.newer_than is not None and created <= self.newer_than
        if is_known or status not in (*UNFINISHED_STATUSES, DONE):
            return created > now - self.type.interval
        is_settled = (
            self.end is not None
            and self.type.dates.wanted != "none"
            and created >= self.end + self.settles
        )
        return status != DONE or is_settled or created >= now - self._fresh

    def is_same(self, report: Job) -> bool:
        """Whether a report is of the same type, marketplaces and times; its options are unknown."""
        if report.get("reportType") != self.type.name:
            return False
        if set(report.get("marketplaceIds") or ()) != set(self.marketplace_ids):
            return False
        if self.type.dates.wanted == "none":
            return True
        created = moment_of(report, "createdTime")
        return all(
            _is_at(moment_of(report, name), wanted, created)
            for name, wanted in (("dataStartTime", self.start), ("dataEndTime", self.end))
        )

    def listing(self, since: dt.datetime) -> dict[str, Any]:
        """Return the parameters under which getReports lists it, if it was made since then."""
        return {"reportTypes": [self.type.name], "pageSize": _PAGE_SIZE, "createdSince": since}

    @property
    def _fresh(self) -> dt.timedelta:
        return max(FRESH, self.type.interval)


@dataclass(frozen=True)
class QueryRequest(_Request):
    """A Data Kiosk query that is wanted, or a further page of one.

    Attributes:
        query: In GraphQL, with its times.
        template: The same, with placeholders for its times.
        start: The first instant of its data; None where it names no times.
        end: The last one.
        page_token: Amazon's token of a further page.
    """

    api: ClassVar[JobApi] = QUERIES

    query: str
    template: str
    start: dt.datetime | None = None
    end: dt.datetime | None = None
    page_token: str | None = None

    @property
    def body(self) -> dict[str, Any]:
        """What createQuery takes."""
        body = {"query": self.query}
        return body if self.page_token is None else body | {"paginationToken": self.page_token}

    @property
    def subject(self) -> str:
        """What is asked for, whatever the time: it tells requests of one stream apart."""
        return _hash([self.template, self.page_token])

    @property
    def label(self) -> str:
        """What to call it in the log."""
        label = self._label("Data Kiosk query")
        return label if self.page_token is None else f"{label} (a further page)"

    @property
    def is_further_page(self) -> bool:
        """Whether its rows come after those of another document."""
        return self.page_token is not None

    def made_since(self, now: dt.datetime) -> dt.datetime | None:  # noqa: ARG002 - as reports
        """Return None: a query does not say which of its pages it is, so it is never found."""
        return None

    def is_met_by(self, query: Job, now: dt.datetime) -> bool:  # noqa: ARG002 - as reports
        """Return False, as `made_since` tells."""
        return False

    def is_same(self, query: Job) -> bool:
        """Whether a query asks the same; which page it is for is unknown."""
        return bool(query.get("query") == self.query)

    def listing(self, since: dt.datetime) -> dict[str, Any]:
        """Return the parameters under which getQueries lists it, if it was made since then."""
        return {"pageSize": _PAGE_SIZE, "createdSince": since}


JobRequest = ReportRequest | QueryRequest


def listed(
    client: SellingPartnerClient, api: JobApi, parameters: Mapping[str, Any]
) -> Iterator[Job]:
    """Give the jobs of a kind that Amazon lists under these parameters.

    Raises:
        SellingPartnerError: They could not be had.
    """
    for page in client.pages(catalogue.operation(api.list), parameters):
        yield from page


def newest_of_use(jobs: Iterable[Job]) -> Job | None:
    """Return the newest job that has data, or is to have some; else the newest of all.

    Amazon may have cancelled one because it had made another just before.
    """
    return max(
        jobs,
        key=lambda job: (
            job.get("processingStatus") not in (CANCELLED, FATAL),
            str(job.get("createdTime")),
        ),
        default=None,
    )


def _is_at(
    found: dt.datetime | None, wanted: dt.datetime | None, created: dt.datetime | None
) -> bool:
    """Whether a report's time is the one wanted; none means when it was made."""
    if wanted is not None:
        return found is not None and abs(found - wanted) <= CLOSE
    return found is None or (created is not None and abs(created - found) < _ABOUT)


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
