"""`amazon-sp notifications`: destinations of notifications, and subscriptions.

Facts: Amazon's model `notifications` (destinations and subscriptions by id belong to the
application, so their operations take a grantless token; a call lists the subscriptions of one
type).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import click

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.errors import InvalidRequestError, NotFoundError
from tap_amazon_sp.amazon.notification_types import documented_version, processing_directive
from tap_amazon_sp.cli.arguments import read_json
from tap_amazon_sp.cli.call import Manner, carry_out, print_records, record_pages, show_requests
from tap_amazon_sp.cli.connection import Connecting
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.notification_setup import command as setup
from tap_amazon_sp.cli.operation_commands import changing_options, checked, reading_options
from tap_amazon_sp.cli.subscribing import unknown_type
from tap_amazon_sp.streams.notifications import NOTIFICATION_TYPES

_API = "notifications"
_payload_version = click.option(
    "--payload-version", metavar="VERSION", help="Version of the notifications, such as 1.0."
)


@click.group(name="notifications")
def command() -> None:
    """Let notifications arrive in a queue; manage destinations and subscriptions."""


command.add_command(setup)


@command.group()
def destinations() -> None:
    """Manage where notifications go: queues and event buses."""


@command.group()
def subscriptions() -> None:
    """Manage the account's subscriptions."""


@destinations.command(name="list")
@reading_options
def list_destinations(*, connecting: Connecting, manner: Manner) -> None:
    """Print all destinations of the application."""
    _call(connecting, "getDestinations", {}, replace(manner, all_pages=True))


@destinations.command(name="get")
@click.argument("destination_id")
@reading_options
def get_destination(*, destination_id: str, connecting: Connecting, manner: Manner) -> None:
    """Print a destination."""
    _call(connecting, "getDestination", {"destinationId": destination_id}, manner)


