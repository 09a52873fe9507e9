from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.simulator.api_caller import (
    FEEDS,
    ORDERS,
    ORDERS_V0,
    PURCHASE_ORDERS,
    REPORTS,
    ApiCaller,
)

AFTER = "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("path", "params", "named"),
    [
        (ORDERS, {"createdAfter": "yesterday"}, "createdAfter"),
        (ORDERS, {"createdAfter": "2026-13-01T00:00:00Z"}, "createdAfter"),
        (ORDERS, {"createdAfter": AFTER, "maxResultsPerPage": "many"}, "maxResultsPerPage"),
        (ORDERS, {"createdAfter": AFTER, "maxResultsPerPage": 0}, "maxResultsPerPage"),
        (ORDERS, {"createdAfter": AFTER, "maxResultsPerPage": "9" * 5000}, "maxResultsPerPage"),
        (ORDERS, {"createdAfter": AFTER, "maxResultsPerPage": "\u0661"}, "maxResultsPerPage"),
        (ORDERS, {"createdAfter": AFTER, "maxResultsPerPage": 101}, "maxResultsPerPage"),
        (ORDERS, {"createdAfter": AFTER, "includedData": "TAX,SHOES"}, "includedData"),
        (ORDERS, {"createdAfter": AFTER, "fulfilledBy": "amazon"}, "fulfilledBy"),
        (ORDERS, {"createdAfter": AFTER, "marketplaceIds": ["A"] * 51}, "marketplaceIds"),
        (ORDERS_V0, {"CreatedAfter": AFTER}, "MarketplaceIds"),
        (ORDERS_V0, {"CreatedAfter": "soon", "MarketplaceIds": "A"}, "CreatedAfter"),
        (PURCHASE_ORDERS, {"limit": 101}, "limit"),
        (PURCHASE_ORDERS, {"sortOrder": "asc"}, "sortOrder"),
        (PURCHASE_ORDERS, {"includeDetails": "perhaps"}, "includeDetails"),
        (f"{FEEDS}/feeds", {"feedTypes": ["POST_A"] * 11}, "feedTypes"),
        (f"{FEEDS}/feeds", {"feedTypes": "POST_A", "pageSize": 0}, "pageSize"),
        (f"{REPORTS}/reports", {"reportTypes": "A_B", "createdSince": "now"}, "createdSince"),
        (f"{REPORTS}/reports", {"reportTypes": "A_B", "processingStatuses": "OK"}, "processing"),
        (f"{REPORTS}/schedules", {}, "reportTypes"),
    ],
)
def test_a_parameter_that_breaks_the_model_is_named(
    api: ApiCaller, path: str, params: dict[str, Any], named: str
) -> None:
    assert named in api.refused(path, **params)


@pytest.mark.parametrize(
    "moment",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T01:00:00.123+01:00",
        "2026-01-01T00:00:00-0000",
        "2026-01-01T00:00:00",
        "2026-01-01",
    ],
)
def test_times_may_have_fractions_and_offsets_and_lack_zone_and_time(
    api: ApiCaller, moment: str
) -> None:
    assert api.get(ORDERS, createdAfter=moment, maxResultsPerPage=1).status_code == 200


def test_a_strict_simulator_refuses_what_the_models_forbid() -> None:
    settings = SimulatorSettings(orders=1, records=1, port=0, strict=True)
    with Simulator(settings) as simulator:
        api = ApiCaller(simulator)

        assert "createdAfter" in api.refused(ORDERS, createdAfter="2026-01-01")
        # The model has no format for this one.
        us = "ATVPDKIKX0DER"
        problem = api.refused(ORDERS_V0, CreatedAfter="2026-01-01T00:00:00", MarketplaceIds=us)
        assert "CreatedAfter" in problem
        body = {"reportType": "GET_X", "marketplaceIds": ["ATVPDKIKX0DER"], "dataStartTime": None}
        answer = api.call("POST", f"{REPORTS}/reports", json=body)
        assert answer.json()["errors"][0]["details"] == "dataStartTime"


