"""The details of an order: items, money, buyer. Made up when asked for, always the same."""

from __future__ import annotations

import functools
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
from tap_amazon_sp.simulator.world.marketplaces import amount
from tap_amazon_sp.simulator.world.products import Person, Product, make_person, make_products
from tap_amazon_sp.simulator.world.randomness import chance
from tap_amazon_sp.simulator.world.timestamps import DAY

_KEPT_DETAILS = 20_000


@dataclass(frozen=True)
class Item:
    """An item of an order; money in hundredths, or whole units of a currency without cents.

    Attributes:
        id: Amazon's order item id.
        product: What was bought.
        quantity: How many.
        unit_price: Price of one, before tax.
        shipping: Price of shipping all of them.
        discount: What a promotion takes off.
        promotion_id: The promotion, where there is one.
        tax: Tax on the price.
        shipping_tax: Tax on the shipping.
        gift_message: What a gift's card says.
        gift_wrap: Price of wrapping.
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
        """Price of all of them, before tax."""
        return self.unit_price * self.quantity

    @property
    def all_tax(self) -> int:
        """Tax on price and shipping."""
        return self.tax + self.shipping_tax

    @property
    def total(self) -> int:
        """What the buyer pays for it."""
        return self.price + self.shipping + self.gift_wrap + self.all_tax - self.discount


@dataclass(frozen=True)
class OrderDetails:
    """What never changes about an order.

    Attributes:
        order_id: Amazon's order id.
        items: Its items.
        buyer: Who bought.
        business: Whether it is an Amazon Business order.
        prime: Whether the seller ships it as Prime.
        seller_order_id: The seller's own id, where there is one.
        purchase_order_number: The buyer's, on some business orders.
        service_level: Speed of shipping, as Orders 2026-01-01 calls it.
        ship_by: Epoch seconds from when to when it must be shipped.
        deliver_by: Epoch seconds from when to when it must arrive.
        cancelled_by: Who cancels it if it is.
        serial: A number for tracking numbers and the like.
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


_SERVICE_LEVELS = ("STANDARD", "EXPEDITED", "NEXT_DAY", "SECOND_DAY", "FREE_ECONOMY")


class OrderBook:
    """The orders with their details."""

    def __init__(self, history: OrderHistory, *, seed: int, region: str) -> None:
        """Add details to a history.

        Args:
            history: The orders.
            seed: Another seed is another seller.
            region: Where the products are sold.
        """
        self.history = history
        self.products = make_products(seed, region)
        self._seed = seed
        self._details = functools.lru_cache(maxsize=_KEPT_DETAILS)(self._make_details)

    def details(self, order: OrderState) -> OrderDetails:
        """Return what never changes about an order."""
        return self._details(order.index)

    def _make_details(self, index: int) -> OrderDetails:
        order = self.history[index]
        luck = chance(self._seed, "order", index)
        business = luck.random() < 0.12  # noqa: PLR2004 - share of orders
        ship_from = order.created + DAY
        deliver_from = ship_from + DAY * luck.randrange(1, 4)
        return OrderDetails(
            order_id=self.history.order_id(index),
            items=tuple(self._item(order, position) for position in range(order.items)),
            buyer=make_person(self._seed, index, order.marketplace.country, business=business),
            business=business,
            prime=not order.by_amazon and luck.random() < 0.1 and not order.easy_ship,  # noqa: PLR2004
            seller_order_id=f"S-{index:08d}" if luck.random() < 0.3 else None,  # noqa: PLR2004
            purchase_order_number=f"PO-{luck.randrange(10**6):06d}"
            if business and luck.random() < 0.5  # noqa: PLR2004
            else None,
            service_level=luck.choices(_SERVICE_LEVELS, (70, 12, 6, 6, 6))[0],
            ship_by=(ship_from, ship_from + DAY),
            deliver_by=(deliver_from, deliver_from + 3 * DAY),
            cancelled_by=luck.choice(("BUYER", "MERCHANT", "AMAZON")),
            serial=luck.randrange(10**11),
        )

    def _item(self, order: OrderState, position: int) -> Item:
        luck = chance(self._seed, "item", order.index, position)
        marketplace = order.marketplace
        product = luck.choice(self.products)
        (quantity,) = luck.choices((1, 2, 3, 6), (82, 12, 4, 2))
        unit_price = product.price(marketplace)
        discounted = luck.random() < 0.15  # noqa: PLR2004 - share of items
        gift = luck.random() < 0.04  # noqa: PLR2004
        shipping = 0 if order.by_amazon else round(unit_price * 0.1)
        return Item(
            id=self.history.item_id(order.index, position),
            product=product,
            quantity=quantity,
            unit_price=unit_price,
            shipping=shipping,
            discount=round(unit_price * quantity * 0.1) if discounted else 0,
            promotion_id=f"PROMO-{luck.randrange(20):02d}" if discounted else None,
            tax=round(unit_price * quantity * marketplace.tax_rate),
            shipping_tax=round(shipping * marketplace.tax_rate),
            gift_message="Happy birthday! 🎂" if gift else None,
            gift_wrap=round(unit_price * 0.05) if gift else 0,
        )


def quantity_shipped(order: OrderState, position: int, item: Item) -> int:
    """How many of an item are on their way or there."""
    if order.stage in (SHIPPED, DELIVERED):
        return item.quantity
    # The first item of a partly shipped order went ahead.
    return item.quantity if order.stage == PARTIALLY_SHIPPED and position == 0 else 0


def is_priced(order: OrderState) -> bool:
    """Whether Amazon tells prices: not while payment is pending."""
    return order.stage != PENDING and not (
        order.stage == CANCELLED and order.reached(UNSHIPPED) is None
    )


def money_2026(units: int, currency: str) -> dict[str, str]:
    """`Money` of Orders 2026-01-01."""
    return {"amount": amount(units, currency), "currencyCode": currency}


def money_v0(units: int, currency: str) -> dict[str, str]:
    """`Money` of Orders v0."""
    return {"CurrencyCode": currency, "Amount": amount(units, currency)}
