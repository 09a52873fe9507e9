"""`amazon-sp report`: fetch one report as a file, an existing one or a new one."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import click

from tap_amazon_sp.amazon.report_types import (
    RemovedReportTypeError,
    ReportType,
    report_type,
)
from tap_amazon_sp.cli.arguments import split_pair
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import write_json
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice, progress
from tap_amazon_sp.cli.operation_commands import chosen_marketplaces, marketplaces_option, names_in
from tap_amazon_sp.cli.report_mistakes import (
    mistakes_in_listing,
    mistakes_in_request,
    mistakes_in_times,
)
from tap_amazon_sp.cli.report_output import ORIGINAL, STDOUT, ReportOutput
from tap_amazon_sp.cli.report_search import found_or_made, marketplaces_of_request, newest_listed
from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.documents.beginnings import EXPLANATION, Expectation, expectation_of
from tap_amazon_sp.documents.decoding import usual_charset
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.explanations import explanation_of
from tap_amazon_sp.documents.rows import DocumentFormatError, NoRowsError
from tap_amazon_sp.jobs.api import REPORTS
from tap_amazon_sp.jobs.polling import (
    CANCELLED,
    FATAL,
    Job,
    JobUnfinishedError,
    PollingPace,
    wait_until_finished,
)
from tap_amazon_sp.jobs.requests import ReportRequest, marketplaces_of
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.settings.reports import hint_for_unknown

_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_LAST_SECOND = dt.timedelta(days=1, seconds=-1)


def _type(ctx: click.Context, parameter: click.Parameter, name: str) -> ReportType:
    del ctx, parameter
    try:
        return report_type(name.strip().upper())
    except RemovedReportTypeError as error:
        raise MistakesError([str(error)]) from None


def _time(ctx: click.Context, parameter: click.Parameter, text: str | None) -> dt.datetime | None:
    del ctx
    if text is None:
        return None
    try:
        return parse_timestamp(text)
    except ValueError:
        message = (
            f"--{parameter.name} '{text}' is not an ISO 8601 date or time, such as 2026-01-31 or "
            "2026-01-31T00:00:00Z"
        )
        raise MistakesError([message]) from None


def _end(ctx: click.Context, parameter: click.Parameter, text: str | None) -> dt.datetime | None:
    """Read a time; a date means its last second."""
    end = _time(ctx, parameter, text)
    if end is None or text is None or not _DATE.fullmatch(text):
        return end
    return end + _LAST_SECOND


@click.command(name="report")
@click.argument("kind", metavar="TYPE", callback=_type)
@click.option(
    "--start",
    metavar="TIME",
    callback=_time,
    help="Start of the data (ISO 8601; a date means its first second in UTC).",
)
@click.option(
    "--end",
    metavar="TIME",
    callback=_end,
    help="End of the data, at most now (ISO 8601; a date means its last second in UTC)."
    " Default: now.",
)
@click.option(
    "--options", "pairs", multiple=True, metavar="NAME=VALUE", help="A report option. Repeatable."
)
@marketplaces_option
@click.option("--output", default=STDOUT, show_default=True, metavar="FILE", help="- is stdout.")
@click.option(
    "--format",
    "form",
    type=click.Choice([ORIGINAL, "jsonl", "csv", "parquet"]),
    default=ORIGINAL,
    show_default=True,
    help="As Amazon delivers it, or as rows in another format.",
)
@click.option(
    "--record-path",
    metavar="PATH",
    help="Path to the rows of a JSON or XML report, such as salesAndTrafficByAsin.",
)
@click.option(
    "--wait/--no-wait",
    "is_waited_for",
    default=True,
    show_default=True,
    help="Wait until the report is ready, or print its status and end.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    help="Maximum seconds to wait. Default: the setting `report_timeout`.",
)
@click.option("--new", is_flag=True, help="Request a new report, even if the same one exists.")
@click.option(
    "--listed",
    "is_listed",
    is_flag=True,
    help="Request no report: fetch the newest one that Amazon lists.",
)
@click.option("--id", "report_id", metavar="ID", help="Fetch the report with this id.")
@connection_options
def command(  # noqa: PLR0913 - one per option
    *,
    kind: ReportType,
    start: dt.datetime | None,
    end: dt.datetime | None,
    pairs: tuple[str, ...],
    marketplaces: tuple[str, ...],
    output: str,
    form: Literal["original", "jsonl", "csv", "parquet"],
    record_path: str | None,
    is_waited_for: bool,
    timeout: float | None,
    new: bool,
    is_listed: bool,
    report_id: str | None,
    connecting: Connecting,
) -> None:
    """Fetch a report of TYPE, such as GET_MERCHANT_LISTINGS_ALL_DATA.

    If there is a report of the same type, marketplaces and times, it is used. For types that take
    options, a new report is always requested, as Amazon does not say which options a report has.
    """
    options = dict(split_pair(word, "--options") for word in pairs)
    now = SystemClock().now()
    is_requested = kind.mode == "requested" and not is_listed
    mistakes = []
    if not report_id:
        mistakes += (
            mistakes_in_request(kind, options, start, end)
            if is_requested
            else mistakes_in_listing(kind, options, is_new=new)
        )
        mistakes += mistakes_in_times(start, end, now)
    wanted = ReportOutput(output, form, record_path)
    mistakes += wanted.mistakes(kind)
    if mistakes:
        raise MistakesError(mistakes)
    connection = connecting.open(report_timeout=timeout)
    if kind.restricted and not connection.account.restricted_data:
        message = f"{kind.name} contains personal data: set `restricted_data` to true"
        raise MistakesError([message])
    if not kind.known:
        notice(f"{kind.name} is not a known report type{hint_for_unknown(kind.name)}")
    for doubt in () if report_id else kind.doubts(options):
        notice(f"--options: {doubt} Amazon gets it as it is")

    is_given = report_id is not None
    if end is not None and end >= now:
        end = None
    if report_id is None and is_requested:
        marketplace_ids = marketplaces_of_request(kind, marketplaces, connection)
        settles = kind.dates.latency or dt.timedelta(0)
        request = ReportRequest(kind, marketplace_ids, options, start, end, settles)
        report_id = found_or_made(connection, request, is_new=new)
    elif report_id is None:
        chosen = chosen_marketplaces(marketplaces, connection) if names_in(marketplaces) else []
        report_id = newest_listed(connection, kind, start, end, chosen)
    with _fetched_later(None if is_given else report_id):
        if not is_waited_for:
            write_json(_report(connection, kind, report_id))
            return
        _fetch(connection, kind, _ended(connection, kind, report_id), wanted)


@contextmanager
def _fetched_later(report_id: str | None) -> Iterator[None]:
    """After an error or a signal, say how to fetch the report, so that nobody requests another."""
    try:
        yield
    except (click.ClickException, BrokenPipeError):
        # The message says what to do, or nobody reads the output.
        raise
    except Exception:
        if report_id is not None:
            notice(f"Report {report_id} exists all the same: `--id {report_id}` fetches it later")
        raise


def _fetch(connection: Connection, kind: ReportType, report: Job, output: ReportOutput) -> None:
    """Write the content of a finished report.

    Raises:
        click.ClickException: Amazon failed to make the report, or it has no rows.
    """
    report_id, status = report["reportId"], report["processingStatus"]
    if status == CANCELLED:
        notice("Amazon cancelled the report: there is no data, or the same report was just made")
        return
    document_id = report.get(REPORTS.document_name)
    if status == FATAL:
        explanation = explanation_of(
            _document(connection, kind, report, EXPLANATION) if document_id else None
        )
        message = (
            f"Amazon could not make report {report_id} ({FATAL}): "
            f"{explanation or 'it gave no reason'}"
        )
        raise click.ClickException(message)
    expected = expectation_of(kind, usual_charset(marketplaces_of(report)))
    with _document(connection, kind, report, expected) as document:
        if document.is_empty:
            notice(f"The document of report {report_id} is empty")
        try:
            output.write(document, kind, report)
        except (DocumentFormatError, NoRowsError) as error:
            message = f"{error}. `--format original` writes it unchanged"
            raise click.ClickException(message) from None


def _document(
    connection: Connection, kind: ReportType, report: Job, expectation: Expectation
) -> Document:
    return connection.documents.of_report(
        str(report[REPORTS.document_name]), restricted=kind.restricted, expectation=expectation
    )


def _report(connection: Connection, kind: ReportType, report_id: str) -> Job:
    """Return the current state of a report.

    Raises:
        MistakesError: The report has another type.
    """
    report = REPORTS.job(connection.client, report_id)
    if (name := report.get("reportType", kind.name)) != kind.name:
        message = f"report {report_id} is of type {name}, not {kind.name}: give that type"
        raise MistakesError([message])
    return report


def _ended(connection: Connection, kind: ReportType, report_id: str) -> Job:
    """Wait until Amazon has processed the report.

    Raises:
        click.ClickException: The time to wait is over, or the report has another type.
    """
    settings = connection.settings
    with progress(f"report {report_id}") as shown:
        try:
            return wait_until_finished(
                lambda: _report(connection, kind, report_id),
                connection.clock,
                pace=PollingPace(first=settings.report_poll_interval),
                timeout=settings.report_timeout,
                on_status=shown.update,
            )
        except JobUnfinishedError as error:
            message = f"Report {report_id} is {error}: `--id {report_id}` fetches it later"
            raise click.ClickException(message) from None
