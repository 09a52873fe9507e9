"""The details of an order: items, money, buyer.

They are made up when they are first needed, and are always the same.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from dataclasses import dataclass

from tap_amazon_sp.simulator.orders.history import (
    CANCELLED,
    DELIVERED,
    PARTIALLY_SHIPPED,
    PENDING,
    SHIPPED,
    UNSHIPPED,
    OrderHistory,
    OrderState,
)
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.people import Person, make_person
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.randomness import weighted
from tap_amazon_sp.simulator.world.timestamps import DAY
from tap_amazon_sp.simulator.world.world import World

_MAX_CACHED = 20_000
_EXCHANGE_EVERY = 41
_EXCHANGE_AT = 17


@dataclass(frozen=True)
class Item:
    """An item of an order; money is in hundredths, or in whole units of a currency without cents.

    Attributes:
        id: Amazon's order item id.
        product: The product.
        quantity: Number of units.
        unit_price: Price of one unit, before tax.
        shipping: Price of shipping for all units.
        discount: Discount of a promotion.
        promotion_id: Id of the promotion, if any.
        tax: Tax on the price.
        shipping_tax: Tax on the shipping.
        gift_message: Message on the card of a gift.
        gift_wrap: Price of gift wrap.
    """

    id: str
    product: Product
    quantity: int
    unit_price: int
    shipping: int
    discount: int
    promotion_id: str | None
    tax: int
    shipping_tax: int
    gift_message: str | None
    gift_wrap: int

    @property
    def price(self) -> int:
        """Price of all units, before tax."""
        return self.unit_price * self.quantity

    @property
    def all_tax(self) -> int:
        """Tax on price and shipping."""
        return self.tax + self.shipping_tax

    @property
    def total(self) -> int:
        """What the buyer pays for the item."""
        return self.price + self.shipping + self.gift_wrap + self.all_tax - self.discount


@dataclass(frozen=True)
class OrderDetails:
    """The details of an order, which never change.

    Attributes:
        order_id: Amazon's order id.
        items: Its items.
        buyer: The buyer.
        business: Whether it is an Amazon Business order.
        prime: Whether the seller ships it as Prime.
        seller_order_id: The seller's own id, if any.
        purchase_order_number: The buyer's own number, on some business orders.
        service_level: Speed of shipping, in the words of Orders 2026-01-01.
        ship_by: First and last moment to ship it, epoch seconds.
        deliver_by: First and last moment to deliver it, epoch seconds.
        cancelled_by: Who cancels it, if it is cancelled.
        serial: A number from which tracking numbers and other ids are made.
        exchanged: Id of the order whose item the buyer exchanged for this one, if any.
    """

    order_id: str
    items: tuple[Item, ...]
    buyer: Person
    business: bool
    prime: bool
    seller_order_id: str | None
    purchase_order_number: str | None
    service_level: str
    ship_by: tuple[int, int]
    deliver_by: tuple[int, int]
    cancelled_by: str
    serial: int
    exchanged: str | None = None


_SERVICE_LEVELS = (
    ("STANDARD", "EXPEDITED", "NEXT_DAY", "SECOND_DAY", "FREE_ECONOMY"),
    (70, 82, 88, 94, 100),
)
_QUANTITIES = ((1, 2, 3, 6), (82, 94, 98, 100))
"""Values, and for each the sum of its weight and of all before it."""


class OrderBook:
    """The orders of a seller with their details."""

    def __init__(self, world: World, history: OrderHistory, *, prepared: bool = False) -> None:
        """Add details to a history.

        Args:
            world: The world of the seller.
            history: The orders.
            prepared: Whether the details of all orders are made up now, and kept.
        """
        self.world = world
        self.history = history
        self._products = world.products
        self._prepared = prepared
        most = None if prepared else _MAX_CACHED
        self._details = functools.lru_cache(maxsize=most)(self._make_details)
        if prepared:
            for order in history:
                self.details(order)

    def find(self, order_id: str) -> OrderState:
        """Return an order by Amazon's id.

        Raises:
            ApiError: 404, there is no such order.
        """
        order = self.history.by_id(order_id)
        if order is None:
            message = f"Order {order_id}"
            raise not_found(message)
        return order

    def details(self, order: OrderState) -> OrderDetails:
        """Return the details of an order."""
        return self._details(order.index)

    def _make_details(self, index: int) -> OrderDetails:
        order = self.history[index]
        rng = self.world.random("order", index)
        business = rng.random() < 0.12  # noqa: PLR2004 - share of orders
        ship_from = order.created + DAY
        deliver_from = ship_from + DAY * rng.randrange(1, 4)
        return OrderDetails(
            order_id=self.history.order_id(index),
            items=self._items(order),
            buyer=make_person(self.world.seed, index, order.marketplace.country, business=business),
            business=business,
            prime=not order.by_amazon and rng.random() < 0.1 and not order.easy_ship,  # noqa: PLR2004
            seller_order_id=f"S-{index:08d}" if rng.random() < 0.3 else None,  # noqa: PLR2004
            purchase_order_number=f"PO-{rng.randrange(10**6):06d}"
            if business and rng.random() < 0.5  # noqa: PLR2004
            else None,
            service_level=weighted(rng, *_SERVICE_LEVELS),
            ship_by=(ship_from, ship_from + DAY),
            deliver_by=(deliver_from, deliver_from + 3 * DAY),
            cancelled_by=rng.choice(("BUYER", "MERCHANT", "AMAZON")),
            serial=rng.randrange(10**11),
            exchanged=self._exchanged(order),
        )

    def _exchanged(self, order: OrderState) -> str | None:
        """Return the id of the order that a few orders are an exchange of."""
        if order.index % _EXCHANGE_EVERY != _EXCHANGE_AT:
            return None
        before = range(order.index - 1, max(-1, order.index - _EXCHANGE_EVERY), -1)
        same = (at for at in before if self.history[at].marketplace == order.marketplace)
        return next((self.history.order_id(at) for at in same), None)

    def items(self, order: OrderState) -> Sequence[Item]:
        """Return the items of an order; faster than all its details, unless prepared."""
        if self._prepared:
            return self.details(order).items
        return self._items(order)

    def _items(self, order: OrderState) -> tuple[Item, ...]:
        return tuple(self._item(order, position) for position in range(order.items))

    def bought(self, order: OrderState, position: int) -> tuple[Product, int]:
        """Return product and quantity of an item; faster than all its details, unless prepared."""
        if self._prepared:
            item = self.details(order).items[position]
            return item.product, item.quantity
        return self._bought(self.world.random("item", order.index, position))

    def _bought(self, rng: random.Random) -> tuple[Product, int]:
        return rng.choice(self._products), weighted(rng, *_QUANTITIES)

    def _item(self, order: OrderState, position: int) -> Item:
        rng = self.world.random("item", order.index, position)
        marketplace = order.marketplace
        product, quantity = self._bought(rng)
        unit_price = product.price(marketplace)
        discounted = rng.random() < 0.15  # noqa: PLR2004 - share of items
        gift = rng.random() < 0.04  # noqa: PLR2004
        shipping = 0 if order.by_amazon else round(unit_price * 0.1)
        return Item(
            id=self.history.item_id(order.index, position),
            product=product,
            quantity=quantity,
            unit_price=unit_price,
            shipping=shipping,
            discount=round(unit_price * quantity * 0.1) if discounted else 0,
            promotion_id=f"PROMO-{rng.randrange(20):02d}" if discounted else None,
            tax=round(unit_price * quantity * marketplace.tax_rate),
            shipping_tax=round(shipping * marketplace.tax_rate),
            gift_message="Happy birthday! 🎂" if gift else None,
            gift_wrap=round(unit_price * 0.05) if gift else 0,
        )


def quantity_shipped(order: OrderState, position: int, item: Item) -> int:
    """Return how many units of an item have been shipped."""
    if order.stage in (SHIPPED, DELIVERED):
        return item.quantity
    # Of a partially shipped order, the first item has been shipped.
    return item.quantity if order.stage == PARTIALLY_SHIPPED and position == 0 else 0


def is_priced(order: OrderState) -> bool:
    """Return whether Amazon shows prices, which it does not while payment is pending."""
    return order.stage != PENDING and not (
        order.stage == CANCELLED and order.reached(UNSHIPPED) is None
    )


def money_2026(units: int, currency: str) -> dict[str, str]:
    """Return `Money` of Orders 2026-01-01."""
    return {"amount": amount(units, currency), "currencyCode": currency}


def money_v0(units: int, currency: str) -> dict[str, str]:
    """Return `Money` of Orders v0."""
    return {"CurrencyCode": currency, "Amount": amount(units, currency)}
