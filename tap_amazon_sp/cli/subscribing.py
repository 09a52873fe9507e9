"""Destinations and subscriptions that a queue needs: what is there, and what is to be created."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.answer_checks import not_documented
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.cli.arguments import Arguments
from tap_amazon_sp.cli.call import record_pages
from tap_amazon_sp.cli.findings import Finding, looked_up
from tap_amazon_sp.cli.operation_commands import checked
from tap_amazon_sp.cli.request_text import request_text
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.streams.notifications import NOTIFICATION_TYPES

DESTINATION = "destination"

_API = "notifications"
_LATER = "(the destination's id)"
"""Stands for an id that Amazon has not given yet."""


@dataclass(frozen=True)
class Wanted:
    """A subscription that there should be.

    Attributes:
        type: Type of the notifications.
        version: Version of their payload.
        directive: Amazon's `processingDirective`; None if there should be none.
    """

    type: str
    version: str
    directive: Mapping[str, Any] | None

    @property
    def check(self) -> str:
        """Name of the check of it."""
        return f"subscription {self.type}"


@dataclass(frozen=True)
class Change:
    """Something to be created or changed.

    Attributes:
        check: Name of the check that found that it lacks.
        text: What will be sent, for people.
        run: Does it, and returns a detail worth knowing.
        is_needed: Whether the changes that follow need it.
        done: What it is when it is done.
    """

    check: str
    text: str
    run: Callable[[], str]
    is_needed: bool = False
    done: str = "created"


Step = Finding | Change
"""What is there already, or is wrong; or what is to be done."""


class Subscribing:
    """Finds the destination of a queue and the subscriptions to it, and creates what lacks."""

    def __init__(self, connection: Connection, arn: str) -> None:
        """Call nothing yet.

        Args:
            connection: The account.
            arn: ARN of the queue.
        """
        self._connection = connection
        self._arn = arn
        self._destination: str | None = None

    def steps(self, name: str, wanted: Sequence[Wanted]) -> Iterator[Step]:
        """Yield what is there and what is to be created, first the destination.

        Args:
            name: Name of the destination, if it is to be created.
            wanted: The subscriptions.
        """
        destination = looked_up(DESTINATION, lambda: self._find_destination(name))
        yield destination
        if isinstance(destination, Finding) and destination.result != "ok":
            return
        for one in wanted:
            yield looked_up(one.check, partial(self._find_subscription, one))

    def _find_destination(self, name: str) -> Step:
        for destination in self._records("getDestinations", {}):
            if at_path(destination, ("resource", "sqs", "arn")) == self._arn:
                self._destination = str(destination["destinationId"])
                details = f"{self._destination} ({destination.get('name')})"
                return Finding(DESTINATION, "ok", details)
        body = {"name": name, "resourceSpecification": {"sqs": {"arn": self._arn}}}
        text = self._text("createDestination", {}, body)
        return Change(DESTINATION, text, lambda: self._create_destination(body), is_needed=True)

    def _create_destination(self, body: Mapping[str, Any]) -> str:
        self._destination = self._create("createDestination", {}, body, "destinationId")
        return f"created: {self._destination}"

    def _find_subscription(self, wanted: Wanted) -> Step:
        name = wanted.type
        parameters = {"notificationTypes": [name], "payloadVersion": wanted.version}
        try:
            found = [*self._records("getSubscriptions", parameters)]
        except NotFoundError:
            # Amazon's answer if there is no subscription.
            found = []
        for subscription in found:
            if subscription.get("destinationId") == self._destination:
                return _as_wanted(subscription, wanted)
        if found:
            return _elsewhere(found[0], wanted)
        text = self._text("createSubscription", {"notificationType": name}, self._body(wanted))
        return Change(wanted.check, text, lambda: self._create_subscription(wanted))

    def _create_subscription(self, wanted: Wanted) -> str:
        subscription = self._create(
            "createSubscription",
            {"notificationType": wanted.type},
            self._body(wanted),
            "subscriptionId",
        )
        return f"created: {subscription}"

    def _body(self, wanted: Wanted) -> dict[str, Any]:
        body = {"payloadVersion": wanted.version, "destinationId": self._destination or _LATER}
        directive = wanted.directive
        return body if directive is None else {**body, "processingDirective": directive}

    def _create(
        self, name: str, parameters: dict[str, Any], body: Mapping[str, Any], id_name: str
    ) -> str:
        operation, arguments = _call(name, parameters, body)
        answer = self._connection.client.send(operation, arguments.of_client)
        created = at_path(answer.body, ("payload", id_name))
        if not isinstance(created, str):
            raise not_documented(f"no `{id_name}`").failure(operation.id, answer)
        return created

    def _text(self, name: str, parameters: dict[str, Any], body: Mapping[str, Any]) -> str:
        operation, arguments = _call(name, parameters, body)
        request = self._connection.client.prepare(operation, arguments.of_client)
        return request_text(request, self._connection.settings)

    def _records(self, name: str, parameters: dict[str, Any]) -> Iterator[Mapping[str, Any]]:
        operation, arguments = _call(name, parameters)
        for records in record_pages(self._connection.client, operation, arguments):
            yield from (record for record in records if isinstance(record, dict))


def unknown_type(name: str) -> str:
    """Return that the tap does not know a type of notification, and which types look like it."""
    close = close_to(name, sorted(NOTIFICATION_TYPES))
    return f"{name} is not a type of notification that the tap knows{close}"


def _call(
    name: str, parameters: dict[str, Any], body: Mapping[str, Any] | None = None
) -> tuple[Operation, Arguments]:
    operation = catalogue.operation(f"{_API}.{name}")
    return operation, checked(operation, parameters, body)


def _as_wanted(subscription: Mapping[str, Any], wanted: Wanted) -> Finding:
    """Return whether a subscription to our destination is as it should be."""
    found = subscription.get("subscriptionId")
    limits = _limits(subscription.get("processingDirective"))
    if limits == _limits(wanted.directive):
        return Finding(wanted.check, "ok", f"{found}, version {wanted.version}")
    details = (
        f"{found} is limited otherwise: {json.dumps(limits)}. To replace it, delete it "
        f"({_deletion(wanted.type, found)}) and run the command again"
    )
    return Finding(wanted.check, "failed", details)


def _elsewhere(subscription: Mapping[str, Any], wanted: Wanted) -> Finding:
    found = subscription.get("subscriptionId")
    details = (
        f"{found} leads to another destination, {subscription.get('destinationId')}, and Amazon "
        "allows one subscription to each type and version. To replace it, delete it "
        f"({_deletion(wanted.type, found)}) and run the command again"
    )
    return Finding(wanted.check, "failed", details)


def _deletion(notification_type: str, subscription: Any) -> str:
    return f"`amazon-sp notifications subscriptions delete {notification_type} {subscription}`"


def _limits(directive: Any) -> Any:
    """Return what a directive limits a subscription to; empty if it is all of its type.

    Amazon may add null and empty lists to what it was sent.
    """
    if not isinstance(directive, dict):
        return directive or {}
    inner = {name: _limits(part) for name, part in directive.items() if name != "eventFilterType"}
    return {name: part for name, part in inner.items() if part not in (None, [], {})}
