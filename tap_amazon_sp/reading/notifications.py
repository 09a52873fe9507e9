"""Reading notifications from a queue of the user's own."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.notifications import ORDER_CHANGE
from tap_amazon_sp.common.timestamps import read_date_time
from tap_amazon_sp.reading.bookmarks import Bookmark
from tap_amazon_sp.reading.changed_orders import ChangedOrder
from tap_amazon_sp.reading.inbox import Arrived, Inbox, WrittenMessages
from tap_amazon_sp.reading.plan import StreamPlan
from tap_amazon_sp.reading.reader import Read, Reader, Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts
    from tap_amazon_sp.reading.stream import AmazonStream

MESSAGE_ID = "messageId"

ENVELOPE = (
    "notificationId",
    "notificationType",
    "notificationVersion",
    "payloadVersion",
    "eventTime",
    "publishTime",
    "subscriptionId",
    "applicationId",
)
"""The properties of a record beside the payload, by Amazon's names with a small first letter."""

TIMES = ("eventTime", "publishTime")


@dataclass(frozen=True)
class Notifications(Read):
    """Notifications of a type from the queue in `notifications_queue_url`.

    Attributes:
        type: The type, such as `ORDER_CHANGE`; `inbox.OTHER` for all without a schema.
    """

    type: str

    def reader(self, stream: AmazonStream) -> NotificationReader:
        """Return the reader of the stream."""
        return NotificationReader(stream, self)


class NotificationReader(Reader):
    """Reads the notifications of one type of one account."""

    how = "notifications from a queue"

    def __init__(self, stream: AmazonStream, read: Notifications) -> None:
        """Receive nothing yet."""
        super().__init__(stream)
        self._read = read
        self.bookmark = Bookmark(stream)
        self._had_messages = False

    def plan(self, counts: Counts | None = None) -> StreamPlan:  # noqa: ARG002 - nothing to count
        """Return no call of Amazon's API."""
        return StreamPlan(self.how, self.stream.operation, 0, "exactly")

    @functools.cached_property
    def _written(self) -> WrittenMessages:
        return WrittenMessages(self.bookmark.written_state(), self.clock.now())

    @property
    def _box(self) -> tuple[str | None, str]:
        # Without the id of the seller, all messages are those of the only account.
        return self.stream.settings.seller_id, self._read.type

    @property
    def _inbox(self) -> Inbox | None:
        return self.connection.inbox

    def missing_settings(self) -> list[str]:
        """Return the settings without which the stream cannot be read."""
        missing = [] if self._inbox is not None else ["notifications_queue_url"]
        if self.connection.name is not None and self.stream.settings.seller_id is None:
            missing.append("seller_id")
        return missing

    def begin(self) -> None:
        """Expect the notifications of the type, before any stream is read."""
        inbox = self._inbox
        if inbox is not None and not self.stream.is_connection_test:
            known = self._written.ids if self.bookmark.is_incremental else []
            inbox.expect(self._box, known)
            self._had_messages = bool(known)
            if self._read.type == ORDER_CHANGE:
                self.connection.changed_orders.expect()

    def pages(self) -> Iterator[Records]:
        """Yield the notifications in the queue."""
        inbox = self._inbox
        if inbox is None or self.stream.is_connection_test:
            return
        for arrived in inbox.arrived(self._box):
            page = [self._record(one) for one in arrived]
            request = self.stream.pipeline.request({}, {})
            yield self.stream.pipeline.complete(page, request)
            self._note_written(arrived)
        self._write_state([])
        if self._read.type == ORDER_CHANGE:
            # Messages of the last run tell of what has changed since the one before it.
            has_messages = inbox.received[self._box] or self._had_messages
            self.connection.changed_orders.is_silent = not has_messages

    def end(self) -> None:
        """Let the stream `orders` go on, however the sync ended."""
        if self._read.type == ORDER_CHANGE:
            self.connection.changed_orders.end()
        super().end()

    def _note_written(self, arrived: Sequence[Arrived]) -> None:
        """Name messages in the state; those of changed orders only after the orders are written."""
        orders = self.connection.changed_orders
        found = map(ChangedOrder.of, arrived) if orders.are_read else ()
        changed = [one for one in found if one is not None]
        of_orders = {one.message_id for one in changed}
        orders.add(changed, on_written=self._write_state)
        self._write_state([one.message_id for one in arrived if one.message_id not in of_orders])

    def _write_state(self, message_ids: Sequence[str]) -> None:
        """Write a STATE that names messages; may be called from any thread."""
        inbox = self._inbox
        if inbox is None or not self.bookmark.is_incremental:
            return
        stream = self.stream
        with stream.run.writer.lock:
            self._written.add(message_ids, self.clock.now())
            self._written.change(stream.get_context_state(stream.partition), inbox.deleted)
            stream.write_state()

    def _record(self, arrived: Arrived) -> dict[str, Any]:
        envelope = arrived.notification.envelope
        record: dict[str, Any] = {name: envelope.get(name.lower()) for name in ENVELOPE}
        for name in TIMES:
            record[name] = read_date_time(record[name]) or record[name]
        record["notificationType"] = arrived.notification.type
        # Not every type has an id; the message has one.
        record["notificationId"] = arrived.notification.id or arrived.message_id
        record[MESSAGE_ID] = arrived.message_id
        record["sellerId"] = arrived.notification.seller_id
        record["payload"] = dict(arrived.notification.payload)
        return record
