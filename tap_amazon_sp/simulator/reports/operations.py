"""Reports 2021-06-30: request a report, wait, download it; report schedules.

Facts that the model does not state:

- A type that Amazon makes by itself cannot be requested: `Request for report type ... is not
  allowed at this time` (selling-partner-api-models#1265). Unknown and removed types are refused
  too.
- Amazon makes an FBA report again only 30 minutes after the last one, or four hours if its data is
  updated daily. The same report requested earlier ends CANCELLED (Amazon's page "Do not request FBA
  reports more frequently than they are generated"), and FATAL if it is requested once more
  (selling-partner-api-docs#2096, #2803). Reports are the same if type, marketplaces, options and
  dates are the same; dates do not count for a report that shows a current state.
- Other reports can be requested at any time, even while the same report is being processed: no
  source says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.jobs.context import JobContext
from tap_amazon_sp.simulator.jobs.job import (
    CANCELLED,
    DONE,
    FATAL,
    FATAL_WITHOUT_DOCUMENT,
    FinishedJob,
    Job,
    outcome_of_fault,
)
from tap_amazon_sp.simulator.jobs.operations import JobNames, JobOperations
from tap_amazon_sp.simulator.jobs.queue import JobQueue
from tap_amazon_sp.simulator.money.books import CYCLE
from tap_amazon_sp.simulator.reports.generated import GeneratedReports
from tap_amazon_sp.simulator.reports.making import ReportMaker
from tap_amazon_sp.simulator.reports.past import FIRST_SCHEDULES, PastReport, past_reports
from tap_amazon_sp.simulator.reports.report_orders import ReportBook
from tap_amazon_sp.simulator.reports.schedules import API, DueReport, Schedules, not_allowed
from tap_amazon_sp.simulator.reports.settlements import SETTLEMENT_REPORT
from tap_amazon_sp.simulator.reports.types import ReportType, report_types
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import access_denied, invalid_parameter
from tap_amazon_sp.simulator.world.durations import Duration
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, MINUTE, iso, parse_iso

_TYPE = re.compile(r"[A-Z][A-Z0-9_]+")
_DATES = ("dataStartTime", "dataEndTime")


@dataclass(frozen=True)
class ReportPace:
    """How fast reports are made.

    Attributes:
        duration: How long a report takes.
        durations: How long a report takes, by type, if different.
        at_once: Number of reports of an account that are processed at the same time; None means no
            limit.
        intervals: Seconds in which the same report is not made again, by type, instead of
            Amazon's.
        speed: Divides those seconds.
    """

    duration: Duration
    durations: Mapping[str, Duration] = field(default_factory=dict)
    at_once: int | None = None
    intervals: Mapping[str, float] = field(default_factory=dict)
    speed: float = 1.0


class Reports:
    """The operations of Reports 2021-06-30."""

    def __init__(
        self,
        context: JobContext,
        book: ReportBook,
        generated: GeneratedReports,
        *,
        more_types: Mapping[str, str],
        pace: ReportPace,
    ) -> None:
        """Make up past reports.

        Args:
            context: What the jobs of the seller share; the first account has schedules.
            book: The orders of the seller.
            generated: Makes the reports that do not show orders.
            more_types: Formats of types that Amazon does not document, by name.
            pace: How fast reports are made.
        """
        world = context.world
        self._documents = context.documents
        self._types = {
            **report_types(),
            **{name: ReportType(name, form) for name, form in more_types.items()},
        }
        self._maker = ReportMaker(context.documents, book, generated, self._types)
        self._pace = pace
        self._jobs = JobQueue(
            "report",
            context.pager,
            seed=world.seed,
            duration=pace.duration,
            at_once=pace.at_once,
        )
        self._operations = JobOperations(
            self._jobs, JobNames(API, "Report", "reportDocumentId"), is_type=_is_type, more=_more
        )
        self._created: dict[str, list[Job]] = {}
        self._marketplaces = world.marketplaces_by_id
        self._first_marketplace = world.marketplaces[0].id
        self._accounts = {account.name: account for account in context.accounts}
        self._schedules = Schedules(self._type_of)
        for number, (kind, period) in enumerate(FIRST_SCHEDULES, 1):
            self._schedules.add(
                context.accounts[0].name,
                {"reportType": kind, "marketplaceIds": [self._first_marketplace], "period": period},
                world.end_of_past + number * HOUR,
            )
        for report in past_reports(world, context.accounts, self._types):
            self._add_past(report, self._first_marketplace)
        self._settlements = book.books
        self._settled = 0
        self._report_settlements(world.start)

    def _report_settlements(self, now: float) -> None:
        """Make the reports of the settlements that have ended by a moment, one per marketplace."""
        account = next(iter(self._accounts.values()))
        for end in self._settlements.ends(now)[self._settled :]:
            self._settled += 1
            for marketplace_id in self._marketplaces:
                report = PastReport(account, SETTLEMENT_REPORT, end, CYCLE // DAY, DONE)
                self._add_past(report, marketplace_id)

    def _add_past(self, report: PastReport, marketplace_id: str) -> None:
        created = report.created
        times = created + 30, created + 10 * MINUTE
        job = self._jobs.add(
            report.account.name, report.type, [marketplace_id], created, times=times
        )
        job.outcome = report.outcome
        job.kept = self._types[report.type].kept_days * DAY
        job.specification = {
            "dataStartTime": iso(created - report.days * DAY),
            "dataEndTime": iso(created),
        }
        self._maker.attach_document(report.account, job)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            **self._operations.handlers(),
            **self._schedules.handlers(),
            f"{API}.createReport": self.create_report,
            f"{API}.getReportDocument": self.get_report_document,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """Return all reports of an account as they are now."""
        return self._operations.truth(account, now)

    def take_finished(self, now: float) -> list[FinishedJob]:
        """Return the reports that ended since the last call."""
        return self._operations.take_finished(now)

    def truth_of_created(self, account: str, now: float) -> list[dict[str, Any]]:
        """Return the reports that createReport made, in order; see `Simulator.truth`."""
        return [
            {
                **self._operations.render(job, now),
                "reportOptions": job.specification["reportOptions"],
                "ignoredOptions": job.specification["ignoredOptions"],
                "readyAt": job.ended,
            }
            for job in self._created.get(account, ())
        ]

    def truth_of_schedules(self, account: str, now: float) -> list[dict[str, Any]]:
        """Return all report schedules of an account as they are now."""
        return self._schedules.truth(account, now)

    def advance(self, now: float) -> None:
        """Make the reports that are due by a moment (epoch seconds)."""
        self._report_settlements(now)
        for report in self._schedules.due(now):
            self._make_scheduled(report)

    def _make_scheduled(self, report: DueReport) -> None:
        schedule, due = report.schedule, report.due
        kind = schedule["reportType"]
        job = self._jobs.add(
            report.account,
            kind,
            schedule["marketplaceIds"],
            due,
            duration=self._pace.durations.get(kind),
        )
        job.kept = self._types[kind].kept_days * DAY
        job.specification = {
            "dataStartTime": iso(due - report.length),
            "dataEndTime": iso(due),
            "reportOptions": schedule.get("reportOptions") or {},
            "reportScheduleId": schedule["reportScheduleId"],
        }
        self._maker.attach_document(self._accounts[report.account], job)

    def create_report(self, call: Call) -> Answer:
        """Request a report."""
        body = call.body
        kind = self._type_of(body)
        if not kind.is_requestable:
            raise not_allowed(kind)
        start, end = (
            parse_iso(body[name]) if body.get(name) else call.now
            for name in ("dataStartTime", "dataEndTime")
        )
        if max(start, end) > call.now + MINUTE:
            message = "dataEndTime"
            raise invalid_parameter(message, "it must not be in the future")
        if end < start:
            message = "dataEndTime"
            raise invalid_parameter(message, "it is before 'dataStartTime'")
        options = body.get("reportOptions") or {}
        job = self._jobs.add(
            call.account.name,
            kind.name,
            body["marketplaceIds"],
            call.now,
            pace=outcome_of_fault(call),
            duration=self._pace.durations.get(kind.name),
        )
        job.kept = kind.kept_days * DAY
        known = {name.lower() for name in kind.options}
        job.specification = {
            "dataStartTime": iso(start),
            "dataEndTime": iso(end),
            "reportOptions": options,
            "ignoredOptions": sorted(name for name in options if name.lower() not in known),
        }
        has_dates = bool(body.get("dataStartTime") and body.get("dataEndTime"))
        problem = kind.problem(
            start, end, options, has_dates=has_dates, is_vendor=call.account == VENDOR
        )
        self._decide_outcome(call, job, problem)
        self._created.setdefault(call.account.name, []).append(job)
        return Answer({"reportId": job.id})

    def _type_of(self, body: Mapping[str, Any]) -> ReportType:
        """Return the type of a requested report.

        Raises:
            ApiError: 400, there is no such type, or the seller is not in a marketplace.
        """
        name = body["reportType"]
        self._operations.check_types([name], "reportType")
        kind = self._types.get(name)
        if kind is None:
            message = "reportType"
            raise invalid_parameter(message, f"there is no '{name}'")
        if kind.removed is not None:
            message = "reportType"
            raise invalid_parameter(message, f"'{name}' is no longer available")
        for marketplace_id in body["marketplaceIds"]:
            if marketplace_id not in self._marketplaces:
                message = "marketplaceIds"
                raise invalid_parameter(message, f"the seller is not in '{marketplace_id}'")
        return kind

    def _decide_outcome(self, call: Call, job: Job, problem: str | None) -> None:
        """Decide how a requested report ends, and attach its document."""
        wanted = outcome_of_fault(call)
        early = self._times_too_early(call.account.name, job)
        job.specification["tooEarly"] = early > 0
        if wanted in (FATAL, CANCELLED):
            job.outcome = wanted
        elif wanted == FATAL_WITHOUT_DOCUMENT or early > 1:
            job.outcome = FATAL
            return
        elif early:
            job.outcome = CANCELLED
        elif problem is not None:
            job.outcome = FATAL
        self._maker.attach_document(call.account, job, problem)

    def _times_too_early(self, account: str, job: Job) -> int:
        """Return how often the same report was requested in the interval after it was made."""
        kind = self._types[job.type]
        interval = self._pace.intervals.get(kind.name, kind.interval) / self._pace.speed
        if interval <= 0:
            return 0
        times = 0
        for other in reversed(self._created.get(account, ())):
            if _are_same(kind, job, other):
                if other.outcome == DONE:
                    return times + 1 if job.created < other.ended + interval else 0
                times += other.specification["tooEarly"]
        return 0

    def get_report_document(self, call: Call) -> Answer:
        """Return the URL of a document."""
        document = self._documents.called_for(call, "reportDocumentId", "Report")
        if document.restricted and call.personal_data() is None:
            message = "This report type needs a restricted data token."
            raise access_denied(message)
        return self._documents.describe(document, call, "reportDocumentId")


def _is_type(text: str) -> bool:
    return _TYPE.fullmatch(text) is not None


def _more(job: Job) -> dict[str, Any]:
    """Return the fields of a report that repeat its request."""
    record = {
        name: job.specification[name].replace("Z", "+00:00")
        for name in _DATES
        if name in job.specification
    }
    if "reportScheduleId" in job.specification:
        record["reportScheduleId"] = job.specification["reportScheduleId"]
    return record


def _are_same(kind: ReportType, one: Job, other: Job) -> bool:
    """Return whether two requests are for the same report."""
    if one.type != other.type or {*one.marketplace_ids} != {*other.marketplace_ids}:
        return False
    names = ("reportOptions",) if kind.shows_state else ("reportOptions", *_DATES)
    return all(one.specification[name] == other.specification[name] for name in names)
