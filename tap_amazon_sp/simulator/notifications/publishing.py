"""From what happened to the messages in a queue, with all that can happen on the way.

Sources: Amazon's page "Notifications API v1 Use Case Guide" (a message through EventBridge lies in
`detail`), AWS's documentation of SQS (standard queues deliver at least once and in no order), and
reports of developers: delays of hours and losses (selling-partner-api-models#4509), nothing to FIFO
queues (selling-partner-api-docs#845), no notifications of new orders for some
(selling-partner-api-docs#3278).
"""

from __future__ import annotations

import heapq
import itertools
import json
import uuid
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tap_amazon_sp.simulator.notifications.events import Event
from tap_amazon_sp.simulator.notifications.operations import Notifications, Subscription
from tap_amazon_sp.simulator.notifications.queue_address import QueueAddress
from tap_amazon_sp.simulator.notifications.schemas import begins_low
from tap_amazon_sp.simulator.world.durations import Duration, drawn
from tap_amazon_sp.simulator.world.randomness import number_from, seeded_random
from tap_amazon_sp.simulator.world.timestamps import MINUTE, iso

APPLICATION_ID = "amzn1.sp.solution.simulator"

_KEPT = 100_000
_DISORDER = 2 * MINUTE
_ENVELOPE = {
    "NotificationVersion": "notificationVersion",
    "NotificationType": "notificationType",
    "PayloadVersion": "payloadVersion",
    "EventTime": "eventTime",
    "Payload": "payload",
    "NotificationMetadata": "notificationMetadata",
    "ApplicationId": "applicationId",
    "SubscriptionId": "subscriptionId",
    "PublishTime": "publishTime",
    "NotificationId": "notificationId",
}


@dataclass(frozen=True)
class Delivery:
    """How messages come to the queue; times are seconds at the speed of the simulator.

    Attributes:
        delay: How long a notification takes.
        duplicates: Probability that it comes twice: as the same notification, or as another one of
            the same event.
        disorder: Probability that it takes up to two minutes longer, so that others overtake it.
        lost: Probability that it never comes.
        speed: Divides the two minutes.
    """

    delay: Duration = 0.0
    duplicates: float = 0.0
    disorder: float = 0.0
    lost: float = 0.0
    speed: float = 1.0


@dataclass
class Published:
    """A notification.

    Attributes:
        account: Name of the account that it is for.
        type: Type of the notification.
        about: Id of the order, report and so on.
        moment: When that happened, epoch seconds.
        subscription: Id of the subscription that asks for it.
        notification_id: Amazon's id.
        queue: URL of the queue.
        body: The message, JSON.
        copies: How many messages with it are sent; 0 means that it is lost.
        sent: How many of them have been sent.
    """

    account: str
    type: str
    about: str
    moment: float
    subscription: str
    notification_id: str
    queue: str
    body: str
    copies: int
    sent: int = 0

    def render(self) -> dict[str, Any]:
        """Return it as `Simulator.truth` does."""
        return {
            "notificationId": self.notification_id,
            "notificationType": self.type,
            "subscriptionId": self.subscription,
            "about": self.about,
            "eventTime": iso(self.moment),
            "queue": self.queue,
            "copies": self.copies,
            "sent": self.sent,
            "body": json.loads(self.body),
        }


@dataclass(order=True)
class _Waiting:
    due: float
    number: int
    published: Published = field(compare=False)


