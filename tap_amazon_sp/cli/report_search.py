"""Which report `amazon-sp report` fetches: one that exists, or a new one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import click

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.amazon.report_types import ReportType
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.operation_commands import chosen_marketplaces, names_in
from tap_amazon_sp.common.timestamps import moment_of
from tap_amazon_sp.jobs.api import REPORTS
from tap_amazon_sp.jobs.listing import list_jobs, newest_usable
from tap_amazon_sp.jobs.polling import (
    DONE,
    Job,
)
from tap_amazon_sp.jobs.requests import ReportRequest, report_listing
from tap_amazon_sp.reading.connection import Connection


def marketplaces_of_request(
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


def found_or_made(connection: Connection, request: ReportRequest, *, is_new: bool) -> str:
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


def newest_listed(
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
