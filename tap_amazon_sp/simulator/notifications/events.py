"""What happened that Amazon notifies of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.server.accounts import VENDOR
from tap_amazon_sp.simulator.server.calls import Account

_VENDOR_GROUP = "amzn1.vg.1000001"


def account_id(account: Account) -> str:
    """Return what notifications have as `accountId`: another form than the merchant token alone.

    Source: examples of REPORT_, FEED_ and DATA_KIOSK_QUERY_PROCESSING_FINISHED that Amazon and
    developers have published.
    """
    return _VENDOR_GROUP if account == VENDOR else f"amzn1.merchant.o.{account.seller_id}"


@dataclass(frozen=True)
class Event:
    """Something that happened to an account.

    Attributes:
        account: Name of the account.
        type: Type of the notification.
        moment: When it happened, epoch seconds.
        key: What it is among all events of the account and type: it decides about ids and faults.
        payload: The payload of the notification.
        about: Id of the order, report and so on.
        filters: What the event filter of a subscription may ask for, by name of its list.
    """

    account: str
    type: str
    moment: float
    key: str
    payload: Mapping[str, Any]
    about: str
    filters: Mapping[str, str] = field(default_factory=dict)
