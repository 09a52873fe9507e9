from __future__ import annotations

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import InvalidRequestError, ServiceError
from tap_amazon_sp.documents.in_memory import download_document, upload_document
from tap_amazon_sp.settings.accounts import account_of
from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.simulator import Simulator
from tests.fake_clock import FakeClock


def test_a_feed_document_is_returned_as_text(simulator: Simulator) -> None:
    account = account_of(settings_from(simulator.settings_for_tap()))
    client = SellingPartnerClient(account, clock=FakeClock(), user_agent="test/1.0")
    feeds = client.send(
        catalogue.operation("feeds_2021-06-30.getFeeds"), {"feedTypes": ["JSON_LISTINGS_FEED"]}
    ).body["feeds"]
    finished = next(feed for feed in feeds if feed.get("resultFeedDocumentId"))

    text = download_document(
        client,
        catalogue.operation("feeds_2021-06-30.getFeedDocument"),
        {"feedDocumentId": finished["resultFeedDocumentId"]},
    )

    assert text.startswith("{")


XML = "text/xml; charset=UTF-8"


def declared(simulator: Simulator) -> tuple[SellingPartnerClient, str]:
    """A client, and an address to upload XML to."""
    account = account_of(settings_from(simulator.settings_for_tap()))
    client = SellingPartnerClient(account, clock=FakeClock(), user_agent="test/1.0")
    operation = catalogue.operation("feeds_2021-06-30.createFeedDocument")
    return client, client.send(operation, body={"contentType": XML}).body["url"]


def test_an_upload_carries_no_credentials(simulator: Simulator) -> None:
    client, url = declared(simulator)

    # The store refuses requests with a token, as Amazon's does.
    upload_document(client, url, b"<a/>", XML)


def test_an_upload_that_fails_is_tried_again(simulator: Simulator) -> None:
    client, url = declared(simulator)
    simulator.inject("status", operation="documents", status=503, count=2)
    simulator.inject("reset", operation="documents", count=1)

    upload_document(client, url, b"<a/>", XML)


def test_an_upload_that_fails_for_good_does_not_tell_the_address(simulator: Simulator) -> None:
    client, url = declared(simulator)
    simulator.inject("reset", operation="documents", count=None)

    with pytest.raises(ServiceError, match="no complete response from the store") as raised:
        upload_document(client, url, b"<a/>", XML)

    assert "X-Amz" not in str(raised.value)


def test_an_upload_of_another_type_than_declared_is_refused(simulator: Simulator) -> None:
    client, url = declared(simulator)

    with pytest.raises(
        InvalidRequestError, match="HTTP 403 SignatureDoesNotMatch: the store refus"
    ):
        upload_document(client, url, b"a", "text/plain")
