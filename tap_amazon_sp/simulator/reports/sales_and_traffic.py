"""The sales and traffic report."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from tap_amazon_sp.simulator.orders.sales_figures import SalesFigures, SalesWindow, sales_events
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.periods import day_of, first_day, periods_between
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import seeded_random
from tap_amazon_sp.simulator.world.timestamps import DAY, UTC, date_of

_GRANULARITIES = ("dateGranularity", "asinGranularity")
_BY_ASIN = ("unitsOrdered", "orderedProductSales", "totalOrderItems")
_BY_DATE = (
    *_BY_ASIN,
    "averageSalesPerOrderItem",
    "averageUnitsPerOrderItem",
    "averageSellingPrice",
    "unitsRefunded",
    "refundRate",
    "claimsGranted",
    "claimsAmount",
    "shippedProductSales",
    "unitsShipped",
    "ordersShipped",
)


def sales_and_traffic(orders: ReportOrders) -> bytes:
    """Return the sales and traffic report of the first marketplace."""
    request, book = orders.request, orders.book
    marketplace, seed = request.marketplaces[0], book.world.seed
    options = {"dateGranularity": "DAY", "asinGranularity": "PARENT"} | {
        name: value for name, value in request.options.items() if name in _GRANULARITIES
    }
    period = options["dateGranularity"]
    # A request in the middle of a day, week or month receives all of it.
    periods = list(periods_between(period, day_of(request.start), day_of(request.end)))
    by_date = {first.isoformat(): SalesFigures() for first, _ in periods}
    by_product: dict[Product, SalesFigures] = {}
    start, end = _midnight(periods[0][0]), _midnight(periods[-1][1]) + DAY - 1
    for event in sales_events(book, SalesWindow([marketplace], start, end, request.now)):
        by_date[first_day(period, day_of(event.moment)).isoformat()].add(event)
        by_product.setdefault(event.product, SalesFigures()).add(event)
    return json.dumps(
        {
            "reportSpecification": {
                "reportType": "GET_SALES_AND_TRAFFIC_REPORT",
                "reportOptions": options,
                "dataStartTime": date_of(request.start),
                "dataEndTime": date_of(request.end),
                "marketplaceIds": [marketplace.id],
            },
            "salesAndTrafficByDate": [
                {
                    "date": date,
                    "salesByDate": _sales(sales, _BY_DATE, marketplace),
                    "trafficByDate": _traffic_by_date(seed, date, sales),
                }
                for date, sales in by_date.items()
            ],
            "salesAndTrafficByAsin": [
                {
                    **_product_ids(product, options["asinGranularity"]),
                    "salesByAsin": _sales(sales, _BY_ASIN, marketplace),
                    "trafficByAsin": _traffic_by_asin(seed, product.asin, sales),
                }
                for product, sales in sorted(by_product.items(), key=lambda entry: entry[0].asin)
            ],
        }
    ).encode()


def _midnight(day: dt.date) -> float:
    return dt.datetime.combine(day, dt.time(), UTC).timestamp()


def _product_ids(product: Product, granularity: str) -> dict[str, str]:
    ids = {"parentAsin": product.asin}
    if granularity != "PARENT":
        ids["childAsin"] = product.asin
    if granularity == "SKU":
        ids["sku"] = product.sku
    return ids


def _sales(figures: SalesFigures, names: Iterable[str], marketplace: Marketplace) -> dict[str, Any]:
    """Return figures by Amazon's names, in their order."""
    values: dict[str, Any] = {**figures.counts(), **figures.rates()}
    for name, units in figures.amounts().items():
        values[name] = {
            "amount": float(amount(units, marketplace.currency)),
            "currencyCode": marketplace.currency,
        }
    return {name: values[name] for name in names}


def _traffic_by_date(seed: int, date: str, sales: SalesFigures) -> dict[str, Any]:
    rng = seeded_random(seed, "traffic", date)
    browser, mobile = rng.randrange(200, 900), rng.randrange(300, 1500)
    sessions = browser + mobile
    return {
        "browserPageViews": browser * 2,
        "mobileAppPageViews": mobile * 2,
        "pageViews": sessions * 2,
        "browserSessions": browser,
        "mobileAppSessions": mobile,
        "sessions": sessions,
        "buyBoxPercentage": round(80 + 20 * rng.random(), 2),
        "orderItemSessionPercentage": min(100, round(100 * sales.items / sessions, 2)),
        "unitSessionPercentage": round(100 * sales.counts()["unitsOrdered"] / sessions, 2),
        "averageOfferCount": rng.randrange(100, 140),
        "averageParentItems": rng.randrange(90, 120),
        "feedbackReceived": rng.randrange(4),
        "negativeFeedbackReceived": 0,
        "receivedNegativeFeedbackRate": 0,
    }


def _traffic_by_asin(seed: int, asin: str, sales: SalesFigures) -> dict[str, Any]:
    rng = seeded_random(seed, "traffic", asin)
    browser, mobile = rng.randrange(20, 90), rng.randrange(30, 150)
    sessions = browser + mobile
    return {
        "browserSessions": browser,
        "mobileAppSessions": mobile,
        "sessions": sessions,
        "browserSessionPercentage": 1.2,
        "mobileAppSessionPercentage": 1.4,
        "sessionPercentage": 1.3,
        "browserPageViews": browser * 2,
        "mobileAppPageViews": mobile * 2,
        "pageViews": sessions * 2,
        "browserPageViewsPercentage": 1.2,
        "mobileAppPageViewsPercentage": 1.4,
        "pageViewsPercentage": 1.3,
        "buyBoxPercentage": 97.5,
        "unitSessionPercentage": round(100 * sales.counts()["unitsOrdered"] / sessions, 2),
    }
