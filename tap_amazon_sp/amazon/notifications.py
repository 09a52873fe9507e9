"""Notifications of Amazon, as they lie in a queue.

Facts: Amazon's schemas of notifications and its page "Notifications API v1 Use Case Guide": a
message is the notification itself, or, through EventBridge, an event with it in `detail`. The names
of the envelope begin with a capital or a small letter, depending on the type. The payload of a type
names the seller in itself, or in the one object or list inside it, as a seller id or as an account
id, which is the seller id after `amzn1.merchant.o.`, or the id of a vendor group after `amzn1.vg.`
(examples in the schemas of REPORT_PROCESSING_FINISHED and FEED_PROCESSING_FINISHED).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tap_amazon_sp.common.json_values import UnusableJsonError, decode

ORDER_CHANGE = "ORDER_CHANGE"

_SELLER_NAMES = ("sellerid", "merchantid", "sellingpartnerid", "accountid")
_INSIDE_SELLER = "sellingpartnermetadata"
_MERCHANT = re.compile(r"amzn1\.merchant\.\w\.")
_OTHER_ACCOUNTS = "amzn1."
_SCHEMAS = Path(__file__).with_name("notification_schemas.json")


class NotANotificationError(ValueError):
    """A message is not a notification of Amazon; says why, and quotes nothing of it."""


@dataclass(frozen=True)
class Notification:
    """A notification.

    Attributes:
        type: Its type, such as `ORDER_CHANGE`.
        id: Amazon's id of the notification; None if it has none.
        seller_id: The seller or vendor it is about; None if it does not say, or names a vendor
            group.
        envelope: What is beside the payload, by the names in small letters.
        payload: What Amazon tells, with its own names.
    """

    type: str
    id: str | None
    seller_id: str | None
    envelope: Mapping[str, Any]
    payload: Mapping[str, Any]


@cache
def payload_schemas() -> Mapping[str, dict[str, Any]]:
    """Return the JSON Schema of the payload of each type that Amazon publishes one for."""
    schemas: dict[str, dict[str, Any]] = json.loads(_SCHEMAS.read_text("utf-8"))
    return schemas


def notification_in(body: str) -> Notification:
    """Return the notification in the body of a message.

    Raises:
        NotANotificationError: It is none.
    """
    try:
        content = decode(body)
    except UnusableJsonError as error:
        # Without the place, so that messages with the same fault share a sentence.
        message = f"its body is not usable: {str(error).partition(' (')[0]}"
        raise NotANotificationError(message) from None
    envelope = _small(content)
    if "notificationtype" not in envelope and isinstance(envelope.get("detail"), Mapping):
        envelope = _small(envelope["detail"])
    kind, payload = envelope.get("notificationtype"), envelope.get("payload")
    if not isinstance(kind, str) or not kind:
        message = "it has no `NotificationType`"
        raise NotANotificationError(message)
    if not isinstance(payload, Mapping):
        message = "it has no `Payload`"
        raise NotANotificationError(message)
    envelope |= _small(envelope.get("notificationmetadata"))
    found = envelope.get("notificationid")
    return Notification(
        kind,
        found if isinstance(found, str) and found else None,
        _seller_in(payload),
        envelope,
        payload,
    )


def changed_order(notification: Notification) -> tuple[str, Any] | None:
    """Return the id of the order in an `ORDER_CHANGE`, and the time of its change as Amazon has it.

    None if the notification is another one, or has no order.
    """
    if notification.type != ORDER_CHANGE:
        return None
    inner = _small(_small(notification.payload).get("orderchangenotification"))
    order_id = inner.get("amazonorderid")
    if not isinstance(order_id, str) or not order_id:
        return None
    trigger = _small(inner.get("orderchangetrigger"))
    return order_id, trigger.get("timeoforderchange") or notification.envelope.get("eventtime")


def _small(content: Any) -> dict[str, Any]:
    """Return an object by its names in small letters; empty if it is none."""
    if not isinstance(content, Mapping):
        return {}
    return {name.lower(): value for name, value in content.items()}


def _seller_in(payload: Mapping[str, Any]) -> str | None:
    places = [payload]
    if len(payload) == 1:
        inner = next(iter(payload.values()))
        # All events in a list are of one account: that to which the notification is sent.
        places.append(inner[0] if isinstance(inner, list) and inner else inner)
    places += [_small(place).get(_INSIDE_SELLER, {}) for place in places]
    for place in places:
        small = _small(place)
        for name in _SELLER_NAMES:
            found = small.get(name)
            if isinstance(found, str) and (seller_id := _MERCHANT.sub("", found, count=1)):
                return None if seller_id.startswith(_OTHER_ACCOUNTS) else seller_id
    return None
