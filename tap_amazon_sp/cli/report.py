"""`amazon-sp report`: one report as a file, found among those that there are or asked for anew."""

from __future__ import annotations

import datetime as dt
import importlib.util
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, cast

import click
from fsspec.core import url_to_fs  # type: ignore[import-untyped]

from tap_amazon_sp.api import catalogue
from tap_amazon_sp.api.client import SellingPartnerClient
from tap_amazon_sp.cli.arguments import split_pair
from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.data_output import JSON_LINES, record_writer, write, write_json
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice, progress
from tap_amazon_sp.connections import Connection
from tap_amazon_sp.marketplaces import find_marketplace
from tap_amazon_sp.reports.decoding import decoded
from tap_amazon_sp.reports.document import Document
from tap_amazon_sp.reports.files import FileFormat, store, store_rows
from tap_amazon_sp.reports.report_types import (
    FILE_FORMATS,
    RemovedReportTypeError,
    ReportType,
    report_type,
)
from tap_amazon_sp.reports.rows import DocumentFormatError, NoRowsError, read_rows
from tap_amazon_sp.streams.jobs import UNFINISHED_STATUSES
from tap_amazon_sp.timestamps import format_timestamp, parse_timestamp, to_milliseconds

ORIGINAL = "original"
STDOUT = "-"
FIRST_WAIT = 2.0
LONGEST_WAIT = 60.0
FRESH = dt.timedelta(minutes=30)
"""A report up to now is not asked for again so soon."""

_ABOUT = dt.timedelta(minutes=5)
_API = "reports_2021-06-30"
_LONGEST_EXPLANATION = 2000

Report = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """What report is wanted."""

    type: ReportType
    options: Mapping[str, str]
    start: dt.datetime | None
    end: dt.datetime | None
    marketplace_ids: Sequence[str]

    @property
    def body(self) -> dict[str, Any]:
        """What createReport takes."""
        body: dict[str, Any] = {
            "reportType": self.type.name,
            "marketplaceIds": list(self.marketplace_ids),
        }
        if self.options:
            body["reportOptions"] = dict(self.options)
        for name, moment in (("dataStartTime", self.start), ("dataEndTime", self.end)):
            if moment is not None:
                body[name] = format_timestamp(to_milliseconds(moment))
        return body

    def is_met_by(self, report: Report, now: dt.datetime) -> bool:
        """Whether a report that there is holds what is wanted.

        Amazon does not tell the options of a report: one of a type that takes some is never it.
        """
        if self.options or self.type.options:
            return False
        if set(report.get("marketplaceIds") or ()) != set(self.marketplace_ids):
            return False
        if report.get("processingStatus") not in (*UNFINISHED_STATUSES, "DONE"):
            return False
        created = _moment(report, "createdTime")
        if created is None or (self.end is None and created < self.fresh_since(now)):
            return False
        return all(
            _is_at(_moment(report, name), wanted, created)
            for name, wanted in (("dataStartTime", self.start), ("dataEndTime", self.end))
        )

    def fresh_since(self, now: dt.datetime) -> dt.datetime:
        """Return since when a report up to now holds what is wanted."""
        return now - max(FRESH, dt.timedelta(seconds=self.type.minimum_interval or 0))


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


