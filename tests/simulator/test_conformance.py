"""What the simulator answers fits Amazon's models."""

from __future__ import annotations

import json
from typing import Any

import jsonschema
import pytest

from tap_amazon_sp.simulator import Simulator
from tests.simulator.api_caller import (
    FEEDS,
    ORDERS,
    ORDERS_V0,
    PURCHASE_ORDERS,
    REPORTS,
    ApiCaller,
)
from tests.simulator.conftest import MARKETPLACES

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
    model = simulator._world.models
    schema = {
        "$ref": f"#/definitions/{definition}",
        "definitions": _strict(model._definitions[api_name]),
    }

    body = ApiCaller(simulator).get(path, **params).json()

    jsonschema.validate(body, schema)


def _strict(definitions: dict[str, Any]) -> Any:
    """Fields the model does not know are mistakes of the simulator."""

    def close(node: Any) -> Any:
        if isinstance(node, list):
            return [close(part) for part in node]
        if not isinstance(node, dict):
            return node
        node = {name: close(part) for name, part in node.items()}
        if node.get("type") == "object" and "properties" in node:
            node.setdefault("additionalProperties", False)
        return node

    return close(json.loads(json.dumps(definitions)))
