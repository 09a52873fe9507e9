"""`amazon-sp report`: one report as a file, found among those that there are or asked for anew."""

from __future__ import annotations

import datetime as dt
import importlib.util
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import click

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.amazon.report_types import (
    FILE_FORMATS,
    RemovedReportTypeError,
    ReportType,
    report_type,
)
from tap_amazon_sp.cli.arguments import split_pair
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import JSON_LINES, record_writer, write, write_json
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice, progress
from tap_amazon_sp.cli.operation_commands import chosen_marketplaces, marketplaces_option, names_in
from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.common.timestamps import moment_of, parse_timestamp
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.explanations import explanation_of
from tap_amazon_sp.documents.files import (
    FileFormat,
    mistake_in_address,
    store,
    store_rows,
    without_password,
)
from tap_amazon_sp.documents.flat_files import FlatFile
from tap_amazon_sp.documents.json_records import JsonRecords
from tap_amazon_sp.documents.rows import DocumentFormatError, NoRowsError, Rows, read_rows
from tap_amazon_sp.jobs.polling import (
    CANCELLED,
    DONE,
    FATAL,
    Job,
    JobUnfinishedError,
    PollingPace,
    finished,
)
from tap_amazon_sp.jobs.requests import REPORTS, ReportRequest, listed, newest_of_use
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.settings.reports import hint_for_unknown

ORIGINAL = "original"
STDOUT = "-"

_DATE = re.compile(r"\d{4}-?\d{2}-?\d{2}")
_LAST_SECOND = dt.timedelta(days=1, seconds=-1)


@dataclass(frozen=True)
class _Output:
    """Where a report goes, and as what."""

    place: str
    form: str
    record_path: str | None

    def mistakes(self, kind: ReportType) -> Iterator[str]:
        """Give what is wrong with it for a report of this type, a sentence each."""
        if self.form != ORIGINAL and kind.format in FILE_FORMATS:
            yield f"{kind.name} is {kind.format}, which has no rows: leave `--format` out"
        if self.record_path is not None and self.form == ORIGINAL:
            yield "`--format original` leaves no rows to choose: leave `--record-path` out"
        elif self.record_path is not None and kind.format in ("tsv", "csv"):
            yield f"{kind.name} is {kind.format}: `--record-path` is for JSON and XML"
        if self.form == "parquet" and importlib.util.find_spec("pyarrow") is None:
            yield "`--format parquet` needs pyarrow: install the extra `parquet`"
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
            f"--{parameter.name} '{text}' is no ISO 8601 date or time such as 2026-01-31 or "
            "2026-01-31T00:00:00Z"
        )
        raise MistakesError([message]) from None


def _end(ctx: click.Context, parameter: click.Parameter, text: str | None) -> dt.datetime | None:
    """Read a time; of a date, its last second."""
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
    help="Begin of its data (ISO 8601; a date is its first second in UTC).",
)
@click.option(
    "--end",
    metavar="TIME",
    callback=_end,
    help="End of its data, never later than now (a date is that whole day in UTC). Default: now.",
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
    help="As Amazon delivers it, or its rows in another format.",
)
@click.option(
    "--record-path",
    metavar="PATH",
    help="Where the rows of a JSON or XML report are, such as salesAndTrafficByAsin.",
)
@click.option(
    "--wait/--no-wait",
    "is_waited_for",
    default=True,
    show_default=True,
    help="Wait until it is made, or print its state and end.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    help="Seconds to wait for it at most. Default: the setting `report_timeout`.",
)
@click.option("--new", is_flag=True, help="Ask for a new one, even if there is the same.")
@click.option("--id", "report_id", metavar="ID", help="Fetch the report of this id.")
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
    report_id: str | None,
    connecting: Connecting,
) -> None:
    """Fetch a report of TYPE, such as GET_MERCHANT_LISTINGS_ALL_DATA.

    A report of the same type, marketplaces and times is taken if there is one; of types that take
    options a new one is always asked for, as Amazon does not tell what options a report has.
    """
    options = dict(split_pair(word, "--options") for word in pairs)
    now = SystemClock().now()
    mistakes = [] if report_id else _mistakes(kind, options, start, end, now=now, is_new=new)
    wanted = _Output(output, form, record_path)
    mistakes += wanted.mistakes(kind)
    if mistakes:
        raise MistakesError(mistakes)
    connection = connecting.open(report_timeout=timeout)
    if kind.restricted and not connection.account.restricted_data:
        message = f"{kind.name} holds personal data: set `restricted_data` to true"
        raise MistakesError([message])
    if not kind.known:
        notice(f"{kind.name} is no report type that is known here{hint_for_unknown(kind.name)}")

    is_given = report_id is not None
    if end is not None and end >= now:
        end = None
    if report_id is None and kind.mode == "requested":
        marketplace_ids = _marketplace_ids(marketplaces, connection)
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
    """Tell how a report is fetched after an error or a signal, so that nobody asks for another."""
    try:
        yield
    except (click.ClickException, BrokenPipeError):
        # Those say what to do, or nobody reads what is written.
        raise
    except Exception:
        if report_id is not None:
            notice(f"Report {report_id} is there all the same: `--id {report_id}` fetches it later")
        raise


