"""Sentences for what goes wrong with queues."""

from __future__ import annotations

import pytest
from botocore import exceptions

from tap_amazon_sp.amazon.queue_address import queue_address
from tap_amazon_sp.amazon.queue_errors import queue_error

QUEUE = queue_address("https://sqs.eu-west-1.amazonaws.com/123456789012/orders")


def refusal(code: str, operation: str = "ReceiveMessage") -> exceptions.ClientError:
    answer = {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": 400}}
    return exceptions.ClientError(answer, operation)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("AWS.SimpleQueueService.NonExistentQueue", "does not exist"),
        ("QueueDoesNotExist", "does not exist"),
        ("InvalidAddress", "does not exist"),
        ("AccessDenied", "AWS refuses sqs:ReceiveMessage on the queue orders (eu-west-1)"),
        ("AccessDeniedException", "in the policy of the user or role"),
        ("KmsAccessDenied", "kms:Decrypt"),
        ("KMS.AccessDeniedException", "kms:Decrypt"),
        ("KmsDisabled", "it has to be enabled"),
        ("ExpiredToken", "have expired"),
        ("InvalidClientTokenId", "does not know the keys"),
        ("SignatureDoesNotMatch", "`aws_secret_access_key`"),
        ("OverLimit", "AWS refuses sqs:ReceiveMessage on the queue orders (eu-west-1): OverLimit"),
    ],
)
def test_each_refusal_says_what_to_do(code: str, words: str) -> None:
    error = queue_error(refusal(code), QUEUE, "sqs:ReceiveMessage")

    assert words in str(error)
    assert (error.code, error.status) == (code, 400)
    assert error.is_denied == ("AccessDenied" in code)


def test_a_role_that_cannot_be_assumed_is_named() -> None:
    error = queue_error(refusal("AccessDenied", "AssumeRole"), QUEUE, "sqs:ReceiveMessage")

    assert "`role_arn` could not be assumed (AccessDenied)" in str(error)


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (exceptions.NoCredentialsError(), "there are no AWS keys"),
        (exceptions.ProfileNotFound(profile="x"), "there are no AWS keys"),
        (
            exceptions.EndpointConnectionError(endpoint_url="https://x"),
            "no answer from sqs.eu-west-1.amazonaws.com",
        ),
        (exceptions.ReadTimeoutError(endpoint_url="https://x"), "check the address, the network"),
        (ValueError("hush-hush"), "cannot be used: ValueError"),
    ],
)
def test_what_gives_no_answer_is_told(error: Exception, words: str) -> None:
    told = queue_error(error, QUEUE, "sqs:ReceiveMessage")

    assert words in str(told)
    assert "hush-hush" not in str(told)
    assert (told.code, told.status) == (None, None)
    assert told.lacks_keys == ("AWS keys" in words)