def test_a_parameter_the_model_does_not_know_is_ignored_and_logged(api: ApiCaller) -> None:
    answer = api.get(ORDERS, createdAfter=AFTER, maxResultsPerPage=1, colour="blue")

    assert answer.status_code == 200
    assert api.simulator.requests[-1]["unknown_parameters"] == ["colour"]


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "marketplaceIds"),
        ({"reportType": "GET_X"}, "marketplaceIds"),
        ({"reportType": 7, "marketplaceIds": ["ATVPDKIKX0DER"]}, "reportType"),
        ({"reportType": "GET_X", "marketplaceIds": []}, "marketplaceIds"),
        ({"reportType": "GET_X", "marketplaceIds": "ATVPDKIKX0DER"}, "marketplaceIds"),
        (
            {"reportType": "GET_X", "marketplaceIds": ["ATVPDKIKX0DER"], "dataStartTime": "then"},
            "dataStartTime",
        ),
        (
            {
                "reportType": "GET_X",
                "marketplaceIds": ["ATVPDKIKX0DER"],
                "reportOptions": {"custom": True},
            },
            "reportOptions.custom",
        ),
    ],
)
def test_a_body_that_breaks_the_model_is_refused(
    api: ApiCaller, body: dict[str, Any], named: str
) -> None:
    answer = api.call("POST", f"{REPORTS}/reports", json=body)

    assert answer.status_code == 400
    assert named in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]"])
def test_a_body_must_be_a_json_object(api: ApiCaller, body: bytes) -> None:
    assert api.call("POST", f"{REPORTS}/reports", data=body).status_code == 400


def _orders_of(api: ApiCaller, query: str) -> set[str]:
    answer = api.get(f"{ORDERS}?createdAfter={AFTER}&maxResultsPerPage=100&{query}")
    assert answer.status_code == 200, answer.text
    return {order["salesChannel"]["marketplaceId"] for order in answer.json()["orders"]}


def test_of_a_repeated_list_the_first_value_counts_alone(api: ApiCaller) -> None:
    us, canada = "ATVPDKIKX0DER", "A2EUQ1WTGCTBG2"

    assert _orders_of(api, f"marketplaceIds={us},{canada}") == {us, canada}
    assert _orders_of(api, f"marketplaceIds={canada}&marketplaceIds={us}") == {canada}
    assert api.simulator.requests[-1]["repeated_lists"] == ["marketplaceIds"]
    assert api.simulator.requests[-2]["repeated_lists"] == []


def test_an_empty_parameter_counts_as_missing(api: ApiCaller) -> None:
    us = "ATVPDKIKX0DER"

    assert _orders_of(api, f"marketplaceIds={us}&fulfilledBy=&createdBefore=") == {us}
    assert _orders_of(api, f"marketplaceIds={us}&lastUpdatedAfter=") == {us}


def test_an_empty_page_token_and_an_empty_required_parameter_are_refused(api: ApiCaller) -> None:
    assert "paginationToken" in api.refused(ORDERS, createdAfter=AFTER, paginationToken="")
    path = "/listings/2021-08-01/items/A1SIMULATEDSELLER"
    assert "marketplaceIds" in api.refused(path, marketplaceIds="")


@pytest.mark.parametrize(
    "query", ["marketplaceIds=A1&marketplaceIds=A2", "fulfilledBy=", "createdBefore="]
)
def test_a_strict_simulator_refuses_repeated_lists_and_empty_values(query: str) -> None:
    settings = SimulatorSettings(orders=1, records=1, port=0, strict=True)
    with Simulator(settings) as simulator:
        name = query.partition("=")[0]

        assert name in ApiCaller(simulator).refused(f"{ORDERS}?createdAfter={AFTER}&{query}")
