"""The queue of notifications that settings describe."""

from __future__ import annotations

from tap_amazon_sp.settings.definitions import Settings
from tap_amazon_sp.settings.queues import queue_of

ARN = "arn:aws:sqs:eu-west-1:123456789012:orders"


def test_without_the_setting_there_is_no_queue() -> None:
    assert queue_of(Settings()) is None


def test_the_endpoint_url_is_that_of_the_server() -> None:
    alone = queue_of(Settings(notifications_queue_url=ARN))
    elsewhere = queue_of(
        Settings(notifications_queue_url=ARN, notifications_endpoint_url="http://127.0.0.1:5000")
    )

    assert alone is not None
    assert elsewhere is not None
    assert alone.url == "https://sqs.eu-west-1.amazonaws.com/123456789012/orders"
    assert elsewhere.url == "http://127.0.0.1:5000/123456789012/orders"
