"""Reports that hold in one document what an operation gives in many calls.

`bulk_reports.json` is the table. Facts: Amazon's pages "Report Type Values", which say what each
report holds.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_TABLE = Path(__file__).with_name("bulk_reports.json")


@dataclass(frozen=True)
class BulkReport:
    """A report with many records.

    Attributes:
        report_type: Amazon's name of the type.
        holds: What it holds, in a few words.
        setting: The setting that fills the streams of the operation from it; None without one.
    """

    report_type: str
    holds: str
    setting: str | None = None


@functools.cache
def bulk_reports() -> Mapping[str, BulkReport]:
    """Return the reports by the id of the operation that they stand for."""
    return {
        operation_id: BulkReport(entry["report_type"], entry["holds"], entry.get("setting"))
        for entry in json.loads(_TABLE.read_text(encoding="utf-8"))
        for operation_id in entry["operations"]
    }
