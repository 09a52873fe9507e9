"""Operations without a domain of their own: filters, pages, batches, and changes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

OUTBOUNDS = "/awd/2024-05-09/outboundOrders"
LIST_OUTBOUNDS = "awd_2024-05-09.listOutbounds"
PLANS = "/inbound/fba/2024-03-20/inboundPlans"
LIST_PLANS = "fulfillmentInbound_2024-03-20.listInboundPlans"
FULFILLMENT_ORDERS = "/fba/outbound/2020-07-01/fulfillmentOrders"
LIST_FULFILLMENT_ORDERS = "fulfillmentOutbound_2020-07-01.listAllFulfillmentOrders"
LISTINGS = "/listings/2021-08-01/items/A1SIMULATEDSELLER"
SEARCH_LISTINGS = "listingsItems_2021-08-01.searchListingsItems"
PROMOTIONS = "/promotions/2025-12-01/promotions"
CASES = "/support/2025-02-01/cases"
REMITTANCES = "/finances/remittances/2026-03-17/remittances"
SELLER = {"sellerId": "A1SIMULATEDSELLER"}
US = MARKETPLACES[0]
INVENTORY = "/fba/inventory/v1/summaries"
INVENTORY_OF_US = {"granularityType": "Marketplace", "granularityId": US, "marketplaceIds": US}


@pytest.fixture(scope="module")
def seller() -> Iterator[ApiCaller]:
    """A seller with 60 records in each list, on pages of seven."""
    settings = SimulatorSettings(
        orders=10, speed=1e6, changes_per_minute=0, port=0, longest_page=7, empty_pages=()
    )
    with Simulator(settings) as simulator:
        yield ApiCaller(simulator)


def found(api: ApiCaller, path: str, **params: Any) -> Any:
    """Return the content of a successful answer."""
    answer = api.get(path, **params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def at(content: Any, path: str) -> Any:
    """Return the value at a dotted path, or None."""
    for name in path.split("."):
        content = content.get(name) if isinstance(content, dict) else None
    return content


def pages(
    api: ApiCaller, path: str, results: str, next_token: str, parameter: str, **params: Any
) -> list[list[Any]]:
    """Return the pages of a list; all arguments are repeated with each token."""
    token: dict[str, str] = {}
    gathered = []
    while True:
        content = found(api, path, **{**params, **token})
        gathered.append(at(content, results))
        following = at(content, next_token)
        if following is None:
            return gathered
        token = {parameter: following}


@pytest.mark.parametrize(
    ("operation", "path", "results", "next_token", "parameter", "key", "params"),
    [
        (
            LIST_OUTBOUNDS,
            OUTBOUNDS,
            "outboundOrders",
            "nextToken",
            "nextToken",
            "orderId",
            {},
        ),
        (
            LIST_PLANS,
            PLANS,
            "inboundPlans",
            "pagination.nextToken",
            "paginationToken",
            "inboundPlanId",
            {"pageSize": 30},
        ),
        (
            "awd_2024-05-09.listInventory",
            "/awd/2024-05-09/inventory",
            "inventory",
            "nextToken",
            "nextToken",
            "sku",
            {},
        ),
        (
            "vendorShipments.GetShipmentDetails",
            "/vendor/shipping/v1/shipments",
            "payload.shipments",
            "payload.pagination.nextToken",
            "nextToken",
            "vendorShipmentIdentifier",
            {"limit": 50},
        ),
        (
            SEARCH_LISTINGS,
            LISTINGS,
            "items",
            "pagination.nextToken",
            "pageToken",
            "sku",
            {"marketplaceIds": MARKETPLACES, "pageSize": 20},
        ),
    ],
)
def test_pages_contain_every_record_once(  # noqa: PLR0913, PLR0917 - where a list and its token are
    seller: ApiCaller,
    operation: str,
    path: str,
    results: str,
    next_token: str,
    parameter: str,
    key: str,
    params: dict[str, Any],
) -> None:
    gathered = pages(seller, path, results, next_token, parameter, **params)

    truth = seller.simulator.truth(operation, path_parameters=SELLER)
    assert all(1 <= len(page) <= 7 for page in gathered)
    keys = [record[key] for page in gathered for record in page]
    assert len(keys) == len(set(keys)) == len(truth) == 60
    assert set(keys) == {record[key] for record in truth}


def test_a_token_comes_with_its_query_type(seller: ApiCaller) -> None:
    path, key = "/fba/inbound/v0/shipments", "ShipmentId"
    first = {"QueryType": "SHIPMENT", "MarketplaceId": US, "ShipmentStatusList": "WORKING,SHIPPED"}
    params: dict[str, Any] = dict(first)
    keys: list[str] = []
    while True:
        payload = found(seller, path, **params)["payload"]
        keys += [shipment[key] for shipment in payload["ShipmentData"]]
        assert {one["ShipmentStatus"] for one in payload["ShipmentData"]} <= {"WORKING", "SHIPPED"}
        if "NextToken" not in payload:
            break
        params = {"QueryType": "NEXT_TOKEN", "MarketplaceId": US, "NextToken": payload["NextToken"]}

    assert len(keys) == len(set(keys)) > 0
    assert "NextToken" in seller.refused(path, QueryType="NEXT_TOKEN", MarketplaceId=US)
    # Without its query type, a token has no effect.
    assert found(seller, path, **first, NextToken="nonsense")


def test_pages_by_offset_say_how_many_there_are(seller: ApiCaller) -> None:
    path = "/replenishment/2022-11-07/offers/search"
    skus: list[str] = []
    while True:
        body = {
            "pagination": {"limit": 20, "offset": len(skus)},
            "filters": {"marketplaceId": US, "programTypes": ["SUBSCRIBE_AND_SAVE"]},
        }
        answer = seller.call("POST", path, json=body)
        assert answer.status_code == 200, answer.text
        content = answer.json()
        skus += [offer["sku"] for offer in content["offers"]]
        if not content["offers"]:
            break

    assert len(skus) == len(set(skus)) == content["pagination"]["totalResults"] == 15


def test_counts_say_how_many_match(seller: ApiCaller) -> None:
    first = found(seller, LISTINGS, marketplaceIds=US)
    token = first["pagination"]["nextToken"]
    second = found(seller, LISTINGS, marketplaceIds=US, pageToken=token)

    assert first["numberOfResults"] == second["numberOfResults"] == 15


@pytest.mark.parametrize(
    ("operation", "path", "results", "after", "before", "moment", "params"),
    [
        (
            LIST_OUTBOUNDS,
            OUTBOUNDS,
            "outboundOrders",
            "updatedAfter",
            "updatedBefore",
            "updatedAt",
            {},
        ),
        (
            LIST_FULFILLMENT_ORDERS,
            FULFILLMENT_ORDERS,
            "payload.fulfillmentOrders",
            "queryStartDate",
            None,
            "statusUpdatedDate",
            {},
        ),
        (
            "awd_2024-05-09.listInboundShipments",
            "/awd/2024-05-09/inboundShipments",
            "shipments",
            "updatedAfter",
            "updatedBefore",
            "updatedAt",
            {},
        ),
    ],
)
def test_time_filters_look_at_the_moment_that_is_shown(  # noqa: PLR0913, PLR0917 - a list and its filter
    start: StartSimulator,
    operation: str,
    path: str,
    results: str,
    after: str,
    before: str | None,
    moment: str,
    params: dict[str, Any],
) -> None:
    api = start(records=90)
    truth = sorted(record[moment] for record in api.simulator.truth(operation))
    first, last = truth[40], truth[44]
    bounds = {after: first} if before is None else {after: first, before: last}

    size = {} if before is None else {"limit": 100}
    shown = at(found(api, path, **params, **bounds, **size), results)

    # Both bounds are included.
    expected = [time for time in truth if first <= time and (before is None or time <= last)]
    if before is None:
        assert len(shown) == 20
        assert all(record[moment] >= first for record in shown)
    else:
        assert sorted(record[moment] for record in shown) == expected


def test_records_are_sorted_when_asked(seller: ApiCaller) -> None:
    for by, name in (("LAST_UPDATED_TIME", "lastUpdatedAt"), ("CREATION_TIME", "createdAt")):
        for order, is_reversed in (("ASC", False), ("DESC", True)):
            plans = found(seller, PLANS, sortBy=by, sortOrder=order)["inboundPlans"]
            times = [plan[name] for plan in plans]
            assert times == sorted(times, reverse=is_reversed)
            assert len(times) == 7


def test_a_requested_status_filters(seller: ApiCaller) -> None:
    path = "/awd/2024-05-09/inboundShipments"
    truth = seller.simulator.truth("awd_2024-05-09.listInboundShipments")
    status = truth[0]["shipmentStatus"]

    shown = pages(
        seller, path, "shipments", "nextToken", "nextToken", shipmentStatus=status, maxResults=200
    )

    expected = {one["shipmentId"] for one in truth if one["shipmentStatus"] == status}
    assert {one["shipmentId"] for page in shown for one in page} == expected


def test_a_record_belongs_to_one_marketplace(seller: ApiCaller) -> None:
    gathered = {}
    for marketplace in MARKETPLACES:
        shown = pages(
            seller,
            LISTINGS,
            "items",
            "pagination.nextToken",
            "pageToken",
            marketplaceIds=marketplace,
        )
        gathered[marketplace] = {item["sku"] for page in shown for item in page}
        for item in (item for page in shown for item in page):
            assert [one["marketplaceId"] for one in item["summaries"]] == [marketplace]

    assert sum(map(len, gathered.values())) == len(set().union(*gathered.values())) == 60


def test_listings_and_inventory_show_the_same_products(seller: ApiCaller) -> None:
    listings = seller.simulator.truth(SEARCH_LISTINGS, path_parameters=SELLER)
    inventory = seller.simulator.truth("fbaInventory.getInventorySummaries")

    by_sku = {item["sku"]: item["summaries"][0]["asin"] for item in listings}
    assert len(by_sku) == len(set(by_sku.values())) == 60
    stocked = {one["sellerSku"]: one["asin"] for one in inventory}
    assert by_sku.items() <= stocked.items()
    assert len({one["fnSku"] for one in inventory}) == len(stocked)
    granularity = found(seller, INVENTORY, **INVENTORY_OF_US)["payload"]["granularity"]
    assert granularity == {"granularityType": "Marketplace", "granularityId": US}


def test_only_the_requested_datasets_are_returned(seller: ApiCaller) -> None:
    (item, *_) = found(seller, LISTINGS, marketplaceIds=US)["items"]
    assert set(item) == {"sku", "summaries"}
    more = found(seller, LISTINGS, marketplaceIds=US, includedData="summaries,attributes,offers")
    assert {"summaries", "attributes"} <= {name for one in more["items"] for name in one}


def test_datasets_in_capitals_are_properties_in_camel_case(seller: ApiCaller) -> None:
    known = {"issues", "customerSegments"}
    listed = found(seller, PROMOTIONS, marketplaceIds=US)["promotions"]
    asked = "ISSUES,CUSTOMER_SEGMENTS"
    with_data = found(seller, PROMOTIONS, marketplaceIds=US, includedData=asked)["promotions"]
    assert not known & {name for one in listed for name in one}
    assert known <= {name for one in with_data for name in one}

    path = f"{PROMOTIONS}/{listed[0]['promotionId']}"
    alone = found(seller, path)
    assert "selectionDetails" not in alone["selection"]
    assert not known & alone.keys()
    assert "selectionDetails" in found(seller, path, includedData="SELECTION")["selection"]


def test_each_requested_id_returns_a_record(seller: ApiCaller) -> None:
    asked = ["B0FIRST001", "B0SECOND02"]
    listings = seller.simulator.truth(SEARCH_LISTINGS, path_parameters=SELLER)[:2]

    prices = found(
        seller, "/products/pricing/v0/price", MarketplaceId=US, ItemType="Asin", Asins=asked
    )["payload"]
    skus = found(
        seller, "/products/pricing/v0/price", MarketplaceId=US, ItemType="Sku", Skus=["A", "B"]
    )["payload"]
    items = found(
        seller,
        "/catalog/2022-04-01/items",
        marketplaceIds=US,
        identifiers=asked,
        identifiersType="ASIN",
    )["items"]
    by_asin = found(
        seller,
        LISTINGS,
        marketplaceIds=US,
        identifiers=[item["summaries"][0]["asin"] for item in listings],
        identifiersType="ASIN",
    )["items"]
    # This list is not joined by commas.
    prepared = found(
        seller, f"/inbound/fba/2024-03-20/items/prepDetails?marketplaceId={US}&mskus=M1&mskus=M2"
    )["mskuPrepDetails"]

    assert [price["ASIN"] for price in prices] == asked
    assert [price["SellerSKU"] for price in skus] == ["A", "B"]
    assert [item["asin"] for item in items] == asked
    assert {one["marketplaceId"] for item in items for one in item["summaries"]} == {US}
    assert [item["sku"] for item in by_asin] == [item["sku"] for item in listings]
    assert [one["msku"] for one in prepared] == ["M1", "M2"]


def test_a_batch_answers_every_request_in_it(seller: ApiCaller) -> None:
    asins = ["B0FIRST001", "B0SECOND02"]
    summary = {
        "requests": [
            {
                "asin": asin,
                "marketplaceId": US,
                "includedData": ["featuredBuyingOptions"],
                "method": "GET",
                "uri": "/products/pricing/2022-05-01/items/competitiveSummary",
            }
            for asin in asins
        ]
    }
    offers = {
        "requests": [
            {
                "uri": f"/products/pricing/v0/items/{asin}/offers",
                "method": "GET",
                "MarketplaceId": US,
                "ItemCondition": "New",
            }
            for asin in asins
        ]
    }
    fees = [
        {
            "FeesEstimateRequest": {
                "MarketplaceId": US,
                "Identifier": asin,
                "PriceToEstimateFees": {"ListingPrice": {"CurrencyCode": "USD", "Amount": 10}},
            },
            "IdType": "ASIN",
            "IdValue": asin,
        }
        for asin in asins
    ]

    competitive = seller.call(
        "POST", "/batches/products/pricing/2022-05-01/items/competitiveSummary", json=summary
    ).json()["responses"]
    offered = seller.call("POST", "/batches/products/pricing/v0/itemOffers", json=offers).json()[
        "responses"
    ]
    estimated = seller.call("POST", "/products/fees/v0/feesEstimate", json=fees).json()

    assert [entry["body"]["asin"] for entry in competitive] == asins
    assert [entry["status"]["statusCode"] for entry in competitive] == [200, 200]
    assert [entry["request"]["Asin"] for entry in offered] == asins
    assert [entry["body"]["payload"]["ASIN"] for entry in offered] == asins
    assert [entry["FeesEstimateIdentifier"]["IdValue"] for entry in estimated] == asins


def test_one_record_is_the_same_as_in_its_list(seller: ApiCaller) -> None:
    for plan in seller.simulator.truth(LIST_PLANS)[:5]:
        one = found(seller, f"{PLANS}/{plan['inboundPlanId']}")
        assert plan == {name: one[name] for name in plan}
    for order in seller.simulator.truth(LIST_FULFILLMENT_ORDERS)[:5]:
        path = f"{FULFILLMENT_ORDERS}/{order['sellerFulfillmentOrderId']}"
        assert found(seller, path)["payload"]["fulfillmentOrder"] == order
    for account in seller.simulator.truth("sellerWallet_2024-03-01.listAccounts")[:5]:
        path = f"/finances/transfers/wallet/2024-03-01/accounts/{account['accountId']}"
        assert found(seller, path, marketplaceId=US) == account
        balances = found(seller, f"{path}/balance", marketplaceId=US)["balances"]
        assert {balance["accountId"] for balance in balances} == {account["accountId"]}
    for case in seller.simulator.truth("support_2025-02-01.listCases")[:5]:
        assert found(seller, f"{CASES}/{case['caseId']}") == case


def test_a_record_above_a_list_is_the_same_as_in_its_own_list(seller: ApiCaller) -> None:
    for remittance in found(seller, REMITTANCES, marketplaceId=US)["remittances"][:5]:
        path = f"{REMITTANCES}/{remittance['uniquePaymentId']}"
        assert found(seller, path, marketplaceId=US)["remittanceHeader"] == remittance


@pytest.mark.parametrize(
    "path",
    [
        f"{PLANS}/wf12345678-1234-1234-1234-123456789012",
        f"{PLANS}/wf12345678-1234-1234-1234-123456789012/boxes",
        f"{FULFILLMENT_ORDERS}/nothing",
        "/awd/2024-05-09/inboundShipments/nothing",
        f"{LISTINGS}/NO-SKU?marketplaceIds={US}",
        "/finances/v0/financialEventGroups/nothing/financialEvents",
        f"{CASES}/nothing",
    ],
)
def test_ids_that_no_list_has_are_not_found(seller: ApiCaller, path: str) -> None:
    answer = seller.get(path)

    assert answer.status_code == 404
    (error,) = answer.json()["errors"]
    assert error["code"] == "NotFound"


def test_a_plan_and_its_shipments_agree(seller: ApiCaller) -> None:
    plan_id = seller.simulator.truth(LIST_PLANS)[0]["inboundPlanId"]
    plan = found(seller, f"{PLANS}/{plan_id}")
    known = {shipment["shipmentId"] for shipment in plan.get("shipments", ())}
    for option in found(seller, f"{PLANS}/{plan_id}/placementOptions")["placementOptions"]:
        known |= set(option["shipmentIds"])

    assert 1 <= len(known) <= 2
    for shipment_id in known:
        path = f"{PLANS}/{plan_id}/shipments/{shipment_id}"
        assert found(seller, path)["shipmentId"] == shipment_id
        items = found(seller, f"{path}/items")["items"]
        boxes = found(seller, f"{path}/boxes")["boxes"]
        assert len({item["msku"] for item in items}) == len(items) == 7
        assert len({box["packageId"] for box in boxes}) == len(boxes) == 7


def test_packages_of_an_order_can_be_tracked(seller: ApiCaller) -> None:
    numbers = []
    for order in seller.simulator.truth(LIST_FULFILLMENT_ORDERS)[:10]:
        path = f"{FULFILLMENT_ORDERS}/{order['sellerFulfillmentOrderId']}"
        for shipment in found(seller, path)["payload"].get("fulfillmentShipments", ()):
            numbers += [
                one["packageNumber"] for one in shipment.get("fulfillmentShipmentPackage", ())
            ]

    assert numbers
    for number in numbers:
        tracked = found(seller, "/fba/outbound/2020-07-01/tracking", packageNumber=number)
        assert tracked["payload"]["packageNumber"] == number


def test_writing_answers_and_changes_nothing(seller: ApiCaller) -> None:
    before = seller.simulator.truth(LIST_PLANS)
    path = f"{PLANS}/{before[0]['inboundPlanId']}/name"

    answer = seller.call("PUT", path, json={"name": "Another"})

    assert (answer.status_code, answer.content) == (204, b"")
    assert seller.simulator.truth(LIST_PLANS) == before
    submitted = seller.call(
        "PUT",
        f"{LISTINGS}/MY-SKU?marketplaceIds={US}",
        json={"productType": "LUGGAGE", "attributes": {}},
    )
    assert submitted.json()["sku"] == "MY-SKU"
    assert seller.call("PUT", path, json={}).status_code == 400


def test_the_world_changes_with_time(start: StartSimulator, clock: FakeClock) -> None:
    api = start(changes_per_minute=600)
    before = api.simulator.truth(LIST_PLANS)
    clock.advance(600)
    after = api.simulator.truth(LIST_PLANS)

    known = {plan["inboundPlanId"]: plan for plan in before}
    new = [plan for plan in after if plan["inboundPlanId"] not in known]
    changed = [
        plan
        for plan in after
        if plan["inboundPlanId"] in known and plan != known[plan["inboundPlanId"]]
    ]
    assert len(new) > 50
    assert len(changed) > 50
    assert any(plan["status"] != known[plan["inboundPlanId"]]["status"] for plan in changed)
    for plan in changed:
        earlier = known[plan["inboundPlanId"]]
        assert plan["createdAt"] == earlier["createdAt"]
        assert plan["lastUpdatedAt"] > earlier["lastUpdatedAt"]
        assert plan["name"] == earlier["name"]
    now = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert all(plan["createdAt"] <= plan["lastUpdatedAt"] <= now for plan in after)


def test_the_world_does_not_depend_on_how_often_it_is_read(
    start: StartSimulator, clock: FakeClock
) -> None:
    curious, late = start(changes_per_minute=60), start(changes_per_minute=60)
    for _ in range(20):
        clock.advance(60)
        curious.simulator.truth(LIST_OUTBOUNDS)

    assert curious.simulator.truth(LIST_OUTBOUNDS) == late.simulator.truth(LIST_OUTBOUNDS)


def test_nothing_is_missing_while_records_change(start: StartSimulator, clock: FakeClock) -> None:
    api = start(changes_per_minute=600, longest_page=10)
    clock.advance(600)
    matching = {one["orderId"] for one in api.simulator.truth(LIST_OUTBOUNDS)}
    keys: list[str] = []
    token: dict[str, str] = {}
    while True:
        payload = found(api, OUTBOUNDS, **token)
        keys += [one["orderId"] for one in payload["outboundOrders"]]
        if "nextToken" not in payload:
            break
        token = {"nextToken": payload["nextToken"]}
        clock.advance(5)

    assert len(keys) == len(set(keys))
    assert matching <= set(keys)


def test_another_seed_is_another_world(start: StartSimulator) -> None:
    one, other = start(records=5), start(records=5, seed=2)
    shown = [api.simulator.truth(LIST_OUTBOUNDS) for api in (one, other)]

    assert [len(records) for records in shown] == [5, 5]
    assert not {row["orderId"] for row in shown[0]} & {row["orderId"] for row in shown[1]}


def test_truth_needs_the_parameters_that_a_list_depends_on(seller: ApiCaller) -> None:
    plan = {"inboundPlanId": seller.simulator.truth(LIST_PLANS)[0]["inboundPlanId"]}
    boxes = "fulfillmentInbound_2024-03-20.listInboundPlanBoxes"

    # A list that belongs to another record has a fifth of the records.
    assert len(seller.simulator.truth(boxes, path_parameters=plan)) == 12
    with pytest.raises(KeyError):
        seller.simulator.truth(boxes)
    with pytest.raises(KeyError):
        seller.simulator.truth("nothing")


def test_an_empty_world_has_empty_lists(start: StartSimulator) -> None:
    api = start(records=0)

    assert found(api, OUTBOUNDS)["outboundOrders"] == []