@click.command(name="report")
@click.argument("kind", metavar="TYPE", callback=_type)
@click.option("--start", metavar="TIME", callback=_time, help="Begin of its data (ISO 8601).")
@click.option("--end", metavar="TIME", callback=_time, help="End of its data. Default: now.")
@click.option(
    "--options", "pairs", multiple=True, metavar="NAME=VALUE", help="A report option. Repeatable."
)
@click.option(
    "--marketplaces",
    metavar="NAME,...",
    help="Ids or country codes. Default: `marketplace_ids`, or all of the account.",
)
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
    "--wait/--no-wait",
    "is_waited_for",
    default=True,
    show_default=True,
    help="Wait until it is made, or print its state and end.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0),
    default=7200.0,
    show_default=True,
    help="Seconds to wait for it at most.",
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
    marketplaces: str | None,
    output: str,
    form: Literal["original", "jsonl", "csv", "parquet"],
    is_waited_for: bool,
    timeout: float,
    new: bool,
    report_id: str | None,
    connecting: Connecting,
) -> None:
    """Fetch a report of TYPE, such as GET_MERCHANT_LISTINGS_ALL_DATA.

    A report of the same type, marketplaces and times is taken if there is one; of types that take
    options a new one is always asked for, as Amazon does not tell what options a report has.
    """
    options = dict(split_pair(word, "--options") for word in pairs)
    mistakes = [] if report_id else _mistakes(kind, options, start, end, is_new=new)
    if form != ORIGINAL and kind.format in FILE_FORMATS:
        mistakes.append(f"{kind.name} is {kind.format}, which has no rows: leave `--format` out")
    if form == "parquet" and importlib.util.find_spec("pyarrow") is None:
        mistakes.append("`--format parquet` needs pyarrow: install the extra `parquet`")
    mistakes += _mistakes_in_output(output)
    chosen = _marketplace_ids(marketplaces, mistakes)
    if mistakes:
        raise MistakesError(mistakes)
    connection = connecting.open()
    if kind.restricted and not connection.account.restricted_data:
        message = f"{kind.name} holds personal data: set `restricted_data` to true"
        raise MistakesError([message])

    if report_id is not None:
        report = _report(connection.client, report_id)
    else:
        marketplace_ids = chosen or connection.participating_marketplaces
        wanted = Wanted(kind, options, start, end, marketplace_ids)
        report = _found_or_made(connection, wanted, is_new=new)
    if not is_waited_for:
        write_json(_report(connection.client, report["reportId"]))
        return
    _fetch(connection.client, kind, _finished(connection, report, timeout), output, form)


def _fetch(
    client: SellingPartnerClient, kind: ReportType, report: Report, output: str, form: str
) -> None:
    """Write what a finished report holds.

    Raises:
        click.ClickException: Amazon failed to make it, or it has no rows.
    """
    if report["processingStatus"] == "CANCELLED":
        notice("Amazon cancelled the report: there are no data, or the same was made just before")
        return
    if "reportDocumentId" not in report:
        raise click.ClickException(_explanation(report, ""))
    with _document(client, kind, report["reportDocumentId"]) as document:
        if report["processingStatus"] == "FATAL":
            text = "".join(decoded(document, document.content_type))
            raise click.ClickException(_explanation(report, text))
        try:
            _write(document, kind, report, output, form)
        except (DocumentFormatError, NoRowsError) as error:
            message = f"{error}. `--format original` gives it as it is"
            raise click.ClickException(message) from None


def _mistakes(
    kind: ReportType,
    options: Mapping[str, str],
    start: dt.datetime | None,
    end: dt.datetime | None,
    *,
    is_new: bool,
) -> list[str]:
    found = []
    if kind.mode == "requested":
        found += [f"--options: {mistake}" for mistake in kind.mistakes(options)]
        if kind.dates.wanted == "required" and start is None:
            found.append(f"{kind.name} needs `--start`")
    elif options or is_new:
        found.append(
            f"reports of {kind.name} cannot be asked for, only taken as they are: leave "
            "`--options` and `--new` out"
        )
    if start is not None and end is not None and start >= end:
        found.append("`--end` must be later than `--start`")
    return found


def _mistakes_in_output(output: str) -> list[str]:
    if "://" not in output:
        return []
    try:
        url_to_fs(output)
    except (ImportError, ValueError) as error:
        return [f"--output {output}: {error}"]
    return []


def _marketplace_ids(names: str | None, mistakes: list[str]) -> tuple[str, ...]:
    found = []
    for name in (names or "").split(","):
        if not name.strip():
            continue
        try:
            found.append(find_marketplace(name).id)
        except ValueError as error:
            mistakes.append(f"--marketplaces: {error}")
    return tuple(dict.fromkeys(found))


def _found_or_made(connection: Connection, wanted: Wanted, *, is_new: bool) -> Report:
    """Return a report that there is, else one that was just asked for."""
    if wanted.type.mode != "requested":
        return _newest_listed(connection.client, wanted)
    if not is_new and not wanted.options and not wanted.type.options:
        now = connection.clock.now()
        since = wanted.fresh_since(now) if wanted.end is None else None
        same = [
            report
            for report in _reports(connection.client, wanted, since)
            if wanted.is_met_by(report, now)
        ]
        if same:
            newest = max(same, key=lambda report: str(report.get("createdTime")))
            notice(f"Report {newest['reportId']} is the same, of {newest.get('createdTime')}")
            return newest
    operation = catalogue.operation(f"{_API}.createReport")
    report: Report = connection.client.send(operation, body=wanted.body).body
    notice(f"Asked for report {report['reportId']}")
    return report


