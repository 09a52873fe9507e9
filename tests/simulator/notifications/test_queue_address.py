"""Notifications go to queues of this machine alone."""

from __future__ import annotations

import pytest

from tap_amazon_sp.simulator import parse_queue_address


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("sqs://127.0.0.1:5000/123456789012/q", "http://127.0.0.1:5000/123456789012/q"),
        ("http://127.0.0.1:5000/123456789012/q", "http://127.0.0.1:5000/123456789012/q"),
        ("http://localhost:5000/000000000000/q", "http://127.0.0.1:5000/000000000000/q"),
        ("http://sqs.us-east-1.localhost:9/000000000000/q", "http://127.0.0.1:9/000000000000/q"),
        ("https://[::1]:5000/1/q", "https://[::1]:5000/1/q"),
    ],
)
def test_queues_of_this_machine(text: str, url: str) -> None:
    assert parse_queue_address(text).url == url


@pytest.mark.parametrize(
    "text",
    [
        "https://sqs.us-east-1.amazonaws.com:443/123456789012/q",
        "http://10.0.0.1:5000/123456789012/q",
        "sqs://example.com:5000/123456789012/q",
        "http://localhost.example.com:5000/123456789012/q",
    ],
)
def test_other_machines_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not this machine"):
        parse_queue_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "q", "sqs://127.0.0.1/1/q", "sqs://127.0.0.1:5000/q", "http://127.0.0.1:x/1/q", "ftp://a"],
)
def test_what_is_no_queue_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="write it as"):
        parse_queue_address(text)
