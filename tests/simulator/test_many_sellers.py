"""Many sellers authorized the application: none of them sees the data of another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import FEEDS, ORDERS, ORDERS_V0, REPORTS, TIMEOUT, ApiCaller
from tests.simulator.conftest import StartSimulator

SEARCH = "orders_2026-01-01.searchOrders"
NAMES = ["seller", "seller-2", "seller-3"]
WINDOW: dict[str, Any] = {"createdAfter": "2026-01-01T00:00:00Z", "maxResultsPerPage": 20}
DESTINATIONS = "/notifications/v1/destinations"
SUBSCRIPTION = "/notifications/v1/subscriptions/ORDER_CHANGE"


@pytest.fixture(scope="module")
def three(start_shared: StartSimulator) -> list[ApiCaller]:
    """A caller for each of three sellers."""
    return callers(start_shared(sellers=3).simulator)


@pytest.fixture
def sellers(three: list[ApiCaller]) -> Iterator[list[ApiCaller]]:
    """The same three, with an empty request log and no faults."""
    simulator = three[0].simulator
    simulator.clear_requests()
    yield three
    simulator.clear_faults()


def callers(simulator: Simulator) -> list[ApiCaller]:
    """Return a caller for each seller."""
    return [
        ApiCaller(simulator, refresh_token=account["refresh_token"])
        for account in simulator.settings_for_tap()["accounts"]
    ]


def statuses(api: ApiCaller, count: int) -> list[int]:
    return [api.get(ORDERS, **WINDOW).status_code for _ in range(count)]


def order_ids(api: ApiCaller) -> set[str]:
    return {order["orderId"] for page in api.search_pages(**WINDOW) for order in page}


def test_each_seller_has_its_own_orders(sellers: list[ApiCaller]) -> None:
    simulator = sellers[0].simulator
    truths = [simulator.truth("orders", account=name) for name in NAMES]

    found = [order_ids(api) for api in sellers]

    assert found == [{order["orderId"] for order in truth} for truth in truths]
    assert [len(ids) for ids in found] == [150] * 3
    assert len(set.union(*found)) == 450
    items = [
        {item["orderItemId"] for order in truth for item in order["orderItems"]} for truth in truths
    ]
    assert len(set.union(*items)) == sum(map(len, items))
    first = next(iter(found[0]))
    assert [api.get(f"{ORDERS}/{first}").status_code for api in sellers] == [200, 404, 404]
    assert [api.get(f"{ORDERS_V0}/{first}").status_code for api in sellers] == [200, 404, 404]


@pytest.mark.parametrize("domain", ["orders", "purchase_orders", "feeds", "reports"])
def test_the_first_seller_is_the_same_with_and_without_others(
    start: StartSimulator, domain: str
) -> None:
    alone, one_of_many = start().simulator, start(sellers=3).simulator

    one_of_many.truth(domain, account="seller-2")

    assert one_of_many.truth(domain) == alone.truth(domain)


@pytest.mark.parametrize("domain", ["orders", "purchase_orders", "feeds"])
def test_it_does_not_matter_when_a_seller_is_first_used(
    start: StartSimulator, clock: FakeClock, domain: str
) -> None:
    early, late = (start(sellers=2, changes_per_minute=60).simulator for _ in range(2))
    before = early.truth(domain, account="seller-2")
    late.truth(domain)

    clock.advance(3600)

    after = early.truth(domain, account="seller-2")
    assert after == late.truth(domain, account="seller-2")
    assert (after == before) == (domain == "feeds")


def test_nothing_is_made_up_before_it_is_needed() -> None:
    simulator = Simulator(SimulatorSettings(sellers=1000, orders=10, port=0))

    simulator.truth("orders", account="seller-1000")

    assert simulator._sellers.numbers == [1, 1000]


def test_page_tokens_are_refused_to_others(sellers: list[ApiCaller]) -> None:
    token = sellers[1].get(ORDERS, **WINDOW).json()["pagination"]["nextToken"]

    assert "is not valid" in sellers[0].refused(ORDERS, **WINDOW, paginationToken=token)
    assert "is not valid" in sellers[2].refused(ORDERS, **WINDOW, paginationToken=token)
    assert sellers[1].get(ORDERS, **WINDOW, paginationToken=token).status_code == 200


def test_feeds_reports_and_documents_belong_to_one_seller(sellers: list[ApiCaller]) -> None:
    first, second, _ = sellers
    place = second.call(
        "POST", f"{FEEDS}/documents", json={"contentType": "application/json"}
    ).json()
    uploaded = requests.put(
        place["url"],
        data=b'{"header": {}, "messages": []}',
        headers={"Content-Type": "application/json"},
        timeout=TIMEOUT,
    )
    feed = {
        "feedType": "JSON_LISTINGS_FEED",
        "marketplaceIds": ["ATVPDKIKX0DER"],
        "inputFeedDocumentId": place["feedDocumentId"],
    }

    refused = first.call("POST", f"{FEEDS}/feeds", json=feed)
    created = second.call("POST", f"{FEEDS}/feeds", json=feed)

    assert uploaded.status_code == 200
    assert (refused.status_code, created.status_code) == (400, 202)
    assert len(second.simulator.truth("feeds", account="seller-2")) == 49
    assert len(second.simulator.truth("feeds")) == 48
    report = next(
        report
        for report in second.simulator.truth("reports", account="seller-2")
        if report["reportType"] == "GET_MERCHANT_LISTINGS_ALL_DATA"
    )
    path = f"{REPORTS}/documents/{report['reportDocumentId']}"
    assert [api.get(path).status_code for api in sellers] == [404, 200, 404]
    contents = requests.get(second.get(path).json()["url"], timeout=TIMEOUT)
    assert contents.status_code == 200
    assert contents.content


def test_a_url_of_another_account_has_a_wrong_signature(sellers: list[ApiCaller]) -> None:
    report = next(
        report
        for report in sellers[1].simulator.truth("reports", account="seller-2")
        if report["reportType"] == "GET_MERCHANT_LISTINGS_ALL_DATA"
    )
    url = sellers[1].get(f"{REPORTS}/documents/{report['reportDocumentId']}").json()["url"]

    for name in ("seller", "seller-3", "nobody"):
        answer = requests.get(url.replace("/seller-2/", f"/{name}/"), timeout=TIMEOUT)
        assert answer.status_code == 403
    assert requests.get(url, timeout=TIMEOUT).status_code == 200


def test_subscriptions_belong_to_one_seller_and_destinations_to_all(
    sellers: list[ApiCaller],
) -> None:
    subscribed = [api.get(SUBSCRIPTION).json()["payload"] for api in sellers]

    assert len({found["subscriptionId"] for found in subscribed}) == 3
    assert len({found["destinationId"] for found in subscribed}) == 1
    for name, found in zip(NAMES, subscribed, strict=True):
        truth = sellers[0].simulator.truth("notifications.getSubscriptions", account=name)
        assert found in truth
        assert len(truth) == 3


def test_each_has_a_name_and_lists_of_its_own(sellers: list[ApiCaller]) -> None:
    accounts = [api.get("/sellers/v1/account").json()["payload"] for api in sellers]
    lists = [
        api.get("/finances/2024-06-19/transactions", postedAfter="2026-01-01T00:00:00Z").json()
        for api in sellers
    ]

    assert [account["business"]["name"] for account in accounts] == [
        "Simulated Seller",
        "Simulated Seller 2",
        "Simulated Seller 3",
    ]
    transactions = [
        {transaction["transactionId"] for transaction in found["payload"]["transactions"]}
        for found in lists
    ]
    assert len(set.union(*transactions)) == sum(map(len, transactions))


def test_each_has_buckets_of_its_own(start: StartSimulator) -> None:
    first, second = callers(start(sellers=2, speed=1).simulator)

    assert statuses(first, 21) == [200] * 20 + [429]
    assert statuses(second, 21) == [200] * 20 + [429]


def test_grantless_calls_share_the_bucket_of_their_application(start: StartSimulator) -> None:
    first, second = callers(start(sellers=2, speed=1).simulator)
    other = {
        "client_id": "amzn1.application-oa2-client.simulator-other",
        "client_secret": "amzn1.oa2-cs.v1.simulator-other",
    }

    def asked(api: ApiCaller, client: dict[str, str], count: int) -> list[int]:
        answer = api.post_form(
            grant_type="client_credentials", scope="sellingpartnerapi::notifications", **client
        )
        token = answer.json()["access_token"]
        return [api.get(DESTINATIONS, token=token).status_code for _ in range(count)]

    assert asked(first, first.client(), 5) == [200] * 5
    assert asked(second, second.client(), 1) == [429]
    assert asked(first, other, 6) == [200] * 5 + [429]


def test_the_log_names_the_account_and_the_moment(start: StartSimulator, clock: FakeClock) -> None:
    sellers = callers(start(sellers=3).simulator)
    for api in sellers:
        assert statuses(api, 1) == [200]
    clock.advance(3600)
    assert statuses(sellers[1], 1) == [403]

    entries = sellers[0].simulator.requests

    assert [entry["account"] for entry in entries] == [*NAMES, "seller-2"]
    moments = [entry["received_at"] for entry in entries]
    assert moments == sorted(set(moments))
    assert all(0 < moments[at + 1] - moments[at] < 0.001 for at in range(2))
    assert "Atz" not in json.dumps(entries)


def test_a_fault_may_strike_one_account(sellers: list[ApiCaller]) -> None:
    url = f"{sellers[0].simulator.url}/_simulator/faults"
    fault = {"kind": "status", "status": 403, "account": "seller-3", "count": None}

    created = requests.post(url, json=fault, timeout=TIMEOUT)

    assert created.status_code == 201
    assert [statuses(api, 2) for api in sellers] == [[200, 200], [200, 200], [403, 403]]


def test_a_fault_of_one_account_does_not_strike_grantless_calls(sellers: list[ApiCaller]) -> None:
    api = sellers[0]
    api.simulator.inject("status", account="seller", count=None)
    answer = api.post_form(
        grant_type="client_credentials",
        scope="sellingpartnerapi::notifications",
        **api.client(),
    )

    found = api.get(DESTINATIONS, token=answer.json()["access_token"])

    assert found.status_code == 200


def test_one_account_may_withdraw_its_authorization(sellers: list[ApiCaller]) -> None:
    sellers[0].simulator.inject(
        "status",
        operation="lwa.token",
        account="seller-2",
        status=400,
        code="invalid_grant",
        count=None,
    )

    answers = [
        api.post_form(
            grant_type="refresh_token",
            refresh_token=api.settings["refresh_token"],
            **api.client(),
        )
        for api in sellers
    ]

    assert [answer.status_code for answer in answers] == [200, 400, 200]
    refused = answers[1].json()
    assert refused["error"] == "invalid_grant"
    assert set(refused) == {"error", "error_description"}


def test_the_documents_of_one_account_may_fail(sellers: list[ApiCaller]) -> None:
    sellers[0].simulator.inject("status", operation="documents", account="seller-2", count=None)
    found = []
    for name, api in zip(NAMES, sellers, strict=True):
        document_id = next(
            report["reportDocumentId"]
            for report in api.simulator.truth("reports", account=name)
            if report["reportType"] == "GET_MERCHANT_LISTINGS_ALL_DATA"
        )
        url = api.get(f"{REPORTS}/documents/{document_id}").json()["url"]
        found.append(requests.get(url, timeout=TIMEOUT).status_code)

    assert found == [200, 500, 200]


def test_a_fault_of_an_unknown_account_is_refused(sellers: list[ApiCaller]) -> None:
    with pytest.raises(ValueError, match="unknown account 'seller-4'"):
        sellers[0].simulator.inject("status", account="seller-4")


def test_the_truth_of_each_seller_can_be_read(sellers: list[ApiCaller]) -> None:
    simulator = sellers[0].simulator
    url = f"{simulator.url}/_simulator/truth/orders"

    def shown(**params: str) -> requests.Response:
        return requests.get(url, params=params, timeout=TIMEOUT)

    assert shown().json() == shown(account="seller").json() == simulator.truth("orders")
    assert shown(account="seller-2").json() == simulator.truth("orders", account="seller-2")
    assert shown(account="seller-4").status_code == 400


def test_the_settings_of_the_tap_list_the_accounts(sellers: list[ApiCaller]) -> None:
    simulator = sellers[0].simulator

    of_all = simulator.settings_for_tap()
    of_one = simulator.settings_for_tap(refresh_token="Atzr|simulator-seller-2")

    assert of_all.pop("accounts") == [
        {
            "name": name,
            "refresh_token": f"Atzr|simulator-{name}",
            "seller_id": seller_id,
        }
        for name, seller_id in (
            ("seller", "A1SIMULATEDSELLER"),
            ("seller-2", "A2SIMULATEDSELLER"),
            ("seller-3", "A3SIMULATEDSELLER"),
        )
    ]
    assert of_one.pop("refresh_token") == "Atzr|simulator-seller-2"
    assert of_one.pop("seller_id") == "A2SIMULATEDSELLER"
    assert of_all == of_one
    assert "seller_id" not in simulator.settings_for_tap(refresh_token="Atzr|simulator-vendor")


def test_there_are_no_more_accounts_than_the_settings_say(sellers: list[ApiCaller]) -> None:
    answer = sellers[0].post_form(
        grant_type="refresh_token",
        refresh_token="Atzr|simulator-seller-4",
        **sellers[0].client(),
    )

    assert answer.json()["error"] == "invalid_grant"
