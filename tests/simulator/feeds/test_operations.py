from __future__ import annotations

import gzip
import json
import xml.etree.ElementTree as ET
from typing import Any

import pytest
import requests

from tests.fake_clock import FakeClock
from tests.simulator.api_caller import FEEDS, TIMEOUT, ApiCaller
from tests.simulator.conftest import MARKETPLACES, StartSimulator

MESSAGES = [
    {"messageId": 1, "sku": "A", "operationType": "UPDATE", "productType": "X"},
    {"messageId": 2, "sku": "B", "operationType": "ABOLISH"},
    {"messageId": 3, "operationType": "DELETE"},
]
LISTINGS = json.dumps({"header": {"version": "2.0"}, "messages": MESSAGES}).encode()


def upload(api: ApiCaller, content: bytes, content_type: str = "application/json") -> str:
    answer = api.call("POST", f"{FEEDS}/documents", json={"contentType": content_type})
    assert answer.status_code == 201, answer.text
    body = answer.json()
    put = requests.put(
        body["url"], data=content, headers={"Content-Type": content_type}, timeout=TIMEOUT
    )
    assert put.status_code == 200, put.text
    return str(body["feedDocumentId"])


def submit(api: ApiCaller, kind: str, content: bytes) -> str:
    feed = {
        "feedType": kind,
        "marketplaceIds": MARKETPLACES[:1],
        "inputFeedDocumentId": upload(api, content),
    }
    answer = api.call("POST", f"{FEEDS}/feeds", json=feed)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["feedId"])


def status(api: ApiCaller, feed_id: str) -> str:
    return str(api.get(f"{FEEDS}/feeds/{feed_id}").json()["processingStatus"])


def result(api: ApiCaller, feed_id: str) -> bytes:
    feed = api.get(f"{FEEDS}/feeds/{feed_id}").json()
    document = api.get(f"{FEEDS}/documents/{feed['resultFeedDocumentId']}").json()
    content = requests.get(document["url"], timeout=TIMEOUT).content
    return gzip.decompress(content) if document.get("compressionAlgorithm") else content


def test_a_feed_goes_through_its_life(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1, processing_seconds=60)
    feed_id = submit(api, "JSON_LISTINGS_FEED", LISTINGS)

    seen = [status(api, feed_id)]
    for _ in range(9):
        clock.advance(10)
        seen.append(status(api, feed_id))

    assert sorted(set(seen), key=seen.index) == ["IN_QUEUE", "IN_PROGRESS", "DONE"]


def test_speed_makes_feeds_faster(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1000, processing_seconds=60)
    feed_id = submit(api, "JSON_LISTINGS_FEED", LISTINGS)

    clock.advance(0.1)

    assert status(api, feed_id) == "DONE"


def test_a_listings_feed_gets_a_json_report(api: ApiCaller) -> None:
    feed_id = submit(api, "JSON_LISTINGS_FEED", LISTINGS)

    report = json.loads(result(api, feed_id))

    assert report["header"]["feedId"] == feed_id
    assert report["summary"] == {
        "errors": 2,
        "warnings": 0,
        "messagesProcessed": 3,
        "messagesAccepted": 1,
        "messagesInvalid": 2,
    }
    assert [issue["messageId"] for issue in report["issues"]] == [2, 3]


def test_an_xml_feed_gets_an_xml_report(api: ApiCaller) -> None:
    content = b"<AmazonEnvelope><Message></Message><Message></Message></AmazonEnvelope>"
    feed_id = submit(api, "POST_ORDER_FULFILLMENT_DATA", content)

    envelope = ET.fromstring(result(api, feed_id))  # noqa: S314

    assert envelope.findtext("MessageType") == "ProcessingReport"
    summary = envelope.find("Message/ProcessingReport/ProcessingSummary")
    assert summary is not None
    assert summary.findtext("MessagesProcessed") == "2"
    assert summary.findtext("MessagesSuccessful") == "2"


