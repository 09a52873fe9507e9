"""Clients of AWS for a queue that notifications arrive in."""

from __future__ import annotations

from typing import Any, Literal

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.auth.aws_keys import NoKeysError, aws_session
from tap_amazon_sp.amazon.queue_address import DEFAULT_REGION, QueueAddress
from tap_amazon_sp.amazon.queue_errors import queue_error

MAX_WAIT = 20
"""The most seconds that SQS waits for a message before it answers (its documentation)."""

_CONNECT_SECONDS = 10
# Well above the longest wait: if we gave up first, the messages would be in flight with nobody.
_READ_SECONDS = MAX_WAIT + 40


def sqs_client(address: QueueAddress, aws: AwsSettings | None) -> Any:
    """Return boto3's client of SQS for a queue. It may be used from many threads.

    Args:
        address: The queue.
        aws: Keys and role, and the region if the address does not tell; without it, and without
            keys in it, boto3's default credential chain finds them.

    Raises:
        QueueError: There are no keys, or the role could not be assumed.
    """
    return _client("sqs", address, aws, address.endpoint)


def kms_client(address: QueueAddress, aws: AwsSettings | None) -> Any:
    """Return boto3's client of KMS for the key of a queue.

    Args:
        address: The queue.
        aws: As for `sqs_client`.

    Raises:
        QueueError: As for `sqs_client`.
    """
    # A VPC endpoint of SQS answers for SQS alone; a test server for all services.
    return _client("kms", address, aws, None if address.is_at_aws else address.endpoint)


def _client(
    service: Literal["kms", "sqs"],
    address: QueueAddress,
    aws: AwsSettings | None,
    endpoint_url: str | None,
) -> Any:
    from botocore.config import Config  # noqa: PLC0415 - slow, and usually not needed
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415
    from botocore.parsers import ResponseParserError  # noqa: PLC0415

    settings = aws or AwsSettings(region=address.region or DEFAULT_REGION)
    config = Config(
        connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries={"mode": "standard"}
    )
    try:
        return aws_session(settings).client(
            service,
            region_name=address.region or settings.region,
            endpoint_url=endpoint_url,
            config=config,
        )
    except (BotoCoreError, ClientError, NoKeysError, ResponseParserError, ValueError) as error:
        raise queue_error(error, address, "sts:AssumeRole") from None
