"""Reports about stock agree with the stock, with the orders and with the fees."""

from __future__ import annotations

import functools
import json
from collections import Counter, defaultdict
from decimal import Decimal
from typing import Any

import pytest

from tap_amazon_sp.simulator.inventory.stock import Stock
from tap_amazon_sp.simulator.inventory.storage import Storage
from tap_amazon_sp.simulator.money.fees import fulfillment_fee, referral_fee
from tap_amazon_sp.simulator.money.losses import losses
from tap_amazon_sp.simulator.orders.after_sales import refunds, shipments
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import OrderHistory, first_id
from tap_amazon_sp.simulator.reports.stock_reports import STOCK_REPORTS
from tap_amazon_sp.simulator.reports.stock_states import last_charged_month
from tap_amazon_sp.simulator.reports.types import report_types
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.timestamps import date_of, parse_iso
from tap_amazon_sp.simulator.world.world import World
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import MARKETPLACES, START, StartSimulator
from tests.simulator.inventory.test_operations import summaries
from tests.simulator.reports.test_types import document_of, made, table

PAST = {"dataStartTime": "2026-09-01T00:00:00Z", "dataEndTime": "2026-11-21T12:00:00Z"}
SUMMARY, DETAIL = "GET_LEDGER_SUMMARY_VIEW_DATA", "GET_LEDGER_DETAIL_VIEW_DATA"
RETURNS = "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"
MOVED = (
    "Receipts",
    "Customer Shipments",
    "Customer Returns",
    "Vendor Returns",
    "Warehouse Transfer In/Out",
    "Found",
    "Lost",
    "Damaged",
    "Disposed",
    "Other Events",
    "Unknown Events",
)


class Seller:
    """A seller with 3,000 orders that do not change, and the reports that it requests."""

    def __init__(self, api: ApiCaller, clock: FakeClock) -> None:
        self.api = api
        self.clock = clock

    def rows(self, name: str, **body: Any) -> list[dict[str, str]]:
        kind = report_types()[name]
        wanted = {"reportType": name, "marketplaceIds": MARKETPLACES, **PAST, **body}
        report = made(self.api, self.clock, wanted)
        content, content_type = document_of(self.api, kind, report["reportDocumentId"])
        head, *rows = table(kind, content, content_type)
        return [dict(zip(head, row, strict=True)) for row in rows]

    @functools.cached_property
    def book(self) -> OrderBook:
        """The same orders: they follow from the settings."""
        settings = self.api.simulator.settings
        world = World(settings.seed, "na", START.timestamp(), days=settings.history_days)
        ids = first_id(settings.seed, 1)
        return OrderBook(world, OrderHistory(world, first_id=ids, count=settings.orders))

    @property
    def stock(self) -> dict[tuple[str, str], dict[str, Any]]:
        return {
            (one["marketplaceId"], one["sellerSku"]): one
            for one in self.api.simulator.truth("inventory")
        }


@pytest.fixture(scope="module")
def seller(start_shared: StartSimulator, shared_clock: FakeClock) -> Seller:
    api = start_shared(orders=3000, report_intervals=dict.fromkeys(STOCK_REPORTS, 0))
    api.log_in()
    return Seller(api, shared_clock)


def of_market(market_id: str) -> dict[str, Any]:
    return {"marketplaceIds": [market_id]}


@pytest.mark.parametrize("by_time", ["DAILY", "WEEKLY", "MONTHLY"])
def test_each_balance_is_the_one_before_and_what_moved(seller: Seller, by_time: str) -> None:
    options = {"aggregatedByTimePeriod": by_time}
    rows = seller.rows(SUMMARY, reportOptions=options)

    balances: dict[Any, int] = defaultdict(int)
    for row in rows:
        key = row["MSKU"], row["Disposition"], row["Location"]
        assert int(row["Starting Warehouse Balance"]) == balances[key]
        moved = sum(int(row[column]) for column in MOVED)
        balances[key] += moved
        assert int(row["Ending Warehouse Balance"]) == balances[key] >= 0
    shown = Counter({key: units for key, units in balances.items() if units})
    country = dict(zip(MARKETPLACES, ("US", "CA", "MX", "BR"), strict=True))
    assert shown == Counter(
        {
            (sku, kind, country[market_id]): units
            for (market_id, sku), one in seller.stock.items()
            for kind, units in one["units"].items()
            if units
        }
    )
    assert len({row["Date"] for row in rows}) == {"DAILY": 62, "WEEKLY": 9, "MONTHLY": 3}[by_time]


