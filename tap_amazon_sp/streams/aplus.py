"""A+ content: the documents, and the items that they describe.

Facts: Amazon's model `aplusContent_2020-11-01`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.snapshots import SnapshotStream

ROLES = ("Product Listing", "Brand Analytics")


class AplusContentDocuments(SnapshotStream):
    """A+ content documents: name, state, badges and time of update, not the content itself."""

    name = "aplus_content_documents"
    operation_id = "aplusContent_2020-11-01.searchContentDocuments"
    roles = ROLES
    primary_keys = ("marketplaceId", "contentReferenceKey")
    lifted = {
        "marketplaceId": "contentMetadata.marketplaceId",
        "updateTime": "contentMetadata.updateTime",
    }


class AplusContentAsins(CalledChildStream):
    """The ASINs that each A+ content document is assigned to: a call per document and page."""

    name = "aplus_content_asins"
    operation_id = "aplusContent_2020-11-01.listContentDocumentAsinRelations"
    roles = ROLES
    parent_stream_type = AplusContentDocuments
    primary_keys = ("marketplaceId", "contentReferenceKey", "asin")
    parameters = {"includedDataSet": ["METADATA"]}
    parameters_from_parent = {
        "contentReferenceKey": "contentReferenceKey",
        "marketplaceId": "marketplaceId",
    }
    from_parent = parameters_from_parent
    # A document may have been removed since it was listed.
    missing_is_empty = True


STREAMS = (AplusContentDocuments, AplusContentAsins)
