"""Why a report cannot be requested or fetched as the options of `amazon-sp report` say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from tap_amazon_sp.amazon.report_types import ReportType


def mistakes_in_request(
    kind: ReportType,
    options: Mapping[str, str],
    start: dt.datetime | None,
    end: dt.datetime | None,
) -> list[str]:
    """Return why Amazon does not make a report with these options and times, in sentences."""
    found = [f"--options: {mistake}" for mistake in kind.mistakes(options)]
    if kind.dates.wanted == "required" and start is None:
        found.append(f"{kind.name} needs `--start`")
    if kind.dates.wanted == "none" and (start, end) != (None, None):
        found.append(
            f"{kind.name} shows the current state and takes no times: leave `--start` and "
            "`--end` out"
        )
    return found


def mistakes_in_listing(kind: ReportType, options: Mapping[str, str], *, is_new: bool) -> list[str]:
    """Return which options say nothing about a report that is only fetched, in a sentence."""
    if not options and not is_new:
        return []
    why = (
        "with `--listed`, no report is requested"
        if kind.mode == "requested"
        else f"reports of {kind.name} cannot be requested, only fetched"
    )
    given = {"`--options`": bool(options), "`--new`": is_new}
    return [f"{why}: leave {' and '.join(name for name in given if given[name])} out"]


def mistakes_in_times(
    start: dt.datetime | None, end: dt.datetime | None, now: dt.datetime
) -> list[str]:
    """Return why no report has data of this time, in a sentence."""
    if start is not None and end is not None and start >= end:
        return ["`--end` must be later than `--start`"]
    if start is not None and start >= now:
        return ["`--start` is in the future"]
    return []
