"""Checks of the queue that notifications arrive in, for `doctor` and `notifications setup`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.queue_address import QueueAddress
from tap_amazon_sp.amazon.queue_attributes import (
    MAX_RETENTION,
    QueueAttributes,
    read_key_policy,
    read_queue,
)
from tap_amazon_sp.amazon.queue_errors import QueueError
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
from tap_amazon_sp.amazon.queues import kms_client, sqs_client
from tap_amazon_sp.cli.findings import Finding, Result
from tap_amazon_sp.cli.mistakes import REFUSED, exit_code_of
from tap_amazon_sp.common.counting import counted

QUEUE = "queue"
POLICY = "queue policy"
ENCRYPTION = "encryption"

_HOUR = 3_600
_DAY = 24 * _HOUR
_MIN_RETENTION = 2 * _DAY
_MIN_RECEIVES = 3
_SAFE_RECEIVES = 10
"""A message is received in the run that writes it and in the one that deletes it, at least."""


@dataclass(frozen=True)
class Paste:
    """JSON that the user should put in place.

    Attributes:
        check: The check that found that it lacks.
        title: Where to put it.
        content: The JSON.
    """

    check: str
    title: str
    content: str


@dataclass(frozen=True)
class QueueReport:
    """What is found about a queue.

    Attributes:
        findings: The result of each check.
        error: Why the queue cannot be read; None if it can.
        attributes: Its attributes; None if it cannot be read.
        policy: The policy that it should have instead, as JSON; None if its own is right.
        pastes: What the user should put in place.
    """

    findings: tuple[Finding, ...]
    error: QueueError | None = None
    attributes: QueueAttributes | None = None
    policy: str | None = None
    pastes: tuple[Paste, ...] = ()


def examine_queue(address: QueueAddress, aws: AwsSettings | None) -> QueueReport:
    """Return what is found about a queue; nothing is changed, no message is received."""
    try:
        queue = read_queue(sqs_client(address, aws), address)
    except QueueError as error:
        result: Result = "refused" if exit_code_of(error.status) == REFUSED else "failed"
        return QueueReport((Finding(QUEUE, result, str(error)),), error)
    waiting = f"{counted(queue.waiting, 'message')} to receive, {queue.in_flight:,} in flight"
    policy, wanted = _policy(queue)
    encryption, lacks_key_statement = _encryption(queue, address, aws)
    pastes = []
    if wanted is not None:
        title = "Policy of the queue, to set in place of its own:"
        pastes.append(Paste(POLICY, title, readable(wanted)))
    if lacks_key_statement:
        title = "Statement to add to the policy of the KMS key:"
        pastes.append(Paste(ENCRYPTION, title, readable(key_statement())))
    return QueueReport(
        findings=(
            Finding(QUEUE, "ok", f"{queue.arn}: {waiting}"),
            policy,
            encryption,
            _retention(queue),
            *_dead_letters(queue),
        ),
        attributes=queue,
        policy=wanted,
        pastes=tuple(pastes),
    )


def not_checked(error: QueueError) -> Finding:
    """Return that a queue was not looked at, for want of keys or of a permission."""
    return Finding(QUEUE, "skipped", f"not checked: {error}")


def policy_for_unknown(arn: str) -> Paste:
    """Return the policy that a queue needs whose own is not known."""
    title = "Policy that the queue needs, beside what is in its own:"
    return Paste(POLICY, title, readable(with_statement(None, queue_statement(arn))))


def _policy(queue: QueueAttributes) -> tuple[Finding, str | None]:
    """Return what is found about the policy, and what it should be if it is not right."""
    try:
        found = permissions_of_sender(queue.policy, QUEUE_ACTIONS, queue.arn)
    except PolicyError as error:
        return Finding(POLICY, "failed", f"the policy of the queue cannot be read: {error}"), None
    if found.are_given:
        return Finding(POLICY, "ok", f"Amazon's account {SENDER} may send"), None
    problem = _problem(found)
    if found.denied:
        return Finding(POLICY, "failed", f"{problem}: change the statement that denies it"), None
    if not found.missing:
        return Finding(POLICY, "skipped", problem), None
    wanted = with_statement(queue.policy, queue_statement(queue.arn))
    advice = "`amazon-sp notifications setup` with `--set-policy` adds the statement"
    return Finding(POLICY, "failed", f"{problem}: {advice}"), wanted


def _problem(found: Permissions) -> str:
    if found.denied:
        return f"a statement denies Amazon's account {SENDER} {' and '.join(found.denied)}"
    if found.missing:
        return f"no statement allows Amazon's account {SENDER} {' and '.join(found.missing)}"
    actions = " and ".join(found.conditional)
    return f"whether Amazon's account {SENDER} may {actions} depends on conditions: check them"


def _encryption(
    queue: QueueAttributes, address: QueueAddress, aws: AwsSettings | None
) -> tuple[Finding, bool]:
    """Return what is found about encryption, and whether the key may lack a statement."""
    if queue.key is None:
        return Finding(ENCRYPTION, "ok", "without a KMS key"), False
    try:
        policy = None
        if not queue.has_key_of_aws:
            policy = read_key_policy(kms_client(address, aws), address, queue.key)
    except QueueError as error:
        details = f"the policy of the KMS key {queue.key} was not checked: {error}"
        return Finding(ENCRYPTION, "skipped", details), True
    if policy is not None:
        return _key_policy(queue.key, policy)
    details = (
        f"AWS manages the key {queue.key}, which cannot let Amazon send: encrypt with a KMS key "
        "of your own, or by SQS itself (SSE-SQS)"
    )
    return Finding(ENCRYPTION, "failed", details), False


def _key_policy(key: str, policy: str) -> tuple[Finding, bool]:
    try:
        found = permissions_of_sender(policy, KEY_ACTIONS, key)
    except PolicyError as error:
        details = f"the policy of the KMS key {key} cannot be read: {error}"
        return Finding(ENCRYPTION, "failed", details), False
    if found.are_given:
        details = f"the policy of the KMS key lets Amazon's account {SENDER} use it"
        return Finding(ENCRYPTION, "ok", details), False
    result: Result = "failed" if found.missing or found.denied else "skipped"
    details = f"policy of the KMS key {key}: {_problem(found)}"
    return Finding(ENCRYPTION, result, details), bool(found.missing)


def _retention(queue: QueueAttributes) -> Finding:
    check = "retention"
    hours = counted(queue.retention // _HOUR, "hour")
    days = f"{queue.retention // _DAY} days" if queue.retention >= 2 * _DAY else hours
    if queue.retention >= MAX_RETENTION:
        return Finding(check, "ok", f"messages are kept for {days}")
    advice = (
        f"messages are lost if no run reads them for {days}: set MessageRetentionPeriod to "
        f"{MAX_RETENTION} seconds (14 days)"
    )
    return Finding(check, "ok" if queue.retention >= _MIN_RETENTION else "failed", advice)


def _dead_letters(queue: QueueAttributes) -> Iterator[Finding]:
    if queue.max_receives is None:
        return
    check = "dead-letter queue"
    times = f"a message goes there when it was received {queue.max_receives} times"
    if queue.max_receives >= _SAFE_RECEIVES:
        yield Finding(check, "ok", times)
        return
    result: Result = "ok" if queue.max_receives >= _MIN_RECEIVES else "failed"
    advice = (
        "the tap receives each message once to write it and once to delete it, and again after a "
        f"run that was stopped: set maxReceiveCount to {_SAFE_RECEIVES} or more"
    )
    yield Finding(check, result, f"{times}; {advice}")


def readable(policy: Any) -> str:
    """Return a policy, or a part of one, as indented JSON."""
    return json.dumps(json.loads(policy) if isinstance(policy, str) else policy, indent=2)
