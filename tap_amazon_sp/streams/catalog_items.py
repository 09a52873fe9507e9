"""Items of Amazon's catalog.

Facts: Amazon's model `catalogItems_2022-04-01` (at most 20 identifiers a search; the details for
vendors are theirs only).
"""

from __future__ import annotations

from tap_amazon_sp.reading.items import ItemsStream


class CatalogItems(ItemsStream):
    """Items of Amazon's catalog with attributes, images, relationships and sales ranks.

    By ASIN, 20 a call and marketplace. Items that Amazon does not know have no record.
    """

    name = "catalog_items"
    operation_id = "catalogItems_2022-04-01.searchCatalogItems"
    roles = ("Product Listing",)
    primary_keys = ("marketplaceId", "asin")
    item_parameter = "identifiers"
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


STREAMS = (CatalogItems,)
