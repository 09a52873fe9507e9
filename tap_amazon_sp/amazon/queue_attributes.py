"""The attributes of a queue, and the policy of the key that encrypts it.

Facts: the AWS documentation of `GetQueueAttributes` (names, units and defaults of attributes;
encryption by SQS itself needs no key), and of AWS KMS (keys that AWS manages).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.queue_address import QueueAddress
from tap_amazon_sp.amazon.queue_errors import queue_error

MAX_RETENTION = 14 * 86_400
"""The most seconds that a queue keeps messages."""

_TOO_MANY = 11
"""One more than the most messages of a receive."""
_AWS_MANAGED = "alias/aws/"


@dataclass(frozen=True)
class QueueAttributes:
    """What a queue is like.

    Attributes:
        arn: Its ARN.
        policy: Its policy as JSON; None if it has none.
        key: Id, ARN or alias of the KMS key that encrypts it; None if there is none.
        retention: Seconds that it keeps a message.
        max_receives: How often a message is received before it goes to a dead-letter queue; None
            if there is none.
        waiting: About how many messages wait.
        in_flight: About how many were received and neither deleted nor put back yet.
        delayed: About how many cannot be received yet.
    """

    arn: str
    policy: str | None
    key: str | None
    retention: int
    max_receives: int | None
    waiting: int
    in_flight: int
    delayed: int

    @property
    def has_key_of_aws(self) -> bool:
        """Whether its name tells that AWS manages the KMS key: nobody can change its policy."""
        return self.key is not None and _AWS_MANAGED in self.key


def read_queue(client: Any, address: QueueAddress) -> QueueAttributes:
    """Return the attributes of a queue.

    Args:
        client: From `sqs_client`.
        address: The queue.

    Raises:
        QueueError: AWS refuses, or does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import

    try:
        answer = client.get_queue_attributes(QueueUrl=address.url, AttributeNames=["All"])
    except (BotoCoreError, ClientError) as error:
        raise queue_error(error, address, "sqs:GetQueueAttributes") from None
    found: Mapping[str, str] = answer.get("Attributes", {})
    return QueueAttributes(
        arn=found.get("QueueArn", address.arn),
        policy=found.get("Policy") or None,
        key=found.get("KmsMasterKeyId") or None,
        retention=int(found.get("MessageRetentionPeriod", 4 * 86_400)),
        max_receives=_max_receives(found.get("RedrivePolicy")),
        waiting=int(found.get("ApproximateNumberOfMessages", 0)),
        in_flight=int(found.get("ApproximateNumberOfMessagesNotVisible", 0)),
        delayed=int(found.get("ApproximateNumberOfMessagesDelayed", 0)),
    )


def check_reading(client: Any, address: QueueAddress) -> None:
    """Check that the keys may receive and delete messages; no message is received or deleted.

    The calls ask for what cannot be, so that SQS refuses them in any case: it looks at permissions
    before it looks at parameters.

    Raises:
        QueueError: A permission lacks, or there is no answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import

    nothing = {"QueueUrl": address.url, "ReceiptHandle": "none"}
    too_many = {"QueueUrl": address.url, "MaxNumberOfMessages": _TOO_MANY, "VisibilityTimeout": 0}
    calls: Mapping[str, tuple[Any, Mapping[str, Any]]] = {
        "sqs:ReceiveMessage": (client.receive_message, too_many),
        "sqs:DeleteMessage": (client.delete_message, nothing),
    }
    for permission, (call, parameters) in calls.items():
        try:
            call(**parameters)
        except (BotoCoreError, ClientError) as error:
            refusal = queue_error(error, address, permission)
            if refusal.code is None or refusal.is_denied:
                raise refusal from None


def write_policy(client: Any, address: QueueAddress, policy: str) -> None:
    """Replace the policy of a queue.

    Raises:
        QueueError: AWS refuses, or does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import

    try:
        client.set_queue_attributes(QueueUrl=address.url, Attributes={"Policy": policy})
    except (BotoCoreError, ClientError) as error:
        raise queue_error(error, address, "sqs:SetQueueAttributes") from None


def read_key_policy(client: Any, address: QueueAddress, key: str) -> str | None:
    """Return the policy of a KMS key as JSON; None if AWS manages the key.

    Args:
        client: From `kms_client`.
        address: The queue that the key encrypts.
        key: Id, ARN or alias of the key.

    Raises:
        QueueError: AWS refuses, or does not answer.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - slow to import

    permission = "kms:DescribeKey"
    try:
        found = client.describe_key(KeyId=key)["KeyMetadata"]
        if found.get("KeyManager") == "AWS":
            return None
        permission = "kms:GetKeyPolicy"
        policy: str = client.get_key_policy(KeyId=found["Arn"], PolicyName="default")["Policy"]
    except (BotoCoreError, ClientError) as error:
        raise queue_error(error, address, permission) from None
    return policy


def _max_receives(policy: str | None) -> int | None:
    try:
        return None if policy is None else int(json.loads(policy)["maxReceiveCount"])
    except (ValueError, TypeError, KeyError):
        return None
