"""Entries of `reports` for every report type, with what each type requires."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon.report_types import FILE_FORMATS, ReportType
from tap_amazon_sp.settings.reports import stream_name

ZIP_TYPES = ("FBA_BULK_INVOICE",)
"""Types whose format is not known before the document is there."""
WEEKLY = ("END_USER_DATA_REPORT",)
"""Types whose period would be a month: perhaps no month is over."""


@dataclass(frozen=True)
class ReportEntries:
    """The entries at a time.

    Attributes:
        now: The time.
        folder: Where documents go that are kept as files.
    """

    now: dt.datetime
    folder: Path

    def ago(self, days: int) -> str:
        """Return a time so many days ago."""
        return (self.now - dt.timedelta(days=days)).isoformat()

    @property
    def start_of_listed(self) -> str:
        """The first day to read of reports that are only listed."""
        return self.ago(40)

    def entry(self, kind: ReportType, party: str) -> dict[str, Any]:
        """Return the entry of a type for sellers or vendors."""
        entry: dict[str, Any] = {"report_type": kind.name}
        if party != kind.parties[0]:
            entry["name"] = f"{stream_name(kind.name)}_of_{party}"
        options = self._options(kind, party)
        if options:
            entry["options"] = options
        period = kind.options.get(kind.dates.period_option or "")
        if period is not None and period.default != "DAY":
            is_daily = {"DAY", "DAILY"} & {*period.values} and kind.name not in WEEKLY
            weekly = {"window": "WEEK", "start_date": self.ago(8)}
            entry |= {"window": "DAY"} if is_daily else weekly
        if kind.mode != "requested":
            entry["start_date"] = self.start_of_listed
        if kind.format in FILE_FORMATS or kind.name in ZIP_TYPES:
            entry["save_to"] = str(self.folder)
        return entry

    def _options(self, kind: ReportType, party: str) -> dict[str, Any]:
        required = {
            # What a required option is, where any text is one.
            "asin": "B0W8BVT9EW",
            "currencyCode": "USD",
            "productType": "BOOK",
            "promotionStartDateFrom": self.ago(30),
            "promotionStartDateTo": self.ago(1),
        }
        options = {
            option.name: option.values[0] if option.values else required[option.name]
            for option in kind.options.values()
            if option.required and option.name != kind.dates.period_option
        }
        if kind.one_of:
            coupons = "coupon" if party == "seller" else "campaign"
            options |= {
                f"{coupons}StartDateFrom": self.ago(30),
                f"{coupons}StartDateTo": self.ago(1),
            }
        return options