def test_the_last_balance_is_that_of_the_inventory(seller: Seller) -> None:
    today = {"dataStartTime": "2026-11-21T00:00:00Z"}
    options = {"aggregatedByTimePeriod": "DAILY", "aggregateByLocation": "FC"}
    for market_id in MARKETPLACES:
        rows = seller.rows(SUMMARY, **today, **of_market(market_id), reportOptions=options)
        left: dict[str, Counter[str]] = defaultdict(Counter)
        stock = seller.stock
        for row in rows:
            left[row["MSKU"]][row["Disposition"]] += int(row["Ending Warehouse Balance"])
            center = stock[market_id, row["MSKU"]]["fulfillmentCenter"]
            assert row["Location"] == center

        shown = summaries(seller.api, market_id, details="true")

        assert len(shown) == 120
        for one in shown:
            details, units = one["inventoryDetails"], left[one["sellerSku"]]
            reserved = details["reservedQuantity"]["totalReservedQuantity"]
            unsellable = details["unfulfillableQuantity"]
            assert units.pop("SELLABLE", 0) == details["fulfillableQuantity"] + reserved
            assert units["CUSTOMER_DAMAGED"] == unsellable["customerDamagedQuantity"]
            assert sum(units.values()) == unsellable["totalUnfulfillableQuantity"]


def test_both_views_of_the_ledger_agree_day_by_day(seller: Seller) -> None:
    options = {"aggregatedByTimePeriod": "DAILY"}
    moved: Counter[Any] = Counter()
    for row in seller.rows(SUMMARY, reportOptions=options):
        key = row["Date"], row["MSKU"], row["Disposition"], row["Location"]
        moved[key] += sum(int(row[column]) for column in MOVED)
    detailed: Counter[Any] = Counter()
    rows = seller.rows(DETAIL)
    for row in rows:
        key = row["Date"], row["MSKU"], row["Disposition"], row["Country"]
        detailed[key] += int(row["Quantity"])

    assert {key: units for key, units in moved.items() if units} == {
        key: units for key, units in detailed.items() if units
    }
    assert len({tuple(row.values()) for row in rows}) == len(rows)
    assert {row["Event Type"] for row in rows} == {
        "Adjustments",
        "CustomerReturns",
        "Receipts",
        "Shipments",
    }
    assert {row["Reason"] for row in rows} == {"", "M", "F", "E", "P", "O"}
    lost = [row for row in rows if row["Reason"] == "M"]
    for row in lost:
        parts = int(row["Reconciled Quantity"]), int(row["Unreconciled Quantity"])
        assert sum(parts) == -int(row["Quantity"])
    assert {row["Unreconciled Quantity"] == "0" for row in lost} == {True, False}


def test_the_ledger_can_be_limited(seller: Seller) -> None:
    everything = seller.rows(DETAIL)
    first = everything[0]

    shipments = seller.rows(DETAIL, reportOptions={"eventType": "Shipments"})
    assert shipments == [row for row in everything if row["Event Type"] == "Shipments"]
    for option, column in (("MSKU", "MSKU"), ("FNSKU", "FNSKU"), ("ASIN", "ASIN")):
        one = seller.rows(DETAIL, reportOptions={option: first[column]})
        assert one == [row for row in everything if row[column] == first[column]]
    (monthly,) = {
        row["Date"]
        for row in seller.rows(
            SUMMARY,
            dataStartTime="2026-11-10T00:00:00Z",
            reportOptions={"MSKU": first["MSKU"]},
        )
    }
    assert monthly == "11/2026"


