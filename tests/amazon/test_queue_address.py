"""Addresses of queues."""

from __future__ import annotations

import pytest

from tap_amazon_sp.amazon.queue_address import QueueAddress, queue_address

NUMBER = "123456789012"


@pytest.mark.parametrize(
    ("text", "region", "endpoint"),
    [
        ("https://sqs.eu-west-1.amazonaws.com/{}", "eu-west-1", None),
        ("https://sqs.eu-west-1.amazonaws.com/{}/", "eu-west-1", None),
        ("https://sqs-fips.us-gov-west-1.amazonaws.com/{}", "us-gov-west-1", None),
        ("https://sqs.us-east-2.api.aws/{}", "us-east-2", None),
        ("https://sqs.cn-north-1.amazonaws.com.cn/{}", "cn-north-1", None),
        ("https://eu-west-1.queue.amazonaws.com/{}", "eu-west-1", None),
        ("https://queue.amazonaws.com/{}", "us-east-1", None),
        (
            "https://vpce-0a1b-2c.sqs.eu-west-1.vpce.amazonaws.com/{}",
            "eu-west-1",
            "https://vpce-0a1b-2c.sqs.eu-west-1.vpce.amazonaws.com",
        ),
        ("http://127.0.0.1:9324/{}", None, "http://127.0.0.1:9324"),
        ("sqs://127.0.0.1:9324/{}", None, "http://127.0.0.1:9324"),
    ],
)
def test_a_url_tells_region_and_server(text: str, region: str | None, endpoint: str | None) -> None:
    address = queue_address(text.replace("{}", f"{NUMBER}/orders"))

    assert (address.region, address.endpoint) == (region, endpoint)
    assert (address.account, address.name) == (NUMBER, "orders")
    assert address.is_at_aws == ("127.0.0.1" not in text)
    assert address.url.startswith("http")
    assert address.url.endswith(f"/{NUMBER}/orders")


def test_names_under_localhost_are_this_machine() -> None:
    address = queue_address("http://sqs.us-east-1.localhost:4566/000000000000/orders")

    assert address.endpoint == "http://127.0.0.1:4566"
    assert address.url == "http://127.0.0.1:4566/000000000000/orders"


@pytest.mark.parametrize(
    ("arn", "url"),
    [
        (f"arn:aws:sqs:eu-west-1:{NUMBER}:orders", "https://sqs.eu-west-1.amazonaws.com"),
        (f"arn:aws-cn:sqs:cn-north-1:{NUMBER}:orders", "https://sqs.cn-north-1.amazonaws.com.cn"),
        (
            f"arn:aws-us-gov:sqs:us-gov-west-1:{NUMBER}:orders",
            "https://sqs.us-gov-west-1.amazonaws.com",
        ),
    ],
)
def test_an_arn_leads_to_the_url_and_back(arn: str, url: str) -> None:
    address = queue_address(arn)

    assert address.url == f"{url}/{NUMBER}/orders"
    assert address.arn == queue_address(address.url).arn == arn


def test_an_endpoint_beside_an_arn_or_a_url_is_asked() -> None:
    by_arn = queue_address(f"arn:aws:sqs:eu-west-1:{NUMBER}:q", endpoint_url="http://localhost:1/")
    by_url = queue_address(
        f"https://sqs.eu-west-1.amazonaws.com/{NUMBER}/q", endpoint_url="http://localhost:1"
    )

    assert by_arn.url == f"http://localhost:1/{NUMBER}/q"
    assert by_arn.host == by_url.host == "localhost:1"
    assert by_arn.region == by_url.region == "eu-west-1"


def test_the_name_tells_fifo_queues() -> None:
    assert queue_address(f"arn:aws:sqs:eu-west-1:{NUMBER}:q.fifo").is_fifo
    assert not QueueAddress(None, NUMBER, "fifo", "http://x").is_fifo


@pytest.mark.parametrize(
    "text",
    [
        "",
        "orders",
        "https://sqs.eu-west-1.amazonaws.com",
        "https://sqs.eu-west-1.amazonaws.com/orders",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/orders/more",
        "https://user:word@sqs.eu-west-1.amazonaws.com/123456789012/orders",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/or%20ders",
        "https://sqs.eu-west-1.amazonaws.com/123456789012/orders?Action=DeleteQueue",
        "ftp://127.0.0.1/123456789012/orders",
        "arn:aws:sns:eu-west-1:123456789012:orders",
        "arn:aws:sqs:eu-west-1:12345:orders",
        "https:///123456789012/orders",
    ],
)
def test_anything_else_is_refused_with_the_forms(text: str) -> None:
    with pytest.raises(ValueError, match="arn:aws:sqs:REGION:ACCOUNT:NAME"):
        queue_address(text)
