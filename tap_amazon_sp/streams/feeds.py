"""The list of feeds, and how Amazon processed them.

Facts: Amazon's model `feeds_2021-06-30` (feeds are kept for 90 days; a call wants at most ten feed
types, or a page token alone) and its page "Feed Type Values".
"""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.api import catalogue
from tap_amazon_sp.api.documents import download_document
from tap_amazon_sp.api.errors import NotFoundError
from tap_amazon_sp.streams.feed_summaries import summarize_processing_report
from tap_amazon_sp.streams.jobs import UNFINISHED_STATUSES, JobStream

FEED_TYPES = (
    "JSON_LISTINGS_FEED",
    "POST_EASYSHIP_DOCUMENTS",
    "POST_EXPECTED_SHIP_DATE_SOD",
    "POST_EXPECTED_SHIP_DATE_SOD_FLAT_FILE",
    "POST_FBA_INBOUND_CARTON_CONTENTS",
    "POST_FLAT_FILE_FBA_CREATE_REMOVAL",
    "POST_FLAT_FILE_FULFILLMENT_DATA",
    "POST_FLAT_FILE_FULFILLMENT_ORDER_CANCELLATION_REQUEST_DATA",
    "POST_FLAT_FILE_FULFILLMENT_ORDER_REQUEST_DATA",
    "POST_FLAT_FILE_IL_ALLOCATION_REQUESTS_CONFIRMATION_FEED",
    "POST_FLAT_FILE_IL_SNAPSHOT_FEED",
    "POST_FLAT_FILE_ORDER_ACKNOWLEDGEMENT_DATA",
    "POST_FLAT_FILE_PAYMENT_ADJUSTMENT_DATA",
    "POST_FULFILLMENT_ORDER_CANCELLATION_REQUEST_DATA",
    "POST_FULFILLMENT_ORDER_REQUEST_DATA",
    "POST_INVOICE_CONFIRMATION_DATA",
    "POST_ORDER_ACKNOWLEDGEMENT_DATA",
    "POST_ORDER_FULFILLMENT_DATA",
    "POST_PAYMENT_ADJUSTMENT_DATA",
    "UPLOAD_VAT_INVOICE",
)


class Feeds(JobStream):
    """Feeds of all types, or of those in `feed_types`; with `feed_summaries`, how they went."""

    name = "feeds"
    operation_id = "feeds_2021-06-30.getFeeds"
    primary_keys = ("feedId",)
    types_parameter = "feedTypes"
    types_setting = "feed_types"
    all_types = FEED_TYPES

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the summary of the result document, where asked for."""
        document_id = record.get("resultFeedDocumentId")
        if (
            self.config.get("feed_summaries")
            and document_id
            and record.get("processingStatus") not in UNFINISHED_STATUSES
        ):
            record["processingSummary"] = self._summary(document_id)
        return record

    def _summary(self, document_id: str) -> dict[str, Any] | None:
        operation = catalogue.operation("feeds_2021-06-30.getFeedDocument")
        try:
            document = download_document(self.client, operation, {"feedDocumentId": document_id})
        except NotFoundError:
            # Amazon keeps result documents for 28 days, feeds for 90.
            return None
        return summarize_processing_report(document)
