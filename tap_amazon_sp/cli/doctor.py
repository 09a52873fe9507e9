"""`amazon-sp doctor`: check settings, credentials and roles, and which streams can be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import click

from tap_amazon_sp.amazon.auth.lwa import LwaTokens
from tap_amazon_sp.amazon.auth.signing import RequestSigner
from tap_amazon_sp.amazon.retry import DIAGNOSIS, RetryPolicy
from tap_amazon_sp.amazon.session import new_session
from tap_amazon_sp.amazon.user_agent import default_user_agent
from tap_amazon_sp.cli.account_checks import (
    compare_marketplaces,
    find_region,
    find_signing_keys,
    issue_grantless_token,
    issue_restricted_data_token,
    issue_token,
    reach,
)
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import TABLE, output_option, record_writer
from tap_amazon_sp.cli.findings import Finding, exit_code_of_findings, tried
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import progress
from tap_amazon_sp.cli.notification_checks import notification_findings
from tap_amazon_sp.cli.stream_trials import ImpatientThrottle, SilentWriter, StreamTrial
from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.stream import AmazonStream, link_children
from tap_amazon_sp.tap import TapAmazonSP

_TIMEOUT = (10.0, 60.0)


@click.command(name="doctor")
@click.option(
    "--streams",
    "names",
    metavar="NAME,...",
    help="Streams to try. Default: those selected without a catalog.",
)
@click.option("--all", "try_all", is_flag=True, help="Try all streams. Takes some minutes.")
@output_option(TABLE)
@connection_options
def command(*, names: str | None, try_all: bool, output: str, connecting: Connecting) -> None:
    """Check settings, credentials, roles and marketplaces, and which streams can be read.

    Each stream takes one request, and one for each of its parents. Nothing is changed at Amazon.
    The exit code is 0 if everything works, 3 if Amazon refused something, 1 if something else
    failed, and 4 if there were only rate limits in the way.
    """
    if names is not None and try_all:
        raise MistakesError(["`--streams` and `--all` exclude each other: leave one out"])
    tap, connection = _opened(connecting)
    streams = _streams_of(tap, connection)
    chosen = _chosen(streams, names, try_all=try_all)
    checks = _findings(connection, streams, chosen, are_named=names is not None)
    findings = []
    with record_writer(output) as writer, progress("doctor") as shown:
        for number, finding in enumerate(checks, 1):
            findings.append(finding)
            writer.write([finding.record])
            shown.update(f"{number} checks, the last: {finding.check}")
    if (exit_code := exit_code_of_findings(findings)) is not None:
        raise click.exceptions.Exit(exit_code)


def _opened(connecting: Connecting) -> tuple[TapAmazonSP, Connection]:
    """Return the tap, which writes nothing, and a connection that does not wait after a 429."""
    tap, connection = connecting.open_tap()
    tap.message_writer = SilentWriter()
    user_agent = connection.settings.user_agent or default_user_agent(tap.plugin_version)
    impatient = Connection(
        connection.settings,
        clock=tap.clock,
        throttle=ImpatientThrottle(tap.clock),
        user_agent=user_agent,
    )
    return tap, impatient


def _streams_of(tap: TapAmazonSP, connection: Connection) -> list[AmazonStream]:
    """Return all streams of the account with their children, ready to read one record each."""
    streams = [stream.for_account(connection) for stream in tap.discover_streams()]
    link_children(streams)
    for stream in streams:
        stream.ABORT_AT_RECORD_COUNT = 1
    return streams


def _chosen(
    streams: Sequence[AmazonStream], names: str | None, *, try_all: bool
) -> list[AmazonStream]:
    """Return the streams to try.

    Raises:
        MistakesError: A name is not that of a stream.
    """
    if names is None:
        return [stream for stream in streams if try_all or stream.selected_by_default]
    by_name = {stream.name: stream for stream in streams}
    wanted = [name.strip() for name in names.split(",") if name.strip()]
    if unknown := [name for name in wanted if name not in by_name]:
        raise MistakesError(
            [f"there is no stream '{name}'{close_to(name, sorted(by_name))}" for name in unknown]
        )
    return [by_name[name] for name in dict.fromkeys(wanted)]


def _findings(
    connection: Connection,
    streams: Sequence[AmazonStream],
    chosen: Sequence[AmazonStream],
    *,
    are_named: bool,
) -> Iterator[Finding]:
    """Yield the result of each check; skip what needs an access token if there is none."""
    account = connection.account
    name = f"account '{connection.name}', " if connection.name else ""
    yield Finding("settings", "ok", f"{name}region {account.region}")
    connection.client.retry = _patience(connection)
    endpoint = tried("endpoint", lambda: reach(connection))
    yield endpoint
    tokens = LwaTokens(
        account.credentials,
        token_url=account.token_url,
        session=new_session(),
        clock=connection.clock,
        retry=_patience(connection),
        timeout=_TIMEOUT,
    )
    access = tried("access token", lambda: issue_token(tokens))
    yield access
    if account.aws is not None:
        signer = RequestSigner(account.aws)
        signing = tried("signatures", lambda: find_signing_keys(signer, account.endpoint))
        yield signing
        access = access if access.result != "ok" else signing
    needs_grantless = any(stream.operation.grantless for stream in chosen)
    yield tried("grantless token", lambda: issue_grantless_token(tokens, needed=needs_grantless))
    names = [f"stream {stream.name}" for stream in chosen]
    if access.result != "ok":
        yield from _skipped(("marketplaces", "restricted data", *names), f"no {access.check}")
        return
    marketplaces = tried("marketplaces", lambda: compare_marketplaces(connection))
    yield marketplaces
    if marketplaces.result != "ok":
        yield tried("region", lambda: find_region(connection))
        # Two failures in a row, the second after some tries: the others would fail alike.
        if endpoint.result != "ok":
            yield from _skipped(("restricted data", *names), "no connection to the endpoint")
            return
    yield tried("restricted data", lambda: issue_restricted_data_token(connection))
    yield from notification_findings(connection, chosen, are_named=are_named)
    trial = StreamTrial(streams, told={stream.name for stream in chosen})
    with ThreadPoolExecutor(connection.max_parallel_requests, "doctor") as threads:
        yield from threads.map(trial.of, chosen)


def _skipped(checks: Iterable[str], reason: str) -> Iterator[Finding]:
    for check in checks:
        yield Finding(check, "skipped", reason)


def _patience(connection: Connection) -> RetryPolicy:
    return RetryPolicy(connection.clock, DIAGNOSIS)
