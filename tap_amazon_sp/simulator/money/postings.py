"""Postings: what moves money on a seller's account, each with its items and lines.

An `Entry` is the short form of a posting, kept for every posting of a seller; the whole posting is
made up from it when somebody asks.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, field
from typing import NamedTuple

from tap_amazon_sp.simulator.money.components import Line
from tap_amazon_sp.simulator.money.losses import Loss
from tap_amazon_sp.simulator.orders.details import Item
from tap_amazon_sp.simulator.orders.history import OrderState
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.randomness import number_from

SHIPMENT = "Shipment"
REFUND = "Refund"
SERVICE_FEE = "ServiceFee"
ADVERTISING = "ProductAdsPayment"
REIMBURSEMENT = "FBAInventoryReimbursement"
RESERVE = "Adjustment"
TRANSFER = "Transfer"

_FIRST_SETTLEMENT = 10_000_000_000
_SETTLEMENTS = 89_000_000_000


class Entry(NamedTuple):
    """The short form of a posting.

    Attributes:
        posted_at: Epoch seconds.
        released_at: When the seller can dispose of the money; later than `posted_at` if it is
            deferred.
        kind: `transactionType` of Finances 2024-06-19.
        market: Position of the marketplace among those of the region.
        subject: What it is about: number of an order and of its shipment or refund; or a name and a
            number.
        units: The whole amount, in hundredths or units of a currency without cents.
        sales: The price of its items, without tax.
    """

    posted_at: int
    released_at: int
    kind: str
    market: int
    subject: tuple[int | str, ...]
    units: int
    sales: int = 0

    @property
    def is_deferred(self) -> bool:
        """Whether the money is held back at first."""
        return self.released_at > self.posted_at

    @property
    def order_index(self) -> int | None:
        """Number of the order that it is about; None if it is about none."""
        return int(self.subject[0]) if self.kind in (SHIPMENT, REFUND) else None


@dataclass(frozen=True)
class PostedItem:
    """An item of a posting.

    Attributes:
        item: The item of the order.
        quantity: Number of units that were shipped or refunded.
        lines: Its lines.
        adjustment_id: Id of the adjustment, if it is a refund.
    """

    item: Item
    quantity: int
    lines: tuple[Line, ...]
    adjustment_id: str | None = None


@dataclass(frozen=True)
class Posting:
    """What moves money on a seller's account.

    Attributes:
        entry: Its short form.
        market: The marketplace.
        description: `description` of Finances 2024-06-19.
        order: The order, if it belongs to one.
        order_id: Amazon's id of that order.
        seller_order_id: The seller's own id of it, if any.
        shipment_id: Id of the shipment, if it is one.
        items: The items of the order.
        lines: Lines that belong to no item.
        details: Other facts by name: `trace` of a transfer, `invoice` of advertising.
        loss: The loss that it makes good, if it is a reimbursement.
    """

    entry: Entry
    market: Marketplace
    description: str
    order: OrderState | None = None
    order_id: str | None = None
    seller_order_id: str | None = None
    shipment_id: str | None = None
    items: tuple[PostedItem, ...] = ()
    lines: tuple[Line, ...] = ()
    details: dict[str, str] = field(default_factory=dict)
    loss: Loss | None = None

    @property
    def all_lines(self) -> tuple[Line, ...]:
        """Its lines, with those of its items."""
        return (*(line for item in self.items for line in item.lines), *self.lines)


def transaction_id(seed: int, entry: Entry, *, is_release: bool = False) -> str:
    """Return Amazon's id of a transaction: 43 letters, digits, `-` and `_`."""
    name = "release" if is_release else "transaction"
    return _id(seed, name, entry.kind, entry.market, *entry.subject)


def group_id(seed: int, market: Marketplace, number: int) -> str:
    """Return Amazon's id of the group of events of a settlement."""
    return _id(seed, "group", market.id, number)


def settlement_id(seed: int, market: Marketplace, number: int) -> str:
    """Return Amazon's id of a settlement: 11 digits."""
    return str(
        _FIRST_SETTLEMENT + number_from(seed, "settlement", market.id, number) % _SETTLEMENTS
    )


def _id(*names: object) -> str:
    text = "\x1f".join(map(str, names)).encode()
    digest = hashlib.blake2b(text, digest_size=32).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
