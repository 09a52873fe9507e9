"""Sends messages to queues, in a thread of its own: answers of the simulator never wait for it."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tap_amazon_sp.simulator.notifications.publishing import Published
from tap_amazon_sp.simulator.notifications.queue_address import QueueAddress, QueueError

_BEAT = 0.2
_RETRY = 1.0
_MAX_MESSAGES = 10
_MAX_BYTES = 200_000
_KEY = "simulator"
_REGION = "us-east-1"

_LOGGER = logging.getLogger(__name__)


class QueueSender:
    """Sends what is due every fifth of a second."""

    def __init__(
        self, address: QueueAddress, collect: Callable[[bool], Sequence[Published]]
    ) -> None:
        """Send nothing yet.

        Args:
            address: The queue; other queues of its server work too.
            collect: Returns the messages that are due; with true, those that are delayed as well.
        """
        self._address = address
        self._collect = collect
        self._left: list[Published] = []
        self._stopped = threading.Event()
        self._one_at_a_time = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="simulator-sender", daemon=True)
        self._complained: set[str] = set()

    @functools.cached_property
    def _client(self) -> Any:
        # No proxy: the queue is on this machine. No credentials of the user's either.
        config = Config(
            proxies={},
            connect_timeout=5,
            read_timeout=20,
            retries={"total_max_attempts": 1},
        )
        return boto3.session.Session().client(
            "sqs",
            endpoint_url=self._address.endpoint,
            region_name=_REGION,
            aws_access_key_id=_KEY,
            aws_secret_access_key=_KEY,
            config=config,
        )

    def start(self) -> None:
        """Check that the queue exists, and start the thread.

        Raises:
            QueueError: The queue does not exist, or its server does not answer.
        """
        url = self._address.url
        try:
            self._client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        except ClientError as error:
            message = f"there is no queue {url}: {error.response['Error'].get('Code')}"
            raise QueueError(message) from None
        except BotoCoreError:
            message = f"no server for queues answers at {self._address.endpoint}"
            raise QueueError(message) from None
        self._thread.start()

    def stop(self) -> None:
        """End the thread, after it has sent what is due."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def send(self, *, everything: bool = False) -> int:
        """Send what is due now; return how many messages could not be sent.

        Args:
            everything: Whether to send the delayed messages, too.
        """
        with self._one_at_a_time:
            waiting = [*self._left, *self._collect(everything)]
            self._left = []
            for queue, batch in _batches(waiting):
                self._left += self._send_batch(queue, batch)
            return len(self._left)

    def _run(self) -> None:
        while not self._stopped.wait(_RETRY if self._left else _BEAT):
            self.send()
        self.send()

    def _send_batch(self, queue: str, batch: Sequence[Published]) -> list[Published]:
        """Send up to ten messages; return those that have to be sent again."""
        entries = [
            {"Id": str(number), "MessageBody": message.body} for number, message in enumerate(batch)
        ]
        try:
            answer = self._client.send_message_batch(QueueUrl=queue, Entries=entries)
        except ClientError as error:
            # Amazon cannot deliver to a queue that is not there, and does not try again for long.
            self._complain(queue, f"notifications are lost: {error.response['Error'].get('Code')}")
            return []
        except BotoCoreError as error:
            self._complain(queue, f"notifications wait: {type(error).__name__}")
            return [*batch]
        for entry in answer.get("Successful", ()):
            batch[int(entry["Id"])].sent += 1
        self._complained.discard(queue)
        return [batch[int(entry["Id"])] for entry in answer.get("Failed", ())]

    def _complain(self, queue: str, problem: str) -> None:
        if queue not in self._complained:
            self._complained.add(queue)
            _LOGGER.warning("%s: %s", queue, problem)


def _batches(messages: Sequence[Published]) -> Iterator[tuple[str, list[Published]]]:
    """Yield messages that can be sent together, with their queue."""
    batch: list[Published] = []
    size = 0
    for message in messages:
        length = len(message.body.encode())
        if batch and (
            len(batch) == _MAX_MESSAGES
            or size + length > _MAX_BYTES
            or batch[0].queue != message.queue
        ):
            yield batch[0].queue, batch
            batch, size = [], 0
        batch.append(message)
        size += length
    if batch:
        yield batch[0].queue, batch
