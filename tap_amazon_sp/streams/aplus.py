"""A+ content: the documents and the items that they describe.

Facts: Amazon's model `aplusContent_2020-11-01`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream

ROLES = ("Product Listing", "Brand Analytics")


class AplusContentDocuments(AmazonStream):
    """A+ content documents: name, status, badges and time of the last update, without content."""

    name = "aplus_content_documents"
    operation_id = "aplusContent_2020-11-01.searchContentDocuments"
    roles = ROLES
    primary_keys = ("marketplaceId", "contentReferenceKey")
    lifted = {
        "marketplaceId": "contentMetadata.marketplaceId",
        "updateTime": "contentMetadata.updateTime",
    }
    read = Snapshot()


_CONTENT = {"contentReferenceKey": "contentReferenceKey", "marketplaceId": "marketplaceId"}


class AplusContentAsins(AmazonStream):
    """ASINs that each A+ content document is assigned to: one request per document and page."""

    name = "aplus_content_asins"
    operation_id = "aplusContent_2020-11-01.listContentDocumentAsinRelations"
    roles = ROLES
    primary_keys = ("marketplaceId", "contentReferenceKey", "asin")
    parameters = {"includedDataSet": ["METADATA"]}
    # The document may have been removed since it was listed.
    missing_is_empty = True
    read = PerParent(
        AplusContentDocuments,
        _CONTENT,
        _CONTENT,
    )