def test_shipments_of_the_ledger_are_those_of_the_orders(seller: Seller) -> None:
    shipped: Counter[str] = Counter()
    for order in seller.api.simulator.truth("orders"):
        if order["fulfillment"]["fulfilledBy"] == "AMAZON":
            for item in order["orderItems"]:
                shipped[item["product"]["sellerSku"]] += item["fulfillment"]["quantityFulfilled"]
    shown: Counter[str] = Counter()
    for row in seller.rows(DETAIL, reportOptions={"eventType": "Shipments"}):
        shown[row["MSKU"]] -= int(row["Quantity"])

    assert shown == +shipped


@pytest.mark.parametrize(
    ("name", "quantity"),
    [
        ("GET_AMAZON_FULFILLED_SHIPMENTS_DATA_GENERAL", "quantity-shipped"),
        ("GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA", "quantity"),
    ],
)
def test_shipped_items_are_those_of_the_ledger(seller: Seller, name: str, quantity: str) -> None:
    month = {"dataStartTime": "2026-10-01T00:00:00Z", "dataEndTime": "2026-10-31T23:59:59Z"}
    shipped: Counter[tuple[str, str]] = Counter()
    rows = seller.rows(name, **month)
    for row in rows:
        shipped[row["sku"], row["fulfillment-center-id"]] += int(row[quantity])
    ledger: Counter[tuple[str, str]] = Counter()
    for row in seller.rows(DETAIL, **month, reportOptions={"eventType": "Shipments"}):
        ledger[row["MSKU"], row["Fulfillment Center"]] -= int(row["Quantity"])

    assert shipped == ledger
    # The same product can be in an order twice, as two items.
    items = [row["amazon-order-item-id"] for row in rows if "amazon-order-item-id" in row]
    assert len(items) == len({*items})
    orders = {order["orderId"]: order for order in seller.api.simulator.truth("orders")}
    for row in rows:
        assert row["sku"] in {
            item["product"]["sellerSku"] for item in orders[row["amazon-order-id"]]["orderItems"]
        }


def test_sizes_and_ages_make_sense(seller: Seller) -> None:
    for row in seller.rows("GET_FBA_STORAGE_FEE_CHARGES_DATA", **of_market(MARKETPLACES[0])):
        inches = [Decimal(row[f"{name}_side"]) for name in ("longest", "median", "shortest")]
        assert inches == sorted(inches, reverse=True)
        assert inches[0] * inches[1] * inches[2] / 1728 == Decimal(row["item_volume"])
        assert (row["measurement_units"], row["weight_units"]) == ("inches", "pounds")
    for row in seller.rows("GET_FBA_INVENTORY_PLANNING_DATA", **of_market(MARKETPLACES[0])):
        ages = [int(value) for name, value in row.items() if name.startswith("inv-age-")]
        assert sum(ages) == int(row["available"])
        assert int(row["units-shipped-t7"]) <= int(row["units-shipped-t30"])


def test_returned_units_are_those_of_the_refunds(seller: Seller) -> None:
    book = seller.book
    expected = Counter(
        {
            (book.history.order_id(order.index), one.product.sku, one.disposition, one.reason): 0
            for order in book.history
            for one in refunds(book, order)
        }
    )
    for order in book.history:
        for one in refunds(book, order) if order.by_amazon else ():
            if one.returned_at is not None and one.returned_at <= book.world.end_of_past:
                order_id = book.history.order_id(order.index)
                expected[order_id, one.product.sku, one.disposition, one.reason] += one.quantity

    rows = seller.rows(RETURNS)

    assert +expected == Counter(
        (row["order-id"], row["sku"], row["detailed-disposition"], row["reason"]) for row in rows
    )
    assert {row["quantity"] for row in rows} == {"1"}
    assert len({row["license-plate-number"] for row in rows}) == len(rows) > 50
    in_ledger = Counter(
        {row["MSKU"]: 0 for row in seller.rows(DETAIL, reportOptions={"eventType": "Receipts"})}
    )
    for row in seller.rows(DETAIL, reportOptions={"eventType": "CustomerReturns"}):
        in_ledger[row["MSKU"]] += int(row["Quantity"])
    assert +in_ledger == Counter(row["sku"] for row in rows)