def _newest_listed(client: SellingPartnerClient, wanted: Wanted) -> Report:
    """Return the newest report of a type that Amazon makes by itself, or by a schedule.

    Raises:
        click.ClickException: There is none.
    """
    there = [
        report
        for report in _reports(client, wanted)
        if report.get("processingStatus") == "DONE"
        and (wanted.start is None or _is_from(report, wanted.start))
        and (wanted.end is None or _is_until(report, wanted.end))
    ]
    if not there:
        message = (
            f"Amazon lists no finished report of {wanted.type.name} of the last 90 days: it makes "
            "them by itself or by a schedule, and they cannot be asked for"
        )
        raise click.ClickException(message)
    newest = max(there, key=lambda report: str(report.get("createdTime")))
    notice(
        f"{len(there)} reports; the newest is {newest['reportId']} of "
        f"{newest.get('dataStartTime')} to {newest.get('dataEndTime')}"
    )
    return newest


def _reports(
    client: SellingPartnerClient, wanted: Wanted, since: dt.datetime | None = None
) -> list[Report]:
    """Return the reports of that type that were made since then, or that Amazon still keeps."""
    operation = catalogue.operation(f"{_API}.getReports")
    parameters: dict[str, Any] = {
        "reportTypes": [wanted.type.name],
        "pageSize": 100,
        "createdSince": since,
    }
    return [report for page in client.pages(operation, parameters) for report in page]


def _report(client: SellingPartnerClient, report_id: str) -> Report:
    operation = catalogue.operation(f"{_API}.getReport")
    report: Report = client.send(operation, {"reportId": report_id}).body
    return report


def _finished(connection: Connection, report: Report, timeout: float) -> Report:
    """Wait until Amazon made the report.

    Raises:
        click.ClickException: It takes longer than that.
    """
    began_at = connection.clock.monotonic()
    wait = FIRST_WAIT
    report_id = str(report["reportId"])
    with progress(f"report {report_id}") as telling:
        while True:
            report = _report(connection.client, report_id)
            status = str(report["processingStatus"])
            if status not in UNFINISHED_STATUSES:
                return report
            waited = connection.clock.monotonic() - began_at
            if waited + wait > timeout:
                message = (
                    f"Report {report_id} is {status} after {waited:.0f} seconds: "
                    f"`--id {report_id}` fetches it later"
                )
                raise click.ClickException(message)
            telling.tell(f"{status}, {waited:.0f} seconds")
            connection.clock.sleep(wait)
            wait = min(2 * wait, LONGEST_WAIT)


def _document(client: SellingPartnerClient, kind: ReportType, document_id: str) -> Document:
    operation = catalogue.operation(f"{_API}.getReportDocument")
    if kind.restricted:
        # Amazon gives a restricted data token for one document, not for all.
        path = operation.path.replace("{reportDocumentId}", document_id)
        operation = replace(operation, path=path, restricted=())
    return Document.of(client, operation, {"reportDocumentId": document_id})


def _explanation(report: Report, text: str) -> str:
    explanation = text.strip()[:_LONGEST_EXPLANATION] or "Amazon does not say why"
    label = f"{report['reportId']} ({report['processingStatus']})"
    return f"Amazon could not make report {label}: {explanation}"


def _write(document: Document, kind: ReportType, report: Report, output: str, form: str) -> None:
    marketplace_ids = report.get("marketplaceIds") or ()
    if form == ORIGINAL and output == STDOUT:
        for piece in document:
            write(piece)
    elif form == ORIGINAL:
        length = store(document, output)
        notice(f"{length} bytes in {output}")
    else:
        rows = read_rows(
            document,
            kind,
            content_type=document.content_type,
            marketplace_ids=marketplace_ids,
        )
        _write_rows(rows, output, cast("FileFormat", form))


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


def _is_at(found: dt.datetime | None, wanted: dt.datetime | None, created: dt.datetime) -> bool:
    """Whether a report's time is the one wanted; none means when it was made."""
    if wanted is not None:
        return found == wanted
    return found is None or abs(created - found) < _ABOUT


def _is_from(report: Report, start: dt.datetime) -> bool:
    moment = _moment(report, "dataStartTime")
    return moment is not None and moment >= start


def _is_until(report: Report, end: dt.datetime) -> bool:
    moment = _moment(report, "dataEndTime")
    return moment is not None and moment <= end


def _moment(report: Report, name: str) -> dt.datetime | None:
    text = report.get(name)
    return parse_timestamp(text) if isinstance(text, str) else None
