"""The lists of reports and of their schedules: what was requested, for what time, how it went.

Facts: Amazon's model `reports_2021-06-30` (reports are kept for 90 days; a call wants at most ten
report types, or a page token alone).
"""

from __future__ import annotations

from tap_amazon_sp.amazon.report_types import REPORT_TYPES
from tap_amazon_sp.reading.job_lists import JobStream, TypedStream
from tap_amazon_sp.reading.snapshots import SnapshotStream


class Reports(TypedStream, JobStream):
    """Reports of all types, or of those in `report_types`: their state, not their rows.

    All types take a dozen calls, more than the burst of 10: name those in use to spare the wait.
    """

    name = "reports"
    operation_id = "reports_2021-06-30.getReports"
    primary_keys = ("reportId",)
    types_parameter = "reportTypes"
    types_setting = "report_types"
    all_types = REPORT_TYPES


class ReportSchedules(TypedStream, SnapshotStream):
    """Schedules by which Amazon makes reports, of all types or of those in `report_types`.

    As `reports`, all types take a dozen calls and some minutes.
    """

    name = "report_schedules"
    operation_id = "reports_2021-06-30.getReportSchedules"
    primary_keys = ("reportScheduleId",)
    types_parameter = "reportTypes"
    types_setting = "report_types"
    all_types = REPORT_TYPES


STREAMS = (Reports, ReportSchedules)
