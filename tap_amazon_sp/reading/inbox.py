"""The notifications in a queue, for the streams of all accounts that it has notifications of.

A message is deleted only after a run was given a state that names it: then the target has
committed its record. So each message is received twice, in a run that writes it and in a later one
that deletes it, with the receipt handle of that receive.
"""

from __future__ import annotations

import datetime as dt
import logging
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.message_queue import Message, MessageQueue
from tap_amazon_sp.amazon.notifications import (
    NotANotificationError,
    Notification,
    notification_in,
    payload_schemas,
)
from tap_amazon_sp.amazon.queue_address import QueueAddress
from tap_amazon_sp.common.clock import Clock

logger = logging.getLogger(__name__)

OTHER = ""
"""In place of the types that have no schema."""

MESSAGES = "messages"
"""The key in a stream's state with the ids of messages that are written but not deleted, by day."""

RETENTION = dt.timedelta(days=15)
"""A queue keeps a message for 14 days at most, so nobody needs its id for longer."""

MAX_PER_RUN = 100_000
"""Messages that a run takes. AWS gives no more while 120,000 are received and not deleted."""

BATCH = 5_000
"""Messages that are received before the streams write them."""

VISIBILITY = 300
"""Seconds for which others do not get a message: the next run has to get it again."""

LONG_POLL = 5
"""Seconds of a receive that waits for a message; a stop of the run waits for it."""

MAX_FAILED_DELETES = 3
"""Batches in a row that AWS may fail to delete before the run leaves them to the next."""


@dataclass(frozen=True)
class Arrived:
    """A message with a notification."""

    message: Message
    notification: Notification


Box = tuple[str | None, str]
"""A seller, None for any, and a type of notification or `OTHER`."""


class Inbox:
    """One queue in one run; may be used from many threads."""

    def __init__(self, queue: MessageQueue, clock: Clock, *, wait: float) -> None:
        """Receive nothing yet.

        Args:
            queue: The queue.
            clock: The source of time.
            wait: Seconds to wait for further messages.
        """
        self._queue = queue
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._boxes: dict[Box, deque[Arrived]] = {}
        self._known: set[str] = set()
        self._seen: set[str] = set()
        self._is_empty = False
        self._left: Counter[str] = Counter()
        self._given_back: list[Message] = []
        self.deleted: set[str] = set()
        self.received: Counter[Box] = Counter()

    def expect(self, box: Box, known: Sequence[str]) -> None:
        """Keep the messages of a box, and delete those that are known to be written."""
        with self._lock:
            self._boxes.setdefault(box, deque())
            self._known.update(known)

    def arrived(self, box: Box) -> Iterator[list[Arrived]]:
        """Yield the messages of a box, some at a time, until the queue is empty.

        Raises:
            QueueFailedError: The queue cannot be read.
            SyncInterrupted: The process was asked to stop.
        """
        while True:
            with self._lock:
                found = [*self._boxes[box]]
                self._boxes[box].clear()
                if not found:
                    if self._is_empty:
                        return
                    self._receive_some()
                    continue
            yield found

    # --- Receiving ------------------------------------------------------------------------------

    def _receive_some(self) -> None:
        """Receive a batch, or what there is."""
        taken = 0
        waits_until = self._clock.monotonic() + self._wait
        while taken < BATCH and not self._is_empty:
            self._clock.raise_if_stopped()
            left = max(1.0, waits_until - self._clock.monotonic())
            received = self._queue.receive(wait=min(LONG_POLL, int(left)), visibility=VISIBILITY)
            new = [message for message in received if message.id not in self._seen]
            self._seen.update(message.id for message in new)
            self._delete([message for message in new if message.id in self._known])
            fresh = [message for message in new if message.id not in self._known]
            for message in fresh:
                self._sort(message)
            taken += len(fresh)
            if new:
                waits_until = self._clock.monotonic() + self._wait
            elif self._clock.monotonic() >= waits_until:
                self._end()
            if len(self._seen) >= MAX_PER_RUN and not self._is_empty:
                logger.warning(
                    "The queue %s has more than %d messages: the next run reads the rest. Run the "
                    "tap more often, or nothing of it may be read before the queue drops it",
                    self._queue.address.name,
                    MAX_PER_RUN,
                )
                self._end()

    def _delete(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        failed = {message.id for message in self._queue.delete(messages)}
        self.deleted.update(message.id for message in messages if message.id not in failed)

    def _sort(self, message: Message) -> None:
        try:
            notification = notification_in(message.body)
        except NotANotificationError as error:
            self._left[str(error)] += 1
            return
        kind = notification.type if notification.type in payload_schemas() else OTHER
        box = self._box_of(notification.seller_id, kind)
        if box is not None:
            self.received[box] += 1
            self._boxes[box].append(Arrived(message, notification))
            return
        is_known = notification.seller_id is None or notification.seller_id in self._sellers
        self._left[
            f"no stream for {notification.type} is selected"
            if is_known or None in self._sellers
            else "it is of another seller than the settings name"
        ] += 1
        self._given_back.append(message)

    def _box_of(self, seller_id: str | None, kind: str) -> Box | None:
        """Return the box for a message; None if there is none.

        Not every type names the seller: then the message is that of the only account.
        """
        sellers = self._sellers
        found = [seller_id] if seller_id is not None else list(sellers) if len(sellers) == 1 else []
        boxes = [(one, kind) for one in (*found, None)]
        return next((box for box in boxes if box in self._boxes), None)

    @property
    def _sellers(self) -> frozenset[str | None]:
        return frozenset(seller for seller, _ in self._boxes)

    def _end(self) -> None:
        self._is_empty = True
        self._queue.give_back(self._given_back)
        for reason, number in self._left.items():
            logger.warning(
                "%d messages of the queue %s are left there: %s",
                number,
                self._queue.address.name,
                reason,
            )


class Inboxes:
    """The inboxes of a run: one for each queue, because accounts may share it."""

    def __init__(self, clock: Clock) -> None:
        """Know no queue yet."""
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[str, Inbox] = {}

    def of(self, address: QueueAddress, aws: AwsSettings | None, *, wait: float) -> Inbox:
        """Return the inbox of a queue."""
        with self._lock:
            if address.url not in self._found:
                queue = MessageQueue(address, aws)
                self._found[address.url] = Inbox(queue, self._clock, wait=wait)
            return self._found[address.url]


class WrittenMessages:
    """The messages in the state of a stream: those that are written, but not deleted yet."""

    def __init__(self, state: Mapping[str, Any], now: dt.datetime) -> None:
        """Take the ids from the state; what is too old is gone from the queue."""
        oldest = (now - RETENTION).date().isoformat()
        found = state.get(MESSAGES)
        self._by_day: dict[str, list[str]] = defaultdict(list)
        for day, ids in found.items() if isinstance(found, Mapping) else ():
            if isinstance(ids, list) and str(day) >= oldest:
                self._by_day[str(day)] += [one for one in ids if isinstance(one, str)]

    @property
    def ids(self) -> list[str]:
        """All ids."""
        return [one for ids in self._by_day.values() for one in ids]

    def add(self, ids: Sequence[str], now: dt.datetime) -> None:
        """Note messages that are written."""
        if ids:
            self._by_day[now.date().isoformat()] += ids

    def change(self, state: dict[str, Any], deleted: set[str]) -> None:
        """Write the ids of what is not deleted into the state of the stream."""
        left = {
            day: kept
            for day, ids in self._by_day.items()
            if (kept := [one for one in ids if one not in deleted])
        }
        if left:
            state[MESSAGES] = left
        else:
            state.pop(MESSAGES, None)