def _fetch(connection: Connection, kind: ReportType, report: Job, output: _Output) -> None:
    """Write what a finished report holds.

    Raises:
        click.ClickException: Amazon failed to make it, or it has no rows.
    """
    report_id, status = report["reportId"], report["processingStatus"]
    if status == CANCELLED:
        notice("Amazon cancelled the report: there are no data, or the same was made just before")
        return
    document_id = report.get("reportDocumentId")
    document = (
        connection.documents.of_report(document_id, restricted=kind.restricted)
        if document_id
        else None
    )
    if status == FATAL:
        explanation = explanation_of(document) or "it does not say why"
        message = f"Amazon could not make report {report_id} ({FATAL}): {explanation}"
        raise click.ClickException(message)
    if document is None:
        message = f"Report {report_id} is {status}, but has no document"
        raise click.ClickException(message)
    with document:
        try:
            _write(document, kind, report, output)
        except (DocumentFormatError, NoRowsError) as error:
            message = f"{error}. `--format original` gives it as it is"
            raise click.ClickException(message) from None


def _mistakes(  # noqa: PLR0913 - what is asked for
    kind: ReportType,
    options: Mapping[str, str],
    start: dt.datetime | None,
    end: dt.datetime | None,
    *,
    now: dt.datetime,
    is_new: bool,
) -> list[str]:
    found = []
    if kind.mode == "requested":
        found += [f"--options: {mistake}" for mistake in kind.mistakes(options)]
        if kind.dates.wanted == "required" and start is None:
            found.append(f"{kind.name} needs `--start`")
        if kind.dates.wanted == "none" and (start, end) != (None, None):
            found.append(
                f"{kind.name} shows how things are, whatever the times: leave `--start` and "
                "`--end` out"
            )
    elif options or is_new:
        found.append(
            f"reports of {kind.name} cannot be asked for, only taken as they are: leave "
            "`--options` and `--new` out"
        )
    if start is not None and end is not None and start >= end:
        found.append("`--end` must be later than `--start`")
    elif start is not None and start >= now:
        found.append("`--start` is yet to come")
    return found


def _marketplace_ids(words: tuple[str, ...], connection: Connection) -> tuple[str, ...]:
    """Return the marketplaces to ask for: those that are named, else the only one that there is.

    Raises:
        MistakesError: None is named and there are several, or one is unknown.
    """
    found = chosen_marketplaces(words, connection, or_all=True)
    if len(found) > 1:
        if not names_in(words):
            codes = ", ".join(find_marketplace(one).country_code for one in found)
            message = (
                f"a report holds the data of one marketplace, and there are {len(found)}: choose "
                f"one with `--marketplaces`, of {codes}"
            )
            raise MistakesError([message])
        notice(
            "Of several marketplaces most reports hold the data of one only: rather ask for each "
            "alone"
        )
    return tuple(found)


def _found_or_made(connection: Connection, request: ReportRequest, *, is_new: bool) -> str:
    """Return the id of a report that there is, else of one that was just asked for."""
    now = connection.clock.now()
    since = request.made_since(now)
    if since is not None and not is_new:
        newest = newest_of_use(
            report
            for report in listed(connection.client, REPORTS, request.listing(since))
            if request.is_met_by(report, now)
        )
        if newest is not None:
            notice(f"Report {newest['reportId']} is the same, of {newest.get('createdTime')}")
            return str(newest["reportId"])
    if request.end is None and request.type.dates.wanted == "required":
        # The one that is looked for next time has no end either: that is when it was made.
        ends_before = request.type.dates.ends_before or dt.timedelta(0)
        request = replace(request, end=connection.clock.now() - ends_before)
    operation = catalogue.operation(REPORTS.create)
    report_id = str(connection.client.send(operation, body=request.body).body["reportId"])
    notice(f"Asked for report {report_id}")
    return report_id


