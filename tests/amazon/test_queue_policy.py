"""Whether policies let Amazon send notifications."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tap_amazon_sp.amazon.queue_policy import (
    KEY_ACTIONS,
    QUEUE_ACTIONS,
    SENDER,
    Permissions,
    PolicyError,
    key_statement,
    permissions_of_sender,
    queue_statement,
    with_statement,
)

ARN = "arn:aws:sqs:eu-west-1:123456789012:orders"
SEND, GET = QUEUE_ACTIONS
OWNER = {
    "Sid": "owner",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "SQS:*",
    "Resource": ARN,
}
DENY = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": ARN}


def policy_of(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Id": "mine", "Statement": [*statements]})


def permissions(*statements: Any) -> Permissions:
    return permissions_of_sender(policy_of(*statements), QUEUE_ACTIONS, ARN)


def test_our_statements_give_what_amazon_needs() -> None:
    of_key = permissions_of_sender(policy_of(key_statement()), KEY_ACTIONS, "arn:aws:kms:x:1:key/2")

    assert permissions(queue_statement(ARN)).are_given
    assert of_key.are_given


@pytest.mark.parametrize(
    "change",
    [
        {"Principal": "*"},
        {"Principal": {"AWS": "*"}},
        {"Principal": {"AWS": SENDER}},
        {"Principal": {"AWS": ["123456789012", SENDER]}},
        {"Action": "SQS:*"},
        {"Action": "*"},
        {"Action": ["sqs:sendmessage", "SQS:Get*"]},
        {"Resource": "*"},
        {"Resource": "arn:aws:sqs:*:123456789012:ord?rs"},
        {"Resource": ["arn:aws:sqs:eu-west-1:123456789012:others", ARN]},
    ],
)
def test_other_ways_of_writing_it_are_understood(change: dict[str, Any]) -> None:
    assert permissions(queue_statement(ARN) | change).are_given


@pytest.mark.parametrize("key", ["Principal", "Action", "Resource"])
def test_negated_elements_allow_all_others(key: str) -> None:
    statement = queue_statement(ARN)
    value = statement.pop(key)
    others = {"Principal": {"AWS": "123456789012"}, "Action": "sqs:DeleteQueue", "Resource": "x"}

    assert permissions(statement | {f"Not{key}": others[key]}).are_given
    assert permissions(statement | {f"Not{key}": value}).missing == QUEUE_ACTIONS


@pytest.mark.parametrize(
    ("change", "missing"),
    [
        ({"Principal": {"AWS": "123456789012"}}, (SEND, GET)),
        ({"Principal": {"Service": "sns.amazonaws.com"}}, (SEND, GET)),
        ({"Action": "sqs:SendMessage"}, (GET,)),
        ({"Action": "sqs:SendMessageBatch"}, (SEND, GET)),
        ({"Resource": "arn:aws:sqs:us-east-1:123456789012:orders"}, (SEND, GET)),
    ],
)
def test_what_is_missing_is_named(change: dict[str, Any], missing: tuple[str, ...]) -> None:
    assert permissions(OWNER, queue_statement(ARN) | change).missing == missing


def test_without_a_policy_all_is_missing() -> None:
    assert permissions_of_sender(None, QUEUE_ACTIONS, ARN).missing == QUEUE_ACTIONS


def test_two_statements_may_give_it_together() -> None:
    statement = queue_statement(ARN)

    assert permissions(statement | {"Action": SEND}, statement | {"Action": [GET]}).are_given


def test_a_denial_wins() -> None:
    assert permissions(queue_statement(ARN), DENY).denied == QUEUE_ACTIONS
    assert permissions(queue_statement(ARN), DENY | {"Action": SEND}).denied == (SEND,)


def test_a_denial_of_unencrypted_connections_is_no_obstacle() -> None:
    tls = DENY | {"Condition": {"Bool": {"aws:SecureTransport": "false"}}}

    assert permissions(queue_statement(ARN), tls).are_given


@pytest.mark.parametrize(
    "statements",
    [
        [queue_statement(ARN) | {"Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}],
        [
            queue_statement(ARN),
            DENY | {"Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-1"}}},
        ],
    ],
)
def test_conditions_are_uncertain(statements: list[Any]) -> None:
    found = permissions(*statements)

    assert found == Permissions(conditional=QUEUE_ACTIONS)
    assert not found.are_given


def test_a_statement_without_a_condition_is_enough_beside_one_with() -> None:
    limited = queue_statement(ARN) | {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}}

    assert permissions(limited, queue_statement(ARN)).are_given


@pytest.mark.parametrize("before", [None, policy_of(OWNER), policy_of(queue_statement("other"))])
def test_a_statement_is_added_and_nothing_is_dropped(before: str | None) -> None:
    after = with_statement(before, queue_statement(ARN))

    statements = json.loads(after)["Statement"]
    if before is not None:
        assert json.loads(after)["Id"] == "mine"
        assert statements[:-1] == json.loads(before)["Statement"]
    assert len({statement["Sid"] for statement in statements}) == len(statements)
    assert permissions_of_sender(after, QUEUE_ACTIONS, ARN).are_given


def test_a_single_statement_without_a_list_stays() -> None:
    before = json.dumps({"Version": "2008-10-17", "Statement": OWNER})

    after = json.loads(with_statement(before, queue_statement(ARN)))

    assert after == {"Version": "2008-10-17", "Statement": [OWNER, queue_statement(ARN)]}


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"Statement": 1}', '{"Statement": ["x"]}'])
def test_what_is_not_a_policy_is_refused(text: str) -> None:
    with pytest.raises(PolicyError, match="not JSON with statements"):
        permissions_of_sender(text, QUEUE_ACTIONS, ARN)
    with pytest.raises(PolicyError, match="not JSON with statements"):
        with_statement(text, queue_statement(ARN))
