"""Requests for jobs: a report of a type for a time, or a Data Kiosk query.

Facts: Amazon's models of Data Kiosk, Feeds and Reports (what a job must have; a query without data
has no document).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from tap_amazon_sp.amazon.report_types import ReportType
from tap_amazon_sp.common.timestamps import format_milliseconds, moment_of
from tap_amazon_sp.jobs.api import QUERIES, REPORTS, JobApi
from tap_amazon_sp.jobs.polling import DONE, UNFINISHED_STATUSES, Job, has_status

FRESH = dt.timedelta(minutes=30)
"""How long a report of the current state, or of a time that is not over, is not requested again:
Amazon makes many of them once in half an hour (its page "FBA reports")."""

MAX_LISTED_AGE = dt.timedelta(days=90, hours=-1)
"""How long getReports lists a report (model `reports_2021-06-30`), less a margin for the call."""

_MAX_DIFFERENCE = dt.timedelta(seconds=1)
"""Amazon gives the times of a report in whole seconds."""

_MAX_CREATION_DELAY = dt.timedelta(minutes=5)
"""How far the times of a report that was requested without times may be from its creation."""

_PAGE_SIZE = 100
_QUERY = "Data Kiosk query"


class _Request:
    """What all requests have in common: a time, which may be open at either end."""

    start: dt.datetime | None
    end: dt.datetime | None

    @property
    def subject(self) -> str:
        """Identifies the request, without its time, among those of a stream and in the state."""
        raise NotImplementedError

    @property
    def key(self) -> tuple[object, ...]:
        """Identifies the request among all of a run."""
        return self.subject, self.start, self.end

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
    """A request for a report.

    Attributes:
        type: The report type.
        marketplace_ids: The marketplaces whose data it holds, at least.
        options: The options, as Amazon wants them.
        start: The first instant of its data; None for a report of the current state.
        end: The last instant of its data; None is now.
        settles: How long after `end` data still come in.
        newer_than: Reports that were created up to then are read already, where the type has no
            times.
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
        """The body of createReport."""
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
    def kind(self) -> str:
        """The report type."""
        return self.type.name

    @property
    def subject(self) -> str:
        """Identifies the request, without its time, among those of a stream and in the state."""
        places = "region" if self.type.is_region_wide else sorted(self.marketplace_ids)
        return _hash([self.type.name, places, dict(self.options)])

    @property
    def label(self) -> str:
        """The name of the request in the log."""
        return f"{self._label(self.type.name)}, {', '.join(self.marketplace_ids)}"

    @property
    def is_further_page(self) -> bool:
        """Whether its rows follow those of another document; a report has only one."""
        return False

    def reusable_since(self, now: dt.datetime) -> dt.datetime | None:
        """Return the earliest creation time of a report that may be used instead of a new one.

        None where no report may: Amazon does not say which options a report has, so a report of a
        type with options is never reused, unless they are about the language of headers only.
        """
        if self.options or self.type.is_varied:
            return None
        since = now - self._fresh
        return since if self.end is None else min(since, self.end + self.settles)

    def is_met_by(self, report: Job, now: dt.datetime) -> bool:
        """Return whether a report that exists can be used, so that none has to be created.

        A report that Amazon is making can. One that is done can if its data had settled when it
        was created, or if a new one would be the same. As long as Amazon makes no other, one that
        failed can, too: a new one would fail or be cancelled.
        """
        created = moment_of(report, "createdTime")
        if self.reusable_since(now) is None or created is None or not self.matches(report):
            return False
        if not self.api.is_whole(report):
            return False
        if self.has_been_read(report) or not has_status(report, (*UNFINISHED_STATUSES, DONE)):
            return created > now - self.type.interval
        is_settled = (
            self.end is not None
            and self.type.dates.wanted != "none"
            and created >= self.end + self.settles
        )
        is_done = has_status(report, (DONE,))
        return not is_done or is_settled or created >= now - self._fresh

    def has_been_read(self, report: Job) -> bool:
        """Return whether an earlier run read this report."""
        created = moment_of(report, "createdTime")
        return self.newer_than is not None and created is not None and created <= self.newer_than

    def matches(self, report: Job) -> bool:
        """Return whether a report has this type, these marketplaces and times.

        Its options are unknown.
        """
        if report.get("reportType") != self.type.name:
            return False
        is_elsewhere = set(marketplaces_of(report)) != set(self.marketplace_ids)
        if is_elsewhere and not self.type.is_region_wide:
            return False
        if self.type.dates.wanted == "none":
            return True
        created = moment_of(report, "createdTime")
        return all(
            _is_at(moment_of(report, name), wanted, created)
            for name, wanted in (("dataStartTime", self.start), ("dataEndTime", self.end))
        )

    def listing(self, since: dt.datetime) -> dict[str, Any]:
        """Return the parameters with which getReports lists it, if it was created since then."""
        return report_listing(self.type.name, createdSince=since)

    @property
    def _fresh(self) -> dt.timedelta:
        return max(FRESH, self.type.interval)


