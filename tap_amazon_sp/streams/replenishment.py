"""Replenishment (Subscribe & Save): offers in the program, and how they and the program do.

Facts: Amazon's model `replenishment-2022-11-07` (metrics of the last two years; metrics of offers
for one unit of time a request; offsets up to 9,000).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.errors import InvalidRequestError, TooManyResultsError
from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.pipeline import Request
from tap_amazon_sp.reading.reader import Parameters
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

ROLES = ("Product Listing", "Brand Analytics")
PROGRAMS = ["SUBSCRIBE_AND_SAVE"]
SELLER_MARKETPLACES = frozenset(
    find_marketplace(code).id for code in ("US", "CA", "ES", "UK", "FR", "IT", "IN", "DE", "JP")
)
"""Where the program is there for sellers and vendors."""

VENDOR_MARKETPLACES = frozenset(
    find_marketplace(code).id for code in ("BR", "AU", "MX", "AE", "NL")
)
"""Where it is there for vendors only."""

WEEK = dt.timedelta(weeks=1)


class _ReplenishmentStream(AmazonStream):
    """Requested where the program is, of all marketplaces that are read."""

    roles = ROLES
    only_marketplaces = SELLER_MARKETPLACES | VENDOR_MARKETPLACES

    def left_out(self, error: InvalidRequestError, parameters: Parameters) -> str | None:  # noqa: ARG002
        """Leave out marketplaces where only vendors have the program: sellers are refused."""
        marketplace_id = str(parameters[self.marketplace_parameter or ""])
        is_for_vendors = marketplace_id in VENDOR_MARKETPLACES
        return f"{marketplace_id}, where only vendors are" if is_for_vendors else None

    def add(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Add the week that was requested to metrics that do not name their own."""
        added = super().add(record, request)
        if added.get("startDate", "") is None:
            start = next(
                value for name, value in request.parameters.items() if name.endswith("startDate")
            )
            added["startDate"] = format_timestamp(start)
        return added


class ReplenishmentOffers(_ReplenishmentStream):
    """Offers in the program: eligibility, discounts, price, stock and forecast of deliveries.

    Amazon gives at most 9,100 of a marketplace; where there are more, the stream fails after them.
    """

    name = "replenishment_offers"
    operation_id = "replenishment-2022-11-07.listOffers"
    primary_keys = ("marketplaceId", "programType", "asin", "sku")
    marketplace_parameter = "filters.marketplaceId"
    parameters = {
        "filters.programTypes": PROGRAMS,
        # Pages are counted: without an order an offer may move between them.
        "sort.key": "ASIN",
        "sort.order": "ASC",
    }
    read = Snapshot()


def _weeks(operation: Operation, name: str, window: Window) -> Parameters:
    """Return the first and the last day of a window of whole weeks.

    Raises:
        TooManyResultsError: It is shorter than a week. Amazon takes a part of a week for the
            whole, so that asking for less gives no less.
    """
    if window.length < WEEK:
        raise TooManyResultsError(operation.id, message="a week has more offers than Amazon gives")
    return {name: window.after, name.replace("startDate", "endDate"): window.before - DAY}


_WEEKLY = Windows(
    "",
    times=_weeks,
    whole_weeks=True,
    # Two years, less the days by which the first week begins earlier.
    retention=dt.timedelta(days=2 * 365) - WEEK,
    # The newest weeks are filled in as deliveries become known.
    late_by=dt.timedelta(days=14),
)


def _weekly(start_parameter: str, length: dt.timedelta) -> Windows:
    """Return how metrics are read, some weeks at a time."""
    return replace(
        _WEEKLY, updated_after=start_parameter, first=length, shortest=length, longest=length
    )


WEEK_OF_RECORD = {"startDate": "timeInterval.startDate"}
"""Not the end: Amazon may shorten it to the data that it has, and lengthen it later."""


class ReplenishmentOfferMetrics(_ReplenishmentStream):
    """Subscriptions, units and revenue of each offer by calendar week, as far as it is over.

    The last two weeks are read again in each run. A call per week, marketplace and 500 offers.
    Amazon gives at most 9,500 of them; where there are more, the stream fails.
    """

    name = "replenishment_offer_metrics"
    operation_id = "replenishment-2022-11-07.listOfferMetrics"
    primary_keys = ("marketplaceId", "asin", "sku", "startDate")
    replication_key = "startDate"
    lifted = WEEK_OF_RECORD
    read = _weekly("filters.timeInterval.startDate", WEEK)
    marketplace_parameter = "filters.marketplaceId"
    parameters = {
        # Pages are counted: without an order an offer may move between them.
        "sort.key": "SHIPPED_SUBSCRIPTION_UNITS",
        "sort.order": "DESC",
        "filters.aggregationFrequency": "WEEK",
        "filters.timePeriodType": "PERFORMANCE",
        "filters.programTypes": PROGRAMS,
    }
    from_request = {"marketplaceId": "filters.marketplaceId"}


class ReplenishmentMetrics(_ReplenishmentStream):
    """Subscriptions, units, revenue and retention of the whole program by calendar week.

    As far as the week is over; the last two weeks are read again in each run.
    """

    name = "replenishment_metrics"
    operation_id = "replenishment-2022-11-07.getSellingPartnerMetrics"
    primary_keys = ("marketplaceId", "startDate")
    replication_key = "startDate"
    lifted = WEEK_OF_RECORD
    read = _weekly("timeInterval.startDate", 13 * WEEK)
    marketplace_parameter = "marketplaceId"
    parameters = {
        "aggregationFrequency": "WEEK",
        "timePeriodType": "PERFORMANCE",
        "programTypes": PROGRAMS,
    }
    from_request = {"marketplaceId": "marketplaceId"}