def test_reimbursements_are_those_of_the_losses(seller: Seller) -> None:
    world = seller.book.world
    expected = sorted(
        (loss.reimbursed_at, loss.product.sku, loss.reason, loss.quantity, loss.total)
        for loss in losses(world, world.end_of_past)
        if loss.reimbursed_at <= world.end_of_past
    )

    rows = seller.rows("GET_FBA_REIMBURSEMENTS_DATA")

    shown = []
    for row in rows:
        digits = 100 if row["currency-unit"] != "JPY" else 1
        total, per_unit = Decimal(row["amount-total"]), Decimal(row["amount-per-unit"])
        assert total == per_unit * int(row["quantity-reimbursed-total"])
        assert row["quantity-reimbursed-cash"] == row["quantity-reimbursed-total"]
        shown.append(
            (
                parse_iso(row["approval-date"]),
                row["sku"],
                row["reason"],
                int(row["quantity-reimbursed-total"]),
                int(total * digits),
            )
        )
    assert shown == expected
    assert len({row["reimbursement-id"] for row in rows}) == len(rows) > 3


def test_storage_fees_are_those_that_are_charged(seller: Seller) -> None:
    stock = Stock(seller.book)
    stock.advance(seller.clock.now().timestamp())
    storage = Storage(stock)
    for market in stock.world.marketplaces:
        rows = seller.rows("GET_FBA_STORAGE_FEE_CHARGES_DATA", **of_market(market.id))

        assert {row["month_of_charge"] for row in rows} == {"2026-10"}
        assert len(rows) == 120
        total = sum(Decimal(row["estimated_monthly_storage_fee"]) for row in rows)
        assert int(total * 100) == storage.total(market, 2026, 10) > 0
        assert {row["currency"] for row in rows} == {market.currency}


@pytest.mark.parametrize(
    ("charged", "month"),
    [
        ("2026-11-10T07:59:59Z", "2026-09-01"),
        ("2026-11-10T08:00:00Z", "2026-10-01"),
        ("2026-01-09T12:00:00Z", "2025-11-01"),
    ],
)
def test_a_month_is_charged_on_the_tenth_of_the_next_one(charged: str, month: str) -> None:
    moment = parse_iso(charged)

    assert last_charged_month(moment).isoformat() == month


def test_previewed_fees_are_those_of_the_price_list(seller: Seller) -> None:
    world = seller.book.world
    for market in world.marketplaces:
        rows = seller.rows("GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA", **of_market(market.id))
        assert len(rows) == 120
        for row in rows:
            product = world.products_by_id[row["sku"]]
            price = product.price(market)
            referral, pick_pack = referral_fee(price), fulfillment_fee(product, market)
            assert row["your-price"] == amount(price, market.currency)
            assert row["estimated-referral-fee-per-unit"] == amount(referral, market.currency)
            assert row["estimated-pick-pack-fee-per-unit"] == amount(pick_pack, market.currency)
            assert row["estimated-fee-total"] == amount(referral + pick_pack, market.currency)


