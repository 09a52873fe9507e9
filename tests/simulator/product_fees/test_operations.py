from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.simulator.money.fees import fulfillment_fee, referral_fee
from tap_amazon_sp.simulator.reports.types import report_types
from tap_amazon_sp.simulator.world.marketplaces import MARKETPLACES
from tap_amazon_sp.simulator.world.products import Product, make_products
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ApiCaller
from tests.simulator.conftest import StartSimulator
from tests.simulator.reports.test_types import document_of, made, table

FEES = "/products/fees/v0"
US, _, MEXICO, _ = MARKETPLACES["na"]


@pytest.fixture(scope="module")
def seller(start_shared: StartSimulator) -> ApiCaller:
    return start_shared(orders=10)


def request(
    price: float, currency: str = "USD", market: str = US.id, **more: Any
) -> dict[str, Any]:
    return {
        "MarketplaceId": market,
        "IsAmazonFulfilled": True,
        "Identifier": "mine",
        "PriceToEstimateFees": {"ListingPrice": {"CurrencyCode": currency, "Amount": price}},
        **more,
    }


def estimate(api: ApiCaller, path: str, wanted: dict[str, Any]) -> dict[str, Any]:
    answer = api.call("POST", f"{FEES}/{path}", json={"FeesEstimateRequest": wanted})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()["payload"]["FeesEstimateResult"]
    return result


def amounts(result: dict[str, Any]) -> dict[str, float]:
    found = {
        one["FeeType"]: one["FinalFee"]["Amount"] for one in result["FeesEstimate"]["FeeDetailList"]
    }
    total = result["FeesEstimate"]["TotalFeesEstimate"]["Amount"]
    assert total == pytest.approx(sum(found.values()))
    return found


@pytest.fixture(scope="module")
def product(seller: ApiCaller) -> Product:
    return make_products(seller.simulator.settings.seed, "na")[4]


def test_fees_are_those_of_the_price_list(seller: ApiCaller, product: Product) -> None:
    by_sku = estimate(seller, f"listings/{product.sku}/feesEstimate", request(19.99))
    by_asin = estimate(seller, f"items/{product.asin}/feesEstimate", request(19.99))

    assert amounts(by_sku) == {
        "ReferralFee": referral_fee(1999) / 100,
        "VariableClosingFee": 0,
        "PerItemFee": 0,
        "FBAFees": fulfillment_fee(product, US) / 100,
    }
    assert by_sku["FeesEstimate"] == by_asin["FeesEstimate"] | {
        "TimeOfFeesEstimation": by_sku["FeesEstimate"]["TimeOfFeesEstimation"]
    }
    identifier = by_sku["FeesEstimateIdentifier"]
    assert (identifier["IdType"], identifier["IdValue"]) == ("SellerSKU", product.sku)
    assert identifier["SellerInputIdentifier"] == "mine"


def test_the_commission_is_on_shipping_too(seller: ApiCaller, product: Product) -> None:
    wanted = request(19.99, IsAmazonFulfilled=False)
    wanted["PriceToEstimateFees"]["Shipping"] = {"CurrencyCode": "USD", "Amount": 5}

    found = amounts(estimate(seller, f"listings/{product.sku}/feesEstimate", wanted))

    assert found == {
        "ReferralFee": referral_fee(2499) / 100,
        "VariableClosingFee": 0,
        "PerItemFee": 0,
    }


def test_several_estimates_come_in_the_order_of_the_request(
    seller: ApiCaller, product: Product
) -> None:
    values = [("SellerSKU", product.sku), ("ASIN", "B0UNKNOWN1"), ("ASIN", product.asin)]
    body = [
        {"IdType": kind, "IdValue": value, "FeesEstimateRequest": request(10)}
        for kind, value in values
    ]

    found = seller.call("POST", f"{FEES}/feesEstimate", json=body).json()

    shown = [one["FeesEstimateIdentifier"] for one in found]
    assert [(one["IdType"], one["IdValue"]) for one in shown] == values
    assert amounts(found[0]) == amounts(found[2])
    assert amounts(found[1])["FBAFees"] > 0


@pytest.mark.parametrize(
    ("wanted", "part"),
    [
        (request(10, market="A1PA6795UKMFR9"), "A1PA6795UKMFR9"),
        (request(10, "USD", market=MEXICO.id), "MXN"),
    ],
)
def test_a_mistake_is_the_clients(
    seller: ApiCaller, product: Product, wanted: dict[str, Any], part: str
) -> None:
    result = estimate(seller, f"listings/{product.sku}/feesEstimate", wanted)

    assert result["Status"] == "ClientError"
    assert part in result["Error"]["Message"]
    assert "FeesEstimate" not in result


def test_yen_have_no_cents(start: StartSimulator) -> None:
    api = start(region="fe", orders=5)
    japan = MARKETPLACES["fe"][0]
    product = make_products(api.simulator.settings.seed, "fe")[0]

    found = amounts(
        estimate(api, f"items/{product.asin}/feesEstimate", request(1990, "JPY", japan.id))
    )

    assert found["ReferralFee"] == referral_fee(1990)
    assert found["FBAFees"] == fulfillment_fee(product, japan)


def test_the_report_previews_the_same_fees(
    seller: ApiCaller, shared_clock: FakeClock, product: Product
) -> None:
    name = "GET_FBA_ESTIMATED_FBA_FEES_TXT_DATA"
    kind = report_types()[name]
    seller.log_in()
    report = made(seller, shared_clock, {"reportType": name, "marketplaceIds": [US.id]})
    head, *rows = table(kind, *document_of(seller, kind, report["reportDocumentId"]))
    row = next(
        one for row in rows if (one := dict(zip(head, row, strict=True)))["sku"] == product.sku
    )

    found = amounts(
        estimate(seller, f"listings/{product.sku}/feesEstimate", request(float(row["your-price"])))
    )

    assert float(row["estimated-referral-fee-per-unit"]) == found["ReferralFee"]
    assert float(row["estimated-pick-pack-fee-per-unit"]) == found["FBAFees"]
    assert float(row["estimated-fee-total"]) == pytest.approx(sum(found.values()))
