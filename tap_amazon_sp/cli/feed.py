"""`amazon-sp feed`: submit files to Amazon and read the results."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

import click

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.client import SellingPartnerClient
from tap_amazon_sp.cli.arguments import read_arguments, split_pair
from tap_amazon_sp.cli.call import Manner, carry_out, print_records, record_pages, show_requests
from tap_amazon_sp.cli.confirmation import (
    confirm,
    dry_run_option,
    show_request_option,
    yes_option,
)
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import BYTES, TEXT, write, write_json
from tap_amazon_sp.cli.document_output import print_document, print_unchanged, printed
from tap_amazon_sp.cli.feed_submission import API, LATER, FeedSubmission, read_feed
from tap_amazon_sp.cli.mistakes import FAILURE
from tap_amazon_sp.cli.notices import notice, progress
from tap_amazon_sp.cli.operation_commands import (
    changing_options,
    checked,
    chosen_marketplaces,
    marketplaces_option,
    names_in,
    reading_options,
)
from tap_amazon_sp.common.batches import chunks
from tap_amazon_sp.documents.decoding import usual_charset
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.errors import DocumentFormatError
from tap_amazon_sp.documents.feed_summaries import summarize_processing_report
from tap_amazon_sp.documents.in_memory import limited
from tap_amazon_sp.jobs.api import FEEDS
from tap_amazon_sp.jobs.polling import DONE, Job, PollingPace, wait_until_finished
from tap_amazon_sp.jobs.requests import marketplaces_of
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.streams.feeds import FEED_TYPES


@click.group(name="feed")
def command() -> None:
    """Submit feeds and read their processing reports."""


@command.command(name="submit")
@click.argument("feed_type")
@click.argument("file")
@marketplaces_option
@click.option(
    "--content-type",
    metavar="TYPE",
    help="Media type and character set of FILE. Default: what FEED_TYPE requires, in UTF-8.",
)
@click.option("--options", multiple=True, metavar="K=V", help="Feed option. Repeatable.")
@click.option(
    "--wait", is_flag=True, help="Wait until Amazon is done, then print the processing report."
)
@yes_option
@dry_run_option
@show_request_option
@connection_options
def submit(  # noqa: PLR0913 - one per option
    *,
    feed_type: str,
    file: str,
    marketplaces: tuple[str, ...],
    content_type: str | None,
    options: tuple[str, ...],
    wait: bool,
    yes: bool,
    dry_run: bool,
    show_request: bool,
    connecting: Connecting,
) -> None:
    """Submit FILE (- is stdin) as a feed of FEED_TYPE, such as JSON_LISTINGS_FEED.

    Prints Amazon's response with the feed's id. With --wait it prints the processing report
    instead, and fails if Amazon could not process the feed or found errors in it.
    """
    content, kind = read_feed(feed_type, file, content_type)
    connection = connecting.open()
    feed: dict[str, Any] = {
        "feedType": feed_type,
        "marketplaceIds": chosen_marketplaces(marketplaces, connection),
        "inputFeedDocumentId": LATER,
    }
    if options:
        feed["feedOptions"] = dict(split_pair(word, "--options") for word in options)
    submission = FeedSubmission(connection, file, content, kind, feed)
    text = submission.text()
    if dry_run:
        write(f"{text}\n".encode())
        return
    confirm(f"{API}.createFeed changes something at Amazon", text, yes=yes)
    if show_request:
        show_requests(connection)
    created = submission.submit()
    if wait:
        feed_id = str(created["feedId"])
        again = f"`amazon-sp feed get {feed_id} --wait`"
        notice(f"Created feed {feed_id}. If this command is stopped, {again} waits for it again")
        _wait_and_print(connection, feed_id)
    else:
        write_json(created)


@command.command(name="list")
@click.option(
    "--types", multiple=True, metavar="TYPES", help="Feed types. Default: all. Repeatable."
)
@click.option("--statuses", multiple=True, metavar="STATUSES", help="Such as DONE,FATAL.")
@click.option("--since", metavar="TIME", help="Created at that time or later.")
@click.option("--until", metavar="TIME", help="Created at that time or earlier.")
@reading_options
def list_feeds(  # noqa: PLR0913 - one per option
    *,
    types: tuple[str, ...],
    statuses: tuple[str, ...],
    since: str | None,
    until: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Print the feeds of the last 90 days with their status."""
    operation = catalogue.operation(f"{API}.getFeeds")
    wanted = {
        "processingStatuses": ",".join(names_in(statuses)),
        "createdSince": since,
        "createdUntil": until,
        "pageSize": "100",
    }
    words = [f"{name}={value}" for name, value in wanted.items() if value]
    # A call takes a limited number of types.
    parameter = operation.parameter("feedTypes")
    max_types = parameter.max_items if parameter else None
    requests = [
        read_arguments(operation, [*words, f"feedTypes={','.join(some_types)}"])
        for some_types in chunks(names_in(types) or FEED_TYPES, max_types)
    ]
    connection = connecting.open()
    if manner.show_request:
        show_requests(connection)
    pages = (
        page for request in requests for page in record_pages(connection.client, operation, request)
    )
    print_records(operation.name, pages, manner.output)


