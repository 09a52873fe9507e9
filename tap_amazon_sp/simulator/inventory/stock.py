"""The stock of a seller: inbound shipments, orders, returns and losses, in the order of time.

Every product lies in a warehouse of each marketplace. An order that Amazon fulfils reserves its
units when it is placed; they leave when it is shipped. Returned units come back as what they are
then. If too few units are left, the seller sends more, twice as many if the last shipment is not
two weeks old; if an order needs them earlier, they arrive earlier, so that no stock is negative.

All of it follows from the seed and the orders, however often somebody looks. It is made up when
somebody looks for the first time. In a world that does not change, only orders still move stock.
"""

from __future__ import annotations

import functools
import heapq
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tap_amazon_sp.simulator.inventory.movements import (
    ADJUSTMENTS,
    CORRECTED,
    CUSTOMER_RETURNS,
    DAMAGED,
    FOUND,
    MISPLACED,
    RECLASSIFIED,
    SELLABLE,
    SHIPMENTS,
    WAREHOUSE_DAMAGED,
    Movement,
)
from tap_amazon_sp.simulator.inventory.shelves import InboundShipment, Shelf
from tap_amazon_sp.simulator.money.losses import LOST, Loss, losses
from tap_amazon_sp.simulator.orders.after_sales import Refund, refunds
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import CANCELLED, SHIPPED, OrderState
from tap_amazon_sp.simulator.world.marketplaces import Marketplace
from tap_amazon_sp.simulator.world.products import Product
from tap_amazon_sp.simulator.world.timestamps import DAY

_WEEK = 7 * DAY
_FIRST_STOCK_BEFORE = 2 * DAY
_SOON = 14 * DAY
_CARTON = 6
_SECOND_HALF_AFTER = DAY
_MAX_MISPLACED_A_WEEK = 2
# Numbers of misplaced units lie above those of losses that Amazon pays for.
_MISPLACED_FROM = 1 << 24

_NEW, _RESERVED, _CLOSED = 0, 1, 2
_PLACED, _LEFT, _RELEASED = 0, 1, 2


@dataclass(frozen=True)
class CustomerReturn:
    """Units of an order that a buyer sent back to Amazon.

    Attributes:
        order: Number of the order in the history.
        refund: What was returned, when and why.
    """

    order: int
    refund: Refund


