"""`amazon-sp raw`: send any request, even one that the catalogue does not know yet."""

from __future__ import annotations

import base64
import codecs
import json
import random
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import click
import requests
from requests.utils import requote_uri

from tap_amazon_sp.amazon.paths import operation_at
from tap_amazon_sp.amazon.request import Request
from tap_amazon_sp.amazon.retry import THROTTLED, TRANSIENT, RetryPolicy
from tap_amazon_sp.cli.arguments import STDIN, split_pair
from tap_amazon_sp.cli.call import show_requests
from tap_amazon_sp.cli.confirmation import (
    confirm,
    dry_run_option,
    show_request_option,
    yes_option,
)
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import BYTES, JSON, TEXT, write, write_json
from tap_amazon_sp.cli.mistakes import MistakesError, exit_code_of
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.request_text import SECRET_HEADERS, request_text
from tap_amazon_sp.cli.terminal import write_bytes
from tap_amazon_sp.reading.connection import Connection

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
RETRIES = TRANSIENT.max_tries - 1
FIRST_WAIT = TRANSIENT.first_wait


@click.command(name="raw")
@click.argument("method", type=click.Choice(METHODS, case_sensitive=False))
@click.argument("path")
@click.option("--query", multiple=True, metavar="K=V", help="Query parameter. Repeatable.")
@click.option("--header", multiple=True, metavar="K=V", help="Header. Repeatable.")
@click.option("--body", metavar="FILE", help="File to send unchanged; - reads it from stdin.")
@click.option("--form", multiple=True, metavar="K=V", help="Field of a form. Repeatable.")
@click.option(
    "--file", "files", multiple=True, metavar="K=PATH", help="File of a form. Repeatable."
)
@click.option("--no-error-on-404", is_flag=True, help="Exit with 0 if Amazon answers 404.")
@click.option(
    "--output",
    type=click.Choice((JSON, TEXT, BYTES)),
    default=JSON,
    show_default=True,
    help="json prints status, headers and body as one object; text and bytes print the body to"
    " stdout, and status and headers to stderr.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    help="Seconds to wait for the response to begin or continue. Default: `request_timeout`.",
)
@click.option(
    "--retries",
    type=click.IntRange(0, 100),
    help=f"How often to try again. Default: {RETRIES} times after a 5xx or no response, "
    f"{THROTTLED.max_tries - 1} times after a 429. A request that must not be sent twice is never"
    " tried again.",
)
@click.option(
    "--backoff",
    type=click.FloatRange(0),
    default=FIRST_WAIT,
    show_default=True,
    help="Maximum seconds to wait before the first retry; doubles with each retry.",
)
@click.option(
    "--scope", help="Scope of a grantless access token, for operations the catalogue lacks."
)
@yes_option
@dry_run_option
@show_request_option
@connection_options
def command(  # noqa: PLR0913 - one per option
    *,
    method: str,
    path: str,
    query: tuple[str, ...],
    header: tuple[str, ...],
    body: str | None,
    form: tuple[str, ...],
    files: tuple[str, ...],
    no_error_on_404: bool,
    output: str,
    timeout: float | None,
    retries: int | None,
    backoff: float,
    scope: str | None,
    yes: bool,
    dry_run: bool,
    show_request: bool,
    connecting: Connecting,
) -> None:
    """Send a request and print status code, headers and body of the response.

    PATH begins with a slash, such as /orders/v0/orders/123-1234567-1234567. Access token, rate
    limit and signature are those of the operation at that path; arguments are not checked.

    Before it may change something at Amazon, it shows the request and asks, unless --yes is given.
    """
    headers = _headers(header)
    content, content_type = _content(body, form, files)
    if content_type:
        headers.setdefault("content-type", content_type)
    address = _address(path, query)
    connection = connecting.open(request_timeout=timeout)
    request = _request(connection, method, address, headers, content, scope)
    text = request_text(request, connection.settings)
    if dry_run:
        write(f"{text}\n".encode())
        return
    if not request.operation.reads_only:
        confirm(f"{request.operation.id} may change something at Amazon", text, yes=yes)
    if show_request:
        show_requests(connection)
    response = _send(connection, request, retries, backoff)
    _print(response, output)
    _end(response, request, no_error_on_404=no_error_on_404)


