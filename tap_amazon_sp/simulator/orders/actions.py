"""Messaging and Solicitations: which messages the seller may send about an order.

Source: Amazon's models `messaging` and `solicitations`; the name of an action is the end of its
path.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.orders.history import CANCELLED, PENDING
from tap_amazon_sp.simulator.server.calls import Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import not_found
from tap_amazon_sp.simulator.server.models import Models, Operation

_LISTS = ("messaging.getMessagingActionsForOrder", "solicitations.getSolicitationActionsForOrder")

LINKS_ONLY, NAMED_BY_SCHEMA = 0, 1
"""Two of the forms in which a list of actions comes; all others have the actions with names."""


class OrderActions:
    """The operations that list the allowed messages."""

    def __init__(self, models: Models, book: OrderBook) -> None:
        """Find the actions in the models."""
        self._book = book
        self._actions = {
            name: [
                operation
                for operation in models
                if operation.api == models.operation(name).api
                and operation.method == "POST"
                and operation.path.startswith(models.operation(name).path)
            ]
            for name in _LISTS
        }

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            name: functools.partial(self._list, actions) for name, actions in self._actions.items()
        }

    def _list(self, actions: list[Operation], call: Call) -> Answer:
        order_id = call.parameters["amazonOrderId"]
        order = self._book.history.by_id(order_id)
        if order is None or order.marketplace.id not in call.parameters["marketplaceIds"]:
            message = f"Order {order_id}"
            raise not_found(message)
        allowed = [] if order.stage in (PENDING, CANCELLED) else actions
        rng = self._book.world.random("actions", call.operation.id, order.index)
        allowed = [action for action in allowed if len(actions) == 1 or rng.randrange(4)]
        market = order.marketplace.id
        links = [
            _link(action.path.replace("{amazonOrderId}", order_id), market, _name(action))
            for action in allowed
        ]
        answer: dict[str, Any] = {"_links": {"self": _link(call.path, market), "actions": links}}
        # Amazon's models require neither the actions beside the links, nor what names them.
        form = self._book.world.random("form", call.operation.id, order.index).randrange(4)
        if form != LINKS_ONLY:
            answer["_embedded"] = {"actions": [_entry(link, form) for link in links]}
        return Answer(answer)


def _name(action: Operation) -> str:
    return action.path.rpartition("/")[2]


def _link(path: str, market: str, name: str | None = None) -> dict[str, str]:
    link = {"href": f"{path}?marketplaceIds={market}"}
    return link if name is None else {**link, "name": name}


def _entry(link: Mapping[str, str], form: int) -> dict[str, Any]:
    path, _, query = link["href"].partition("?")
    schema = {"href": f"{path}/schema?{query}", "name": link["name"]}
    if form == NAMED_BY_SCHEMA:
        return {"_links": {"self": {"href": link["href"]}, "schema": schema}}
    return {"_links": {"self": dict(link), "schema": schema}, "payload": {"name": link["name"]}}
