"""`amazon-sp notifications setup`: let Amazon's notifications arrive in a queue.

Facts: Amazon's model `notifications`, and issues of its repositories: a queue can be a destination
of an application once (amzn/selling-partner-api-docs#1850), an account has one subscription to each
type and version (amzn/selling-partner-api-docs#3448), FIFO queues get nothing (#845 there), and the
first notifications may take an hour (#380 there).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from tap_amazon_sp.amazon.notification_types import (
    EVENT_BUS_ONLY,
    documented_version,
    processing_directive,
)
from tap_amazon_sp.amazon.queue_address import QueueAddress, queue_address
from tap_amazon_sp.amazon.queue_attributes import write_policy
from tap_amazon_sp.amazon.queues import sqs_client
from tap_amazon_sp.cli.call import show_requests
from tap_amazon_sp.cli.confirmation import confirm, dry_run_option, show_request_option, yes_option
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import TABLE, output_option, record_writer
from tap_amazon_sp.cli.findings import Finding, exit_code_of_findings, tried
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.operation_commands import chosen_marketplaces
from tap_amazon_sp.cli.queue_checks import (
    ENCRYPTION,
    POLICY,
    QUEUE,
    QueueReport,
    examine_queue,
    not_checked,
    policy_for_unknown,
    readable,
)
from tap_amazon_sp.cli.subscribing import Change, Step, Subscribing, Wanted, unknown_type
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.settings import values
from tap_amazon_sp.settings.queues import queue_of
from tap_amazon_sp.streams.notifications import NOTIFICATION_TYPES

_FOR_EVENT_BUS = (
    "Amazon sends {} to an event bus only: create a destination with `--event-bridge`, subscribe "
    "to it, and let a rule of the event bus send on to the queue"
)


@click.command(name="setup", short_help="Let notifications arrive in a queue.")
@click.argument("types", nargs=-1, metavar="TYPE...")
@click.option(
    "--queue",
    metavar="URL",
    help="The queue: its URL or ARN. Default: the setting `notifications_queue_url`.",
)
@click.option(
    "--name", metavar="NAME", help="Name of a new destination. Default: that of the queue."
)
@click.option(
    "--payload-version",
    metavar="VERSION",
    help="Version of the notifications. Default: what Amazon documents for the type.",
)
@click.option(
    "--marketplaces",
    multiple=True,
    metavar="IDS",
    help="Marketplaces for ANY_OFFER_CHANGED, as ids or country codes separated by commas. Default:"
    " all. Repeatable.",
)
@click.option(
    "--set-policy",
    is_flag=True,
    help="Let Amazon send to the queue: add a statement to the queue's policy if it lacks one.",
)
@click.option("--check", is_flag=True, help="Only check what is there; change nothing.")
@output_option(TABLE)
@yes_option
@dry_run_option
@show_request_option
@connection_options
def command(  # noqa: PLR0913 - one per option
    *,
    types: tuple[str, ...],
    queue: str | None,
    name: str | None,
    payload_version: str | None,
    marketplaces: tuple[str, ...],
    set_policy: bool,
    check: bool,
    output: str,
    yes: bool,
    dry_run: bool,
    show_request: bool,
    connecting: Connecting,
) -> None:
    """Let Amazon's notifications of each TYPE, such as ORDER_CHANGE, arrive in a queue.

    The command checks the queue and creates what is missing at Amazon: the destination and a
    subscription for each TYPE. What is there stays. It prints the policy that the queue needs, if
    its own does not let Amazon send, and the statement that its KMS key needs.

    --check without a TYPE looks at the queue and the destination.
    """
    if not types and not check:
        raise MistakesError(["name the types of notifications, such as ORDER_CHANGE"])
    connection = connecting.open()
    address = _address(queue, connection)
    ids = chosen_marketplaces(marketplaces, connection) if marketplaces else []
    wanted = _wanted(types, payload_version, ids)
    if show_request:
        show_requests(connection)
    report = _examined(address, connection)
    arn = address.arn if report.attributes is None else report.attributes.arn
    steps = [
        *_steps_at_queue(report, address, connection, set_policy=set_policy),
        *Subscribing(connection, arn).steps(name or address.name, wanted),
    ]
    obstacle = _obstacle(steps)
    changes = [step for step in steps if isinstance(step, Change)]
    text = "\n\n".join(change.text for change in changes)
    may_change = not (check or dry_run or obstacle)
    if changes and may_change:
        confirm("notifications setup changes something at Amazon", text, yes=yes)
        findings = _carried_out(steps)
    else:
        findings = [_not_done(step, obstacle, dry_run=dry_run) for step in steps]
    with record_writer(output) as writer:
        writer.write([finding.record for finding in findings])
    changed = {change.check for change in changes}
    for paste in report.pastes:
        if paste.check not in changed:
            notice(f"\n{paste.title}\n{paste.content}")
    if dry_run and text:
        notice(f"\nWould be sent:\n{text}")
    if (code := exit_code_of_findings(findings)) is not None:
        raise click.exceptions.Exit(code)
    if may_change:
        if queue is not None:
            notice(f"Set `notifications_queue_url` to {address.url} to read the notifications.")
        notice("Amazon may take an hour to send the first.")


def _address(queue: str | None, connection: Connection) -> QueueAddress:
    """Return the queue that the option names, else that of the settings.

    Raises:
        MistakesError: There is none, or it is wrong.
    """
    settings = connection.settings
    if queue is None:
        address = queue_of(settings)
        if address is None:
            message = "name the queue: `--queue URL`, or the setting `notifications_queue_url`"
            raise MistakesError([message])
        return address
    try:
        return queue_address(values.queue(queue), endpoint_url=settings.notifications_endpoint_url)
    except ValueError as error:
        raise MistakesError([f"--queue: {error}"]) from None


def _wanted(types: Sequence[str], version: str | None, marketplaces: Sequence[str]) -> list[Wanted]:
    """Return the subscriptions that there should be.

    Raises:
        MistakesError: A type is unknown, does not go to queues or cannot be limited to
            marketplaces.
    """
    mistakes = []
    wanted = []
    for name in dict.fromkeys(types):
        if name in EVENT_BUS_ONLY:
            mistakes.append(_FOR_EVENT_BUS.format(name))
        elif name not in NOTIFICATION_TYPES:
            mistakes.append(unknown_type(name))
        else:
            try:
                directive = processing_directive(name, marketplaces)
            except ValueError as error:
                mistakes.append(f"--marketplaces: {error}")
                continue
            wanted.append(Wanted(name, version or documented_version(name), directive))
    if mistakes:
        raise MistakesError(mistakes)
    return wanted


def _examined(address: QueueAddress, connection: Connection) -> QueueReport:
    """Return what is found about the queue. To subscribe, nobody needs AWS keys."""
    report = examine_queue(address, connection.account.aws)
    error = report.error
    if error is None or not (error.lacks_keys or error.is_denied):
        return report
    return QueueReport(
        findings=(not_checked(error),),
        pastes=(policy_for_unknown(address.arn),),
    )


def _steps_at_queue(
    report: QueueReport, address: QueueAddress, connection: Connection, *, set_policy: bool
) -> Iterator[Step]:
    policy = report.policy
    for finding in report.findings:
        if finding.check == POLICY and policy is not None and set_policy:
            yield _policy_change(policy, address, connection)
        else:
            yield finding


def _policy_change(policy: str, address: QueueAddress, connection: Connection) -> Change:
    def run() -> str:
        write_policy(sqs_client(address, connection.account.aws), address, policy)
        return "a statement was added that lets Amazon send"

    text = f"SetQueueAttributes {address.url}\n\nPolicy: {readable(policy)}"
    return Change(POLICY, text, run, is_needed=True, done="changed")


def _obstacle(steps: Sequence[Step]) -> str | None:
    """Return the check that says why Amazon cannot send; None if there is none, or if unknown."""
    failed = {
        one.check
        for one in steps
        if isinstance(one, Finding) and one.result in ("failed", "refused")
    }
    return next((check for check in (QUEUE, POLICY, ENCRYPTION) if check in failed), None)


def _carried_out(steps: Sequence[Step]) -> list[Finding]:
    """Do what is to be done, and return what is found in the end."""
    findings: list[Finding] = []
    failed: str | None = None
    for step in steps:
        if isinstance(step, Finding):
            findings.append(step)
        elif failed is not None:
            findings.append(_not_done(step, failed))
        else:
            findings.append(tried(step.check, step.run))
            if step.is_needed and findings[-1].result != "ok":
                failed = step.check
    return findings


def _not_done(step: Step, obstacle: str | None, *, dry_run: bool = False) -> Finding:
    if isinstance(step, Finding):
        return step
    if obstacle is not None:
        return Finding(step.check, "skipped", f"not {step.done}, see the check `{obstacle}`")
    if dry_run:
        return Finding(step.check, "skipped", f"would be {step.done}")
    return Finding(step.check, "failed", f"without `--check`, it is {step.done}")