def test_reports_of_the_present_stock_show_what_the_api_shows(seller: Seller) -> None:
    of_us = of_market(MARKETPLACES[0])
    shown = {one["sellerSku"]: one for one in summaries(seller.api, details="true")}
    managed, reserved, planned = (
        {row["sku"]: row for row in seller.rows(name, **of_us)}
        for name in (
            "GET_FBA_MYI_UNSUPPRESSED_INVENTORY_DATA",
            "GET_RESERVED_INVENTORY_DATA",
            "GET_FBA_INVENTORY_PLANNING_DATA",
        )
    )
    restocked = {
        row["Merchant SKU"]: row
        for row in seller.rows("GET_RESTOCK_INVENTORY_RECOMMENDATIONS_REPORT", **of_us)
    }
    available = seller.rows("GET_AFN_INVENTORY_DATA", **of_us)
    local = seller.rows("GET_AFN_INVENTORY_DATA_BY_COUNTRY", **of_us)

    assert {*managed} == {*reserved} == {*planned} == {*restocked} == {*shown}
    for sku, one in shown.items():
        details, row = one["inventoryDetails"], managed[sku]
        fulfillable = str(details["fulfillableQuantity"])
        unsellable = str(details["unfulfillableQuantity"]["totalUnfulfillableQuantity"])
        pending = str(details["reservedQuantity"]["totalReservedQuantity"])
        assert row["fnsku"] == one["fnSku"]
        assert row["afn-fulfillable-quantity"] == planned[sku]["available"] == fulfillable
        assert restocked[sku]["Available"] == fulfillable
        assert row["afn-unsellable-quantity"] == restocked[sku]["Unfulfillable"] == unsellable
        assert row["afn-reserved-quantity"] == reserved[sku]["reserved_qty"] == pending
        assert row["afn-total-quantity"] == str(one["totalQuantity"])
        assert row["afn-inbound-shipped-quantity"] == str(details["inboundShippedQuantity"])
    quantities = {
        (row["seller-sku"], row["Warehouse-Condition-code"]): int(row["Quantity Available"])
        for row in available
    }
    assert len(quantities) == len(available) > 120
    assert {row["seller-sku"]: row["quantity-for-local-fulfillment"] for row in local} == {
        sku: str(quantities[sku, "SELLABLE"]) for sku in shown
    }
    assert sum(units for (_, code), units in quantities.items() if code == "UNSELLABLE") == sum(
        one["inventoryDetails"]["unfulfillableQuantity"]["totalUnfulfillableQuantity"]
        for one in shown.values()
    )


def test_a_report_shows_the_stock_of_its_request(start: StartSimulator, clock: FakeClock) -> None:
    kind = report_types()["GET_AFN_INVENTORY_DATA"]
    api = start(orders=50)
    api.log_in()
    report = made(api, clock, {"reportType": kind.name, "marketplaceIds": MARKETPLACES[:1]})
    before = document_of(api, kind, report["reportDocumentId"])

    api.simulator.change_orders(500)

    assert document_of(api, kind, report["reportDocumentId"]) == before
    later = made(api, clock, {"reportType": kind.name, "marketplaceIds": MARKETPLACES[:1]})
    assert document_of(api, kind, later["reportDocumentId"]) != before


def test_sales_and_traffic_count_refunds_on_their_days(seller: Seller) -> None:
    market = seller.book.world.marketplaces[0]
    end = seller.book.world.end_of_past
    refunded: Counter[str] = Counter()
    shipped: Counter[str] = Counter()
    for order in seller.book.history:
        if order.marketplace == market:
            for one in refunds(seller.book, order):
                if one.refunded_at <= end:
                    refunded[date_of(one.refunded_at)] += one.quantity
            for sent in shipments(order):
                for position in sent.positions:
                    shipped[date_of(sent.shipped_at)] += seller.book.bought(order, position)[1]
    kind = report_types()["GET_SALES_AND_TRAFFIC_REPORT"]
    report = made(
        seller.api, seller.clock, {"reportType": kind.name, **of_market(market.id), **PAST}
    )

    content, _ = document_of(seller.api, kind, report["reportDocumentId"])

    by_date = {
        one["date"]: one["salesByDate"] for one in json.loads(content)["salesAndTrafficByDate"]
    }
    assert {day: one["unitsRefunded"] for day, one in by_date.items() if one["unitsRefunded"]} == {
        **refunded
    }
    assert {day: one["unitsShipped"] for day, one in by_date.items() if one["unitsShipped"]} == {
        **shipped
    }
    assert len(refunded) > 30
