"""The request for a report."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tap_amazon_sp.simulator.reports.types import ReportType
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.periods import day_of, periods_between
from tap_amazon_sp.simulator.world.timestamps import HOUR

DEFAULT_PERIOD = "DAY"

_HOURLY_SCHEMAS = "vendorRealTime"


@dataclass(frozen=True)
class ReportRequest:
    """The request for a report.

    Attributes:
        type: The report type.
        marketplaces: The marketplaces that the report covers.
        start: Start of the data, epoch seconds.
        end: End of the data (inclusive), epoch seconds.
        now: When the report is made, epoch seconds.
        options: Report options.
        seller_id: Amazon's merchant token.
        is_vendor: Whether a vendor requests it.
    """

    type: ReportType
    marketplaces: Sequence[Marketplace]
    start: float
    end: float
    now: float
    options: Mapping[str, str]
    seller_id: str
    is_vendor: bool = False

    @property
    def schema(self) -> str:
        """Name of the JSON Schema of a JSON report."""
        return self.type.schemas[-1 if self.is_vendor else 0]

    @property
    def is_hourly(self) -> bool:
        """Whether the records of a JSON report cover one hour each."""
        return self.schema.startswith(_HOURLY_SCHEMAS)

    def hours(self) -> range:
        """Return the beginnings (epoch seconds) of the hours that lie completely in the range."""
        first, end = -int(-self.start // HOUR), int(self.end // HOUR)
        return range(first * HOUR, end * HOUR, HOUR)

    @property
    def period(self) -> str:
        """The period that records cover, e.g. `WEEK`."""
        options = self.options
        return options.get("reportPeriod") or options.get("dateGranularity") or DEFAULT_PERIOD

    def periods(self) -> list[tuple[dt.date, dt.date]]:
        """Return first and last day of each period in the range."""
        return list(periods_between(self.period, day_of(self.start), day_of(self.end)))
