"""The lists of reports, with their status, and of report schedules.

Facts: Amazon's model `reports_2021-06-30` (reports are kept for 90 days; a request takes at most
ten report types, or a page token alone).
"""

from __future__ import annotations

from tap_amazon_sp.amazon.report_types import REPORT_TYPES
from tap_amazon_sp.reading.job_lists import JOBS
from tap_amazon_sp.reading.requests import Each
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream

OF_TYPES = (Each("reportTypes", tuple(REPORT_TYPES), setting="report_types"),)


class Reports(AmazonStream):
    """Reports of all types, or of those in `report_types`: their status, not their rows.

    All types take a dozen requests, more than the burst of 10. Set `report_types` to the types in
    use to avoid the wait.
    """

    name = "reports"
    operation_id = "reports_2021-06-30.getReports"
    primary_keys = ("reportId",)
    replication_key = "createdTime"
    each = OF_TYPES
    read = JOBS


class ReportSchedules(AmazonStream):
    """Schedules by which Amazon makes reports, of all types or of those in `report_types`.

    As with `reports`, all types take a dozen requests and some minutes.
    """

    name = "report_schedules"
    operation_id = "reports_2021-06-30.getReportSchedules"
    primary_keys = ("reportScheduleId",)
    each = OF_TYPES
    read = Snapshot()