class Stock:
    """The stock of a seller in Amazon's warehouses."""

    def __init__(self, book: OrderBook) -> None:
        """Stock nothing yet.

        Args:
            book: The orders of the seller.
        """
        self.world = book.world
        self.returns: list[CustomerReturn] = []
        """The returns so far, oldest first."""
        self.reimbursements: list[Loss] = []
        """The losses that Amazon has paid for so far, oldest first."""
        self._book = book
        self._markets = {market.id: at for at, market in enumerate(self.world.marketplaces)}
        self._shelves: list[Shelf] = []
        self._states = bytearray()
        self._open: dict[int, list[tuple[Shelf, int]]] = {}
        self._due: list[tuple[int, int, Callable[[int], None]]] = []
        self._due_count = 0
        self._inbound_count = 0
        self._seen_until: float | None = None
        self._drawn_until = -1.0

    def shelf(self, product: Product, marketplace: Marketplace) -> Shelf:
        """Return the stock of a product in a marketplace, as of the last `advance`."""
        at = self._markets[marketplace.id] * len(self.world.products) + product.number
        return self._shelves[at]

    def shelves(self, marketplace: Marketplace) -> list[Shelf]:
        """Return the stock of all products in a marketplace, as of the last `advance`."""
        return [self.shelf(product, marketplace) for product in self.world.products]

    def advance(self, now: float) -> None:
        """Let everything happen that is due by a moment (epoch seconds)."""
        if self._seen_until is None:
            self._open_shelves()
        else:
            now = max(now, self._seen_until)
        horizon = self._book.history.horizon(now)
        self._draw_losses(horizon)
        for moment, index, what in sorted(self._order_events(now)):
            self._let_happen(min(moment, horizon))
            self._follow(moment, index, what)
        self._let_happen(horizon)
        self._seen_until = now

    def _open_shelves(self) -> None:
        """Make up the first stock, two days before the first order can come."""
        world = self.world
        moment = world.end_of_past - world.length_of_past - _FIRST_STOCK_BEFORE
        for market in world.marketplaces:
            for product in world.products:
                rng = world.random("stock", market.id, product.number)
                shelf = Shelf(product, market, lot=_CARTON * rng.randrange(4, 11))
                self._shelves.append(shelf)
                self._arrive(shelf, moment + rng.randrange(DAY), self._send(shelf, moment - _WEEK))

    def _order_events(self, now: float) -> Iterable[tuple[int, int, int]]:
        """Yield moment, number of the order and what happened, for what has not been seen yet."""
        history, after = self._book.history, self._seen_until
        changed = history if after is None else history.updated_between(after - 1, now)
        states = self._states
        for order in changed:
            if not order.by_amazon:
                continue
            if order.index >= len(states):
                states.extend(bytes(order.index + 1 - len(states)))
            if states[order.index] == _NEW:
                yield order.created, order.index, _PLACED
            if states[order.index] != _CLOSED:
                left, released = order.reached(SHIPPED), order.reached(CANCELLED)
                if left is not None:
                    yield left, order.index, _LEFT
                elif released is not None:
                    yield released, order.index, _RELEASED

    def _follow(self, moment: int, index: int, what: int) -> None:
        """Let an order reserve units, take them away, or give them up."""
        order = self._book.history[index]
        if what == _PLACED:
            self._states[index] = _RESERVED
            self._open[index] = [
                self._reserve(order, moment, position) for position in range(order.items)
            ]
            return
        self._states[index] = _CLOSED
        for shelf, units in self._open.pop(index):
            shelf.reserved -= units
            shelf.changed_at = moment
            if what == _LEFT:
                shelf.move(Movement(moment, SHIPMENTS, -units, SELLABLE, index))
        if what == _LEFT:
            for refund in refunds(self._book, order):
                if refund.returned_at is not None:
                    arrive = functools.partial(self._take_back, CustomerReturn(index, refund))
                    self._plan(refund.returned_at, arrive)

    def _reserve(self, order: OrderState, moment: int, position: int) -> tuple[Shelf, int]:
        product, units = self._book.bought(order, position)
        shelf = self.shelf(product, order.marketplace)
        self._need(shelf, moment, units)
        shelf.reserved += units
        shelf.changed_at = moment
        self._replenish(shelf, moment)
        return shelf, units

    def _need(self, shelf: Shelf, moment: int, units: int) -> None:
        """Make sure that units are there: what is on its way arrives now, if need be."""
        while shelf.fulfillable < units:
            if shelf.inbound:
                shipment = shelf.inbound[0]
            else:
                shelf.lot = max(shelf.lot, -(-units // _CARTON) * _CARTON)
                shipment = self._send(shelf, moment)
            shipment.shipped_at = min(shipment.shipped_at, moment)
            shelf.receive(moment, shipment, shipment.outstanding)

    def _replenish(self, shelf: Shelf, moment: int) -> None:
        """Send more if less than half a lot is there or on its way."""
        if 2 * (shelf.fulfillable + shelf.outstanding) >= shelf.lot:
            return
        if moment - shelf.ordered_at < _SOON:
            shelf.lot *= 2
        shipment = self._send(shelf, moment)
        halves = shipment.units // 2, shipment.units - shipment.units // 2
        for number, units in enumerate(halves):
            arrive = functools.partial(self._arrive, shelf, shipment=shipment, units=units)
            self._plan(shipment.due_at + number * _SECOND_HALF_AFTER, arrive)

    def _send(self, shelf: Shelf, moment: int) -> InboundShipment:
        """Create an inbound shipment of a lot."""
        rng = self.world.random("inbound shipment", self._inbound_count)
        shipped_at = moment + DAY + rng.randrange(2 * DAY)
        shipment = InboundShipment(
            self._inbound_count,
            shelf.lot,
            created_at=moment,
            shipped_at=shipped_at,
            due_at=shipped_at + 3 * DAY + rng.randrange(4 * DAY),
        )
        self._inbound_count += 1
        shelf.ordered_at = moment
        shelf.inbound.append(shipment)
        return shipment

    @staticmethod
    def _arrive(
        shelf: Shelf, moment: int, shipment: InboundShipment, units: int | None = None
    ) -> None:
        """Let units of a shipment arrive, or as many as have not arrived earlier."""
        units = min(shipment.outstanding, shipment.units if units is None else units)
        if units:
            shelf.receive(moment, shipment, units)

    def _take_back(self, returned: CustomerReturn, moment: int) -> None:
        refund = returned.refund
        marketplace = self._book.history[returned.order].marketplace
        self.shelf(refund.product, marketplace).move(
            Movement(moment, CUSTOMER_RETURNS, refund.quantity, refund.disposition, returned.order)
        )
        self.returns.append(returned)

    def _draw_losses(self, until: float) -> None:
        """Plan what is lost, damaged or misplaced by a moment."""
        for loss in losses(self.world, until):
            if loss.lost_at > self._drawn_until:
                self._plan(loss.lost_at, functools.partial(self._lose, loss))
        first = self.world.end_of_past - self.world.length_of_past
        for week in range(first // _WEEK, int(until) // _WEEK + 1):
            rng = self.world.random("misplaced units", week)
            for number in range(rng.randrange(_MAX_MISPLACED_A_WEEK + 1)):
                product = rng.choice(self.world.products)
                market = rng.choice(self.world.marketplaces)
                moment = week * _WEEK + rng.randrange(_WEEK)
                found_at = moment + DAY + rng.randrange(20 * DAY)
                if max(first, self._drawn_until + 1) <= moment <= until:
                    own = _MISPLACED_FROM + week * (_MAX_MISPLACED_A_WEEK + 1) + number
                    shelf = self.shelf(product, market)
                    self._plan(moment, functools.partial(self._misplace, shelf, own, found_at))
        self._drawn_until = max(until, self._drawn_until)

    def _lose(self, loss: Loss, moment: int) -> None:
        shelf = self.shelf(loss.product, loss.marketplace)
        self._need(shelf, moment, loss.quantity)
        number, paid_at = loss.number, loss.reimbursed_at
        is_lost = loss.reason == LOST
        shelf.move(
            Movement(
                moment,
                ADJUSTMENTS,
                -loss.quantity,
                SELLABLE,
                number,
                MISPLACED if is_lost else DAMAGED,
                paid_at,
            )
        )
        if not is_lost:
            shelf.move(
                Movement(
                    moment, ADJUSTMENTS, loss.quantity, WAREHOUSE_DAMAGED, number, RECLASSIFIED
                )
            )
        self._replenish(shelf, moment)
        self._plan(paid_at, functools.partial(self._pay_for, loss))

    def _pay_for(self, loss: Loss, moment: int) -> None:
        """Let Amazon pay for lost or damaged units; the damaged ones are its own then."""
        self.reimbursements.append(loss)
        if loss.reason != LOST:
            self.shelf(loss.product, loss.marketplace).move(
                Movement(
                    moment,
                    ADJUSTMENTS,
                    -loss.quantity,
                    WAREHOUSE_DAMAGED,
                    loss.number,
                    CORRECTED,
                )
            )

    def _misplace(self, shelf: Shelf, number: int, found_at: int, moment: int) -> None:
        self._need(shelf, moment, 1)
        shelf.move(Movement(moment, ADJUSTMENTS, -1, SELLABLE, number, MISPLACED, found_at))
        self._replenish(shelf, moment)
        found = functools.partial(self._find, shelf, number)
        self._plan(found_at, found)

    @staticmethod
    def _find(shelf: Shelf, number: int, moment: int) -> None:
        shelf.move(Movement(moment, ADJUSTMENTS, 1, SELLABLE, number, FOUND))

    def _plan(self, moment: int, happen: Callable[[int], None]) -> None:
        self._due_count += 1
        heapq.heappush(self._due, (moment, self._due_count, happen))

    def _let_happen(self, until: float) -> None:
        while self._due and self._due[0][0] <= until:
            moment, _, happen = heapq.heappop(self._due)
            happen(moment)
