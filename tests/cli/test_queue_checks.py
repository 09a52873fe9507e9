"""What is found about a queue, at moto's server."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.queue_address import queue_address
from tap_amazon_sp.amazon.queue_attributes import check_reading
from tap_amazon_sp.amazon.queue_errors import QueueError
from tap_amazon_sp.amazon.queue_policy import (
    KEY_ACTIONS,
    key_statement,
    permissions_of_sender,
    queue_statement,
    with_statement,
)
from tap_amazon_sp.amazon.queues import sqs_client
from tap_amazon_sp.cli import queue_checks
from tap_amazon_sp.cli.findings import Finding
from tap_amazon_sp.cli.queue_checks import QueueReport, examine_queue
from tests.cli.denying_queue import denying_queue
from tests.queues import KEYS, REGION, Queue, QueueServer

AWS = AwsSettings(REGION, KEYS["aws_access_key_id"], KEYS["aws_secret_access_key"])
DAY = 86_400


def examined(queue: Queue) -> QueueReport:
    return examine_queue(queue_address(queue.url), AWS)


def finding(queue: Queue, check: str) -> Finding:
    (found,) = [one for one in examined(queue).findings if one.check == check]
    return found


def arn_of(queue: Queue) -> str:
    return f"arn:aws:sqs:{REGION}:123456789012:{queue.name}"


def set_policy(queue: Queue, *statements: Any) -> None:
    policy = json.dumps({"Version": "2012-10-17", "Statement": [*statements]})
    queue.server.client.set_queue_attributes(QueueUrl=queue.url, Attributes={"Policy": policy})


@pytest.fixture
def kms(moto: QueueServer) -> Any:
    return boto3.client(
        "kms",
        endpoint_url=moto.endpoint,
        region_name=REGION,
        aws_access_key_id=KEYS["aws_access_key_id"],
        aws_secret_access_key=KEYS["aws_secret_access_key"],
    )


def test_a_queue_tells_how_many_messages_wait(moto_queue: Queue) -> None:
    moto_queue.send("1", "2", "3")
    moto_queue.server.client.receive_message(QueueUrl=moto_queue.url, MaxNumberOfMessages=1)

    assert finding(moto_queue, "queue").result == "ok"
    assert "2 messages to receive, 1 in flight" in finding(moto_queue, "queue").details


def test_looking_at_a_queue_receives_nothing(moto_queue: Queue) -> None:
    moto_queue.send("1")

    examined(moto_queue)

    assert (moto_queue.visible, moto_queue.in_flight) == (1, 0)


def test_a_policy_that_lets_amazon_send_is_right(moto_queue: Queue) -> None:
    set_policy(moto_queue, queue_statement(arn_of(moto_queue)))

    assert finding(moto_queue, "queue policy").result == "ok"
    assert examined(moto_queue).policy is None
    assert examined(moto_queue).pastes == ()


def test_a_policy_that_lacks_a_permission_gets_a_statement(moto_queue: Queue) -> None:
    set_policy(moto_queue, queue_statement(arn_of(moto_queue)) | {"Action": "sqs:SendMessage"})

    found = finding(moto_queue, "queue policy")

    assert found.result == "failed"
    assert "437568002678 sqs:GetQueueAttributes:" in found.details
    (paste,) = examined(moto_queue).pastes
    assert len(json.loads(paste.content)["Statement"]) == 2


def test_a_denial_is_named_and_no_statement_would_help(moto_queue: Queue) -> None:
    statement = queue_statement(arn_of(moto_queue))
    set_policy(moto_queue, statement, statement | {"Sid": "no", "Effect": "Deny"})

    assert finding(moto_queue, "queue policy").result == "failed"
    assert "change the statement that denies it" in finding(moto_queue, "queue policy").details
    assert examined(moto_queue).policy is None


def test_conditions_are_left_to_the_user(moto_queue: Queue) -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-1"}}
    set_policy(moto_queue, queue_statement(arn_of(moto_queue)) | {"Condition": condition})

    assert finding(moto_queue, "queue policy").result == "skipped"
    assert "depends on conditions" in finding(moto_queue, "queue policy").details


def test_a_key_has_to_let_amazon_use_it(moto: QueueServer, kms: Any) -> None:
    key = kms.create_key()["KeyMetadata"]
    queue = moto.create(KmsMasterKeyId=key["KeyId"])

    before = finding(queue, "encryption")
    (paste,) = [one for one in examined(queue).pastes if one.check == "encryption"]
    policy = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    changed = with_statement(policy, json.loads(paste.content))
    kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=changed)
    after = finding(queue, "encryption")

    assert before.result == "failed"
    assert "kms:GenerateDataKey and kms:Decrypt" in before.details
    assert json.loads(paste.content) == key_statement()
    assert permissions_of_sender(changed, KEY_ACTIONS, key["Arn"]).are_given
    assert after.result == "ok"


def test_the_key_of_aws_cannot_work(moto: QueueServer) -> None:
    found = finding(moto.create(KmsMasterKeyId="alias/aws/sqs"), "encryption")

    assert found.result == "failed"
    assert "a KMS key of your own, or by SQS itself (SSE-SQS)" in found.details


def test_a_key_that_cannot_be_looked_at_is_not_checked(moto: QueueServer) -> None:
    queue = moto.create(KmsMasterKeyId="alias/nobody")

    found = finding(queue, "encryption")

    assert found.result == "skipped"
    assert "was not checked" in found.details
    assert [one.check for one in examined(queue).pastes] == ["queue policy", "encryption"]


@pytest.mark.parametrize(
    ("seconds", "result", "words"),
    [
        (14 * DAY, "ok", "messages are kept for 14 days"),
        (4 * DAY, "ok", "set MessageRetentionPeriod to 1209600 seconds"),
        (DAY, "failed", "messages are lost if no run reads them for 24 hours"),
    ],
)
def test_retention(moto: QueueServer, seconds: int, result: str, words: str) -> None:
    found = finding(moto.create(MessageRetentionPeriod=str(seconds)), "retention")

    assert found.result == result
    assert words in found.details


@pytest.mark.parametrize(("receives", "result"), [(1, "failed"), (5, "ok"), (20, "ok")])
def test_messages_must_not_be_dead_too_early(moto: QueueServer, receives: int, result: str) -> None:
    dead = moto.create()
    redrive = json.dumps({"deadLetterTargetArn": arn_of(dead), "maxReceiveCount": receives})

    found = finding(moto.create(RedrivePolicy=redrive), "dead-letter queue")

    assert found.result == result
    assert ("set maxReceiveCount" in found.details) == (receives < 10)


def test_a_queue_that_cannot_be_read_has_one_finding(moto_queue: Queue) -> None:
    report = examined(Queue(moto_queue.server, f"{moto_queue.url}-missing"))

    assert [one.result for one in report.findings] == ["refused"]
    assert report.error is not None
    assert report.attributes is None


@pytest.mark.parametrize("action", ["ReceiveMessage", "DeleteMessage"])
def test_a_permission_to_read_that_lacks_is_named(action: str) -> None:
    with denying_queue(action) as url:
        address = queue_address(url)
        with pytest.raises(QueueError, match=f"AWS refuses sqs:{action} on the queue"):
            check_reading(sqs_client(address, AWS), address)


def test_all_permissions_to_read_are_there_if_only_the_parameters_are_refused() -> None:
    with denying_queue() as url:
        address = queue_address(url)
        check_reading(sqs_client(address, AWS), address)


def test_the_policy_of_an_unknown_queue_has_the_statement() -> None:
    paste = queue_checks.policy_for_unknown("arn:aws:sqs:eu-west-1:123456789012:orders")

    assert json.loads(paste.content)["Statement"] == [
        queue_statement("arn:aws:sqs:eu-west-1:123456789012:orders")
    ]
