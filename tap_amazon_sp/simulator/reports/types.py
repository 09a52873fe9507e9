"""The report types, and the rules for requests.

`data/report_types.json` has an entry for each type of Amazon's page "Report Type Values" and of two
older copies of it: format, who makes the report, and rules for dates and options. If the format is
a guess, the entry says `format_inferred`.

Amazon answers 400 to requests that do not fit the model of the API, and to types that were removed
or cannot be requested. It finds other mistakes later: the report ends FATAL, with the document
`{"errorDetails": "..."}`. Sources: saleweaver/python-amazon-sp-api#624 (an option is missing),
amzn/selling-partner-api-models#2630 (other parameters). Options that a type does not know are
ignored here, because no source says that Amazon refuses them.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.data import read_data
from tap_amazon_sp.simulator.world.periods import day_of, first_day, last_day
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR

TSV, CSV, JSON, XML, PDF, XLSX, ZIP = "TSV", "CSV", "JSON", "XML", "PDF", "XLSX", "ZIP"
FLAT_FORMATS = frozenset({TSV, CSV})
"""The formats of flat files."""

DATE_RANGE = "GET_DATE_RANGE_FINANCIAL_"
"""How the names of the date range reports of Seller Central begin."""

MADE_BY_AMAZON = "amazon"
SCHEDULED = "schedule"

CLIENT_ERROR = (
    "A client error occurred. Please double check that your parameters are valid and fulfill the "
    "requirements of the report type."
)

_DATES = "This report type requires the dataStartTime and dataEndTime to be specified."
_MAX_AGE = 2 * 366 * DAY


@dataclass(frozen=True)
class ReportType:
    """A report type.

    Attributes:
        name: Amazon's name.
        format: `TSV`, `CSV`, `JSON`, `XML`, `PDF`, `XLSX` or `ZIP`.
        mode: `request`, `both` (can be scheduled too), `schedule` (can only be scheduled) or
            `amazon` (made by Amazon; can only be listed).
        dates: `required`, `optional`, or `none` for a report that shows a current state.
        options: Allowed values by option; `string` allows any.
        needs: Options that are required.
        vendor_needs: The same for a vendor, if different.
        schemas: Names of Amazon's JSON Schemas of its content, for a seller and for a vendor.
        restricted: Whether its document needs a restricted data token.
        removed: When Amazon removed it.
        interval: Seconds after a report in which Amazon does not make the same one again.
        longest_days: Maximum number of days of a request.
        one_period: Whether a request must cover exactly one period.
        kept_days: Days after which Amazon removes a report.
        category: Heading on Amazon's page.
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
        """Whether createReport accepts it."""
        return self.mode not in (MADE_BY_AMAZON, SCHEDULED)

    @property
    def shows_state(self) -> bool:
        """Whether it shows a current state, so that dates have no effect."""
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
        """Return why a report would end FATAL, or None.

        Args:
            start: Start of the data, epoch seconds.
            end: End of the data.
            options: Options of the request.
            has_dates: Whether the request has both dates.
            is_vendor: Whether a vendor requests it.
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
        """Return whether a request begins and ends with a period."""
        first, last = day_of(start), day_of(end)
        if first != first_day(period, first) or last != last_day(period, last):
            return False
        return not self.one_period or last == last_day(period, first)

    def is_too_old(self, start: float, now: float) -> bool:
        """Return whether Amazon cancels a request because its data is too old.

        Amazon documents that for the sales and traffic report.
        """
        return self.name == "GET_SALES_AND_TRAFFIC_REPORT" and now - start > _MAX_AGE


@functools.cache
def report_types() -> Mapping[str, ReportType]:
    """Return all known report types by name, including those that Amazon removed."""
    return {
        name: ReportType(name, **facts) for name, facts in read_data("report_types.json").items()
    }
