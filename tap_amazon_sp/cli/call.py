"""`amazon-sp call`: call any operation of the catalogue, after checking its arguments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from tap_amazon_sp.amazon.answer_checks import broken_answer, checked_page
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.amazon.decoding import Answer, records_of
from tap_amazon_sp.cli.arguments import Arguments, read_arguments
from tap_amazon_sp.cli.confirmation import (
    confirm,
    dry_run_option,
    show_request_option,
    yes_option,
)
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import JSON, output_option, record_writer, write, write_json
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice, progress
from tap_amazon_sp.cli.operation_names import operation_argument
from tap_amazon_sp.cli.request_text import request_text
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.reading.connection import Connection

BESIDE_RECORDS = "Beside the records, Amazon reports an error: {}"


@click.command(name="call")
@operation_argument
@click.argument("arguments", nargs=-1, metavar="[NAME=VALUE]...")
@click.option(
    "--body", "body_file", metavar="FILE", help="JSON file with the body; - reads it from stdin."
)
@click.option("--all-pages", is_flag=True, help="Read all pages and print all records.")
@output_option(JSON)
@yes_option
@dry_run_option
@show_request_option
@connection_options
def command(  # noqa: PLR0913 - one per option
    *,
    operation: Operation,
    arguments: tuple[str, ...],
    body_file: str | None,
    all_pages: bool,
    output: str,
    yes: bool,
    dry_run: bool,
    show_request: bool,
    connecting: Connecting,
) -> None:
    """Call OPERATION, such as getFeeds or ordersV0.getOrder, and print its response.

    Arguments are parameters by Amazon's names, or dotted names of fields in the body
    (`pagination.limit=50`). Separate the values of a list by commas, or repeat the argument; @FILE
    takes the content of a file. `amazon-sp describe OPERATION` lists the arguments.

    Before it changes something at Amazon, it shows the request and asks, unless --yes is given.
    """
    checked = read_arguments(operation, arguments, body_file)
    manner = Manner(output, all_pages, yes, dry_run, show_request)
    carry_out(connecting.open(), operation, checked, manner)


@dataclass(frozen=True)
class Manner:
    """How to call an operation and print its response: options that several commands share."""

    output: str = JSON
    all_pages: bool = False
    yes: bool = False
    dry_run: bool = False
    show_request: bool = False


def carry_out(
    connection: Connection, operation: Operation, arguments: Arguments, manner: Manner
) -> Answer | None:
    """Call an operation and print its response. If it changes something, ask first.

    Returns:
        The response; None after a dry run, and with `--all-pages`.

    Raises:
        MistakesError: The arguments make no request, or there is no terminal to ask on.
        SellingPartnerError: As the client's `send`.
    """
    client = connection.client
    try:
        text = request_text(client.prepare(operation, arguments.of_client), connection.settings)
    except ValueError as error:
        raise MistakesError([str(error)]) from None
    if manner.dry_run:
        write(f"{text}\n".encode())
        return None
    if not operation.reads_only:
        confirm(f"{operation.id} changes something at Amazon", text, yes=manner.yes)
    if manner.show_request:
        show_requests(connection)
    if manner.all_pages:
        print_records(operation.name, record_pages(client, operation, arguments), manner.output)
        return None
    answer = client.send(operation, arguments.of_client)
    _print_answer(answer, operation, manner.output)
    return answer


def show_requests(connection: Connection) -> None:
    """Print each request of a connection to stderr before it is sent, without secrets."""
    connection.client.watch(
        lambda request: notice(f"{request_text(request, connection.settings)}\n")
    )


def _print_answer(answer: Answer, operation: Operation, output: str) -> None:
    if operation.success_schema is None and not answer.body:
        notice(f"{operation.id}: done (HTTP {answer.status})")
        return
    if output == JSON:
        write_json(answer.body)
    else:
        records = _records(operation, _page(operation, answer))
        with record_writer(output) as writer:
            writer.write(records)
    paging = operation.paging
    if paging is not None and paging.next_token and at_path(answer.body, paging.next_token):
        notice("There are more pages: `--all-pages` reads them")


def _page(operation: Operation, answer: Answer) -> Answer:
    """Return a response if it has records, where the operation reads some.

    Raises:
        SellingPartnerError: It has none. Printed as a table or as lines, that would look as if
            there were none at Amazon.
    """
    if not operation.reads_only:
        return answer
    try:
        page = checked_page(operation, answer)
    except ValueError as error:
        raise broken_answer(answer.body, error).failure(operation.id, answer) from None
    if page.errors:
        notice(BESIDE_RECORDS.format(page.errors))
    return page


def record_pages(
    client: SellingPartnerClient, operation: Operation, arguments: Arguments
) -> Iterator[list[Any]]:
    """Yield the records of each page of an operation."""
    told: set[str] = set()
    for answer in client.answers(operation, arguments.of_client):
        if answer.errors and answer.errors not in told:
            told.add(answer.errors)
            notice(BESIDE_RECORDS.format(answer.errors))
        yield _records(operation, answer)


def print_records(what: str, pages: Iterable[Sequence[Any]], output: str) -> None:
    """Print the records of all pages, and show the progress."""
    with record_writer(output) as writer, progress(what) as shown:
        count = 0
        for page, records in enumerate(pages, 1):
            writer.write(records)
            count += len(records)
            shown.update(f"page {page}, {count} records")


def _records(operation: Operation, answer: Answer) -> list[Any]:
    """Return the records in a response, or the response if the catalogue knows of none in it."""
    if operation.results is None and operation.record is None:
        return answer.body if isinstance(answer.body, list) else [answer.body]
    return records_of(operation, answer)
