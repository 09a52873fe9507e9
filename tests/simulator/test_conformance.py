"""The simulator's answers fit Amazon's models."""

from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.simulator.api_caller import (
    DATA_KIOSK,
    FEEDS,
    ORDERS,
    ORDERS_V0,
    PURCHASE_ORDERS,
    REPORTS,
    ApiCaller,
)
from tests.simulator.conftest import MARKETPLACES
from tests.simulator.strict_schemas import schema_problem

DATASETS = [
    "BUYER",
    "RECIPIENT",
    "PROCEEDS",
    "EXPENSE",
    "PROMOTION",
    "CANCELLATION",
    "FULFILLMENT",
    "PACKAGES",
    "TAX",
    "PAYMENT",
    "FULFILLMENT_ORDERS",
]


@pytest.mark.parametrize(
    ("api_name", "definition", "path", "params"),
    [
        (
            "orders_2026-01-01",
            "SearchOrdersResponse",
            ORDERS,
            {"createdAfter": "2026-01-01T00:00:00Z", "includedData": DATASETS},
        ),
        (
            "ordersV0",
            "GetOrdersResponse",
            ORDERS_V0,
            {"CreatedAfter": "2026-01-01T00:00:00Z", "MarketplaceIds": MARKETPLACES},
        ),
        ("vendorOrders", "GetPurchaseOrdersResponse", PURCHASE_ORDERS, {}),
        (
            "feeds_2021-06-30",
            "GetFeedsResponse",
            f"{FEEDS}/feeds",
            {"feedTypes": "JSON_LISTINGS_FEED"},
        ),
        (
            "reports_2021-06-30",
            "GetReportsResponse",
            f"{REPORTS}/reports",
            {"reportTypes": "GET_MERCHANT_LISTINGS_ALL_DATA"},
        ),
        (
            "reports_2021-06-30",
            "ReportScheduleList",
            f"{REPORTS}/schedules",
            {"reportTypes": "GET_SALES_AND_TRAFFIC_REPORT"},
        ),
        ("dataKiosk_2023-11-15", "GetQueriesResponse", f"{DATA_KIOSK}/queries", {}),
        (
            "sellers",
            "GetMarketplaceParticipationsResponse",
            "/sellers/v1/marketplaceParticipations",
            {},
        ),
        ("sellers", "GetAccountResponse", "/sellers/v1/account", {}),
    ],
)
def test_answers_fit_the_model(
    simulator: Simulator, api_name: str, definition: str, path: str, params: dict[str, Any]
) -> None:
    body = ApiCaller(simulator).get(path, **params).json()

    schema = {"$ref": f"#/definitions/{definition}"}
    assert schema_problem(api_name, schema, body) is None
