"""Sections of a timeline's page: calls by operation, streams, and reports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from tap_amazon_sp.timeline import drawing
from tap_amazon_sp.timeline.elements import (
    add,
    add_axis,
    add_details,
    add_lane,
    add_legend,
    add_missing,
    by_account,
    section_of,
)
from tap_amazon_sp.timeline.model import Job, Operation, Run, Stream
from tap_amazon_sp.timeline.scale import Scale, duration
from tap_amazon_sp.timeline.shares import seconds_in_air, seconds_waited

MAX_LANES = 80
"""Operations, streams, and types of reports that are drawn; tables have all of them."""
MAX_ROWS = 2000


# --- Calls --------------------------------------------------------------------------------------


def add_operations(main: Element, run: Run, scale: Scale) -> None:
    """Add a lane for each operation of each account."""
    section = section_of(main, "Calls")
    if not run.operations:
        add(section, "p", "Nothing was called.")
        return
    timed = [one for one in run.operations if one.calls or one.waits]
    if timed:
        _add_operation_lanes(section, timed, scale)
    add_missing(section, len(timed) - MAX_LANES, "operations with the fewest calls")
    add_missing(section, len(run.operations) - len(timed), "operations without a known time")
    _add_rows(
        section,
        ("operation", "account", "calls", "429", "in the air", "rate limit", "after 429", "retry"),
        [_operation_row(operation) for operation in run.operations[:MAX_ROWS]],
        len(run.operations),
    )


def _add_operation_lanes(section: Element, timed: Sequence[Operation], scale: Scale) -> None:
    add_legend(
        section,
        ("answered", "calls, answered: the more, the higher"),
        ("refused-call", "refused (429)"),
        ("failed-call", "failed"),
        ("wait rate-limit", "waiting for the rate limit"),
        ("wait refused", "waiting after a refusal"),
        ("wait failed", "waiting before another try"),
    )
    add_axis(section, scale)
    chosen = sorted(timed, key=lambda one: one.number_of_calls, reverse=True)[:MAX_LANES]
    shown = {id(one) for one in chosen}
    bins = drawing.bins_for(len(shown))
    for operations in by_account(section, (one for one in timed if id(one) in shown)):
        for operation in operations:
            name = operation.name.rpartition(".")[2]
            notes = [*_operation_notes(operation)]
            label = _label(name, operation.account, notes)
            drawn, most = drawing.draw_operation(operation, scale, label, bins)
            if most > 1:
                notes.append(("", f"highest bar {most:,}"))
            add_lane(section, name, notes, drawn)


def _operation_notes(operation: Operation) -> Iterator[tuple[str, str]]:
    calls = operation.number_of_calls
    yield "", "1 call" if calls == 1 else f"{calls:,} calls"
    if refused := operation.number_refused:
        yield "bad", f"{refused:,} refused"
    if failed := sum(call.has_failed for call in operation.calls):
        yield "bad", f"{failed:,} failed"
    if operation.calls_left_out:
        yield "", f"{operation.calls_left_out:,} without a time"


def _operation_row(operation: Operation) -> tuple[str, ...]:
    return (
        operation.name,
        operation.account,
        f"{operation.number_of_calls:,}",
        f"{operation.number_refused:,}",
        duration(seconds_in_air(operation)),
        duration(seconds_waited(operation, "rate limit")),
        duration(seconds_waited(operation, "refused")),
        duration(seconds_waited(operation, "failed")),
    )


# --- Streams ------------------------------------------------------------------------------------

_OUTCOMES = {"done": "", "failed": "bad", "stopped": "bad", "unknown": ""}


def add_streams(main: Element, run: Run, scale: Scale) -> None:
    """Add a lane for each stream of each account."""
    section = section_of(main, "Streams")
    if not run.streams:
        add(section, "p", "No stream was read.")
        return
    add_legend(
        section,
        ("stream done", "done"),
        ("stream failed", "failed"),
        ("stream stopped", "stopped"),
        ("stream unknown", "without an end"),
        ("read-to", "up to when it was read: later is higher"),
    )
    add_axis(section, scale)
    shown = run.streams[:MAX_LANES]
    readings = drawing.readings_for(len(shown))
    for streams in by_account(section, shown):
        for stream in streams:
            notes = [*_stream_notes(stream)]
            label = _label(stream.name, stream.account, notes)
            drawn = drawing.draw_stream(stream, scale, label, readings)
            add_lane(section, stream.name, notes, drawn)
    add_missing(section, len(run.streams) - len(shown), "streams")
    _add_rows(
        section,
        ("stream", "account", "outcome", "records", "time", "read from", "read to"),
        [_stream_row(stream) for stream in run.streams[:MAX_ROWS]],
        len(run.streams),
    )


def _stream_notes(stream: Stream) -> Iterator[tuple[str, str]]:
    yield _OUTCOMES.get(stream.outcome, ""), _outcome_text(stream)
    if stream.records is not None:
        yield "", f"{stream.records:,} records"
    if time := _stream_time(stream):
        yield "", time
    if stream.readings:
        yield "", f"read to {max(one.read_to for one in stream.readings):%Y-%m-%d}"


def _outcome_text(stream: Stream) -> str:
    return "without an end" if stream.outcome == "unknown" else stream.outcome


def _stream_time(stream: Stream) -> str:
    if stream.begun is None or stream.ended is None:
        return ""
    return duration((stream.ended - stream.begun).total_seconds())


def _stream_row(stream: Stream) -> tuple[str, ...]:
    reached = [one.read_to for one in stream.readings]
    first, last = min(reached, default=None), max(reached, default=None)
    return (
        stream.name,
        stream.account,
        _outcome_text(stream),
        "" if stream.records is None else f"{stream.records:,}",
        _stream_time(stream),
        "" if first is None else f"{first:%Y-%m-%d %H:%M}",
        "" if last is None else f"{last:%Y-%m-%d %H:%M}",
    )


# --- Reports ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Type:
    """The reports of a type for an account."""

    kind: str
    account: str
    jobs: list[Job]


def add_jobs(main: Element, run: Run, scale: Scale) -> None:
    """Add a lane for each type of report of each account."""
    if not run.jobs:
        return
    section = section_of(main, "Reports and queries")
    add_legend(
        section,
        *((f"job {name}", text) for name, text in drawing.STAGES),
        ("job failed-job", "ended without a document (FATAL, CANCELLED)"),
    )
    add_axis(section, scale)
    grouped: dict[tuple[str, str], list[Job]] = {}
    for job in run.jobs:
        grouped.setdefault((job.account, job.kind), []).append(job)
    types = [_Type(kind, account, jobs) for (account, kind), jobs in grouped.items()]
    shown = types[:MAX_LANES]
    bars = drawing.bars_for(len(shown))
    for of_account in by_account(section, shown):
        for one in of_account:
            notes = [*_type_notes(one, bars)]
            label = _label(one.kind, one.account, notes)
            add_lane(
                section,
                one.kind,
                notes,
                drawing.draw_jobs(one.jobs, scale, label, bars, exact=run.exact),
            )
    add_missing(section, len(types) - len(shown), "types of reports")
    _add_rows(
        section,
        ("type", "account", "number", *(f"{text} (mean)" for _, text in drawing.STAGES), "failed"),
        [_type_row(one, run) for one in types[:MAX_ROWS]],
        len(types),
    )


def _type_notes(one: _Type, bars: int) -> Iterator[tuple[str, str]]:
    count = len(one.jobs)
    yield "", f"{count:,}" if count <= bars else f"{bars:,} of {count:,} are drawn"
    if failed := sum(job.is_without_document for job in one.jobs):
        yield "bad", f"{failed:,} without a document"


def _type_row(one: _Type, run: Run) -> tuple[str, ...]:
    failed = sum(job.is_without_document for job in one.jobs)
    return (one.kind, one.account, f"{len(one.jobs):,}", *_mean_times(one.jobs, run), f"{failed:,}")


def _mean_times(jobs: Sequence[Job], run: Run) -> Iterator[str]:
    """Yield the mean time of each stage."""
    times: dict[str, list[float]] = {name: [] for name, _ in drawing.STAGES}
    for job in jobs:
        # It was not ready to be read, or nobody knows for how long.
        is_last = job.is_without_document or not run.exact
        for stage, begun, ended in drawing.stages_of(job, run.ended):
            if stage == "finished" and is_last:
                continue
            times[stage].append((ended - begun).total_seconds())
    for found in times.values():
        yield duration(sum(found) / len(found)) if found else ""


# --- Parts --------------------------------------------------------------------------------------


def _label(name: str, account: str, notes: Sequence[tuple[str, str]]) -> str:
    """Return what a reader hears who does not see the drawing."""
    owned = f"{name} of {account}" if account else name
    return f"{owned}: {', '.join(text for _, text in notes)}"


def _add_rows(
    section: Element, names: Sequence[str], rows: Sequence[Sequence[str]], count: int
) -> None:
    add_details(section, names, rows)
    if count > len(rows):
        add(section, "p", f"The table has the first {len(rows):,} of {count:,}.", "note")