class Publisher:
    """Turns events into the messages that subscriptions ask for."""

    def __init__(
        self, notifications: Notifications, server: QueueAddress, delivery: Delivery, *, seed: int
    ) -> None:
        """Publish nothing yet.

        Args:
            notifications: The subscriptions, and their destinations.
            server: A queue of the server that has the queues of all destinations; events through
                EventBridge come to this queue.
            delivery: How messages come to the queue.
            seed: Determines the ids, and which messages are delayed, doubled or lost.
        """
        self._notifications = notifications
        self._server = server
        self._delivery = delivery
        self._seed = seed
        self._waiting: list[_Waiting] = []
        self._numbers = itertools.count()
        self._published: deque[Published] = deque(maxlen=_KEPT)

    def truth(self, account: str) -> list[dict[str, Any]]:
        """Return the last 100,000 notifications of an account; see `Simulator.truth`."""
        return [published.render() for published in self._published if published.account == account]

    def publish(self, event: Event) -> None:
        """Send a message to each destination whose subscription asks for an event."""
        for subscription in self._notifications.subscriptions(event.account, event.type):
            if subscription.wants(event.filters):
                self._publish_to(subscription, event)

    def due(self, now: float, *, everything: bool = False) -> list[Published]:
        """Return the messages to send by a moment (epoch seconds), in their order.

        Args:
            now: Epoch seconds.
            everything: Whether to return those that are delayed, too.
        """
        due = []
        while self._waiting and (everything or self._waiting[0].due <= now):
            due.append(heapq.heappop(self._waiting).published)
        return due

    def _publish_to(self, subscription: Subscription, event: Event) -> None:
        destination = self._notifications.resource(subscription)
        queue = self._queue(destination)
        if queue is None or queue.endswith(".fifo"):
            return
        for instance, copies, due in self._fate(event):
            message = _message(self._seed, subscription, event, instance, due)
            if "eventBridge" in destination:
                message = _bridged(destination["eventBridge"], event, message)
            published = Published(
                account=event.account,
                type=event.type,
                about=event.about,
                moment=event.moment,
                subscription=subscription.id,
                notification_id=_id(self._seed, subscription, event, instance),
                queue=queue,
                body=json.dumps(message, ensure_ascii=False, separators=(",", ":")),
                copies=copies,
            )
            self._published.append(published)
            for _ in range(copies):
                heapq.heappush(self._waiting, _Waiting(due, next(self._numbers), published))

    def _queue(self, destination: Mapping[str, Any]) -> str | None:
        if "sqs" in destination:
            return self._server.url_of_arn(destination["sqs"]["arn"])
        # A rule of the event bus sends them on to the queue.
        return self._server.url

    def _fate(self, event: Event) -> Iterator[tuple[int, int, float]]:
        """Yield instance, number of copies and time (epoch seconds) of each notification."""
        rng = seeded_random(self._seed, "fate", event.account, event.type, event.key)
        # All are drawn each time, so that one setting changes nothing about another.
        lost, doubled, as_another, late, *shares = (rng.random() for _ in range(8))
        delivery = self._delivery
        due = event.moment + drawn(delivery.delay, shares[0])
        if late < delivery.disorder:
            due += shares[1] * _DISORDER / delivery.speed
        if lost < delivery.lost:
            yield 0, 0, due
            return
        if doubled >= delivery.duplicates:
            yield 0, 1, due
        elif as_another < 0.5:  # noqa: PLR2004 - half of them
            yield 0, 1, due
            yield 1, 1, due + drawn(delivery.delay, shares[2])
        else:
            yield 0, 2, due


def _id(seed: int, subscription: Subscription, event: Event, instance: int) -> str:
    names = (seed, "notification", subscription.id, event.type, event.key, instance)
    return str(uuid.UUID(int=number_from(*names)))


def _message(
    seed: int, subscription: Subscription, event: Event, instance: int, published: float
) -> dict[str, Any]:
    """Return the message as Amazon's schema of its type has it, with keys in its case."""
    metadata = {
        "ApplicationId": APPLICATION_ID,
        "SubscriptionId": subscription.id,
        "PublishTime": iso(published),
        "NotificationId": _id(seed, subscription, event, instance),
    }
    content = {
        "NotificationVersion": "1.0",
        "NotificationType": event.type,
        "PayloadVersion": subscription.version,
        "EventTime": iso(event.moment),
        "Payload": event.payload,
        "NotificationMetadata": metadata,
    }
    if not begins_low(event.type):
        return content
    low = {_ENVELOPE[name]: value for name, value in content.items()}
    low["notificationMetadata"] = {_ENVELOPE[name]: value for name, value in metadata.items()}
    return low


def _bridged(bus: Mapping[str, Any], event: Event, message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as EventBridge sends it on."""
    metadata = message.get("NotificationMetadata") or message["notificationMetadata"]
    return {
        "version": "0",
        "id": str(uuid.UUID(int=number_from("event", *metadata.values()))),
        "detail-type": event.type,
        "source": bus["name"],
        "account": bus["accountId"],
        "time": iso(event.moment),
        "region": bus["region"],
        "resources": [],
        "detail": message,
    }
