"""Listings of a seller, what hinders them, and the product types that listings can have.

Facts: Amazon's models `listingsItems_2021-08-01` (a search gives at most 1,000 items),
`listingsRestrictions_2021-08-01` and `definitionsProductTypes_2020-09-01` (a definition is asked
for in one marketplace).
"""

from __future__ import annotations

from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.items import ItemsStream
from tap_amazon_sp.reading.own_items import MOST_SEARCH_RESULTS
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.windows import WindowedStream

ROLES = ("Product Listing",)


class ListingsItems(WindowedStream):
    """The seller's listings by marketplace: offers, attributes, issues and all other data.

    Needs `seller_id`. `lastUpdatedDate` is lifted out of the summary.
    """

    name = "listings_items"
    operation_id = "listingsItems_2021-08-01.searchListingsItems"
    roles = ROLES
    primary_keys = ("marketplaceId", "sku")
    replication_key = "lastUpdatedDate"
    updated_after = "lastUpdatedAfter"
    most_results = MOST_SEARCH_RESULTS
    results_total = "numberOfResults"
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
        # What changes while pages are read moves to the end, where it is still to come.
        "sortBy": "lastUpdatedDate",
        "sortOrder": "ASC",
    }
    parameters_from_settings = {"sellerId": "seller_id"}
    from_request = {"marketplaceId": "marketplaceIds"}
    lifted = {"lastUpdatedDate": "summaries.lastUpdatedDate"}


class ListingRestrictions(ItemsStream):
    """Why the seller may not list an item, by condition: a call per ASIN and marketplace.

    Needs `seller_id`. An item without restrictions has no record.
    """

    name = "listing_restrictions"
    operation_id = "listingsRestrictions_2021-08-01.getListingsRestrictions"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin", "conditionType")
    one_marketplace_per_request = True
    parameters_from_settings = {"sellerId": "seller_id"}
    from_request = {"asin": "asin"}


class ProductTypes(SnapshotStream):
    """The product types of each marketplace."""

    name = "product_types"
    operation_id = "definitionsProductTypes_2020-09-01.searchDefinitionsProductTypes"
    roles = ROLES
    primary_keys = ("marketplaceId", "name")
    one_marketplace_per_request = True
    from_request = {"marketplaceId": "marketplaceIds"}


class ProductTypeDefinitions(CalledChildStream):
    """The definition of each product type: its groups of properties, and a link to its schema.

    A call per product type and marketplace. The checksum tells whether the schema changed.
    """

    name = "product_type_definitions"
    operation_id = "definitionsProductTypes_2020-09-01.getDefinitionsProductType"
    roles = ROLES
    parent_stream_type = ProductTypes
    primary_keys = ("marketplaceId", "productType")
    parameters_from_parent = {"productType": "name", "marketplaceIds": "marketplaceId"}
    from_parent = {"marketplaceId": "marketplaceId"}


STREAMS = (ListingsItems, ListingRestrictions, ProductTypes, ProductTypeDefinitions)
