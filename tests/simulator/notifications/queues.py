"""Queues of a server for SQS on this machine."""

from __future__ import annotations

import json
from typing import Any

import boto3


class QueueServer:
    """A server for SQS, and what is in its queues."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self._client: Any = boto3.client(
            "sqs",
            endpoint_url=endpoint,
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    def create(self, name: str) -> str:
        """Create a queue; return its URL."""
        url: str = self._client.create_queue(QueueName=name)["QueueUrl"]
        return url

    def take(self, url: str) -> list[dict[str, Any]]:
        """Return the content of all messages in a queue, and delete them."""
        taken = []
        while messages := self._client.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get(
            "Messages"
        ):
            for message in messages:
                taken.append(json.loads(message["Body"]))
                self._client.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return taken
