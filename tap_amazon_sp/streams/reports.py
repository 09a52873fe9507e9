"""The list of reports: what was requested, by whom, for what time, and how it went.

Facts: Amazon's model `reports_2021-06-30` (reports are kept for 90 days; a call wants at most ten
report types, or a page token alone).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tap_amazon_sp.reports.report_types import REPORT_TYPES
from tap_amazon_sp.streams.jobs import JobStream


class Reports(JobStream):
    """Reports of all types, or of those in `report_types`: their state, not their rows."""

    name = "reports"
    operation_id = "reports_2021-06-30.getReports"
    primary_keys = ("reportId",)

    def fixed_parameters(self) -> Iterator[dict[str, Any]]:
        """Go through the report types, ten at a time."""
        report_types = self.config.get("report_types") or REPORT_TYPES
        yield from self.parameters_by_type("reportTypes", report_types)
