"""The notifications in a queue, for the streams of all accounts that it has notifications of.

A message is deleted only after a run was given a state that names it: then the target has
committed its record. So each message is received twice, in a run that writes it and in a later one
that deletes it, with the receipt handle of that receive.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import logging
import math
import re
import threading
from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.message_queue import Message, MessageQueue, QueueFailedError
from tap_amazon_sp.amazon.notifications import (
    NotANotificationError,
    Notification,
    notification_in,
    payload_schemas,
)
from tap_amazon_sp.amazon.queue_address import QueueAddress
from tap_amazon_sp.common.clock import Clock

logger = logging.getLogger(__name__)

_is_type = re.compile("[A-Z0-9_]{1,100}").fullmatch

OTHER = ""
"""In place of the types that have no schema."""

MESSAGES = "messages"
"""The key in a stream's state with the ids of messages that are written but not deleted, by day."""

RETENTION = dt.timedelta(days=15)
"""A queue keeps a message for 14 days at most, so nobody needs its id for longer."""

MAX_PER_RUN = 100_000
"""Messages that a run takes. AWS gives no more while 120,000 are received and not deleted."""

BATCH = 2_000
"""Messages that are received before streams write them."""

ROUND = 10.0
"""Seconds after which streams write what has come, if it is less."""

MAX_WAITING = 20_000
"""Notifications in memory, when streams that are read later have not written theirs."""

MAX_GIVEN_BACK = 10_000
"""Messages of others that are made visible at the end. The rest becomes so after a while."""

VISIBILITY = 300
"""Seconds for which others do not get a message: the next run has to get it again."""

LONG_POLL = 5
"""Seconds of a receive that waits for a message; a stop of the run waits for it."""

SHORTEST_POLL = 1
"""Seconds of a receive at least: one that does not wait asks only some of the servers of a queue,
and may be empty although there are messages."""


@dataclass(frozen=True)
class Arrived:
    """A notification, and the id of the message that it came in."""

    message_id: str
    notification: Notification


@dataclass
class Left:
    """Messages that stay in the queue for one reason: how many, and the id of the first."""

    first_id: str
    count: int = 0


Box = tuple[str | None, str]
"""A seller, None for any, and a type of notification or `OTHER`."""


