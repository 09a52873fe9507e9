"""Rules of single lists without a domain of their own: unique values and parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

US, CANADA = MARKETPLACES[:2]
REPLENISHMENT = "/replenishment/2022-11-07"
PROGRAMS = ["SUBSCRIBE_AND_SAVE"]
INTERVAL = {"startDate": "2026-10-01T00:00:00Z", "endDate": "2026-10-31T23:59:59Z"}
WALLET = "/finances/transfers/wallet/2024-03-01/accounts"
LIST_ACCOUNTS = "sellerWallet_2024-03-01.listAccounts"
SHIPPING = "/vendor/directFulfillment/shipping"


@pytest.fixture(scope="module")
def seller() -> Iterator[ApiCaller]:
    """A seller with 60 records in each list."""
    settings = SimulatorSettings(orders=10, speed=1e6, changes_per_minute=0, port=0, empty_pages=())
    with Simulator(settings) as simulator:
        yield ApiCaller(simulator)


def found(api: ApiCaller, path: str, **params: Any) -> Any:
    answer = api.get(path, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def sent(api: ApiCaller, path: str, body: dict[str, Any]) -> Any:
    answer = api.call("POST", REPLENISHMENT + path, json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize(("records", "below"), [(60, 12), (10, 3), (2, 2), (0, 0)])
def test_lists_that_belong_to_another_record_are_shorter(
    start: StartSimulator, records: int, below: int
) -> None:
    api = start(records=records)
    plan = {"inboundPlanId": "wf12345678-1234-1234-1234-123456789012"}
    boxes = "fulfillmentInbound_2024-03-20.listInboundPlanBoxes"

    assert len(api.simulator.truth(boxes, path_parameters=plan)) == below
    plans = api.simulator.truth("fulfillmentInbound_2024-03-20.listInboundPlans")
    assert len(plans) == records


def test_an_asin_has_one_restriction_per_marketplace_and_condition(seller: ApiCaller) -> None:
    path, who = "/listings/2021-08-01/restrictions", "A1SIMULATEDSELLER"
    for number in range(20):
        asin = f"B0RESTRI{number:02d}"
        restrictions = found(seller, path, asin=asin, sellerId=who, marketplaceIds=MARKETPLACES)
        keys = [
            (one["marketplaceId"], one["conditionType"]) for one in restrictions["restrictions"]
        ]
        assert len(keys) == len(set(keys)) > 0
        new = found(
            seller, path, asin=asin, sellerId=who, marketplaceIds=US, conditionType="new_new"
        )["restrictions"]
        assert len(new) == keys.count((US, "new_new")) <= 1


def test_an_account_has_one_balance_per_type_and_currency(seller: ApiCaller) -> None:
    counts = []
    for account in seller.simulator.truth(LIST_ACCOUNTS):
        keys = []
        for marketplace in MARKETPLACES:
            path = f"{WALLET}/{account['accountId']}/balance"
            balances = found(seller, path, marketplaceId=marketplace)["balances"]
            keys += [(one["balanceType"], one["balanceCurrency"]) for one in balances]
        assert len(keys) == len(set(keys))
        counts.append(len(keys))

    assert min(counts) > 0


def test_an_offer_belongs_to_one_marketplace(seller: ApiCaller) -> None:
    skus = []
    for marketplace in MARKETPLACES:
        filters = {"marketplaceId": marketplace, "programTypes": PROGRAMS}
        body = {"pagination": {"limit": 100, "offset": 0}, "filters": filters}
        offers = sent(seller, "/offers/search", body)["offers"]
        assert {offer["marketplaceId"] for offer in offers} == {marketplace}
        assert {offer["programType"] for offer in offers} == set(PROGRAMS)
        skus += [offer["sku"] for offer in offers]
        few = [offer["sku"] for offer in offers[:2]]
        body["filters"] = filters | {"skus": few}
        assert {offer["sku"] for offer in sent(seller, "/offers/search", body)["offers"]} == {*few}

    assert len(skus) == len(set(skus)) == 60


def test_metrics_of_offers_cover_the_requested_interval(seller: ApiCaller) -> None:
    gathered: dict[str, set[str]] = {}
    for marketplace in (US, CANADA):
        filters = {
            "marketplaceId": marketplace,
            "programTypes": PROGRAMS,
            "timeInterval": INTERVAL,
            "timePeriodType": "PERFORMANCE",
            "aggregationFrequency": "MONTH",
        }
        body = {"pagination": {"limit": 500, "offset": 0}, "filters": filters}
        offers = sent(seller, "/offers/metrics/search", body)["offers"]
        assert all(offer["timeInterval"] == INTERVAL for offer in offers)
        gathered[marketplace] = {offer["sku"] for offer in offers}
        assert len(offers) == len(gathered[marketplace]) == 15

    assert not gathered[US] & gathered[CANADA]


def test_metrics_of_the_seller_are_one_record_for_the_interval(seller: ApiCaller) -> None:
    currencies = {}
    for marketplace in (US, CANADA):
        body = {
            "marketplaceId": marketplace,
            "programTypes": PROGRAMS,
            "timeInterval": INTERVAL,
            "timePeriodType": "PERFORMANCE",
        }
        (metrics,) = sent(seller, "/sellingPartners/metrics/search", body)["metrics"]
        assert metrics["timeInterval"] == INTERVAL
        currencies[marketplace] = metrics["currencyCode"]

    assert currencies == {US: "USD", CANADA: "CAD"}


@pytest.mark.parametrize("version", ["v1", "2021-12-28"])
def test_documents_of_direct_fulfilment_belong_to_its_orders(
    seller: ApiCaller, version: str
) -> None:
    suffix = version.upper() if version == "v1" else f"_{version}"
    orders = seller.simulator.truth(f"vendorDirectFulfillmentOrders{suffix}.getOrders")
    numbers = {order["purchaseOrderNumber"] for order in orders}
    assert len(numbers) == 60

    for name, kind in (
        ("getShippingLabels", "shippingLabels"),
        ("getPackingSlips", "packingSlips"),
        ("getCustomerInvoices", "customerInvoices"),
    ):
        listed = seller.simulator.truth(f"vendorDirectFulfillmentShipping{suffix}.{name}")
        assert {one["purchaseOrderNumber"] for one in listed} == numbers
        path = f"{SHIPPING}/{version}/{kind}/{orders[0]['purchaseOrderNumber']}"
        one = found(seller, path, token=seller.restricted_token(path))
        record = one["payload"] if version == "v1" else one
        assert record["purchaseOrderNumber"] == orders[0]["purchaseOrderNumber"]


def test_orders_of_direct_fulfilment_and_their_documents_change_together(
    start: StartSimulator, clock: FakeClock
) -> None:
    api = start(changes_per_minute=600)
    clock.advance(60)
    names = ("Orders_2021-12-28.getOrders", "Shipping_2021-12-28.getPackingSlips")

    orders, slips = (
        {
            record["purchaseOrderNumber"]
            for record in api.simulator.truth(f"vendorDirectFulfillment{name}")
        }
        for name in names
    )

    assert orders == slips
    assert len(orders) > 60


def test_restricted_operations_need_a_restricted_data_token(seller: ApiCaller) -> None:
    operations = [
        operation
        for operation in seller.simulator._sellers.shared.lists.operations
        if operation.restricted == [] and not operation.facts.get("body")
    ]
    assert len(operations) > 15
    for operation in operations:
        path = operation.path
        path = path.replace("{purchaseOrderNumber}", "ABC123")
        path = path.replace("{shipmentId}", "12345678-1234-1234-1234-123456789012")
        window = {"createdAfter": "2026-11-01T00:00:00Z", "createdBefore": "2026-11-08T00:00:00Z"}
        params = window if "time_filters" in operation.facts else {}

        refused = seller.call(operation.method, path, params=params)
        token = seller.restricted_token(path, method=operation.method)
        allowed = seller.call(operation.method, path, params=params, token=token)

        assert refused.status_code == 403, refused.text
        assert refused.json()["errors"][0]["code"] == "Unauthorized"
        assert allowed.status_code in {200, 404}
