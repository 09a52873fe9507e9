"""Reports 2021-06-30: order a report, wait, download it; and report schedules.

Facts beyond the model:

- A type that Amazon makes by itself cannot be requested: `Request for report type ... is not
  allowed at this time` (selling-partner-api-models#1265). A type that is gone, or is none, is
  refused, too.
- Amazon makes a report of FBA again only 30 minutes after the last one, or four hours where its
  data is updated daily; the same report asked for earlier ends CANCELLED (Amazon's page "Do not
  request FBA reports more frequently than they are generated"), and FATAL if it is asked for once
  more (selling-partner-api-docs#2096, #2803). The same report is one of the same type,
  marketplaces, options and dates; dates do not count where the report shows how things are.
- Other reports are made as often as they are asked for, also while the same one is on its way.
  Nobody says otherwise.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.documents.storage import Documents
from tap_amazon_sp.simulator.jobs.jobs import (
    CANCELLED,
    DONE,
    FATAL,
    FATAL_WITHOUT_DOCUMENT,
    RETENTION,
    Duration,
    Job,
    JobNames,
    Jobs,
    TypedJobs,
)
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import PAST_ENDS_BEFORE_START
from tap_amazon_sp.simulator.reports.generated import GeneratedReports, GeneratedRequest
from tap_amazon_sp.simulator.reports.orders import REPORTS, OrderReport, ReportRequest
from tap_amazon_sp.simulator.reports.types import (
    MADE_BY_AMAZON,
    ReportType,
    report_types,
)
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account, Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import (
    access_denied,
    invalid_input,
    invalid_parameter,
    not_found,
)
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, MINUTE, iso, parse_iso

API = "reports_2021-06-30"

_TYPE = re.compile(r"[A-Z][A-Z0-9_]+")
# Type, days between two, how they end.
_PAST_REPORTS = (
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", 1, DONE),
    ("GET_MERCHANT_LISTINGS_ALL_DATA", 7, DONE),
    ("GET_SALES_AND_TRAFFIC_REPORT", 7, DONE),
    ("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2", 14, DONE),
    ("GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING", 20, DONE),
    ("GET_FBA_REIMBURSEMENTS_DATA", 15, CANCELLED),
    ("GET_FBA_STORAGE_FEE_CHARGES_DATA", 25, FATAL),
)
_PAST_REPORTS_OF_VENDOR = (("GET_VENDOR_SALES_REPORT", 10, CANCELLED),)
_BETWEEN_OTHERS_OF_AMAZON = 14
# Type and period of what the seller has scheduled.
_FIRST_SCHEDULES = (
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", "PT8H"),
    ("GET_MERCHANT_LISTINGS_ALL_DATA", "P1D"),
    ("GET_SALES_AND_TRAFFIC_REPORT", "P7D"),
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL", "P1M"),
)
_UNITS = {"M": MINUTE, "H": HOUR, "D": DAY}
_MONTH = 30 * DAY
_DATES = ("dataStartTime", "dataEndTime")
_WHY_FATAL = "An internal error has occurred while the report was made."


@dataclass(frozen=True)
class ReportPace:
    """How fast reports are made.

    Attributes:
        duration: How long one takes.
        durations: How long one takes, by type, where it is not as others.
        at_once: How many of an account are made at the same time; None is all.
        intervals: Seconds after a report in which it is not made again, by type, where they are
            not those of Amazon.
        speed: Divides those seconds.
    """

    duration: Duration
    durations: Mapping[str, Duration] = field(default_factory=dict)
    at_once: int | None = None
    intervals: Mapping[str, float] = field(default_factory=dict)
    speed: float = 1.0


class Reports:
    """The operations of Reports 2021-06-30."""

    def __init__(  # noqa: PLR0913 - what the world is made of
        self,
        pager: Pager,
        documents: Documents,
        book: OrderBook,
        accounts: Sequence[Account],
        generated: GeneratedReports,
        *,
        more_types: Mapping[str, str],
        seed: int,
        region: str,
        start: float,
        days: int,
        pace: ReportPace,
    ) -> None:
        """Make up past reports.

        Args:
            pager: Makes pages.
            documents: Where documents are stored.
            book: What reports are about.
            accounts: Whose reports; the first has schedules.
            generated: Makes the reports that are not about orders.
            more_types: Formats of types that Amazon does not document, by name.
            seed: Another seed is another past.
            region: Whose marketplaces.
            start: Epoch seconds.
            days: How far back reports reach.
            pace: How fast they are made.
        """
        self._documents = documents
        self._book = book
        self._generated = generated
        self._types = {
            **report_types(),
            **{name: ReportType(name, form) for name, form in more_types.items()},
        }
        self._seed = seed
        self._region = region
        self._pace = pace
        self._jobs = Jobs("report", pager, seed=seed, duration=pace.duration, at_once=pace.at_once)
        self._listed = TypedJobs(
            self._jobs, JobNames(API, "Report", "reportDocumentId"), is_type=_is_type, more=_more
        )
        self._created: dict[str, list[Job]] = {}
        self._marketplaces = {market.id: market for market in MARKETPLACES[region]}
        self._accounts = {account.name: account for account in accounts}
        self._schedules: dict[str, dict[str, dict[str, Any]]] = {}
        self._schedule_count = 0
        first_marketplace = next(iter(self._marketplaces))
        for number, (kind, period) in enumerate(_FIRST_SCHEDULES, 1):
            self._schedule_report(
                accounts[0].name,
                {"reportType": kind, "marketplaceIds": [first_marketplace], "period": period},
                int(start) - PAST_ENDS_BEFORE_START + number * HOUR,
            )
        end = int(start) - PAST_ENDS_BEFORE_START - HOUR
        for account in accounts:
            kinds = _PAST_REPORTS_OF_VENDOR if account == VENDOR else _PAST_REPORTS
            for name, every, outcome in kinds:
                for day in range(0, days - every, every):
                    self._add_past(account, name, end - day * DAY, every, outcome)
        self._add_others_of_amazon(accounts[0], end, days)

    def _add_others_of_amazon(self, account: Account, end: int, days: int) -> None:
        """Make up what Amazon makes besides settlements."""
        had = {name for name, _, _ in _PAST_REPORTS}
        every = _BETWEEN_OTHERS_OF_AMAZON
        for kind in self._types.values():
            if kind.mode == MADE_BY_AMAZON and kind.removed is None and kind.name not in had:
                for day in range(0, days - every, every):
                    self._add_past(account, kind.name, end - day * DAY, every, DONE)

    def _add_past(self, account: Account, kind: str, moment: int, every: int, outcome: str) -> None:
        marketplace_ids = [next(iter(self._marketplaces))]
        times = moment + 30, moment + 10 * MINUTE
        job = self._jobs.add(account.name, kind, marketplace_ids, moment, times=times)
        job.outcome = outcome
        job.kept = self._types[kind].kept_days * DAY
        job.specification = {
            "dataStartTime": iso(moment - every * DAY),
            "dataEndTime": iso(moment),
        }
        self._make_document(account, job)

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by operation id."""
        return {
            **self._listed.handlers(),
            f"{API}.createReport": self.create_report,
            f"{API}.getReportDocument": self.get_report_document,
            f"{API}.getReportSchedules": self.get_report_schedules,
            f"{API}.createReportSchedule": self.create_report_schedule,
            f"{API}.getReportSchedule": self.get_report_schedule,
            f"{API}.cancelReportSchedule": self.cancel_report_schedule,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """All reports of an account as they are now."""
        return self._listed.truth(account, now)

    def truth_of_created(self, account: str, now: float) -> list[dict[str, Any]]:
        """What createReport made for an account, in order; see `Simulator.truth`."""
        return [
            {
                **self._listed.render(job, now),
                "reportOptions": job.specification["reportOptions"],
                "ignoredOptions": job.specification["ignoredOptions"],
                "readyAt": job.ended,
            }
            for job in self._created.get(account, ())
        ]

    def truth_of_schedules(self, account: str, now: float) -> list[dict[str, Any]]:
        """All report schedules of an account as they are now."""
        return [
            _render_schedule(schedule, now)
            for schedule in self._schedules.get(account, {}).values()
        ]

    def advance(self, now: float) -> None:
        """Make the reports that schedules are due for at a moment (epoch seconds)."""
        for name, schedules in self._schedules.items():
            for schedule in schedules.values():
                due = parse_iso(schedule["nextReportCreationTime"])
                every = period_seconds(schedule["period"])
                # What nobody could see any more was never there.
                missed = max(0, int((now - RETENTION - due) // every))
                due += missed * every
                while due <= now:
                    self._make_scheduled(self._accounts[name], schedule, due, every)
                    due += every
                schedule["nextReportCreationTime"] = iso(due)

    def _make_scheduled(
        self, account: Account, schedule: Mapping[str, Any], due: float, every: int
    ) -> None:
        kind = schedule["reportType"]
        job = self._jobs.add(
            account.name,
            kind,
            schedule["marketplaceIds"],
            due,
            duration=self._pace.durations.get(kind),
        )
        job.kept = self._types[kind].kept_days * DAY
        job.specification = {
            "dataStartTime": iso(due - every),
            "dataEndTime": iso(due),
            "reportOptions": schedule.get("reportOptions") or {},
            "reportScheduleId": schedule["reportScheduleId"],
        }
        self._make_document(account, job)

    def create_report(self, call: Call) -> Answer:
        """Order a report."""
        body = call.body
        kind = self._type_of(body)
        if not kind.is_requestable:
            message = f"Request for report type {kind.name} is not allowed at this time"
            raise invalid_input(message)
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
            pace=call.job_outcome,
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
        self._decide(call, job, problem)
        self._created.setdefault(call.account.name, []).append(job)
        return Answer({"reportId": job.id})

    def _type_of(self, body: Mapping[str, Any]) -> ReportType:
        """The type that is asked for.

        Raises:
            ApiError: 400, there is none, or the seller does not sell there.
        """
        name = body["reportType"]
        self._listed.check_types([name], "reportType")
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

    def _decide(self, call: Call, job: Job, problem: str | None) -> None:
        """Decide how a new report ends, and attach what comes out of it."""
        wanted = call.job_outcome
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
        self._make_document(call.account, job, problem)

    def _times_too_early(self, account: str, job: Job) -> int:
        """How often the same report was asked for since it was made, if that is not long ago."""
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

    def _make_document(self, account: Account, job: Job, why_fatal: str | None = None) -> None:
        """Decide how a report ends, and attach what comes out of it."""
        if job.outcome == FATAL:
            why = json.dumps({"errorDetails": why_fatal or _WHY_FATAL}).encode()
            job.document_id = self._documents.add(
                account.name, "application/json;charset=UTF-8", lambda: why, zipped=bool(why_fatal)
            ).id
            return
        if job.outcome == CANCELLED:
            return
        kind = self._types[job.type]
        about_orders = REPORTS.get(job.type)
        if about_orders is not None and not self._generated.is_large(job.type):
            self._make_order_report(account, job, kind, about_orders)
            return
        start, end = (parse_iso(job.specification[name]) for name in _DATES)
        made = self._generated.made(
            GeneratedRequest(
                kind,
                [self._marketplaces[name] for name in job.marketplace_ids],
                start,
                end,
                job.created,
                job.specification.get("reportOptions", {}),
                account.seller_id,
                is_vendor=account == VENDOR,
            )
        )
        if made is None or kind.is_too_old(start, job.created):
            job.outcome = CANCELLED
            return
        job.document_id = self._documents.add(
            account.name,
            made.content_type,
            made.make,
            zipped=made.zipped,
            restricted=kind.restricted,
        ).id

    def _make_order_report(
        self, account: Account, job: Job, kind: ReportType, found: OrderReport
    ) -> None:
        start, end = (parse_iso(job.specification[name]) for name in _DATES)
        request = ReportRequest(
            book=self._book,
            seed=self._seed,
            region=self._region,
            marketplaces=[self._marketplaces[name] for name in job.marketplace_ids],
            start=start,
            end=end,
            options=job.specification.get("reportOptions", {}),
        )
        needs_orders = {"BY_LAST_UPDATE": request.updated, "BY_ORDER_DATE": request.created}
        nothing = any(part in job.type and not find() for part, find in needs_orders.items())
        if nothing or kind.is_too_old(start, job.created):
            job.outcome = CANCELLED
            return
        build = found.build
        job.document_id = self._documents.add(
            account.name,
            found.content_type(self._region),
            lambda: build(request) or b"",
            zipped=found.zipped,
            restricted=kind.restricted,
        ).id

    def get_report_document(self, call: Call) -> Answer:
        """Give the URL of a document."""
        document = self._documents.called_for(call, "reportDocumentId", "Report")
        if document.restricted and call.personal_data() is None:
            message = "This report type needs a restricted data token."
            raise access_denied(message)
        return self._documents.describe(document, call, "reportDocumentId")

    def get_report_schedules(self, call: Call) -> Answer:
        """List report schedules."""
        types = call.parameters["reportTypes"]
        found = [
            _render_schedule(schedule, call.now)
            for schedule in self._schedules.get(call.account.name, {}).values()
            if schedule["reportType"] in types
        ]
        return Answer({"reportSchedules": found})

    def create_report_schedule(self, call: Call) -> Answer:
        """Schedule a report; one for the same type and marketplaces is replaced."""
        body = call.body
        kind = self._type_of(body)
        if kind.mode == MADE_BY_AMAZON:
            message = f"Request for report type {kind.name} is not allowed at this time"
            raise invalid_input(message)
        schedules = self._schedules.get(call.account.name, {})
        for schedule_id, schedule in list(schedules.items()):
            if schedule["reportType"] == body["reportType"] and {*schedule["marketplaceIds"]} == {
                *body["marketplaceIds"]
            }:
                del schedules[schedule_id]
        next_time = body.get("nextReportCreationTime")
        first = parse_iso(next_time) if next_time else call.now + period_seconds(body["period"])
        return Answer({"reportScheduleId": self._schedule_report(call.account.name, body, first)})

    def _schedule_report(self, account: str, body: Mapping[str, Any], first: float) -> str:
        self._schedule_count += 1
        schedule_id = str(70_000_000_000 + self._schedule_count)
        self._schedules.setdefault(account, {})[schedule_id] = {
            "reportScheduleId": schedule_id,
            **body,
            "nextReportCreationTime": iso(first),
        }
        return schedule_id

    def get_report_schedule(self, call: Call) -> Answer:
        """Give one report schedule."""
        return Answer(_render_schedule(self._schedule(call), call.now))

    def cancel_report_schedule(self, call: Call) -> Answer:
        """Cancel a report schedule."""
        schedule = self._schedule(call)
        del self._schedules[call.account.name][schedule["reportScheduleId"]]
        return Answer(None)

    def _schedule(self, call: Call) -> dict[str, Any]:
        schedule_id = call.parameters["reportScheduleId"]
        schedule = self._schedules.get(call.account.name, {}).get(schedule_id)
        if schedule is None:
            message = f"Report schedule {schedule_id}"
            raise not_found(message)
        return schedule


def _is_type(kind: str) -> bool:
    return _TYPE.fullmatch(kind) is not None


def period_seconds(period: str) -> int:
    """Length of a period such as `PT5M`, `P7D` or `P1M`, a month being 30 days."""
    if period.startswith("P") and period.endswith("M") and "T" not in period:
        return int(period[1:-1]) * _MONTH
    return int(period.strip("PTMHD")) * _UNITS[period[-1]]


def _render_schedule(schedule: Mapping[str, Any], now: float) -> dict[str, Any]:
    """A schedule with the time of the report that is due next."""
    due, every = parse_iso(schedule["nextReportCreationTime"]), period_seconds(schedule["period"])
    if due <= now:
        due += (1 + (now - due) // every) * every
    return {**schedule, "nextReportCreationTime": iso(due)}


def _more(job: Job) -> dict[str, Any]:
    """What a report shows of its request."""
    record = {
        name: job.specification[name].replace("Z", "+00:00")
        for name in _DATES
        if name in job.specification
    }
    if "reportScheduleId" in job.specification:
        record["reportScheduleId"] = job.specification["reportScheduleId"]
    return record


def _are_same(kind: ReportType, one: Job, other: Job) -> bool:
    """Whether two requests are for the same report."""
    if one.type != other.type or {*one.marketplace_ids} != {*other.marketplace_ids}:
        return False
    names = ("reportOptions",) if kind.shows_state else ("reportOptions", *_DATES)
    return all(one.specification[name] == other.specification[name] for name in names)
