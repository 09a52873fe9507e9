"""Reports 2021-06-30: order a report, wait, download it; and report schedules."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.accounts import VENDOR
from tap_amazon_sp.simulator.calls import Account, Answer, Call, Handler
from tap_amazon_sp.simulator.documents import Documents
from tap_amazon_sp.simulator.errors import (
    access_denied,
    invalid_parameter,
    not_found,
)
from tap_amazon_sp.simulator.jobs import CANCELLED, DONE, FATAL, Job, Jobs, check_types
from tap_amazon_sp.simulator.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.order_details import OrderBook
from tap_amazon_sp.simulator.order_history import PAST_ENDS_BEFORE_START
from tap_amazon_sp.simulator.paging import Pager
from tap_amazon_sp.simulator.report_documents import (
    NOT_REQUESTABLE,
    REMOVED,
    REPORTS,
    RESTRICTED,
    ReportRequest,
)
from tap_amazon_sp.simulator.timestamps import DAY, HOUR, MINUTE, iso, parse_iso

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
# Type and period of what the seller has scheduled.
_FIRST_SCHEDULES = (
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", "PT8H"),
    ("GET_MERCHANT_LISTINGS_ALL_DATA", "P1D"),
    ("GET_SALES_AND_TRAFFIC_REPORT", "P7D"),
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL", "P1M"),
)
_UNITS = {"M": MINUTE, "H": HOUR, "D": DAY}
_MONTH = 30 * DAY
_WHY_FATAL = {"errorDetails": "An internal error has occurred while the report was made."}


class Reports:
    """The operations of Reports 2021-06-30."""

    def __init__(  # noqa: PLR0913 - what the world is made of
        self,
        pager: Pager,
        documents: Documents,
        book: OrderBook,
        accounts: Sequence[Account],
        *,
        seed: int,
        region: str,
        start: float,
        days: int,
        duration: float,
    ) -> None:
        """Make up past reports.

        Args:
            pager: Makes pages.
            documents: Where documents are stored.
            book: What reports are about.
            accounts: Whose reports; the first has schedules.
            seed: Another seed is another past.
            region: Whose marketplaces.
            start: Epoch seconds.
            days: How far back reports reach.
            duration: Seconds that a report takes, about.
        """
        self._documents = documents
        self._book = book
        self._seed = seed
        self._region = region
        self._jobs = Jobs("report", pager, seed=seed, duration=duration)
        self._marketplaces = {market.id: market for market in MARKETPLACES[region]}
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
            for kind, every, outcome in kinds:
                for day in range(0, days - every, every):
                    self._add_past(account, kind, end - day * DAY, every, outcome)

    def _add_past(self, account: Account, kind: str, moment: int, every: int, outcome: str) -> None:
        marketplace_ids = [next(iter(self._marketplaces))]
        job = self._jobs.add(account.name, kind, marketplace_ids, moment)
        job.started, job.ended = moment + 30, moment + 10 * MINUTE
        job.outcome = outcome
        job.specification = {
            "dataStartTime": iso(moment - every * DAY),
            "dataEndTime": iso(moment),
        }
        self._make_document(account, job)

    def handlers(self) -> Mapping[str, Handler]:
        """Handlers by operation id."""
        return {
            f"{API}.getReports": self.get_reports,
            f"{API}.createReport": self.create_report,
            f"{API}.getReport": self.get_report,
            f"{API}.cancelReport": self.cancel_report,
            f"{API}.getReportDocument": self.get_report_document,
            f"{API}.getReportSchedules": self.get_report_schedules,
            f"{API}.createReportSchedule": self.create_report_schedule,
            f"{API}.getReportSchedule": self.get_report_schedule,
            f"{API}.cancelReportSchedule": self.cancel_report_schedule,
        }

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """All reports of an account as they are now."""
        return [_render(job, now) for job in self._jobs.all(account)]

    def truth_of_schedules(self, account: str, now: float) -> list[dict[str, Any]]:
        """All report schedules of an account as they are now."""
        return [
            _render_schedule(schedule, now)
            for schedule in self._schedules.get(account, {}).values()
        ]

    def get_reports(self, call: Call) -> Answer:
        """List reports."""
        check_types(call.parameters.get("reportTypes", ()), _is_type, "reportTypes")
        page = self._jobs.page(call, "reportTypes")
        body: dict[str, Any] = {"reports": [_render(job, call.now) for job in page.items]}
        if page.next_token:
            body["nextToken"] = page.next_token
        return Answer(body)

    def get_report(self, call: Call) -> Answer:
        """Give one report."""
        job = self._jobs.get(call.account.name, call.parameters["reportId"])
        return Answer(_render(job, call.now))

    def cancel_report(self, call: Call) -> Answer:
        """Cancel a report that is still in the queue."""
        self._jobs.cancel(call.account.name, call.parameters["reportId"], call.now)
        return Answer(None)

    def create_report(self, call: Call) -> Answer:
        """Order a report."""
        body = call.body
        self._check(body["reportType"], body["marketplaceIds"])
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
        job = self._jobs.add(
            call.account.name,
            body["reportType"],
            body["marketplaceIds"],
            call.now,
            slow=call.job_outcome == "slow",
        )
        job.specification = {
            "dataStartTime": iso(start),
            "dataEndTime": iso(end),
            "reportOptions": body.get("reportOptions") or {},
        }
        if call.job_outcome in (FATAL, CANCELLED):
            job.outcome = call.job_outcome
        self._make_document(call.account, job)
        return Answer({"reportId": job.id})

    def _check(self, kind: str, marketplace_ids: list[str]) -> None:
        check_types([kind], _is_type, "reportType")
        if kind in REMOVED:
            message = "reportType"
            raise invalid_parameter(message, f"'{kind}' is no longer available")
        if kind in NOT_REQUESTABLE:
            message = "reportType"
            raise invalid_parameter(message, f"'{kind}' is made by Amazon and cannot be requested")
        for marketplace_id in marketplace_ids:
            if marketplace_id not in self._marketplaces:
                message = "marketplaceIds"
                raise invalid_parameter(message, f"the seller is not in '{marketplace_id}'")

    def _make_document(self, account: Account, job: Job) -> None:
        """Decide how a report ends, and attach what comes out of it."""
        if job.outcome == FATAL:
            why = json.dumps(_WHY_FATAL).encode()
            job.document_id = self._documents.add(
                account.name, "application/json;charset=UTF-8", lambda: why
            ).id
            return
        kind = REPORTS.get(job.type)
        if kind is None or job.outcome == CANCELLED:
            job.outcome = CANCELLED
            return
        request = ReportRequest(
            book=self._book,
            seed=self._seed,
            region=self._region,
            marketplaces=[self._marketplaces[name] for name in job.marketplace_ids],
            start=parse_iso(job.specification["dataStartTime"]),
            end=parse_iso(job.specification["dataEndTime"]),
            options=job.specification.get("reportOptions", {}),
        )
        needs_orders = {"BY_LAST_UPDATE": request.updated, "BY_ORDER_DATE": request.created}
        for part, find in needs_orders.items():
            if part in job.type and not find():
                job.outcome = CANCELLED
                return
        build = kind.build
        job.document_id = self._documents.add(
            account.name,
            kind.content_type(self._region),
            lambda: build(request) or b"",
            zipped=kind.zipped,
            restricted=job.type in RESTRICTED,
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
        self._check(body["reportType"], body["marketplaceIds"])
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


def _render(job: Job, now: float) -> dict[str, Any]:
    record = job.render(now, "reportId", "reportType", "reportDocumentId")
    for name in ("dataStartTime", "dataEndTime"):
        if name in job.specification:
            record[name] = job.specification[name].replace("Z", "+00:00")
    return record
