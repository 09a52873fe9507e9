"""Prices of the seller's own offers and of all offers for an item, and summaries of them.

Facts: Amazon's models `productPricingV0` and `productPricing_2022-05-01` (batches of 20 items, or
40 for expected prices; a batch may succeed although single requests in it fail).
"""

from __future__ import annotations

from typing import Any, Literal

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.common.json_paths import object_at
from tap_amazon_sp.reading.batch import Batch
from tap_amazon_sp.reading.outcomes import by_http_status, by_name_of_status, object_in
from tap_amazon_sp.reading.own_items import Item
from tap_amazon_sp.reading.per_item import PerItem
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.singer.schemas import TEXT

ROLES = ("Pricing",)
CONDITIONS = ("New", "Used", "Collectible", "Refurbished", "Club")


class CompetitivePricing(AmazonStream):
    """Competitive prices for consumers, numbers of offers and sales ranks, by ASIN.

    A request takes up to 20 ASINs of one marketplace.
    """

    name = "competitive_pricing"
    operation_id = "productPricingV0.getCompetitivePricing"
    roles = ROLES
    primary_keys = ("MarketplaceId", "ASIN")
    parameters = {"ItemType": "Asin"}
    from_request = {"MarketplaceId": "MarketplaceId"}
    read = PerItem(parameter="Asins", outcomes=by_name_of_status("status", "Product"))


class Prices(AmazonStream):
    """The seller's own prices for consumers, by SKU.

    A request takes up to 20 SKUs of one marketplace.
    """

    name = "prices"
    operation_id = "productPricingV0.getPricing"
    roles = ROLES
    primary_keys = ("MarketplaceId", "SellerSKU")
    parameters = {"ItemType": "Sku"}
    from_request = {"MarketplaceId": "MarketplaceId"}
    read = PerItem(by="sku", parameter="Skus", outcomes=by_name_of_status("status", "Product"))


def _offers(single_operation: str, by: Literal["asin", "sku"]) -> Batch:
    """Return how offers are read: each item in the condition of the seller's own offer.

    Args:
        single_operation: The operation that each request in a batch calls.
        by: What identifies an item.
    """

    def id_of(item: Item) -> str | None:
        return item.asin if by == "asin" else item.sku

    def entry(item: Item) -> dict[str, Any]:
        operation = catalogue.operation(single_operation)
        (parameter,) = operation.path_parameters
        return {
            "uri": operation.url_path(**{parameter.name: id_of(item)}),
            "method": operation.method,
            "MarketplaceId": item.marketplace_id,
            "ItemCondition": item.condition,
        }

    return Batch(
        entry,
        by_http_status(_offers_in),
        size=20,
        by=by,
        identity=lambda item: (id_of(item), item.condition),
    )


def _offers_in(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the offers in one answer of a batch, with the keys of its request."""
    payload = object_in(entry, "body", "payload")
    named = (object_at(entry, ("request",)) | object_at(payload, ("Identifier",))).get
    keys = {
        "marketplaceId": named("MarketplaceId"),
        "ASIN": named("ASIN") or named("Asin"),
        "SKU": named("SellerSKU"),
        "ItemCondition": named("ItemCondition"),
    }
    return {name: value for name, value in keys.items() if value} | payload


class ItemOffers(AmazonStream):
    """Up to 20 offers of all sellers for an item, with a summary: one record per ASIN.

    The condition is that of the seller's own offer, or new if the settings name the ASINs. A
    request takes up to 20 ASINs of one marketplace, and Amazon allows one request in ten seconds.
    """

    name = "item_offers"
    operation_id = "productPricingV0.getItemOffersBatch"
    roles = ROLES
    records_path = "responses.body.payload"
    primary_keys = ("marketplaceId", "ASIN", "ItemCondition")
    read = _offers("productPricingV0.getItemOffers", by="asin")


class ListingOffers(AmazonStream):
    """Offers that compete with each of the seller's listings: like `item_offers`, but by SKU."""

    name = "listing_offers"
    operation_id = "productPricingV0.getListingOffersBatch"
    roles = ROLES
    records_path = "responses.body.payload"
    primary_keys = ("marketplaceId", "SKU", "ItemCondition")
    read = _offers("productPricingV0.getListingOffers", by="sku")


def _summary_request(item: Item) -> dict[str, Any]:
    """Return the request for all data of one ASIN, with the lowest offers in each condition."""
    return {
        "asin": item.asin,
        "marketplaceId": item.marketplace_id,
        "includedData": [
            "featuredBuyingOptions",
            "referencePrices",
            "lowestPricedOffers",
            "similarItems",
        ],
        "lowestPricedOffersInputs": [
            {"itemCondition": condition, "offerType": "Consumer"} for condition in CONDITIONS
        ],
        "method": "GET",
        "uri": "/products/pricing/2022-05-01/items/competitiveSummary",
    }


def _body(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the body of one answer of a batch."""
    return object_in(entry, "body")


class CompetitiveSummary(AmazonStream):
    """Featured and lowest offers, reference prices and similar items: one record per ASIN.

    A request takes up to 20 ASINs of one marketplace, and Amazon allows one request in 30 seconds.
    """

    name = "competitive_summary"
    operation_id = "productPricing_2022-05-01.getCompetitiveSummary"
    roles = ROLES
    records_path = "responses.body"
    primary_keys = ("marketplaceId", "asin")
    read = Batch(_summary_request, by_http_status(_body), size=20)


def _expected_price_request(item: Item) -> dict[str, Any]:
    """Return the request for the expected price of one SKU."""
    return {
        "marketplaceId": item.marketplace_id,
        "sku": item.sku,
        "method": "GET",
        "uri": "/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice",
    }


def _body_with_item(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the body of one answer of a batch, with the keys of its request."""
    asked = object_at(entry, ("request",))
    return {name: asked.get(name) for name in ("marketplaceId", "sku")} | _body(entry)


class FeaturedOfferExpectedPrice(AmazonStream):
    """The price at which each of the seller's listings can expect to be the featured offer.

    A request takes up to 40 SKUs of one marketplace, and Amazon allows one request in 30 seconds.
    """

    name = "featured_offer_expected_price"
    operation_id = "productPricing_2022-05-01.getFeaturedOfferExpectedPriceBatch"
    roles = ROLES
    records_path = "responses.body"
    primary_keys = ("marketplaceId", "sku")
    added_properties = {"marketplaceId": TEXT, "sku": TEXT}
    read = Batch(_expected_price_request, by_http_status(_body_with_item), size=40, by="sku")
