"""Receiving and deleting the messages of a queue of Amazon SQS.

Facts: the AWS documentation of SQS. A receive gives ten messages at most, and waits up to 20 s for
one; without the wait it may give none although there are some. A message that was received is
invisible for a time, then it comes again. It is deleted with the receipt handle of its latest
receive; an older one deletes nothing, without an error. boto3 raises nothing for entries of a batch
that failed.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.amazon.queue_address import QueueAddress
from tap_amazon_sp.amazon.queue_errors import QueueError, queue_error
from tap_amazon_sp.amazon.queues import sqs_client
from tap_amazon_sp.common.timestamps import EPOCH

MAX_MESSAGES = 10
"""Messages of a receive, and entries of a batch."""


class QueueFailedError(SellingPartnerError):
    """The queue of notifications cannot be read; says why and what to do."""


@dataclass(frozen=True)
class Message:
    """A message, as a receive gives it.

    Attributes:
        id: Its message id, which stays the same.
        handle: The receipt handle of this receive.
        body: The text.
        sent_at: When it was sent, by the clock of the queue; None if the queue does not say.
    """

    id: str
    handle: str
    body: str
    sent_at: dt.datetime | None = None


class MessageQueue:
    """A queue; may be used from many threads.

    Attributes:
        address: The queue.
        answered_at: When its last answer was sent, by its own clock, in whole seconds; None if it
            did not say.
    """

    def __init__(self, address: QueueAddress, aws: AwsSettings | None) -> None:
        """Connect to nothing yet.

        Args:
            address: The queue.
            aws: As for `sqs_client`.
        """
        self.address = address
        self.answered_at: dt.datetime | None = None
        self._aws = aws
        self._client: Any = None

    def receive(self, *, wait: int, visibility: int) -> list[Message]:
        """Return some messages; none if there are none.

        Args:
            wait: Seconds to wait for the first, 20 at most.
            visibility: Seconds for which nobody else gets them.

        Raises:
            QueueFailedError: They cannot be received.
        """
        answer = self._call(
            "receive_message",
            "sqs:ReceiveMessage",
            MaxNumberOfMessages=MAX_MESSAGES,
            WaitTimeSeconds=wait,
            VisibilityTimeout=visibility,
            MessageSystemAttributeNames=["SentTimestamp"],
        )
        headers = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        self.answered_at = _date(headers.get("date"))
        return [
            Message(
                one["MessageId"],
                one["ReceiptHandle"],
                one["Body"],
                _moment(one.get("Attributes", {}).get("SentTimestamp")),
            )
            for one in answer.get("Messages", ())
        ]

    def delete(self, messages: Iterable[Message]) -> list[Message]:
        """Delete messages that were just received; return those that AWS did not delete.

        Raises:
            QueueFailedError: They cannot be deleted.
        """
        return self._batch("delete_message_batch", "sqs:DeleteMessage", messages)

    def give_back(self, messages: Iterable[Message]) -> None:
        """Let others receive messages at once.

        Raises:
            QueueFailedError: AWS refuses it.
        """
        self._batch(
            "change_message_visibility_batch",
            "sqs:ChangeMessageVisibility",
            messages,
            VisibilityTimeout=0,
        )

    def _batch(
        self, name: str, permission: str, messages: Iterable[Message], **values: Any
    ) -> list[Message]:
        failed: list[Message] = []
        left = iter(messages)
        while some := [*itertools.islice(left, MAX_MESSAGES)]:
            entries = [
                {"Id": str(number), "ReceiptHandle": message.handle, **values}
                for number, message in enumerate(some)
            ]
            answer = self._call(name, permission, Entries=entries)
            done = {entry["Id"] for entry in answer.get("Successful", ())}
            failed += [one for number, one in enumerate(some) if str(number) not in done]
        return failed

    def _call(self, name: str, permission: str, **arguments: Any) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow
        from botocore.parsers import ResponseParserError  # noqa: PLC0415

        try:
            if self._client is None:
                self._client = sqs_client(self.address, self._aws)
            answer: Mapping[str, Any] = getattr(self._client, name)(
                QueueUrl=self.address.url, **arguments
            )
        except QueueError as error:
            raise QueueFailedError(permission, message=str(error)) from None
        except (BotoCoreError, ClientError, ResponseParserError) as error:
            failed = queue_error(error, self.address, permission)
            raise QueueFailedError(permission, message=str(failed)) from None
        return answer


def _moment(milliseconds: str | None) -> dt.datetime | None:
    """Return a time that AWS writes as milliseconds since 1970."""
    if milliseconds is None:
        return None
    return EPOCH + dt.timedelta(milliseconds=int(milliseconds))


def _date(header: str | None) -> dt.datetime | None:
    """Return the time in a header `Date`; None if there is none."""
    try:
        return parsedate_to_datetime(header or "").astimezone(dt.timezone.utc)
    except (TypeError, ValueError):
        return None
