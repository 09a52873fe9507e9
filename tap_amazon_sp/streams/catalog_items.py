"""Items of Amazon's catalog.

Facts: Amazon's model `catalogItems_2022-04-01` (a search takes at most 20 identifiers; only vendors
can read the vendor details).
"""

from __future__ import annotations

from tap_amazon_sp.reading.per_item import PerItem
from tap_amazon_sp.reading.stream import AmazonStream


class CatalogItems(AmazonStream):
    """Items of Amazon's catalog with attributes, images, relationships and sales ranks.

    Requested by ASIN: up to 20 ASINs of one marketplace per request. Items unknown to Amazon have
    no record.
    """

    name = "catalog_items"
    operation_id = "catalogItems_2022-04-01.searchCatalogItems"
    roles = ("Product Listing",)
    primary_keys = ("marketplaceId", "asin")
    parameters = {
        "identifiersType": "ASIN",
        "includedData": [
            "attributes",
            "classifications",
            "dimensions",
            "identifiers",
            "images",
            "productTypes",
            "relationships",
            "salesRanks",
            "summaries",
        ],
    }
    from_request = {"marketplaceId": "marketplaceIds"}
    read = PerItem(parameter="identifiers")
