"""The client of a queue, at moto's server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.queue_address import queue_address
from tap_amazon_sp.amazon.queue_errors import QueueError
from tap_amazon_sp.amazon.queues import MAX_WAIT, sqs_client

KEYS = AwsSettings("eu-west-1", "AKIAIOSFODNN7EXAMPLE", "hush")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


def message_through(client: Any, url: str) -> str:
    client.send_message(QueueUrl=url, MessageBody="hello")
    (message,) = client.receive_message(QueueUrl=url)["Messages"]
    return str(message["Body"])


def test_keys_of_the_settings_open_the_queue(server: str) -> None:
    address = queue_address(f"{server}/123456789012/of-keys")
    client = sqs_client(address, KEYS)

    client.create_queue(QueueName="of-keys")

    assert message_through(client, address.url) == "hello"
    assert client.meta.region_name == "eu-west-1"


def test_a_role_opens_the_queue(server: str) -> None:
    address = queue_address("arn:aws:sqs:us-east-2:123456789012:of-role", endpoint_url=server)
    role = AwsSettings(
        "eu-west-1",
        "AKIAIOSFODNN7EXAMPLE",
        "hush",
        role_arn="arn:aws:iam::123456789012:role/reader",
        sts_endpoint_url=server,
    )
    client = sqs_client(address, role)

    client.create_queue(QueueName="of-role")

    assert message_through(client, address.url) == "hello"
    # That of the queue, not that of the selling region.
    assert client.meta.region_name == "us-east-2"


def test_the_default_chain_opens_the_queue(server: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAENV")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hush")
    address = queue_address(f"{server}/123456789012/of-chain")
    client = sqs_client(address, None)

    client.create_queue(QueueName="of-chain")

    assert message_through(client, address.url) == "hello"


def test_without_keys_the_settings_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nowhere")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)

    with pytest.raises(QueueError, match="there are no AWS keys for the queue orders"):
        sqs_client(queue_address("arn:aws:sqs:us-east-2:123456789012:orders"), None)


def test_a_receive_that_waits_is_not_given_up() -> None:
    address = queue_address("arn:aws:sqs:us-east-2:123456789012:orders")

    config = sqs_client(address, KEYS).meta.config

    assert config.read_timeout >= MAX_WAIT + 10


def test_a_role_that_nobody_can_assume_is_told(server: str) -> None:
    role = AwsSettings(
        "eu-west-1",
        "AKIA",
        "hush",
        role_arn="arn:aws:iam::123456789012:role/r",
        sts_endpoint_url="http://127.0.0.1:9",
    )
    address = queue_address(f"{server}/123456789012/orders")

    with pytest.raises(QueueError, match="orders"):
        sqs_client(address, role)
