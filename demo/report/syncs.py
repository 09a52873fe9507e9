"""The section about the runs of the tap that brought the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from demo.report import charts
from demo.report.amounts import count, number
from demo.report.parts import Panel, Section, Table
from tap_amazon_sp.timeline.model import Run
from tap_amazon_sp.timeline.reading import NoTimelineError, read_run
from tap_amazon_sp.timeline.scale import duration
from tap_amazon_sp.timeline.shares import RULE, seconds_waited, shares_of

_COLOURS = {
    "air": "--blue",
    "rate-limit": "--orange",
    "refused": "--red",
    "failed": "--pink",
    "reports": "--sky",
    "own": "--grey",
}
_NAMES = {
    "air": "waiting for answers",
    "rate-limit": "rate limits",
    "refused": "after refusals",
    "failed": "before another try",
    "reports": "Amazon's reports",
    "own": "the tap itself",
}


def read_runs(files: Sequence[tuple[str, Path]]) -> list[tuple[str, Run]]:
    """Return the runs with their titles; a file that is missing or has no run is left out.

    Args:
        files: Titles of runs, and the files that `timeline_file` named.
    """
    found = []
    for title, file in files:
        with suppress(FileNotFoundError, NoTimelineError):
            found.append((title, read_run(file.read_text(encoding="utf-8").splitlines())))
    return found


def syncs(runs: Sequence[tuple[str, Run]]) -> Section:
    """What the runs read, and where their time went."""
    source = (
        "From the files of the setting `timeline_file`; `amazon-sp timeline` draws one of them in "
        f"detail. {RULE}"
    )
    if not runs:
        missing = Panel("The runs left no timeline: see the setting timeline_file")
        return Section("sync", "Sync", "The sync", [missing], source)
    records = sum(stream.records or 0 for _, run in runs for stream in run.streams)
    calls = sum(one.number_of_calls for _, run in runs for one in run.operations)
    seconds = sum(_seconds(run) for _, run in runs)
    headline = (
        f"{count(records, 'record')} with {count(calls, 'call')} in {duration(seconds)}"
        f"{'' if len(runs) == 1 else f', in {len(runs)} runs'}"
    )
    tables = [_summary(runs), _streams(runs)]
    notes = [*_failures(runs)]
    panel = Panel(headline, chart=_chart(runs), tables=tables, notes=notes)
    return Section("sync", "Sync", "The sync", [panel], source)


def _seconds(run: Run) -> float:
    return (run.ended - run.begun).total_seconds()


def _chart(runs: Sequence[tuple[str, Run]]) -> dict[str, object]:
    values = [
        {
            "label": title,
            "kind": _NAMES[share.name],
            "place": [*_NAMES].index(share.name),
            "amount": round(share.seconds, 3),
            "shown": f"{duration(share.seconds)}: {share.text}",
        }
        for title, run in runs
        for share in shares_of(run)
        if share.seconds
    ]
    used = {value["kind"] for value in values}
    kinds = [(_NAMES[name], colour) for name, colour in _COLOURS.items() if _NAMES[name] in used]
    return dict(charts.shares(values, kinds, "seconds"))


def _summary(runs: Sequence[tuple[str, Run]]) -> Table:
    return Table(
        "The runs",
        (
            "run",
            "time",
            "streams",
            "records",
            "calls",
            "refused (429)",
            "waits of operations for rate limits",
        ),
        [
            (
                title,
                duration(_seconds(run)),
                number(len(run.streams)),
                number(sum(stream.records or 0 for stream in run.streams)),
                number(sum(one.number_of_calls for one in run.operations)),
                number(sum(one.number_refused for one in run.operations)),
                duration(sum(seconds_waited(one, "rate limit") for one in run.operations)),
            )
            for title, run in runs
        ],
        frozenset({1, 2, 3, 4, 5, 6}),
    )


def _streams(runs: Sequence[tuple[str, Run]]) -> Table:
    names = sorted({(one.account, one.name) for _, run in runs for one in run.streams})
    records = [{(one.account, one.name): one.records for one in run.streams} for _, run in runs]
    return Table(
        "Records of each stream",
        ("stream", *(title for title, _ in runs)),
        [
            (
                f"{name} · {account}" if account else name,
                *(number(found.get((account, name))) for found in records),
            )
            for account, name in names
        ],
        frozenset(range(1, len(runs) + 1)),
    )


def _failures(runs: Sequence[tuple[str, Run]]) -> Iterator[str]:
    for title, run in runs:
        if failed := [one.name for one in run.streams if one.outcome == "failed"]:
            yield f"{title}: {', '.join(failed)} failed."
        if not run.finished:
            yield f"{title}: the end of the run is missing."
