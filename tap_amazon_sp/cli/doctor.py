"""`amazon-sp doctor`: check settings, credentials and roles, and which streams can be read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Literal

import click
import requests

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.auth.lwa import LwaTokens
from tap_amazon_sp.amazon.auth.signing import RequestSigner
from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    AccountError,
    SellingPartnerError,
    ThrottledError,
)
from tap_amazon_sp.amazon.obstacles import obstacle_to
from tap_amazon_sp.amazon.request import CREATE_RESTRICTED_DATA_TOKEN
from tap_amazon_sp.amazon.retry import DIAGNOSIS, RetryPolicy
from tap_amazon_sp.amazon.session import new_session
from tap_amazon_sp.amazon.throttle import Throttle, TokenBucket
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import TABLE, output_option, record_writer
from tap_amazon_sp.cli.mistakes import FAILURE, REFUSED, THROTTLED, MistakesError, exit_code_of
from tap_amazon_sp.cli.notices import progress
from tap_amazon_sp.cli.regions import region_that_answers
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.common.internal_errors import internal_error
from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.participations import participating_marketplaces
from tap_amazon_sp.reading.per_parent import PerParentReader
from tap_amazon_sp.reading.stream import AmazonStream, link_children
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.writer import MessageWriter
from tap_amazon_sp.stream_failures import advice_about_refusal
from tap_amazon_sp.tap import TapAmazonSP, default_user_agent

Result = Literal["ok", "refused", "failed", "throttled", "skipped"]

_EXIT_CODES: dict[Result, int] = {"refused": REFUSED, "failed": FAILURE, "throttled": THROTTLED}
"""The first of these results that occurs decides the exit code."""
_RESULTS_BY_EXIT_CODE: dict[int, Result] = {code: result for result, code in _EXIT_CODES.items()}

_GRANTLESS_SCOPE = "sellingpartnerapi::notifications"
_PERSONAL_DATA_PATH = "/orders/v0/orders"
_TIMEOUT = (10.0, 60.0)

Check = Callable[[], str]
"""Returns a detail worth knowing; raises what is wrong."""


@dataclass(frozen=True)
class Finding:
    """The result of a check."""

    check: str
    result: Result
    details: str = ""

    @property
    def record(self) -> dict[str, str]:
        """The result as it is printed."""
        return {"check": self.check, "result": self.result, "details": self.details}


class _SkippedError(Exception):
    """The check is not possible, or not needed."""


class _ImpatientThrottle(Throttle):
    """Usage plans that do not wait after a 429, as doctor reports it."""

    def wait_after_throttling(
        self, bucket: TokenBucket, attempt: int, retry_after: float | None = None
    ) -> None:
        """Give up.

        Raises:
            _ThrottledError: Always.
        """
        del bucket, attempt, retry_after
        raise _ThrottledError


class _ThrottledError(Exception):
    """Amazon answered 429."""


class _SilentWriter(MessageWriter):
    """Writes no messages, as doctor syncs nothing."""

    def write_lines(self, lines: bytes | bytearray) -> None:
        """Write nothing."""

    def write_state(self, state: Mapping[str, Any]) -> None:
        """Write nothing."""


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
    findings = []
    with record_writer(output) as writer, progress("doctor") as shown:
        for number, finding in enumerate(_findings(connection, streams, chosen), 1):
            findings.append(finding)
            writer.write([finding.record])
            shown.update(f"{number} checks, the last: {finding.check}")
    results = {finding.result for finding in findings}
    for result, exit_code in _EXIT_CODES.items():
        if result in results:
            raise click.exceptions.Exit(exit_code)


def _opened(connecting: Connecting) -> tuple[TapAmazonSP, Connection]:
    """Return the tap, which writes nothing, and a connection that does not wait after a 429."""
    tap, connection = connecting.open_tap()
    tap.message_writer = _SilentWriter()
    user_agent = connection.settings.user_agent or default_user_agent(tap.plugin_version)
    impatient = Connection(
        connection.settings,
        clock=tap.clock,
        throttle=_ImpatientThrottle(tap.clock),
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
) -> Iterator[Finding]:
    """Yield the result of each check; skip what needs an access token if there is none."""
    account = connection.account
    name = f"account '{connection.name}', " if connection.name else ""
    yield Finding("settings", "ok", f"{name}region {account.region}")
    connection.client.retry = _patience(connection)
    yield _tried("endpoint", lambda: _reach(connection))
    tokens = LwaTokens(
        account.credentials,
        token_url=account.token_url,
        session=new_session(),
        clock=connection.clock,
        retry=_patience(connection),
        timeout=_TIMEOUT,
    )
    access = _tried("access token", lambda: _token(tokens))
    yield access
    if account.aws is not None:
        signer = RequestSigner(account.aws)
        signing = _tried("signatures", lambda: _sign(signer, account.endpoint))
        yield signing
        access = access if access.result != "ok" else signing
    needs_grantless = any(stream.operation.grantless for stream in chosen)
    yield _tried("grantless token", lambda: _grantless_token(tokens, needed=needs_grantless))
    if access.result != "ok":
        names = [f"stream {stream.name}" for stream in chosen]
        for check in ("marketplaces", "restricted data", *names):
            yield Finding(check, "skipped", f"no {access.check}")
        return
    marketplaces = _tried("marketplaces", lambda: _marketplaces(connection))
    yield marketplaces
    if marketplaces.result != "ok":
        yield _tried("region", lambda: _region(connection))
    yield _tried("restricted data", lambda: _restricted_data(connection))
    trial = _Trial(streams)
    with ThreadPoolExecutor(connection.max_parallel_requests, "doctor") as threads:
        yield from threads.map(trial.of, chosen)


def _tried(check: str, run: Check, stream: AmazonStream | None = None) -> Finding:
    try:
        return Finding(check, "ok", run())
    except _SkippedError as reason:
        return Finding(check, "skipped", str(reason))
    except SyncInterrupted:
        raise
    except Exception as error:  # noqa: BLE001 - the other checks go on
        return Finding(check, _result(error), _details(error, stream))


def _result(error: Exception) -> Result:
    if isinstance(error, AccessDeniedError):
        return "refused"
    if isinstance(error, (ThrottledError, _ThrottledError)):
        return "throttled"
    if isinstance(error, AccountError):
        return _RESULTS_BY_EXIT_CODE[exit_code_of(error.status)]
    return "failed"


def _details(error: Exception, stream: AmazonStream | None = None) -> str:
    if isinstance(error, AccessDeniedError):
        advice = "" if stream is None else advice_about_refusal(stream, error)
        return error.sentence(error.hint or advice or error.advice)
    if isinstance(error, (ThrottledError, _ThrottledError)):
        return "HTTP 429: another program uses up the quota, or the tap did so just now"
    if isinstance(error, SellingPartnerError):
        return error.sentence("")
    if isinstance(error, (AccountError, SettingsError)):
        return str(error)
    if isinstance(error, _SkippedError):
        return str(error)
    return internal_error(error)


def _patience(connection: Connection) -> RetryPolicy:
    return RetryPolicy(connection.clock, DIAGNOSIS)


# --- The checks ------------------------------------------------------------------------------


def _reach(connection: Connection) -> str:
    endpoint = connection.account.endpoint
    try:
        # Any response shows that the endpoint can be reached.
        connection.client.open_address(endpoint).close()
    except requests.RequestException as error:
        obstacle = obstacle_to(
            endpoint, error, setting="endpoint", timeout=connection.client.timeout
        )
        raise SettingsError([obstacle.sentence]) from None
    return endpoint


def _token(tokens: LwaTokens) -> str:
    tokens.token()
    return "Login with Amazon issues one"


def _sign(signer: RequestSigner, endpoint: str) -> str:
    signer.signed_headers("GET", endpoint, {}, None)
    return "there are keys to sign with"


def _grantless_token(tokens: LwaTokens, *, needed: bool) -> str:
    try:
        tokens.token(_GRANTLESS_SCOPE)
    except AccountError as error:
        if needed or error.status is None:
            raise
        message = f"none, but no tried stream needs one: {error}"
        raise _SkippedError(message) from None
    return "Login with Amazon issues one"


def _marketplaces(connection: Connection) -> str:
    wanted = connection.account.marketplace_ids
    try:
        found = participating_marketplaces(connection.client)
    except SettingsError as error:
        if not wanted:
            raise
        message = f"`marketplace_ids` cannot be compared: {error}"
        raise _SkippedError(message) from None
    if others := [marketplace for marketplace in wanted if marketplace not in found]:
        message = (
            f"`marketplace_ids` names {', '.join(others)}, "
            f"but the account participates in {', '.join(found)}"
        )
        raise SettingsError([message])
    return ", ".join(wanted or found)


def _region(connection: Connection) -> str:
    settings, account = connection.settings, connection.account
    if settings.endpoint is not None:
        message = "`endpoint` is set, so no other region is asked"
        raise _SkippedError(message)
    found = region_that_answers(
        account,
        clock=connection.clock,
        user_agent=connection.user_agent,
        sandbox=settings.sandbox,
    )
    if found is None:
        message = "no region answers this authorization: a role is missing, or it was revoked"
        raise _SkippedError(message)
    if found != account.region:
        message = (
            f"`region` is {account.region}, but the authorization is for {found}: set `region` to "
            f"{found}"
        )
        raise SettingsError([message])
    return account.region


def _restricted_data(connection: Connection) -> str:
    account = connection.account
    if not account.restricted_data:
        message = "`restricted_data` is false"
        raise _SkippedError(message)
    elements = account.restricted_data_elements
    resource: dict[str, Any] = {"method": "GET", "path": _PERSONAL_DATA_PATH}
    if elements:
        resource["dataElements"] = list(elements)
    connection.client.send(
        catalogue.operation(CREATE_RESTRICTED_DATA_TOKEN), body={"restrictedResources": [resource]}
    )
    return f"Amazon issues a token for {', '.join(elements or ('all',))}"


class _Trial:
    """Tries streams: reads the first page of each, of a child for the first parent record."""

    def __init__(self, streams: Sequence[AmazonStream]) -> None:
        self._by_name = {stream.name: stream for stream in streams}
        self._locks = {stream.name: threading.Lock() for stream in streams}
        self._records: dict[str, Sequence[dict[str, Any]]] = {}
        self._errors: dict[str, Exception] = {}

    def of(self, stream: AmazonStream) -> Finding:
        def run() -> str:
            records = self._records_once(stream)
            return "" if records else "no records in what was tried"

        return _tried(f"stream {stream.name}", run, stream)

    def _records_once(self, stream: AmazonStream) -> Sequence[dict[str, Any]]:
        """Return a stream's first records, which are read once for all its children."""
        name = stream.name
        with self._locks[name]:
            if name not in self._records and name not in self._errors:
                try:
                    self._records[name] = self._first_records(stream)
                except SyncInterrupted:
                    raise
                except Exception as error:  # noqa: BLE001 - raised below
                    self._errors[name] = error
        if name in self._errors:
            raise self._errors[name]
        return self._records[name]

    def _first_records(self, stream: AmazonStream) -> Sequence[dict[str, Any]]:
        if missing := stream.missing_settings():
            message = f"needs {', '.join(f'`{name}`' for name in missing)} in the settings"
            raise _SkippedError(message)
        if stream.read.parent is None:
            return next(stream.reader.pages(), [])
        parent = self._by_name[stream.read.parent.name]
        for record in self._parent_records(parent):
            if not isinstance(stream.reader, PerParentReader):
                return list(stream.child_reader.records_of(record))
            for parameters in stream.reader.requests_for(record):
                page = next(stream.reader.pages_of(parameters, record), None)
                return page.records if page else []
        message = f"its parent '{parent.name}' has no record to try it with"
        raise _SkippedError(message)

    def _parent_records(self, parent: AmazonStream) -> Sequence[dict[str, Any]]:
        try:
            return self._records_once(parent)
        except SyncInterrupted:
            raise
        except Exception as error:  # noqa: BLE001 - the reason why the child is skipped
            message = f"its parent '{parent.name}' cannot be read: {_details(error, parent)}"
            raise _SkippedError(message) from None
