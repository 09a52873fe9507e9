"""The list of reports: what was requested, by whom, for what time, and how it went.

Facts: Amazon's model `reports_2021-06-30` (reports are kept for 90 days; a call wants at most ten
report types, or a page token alone).
"""

from __future__ import annotations

from tap_amazon_sp.reports.report_types import REPORT_TYPES
from tap_amazon_sp.streams.jobs import JobStream


class Reports(JobStream):
    """Reports of all types, or of those in `report_types`: their state, not their rows.

    All types take a dozen calls, more than the burst of 10: name those in use to spare the wait.
    """

    name = "reports"
    operation_id = "reports_2021-06-30.getReports"
    primary_keys = ("reportId",)
    types_parameter = "reportTypes"
    types_setting = "report_types"
    all_types = REPORT_TYPES
