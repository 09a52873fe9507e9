"""What is known of each report type, and what a request for one must be.

`data/report_types.json` has a line for each type of Amazon's page "Report Type Values" and of two
older copies of it: format, who makes it, what it does with dates and options. Where Amazon does not
say it, the entry says `format_inferred`.

What Amazon does with a wrong request: it answers 400 to what breaks the model of the API, to a type
that is gone and to one that cannot be requested. What breaks the rules of a type is found later:
the report ends FATAL, its document is `{"errorDetails": "..."}`, as in
saleweaver/python-amazon-sp-api#624 (an option is missing) and amzn/selling-partner-api-models#2630
(other parameters). Options that a type does not know are nowhere said to be refused: they are
ignored.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR, UTC

TSV, CSV, JSON, XML, PDF, XLSX, ZIP = "TSV", "CSV", "JSON", "XML", "PDF", "XLSX", "ZIP"

MADE_BY_AMAZON = "amazon"
SCHEDULED = "schedule"

CLIENT_ERROR = (
    "A client error occurred. Please double check that your parameters are valid and fulfill the "
    "requirements of the report type."
)

_DATES = "This report type requires the dataStartTime and dataEndTime to be specified."
_OLDEST = 2 * 366 * DAY


def read_data(name: str) -> dict[str, Any]:
    """A file of the folder `data`: facts about Amazon that are too many for code."""
    folder = resources.files("tap_amazon_sp.simulator").joinpath("data")
    content: dict[str, Any] = json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    return content


@dataclass(frozen=True)
class ReportType:
    """A report type.

    Attributes:
        name: Amazon's name.
        format: `TSV`, `CSV`, `JSON`, `XML`, `PDF`, `XLSX` or `ZIP`.
        mode: `request`, `both` (can be scheduled, too), `schedule` (only) or `amazon` (made by
            Amazon and only listed).
        dates: `required`, `optional`, or `none` where it shows how things are.
        options: Values by option, `string` where any will do.
        needs: Options that must be given.
        vendor_needs: The same for a vendor, where it is something else.
        schemas: Amazon's JSON Schemas of its content, of a seller and of a vendor.
        restricted: Whether its document needs a restricted data token.
        removed: When Amazon removed it.
        interval: Seconds after it was made in which it is not made again.
        longest_days: Most days of a request.
        one_period: Whether a request must be one period, not several.
        kept_days: Days after which it is gone.
        category: Amazon's heading.
        format_inferred: Whether the format is a guess.
    """

    name: str
    format: str
    mode: str = "request"
    dates: str = "optional"
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: Sequence[str] = ()
    vendor_needs: Sequence[str] = ()
    schemas: Sequence[str] = ()
    restricted: bool = False
    removed: str | None = None
    interval: float = 0.0
    longest_days: int | None = None
    one_period: bool = False
    kept_days: int = 90
    category: str = ""
    format_inferred: bool = False

    @property
    def is_requestable(self) -> bool:
        """Whether createReport takes it."""
        return self.mode not in (MADE_BY_AMAZON, SCHEDULED)

    @property
    def shows_state(self) -> bool:
        """Whether it shows how things are, whatever the dates."""
        return self.dates == "none"

    def problem(
        self,
        start: float,
        end: float,
        options: Mapping[str, str],
        *,
        has_dates: bool,
        is_vendor: bool = False,
    ) -> str | None:
        """Why a report like this would end FATAL, or None.

        Args:
            start: Start of the data, epoch seconds.
            end: End of the data.
            options: Options of the request.
            has_dates: Whether the request has both dates.
            is_vendor: Whether a vendor asks.
        """
        needs = self.vendor_needs if is_vendor and self.vendor_needs else self.needs
        missing = [name for name in needs if not options.get(name)]
        if missing:
            return (
                f"This report type requires the {', '.join(missing)} reportOption to be specified."
                " Please review the document for this report type on GitHub, provide a value for"
                " this reportOption in your request, and try again."
            )
        for name, allowed in self.options.items():
            if name in options and allowed != "string" and options[name] not in allowed:
                return CLIENT_ERROR
        if self.dates == "required" and not has_dates:
            return _DATES
        if self.longest_days is not None and end - start > self.longest_days * DAY + HOUR:
            return CLIENT_ERROR
        period = options.get("reportPeriod")
        if period is not None and has_dates and not self._fits(period, start, end):
            return CLIENT_ERROR
        return None

    def _fits(self, period: str, start: float, end: float) -> bool:
        """Whether the first and last day of a request are those of a period, or of several."""
        first, last = day_of(start), day_of(end)
        if first != first_day(period, first) or last != last_day(period, last):
            return False
        return not self.one_period or last == last_day(period, first)

    def is_too_old(self, start: float, now: float) -> bool:
        """Whether the data is so old that Amazon cancels: said of sales and traffic."""
        return self.name == "GET_SALES_AND_TRAFFIC_REPORT" and now - start > _OLDEST


def day_of(seconds: float) -> dt.date:
    """The UTC day of epoch seconds."""
    return dt.datetime.fromtimestamp(seconds, UTC).date()


def first_day(period: str, day: dt.date) -> dt.date:
    """First day of the `DAY`, `WEEK` (from Sunday), `MONTH`, `QUARTER` or `YEAR` around a day."""
    if period == "WEEK":
        return day - dt.timedelta(days=(day.weekday() + 1) % 7)
    if period == "MONTH":
        return day.replace(day=1)
    if period == "QUARTER":
        return day.replace(month=day.month - (day.month - 1) % 3, day=1)
    return day.replace(month=1, day=1) if period == "YEAR" else day


def last_day(period: str, day: dt.date) -> dt.date:
    """Last day of the period around a day; see `first_day`."""
    if period == "WEEK":
        return first_day(period, day) + dt.timedelta(days=6)
    if period == "DAY":
        return day
    # The longest month has 31 days, so this lies in the next period.
    days = {"MONTH": 31, "QUARTER": 92, "YEAR": 366}[period]
    return first_day(period, first_day(period, day) + dt.timedelta(days=days)) - dt.timedelta(
        days=1
    )


@functools.cache
def report_types() -> Mapping[str, ReportType]:
    """All known report types by name, also those that Amazon removed."""
    return {
        name: ReportType(name, **facts) for name, facts in read_data("report_types.json").items()
    }
