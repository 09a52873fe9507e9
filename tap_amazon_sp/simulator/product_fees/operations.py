"""Product Fees v0: what Amazon would take for a sale at a price, by the price list of the books.

Sources: Amazon's model `productFeesV0` (a failed estimate has the status `ClientError` and an
error); public clients know the types of fees.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.money.fees import fulfillment_fee, referral_fee
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.world.marketplaces import Marketplace, amount, units_of
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import number_from
from tap_amazon_sp.simulator.world.timestamps import iso
from tap_amazon_sp.simulator.world.world import World

API = "productFeesV0"

_OTHERS_NUMBERED_FROM = 1000


class ProductFees:
    """The Product Fees API."""

    def __init__(self, world: World, seller_id: str) -> None:
        """Estimate the fees of a seller."""
        self._world = world
        self._seller_id = seller_id

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.getMyFeesEstimateForSKU": self.estimate_for_sku,
            f"{API}.getMyFeesEstimateForASIN": self.estimate_for_asin,
            f"{API}.getMyFeesEstimates": self.estimates,
        }

    def estimate_for_sku(self, call: Call) -> Answer:
        """Return the fees of a SKU."""
        return self._single(call, "SellerSKU", call.parameters["SellerSKU"])

    def estimate_for_asin(self, call: Call) -> Answer:
        """Return the fees of a product in Amazon's catalog."""
        return self._single(call, "ASIN", call.parameters["Asin"])

    def estimates(self, call: Call) -> Answer:
        """Return the fees of several products, in the order of the request."""
        return Answer(
            [
                self._result(
                    one.get("FeesEstimateRequest") or {}, one["IdType"], one["IdValue"], call.now
                )
                for one in call.body
            ]
        )

    def _single(self, call: Call, id_type: str, value: str) -> Answer:
        request = call.body.get("FeesEstimateRequest") or {}
        result = self._result(request, id_type, value, call.now)
        return Answer({"payload": {"FeesEstimateResult": result}})

    def _result(
        self, request: Mapping[str, Any], id_type: str, value: str, now: float
    ) -> dict[str, Any]:
        market_id = request.get("MarketplaceId", "")
        identifier = {
            "MarketplaceId": market_id,
            "SellerId": self._seller_id,
            "IdType": id_type,
            "IdValue": value,
            "IsAmazonFulfilled": bool(request.get("IsAmazonFulfilled")),
            "SellerInputIdentifier": request.get("Identifier", ""),
        }
        for name in ("PriceToEstimateFees", "OptionalFulfillmentProgram"):
            if request.get(name) is not None:
                identifier[name] = request[name]
        market = self._world.marketplaces_by_id.get(market_id)
        problem = _problem(request, market)
        if problem is not None or market is None:
            return {
                "Status": "ClientError",
                "FeesEstimateIdentifier": identifier,
                "Error": {
                    "Type": "Sender",
                    "Code": "InvalidParameterValue",
                    "Message": problem,
                    "Detail": [],
                },
            }
        return {
            "Status": "Success",
            "FeesEstimateIdentifier": identifier,
            "FeesEstimate": self._estimate(identifier, self._product(value), market, now),
        }

    def _product(self, value: str) -> Product:
        """Return a product by SKU or ASIN; others' products have a size, too."""
        known = self._world.products_by_id.get(value)
        if known is not None:
            return known
        number = _OTHERS_NUMBERED_FROM + number_from(self._world.seed, "other", value) % 10**6
        return Product(value, value, value, 0, number)

    def _estimate(
        self, identifier: Mapping[str, Any], product: Product, market: Marketplace, now: float
    ) -> dict[str, Any]:
        price = identifier["PriceToEstimateFees"]
        paid = sum(
            units_of(price[name].get("Amount") or 0, market.currency)
            for name in ("ListingPrice", "Shipping")
            if price.get(name) is not None
        )
        fees = {"ReferralFee": referral_fee(paid), "VariableClosingFee": 0, "PerItemFee": 0}
        details = [_fee(name, units, market) for name, units in fees.items()]
        total = sum(fees.values())
        if identifier["IsAmazonFulfilled"]:
            pick_pack = fulfillment_fee(product, market)
            total += pick_pack
            details.append(
                _fee("FBAFees", pick_pack, market)
                | {"IncludedFeeDetailList": [_fee("FBAPickAndPack", pick_pack, market)]}
            )
        return {
            "TimeOfFeesEstimation": iso(now),
            "TotalFeesEstimate": _money(total, market),
            "FeeDetailList": details,
        }


def _problem(request: Mapping[str, Any], market: Marketplace | None) -> str | None:
    """Return why fees cannot be estimated, or None."""
    if market is None:
        return f"The seller does not sell in the marketplace '{request.get('MarketplaceId', '')}'."
    price = (request.get("PriceToEstimateFees") or {}).get("ListingPrice") or {}
    if price.get("Amount") is None:
        return "The request has no listing price."
    if price.get("CurrencyCode") != market.currency:
        return f"Prices in {market.name} are in {market.currency}."
    return None


def _fee(kind: str, units: int, market: Marketplace) -> dict[str, Any]:
    return {
        "FeeType": kind,
        "FeeAmount": _money(units, market),
        "FeePromotion": _money(0, market),
        "FinalFee": _money(units, market),
    }


def _money(units: int, market: Marketplace) -> dict[str, Any]:
    return {
        "CurrencyCode": market.currency,
        "Amount": float(amount(units, market.currency)),
    }
