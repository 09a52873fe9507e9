"""What is in reports: a builder per report type, on the same orders that the Orders APIs give.

A new type is a function with `@report(...)`. Types without one are made up: `generated_reports.py`.

Sources: Amazon's pages "Report Type Values" and its JSON Schema of the sales and traffic report.
Flat files are in the encodings seen in the wild: UTF-8 in North America, Cp1252 for listings in
Europe, Shift JIS (cp932) in Japan.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tap_amazon_sp.simulator.orders.details import (
    OrderBook,
    OrderDetails,
    is_priced,
    quantity_shipped,
)
from tap_amazon_sp.simulator.orders.history import CANCELLED, SHIPPED, UNSHIPPED, OrderState
from tap_amazon_sp.simulator.reports.generated import columns_of
from tap_amazon_sp.simulator.reports.types import day_of, first_day, last_day
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import DAY, UTC, date_of, iso, iso_with_offset

_ENCODINGS = {"na": "utf-8", "eu": "cp1252", "fe": "cp932"}
_CHARSETS = {"na": "UTF-8", "eu": "Cp1252", "fe": "Shift_JIS"}
_SETTLEMENT_CYCLE = 14 * DAY
_LISTED = (1_600_000_000, 1_700_000_000)


@dataclass(frozen=True)
class ReportRequest:
    """What a report is to be about.

    Attributes:
        book: The seller's orders.
        seed: Another seed is another world.
        region: `na`, `eu` or `fe`.
        marketplaces: Which ones.
        start: Start of the data, epoch seconds.
        end: End of the data, epoch seconds.
        options: Report options.
    """

    book: OrderBook
    seed: int
    region: str
    marketplaces: Sequence[Marketplace]
    start: float
    end: float
    options: Mapping[str, str] = field(default_factory=dict)

    def created(self) -> list[OrderState]:
        """Orders placed in the range."""
        return self._wanted(self.book.history.created_between(self.start, self.end))

    def updated(self) -> list[OrderState]:
        """Orders last changed in the range."""
        return self._wanted(self.book.history.updated_between(self.start, self.end))

    def _wanted(self, orders: Iterable[OrderState]) -> list[OrderState]:
        return [order for order in orders if order.marketplace in self.marketplaces]


Builder = Callable[[ReportRequest], "bytes | None"]


@dataclass(frozen=True)
class OrderReport:
    """A report type that has a builder.

    Attributes:
        name: Amazon's name.
        build: Returns the document, not zipped; None if there is no data.
        media_type: Without the character set.
        utf8: Whether it is UTF-8 in all regions.
        zipped: Whether the document is stored as gzip.
    """

    name: str
    build: Builder
    media_type: str
    utf8: bool
    zipped: bool

    def content_type(self, region: str) -> str:
        """`Content-Type` of its documents."""
        charset = "UTF-8" if self.utf8 else _CHARSETS[region]
        return f"{self.media_type};charset={charset}"


REPORTS: dict[str, OrderReport] = {}
"""Report types that have a builder."""


def report(
    name: str,
    *,
    media_type: str = "text/plain",
    utf8: bool = True,
    zipped: bool = True,
) -> Callable[[Builder], Builder]:
    """Register the builder of a report type."""

    def register(build: Builder) -> Builder:
        REPORTS[name] = OrderReport(name, build, media_type, utf8, zipped)
        return build

    return register


def _flat_file(rows: Sequence[Mapping[str, Any]], encoding: str = "utf-8") -> bytes | None:
    """Tab-separated values, no quotes, a line of names first."""
    if not rows:
        return None
    lines = ["\t".join(rows[0])]
    lines += ["\t".join(str(value) for value in row.values()) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode(encoding, "replace")


@report("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL")
def _all_orders_by_last_update(request: ReportRequest) -> bytes | None:
    return _all_orders(request, request.updated())


@report("GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL")
def _all_orders_by_order_date(request: ReportRequest) -> bytes | None:
    return _all_orders(request, request.created())


_FLAT_STATUS = {
    "PENDING": "Pending",
    "UNSHIPPED": "Unshipped",
    "PARTIALLY_SHIPPED": "Shipping",
    "SHIPPED": "Shipped",
    "CANCELLED": "Cancelled",
}


def _all_orders(request: ReportRequest, orders: Sequence[OrderState]) -> bytes | None:
    rows = []
    for order in orders:
        details = request.book.details(order)
        for position, item in enumerate(details.items):
            currency = order.marketplace.currency
            priced = is_priced(order)
            shipped = quantity_shipped(order, position, item)

            def money(units: int, *, priced: bool = priced, currency: str = currency) -> str:
                return amount(units, currency) if priced and units else ""

            rows.append(
                {
                    "amazon-order-id": details.order_id,
                    "merchant-order-id": details.seller_order_id or "",
                    "purchase-date": iso_with_offset(order.created),
                    "last-updated-date": iso_with_offset(order.updated),
                    "order-status": _FLAT_STATUS[order.status],
                    "fulfillment-channel": "Amazon" if order.by_amazon else "Merchant",
                    "sales-channel": order.marketplace.domain,
                    "order-channel": "",
                    "ship-service-level": details.service_level.replace("_", "").title(),
                    "product-name": item.product.title,
                    "sku": item.product.sku,
                    "asin": item.product.asin,
                    "item-status": "Cancelled"
                    if order.stage == CANCELLED
                    else ("Shipped" if shipped else "Unshipped"),
                    "quantity": 0 if order.stage == CANCELLED else item.quantity,
                    "currency": currency if priced else "",
                    "item-price": money(item.price),
                    "item-tax": money(item.tax),
                    "shipping-price": money(item.shipping),
                    "shipping-tax": money(item.shipping_tax),
                    "gift-wrap-price": money(item.gift_wrap),
                    "gift-wrap-tax": "",
                    "item-promotion-discount": money(item.discount),
                    "ship-promotion-discount": "",
                    "ship-city": details.buyer.city,
                    "ship-state": details.buyer.state,
                    "ship-postal-code": details.buyer.postal_code,
                    "ship-country": details.buyer.country,
                    "promotion-ids": item.promotion_id or "",
                    "is-business-order": str(details.business).lower(),
                    "purchase-order-number": details.purchase_order_number or "",
                    "price-designation": "Business Price" if details.business else "",
                }
            )
    return _flat_file(rows)


_UNSHIPPED_ORDERS = "GET_FLAT_FILE_ACTIONABLE_ORDER_DATA_SHIPPING"


@report(_UNSHIPPED_ORDERS)
def _actionable_orders(request: ReportRequest) -> bytes | None:
    history = request.book.history
    rows = []
    for index in range(len(history)):
        order = history[index]
        if order.by_amazon or order.stage != UNSHIPPED:
            continue
        if order.marketplace not in request.marketplaces:
            continue
        details = request.book.details(order)
        rows += [_shipping_row(order, details, position) for position in range(order.items)]
    return _flat_file(rows) or ("\t".join(columns_of(_UNSHIPPED_ORDERS)) + "\r\n").encode()


def _shipping_row(order: OrderState, details: OrderDetails, position: int) -> dict[str, Any]:
    item, buyer = details.items[position], details.buyer
    return {
        "order-id": details.order_id,
        "order-item-id": item.id,
        "purchase-date": iso_with_offset(order.created),
        "buyer-email": buyer.email,
        "buyer-name": buyer.name,
        "sku": item.product.sku,
        "product-name": item.product.title,
        "quantity-purchased": item.quantity,
        "quantity-to-ship": item.quantity,
        "ship-service-level": details.service_level.title(),
        "recipient-name": buyer.name,
        "ship-address-1": buyer.street,
        "ship-city": buyer.city,
        "ship-state": buyer.state,
        "ship-postal-code": buyer.postal_code,
        "ship-country": buyer.country,
    }


@report("GET_MERCHANT_LISTINGS_ALL_DATA", utf8=False)
def _all_listings(request: ReportRequest) -> bytes | None:
    marketplace = request.marketplaces[0]
    rows = []
    for product in request.book.products:
        luck = chance(request.seed, "listing", marketplace.id, product.number)
        rows.append(
            {
                "item-name": product.title,
                "item-description": "",
                "listing-id": f"{luck.randrange(16**11):011X}",
                "seller-sku": product.sku,
                "price": amount(product.price(marketplace), marketplace.currency),
                "quantity": luck.randrange(500),
                "open-date": f"{date_of(luck.randrange(*_LISTED))} 08:00:00 PST",
                "item-is-marketplace": "y",
                "product-id-type": 1,
                "item-condition": 11,
                "asin1": product.asin,
                "product-id": product.asin,
                "pending-quantity": 0,
                "fulfillment-channel": luck.choice(("DEFAULT", "AMAZON_NA")),
                "status": luck.choice(("Active", "Active", "Active", "Inactive")),
            }
        )
    return _flat_file(rows, _ENCODINGS[request.region])


_GRANULARITIES = ("dateGranularity", "asinGranularity")


@report("GET_SALES_AND_TRAFFIC_REPORT", media_type="application/json")
def _sales_and_traffic(request: ReportRequest) -> bytes | None:
    marketplace = request.marketplaces[0]
    options = {"dateGranularity": "DAY", "asinGranularity": "PARENT"} | {
        name: value for name, value in request.options.items() if name in _GRANULARITIES
    }
    period = options["dateGranularity"]
    by_date: dict[str, _Sales] = {}
    by_product: dict[Product, _Sales] = {}
    # A request in the middle of a week or month gets all of it.
    day = first_day(period, day_of(request.start))
    last = last_day(period, day_of(request.end))
    while day <= last:
        by_date[day.isoformat()] = _Sales()
        day = last_day(period, day) + dt.timedelta(days=1)
    bounds = [
        dt.datetime.combine(day, dt.time(), UTC).timestamp()
        for day in (first_day(period, day_of(request.start)), last)
    ]
    start, end = (
        (request.start, request.end) if period == "DAY" else (bounds[0], bounds[1] + DAY - 1)
    )
    for order in replace(request, start=start, end=end).created():
        if order.marketplace != marketplace or not is_priced(order):
            continue
        date = first_day(period, day_of(order.created)).isoformat()
        for item in request.book.details(order).items:
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
                    "trafficByDate": _traffic_by_date(request.seed, date, sales),
                }
                for date, sales in by_date.items()
            ],
            "salesAndTrafficByAsin": [
                {
                    **_product_ids(product, options["asinGranularity"]),
                    "salesByAsin": sales.by_asin(marketplace.currency),
                    "trafficByAsin": _traffic_by_asin(request.seed, product.asin, sales),
                }
                for product, sales in sorted(by_product.items(), key=lambda entry: entry[0].asin)
            ],
        }
    ).encode()


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
    luck = chance(seed, "traffic", date)
    browser, mobile = luck.randrange(200, 900), luck.randrange(300, 1500)
    sessions = browser + mobile
    return {
        "browserPageViews": browser * 2,
        "mobileAppPageViews": mobile * 2,
        "pageViews": sessions * 2,
        "browserSessions": browser,
        "mobileAppSessions": mobile,
        "sessions": sessions,
        "buyBoxPercentage": round(80 + 20 * luck.random(), 2),
        "orderItemSessionPercentage": min(100, round(100 * sales.items / sessions, 2)),
        "unitSessionPercentage": round(100 * sales.units / sessions, 2),
        "averageOfferCount": luck.randrange(100, 140),
        "averageParentItems": luck.randrange(90, 120),
        "feedbackReceived": luck.randrange(4),
        "negativeFeedbackReceived": 0,
        "receivedNegativeFeedbackRate": 0,
    }


def _traffic_by_asin(seed: int, asin: str, sales: _Sales) -> dict[str, Any]:
    luck = chance(seed, "traffic", asin)
    browser, mobile = luck.randrange(20, 90), luck.randrange(30, 150)
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


@report("GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2")
def _settlement(request: ReportRequest) -> bytes | None:
    marketplace = request.marketplaces[0]
    settlement = str(10_000_000_000 + int(request.start) // _SETTLEMENT_CYCLE)
    lines: list[dict[str, str]] = []
    total = 0
    for order in request.updated():
        if order.marketplace != marketplace or order.status != SHIPPED:
            continue
        details = request.book.details(order)
        for item in details.items:
            fee = -round(item.price * 0.15)
            total += item.price + fee
            for kind, description, units in (
                ("ItemPrice", "Principal", item.price),
                ("ItemFees", "Commission", fee),
            ):
                lines.append(
                    {
                        "transaction-type": "Order",
                        "order-id": details.order_id,
                        "merchant-order-id": details.seller_order_id or "",
                        "amount-type": kind,
                        "amount-description": description,
                        "amount": amount(units, marketplace.currency),
                        "posted-date": date_of(order.updated),
                        "posted-date-time": iso(order.updated),
                        "order-item-code": item.id,
                        "sku": item.product.sku,
                        "quantity-purchased": str(item.quantity),
                    }
                )
    blank = dict.fromkeys(_SETTLEMENT_COLUMNS, "")
    head = blank | {
        "settlement-id": settlement,
        "settlement-start-date": iso(request.start),
        "settlement-end-date": iso(request.end),
        "deposit-date": iso(request.end + 2 * DAY),
        "total-amount": amount(total, marketplace.currency),
        "currency": marketplace.currency,
    }
    return _flat_file([head, *(blank | {"settlement-id": settlement} | line for line in lines)])


_SETTLEMENT_COLUMNS = (
    "settlement-id",
    "settlement-start-date",
    "settlement-end-date",
    "deposit-date",
    "total-amount",
    "currency",
    "transaction-type",
    "order-id",
    "merchant-order-id",
    "amount-type",
    "amount-description",
    "amount",
    "posted-date",
    "posted-date-time",
    "order-item-code",
    "sku",
    "quantity-purchased",
)