def _headers(words: Sequence[str]) -> dict[str, str]:
    headers = {}
    for word in words:
        name, value = split_pair(word, "--header")
        name = name.strip().lower()
        if name in SECRET_HEADERS:
            message = f"--header {name}: the tap sets it from the settings, leave it out"
            raise MistakesError([message])
        if not (value.isascii() and value.isprintable() and name.isascii() and name.isprintable()):
            message = f"--header {name}: use printable ASCII characters only"
            raise MistakesError([message])
        headers[name] = value.strip()
    return headers


def _content(
    body: str | None, form: Sequence[str], files: Sequence[str]
) -> tuple[bytes | None, str | None]:
    """Return a request's content and its media type."""
    if body is not None and (form or files):
        message = "--body excludes --form and --file: leave one out"
        raise MistakesError([message])
    if body is not None:
        content = _bytes(body, "--body")
        return content, "application/json" if _is_json(content) else "application/octet-stream"
    if not form and not files:
        return None, None
    fields = [split_pair(word, "--form") for word in form]
    parts = [split_pair(word, "--file") for word in files]
    prepared = requests.Request(
        "POST",
        "http://form",
        data=fields,
        files=[(name, (Path(file).name, _bytes(file, "--file"))) for name, file in parts],
    ).prepare()
    whole = prepared.body
    content = whole.encode() if isinstance(whole, str) else bytes(whole or b"")
    return content, prepared.headers["Content-Type"]


def _bytes(file: str, option: str) -> bytes:
    try:
        if file == STDIN:
            return sys.stdin.buffer.read()
        return Path(file).read_bytes()
    except OSError as error:
        raise MistakesError([f"{option} {file}: {error.strerror or 'cannot be read'}"]) from None


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _address(path: str, query: Sequence[str]) -> str:
    """Return path and query, percent-encoded where needed."""
    if not path.startswith("/") or "#" in path:
        message = f"PATH must begin with a slash, such as /orders/v0/orders, not '{path}'"
        raise MistakesError([message])
    pairs = [split_pair(word, "--query") for word in query]
    # Encoded before the catalogue is searched, so that it is signed and throttled as it is sent.
    address = str(requote_uri(path))
    if pairs:
        address += ("&" if "?" in address else "?") + urlencode(pairs, quote_via=quote)
    return address


def _request(  # noqa: PLR0913, PLR0917 - the pieces of a request
    connection: Connection,
    method: str,
    address: str,
    headers: Mapping[str, str],
    content: bytes | None,
    scope: str | None,
) -> Request:
    operation = operation_at(method, urlsplit(address).path)
    if scope is not None:
        operation = replace(operation, grantless=scope)
    return Request(operation, connection.account.endpoint + address, headers, content)


def _send(
    connection: Connection, request: Request, retries: int | None, first_wait: float
) -> requests.Response:
    max_tries = 1 + (RETRIES if retries is None else retries)
    policy = RetryPolicy(
        connection.clock,
        replace(TRANSIENT, max_tries=max_tries, first_wait=first_wait),
        jitter=lambda longest: random.random() * longest,  # noqa: S311 - nothing to guess
    )
    tries = THROTTLED.max_tries if retries is None else 1 + retries
    return connection.client.send_request(request, retry=policy, throttled_tries=tries)


def _print(response: requests.Response, output: str) -> None:
    if output == JSON:
        whole = {
            "status": response.status_code,
            "headers": dict(response.headers),
            "body": _body(response),
        }
        write_json(whole)
        return
    notice(f"HTTP {response.status_code} {response.reason or ''}".rstrip())
    for name, value in response.headers.items():
        notice(f"{name}: {value}")
    if output == BYTES:
        write_bytes(response.content)
    else:
        write(response.content.decode(_charset(response), errors="replace").encode())


def _body(response: requests.Response) -> Any:
    """Return the body as JSON, else as text, else as Base64; None if it is empty."""
    if not response.content:
        return None
    try:
        return json.loads(response.content, parse_float=Decimal)
    except ValueError:
        pass
    try:
        return response.content.decode(_charset(response))
    except UnicodeDecodeError:
        return base64.b64encode(response.content).decode()


def _charset(response: requests.Response) -> str:
    try:
        return codecs.lookup(response.encoding or "utf-8").name
    except LookupError:
        return "utf-8"


def _end(response: requests.Response, request: Request, *, no_error_on_404: bool) -> None:
    status = response.status_code
    if status < requests.codes.bad_request:
        return
    if status == requests.codes.not_found and no_error_on_404:
        return
    notice(f"Error: {request.operation.id}: HTTP {status}")
    raise click.exceptions.Exit(exit_code_of(status))
