"""Replenishment (Subscribe & Save): offers in the program, and metrics of offers and program.

Facts: Amazon's model `replenishment-2022-11-07` (metrics cover the last two years; a request for
metrics of offers covers one unit of time; offsets go up to 9,000).
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
"""The marketplaces with the program for sellers and vendors."""

VENDOR_MARKETPLACES = frozenset(
    find_marketplace(code).id for code in ("BR", "AU", "MX", "AE", "NL")
)
"""The marketplaces with the program for vendors only."""

WEEK = dt.timedelta(weeks=1)


class _ReplenishmentStream(AmazonStream):
    """A stream of those of the account's marketplaces that have the program."""

    roles = ROLES
    only_marketplaces = SELLER_MARKETPLACES | VENDOR_MARKETPLACES

    def left_out(self, error: InvalidRequestError, parameters: Parameters) -> str | None:  # noqa: ARG002
        """Leave out marketplaces where the program is for vendors only: Amazon refuses sellers."""
        marketplace_id = str(parameters[self.marketplace_parameter or ""])
        is_for_vendors = marketplace_id in VENDOR_MARKETPLACES
        where = f"{marketplace_id}, where the program is for vendors only"
        return where if is_for_vendors else None

    def add(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Return the added properties; metrics without a week get the requested one."""
        added = super().add(record, request)
        if "startDate" in added and not added["startDate"]:
            start = next(
                value for name, value in request.parameters.items() if name.endswith("startDate")
            )
            added["startDate"] = format_timestamp(start)
        return added


class ReplenishmentOffers(_ReplenishmentStream):
    """Offers in the program: eligibility, discounts, price, stock and forecast of deliveries.

    Amazon returns at most 9,100 offers of a marketplace. If there are more, the stream fails after
    these.
    """

    name = "replenishment_offers"
    operation_id = "replenishment-2022-11-07.listOffers"
    primary_keys = ("marketplaceId", "programType", "asin", "sku")
    optional_keys = ("sku",)
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
        TooManyResultsError: The window is shorter than a week. Amazon answers for the whole week,
            so a shorter window does not return fewer results.
    """
    if window.length < WEEK:
        raise TooManyResultsError(operation.id, message="a week has more offers than Amazon gives")
    return {name: window.after, name.replace("startDate", "endDate"): window.before - DAY}


_WEEKLY = Windows(
    "",
    times=_weeks,
    whole_weeks=True,
    # Two years, less a week: the first week begins before the first moment to read.
    retention=dt.timedelta(days=2 * 365) - WEEK,
    # Amazon adds to the newest weeks when deliveries become known.
    late_by=dt.timedelta(days=14),
)


def _weekly(start_parameter: str, length: dt.timedelta) -> Windows:
    """Return how metrics are read, in windows of this length."""
    return replace(
        _WEEKLY, updated_after=start_parameter, first=length, shortest=length, longest=length
    )


WEEK_OF_RECORD = {"startDate": "timeInterval.startDate"}
"""The key has no end: Amazon may cut the end at its latest data, and move it later."""


class ReplenishmentOfferMetrics(_ReplenishmentStream):
    """Subscriptions, units and revenue of each offer, by calendar week.

    Only weeks that are over are read; every run reads the last two weeks again. One request per
    week, marketplace and 500 offers. Amazon returns at most 9,500 offers; if there are more, the
    stream fails.
    """

    name = "replenishment_offer_metrics"
    operation_id = "replenishment-2022-11-07.listOfferMetrics"
    primary_keys = ("marketplaceId", "asin", "sku", "startDate")
    optional_keys = ("sku",)
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
    """Subscriptions, units, revenue and retention of the whole program, by calendar week.

    Only weeks that are over are read; every run reads the last two weeks again.
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
