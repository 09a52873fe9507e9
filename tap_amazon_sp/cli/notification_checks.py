"""Checks of the queue in the settings by `amazon-sp doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tap_amazon_sp.amazon.notification_types import (
    EVENT_BUS_ONLY,
    documented_version,
    processing_directive,
)
from tap_amazon_sp.amazon.notifications import ORDER_CHANGE
from tap_amazon_sp.amazon.queue_address import QueueAddress
from tap_amazon_sp.amazon.queue_attributes import check_reading
from tap_amazon_sp.amazon.queues import sqs_client
from tap_amazon_sp.cli.findings import Finding, tried
from tap_amazon_sp.cli.queue_checks import examine_queue, not_checked
from tap_amazon_sp.cli.subscribing import Change, Subscribing, Wanted
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.inbox import OTHER
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.queues import queue_of
from tap_amazon_sp.streams.from_settings.notifications import NotificationStream

_PERMISSIONS = "queue permissions"


def notification_findings(
    connection: Connection, streams: Sequence[AmazonStream], *, are_named: bool
) -> Iterator[Finding]:
    """Yield what is found about the queue in the settings; nothing if there is none.

    Args:
        connection: The account.
        streams: The streams to read.
        are_named: Whether the user named them: else only the subscription to changed orders is
            looked for, as each type takes a call and nobody needs all of them.
    """
    address = queue_of(connection.settings)
    if address is None:
        return
    report = examine_queue(address, connection.account.aws)
    error = report.error
    if error is not None and error.is_denied:
        # To read notifications takes other permissions.
        yield not_checked(error)
    else:
        yield from report.findings
        if error is not None:
            return
    arn = address.arn if report.attributes is None else report.attributes.arn
    yield tried(_PERMISSIONS, lambda: _check_reading(connection, address))
    wanted = [
        Wanted(name, documented_version(name), processing_directive(name))
        for name in _types_of(streams)
        if are_named or name == ORDER_CHANGE
    ]
    if not wanted:
        return
    for step in Subscribing(connection, arn).steps(address.name, wanted):
        yield step if isinstance(step, Finding) else _missing(step)


def _check_reading(connection: Connection, address: QueueAddress) -> str:
    check_reading(sqs_client(address, connection.account.aws), address)
    return "the AWS keys may receive and delete messages"


def _types_of(streams: Sequence[AmazonStream]) -> Iterator[str]:
    """Yield the types of notifications that streams read and that Amazon sends to queues.

    What it sends to an event bus arrives in the queue by a rule there, which is not checked.
    """
    for stream in streams:
        if isinstance(stream, NotificationStream):
            name = stream.read.type
            if name != OTHER and name not in EVENT_BUS_ONLY:
                yield name


def _missing(change: Change) -> Finding:
    details = "there is none to this queue: `amazon-sp notifications setup` creates it"
    return Finding(change.check, "failed", details)