def _newest_listed(
    connection: Connection,
    kind: ReportType,
    start: dt.datetime | None,
    end: dt.datetime | None,
    marketplace_ids: Sequence[str],
) -> str:
    """Return the id of the newest report of a type that Amazon makes by itself, or by a schedule.

    Raises:
        click.ClickException: There is none.
    """
    parameters: dict[str, Any] = {
        "reportTypes": [kind.name],
        "processingStatuses": [DONE],
        "pageSize": 100,
    }
    if marketplace_ids:
        parameters["marketplaceIds"] = list(marketplace_ids)
    there = [
        report
        for report in listed(connection.client, REPORTS, parameters)
        if _is_of(report, start, end)
    ]
    if not there:
        message = (
            f"Amazon lists no such report of {kind.name} of the last 90 days: it makes them by "
            "itself or by a schedule, and they cannot be asked for"
        )
        raise click.ClickException(message)
    newest = max(there, key=lambda report: str(report.get("createdTime")))
    notice(
        f"{len(there)} reports; the newest is {newest['reportId']} of "
        f"{newest.get('dataStartTime')} to {newest.get('dataEndTime')}"
    )
    return str(newest["reportId"])


def _is_of(report: Job, start: dt.datetime | None, end: dt.datetime | None) -> bool:
    """Whether the data of a report lie between both times; None is whenever."""
    first, last = (moment_of(report, name) for name in ("dataStartTime", "dataEndTime"))
    return (start is None or (first is not None and first >= start)) and (
        end is None or (last is not None and last <= end)
    )


def _report(connection: Connection, kind: ReportType, report_id: str) -> Job:
    """Return the report as it is now.

    Raises:
        MistakesError: It is of another type.
    """
    operation = catalogue.operation(REPORTS.get)
    report: Job = connection.client.send(operation, {REPORTS.id_name: report_id}).body
    if (name := report.get("reportType", kind.name)) != kind.name:
        message = f"report {report_id} is {name}, not {kind.name}: give its own type"
        raise MistakesError([message])
    return report


def _ended(connection: Connection, kind: ReportType, report_id: str) -> Job:
    """Wait until Amazon is through with the report.

    Raises:
        click.ClickException: It takes longer than it is to be waited for, or is of another type.
    """
    settings = connection.settings
    with progress(f"report {report_id}") as telling:
        try:
            return finished(
                lambda: _report(connection, kind, report_id),
                connection.clock,
                pace=PollingPace(first=float(settings["report_poll_interval"])),
                timeout=float(settings["report_timeout"]),
                tell=telling.tell,
            )
        except JobUnfinishedError as error:
            message = f"Report {report_id} is {error}: `--id {report_id}` fetches it later"
            raise click.ClickException(message) from None


def _write(document: Document, kind: ReportType, report: Job, output: _Output) -> None:
    marketplace_ids = report.get("marketplaceIds") or ()
    if output.form == ORIGINAL and output.place == STDOUT:
        for piece in document:
            write(piece)
    elif output.form == ORIGINAL:
        length = store(document, output.place)
        notice(f"{length} bytes in {output.place}")
    else:
        rows = read_rows(
            document,
            kind,
            content_type=document.content_type,
            marketplace_ids=marketplace_ids,
            record_path=output.record_path,
        )
        if output.record_path is None:
            _tell_of_others(rows, kind)
        if isinstance(rows, FlatFile):
            rows.read_as_text(rows.unreadable())
        _write_rows(rows, output.place, cast("FileFormat", output.form))


def _tell_of_others(rows: Rows, kind: ReportType) -> None:
    """Tell which of several arrays is read; the reader itself does where no type says so."""
    if not isinstance(rows, JsonRecords) or len(kind.schemas) != 1:
        return
    paths = [array.path for array in kind.record_arrays]
    others = ", ".join(f"`{path}`" for path in paths if path != rows.record_path)
    if others:
        notice(
            f"Records are read from `{rows.record_path}`; `--record-path` may name one of {others} "
            "instead"
        )


def _write_rows(rows: Iterable[Mapping[str, Any]], output: str, form: FileFormat) -> None:
    if output != STDOUT:
        count = store_rows(rows, output, form)
        notice(f"{count} rows in {output}")
    elif form == "jsonl":
        with record_writer(JSON_LINES) as writer:
            for row in rows:
                writer.write([row])
    else:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "rows"
            store_rows(rows, str(file), form)
            sys.stdout.flush()
            with file.open("rb") as content:
                shutil.copyfileobj(content, sys.stdout.buffer)
            sys.stdout.buffer.flush()
