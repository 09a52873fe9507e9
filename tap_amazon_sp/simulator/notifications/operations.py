"""Notifications: destinations of the application, and subscriptions of its accounts.

Sources: Amazon's model `notifications`: destinations, and subscriptions by id, belong to the
application and need a grantless token; an account has one subscription for each type and version.
What Amazon refuses, and its words for it: amzn/selling-partner-api-docs#1850 (a queue twice), #3448
(a type twice) and #2134 (a type for event buses to a queue), saleweaver/python-amazon-sp-api#734
(the other way round), jlevers/selling-partner-api#885 and amzn/selling-partner-api-models#4135
(event filters).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.server.calls import Account, Answer, Call, Handler
from tap_amazon_sp.simulator.server.errors import ApiError, invalid_input, not_found
from tap_amazon_sp.simulator.server.paging import Pager
from tap_amazon_sp.simulator.server.settings import FIRST_NOTIFICATION_TYPES
from tap_amazon_sp.simulator.world.randomness import seeded_random

API = "notifications"

_DEFAULT_PAGE = 30
_MAX_PAGE = 100
_AWS_ACCOUNT = "123456789012"
_PARTNER = "aws.partner/sellingpartnerapi.amazon.com"
_ORDER_CHANGE = "ORDER_CHANGE"
_UNUSABLE = "Request has missing or invalid parameters."

EVENT_BUS_ONLY = frozenset(
    {
        "BRANDED_ITEM_CONTENT_CHANGE",
        "ITEM_PRODUCT_TYPE_CHANGE",
        "LISTINGS_ITEM_ISSUES_CHANGE",
        "LISTINGS_ITEM_MFN_QUANTITY_CHANGE",
        "LISTINGS_ITEM_STATUS_CHANGE",
        "PRODUCT_TYPE_DEFINITIONS_CHANGE",
    }
)
"""Types for event buses; all others are for queues (Amazon's page "Set up notifications using the
Amazon EventBridge workflow")."""

_FILTERS: Mapping[str, frozenset[str]] = {
    "ANY_OFFER_CHANGED": frozenset({"marketplaceIds", "aggregationSettings"}),
    _ORDER_CHANGE: frozenset({"orderChangeTypes"}),
    "SHIPMENT_TRACKING_MILESTONE_CHANGED": frozenset({"trackingIdentifier"}),
}
"""What the event filter of a type may have beside `eventFilterType`; other types have none."""


@dataclass(frozen=True)
class Subscription:
    """A subscription.

    Attributes:
        id: Amazon's id.
        account: Name of the account that it belongs to.
        type: Type of notification.
        content: Its other fields.
    """

    id: str
    account: str
    type: str
    content: Mapping[str, Any]

    @property
    def version(self) -> str:
        """Version of the payload."""
        return str(self.content["payloadVersion"])

    def wants(self, event: Mapping[str, str]) -> bool:
        """Return whether an event passes the filter.

        Args:
            event: What the filter may ask for, by name of its list.
        """
        wanted = _filter_of(self.content)
        return all(value in (wanted.get(name) or (value,)) for name, value in event.items())

    def render(self) -> dict[str, Any]:
        """Return the subscription as the API shows it."""
        return {"subscriptionId": self.id, **self.content}


@dataclass(frozen=True)
class FirstSubscriptions:
    """The subscriptions that every account has at the start.

    Attributes:
        types: Types of notifications.
        queue: ARN of the queue that is the first destination.
        event_bridge: Whether they lead to the event bus, which is the second destination.
    """

    types: tuple[str, ...] = FIRST_NOTIFICATION_TYPES
    queue: str = f"arn:aws:sqs:us-east-1:{_AWS_ACCOUNT}:simulated-notifications"
    event_bridge: bool = False


_FIRST = FirstSubscriptions()


class Notifications:
    """The Notifications API."""

    def __init__(
        self,
        pager: Pager,
        accounts: Iterable[Account],
        *,
        seed: int,
        longest_page: int | None = None,
        first: FirstSubscriptions = _FIRST,
    ) -> None:
        """Make up a few destinations, and subscriptions of each account.

        Args:
            pager: Cuts lists into pages.
            accounts: All accounts.
            seed: Determines the ids.
            longest_page: Maximum length of a page, even if a client asks for more.
            first: The first subscriptions.
        """
        self._pager = pager
        self._longest_page = min(_MAX_PAGE, longest_page or _MAX_PAGE)
        self._rng = seeded_random(seed, "notifications")
        self._destinations: dict[str, dict[str, Any]] = {}
        self._subscriptions: dict[str, Subscription] = {}
        queue = self._add_destination("Queue of the simulator", {"sqs": {"arn": first.queue}})
        bus = {"accountId": _AWS_ACCOUNT, "region": "us-east-1"}
        event_bus = self._add_destination("Event bus of the simulator", {"eventBridge": bus})
        for account in accounts:
            for name in first.types:
                through_bus = first.event_bridge or name in EVENT_BUS_ONLY
                destination = event_bus if through_bus else queue
                content: dict[str, Any] = {"payloadVersion": "1.0", "destinationId": destination}
                if name == _ORDER_CHANGE:
                    content["processingDirective"] = {"eventFilter": {"eventFilterType": name}}
                self._subscribe(account.name, name, content)

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handlers by operation id."""
        return {
            f"{API}.getDestinations": self.get_destinations,
            f"{API}.getDestination": self.get_destination,
            f"{API}.createDestination": self.create_destination,
            f"{API}.deleteDestination": self.delete_destination,
            f"{API}.getSubscriptions": self.get_subscriptions,
            f"{API}.getSubscription": self.get_subscription,
            f"{API}.getSubscriptionById": self.get_subscription_by_id,
            f"{API}.createSubscription": self.create_subscription,
            f"{API}.deleteSubscriptionById": self.delete_subscription_by_id,
            f"{API}.sendTestNotification": self.send_test_notification,
        }

    def truth(self, operation: str, account: str) -> list[dict[str, Any]]:
        """Return all destinations, or the subscriptions of an account.

        Args:
            operation: `notifications.getDestinations` or `notifications.getSubscriptions`.
            account: Name of the account.
        """
        if operation == f"{API}.getDestinations":
            return list(self._destinations.values())
        return [
            subscription.render()
            for subscription in self._subscriptions.values()
            if subscription.account == account
        ]

    def types(self, account: str) -> set[str]:
        """Return the types that an account is subscribed to."""
        return {found.type for found in self._subscriptions.values() if found.account == account}

    def subscriptions(self, account: str, name: str) -> list[Subscription]:
        """Return the subscriptions of an account to a type."""
        return [
            subscription
            for subscription in self._subscriptions.values()
            if (subscription.account, subscription.type) == (account, name)
        ]

    def resource(self, subscription: Subscription) -> Mapping[str, Any]:
        """Return where a subscription leads: `sqs` or `eventBridge`, and its content."""
        resource: Mapping[str, Any] = self._destinations[subscription.content["destinationId"]][
            "resource"
        ]
        return resource

    def get_destinations(self, call: Call) -> Answer:
        """Return all destinations."""
        del call
        return Answer({"payload": list(self._destinations.values())})

    def get_destination(self, call: Call) -> Answer:
        """Return one destination."""
        return Answer({"payload": self._destination(call.parameters["destinationId"])})

    def create_destination(self, call: Call) -> Answer:
        """Create a destination."""
        resource = {
            kind: place for kind, place in call.body["resourceSpecification"].items() if place
        }
        if len(resource) != 1:
            message = "'resourceSpecification' must hold either 'sqs' or 'eventBridge'."
            raise invalid_input(message)
        for found in self._destinations.values():
            if found["name"] == call.body["name"]:
                details = "A destination of that name exists already."
                raise _conflict(details)
            if resource.get("sqs") and found["resource"].get("sqs") == resource["sqs"]:
                details = f"A destination with the ARN {resource['sqs']['arn']} exists already."
                raise _conflict(details)
        destination = self._add_destination(call.body["name"], resource)
        return Answer({"payload": self._destinations[destination]})

    def delete_destination(self, call: Call) -> Answer:
        """Delete a destination that no subscription uses."""
        destination = self._destination(call.parameters["destinationId"])["destinationId"]
        used = (found.content["destinationId"] for found in self._subscriptions.values())
        if destination in used:
            details = "A subscription uses the destination."
            raise _conflict(details)
        del self._destinations[destination]
        return Answer({})

    def get_subscriptions(self, call: Call) -> Answer:
        """Return the subscriptions of an account."""
        size = min(call.parameters.get("pageSize", _DEFAULT_PAGE), self._longest_page)
        page = self._pager.page(call, size, lambda: self._found(call))
        payload: dict[str, Any] = {"subscriptions": [found.render() for found in page.items]}
        if page.next_token:
            payload["nextToken"] = page.next_token
        return Answer({"payload": payload})

    def get_subscription(self, call: Call) -> Answer:
        """Return the subscription of an account to a type of notification."""
        name = call.parameters["notificationType"]
        found = [
            subscription
            for subscription in self._subscriptions.values()
            if subscription.account == call.account.name
            and subscription.type == name
            and call.parameters.get("payloadVersion", subscription.version) == subscription.version
        ]
        if not found:
            message = f"A subscription to {name}"
            raise not_found(message)
        return Answer({"payload": found[-1].render()})

    def get_subscription_by_id(self, call: Call) -> Answer:
        """Return a subscription of any account."""
        return Answer({"payload": self._subscription(call).render()})

    def create_subscription(self, call: Call) -> Answer:
        """Subscribe an account."""
        name, body = call.parameters["notificationType"], call.body
        destination = self._destination(body["destinationId"])
        for found in self._subscriptions.values():
            same = (found.account, found.type, found.version)
            if same == (call.account.name, name, body["payloadVersion"]):
                details = f"A subscription to {name} exists already."
                raise _conflict(details)
        _check_kind(name, destination["resource"])
        _check_directive(name, body.get("processingDirective") or {})
        known = ("payloadVersion", "destinationId", "processingDirective")
        content = {field: body[field] for field in known if field in body}
        subscription = self._subscribe(call.account.name, name, content)
        return Answer({"payload": self._subscriptions[subscription].render()})

    def delete_subscription_by_id(self, call: Call) -> Answer:
        """Delete a subscription."""
        del self._subscriptions[self._subscription(call).id]
        return Answer({})

    def send_test_notification(self, call: Call) -> Answer:
        """Answer that a test notification was sent."""
        destination = (call.body or {}).get("destinationId")
        if destination is not None:
            self._destination(destination)
        return Answer({"payload": {}})

    def _found(self, call: Call) -> list[Subscription]:
        wanted = call.parameters
        return [
            found
            for found in self._subscriptions.values()
            if found.account == call.account.name
            and found.type in wanted["notificationTypes"]
            and wanted.get("payloadVersion", found.version) == found.version
        ]

    def _destination(self, destination: str) -> dict[str, Any]:
        if destination not in self._destinations:
            message = f"Destination {destination}"
            raise not_found(message)
        return self._destinations[destination]

    def _subscription(self, call: Call) -> Subscription:
        name = call.parameters["subscriptionId"]
        found = self._subscriptions.get(name)
        if found is None or found.type != call.parameters["notificationType"]:
            message = f"Subscription {name}"
            raise not_found(message)
        return found

    def _add_destination(self, name: str, resource: Mapping[str, Any]) -> str:
        destination = self._new_id()
        place = {kind: dict(content) for kind, content in resource.items()}
        if "eventBridge" in place:
            account = place["eventBridge"]["accountId"]
            place["eventBridge"]["name"] = f"{_PARTNER}/{account}/{destination}"
        self._destinations[destination] = {
            "destinationId": destination,
            "name": name,
            "resource": place,
        }
        return destination

    def _subscribe(self, account: str, name: str, content: Mapping[str, Any]) -> str:
        subscription = Subscription(self._new_id(), account, name, content)
        self._subscriptions[subscription.id] = subscription
        return subscription.id

    def _new_id(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128)))


def _filter_of(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the event filter of a subscription."""
    return (content.get("processingDirective") or {}).get("eventFilter") or {}


def _check_kind(name: str, resource: Mapping[str, Any]) -> None:
    """Refuse a destination that a type of notification is not sent to."""
    if name in EVENT_BUS_ONLY and "sqs" in resource:
        raise invalid_input(_UNUSABLE)
    if name not in EVENT_BUS_ONLY and "eventBridge" in resource:
        details = f"Notification type {name} does not support AWS_EVENT_BRIDGE"
        raise invalid_input(_UNUSABLE, details=details)


def _check_directive(name: str, directive: Mapping[str, Any]) -> None:
    """Refuse a directive that does not fit a type of notification."""
    wanted = directive.get("eventFilter") or {}
    if wanted and directive.get("filterExpression"):
        details = "eventFilter and filterExpression exclude each other"
        raise invalid_input(_UNUSABLE, details=details)
    if not wanted:
        if name == _ORDER_CHANGE:
            details = "Processing Directive eventFilter must not be empty"
            raise invalid_input(_UNUSABLE, details=details)
        return
    others = {key for key, value in wanted.items() if value} - {"eventFilterType"}
    if wanted.get("eventFilterType") != name or not others <= _FILTERS.get(name, frozenset()):
        details = f"The event filter is not one of notification type {name}"
        raise invalid_input(_UNUSABLE, details=details)


def _conflict(details: str) -> ApiError:
    problem = "The request conflicts with the current state."
    return ApiError(409, "StateConflict", problem, details=details)