@destinations.command(name="create")
@click.argument("name")
@click.option("--sqs", metavar="ARN", help="ARN of a queue of Amazon SQS.")
@click.option("--event-bridge", metavar="ACCOUNT_ID", help="AWS account of an event bus.")
@click.option("--aws-region", metavar="REGION", help="AWS region of the event bus.")
@changing_options
def create_destination(  # noqa: PLR0913 - one per option
    *,
    name: str,
    sqs: str | None,
    event_bridge: str | None,
    aws_region: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Create the destination NAME: a queue (--sqs) or an event bus (--event-bridge)."""
    resource: dict[str, Any]
    if sqs is not None and event_bridge is None and aws_region is None:
        resource = {"sqs": {"arn": sqs}}
    elif sqs is None and event_bridge is not None and aws_region is not None:
        resource = {"eventBridge": {"accountId": event_bridge, "region": aws_region}}
    else:
        message = "give either `--sqs`, or `--event-bridge` and `--aws-region`"
        raise MistakesError([message])
    body = {"name": name, "resourceSpecification": resource}
    _call(connecting, "createDestination", {}, manner, body)


@destinations.command(name="delete")
@click.argument("destination_id")
@changing_options
def delete_destination(*, destination_id: str, connecting: Connecting, manner: Manner) -> None:
    """Delete a destination. No subscription may use it any more."""
    _call(connecting, "deleteDestination", {"destinationId": destination_id}, manner)


@subscriptions.command(name="list")
@click.argument("types", nargs=-1, metavar="[TYPE]...")
@_payload_version
@reading_options
def list_subscriptions(
    *,
    types: tuple[str, ...],
    payload_version: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Print the account's subscriptions to each TYPE, such as ORDER_CHANGE. Default: all types."""
    connection = connecting.open()
    if manner.show_request:
        show_requests(connection)
    pages = _subscriptions(connection.client, types, payload_version)
    print_records("getSubscriptions", pages, manner.output)


@subscriptions.command(name="get")
@click.argument("notification_type", metavar="TYPE")
@click.argument("subscription_id", required=False)
@_payload_version
@reading_options
def get_subscription(
    *,
    notification_type: str,
    subscription_id: str | None,
    payload_version: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Print the account's subscription to TYPE, or that with SUBSCRIPTION_ID of any account."""
    if subscription_id is None:
        parameters = {"notificationType": notification_type, "payloadVersion": payload_version}
        _call(connecting, "getSubscription", parameters, manner)
        return
    if payload_version is not None:
        message = "give either a SUBSCRIPTION_ID or `--payload-version`"
        raise MistakesError([message])
    parameters = {"notificationType": notification_type, "subscriptionId": subscription_id}
    _call(connecting, "getSubscriptionById", parameters, manner)


@subscriptions.command(name="create")
@click.argument("notification_type", metavar="TYPE")
@click.argument("destination_id")
@click.option(
    "--payload-version",
    metavar="VERSION",
    help="Version of the notifications. Default: what Amazon documents for the type.",
)
@click.option(
    "--directive",
    metavar="FILE",
    help="JSON file with the `processingDirective`; - is stdin. Default: what Amazon wants for the"
    " type, without limits.",
)
@changing_options
def create_subscription(  # noqa: PLR0913 - one per option
    *,
    notification_type: str,
    destination_id: str,
    payload_version: str | None,
    directive: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Subscribe the account to TYPE: notifications go to DESTINATION_ID."""
    version = payload_version or documented_version(notification_type)
    body: dict[str, Any] = {"payloadVersion": version, "destinationId": destination_id}
    if directive is not None:
        body["processingDirective"] = read_json(directive, "--directive")
    elif (wanted := processing_directive(notification_type)) is not None:
        body["processingDirective"] = wanted
    parameters = {"notificationType": notification_type}
    _call(connecting, "createSubscription", parameters, manner, body)


@subscriptions.command(name="delete")
@click.argument("notification_type", metavar="TYPE")
@click.argument("subscription_id")
@changing_options
def delete_subscription(
    *, notification_type: str, subscription_id: str, connecting: Connecting, manner: Manner
) -> None:
    """End a subscription to TYPE."""
    parameters = {"notificationType": notification_type, "subscriptionId": subscription_id}
    _call(connecting, "deleteSubscriptionById", parameters, manner)


def _call(
    connecting: Connecting, name: str, parameters: dict[str, Any], manner: Manner, body: Any = None
) -> None:
    operation = catalogue.operation(f"{_API}.{name}")
    try:
        carry_out(connecting.open(), operation, checked(operation, parameters, body), manner)
    except (InvalidRequestError, NotFoundError):
        _say_if_unknown(parameters.get("notificationType"))
        raise


def _say_if_unknown(notification_type: str | None) -> None:
    """Print that a type may be misspelled. Amazon may have more types than the tap knows."""
    if notification_type is not None and notification_type not in NOTIFICATION_TYPES:
        notice(unknown_type(notification_type))


def _subscriptions(
    client: SellingPartnerClient, types: Sequence[str], payload_version: str | None
) -> Iterator[list[Any]]:
    """Yield the subscriptions to each type, by default to all types that Amazon documents.

    By default, types that Amazon refuses for this account are left out with a notice.
    """
    operation = catalogue.operation(f"{_API}.getSubscriptions")
    for notification_type in types or NOTIFICATION_TYPES:
        _say_if_unknown(notification_type)
        parameters = {"notificationTypes": [notification_type], "payloadVersion": payload_version}
        try:
            for records in record_pages(client, operation, checked(operation, parameters)):
                # Amazon's records lack the type, which is needed to delete a subscription.
                yield [{"notificationType": notification_type, **record} for record in records]
        except NotFoundError:
            # Amazon's answer if there is no subscription.
            continue
        except InvalidRequestError as error:
            if types:
                raise
            notice(f"{notification_type}: left out, as Amazon refused it: {error}")
