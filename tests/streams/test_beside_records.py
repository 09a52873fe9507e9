"""What Amazon gives beside the list of records: each such value has a way out of every stream."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tap_amazon_sp.amazon.model_types import answer_schema
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.streams import all_built_in_streams

OF_PAGING = {"NextToken", "nextPageToken", "nextToken", "nextTokenForLineItems"} | {
    "previousPageToken",
    "previousToken",
}
OF_REQUEST = "the request asks for it, and the records have it from there"
REASONS = {
    # By operation: a path in the answer, and why the records need not have what is there.
    "catalogItems_2022-04-01.searchCatalogItems": {
        "numberOfResults": "a total",
        "refinements": "brands and classes to narrow a search, which looks for known ASINs",
    },
    "fbaInventory.getInventorySummaries": {"payload.granularity": OF_REQUEST},
    "financesInvoices_2026-06-25.getInvoiceHeaders": {"numOfRecords": "a total"},
    "financeRemittance-2026-03-17.getRemittanceHeaders": {"numOfRecords": "a total"},
    "fulfillmentOutbound_2020-07-01.getFeatureInventory": {
        "payload.marketplaceId": OF_REQUEST,
        "payload.featureName": OF_REQUEST,
    },
    "listingsItems_2021-08-01.searchListingsItems": {"numberOfResults": "a total"},
    "messaging.getMessagingActionsForOrder": {"_links": "links to the actions"},
    "solicitations.getSolicitationActionsForOrder": {"_links": "links to the actions"},
    "ordersV0.getOrders": {
        "payload.LastUpdatedBefore": "the end of the window that was requested",
        "payload.CreatedBefore": "the end of the window that was requested",
    },
    "ordersV0.getOrderItems": {"payload.AmazonOrderId": OF_REQUEST},
    "ordersV0.getOrderItemsBuyerInfo": {"payload.AmazonOrderId": OF_REQUEST},
    "orders_2026-01-01.searchOrders": {
        "lastUpdatedBefore": "the end of the window that was requested",
        "createdBefore": "the end of the window that was requested",
    },
    "productPricingV0.getItemOffersBatch": {
        "responses.headers": "of the HTTP response",
        "responses.status": "refusals are logged",
        "responses.request": OF_REQUEST,
    },
    "productPricingV0.getListingOffersBatch": {
        "responses.headers": "of the HTTP response",
        "responses.status": "refusals are logged",
        "responses.request": OF_REQUEST,
    },
    "productPricing_2022-05-01.getFeaturedOfferExpectedPriceBatch": {
        "responses.headers": "of the HTTP response",
        "responses.status": "refusals are logged",
        "responses.request": OF_REQUEST,
    },
    "productPricing_2022-05-01.getCompetitiveSummary": {
        "responses.status": "refusals are logged",
    },
    "promotions_2025-12-01.getSelection": {
        "selection.selectionId": OF_REQUEST,
        "selection.revisionId": OF_REQUEST,
        "selection.type": "`promotions` has it",
        "selection.selectionDetails.rules": "only promotions for the whole catalog have rules",
    },
    "promotions_2025-12-01.searchPromotions": {"totalResults": "a total"},
    "replenishment-2022-11-07.listOfferMetrics": {"pagination.totalResults": "a total"},
    "replenishment-2022-11-07.listOffers": {"pagination.totalResults": "a total"},
    "services.getServiceJobs": {"payload.totalResultSize": "a total"},
}


def beside(stream: type[AmazonStream]) -> Iterator[str]:
    """Yield the paths of all values beside the records of a stream, other than page tokens."""
    schema: dict[str, Any] = answer_schema(stream.find_operation())
    way: list[str] = []
    for name in stream.answer_path():
        for other, found in schema["properties"].items():
            path = ".".join([*way, other])
            if other == name or other in {"errors", "warnings"} or other in OF_PAGING:
                continue
            # An object around page tokens: what else it has needs a reason, too.
            if other == "pagination":
                inner = found["properties"].keys() - OF_PAGING
                yield from (f"{path}.{one}" for one in sorted(inner))
            else:
                yield path
        schema = schema["properties"][name]
        way.append(name)
        while "items" in schema:
            schema = schema["items"]


ROOTS = [found for found in all_built_in_streams() if not isinstance(found.read, Inside)]


@pytest.mark.parametrize("stream", ROOTS, ids=lambda stream: stream.name)
def test_what_lies_beside_the_records_is_given_or_left_out_for_a_reason(
    stream: type[AmazonStream],
) -> None:
    given = set(stream.from_answer.values())
    left_out = REASONS.get(stream.operation_id, {}).keys()

    assert set(beside(stream)) - given == left_out
    assert not given & left_out


def test_each_reason_is_about_an_operation_of_a_stream() -> None:
    assert {stream.operation_id for stream in ROOTS} >= REASONS.keys()


@pytest.mark.parametrize(
    "stream",
    [found for found in all_built_in_streams() if isinstance(found.read, Inside)],
    ids=lambda stream: stream.name,
)
def test_what_lies_beside_nested_records_is_in_the_records_of_the_parent(
    stream: type[AmazonStream],
) -> None:
    parent = stream.read.parent

    assert parent is not None
    assert stream.operation_id == parent.operation_id
    of_parent = parent.answer_path()
    assert stream.answer_path()[: len(of_parent)] == of_parent
