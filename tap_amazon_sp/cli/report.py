"""`amazon-sp report`: fetch one report as a file, an existing one or a new one."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import click

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.amazon.report_types import (
    FILE_FORMATS,
    RemovedReportTypeError,
    ReportType,
    report_type,
)
from tap_amazon_sp.cli.arguments import split_pair
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import JSON_LINES, record_writer, write_json
from tap_amazon_sp.cli.document_output import print_document, print_unchanged
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice, progress
from tap_amazon_sp.cli.operation_commands import chosen_marketplaces, marketplaces_option, names_in
from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.common.timestamps import moment_of, parse_timestamp
from tap_amazon_sp.documents.beginnings import EXPLANATION, Expectation, expectation_of
from tap_amazon_sp.documents.decoding import WESTERN, usual_charset
from tap_amazon_sp.documents.document import PIECE, Document
from tap_amazon_sp.documents.explanations import explanation_of
from tap_amazon_sp.documents.files import (
    FileFormat,
    mistake_in_address,
    store,
    store_rows,
    without_password,
)
from tap_amazon_sp.documents.json_records import JsonRecords
from tap_amazon_sp.documents.rows import DocumentFormatError, NoRowsError, Rows, read_rows
from tap_amazon_sp.jobs.listing import list_jobs, newest_usable
from tap_amazon_sp.jobs.polling import (
    CANCELLED,
    DONE,
    FATAL,
    Job,
    JobUnfinishedError,
    PollingPace,
    wait_until_finished,
)
from tap_amazon_sp.jobs.requests import REPORTS, ReportRequest, marketplaces_of, report_listing
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.settings.reports import hint_for_unknown

ORIGINAL = "original"
STDOUT = "-"

_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_LAST_SECOND = dt.timedelta(days=1, seconds=-1)


@dataclass(frozen=True)
class _Output:
    """Where a report is written, and in which format."""

    place: str
    form: str
    record_path: str | None

    def mistakes(self, kind: ReportType) -> Iterator[str]:
        """Yield a sentence for each reason why a report of this type cannot be written so."""
        if self.form != ORIGINAL and kind.format in FILE_FORMATS:
            yield f"{kind.name} is {kind.format}, which has no rows: leave `--format` out"
        if self.record_path is not None and self.form == ORIGINAL:
            yield "`--format original` writes no rows: leave `--record-path` out"
        elif self.record_path is not None and kind.format in ("tsv", "csv"):
            yield f"{kind.name} is {kind.format}: `--record-path` is for JSON and XML"
        if self.form == "parquet" and importlib.util.find_spec("pyarrow") is None:
            yield "`--format parquet` needs pyarrow: install the extra `parquet`"
        written = kind.format if self.form == ORIGINAL else self.form
        if written in (*FILE_FORMATS, "parquet") and self.place == STDOUT and sys.stdout.isatty():
            yield f"a terminal cannot show {written}: store it with `--output FILE`"
        if "://" in self.place and (mistake := mistake_in_address(self.place)):
            yield f"--output {without_password(self.place)}: {mistake}"


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
            _mistakes_in_request(kind, options, start, end)
            if is_requested
            else _mistakes_in_listing(kind, options, is_new=new)
        )
        mistakes += _mistakes_in_times(start, end, now)
    wanted = _Output(output, form, record_path)
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
        marketplace_ids = _marketplace_ids(kind, marketplaces, connection)
        settles = kind.dates.latency or dt.timedelta(0)
        request = ReportRequest(kind, marketplace_ids, options, start, end, settles)
        report_id = _found_or_made(connection, request, is_new=new)
    elif report_id is None:
        chosen = chosen_marketplaces(marketplaces, connection) if names_in(marketplaces) else []
        report_id = _newest_listed(connection, kind, start, end, chosen)
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


def _fetch(connection: Connection, kind: ReportType, report: Job, output: _Output) -> None:
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
            _write(document, kind, report, output)
        except (DocumentFormatError, NoRowsError) as error:
            message = f"{error}. `--format original` writes it unchanged"
            raise click.ClickException(message) from None


def _document(
    connection: Connection, kind: ReportType, report: Job, expectation: Expectation
) -> Document:
    return connection.documents.of_report(
        str(report[REPORTS.document_name]), restricted=kind.restricted, expectation=expectation
    )


def _mistakes_in_request(
    kind: ReportType,
    options: Mapping[str, str],
    start: dt.datetime | None,
    end: dt.datetime | None,
) -> list[str]:
    found = [f"--options: {mistake}" for mistake in kind.mistakes(options)]
    if kind.dates.wanted == "required" and start is None:
        found.append(f"{kind.name} needs `--start`")
    if kind.dates.wanted == "none" and (start, end) != (None, None):
        found.append(
            f"{kind.name} shows the current state and takes no times: leave `--start` and "
            "`--end` out"
        )
    return found


def _mistakes_in_listing(
    kind: ReportType, options: Mapping[str, str], *, is_new: bool
) -> list[str]:
    if not options and not is_new:
        return []
    why = (
        "with `--listed`, no report is requested"
        if kind.mode == "requested"
        else f"reports of {kind.name} cannot be requested, only fetched"
    )
    given = {"`--options`": bool(options), "`--new`": is_new}
    return [f"{why}: leave {' and '.join(name for name in given if given[name])} out"]


def _mistakes_in_times(
    start: dt.datetime | None, end: dt.datetime | None, now: dt.datetime
) -> list[str]:
    if start is not None and end is not None and start >= end:
        return ["`--end` must be later than `--start`"]
    if start is not None and start >= now:
        return ["`--start` is in the future"]
    return []


def _marketplace_ids(
    kind: ReportType, words: tuple[str, ...], connection: Connection
) -> tuple[str, ...]:
    """Return the marketplaces of the request: those that are named, else the account's only one.

    A report of a whole region is requested for all of the account's.

    Raises:
        MistakesError: None is named and the account has several, or one is unknown.
    """
    found = chosen_marketplaces(words, connection, or_all=True)
    if len(found) > 1 and not kind.is_region_wide:
        if not names_in(words):
            codes = ", ".join(find_marketplace(one).country_code for one in found)
            message = (
                f"a report has the data of one marketplace, and there are {len(found)}: choose "
                f"one with `--marketplaces`, out of {codes}"
            )
            raise MistakesError([message])
        notice(
            "Most reports have the data of one marketplace only: better request a report for each"
        )
    return tuple(found)


def _found_or_made(connection: Connection, request: ReportRequest, *, is_new: bool) -> str:
    """Return the id of an existing report, else of a new one."""
    now = connection.clock.now()
    since = request.reusable_since(now)
    if since is not None and not is_new:
        newest = newest_usable(
            report
            for report in list_jobs(connection.client, REPORTS, request.listing(since))
            if request.is_met_by(report, now)
        )
        if newest is not None:
            created = newest.get("createdTime")
            notice(f"Report {newest['reportId']} of {created} is the same: it is fetched again")
            return str(newest["reportId"])
    if request.end is None and request.type.dates.wanted == "required":
        # Without an end, the same report is found next time by the time when it was created.
        ends_before = request.type.dates.ends_before or dt.timedelta(0)
        request = replace(request, end=connection.clock.now() - ends_before)
    report_id = REPORTS.created_id(connection.client, request.body)
    notice(f"Requested report {report_id}")
    return report_id


def _newest_listed(
    connection: Connection,
    kind: ReportType,
    start: dt.datetime | None,
    end: dt.datetime | None,
    marketplace_ids: Sequence[str],
) -> str:
    """Return the id of the newest report of a type that others requested, or Amazon made.

    Raises:
        click.ClickException: Amazon lists none.
    """
    parameters = report_listing(kind.name, processingStatuses=[DONE])
    if marketplace_ids:
        parameters["marketplaceIds"] = list(marketplace_ids)
    there = [
        report
        for report in list_jobs(connection.client, REPORTS, parameters)
        if REPORTS.is_whole(report) and _is_of(report, start, end)
    ]
    if not there:
        message = f"Amazon lists no such report of {kind.name} in the last 90 days"
        if kind.mode != "requested":
            message += (
                ". Amazon makes these reports by itself, on a schedule or in Seller Central; they "
                "cannot be requested"
            )
        raise click.ClickException(message)
    newest = max(there, key=lambda report: str(report.get("createdTime")))
    notice(
        f"{len(there)} reports; the newest is {newest['reportId']} of "
        f"{newest.get('dataStartTime')} to {newest.get('dataEndTime')}"
    )
    return str(newest["reportId"])


def _is_of(report: Job, start: dt.datetime | None, end: dt.datetime | None) -> bool:
    """Return whether the data of a report is between two times; None means no limit."""
    first, last = (moment_of(report, name) for name in ("dataStartTime", "dataEndTime"))
    return (start is None or (first is not None and first >= start)) and (
        end is None or (last is not None and last <= end)
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


def _write(document: Document, kind: ReportType, report: Job, output: _Output) -> None:
    marketplace_ids = marketplaces_of(report)
    if output.form == ORIGINAL and output.place == STDOUT:
        _print(document, document.content_type, usual_charset(marketplace_ids))
    elif output.form == ORIGINAL:
        length = store(document, output.place)
        notice(f"Wrote {length} bytes to {output.place}")
    else:
        rows = read_rows(
            document,
            kind,
            content_type=document.content_type,
            marketplace_ids=marketplace_ids,
            record_path=output.record_path,
            label=REPORTS.label_of(report),
        )
        if output.record_path is None:
            _name_other_arrays(rows, kind)
        _write_rows(rows, output.place, cast("FileFormat", output.form))


def _name_other_arrays(rows: Rows, kind: ReportType) -> None:
    """Print which of several known arrays is read; if none is known, the reader logs it."""
    if not isinstance(rows, JsonRecords) or len(kind.schemas) != 1:
        return
    paths = [array.path for array in kind.record_arrays]
    others = ", ".join(f"`{path}`" for path in paths if path != rows.record_path)
    if others:
        notice(
            f"Records are read from `{rows.record_path}`; for others use `--record-path`: {others}"
        )


def _write_rows(rows: Iterable[Mapping[str, Any]], output: str, form: FileFormat) -> None:
    if output != STDOUT:
        count = store_rows(rows, output, form)
        notice(f"Wrote {count} rows to {output}")
    elif form == "jsonl":
        with record_writer(JSON_LINES) as writer:
            for row in rows:
                writer.write([row])
    else:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows"
            store_rows(rows, str(file), form)
            with file.open("rb") as content:
                _print(iter(lambda: content.read(PIECE), b""), "text/plain; charset=UTF-8")


def _print(content: Iterable[bytes], content_type: str, usual: str = WESTERN) -> None:
    """Write a file to stdout: unchanged, or as a terminal can show it."""
    if sys.stdout.isatty():
        print_document(content, content_type, usual, instead="`--output FILE` stores it")
    else:
        print_unchanged(content)
