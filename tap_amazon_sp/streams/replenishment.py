"""Replenishment (Subscribe & Save): offers in the program, and how they and the program do.

Facts: Amazon's model `replenishment-2022-11-07` (metrics of the last two years; metrics of offers
for one unit of time a request; offsets up to 9,000).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon.client import Answer
from tap_amazon_sp.amazon.errors import InvalidRequestError, TooManyResultsError
from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.stream import Parameters, SellingPartnerStream
from tap_amazon_sp.reading.window_plan import Window
from tap_amazon_sp.reading.windows import WindowedStream

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

DAY = dt.timedelta(days=1)
WEEK = dt.timedelta(weeks=1)


class _ReplenishmentStream(SellingPartnerStream):
    """Asked for where the program is, of all marketplaces that are read."""

    roles = ROLES

    def marketplace_parameters(self) -> Iterator[Parameters]:
        """Leave out the marketplaces that do not have the program."""
        for parameters in super().marketplace_parameters():
            (marketplace_id,) = parameters.values()
            if marketplace_id in SELLER_MARKETPLACES | VENDOR_MARKETPLACES:
                yield parameters

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation; where only vendors have the program, sellers are refused."""
        marketplace_id = parameters[self.marketplace_parameter or ""]
        try:
            yield from super().answers(parameters, page_token)
        except InvalidRequestError as error:
            if marketplace_id not in VENDOR_MARKETPLACES:
                raise
            self.logger.warning("Left out %s, where only vendors are: %s", marketplace_id, error)


class ReplenishmentOffers(_ReplenishmentStream, SnapshotStream):
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


class _MetricsStream(_ReplenishmentStream, WindowedStream):
    """Metrics by calendar week; each request asks for whole weeks, all of which are over."""

    replication_key = "startDate"
    # Two years, less the days by which the first week begins earlier.
    retention = dt.timedelta(days=2 * 365) - WEEK
    # The newest weeks are filled in as deliveries become known.
    late_by = dt.timedelta(days=14)
    # Not the end: Amazon may shorten it to the data that it has, and lengthen it later.
    lifted = {"startDate": "timeInterval.startDate"}

    def _span(self) -> tuple[dt.datetime, dt.datetime]:
        start, end = super()._span()
        return _monday(start), _monday(end)

    def window_times(self, name: str, window: Window) -> Parameters:
        if window.length < WEEK:
            # Amazon takes a part of a week for the whole: asking for less gives no less.
            raise TooManyResultsError(
                self.operation.id, message="a week has more offers than Amazon gives"
            )
        end_name = name.replace("startDate", "endDate")
        return {name: window.after, end_name: window.before - DAY}

    def additions(
        self, record: Mapping[str, Any], parameters: Parameters, parent: Mapping[str, Any]
    ) -> dict[str, Any]:
        added = super().additions(record, parameters, parent)
        added["startDate"] = added["startDate"] or format_timestamp(parameters[self.updated_after])
        return added


class ReplenishmentOfferMetrics(_MetricsStream):
    """Subscriptions, units and revenue of each offer by calendar week, as far as it is over.

    The last two weeks are read again in each run. A call per week, marketplace and 500 offers.
    Amazon gives at most 9,500 of them; where there are more, the stream fails.
    """

    name = "replenishment_offer_metrics"
    operation_id = "replenishment-2022-11-07.listOfferMetrics"
    primary_keys = ("marketplaceId", "asin", "sku", "startDate")
    updated_after = "filters.timeInterval.startDate"
    first_window = shortest_window = longest_window = WEEK
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


class ReplenishmentMetrics(_MetricsStream):
    """Subscriptions, units, revenue and retention of the whole program by calendar week.

    As far as the week is over; the last two weeks are read again in each run.
    """

    name = "replenishment_metrics"
    operation_id = "replenishment-2022-11-07.getSellingPartnerMetrics"
    primary_keys = ("marketplaceId", "startDate")
    updated_after = "timeInterval.startDate"
    first_window = shortest_window = longest_window = 13 * WEEK
    marketplace_parameter = "marketplaceId"
    parameters = {
        "aggregationFrequency": "WEEK",
        "timePeriodType": "PERFORMANCE",
        "programTypes": PROGRAMS,
    }
    from_request = {"marketplaceId": "marketplaceId"}


def _monday(moment: dt.datetime) -> dt.datetime:
    """Return the beginning of the week."""
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day - dt.timedelta(days=day.weekday())


STREAMS = (ReplenishmentOffers, ReplenishmentOfferMetrics, ReplenishmentMetrics)