def test_a_flat_file_feed_gets_a_text_report(api: ApiCaller) -> None:
    feed_id = submit(api, "POST_FLAT_FILE_FULFILLMENT_DATA", b"order-id\n1\n2\n3\n")

    text = result(api, feed_id).decode()

    assert "Number of records processed\t\t3" in text
    assert "Number of records successful\t\t3" in text


@pytest.mark.parametrize(
    "content",
    [
        b"sku\tprice\n",
        b"[" * 100_000,
        b'{"messages": 1}',
        rb'{"messages": [{"messageId": "\ud800"}]}',
    ],
    ids=["no JSON", "too deep", "no messages", "half of a character"],
)
def test_a_file_that_is_not_a_listings_feed_is_fatal(api: ApiCaller, content: bytes) -> None:
    feed_id = submit(api, "JSON_LISTINGS_FEED", content)

    assert status(api, feed_id) == "FATAL"
    assert json.loads(result(api, feed_id))["summary"]["errors"] == 1


def test_a_feed_without_its_document_is_fatal(api: ApiCaller) -> None:
    answer = api.call("POST", f"{FEEDS}/documents", json={"contentType": "text/xml"})
    feed = {
        "feedType": "POST_ORDER_FULFILLMENT_DATA",
        "marketplaceIds": MARKETPLACES[:1],
        "inputFeedDocumentId": answer.json()["feedDocumentId"],
    }

    feed_id = api.call("POST", f"{FEEDS}/feeds", json=feed).json()["feedId"]
    unknown = api.call("POST", f"{FEEDS}/feeds", json=feed | {"inputFeedDocumentId": "x"})

    assert status(api, feed_id) == "FATAL"
    assert unknown.status_code == 400


def test_only_a_queued_feed_can_be_cancelled(start: StartSimulator, clock: FakeClock) -> None:
    api = start(speed=1)
    first = submit(api, "JSON_LISTINGS_FEED", LISTINGS)
    second = submit(api, "JSON_LISTINGS_FEED", LISTINGS)

    assert api.call("DELETE", f"{FEEDS}/feeds/{first}").status_code == 200
    clock.advance(300)

    assert status(api, first) == "CANCELLED"
    assert status(api, second) == "DONE"
    assert api.call("DELETE", f"{FEEDS}/feeds/{second}").status_code == 400
    assert api.call("DELETE", f"{FEEDS}/feeds/1").status_code == 404


def test_feeds_are_filtered(api: ApiCaller) -> None:
    def ids(**params: Any) -> set[str]:
        body = api.get(f"{FEEDS}/feeds", pageSize=100, **params).json()
        return {feed["feedId"] for feed in body["feeds"]}

    truth = [f for f in api.simulator.truth("feeds") if f["feedType"] == "JSON_LISTINGS_FEED"]
    middle = sorted(feed["createdTime"] for feed in truth)[len(truth) // 2]

    assert ids(feedTypes="JSON_LISTINGS_FEED") == {feed["feedId"] for feed in truth}
    since = ids(feedTypes="JSON_LISTINGS_FEED", createdSince=middle)
    until = ids(feedTypes="JSON_LISTINGS_FEED", createdUntil=middle)
    assert since == {feed["feedId"] for feed in truth if feed["createdTime"] >= middle}
    assert since | until == {feed["feedId"] for feed in truth}
    assert ids(feedTypes="JSON_LISTINGS_FEED", processingStatuses="IN_QUEUE") == set()
    assert ids(feedTypes="JSON_LISTINGS_FEED", marketplaceIds=MARKETPLACES) == ids(
        feedTypes="JSON_LISTINGS_FEED"
    )


@pytest.mark.parametrize("kind", ["PLEASE_CHANGE_MY_PRICES", "post_product_data"])
def test_an_unknown_type_is_refused(api: ApiCaller, kind: str) -> None:
    assert kind in api.refused(f"{FEEDS}/feeds", feedTypes=kind)