@dataclass(frozen=True)
class QueryRequest(_Request):
    """A request for the answer to a Data Kiosk query, or for a further page of it.

    Attributes:
        query: The query in GraphQL, with its times.
        template: The query with placeholders for its times.
        start: The first instant of its data; None where the query has no times.
        end: The last instant of its data.
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
        """The body of createQuery."""
        body = {"query": self.query}
        return body if self.page_token is None else body | {"paginationToken": self.page_token}

    @property
    def kind(self) -> str:
        """What it is, for a timeline."""
        return _QUERY

    @property
    def subject(self) -> str:
        """Identifies the request, without its time, among those of a stream and in the state."""
        return _hash([self.template, self.page_token])

    @property
    def label(self) -> str:
        """The name of the request in the log."""
        label = self._label(_QUERY)
        return label if self.page_token is None else f"{label} (a further page)"

    @property
    def is_further_page(self) -> bool:
        """Whether its rows follow those of another document."""
        return self.page_token is not None

    def reusable_since(self, now: dt.datetime) -> dt.datetime | None:  # noqa: ARG002 - as reports
        """Return None: a query does not say which page it is for, so it is never reused."""
        return None

    def is_met_by(self, query: Job, now: dt.datetime) -> bool:  # noqa: ARG002 - as reports
        """Return False: see `reusable_since`."""
        return False

    def has_been_read(self, query: Job) -> bool:  # noqa: ARG002 - as reports
        """Return False: each run asks again."""
        return False

    def matches(self, query: Job) -> bool:
        """Return whether a query has the same text; which page it is for is unknown."""
        return bool(query.get("query") == self.query)

    def listing(self, since: dt.datetime) -> dict[str, Any]:
        """Return the parameters with which getQueries lists it, if it was created since then."""
        return {"pageSize": _PAGE_SIZE, "createdSince": since}


JobRequest = ReportRequest | QueryRequest


def marketplaces_of(report: Job) -> list[str]:
    """Return the marketplaces of a report; empty if Amazon does not say them."""
    found = report.get("marketplaceIds")
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def report_listing(report_type: str, **parameters: Any) -> dict[str, Any]:
    """Return the parameters with which getReports lists the reports of a type."""
    return {"reportTypes": [report_type], "pageSize": _PAGE_SIZE, **parameters}


def _is_at(
    found: dt.datetime | None, wanted: dt.datetime | None, created: dt.datetime | None
) -> bool:
    """Return whether a report has the time of a request, where none means its creation."""
    if wanted is not None:
        return found is not None and abs(found - wanted) <= _MAX_DIFFERENCE
    return found is None or (created is not None and abs(created - found) < _MAX_CREATION_DELAY)


def _hash(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[
        :16
    ]
