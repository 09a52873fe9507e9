"""Report schedules: which reports Amazon makes regularly for an account."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.jobs.job import RETENTION
from tap_amazon_sp.simulator.reports.types import MADE_BY_AMAZON, ReportType
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import ApiError, invalid_input, not_found
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, MINUTE, iso, parse_iso

API = "reports_2021-06-30"

_UNITS = {"M": MINUTE, "H": HOUR, "D": DAY}
_MONTH = 30 * DAY
_FIRST_ID = 70_000_000_000


@dataclass(frozen=True)
class DueReport:
    """A report that a schedule is due for.

    Attributes:
        account: Name of the account.
        schedule: The schedule, in Amazon's form.
        due: When Amazon makes the report, epoch seconds.
        length: Seconds that the report covers before that.
    """

    account: str
    schedule: Mapping[str, Any]
    due: float
    length: int


class Schedules:
    """The report schedules of all accounts of a seller, and their operations."""

    def __init__(self, type_of: Callable[[Mapping[str, Any]], ReportType]) -> None:
        """Have no schedules yet.

        Args:
            type_of: Returns the report type of a request, or raises `ApiError`.
        """
        self._type_of = type_of
        self._schedules: dict[str, dict[str, dict[str, Any]]] = {}
        self._count = 0

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.getReportSchedules": self.get_report_schedules,
            f"{API}.createReportSchedule": self.create_report_schedule,
            f"{API}.getReportSchedule": self.get_report_schedule,
            f"{API}.cancelReportSchedule": self.cancel_report_schedule,
        }

    def add(self, account: str, body: Mapping[str, Any], first: float) -> str:
        """Add a schedule; return its id.

        Args:
            account: Name of the account.
            body: The schedule, in Amazon's form.
            first: When the first report is due, epoch seconds.
        """
        self._count += 1
        schedule_id = str(_FIRST_ID + self._count)
        self._schedules.setdefault(account, {})[schedule_id] = {
            "reportScheduleId": schedule_id,
            **body,
            "nextReportCreationTime": iso(first),
        }
        return schedule_id

    def truth(self, account: str, now: float) -> list[dict[str, Any]]:
        """Return all schedules of an account as they are now."""
        return [_render(schedule, now) for schedule in self._schedules.get(account, {}).values()]

    def due(self, now: float) -> Iterator[DueReport]:
        """Yield the reports that are due by a moment (epoch seconds), each once."""
        for account, schedules in self._schedules.items():
            for schedule in schedules.values():
                due = parse_iso(schedule["nextReportCreationTime"])
                length = period_seconds(schedule["period"])
                # Reports that Amazon would have forgotten by now are not made at all.
                missed = max(0, int((now - RETENTION - due) // length))
                due += missed * length
                while due <= now:
                    yield DueReport(account, schedule, due, length)
                    due += length
                schedule["nextReportCreationTime"] = iso(due)

    def get_report_schedules(self, call: Call) -> Answer:
        """List report schedules."""
        types = call.parameters["reportTypes"]
        found = [
            _render(schedule, call.now)
            for schedule in self._schedules.get(call.account.name, {}).values()
            if schedule["reportType"] in types
        ]
        return Answer({"reportSchedules": found})

    def create_report_schedule(self, call: Call) -> Answer:
        """Schedule a report; an older schedule for the same type and marketplaces is replaced."""
        body = call.body
        kind = self._type_of(body)
        if kind.mode == MADE_BY_AMAZON:
            raise not_allowed(kind)
        schedules = self._schedules.get(call.account.name, {})
        for schedule_id, schedule in list(schedules.items()):
            if schedule["reportType"] == body["reportType"] and {*schedule["marketplaceIds"]} == {
                *body["marketplaceIds"]
            }:
                del schedules[schedule_id]
        next_time = body.get("nextReportCreationTime")
        first = parse_iso(next_time) if next_time else call.now + period_seconds(body["period"])
        return Answer({"reportScheduleId": self.add(call.account.name, body, first)})

    def get_report_schedule(self, call: Call) -> Answer:
        """Return one report schedule."""
        return Answer(_render(self._schedule(call), call.now))

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


def not_allowed(kind: ReportType) -> ApiError:
    """Return an error 400: a report of this type cannot be requested."""
    return invalid_input(f"Request for report type {kind.name} is not allowed at this time")


def period_seconds(period: str) -> int:
    """Return the seconds of a period such as `PT5M`, `P7D` or `P1M`; a month has 30 days."""
    if period.startswith("P") and period.endswith("M") and "T" not in period:
        return int(period[1:-1]) * _MONTH
    return int(period.strip("PTMHD")) * _UNITS[period[-1]]


def _render(schedule: Mapping[str, Any], now: float) -> dict[str, Any]:
    """Return a schedule with the time of the next report after a moment."""
    due, length = parse_iso(schedule["nextReportCreationTime"]), period_seconds(schedule["period"])
    if due <= now:
        due += (1 + (now - due) // length) * length
    return {**schedule, "nextReportCreationTime": iso(due)}
