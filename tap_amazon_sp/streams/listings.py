"""Listings of a seller, restrictions on listing items, and product types.

Facts: Amazon's models `listingsItems_2021-08-01` (a search returns at most 1,000 items),
`listingsRestrictions_2021-08-01` and `definitionsProductTypes_2020-09-01` (a request for a
definition names one marketplace).
"""

from __future__ import annotations

from tap_amazon_sp.reading.own_items import MAX_SEARCH_RESULTS
from tap_amazon_sp.reading.per_item import PerItem
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

ROLES = ("Product Listing",)


class ListingsItems(AmazonStream):
    """The seller's listings by marketplace: offers, attributes, issues and all other data.

    Needs `seller_id`. The tap copies `lastUpdatedDate` from the summary to the top of the record.
    """

    name = "listings_items"
    operation_id = "listingsItems_2021-08-01.searchListingsItems"
    roles = ROLES
    primary_keys = ("marketplaceId", "sku")
    replication_key = "lastUpdatedDate"
    one_marketplace_per_request = True
    parameters = {
        "includedData": [
            "summaries",
            "attributes",
            "issues",
            "offers",
            "fulfillmentAvailability",
            "procurement",
            "relationships",
            "productTypes",
        ],
        # An item that changes while pages are read moves to the end, so it is still read.
        "sortBy": "lastUpdatedDate",
        "sortOrder": "ASC",
    }
    parameters_from_settings = {"sellerId": "seller_id"}
    from_request = {"marketplaceId": "marketplaceIds"}
    lifted = {"lastUpdatedDate": "summaries.lastUpdatedDate"}
    read = Windows(
        "lastUpdatedAfter", max_results=MAX_SEARCH_RESULTS, results_total="numberOfResults"
    )


class ListingRestrictions(AmazonStream):
    """Why the seller may not list an item, by condition: one request per ASIN and marketplace.

    Needs `seller_id`. An item without restrictions has no record.
    """

    name = "listing_restrictions"
    operation_id = "listingsRestrictions_2021-08-01.getListingsRestrictions"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin", "conditionType")
    optional_keys = ("conditionType",)
    one_marketplace_per_request = True
    parameters_from_settings = {"sellerId": "seller_id"}
    from_request = {"asin": "asin"}
    read = PerItem()


class ProductTypes(AmazonStream):
    """The product types of each marketplace, with the version of the list in each record."""

    name = "product_types"
    operation_id = "definitionsProductTypes_2020-09-01.searchDefinitionsProductTypes"
    roles = ROLES
    primary_keys = ("marketplaceId", "name")
    one_marketplace_per_request = True
    from_request = {"marketplaceId": "marketplaceIds"}
    from_answer = {"productTypeVersion": "productTypeVersion"}
    read = Snapshot()


class ProductTypeDefinitions(AmazonStream):
    """The definition of each product type: its groups of properties, and a link to its schema.

    One request per product type and marketplace. The checksum changes when the schema changes.
    """

    name = "product_type_definitions"
    operation_id = "definitionsProductTypes_2020-09-01.getDefinitionsProductType"
    roles = ROLES
    primary_keys = ("marketplaceId", "productType")
    read = PerParent(
        ProductTypes,
        {"productType": "name", "marketplaceIds": "marketplaceId"},
        {"marketplaceId": "marketplaceId"},
    )
