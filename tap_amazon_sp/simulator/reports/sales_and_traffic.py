"""The sales and traffic report."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, replace
from typing import Any

from tap_amazon_sp.simulator.orders.details import is_priced
from tap_amazon_sp.simulator.orders.history import SHIPPED
from tap_amazon_sp.simulator.reports.report_orders import ReportOrders
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.periods import day_of, first_day, periods_between
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import seeded_random
from tap_amazon_sp.simulator.world.timestamps import DAY, UTC, date_of

_GRANULARITIES = ("dateGranularity", "asinGranularity")


def sales_and_traffic(orders: ReportOrders) -> bytes:
    """Return the sales and traffic report of the first marketplace."""
    request, book = orders.request, orders.book
    marketplace, seed = request.marketplaces[0], book.world.seed
    options = {"dateGranularity": "DAY", "asinGranularity": "PARENT"} | {
        name: value for name, value in request.options.items() if name in _GRANULARITIES
    }
    period = options["dateGranularity"]
    # A request in the middle of a week or month receives all of it.
    periods = list(periods_between(period, day_of(request.start), day_of(request.end)))
    by_date = {first.isoformat(): _Sales() for first, _ in periods}
    by_product: dict[Product, _Sales] = {}
    if period == "DAY":
        start, end = request.start, request.end
    else:
        start, end = _midnight(periods[0][0]), _midnight(periods[-1][1]) + DAY - 1
    for order in replace(orders, request=replace(request, start=start, end=end)).created():
        if order.marketplace != marketplace or not is_priced(order):
            continue
        date = first_day(period, day_of(order.created)).isoformat()
        for item in book.details(order).items:
            for sales in (by_date[date], by_product.setdefault(item.product, _Sales())):
                sales.units += item.quantity
                sales.items += 1
                sales.money += item.price
                sales.shipped += order.status == SHIPPED
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
                    "salesByDate": sales.by_date(marketplace.currency),
                    "trafficByDate": _traffic_by_date(seed, date, sales),
                }
                for date, sales in by_date.items()
            ],
            "salesAndTrafficByAsin": [
                {
                    **_product_ids(product, options["asinGranularity"]),
                    "salesByAsin": sales.by_asin(marketplace.currency),
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


@dataclass
class _Sales:
    units: int = 0
    items: int = 0
    money: int = 0
    shipped: int = 0

    def by_asin(self, currency: str) -> dict[str, Any]:
        return {
            "unitsOrdered": self.units,
            "orderedProductSales": _amount(self.money, currency),
            "totalOrderItems": self.items,
        }

    def by_date(self, currency: str) -> dict[str, Any]:
        return self.by_asin(currency) | {
            "averageSalesPerOrderItem": _amount(self._per(self.items), currency),
            "averageUnitsPerOrderItem": round(self.units / self.items, 2) if self.items else 0,
            "averageSellingPrice": _amount(self._per(self.units), currency),
            "unitsRefunded": self.units // 30,
            "refundRate": 3.3 if self.units // 30 else 0,
            "claimsGranted": 0,
            "claimsAmount": _amount(0, currency),
            "shippedProductSales": _amount(self.money, currency),
            "unitsShipped": self.units,
            "ordersShipped": self.shipped,
        }

    def _per(self, count: int) -> int:
        return self.money // count if count else 0


def _amount(units: int, currency: str) -> dict[str, Any]:
    return {"amount": float(amount(units, currency)), "currencyCode": currency}


def _traffic_by_date(seed: int, date: str, sales: _Sales) -> dict[str, Any]:
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
        "unitSessionPercentage": round(100 * sales.units / sessions, 2),
        "averageOfferCount": rng.randrange(100, 140),
        "averageParentItems": rng.randrange(90, 120),
        "feedbackReceived": rng.randrange(4),
        "negativeFeedbackReceived": 0,
        "receivedNegativeFeedbackRate": 0,
    }


def _traffic_by_asin(seed: int, asin: str, sales: _Sales) -> dict[str, Any]:
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
        "unitSessionPercentage": round(100 * sales.units / sessions, 2),
    }
