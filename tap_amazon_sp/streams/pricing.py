"""Prices: of the seller's own offers, of all offers for an item, and what they mean together.

Facts: Amazon's models `productPricingV0` and `productPricing_2022-05-01` (batches of 20 items, of
40 for expected prices; a batch may succeed though requests in it fail).
"""

from __future__ import annotations

from typing import Any, ClassVar

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.reading.declared_schemas import TEXT
from tap_amazon_sp.reading.item_batches import AnsweredItemsStream, BatchStream
from tap_amazon_sp.reading.own_items import Item

ROLES = ("Pricing",)
CONDITIONS = ("New", "Used", "Collectible", "Refurbished", "Club")


class CompetitivePricing(AnsweredItemsStream):
    """Competitive prices for consumers, numbers of offers and sales ranks by ASIN, 20 a call."""

    name = "competitive_pricing"
    operation_id = "productPricingV0.getCompetitivePricing"
    roles = ROLES
    primary_keys = ("MarketplaceId", "ASIN")
    item_parameter = "Asins"
    parameters = {"ItemType": "Asin"}
    from_request = {"MarketplaceId": "MarketplaceId"}


class Prices(AnsweredItemsStream):
    """The seller's own prices for consumers by SKU, 20 a call and marketplace."""

    name = "prices"
    operation_id = "productPricingV0.getPricing"
    roles = ROLES
    primary_keys = ("MarketplaceId", "SellerSKU")
    asked_by = "sku"
    item_parameter = "Skus"
    parameters = {"ItemType": "Sku"}
    from_request = {"MarketplaceId": "MarketplaceId"}


class _OffersStream(BatchStream):
    """Asks for each item in the condition in which the seller offers it."""

    roles = ROLES
    records_path = "responses.body.payload"
    items_per_request = 20

    single_operation: ClassVar[str]
    """The operation of which a batch holds many."""

    def identity(self, item: Item) -> Any:
        return getattr(item, self.asked_by), item.condition

    def entry_for(self, item: Item) -> dict[str, Any]:
        operation = catalogue.operation(self.single_operation)
        (parameter,) = operation.path_parameters
        return {
            "uri": operation.url_path(**{parameter.name: getattr(item, self.asked_by)}),
            "method": operation.method,
            "MarketplaceId": item.marketplace_id,
            "ItemCondition": item.condition,
        }

    def record_of(self, entry: dict[str, Any]) -> dict[str, Any]:
        payload: dict[str, Any] = (entry.get("body") or {}).get("payload") or {}
        asked = entry.get("request") or {}
        named = (asked | (payload.get("Identifier") or {})).get
        keys = {
            "marketplaceId": named("MarketplaceId"),
            "ASIN": named("ASIN") or named("Asin"),
            "SKU": named("SellerSKU"),
            "ItemCondition": named("ItemCondition"),
        }
        return {name: value for name, value in keys.items() if value} | payload


class ItemOffers(_OffersStream):
    """Offers of all sellers for an item, at most 20, with a summary: one record per ASIN.

    In the condition in which the seller offers it, or new where the settings name the ASINs. 20
    ASINs a call and marketplace, of which Amazon allows one in ten seconds.
    """

    name = "item_offers"
    operation_id = "productPricingV0.getItemOffersBatch"
    single_operation = "productPricingV0.getItemOffers"
    primary_keys = ("marketplaceId", "ASIN", "ItemCondition")


class ListingOffers(_OffersStream):
    """Offers that compete with each of the seller's listings: as `item_offers`, by SKU."""

    name = "listing_offers"
    operation_id = "productPricingV0.getListingOffersBatch"
    single_operation = "productPricingV0.getListingOffers"
    asked_by = "sku"
    primary_keys = ("marketplaceId", "SKU", "ItemCondition")


class CompetitiveSummary(BatchStream):
    """Featured and lowest offers, reference prices and similar items: one record per ASIN.

    20 ASINs a call and marketplace, of which Amazon allows one in 30 seconds.
    """

    name = "competitive_summary"
    operation_id = "productPricing_2022-05-01.getCompetitiveSummary"
    roles = ROLES
    records_path = "responses.body"
    primary_keys = ("marketplaceId", "asin")
    items_per_request = 20

    def entry_for(self, item: Item) -> dict[str, Any]:
        """Ask for all data, and for the lowest offers in each condition."""
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

    def record_of(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request in the batch."""
        body: dict[str, Any] = entry.get("body") or {}
        return body


class FeaturedOfferExpectedPrice(BatchStream):
    """The price at which each of the seller's listings can expect to be the featured offer.

    40 SKUs a call and marketplace, of which Amazon allows one in 30 seconds.
    """

    name = "featured_offer_expected_price"
    operation_id = "productPricing_2022-05-01.getFeaturedOfferExpectedPriceBatch"
    roles = ROLES
    records_path = "responses.body"
    primary_keys = ("marketplaceId", "sku")
    asked_by = "sku"
    items_per_request = 40
    added_properties = {"marketplaceId": TEXT, "sku": TEXT}

    def entry_for(self, item: Item) -> dict[str, Any]:
        """Ask for the price of one SKU."""
        return {
            "marketplaceId": item.marketplace_id,
            "sku": item.sku,
            "method": "GET",
            "uri": "/products/pricing/2022-05-01/offer/featuredOfferExpectedPrice",
        }

    def record_of(self, entry: dict[str, Any]) -> dict[str, Any]:
        """Return the body of a request in the batch, with what was asked for."""
        asked = entry.get("request") or {}
        keys = {name: asked.get(name) for name in self.added_properties}
        return keys | (entry.get("body") or {})


STREAMS = (
    CompetitivePricing,
    Prices,
    ItemOffers,
    ListingOffers,
    CompetitiveSummary,
    FeaturedOfferExpectedPrice,
)
