"""The reports and schedules that an account has when the simulator starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tap_amazon_sp.simulator.jobs.job import CANCELLED, DONE, FATAL
from tap_amazon_sp.simulator.reports.settlements import SETTLEMENT_REPORT
from tap_amazon_sp.simulator.reports.types import MADE_BY_AMAZON, ReportType
from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account
from tap_amazon_sp.simulator.world.timestamps import DAY, HOUR
from tap_amazon_sp.simulator.world.world import World

FIRST_SCHEDULES = (
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", "PT8H"),
    ("GET_MERCHANT_LISTINGS_ALL_DATA", "P1D"),
    ("GET_SALES_AND_TRAFFIC_REPORT", "P7D"),
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL", "P1M"),
)
"""Type and period of each schedule."""

# Type, days between two reports, and how they end.
_REPORTS = (
    ("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", 1, DONE),
    ("GET_MERCHANT_LISTINGS_ALL_DATA", 7, DONE),
    ("GET_SALES_AND_TRAFFIC_REPORT", 7, DONE),
    ("GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING", 20, DONE),
    ("GET_FBA_REIMBURSEMENTS_DATA", 15, CANCELLED),
    ("GET_FBA_STORAGE_FEE_CHARGES_DATA", 25, FATAL),
)
_REPORTS_OF_VENDOR = (("GET_VENDOR_SALES_REPORT", 10, CANCELLED),)
_DAYS_BETWEEN_OTHERS = 14


@dataclass(frozen=True)
class PastReport:
    """A report that was made before the start.

    Attributes:
        account: The account that it belongs to.
        type: Name of its type.
        created: When it was requested, epoch seconds.
        days: Days that it covers.
        outcome: `DONE`, `CANCELLED` or `FATAL`.
    """

    account: Account
    type: str
    created: int
    days: int
    outcome: str


def past_reports(
    world: World, accounts: Sequence[Account], types: Mapping[str, ReportType]
) -> Iterator[PastReport]:
    """Yield the past reports of a seller's accounts."""
    for account in accounts:
        for name, days, outcome in _REPORTS_OF_VENDOR if account == VENDOR else _REPORTS:
            yield from _series(world, account, name, days, outcome)
    # Reports of settlements are made when they end; Amazon makes reports of these types, too.
    for kind in types.values():
        if kind.mode == MADE_BY_AMAZON and kind.removed is None and kind.name != SETTLEMENT_REPORT:
            yield from _series(world, accounts[0], kind.name, _DAYS_BETWEEN_OTHERS, DONE)


def _series(
    world: World, account: Account, name: str, days: int, outcome: str
) -> Iterator[PastReport]:
    last = world.end_of_past - HOUR
    for age in range(0, world.days - days, days):
        yield PastReport(account, name, last - age * DAY, days, outcome)
