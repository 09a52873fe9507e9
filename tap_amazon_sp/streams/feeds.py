"""The list of feeds, and how Amazon processed them.

Facts: Amazon's model `feeds_2021-06-30` (feeds are kept for 90 days; a call wants at most ten feed
types, or a page token alone) and its page "Feed Type Values".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.documents.feed_summaries import summarize_processing_report
from tap_amazon_sp.documents.in_memory import download_document
from tap_amazon_sp.jobs.polling import UNFINISHED_STATUSES
from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.declared_schemas import TEXT
from tap_amazon_sp.reading.job_lists import JobStream, TypedStream
from tap_amazon_sp.reading.stream import Page, Parameters
from tap_amazon_sp.singer.inference import ANY_OBJECT

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


class Feeds(TypedStream, JobStream):
    """Feeds of all types, or of those in `feed_types`; with `feed_summaries`, how they went."""

    name = "feeds"
    operation_id = "feeds_2021-06-30.getFeeds"
    primary_keys = ("feedId",)
    selected_by_default = True
    # Out of the feed's result document, which has a form of its own for each feed type.
    added_properties = {"processingSummary": ANY_OBJECT}
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


class FeedProcessingReports(CalledChildStream):
    """Amazon's answer to each finished feed: its result document, as text in `content`.

    The text is JSON, XML or lines with tabs, as the type of feed has it. A call per feed, of which
    Amazon allows one in 45 seconds after the first ten. Feeds are listed for 90 days, their
    documents kept for 28: a feed whose document is gone has no record.
    """

    name = "feed_processing_reports"
    operation_id = "feeds_2021-06-30.getFeedDocument"
    parent_stream_type = Feeds
    primary_keys = ("feedId",)
    parameters_from_parent = {"feedDocumentId": "resultFeedDocumentId"}
    from_parent = {
        "feedId": "feedId",
        "feedType": "feedType",
        "createdTime": "createdTime",
        "resultFeedDocumentId": "resultFeedDocumentId",
    }
    added_properties = {"content": TEXT}
    # The address is good for anybody who has it.
    left_out = ("feedDocumentId", "url", "compressionAlgorithm")
    missing_is_empty = True

    def requests_for(self, parent: Mapping[str, Any]) -> Iterator[Parameters]:
        """Ask for the documents of finished feeds."""
        if parent.get("processingStatus") not in UNFINISHED_STATUSES:
            yield from super().requests_for(parent)

    def pages_of(
        self,
        parameters: Parameters,
        parent: Mapping[str, Any] | None = None,
        page_token: str | None = None,  # noqa: ARG002 - there is one page
    ) -> Iterator[Page]:
        """Download a document: one page with one record."""
        content = download_document(self.client, self.operation, parameters)
        self.client.metrics.count_records(self.operation.id, 1)
        record = self._completed({"content": content}, parameters, parent or {})
        yield Page([self.prepare(record)])


STREAMS = (Feeds, FeedProcessingReports)
