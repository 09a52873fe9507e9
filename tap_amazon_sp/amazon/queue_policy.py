"""Policies of queues and KMS keys: whether they let Amazon send notifications.

Facts: Amazon's page "Set up notifications using the Amazon Simple Queue Service workflow" (the
account that sends, and what it has to be allowed), and the AWS documentation "Policy evaluation
logic" and "IAM JSON policy elements reference": a request is allowed if a statement allows it and
none denies it; actions ignore case, and `*` and `?` stand for other characters.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

SENDER = "437568002678"
"""The AWS account that sends the notifications of the SP-API."""
QUEUE_ACTIONS = ("sqs:SendMessage", "sqs:GetQueueAttributes")
KEY_ACTIONS = ("kms:GenerateDataKey", "kms:Decrypt")

_VERSION = "2012-10-17"
_SID = "SellingPartnerNotifications"
_SENDER_NAMES = frozenset({"*", SENDER, f"arn:aws:iam::{SENDER}:root"})


class PolicyError(ValueError):
    """A text is not a policy."""


@dataclass(frozen=True)
class Permissions:
    """What a policy says about the sender.

    Attributes:
        missing: Actions that no statement allows.
        denied: Actions that a statement denies.
        conditional: Actions that depend on conditions, which may or may not hold for the sender.
    """

    missing: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    conditional: tuple[str, ...] = ()

    @property
    def are_given(self) -> bool:
        """Whether the sender is allowed all that it needs, without conditions."""
        return not (self.missing or self.denied or self.conditional)


def queue_statement(arn: str) -> dict[str, Any]:
    """Return the statement that lets Amazon send to a queue."""
    return _statement(QUEUE_ACTIONS, arn)


def key_statement() -> dict[str, Any]:
    """Return the statement that lets Amazon send to a queue that a KMS key encrypts."""
    return _statement(KEY_ACTIONS, "*")


def permissions_of_sender(policy: str | None, actions: Sequence[str], resource: str) -> Permissions:
    """Return what a policy says about the sender.

    Args:
        policy: The policy as JSON; None if there is none.
        actions: What the sender needs to do.
        resource: ARN of the queue or key.

    Raises:
        PolicyError: It is not a policy.
    """
    found: dict[str, set[str]] = {action: set() for action in actions}
    for statement in _statements(policy):
        if not _names_sender(statement) or not _names(statement, "Resource", [resource]):
            continue
        for action in actions:
            if _names(statement, "Action", [action]):
                found[action].add(_effect(statement))
    return Permissions(
        missing=tuple(action for action, effects in found.items() if not effects & _ALLOWING),
        denied=tuple(action for action, effects in found.items() if "Deny" in effects),
        conditional=tuple(
            action
            for action, effects in found.items()
            if effects & _ALLOWING and ("Allow" not in effects or "Deny if" in effects)
        ),
    )


def with_statement(policy: str | None, statement: Mapping[str, Any]) -> str:
    """Return a policy with one more statement, as JSON; all that was there stays.

    Raises:
        PolicyError: It is not a policy.
    """
    statements = [*_statements(policy)]
    taken = {other.get("Sid") for other in statements}
    sid = next(
        name for number in range(len(taken) + 2) if (name := f"{_SID}{number or ''}") not in taken
    )
    whole = {"Version": _VERSION} if policy is None else json.loads(policy)
    return json.dumps({**whole, "Statement": [*statements, {**statement, "Sid": sid}]})


_ALLOWING = frozenset({"Allow", "Allow if"})


def _statement(actions: Sequence[str], resource: str) -> dict[str, Any]:
    return {
        "Sid": _SID,
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{SENDER}:root"},
        "Action": [*actions],
        "Resource": resource,
    }


def _statements(policy: str | None) -> Iterator[Mapping[str, Any]]:
    if policy is None:
        return
    try:
        statements = json.loads(policy)["Statement"]
    except (ValueError, TypeError, KeyError):
        statements = None
    if isinstance(statements, dict):
        statements = [statements]
    if not isinstance(statements, list) or not all(isinstance(one, dict) for one in statements):
        message = "it is not JSON with statements"
        raise PolicyError(message)
    yield from statements


def _effect(statement: Mapping[str, Any]) -> str:
    """Return `Allow` or `Deny`, with ` if` where it depends on a condition."""
    conditions = statement.get("Condition")
    effect = "Deny" if statement.get("Effect") == "Deny" else "Allow"
    if not conditions:
        return effect
    if effect == "Deny" and _is_about_encryption(conditions):
        # The sender uses TLS, as all clients of AWS do.
        return "Nothing"
    return f"{effect} if"


def _is_about_encryption(conditions: Any) -> bool:
    """Whether the only condition is that the connection is not encrypted."""
    text = json.dumps(conditions, separators=(",", ":")).lower().replace('"', "")
    return (
        re.fullmatch(r"\{bool(ifexists)?:\{aws:securetransport:\[?false\]?\}\}", text) is not None
    )


def _names_sender(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        # With Deny this means all others, with Allow as well: AWS advises against the latter.
        return not _SENDER_NAMES.intersection(_accounts(statement["NotPrincipal"]))
    return bool(_SENDER_NAMES.intersection(_accounts(statement.get("Principal"))))


def _accounts(principal: Any) -> list[str]:
    return _texts(principal.get("AWS") if isinstance(principal, dict) else principal)


def _names(statement: Mapping[str, Any], element: str, values: Sequence[str]) -> bool:
    """Return whether a statement is about all of these actions or resources."""
    if f"Not{element}" in statement:
        patterns = _texts(statement[f"Not{element}"])
        return not any(_matches(value, patterns) for value in values)
    # In a policy of a queue or key, a statement without `Resource` is about that one.
    patterns = _texts(statement.get(element, "*" if element == "Resource" else None))
    return all(_matches(value, patterns) for value in values)


def _matches(value: str, patterns: Sequence[str]) -> bool:
    return any(
        fnmatch.fnmatchcase(value.lower(), pattern.lower().replace("[", "[[]"))
        for pattern in patterns
    )


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    return [text for text in values if isinstance(text, str)]
