"""The list of feeds, and how Amazon processed them.

Facts: Amazon's model `feeds_2021-06-30` (feeds are kept for 90 days; a request takes at most ten
feed types, or a page token alone) and its page "Feed Type Values".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.documents.feed_summaries import summarize_processing_report
from tap_amazon_sp.documents.in_memory import download_document
from tap_amazon_sp.jobs.polling import UNFINISHED_STATUSES
from tap_amazon_sp.reading.job_lists import JOBS
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.reader import Parameters, Records
from tap_amazon_sp.reading.requests import Each
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.singer.schemas import ANY_OBJECT, TEXT

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


class Feeds(AmazonStream):
    """Feeds of all types, or of those in `feed_types`; with `feed_summaries`, their results."""

    name = "feeds"
    operation_id = "feeds_2021-06-30.getFeeds"
    primary_keys = ("feedId",)
    replication_key = "createdTime"
    selected_by_default = True
    # Taken from the feed's result document. Each feed type has its own format.
    added_properties = {"processingSummary": ANY_OBJECT}
    each = (Each("feedTypes", FEED_TYPES, setting="feed_types"),)
    read = JOBS

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the summary of the result document, if `feed_summaries` is on."""
        document_id = record.get("resultFeedDocumentId")
        if self.settings.feed_summaries and document_id and _is_finished(record):
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


def _is_finished(feed: Mapping[str, Any]) -> bool:
    return feed.get("processingStatus") not in UNFINISHED_STATUSES


class FeedProcessingReports(AmazonStream):
    """The result document of each finished feed, as text in `content`.

    The text is JSON, XML or tab-separated lines, depending on the feed type. One request per feed:
    after the first ten, Amazon allows one request in 45 seconds. Amazon lists feeds for 90 days and
    keeps their documents for 28 days: a feed has no record when its document is gone.
    """

    name = "feed_processing_reports"
    operation_id = "feeds_2021-06-30.getFeedDocument"
    primary_keys = ("feedId",)
    added_properties = {"content": TEXT}
    # Anybody who has the address can download the document.
    left_out_properties = ("feedDocumentId", "url", "compressionAlgorithm")
    missing_is_empty = True
    read = PerParent(
        Feeds,
        {"feedDocumentId": "resultFeedDocumentId"},
        {
            "feedId": "feedId",
            "feedType": "feedType",
            "createdTime": "createdTime",
            "resultFeedDocumentId": "resultFeedDocumentId",
        },
        where=_is_finished,
    )

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:  # noqa: ARG002 - there is one page
        """Download a document; yield one answer with one record."""
        content = download_document(self.client, self.operation, parameters)
        yield Answer({"content": content}, 200, None)

    def extract(self, answer: Answer) -> Records:
        """Return the record with the content of a document."""
        return [answer.body]
