"""The books agree with the stock: what left, came back, was lost, stored and previewed."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections import Counter, defaultdict
from decimal import Decimal

import pytest

from tests.fake_clock import FakeClock
from tests.sellers import days_ago
from tests.simulator.api_caller import DATA_KIOSK, REPORTS, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator
from tests.simulator.data_kiosk.test_operations import rows as rows_of_query
from tests.simulator.finances.finance_calls import Record
from tests.simulator.reports.test_operations import download, made, rows


@pytest.fixture(scope="module")
def truth(seller: ApiCaller) -> list[Record]:
    return seller.simulator.truth("books")


def content_of(seller: ApiCaller, name: str, marketplace_ids: list[str]) -> bytes:
    body = {
        "reportType": name,
        "marketplaceIds": marketplace_ids,
        "dataStartTime": days_ago(91),
        "dataEndTime": dt.datetime.now(dt.timezone.utc).isoformat(),
    }
    answer = seller.call("POST", f"{REPORTS}/reports", json=body)
    assert answer.status_code == 202, answer.text
    path = f"{REPORTS}/reports/{answer.json()['reportId']}"
    until = time.monotonic() + 10
    while (report := seller.get(path).json())["processingStatus"].startswith("IN_"):
        assert time.monotonic() < until
    assert report["processingStatus"] == "DONE"
    return download(seller, report["reportDocumentId"])[0]


def rows_of(seller: ApiCaller, name: str, *marketplace_ids: str) -> list[dict[str, str]]:
    return rows(content_of(seller, name, [*marketplace_ids] or MARKETPLACES))


def test_storage_is_charged_as_the_report_says(seller: ApiCaller, truth: list[Record]) -> None:
    charged: dict[str, dict[str, Decimal]] = defaultdict(dict)
    for line in truth:
        if line["component"] == "FBAStorageFee":
            charged[line["marketplaceId"]][line["postedDate"]] = -Decimal(line["amount"])

    assert {*charged} == {*MARKETPLACES}
    for market_id in MARKETPLACES:
        shown = rows_of(seller, "GET_FBA_STORAGE_FEE_CHARGES_DATA", market_id)
        (month,) = {row["month_of_charge"] for row in shown}
        last = max(charged[market_id])
        assert month < last[:7]
        assert charged[market_id][last] == sum(
            Decimal(row["estimated_monthly_storage_fee"]) for row in shown
        )


def test_reimbursements_are_paid_as_the_report_says(seller: ApiCaller, truth: list[Record]) -> None:
    paid = Counter(
        (line["postedDate"], line["sku"], line["quantity"], line["currency"], line["amount"])
        for line in truth
        if line["component"] == "FBAInventoryReimbursement"
    )

    shown = Counter(
        (
            row["approval-date"].replace("+00:00", "Z"),
            row["sku"],
            int(row["quantity-reimbursed-total"]),
            row["currency-unit"],
            row["amount-total"],
        )
        for row in rows_of(seller, "GET_FBA_REIMBURSEMENTS_DATA")
    )

    assert shown == paid
    assert len(paid) > 5


def test_returned_units_are_refunded(seller: ApiCaller, truth: list[Record]) -> None:
    refunded: Counter[tuple[str, str]] = Counter()
    for line in truth:
        if line["transactionType"] == "Refund" and line["component"] == "Principal":
            refunded[line["orderId"], line["sku"]] += line["quantity"]

    returned: Counter[tuple[str, str]] = Counter()
    on_the_way = 0
    for row in rows_of(seller, "GET_FBA_FULFILLMENT_CUSTOMER_RETURNS_DATA"):
        if row["return-date"] > days_ago(3):
            on_the_way += 1
            continue
        returned[row["order-id"], row["sku"]] += int(row["quantity"])

    # The refund follows the return within two days.
    assert returned
    assert all(refunded[key] >= units for key, units in returned.items())


def test_sales_and_traffic_count_what_the_books_post(
    seller: ApiCaller, truth: list[Record]
) -> None:
    posted: dict[str, Counter[str]] = defaultdict(Counter)
    for line in truth:
        if line["component"] == "Principal" and line["marketplaceId"] == MARKETPLACES[0]:
            posted[line["transactionType"]][line["postedDate"][:10]] += line["quantity"]
    content = content_of(seller, "GET_SALES_AND_TRAFFIC_REPORT", MARKETPLACES[:1])
    shown = {
        one["date"]: one["salesByDate"] for one in json.loads(content)["salesAndTrafficByDate"]
    }

    for kind, name in (("Shipment", "unitsShipped"), ("Refund", "unitsRefunded")):
        assert +Counter({day: one[name] for day, one in shown.items()}) == posted[kind]
        assert posted[kind]


def test_charged_fees_are_those_of_the_preview(seller: ApiCaller, truth: list[Record]) -> None:
    preview = {
        (market_id, row["sku"]): row
        for market_id in MARKETPLACES
        for row in rows_of(seller, "GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA", market_id)
    }
    items: dict[str, dict[str, Decimal]] = defaultdict(dict)
    about: dict[str, Record] = {}
    for line in truth:
        if line["transactionType"] == "Shipment":
            items[line["orderItemId"]][line["component"]] = Decimal(line["amount"])
            about[line["orderItemId"]] = line
    compared = 0
    for item_id, lines in items.items():
        line = about[item_id]
        row = preview[line["marketplaceId"], line["sku"]]
        if "FBAPerUnitFulfillmentFee" not in lines:
            continue
        pick_pack = Decimal(row["estimated-pick-pack-fee-per-unit"])
        assert -lines["FBAPerUnitFulfillmentFee"] == pick_pack * line["quantity"]
        plain = not lines.keys() & {"GiftWrap", "PromotionMetaDataDefinitionValue"}
        if plain and line["quantity"] == 1:
            assert lines["Principal"] == Decimal(row["your-price"])
            assert -lines["Commission"] == Decimal(row["estimated-referral-fee-per-unit"])
            compared += 1
    assert compared > 100


ECONOMICS = """{ analytics_economics_2024_03_15 { economics(startDate: "%s", endDate: "%s",
    aggregateBy: {date: RANGE, productId: MSKU}, marketplaceIds: ["%s"],
    includeComponentsForFeeTypes: [FBA_FULFILLMENT_FEE]) { __typename msku
    sales { unitsOrdered netProductSales { amount } netUnitsSold averageSellingPrice { amount } }
    fees { feeTypeName charges { identifier startDate endDate components { name }
        aggregatedDetail { __typename totalAmount { amount currencyCode } quantity
            amountPerUnit { amount } } } }
    ads { adTypeName } cost { costOfGoodsSold { amount } }
    netProceeds { total { amount currency: currencyCode } perUnit { amount } } } } }"""
NAMES = {
    "Commission": "Referral fees",
    "FBAPerUnitFulfillmentFee": "FBA fulfillment fees",
    "RefundCommission": "Refund administration fees",
    "FBAStorageFee": "Monthly inventory storage fees",
}


@pytest.mark.parametrize("market_id", MARKETPLACES[:2])
def test_economics_have_the_fees_of_the_books(
    seller: ApiCaller, truth: list[Record], market_id: str
) -> None:
    start, end = days_ago(70)[:10], days_ago(1)[:10]
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for line in truth:
        is_inside = start <= line["postedDate"][:10] <= end
        if is_inside and line["marketplaceId"] == market_id and line["component"] in NAMES:
            expected[NAMES[line["component"]]] -= Decimal(line["amount"])

    found = economics(seller, ECONOMICS % (start, end, market_id))

    assert len(found) == 120
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for row in found:
        fees = Decimal(0)
        for fee in row["fees"]:
            (charge,) = fee["charges"]
            detail = charge["aggregatedDetail"]
            total = Decimal(str(detail["totalAmount"]["amount"]))
            charged[fee["feeTypeName"]] += total
            fees += total
            of_fulfillment = fee["feeTypeName"] == "FBA fulfillment fees"
            names = [{"name": "Base fulfillment fee"}] if of_fulfillment else None
            assert charge["components"] == names
            if of_fulfillment:
                per_unit = Decimal(str(detail["amountPerUnit"]["amount"]))
                assert per_unit * int(detail["quantity"]) == total
        sales, proceeds = row["sales"], row["netProceeds"]
        net = Decimal(str(sales["netProductSales"]["amount"]))
        assert Decimal(str(proceeds["total"]["amount"])) == net - fees
        assert (proceeds["perUnit"] is None) == (sales["netUnitsSold"] == 0)
        assert (sales["averageSellingPrice"] is None) == (sales["unitsOrdered"] == 0)
        assert (row["ads"], row["cost"], row["__typename"]) == ([], None, "Economics")
    assert charged == expected
    assert {*expected} == {*NAMES.values()}


def economics(seller: ApiCaller, query: str) -> list[Record]:
    created = seller.call("POST", f"{DATA_KIOSK}/queries", json={"query": query})
    assert created.status_code == 202, created.text
    until = time.monotonic() + 10
    path = f"{DATA_KIOSK}/queries/{created.json()['queryId']}"
    while (asked := seller.get(path).json())["processingStatus"].startswith("IN_"):
        assert time.monotonic() < until
    return rows_of_query(seller, asked)


@pytest.fixture(scope="module")
def later(start_shared: StartSimulator, shared_clock: FakeClock) -> ApiCaller:
    """A seller whose orders went on for 38 days, and who was looked at now and then."""
    api = start_shared(orders=300, changes_per_minute=0.4, token_lifetime=1e9)
    api.log_in()
    for days in (0.5, 3, 11, 24):
        shared_clock.advance(days * 86_400)
        assert api.simulator.truth("inventory")
    return api


def moved(stock: list[Record], event: str) -> Counter[tuple[str, str]]:
    """Return the units that an event moved, by order and SKU."""
    units: Counter[tuple[str, str]] = Counter()
    for one in stock:
        for movement in one["movements"]:
            if movement["event"] == event:
                units[movement["orderId"], one["sellerSku"]] += movement["quantity"]
    return units


def posted_units(books: list[Record], kind: str) -> Counter[tuple[str, str]]:
    units: Counter[tuple[str, str]] = Counter()
    for line in books:
        if line["transactionType"] == kind and line["component"] == "Principal":
            units[line["orderId"], line["sku"]] += line["quantity"]
    return units


def test_a_world_that_goes_on_agrees_weeks_later(later: ApiCaller) -> None:
    stock, books = later.simulator.truth("inventory"), later.simulator.truth("books")
    shipped: Counter[tuple[str, str]] = Counter()
    for order in later.simulator.truth("orders"):
        if order["fulfillment"]["fulfilledBy"] == "AMAZON":
            for item in order["orderItems"]:
                key = order["orderId"], item["product"]["sellerSku"]
                shipped[key] += item["fulfillment"]["quantityFulfilled"]

    left = Counter({key: -units for key, units in moved(stock, "Shipments").items()})
    assert left == +shipped
    posted = posted_units(books, "Shipment")
    assert all(posted[key] == units for key, units in left.items())
    for one in stock:
        assert 0 <= one["reserved"] <= one["units"]["SELLABLE"]
        assert min(one["units"].values()) >= 0
    # A refund follows its return within two days, so some are still to come.
    returned, refunded = moved(stock, "CustomerReturns"), posted_units(books, "Refund")
    waiting = {key for key, units in returned.items() if refunded[key] < units}
    assert len(waiting) < 20 < len(returned)


def test_storage_is_charged_month_by_month(later: ApiCaller, shared_clock: FakeClock) -> None:
    charged: dict[str, Decimal] = defaultdict(Decimal)
    for line in later.simulator.truth("books"):
        if line["component"] == "FBAStorageFee" and line["currency"] == "USD":
            charged[line["postedDate"]] -= Decimal(line["amount"])

    # The first month is the one in which the first units came, though only its end counts.
    first, second, third = (f"2026-{month}-10T08:00:00Z" for month in (10, 11, 12))
    assert {*charged} == {first, second, third}
    assert charged[first] < charged[second]
    shown = storage_rows(later, shared_clock)
    assert {row["month_of_charge"] for row in shown} == {"2026-11"}
    assert charged[third] == sum(Decimal(row["estimated_monthly_storage_fee"]) for row in shown)


def storage_rows(api: ApiCaller, clock: FakeClock) -> list[dict[str, str]]:
    report = made(api, clock, "GET_FBA_STORAGE_FEE_CHARGES_DATA", marketplaceIds=MARKETPLACES[:1])
    return rows(download(api, report["reportDocumentId"])[0])