class Inbox:
    """One queue in one run; may be used from many threads."""

    def __init__(self, queue: MessageQueue, clock: Clock, *, wait: float) -> None:
        """Receive nothing yet.

        Args:
            queue: The queue.
            clock: The source of time.
            wait: Seconds to listen at least.
        """
        self._queue = queue
        self._clock = clock
        self._wait = wait
        self._turn = threading.Condition()
        self._is_receiving = False
        self._boxes: dict[Box, deque[Arrived]] = {}
        self._known: set[str] = set()
        self._seen: set[str] = set()
        self._listens_until: float | None = None
        self._latest: dt.datetime | None = None
        self._is_empty = False
        self._is_full_told = False
        self._failure: QueueFailedError | None = None
        self._left: dict[str, Left] = {}
        self._given_back: deque[Message] = deque(maxlen=MAX_GIVEN_BACK)
        self._not_deleted = 0
        self.deleted: set[str] = set()
        self.received: Counter[Box] = Counter()

    def expect(self, box: Box, known: Sequence[str]) -> None:
        """Keep the messages of a box, and delete those that are known to be written."""
        with self._turn:
            self._boxes.setdefault(box, deque())
            self._known.update(known)

    def arrived(self, box: Box) -> Iterator[list[Arrived]]:
        """Yield the messages of a box, some at a time, until the queue is empty.

        Raises:
            QueueFailedError: The queue cannot be read.
            SyncInterrupted: The process was asked to stop.
        """
        while True:
            with self._turn:
                # One thread receives for all.
                self._turn.wait_for(lambda: self._boxes[box] or not self._is_receiving)
                found = [*self._boxes[box]]
                self._boxes[box].clear()
                failure = self._failure
                has_ended = self._is_empty or self._is_full(0)
                receives = not found and failure is None and not has_ended
                if receives:
                    self._is_receiving = True
            if receives:
                self._receive_round()
            elif found:
                yield found
            elif failure is not None:
                # What was received before is written.
                raise failure.recast(QueueFailedError)
            else:
                return

    # --- Receiving ------------------------------------------------------------------------------

    def _receive_round(self) -> None:
        """Receive some messages; all streams get theirs at the end."""
        arrived: list[tuple[Box, Arrived]] = []
        failure: QueueFailedError | None = None
        is_empty = False
        try:
            is_empty = self._receive_into(arrived)
        except QueueFailedError as error:
            # The other streams need not wait for the same: behind a firewall, each would take half
            # a minute.
            failure = error
        finally:
            with self._turn:
                for box, one in arrived:
                    self.received[box] += 1
                    self._boxes[box].append(one)
                self._is_empty, self._failure = is_empty, failure
                self._is_receiving = False
                self._turn.notify_all()

    def _receive_into(self, arrived: list[tuple[Box, Arrived]]) -> bool:
        """Receive a batch, or what there is; return whether nothing more is to be received."""
        began = self._clock.monotonic()
        if self._listens_until is None:
            self._listens_until = began + self._wait
        # A message should come once in a run: a dead-letter queue counts how often it does.
        visibility = VISIBILITY + math.ceil(self._wait)
        while len(arrived) < BATCH and not self._is_full(len(arrived)):
            self._clock.raise_if_stopped()
            left = int(self._listens_until - self._clock.monotonic())
            wait = min(LONG_POLL, max(SHORTEST_POLL, left))
            received = self._queue.receive(wait=wait, visibility=visibility)
            new = [message for message in received if message.id not in self._seen]
            self._seen.update(message.id for message in new)
            fresh = [message for message in new if message.id not in self._known]
            arrived += filter(None, map(self._sorted, fresh))
            # Last, as it may be refused.
            self._delete([message for message in new if message.id in self._known])
            now = self._clock.monotonic()
            if self._is_late(received) and now >= self._listens_until:
                self._end()
                return True
            if len(self._seen) >= MAX_PER_RUN:
                self._tell_rest(f"has more than {MAX_PER_RUN} messages")
                self._end()
                return True
            if arrived and (not received or now >= began + ROUND):
                return False
        if self._is_full(len(arrived)) and not self._is_full_told:
            self._is_full_told = True
            self._tell_rest(f"has more than {MAX_WAITING} messages that wait for other streams")
        return False

    def _is_late(self, received: Sequence[Message]) -> bool:
        """Return whether a receive gave only messages that were sent after the time to listen.

        In a queue that always gets more, a run would never end. Times are those of the queue.
        """
        if self._latest is None and self._queue.answered_at is not None:
            seconds = dt.timedelta(seconds=self._wait + 1)
            self._latest = self._queue.answered_at + seconds
        latest = self._latest
        return all(
            latest is not None and message.sent_at is not None and message.sent_at > latest
            for message in received
        )

    def _is_full(self, arrived: int) -> bool:
        return arrived + sum(map(len, self._boxes.values())) >= MAX_WAITING

    def _tell_rest(self, what: str) -> None:
        logger.warning(
            "The queue %s %s: the next run reads the rest. Run the tap more often, or the queue "
            "may drop messages before they are read",
            self._queue.address.name,
            what,
        )

    def _delete(self, messages: Sequence[Message]) -> None:
        if not messages:
            return
        failed = {message.id for message in self._queue.delete(messages)}
        self._not_deleted += len(failed)
        self.deleted.update(message.id for message in messages if message.id not in failed)

    def _sorted(self, message: Message) -> tuple[Box, Arrived] | None:
        """Return a notification and its box; None if no stream reads it."""
        try:
            notification = notification_in(message.body)
        except NotANotificationError as error:
            self._leave(message, str(error))
            return None
        kind = notification.type if notification.type in payload_schemas() else OTHER
        box = self._box_of(notification.seller_id, kind)
        if box is not None:
            return box, Arrived(message.id, notification)
        self._leave(message, self._reason(notification))
        self._given_back.append(dataclasses.replace(message, body=""))
        return None

    def _leave(self, message: Message, reason: str) -> None:
        self._left.setdefault(reason, Left(message.id)).count += 1

    def _reason(self, notification: Notification) -> str:
        """Return why no stream reads a notification."""
        sellers, seller_id = self._sellers, notification.seller_id
        if None in sellers or seller_id in sellers or (seller_id is None and len(sellers) == 1):
            # A queue may hold anything, and the log only what is a name.
            kind = notification.type if _is_type(notification.type) else "its type"
            return f"no stream for {kind} is selected"
        if seller_id is not None:
            return "it is of another seller than the settings name"
        return f"{notification.type} does not name the seller, and several accounts have this queue"

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
        name = self._queue.address.name
        for reason, left in self._left.items():
            logger.warning(
                "%d messages of the queue %s are left there, the first of them with the id %s: %s",
                left.count,
                name,
                left.first_id,
                reason,
            )
        if self._not_deleted:
            logger.warning(
                "AWS did not delete %d messages of the queue %s that are written: a later run "
                "tries it again",
                self._not_deleted,
                name,
            )
        # They become visible by themselves, only later, if this is not allowed.
        with suppress(QueueFailedError):
            self._queue.give_back(self._given_back)


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