@command.command(name="get")
@click.argument("feed_id")
@click.option(
    "--wait", is_flag=True, help="Wait until Amazon is done, then print the processing report."
)
@reading_options
def get(*, feed_id: str, wait: bool, connecting: Connecting, manner: Manner) -> None:
    """Print the status of the feed FEED_ID; with --wait its processing report."""
    connection = connecting.open()
    if not wait:
        operation = catalogue.operation(f"{API}.getFeed")
        carry_out(connection, operation, checked(operation, {"feedId": feed_id}), manner)
        return
    if manner.show_request:
        show_requests(connection)
    _wait_and_print(connection, feed_id)


@command.command(name="cancel")
@click.argument("feed_id")
@changing_options
def cancel(*, feed_id: str, connecting: Connecting, manner: Manner) -> None:
    """Cancel the feed FEED_ID if it is still in the queue."""
    operation = catalogue.operation(f"{API}.cancelFeed")
    carry_out(connecting.open(), operation, checked(operation, {"feedId": feed_id}), manner)


@command.command(name="document")
@click.argument("document_id")
@click.option(
    "--output",
    type=click.Choice((TEXT, BYTES)),
    default=TEXT,
    show_default=True,
    help="text is in UTF-8, in any case; bytes are what Amazon delivers. A file such as a PDF is"
    " written unchanged.",
)
@show_request_option
@connection_options
def document(*, document_id: str, output: str, show_request: bool, connecting: Connecting) -> None:
    """Print the content of a feed's document, such as its `resultFeedDocumentId`."""
    connection = connecting.open()
    if show_request:
        show_requests(connection)
    with _document(connection.client, document_id) as pieces:
        if output == BYTES:
            print_unchanged(pieces)
        else:
            usual = _usual_charset(connection)
            instead = f"`amazon-sp feed document ID --output {BYTES} > FILE` stores it"
            print_document(pieces, pieces.content_type, usual, instead=instead)


def errors_in(summary: Mapping[str, Any] | None) -> int:
    """Return how many errors the summary of a processing report counts, in each of its forms."""
    counts = {name: count for name, count in (summary or {}).items() if isinstance(count, int)}
    # JSON and XML reports count errors; reports of flat files count successes.
    found = max(counts.get(name, 0) for name in ("errors", "messagesInvalid", "messagesWithError"))
    if "recordsSuccessful" in counts:
        found = max(found, counts.get("recordsProcessed", 0) - counts["recordsSuccessful"])
    return found


def _document(client: SellingPartnerClient, document_id: str) -> Document:
    operation = catalogue.operation(f"{API}.getFeedDocument")
    arguments = checked(operation, {"feedDocumentId": document_id})
    return Document.of(client, operation, arguments.of_client)


def _wait_and_print(connection: Connection, feed_id: str) -> None:
    """Wait until Amazon has processed a feed, and print its processing report.

    Raises:
        click.exceptions.Exit: Amazon could not process the feed, or found errors in it.
    """
    feed = _ended(connection, feed_id)
    status = feed["processingStatus"]
    result = [f"Feed {feed_id}: {status}"]
    summary = None
    if document_id := feed.get(FEEDS.document_name):
        usual = _usual_charset(connection, feed)
        text = _printed_report(connection, feed_id, document_id, usual)
        if sys.stdout.isatty() and not text.endswith("\n"):
            notice("")
        summary = summarize_processing_report(text)
    else:
        result.append("there is no processing report")
    if summary:
        result.append(", ".join(f"{name}: {count}" for name, count in summary.items()))
    notice("; ".join(result))
    errors = errors_in(summary)
    if status != DONE:
        notice(f"Error: feed {feed_id} ended as {status}")
    elif errors:
        count = "an error" if errors == 1 else f"{errors} errors"
        notice(f"Error: feed {feed_id}: Amazon found {count} in it")
    if status != DONE or errors:
        raise click.exceptions.Exit(FAILURE)


def _usual_charset(connection: Connection, feed: Job | None = None) -> str:
    account = connection.account
    return usual_charset(marketplaces_of(feed or {}) or account.marketplace_ids, account.region)


def _printed_report(connection: Connection, feed_id: str, document_id: str, usual: str) -> str:
    """Print a processing report; return its text.

    Raises:
        click.ClickException: It cannot be read.
    """
    with _document(connection.client, document_id) as document:
        try:
            return "".join(limited(printed(document, document.content_type, usual)))
        except DocumentFormatError as error:
            message = f"the processing report of feed {feed_id} cannot be read: {error}"
            raise click.ClickException(message) from None


def _ended(connection: Connection, feed_id: str) -> Job:
    """Return a feed as soon as Amazon has processed it."""
    checked(catalogue.operation(FEEDS.get), {FEEDS.id_name: feed_id})
    with progress(f"feed {feed_id}") as shown:
        return wait_until_finished(
            lambda: FEEDS.job(connection.client, feed_id),
            connection.clock,
            pace=PollingPace(),
            on_status=shown.update,
        )
