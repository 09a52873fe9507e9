"""Reads what a run did from the file of its events, or from a log.

A debug log has the events, too: see `common/events.py`. A line of a log may be text or JSON, and
may be a line of Meltano's log around one of the tap's.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from tap_amazon_sp.common.events import EVENT_PREFIX, Outcome, Reason, Stage
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.timeline.model import Call, Job, Operation, ReadTo, Run, Stream, Wait

Event = Mapping[str, Any]

EVENTS = frozenset(
    {"run_begun", "run_ended", "stream_begun", "stream_ended", "read_to", "call", "wait", "job"}
)
_decode = json.JSONDecoder().raw_decode
_OUTCOMES, _REASONS, _STAGES = map(get_args, (Outcome, Reason, Stage))


class NoTimelineError(Exception):
    """A file is not the log or the events of a run."""


def read_run(lines: Iterable[str], *, number: int | None = None) -> Run:
    """Read a run.

    Args:
        lines: Lines of the events or the log.
        number: Which run, from 1, if there are several; None is the last one.

    Raises:
        NoTimelineError: There is no such run, or a line is not what it should be.
    """
    runs = [*_runs(lines)]
    if not runs:
        message = (
            "It has no events of a run. Write them with `--timeline FILE`, or the setting "
            "`timeline_file`, or log debug messages"
        )
        raise NoTimelineError(message)
    if number is not None and not 1 <= number <= len(runs):
        message = f"It has no run {number}: the runs are 1 to {len(runs)}"
        raise NoTimelineError(message)
    return runs[-1 if number is None else number - 1].run()


def _runs(lines: Iterable[str]) -> Iterator[_Builder]:
    building: _Builder | None = None
    for place, event in _events(lines):
        try:
            if event["event"] == "run_begun" or building is None:
                if building is not None:
                    yield building
                at = parse_timestamp(event["at"])
                building = _Builder(at, at)
            building.add(event)
        except (KeyError, TypeError, ValueError):
            message = f"Line {place} is an event that this version does not know"
            raise NoTimelineError(message) from None
    if building is not None:
        yield building


def _events(lines: Iterable[str]) -> Iterator[tuple[int, Event]]:
    """Yield the number of each line with an event, and the event.

    The last line of a run that was killed may be cut off: it is none.
    """
    for place, line in enumerate(lines, 1):
        if (event := _event_in(line)) is not None:
            yield place, event


def _event_in(line: str) -> Event | None:
    if line.lstrip().startswith("{"):
        content = _json(line.strip())
        if not isinstance(content, dict):
            return None
        if content.get("event") in EVENTS and "at" in content:
            return content
        texts = (value for value in content.values() if isinstance(value, str))
        return next(filter(None, map(_event_in_text, texts)), None)
    return _event_in_text(line)


def _event_in_text(text: str) -> Event | None:
    _, mark, rest = text.partition(EVENT_PREFIX + "{")
    content = _json("{" + rest) if mark else None
    is_event = isinstance(content, dict) and content.get("event") in EVENTS and "at" in content
    return content if is_event else None


def _json(text: str) -> Any:
    """Return the JSON at the beginning of a text; None if there is none."""
    try:
        # A coloured line goes on after it.
        return _decode(text)[0]
    except (ValueError, RecursionError):
        return None


@dataclass
class _Builder:
    """What the events of a run have said so far."""

    begun: dt.datetime
    ended: dt.datetime
    version: str = ""
    finished: bool = False
    left_out: int = 0
    calls: dict[tuple[str, str], list[Call]] = field(default_factory=dict)
    waits: dict[tuple[str, str], list[Wait]] = field(default_factory=dict)
    streams: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    readings: dict[tuple[str, str], list[ReadTo]] = field(default_factory=dict)
    jobs: dict[int, dict[str, Any]] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take the next event.

        Raises:
            KeyError, TypeError, ValueError: It lacks a value, or has a wrong one.
        """
        at = parse_timestamp(event["at"])
        begun = parse_timestamp(event["begun"]) if "begun" in event else at
        self.begun = min(self.begun, begun)
        self.ended = max(self.ended, at)
        getattr(self, f"_{event['event']}")(event, at, begun)

    def _run_begun(self, event: Event, _at: dt.datetime, _begun: dt.datetime) -> None:
        self.version = str(event["version"])

    def _run_ended(self, event: Event, _at: dt.datetime, _begun: dt.datetime) -> None:
        self.finished = True
        self.left_out = int(event["left_out"])

    def _call(self, event: Event, at: dt.datetime, begun: dt.datetime) -> None:
        status = None if event["status"] is None else int(event["status"])
        self.calls.setdefault(_operation(event), []).append(Call(begun, at, status))

    def _wait(self, event: Event, at: dt.datetime, begun: dt.datetime) -> None:
        reason = _one_of(event["reason"], _REASONS)
        self.waits.setdefault(_operation(event), []).append(Wait(begun, at, reason))

    def _stream_begun(self, event: Event, at: dt.datetime, _begun: dt.datetime) -> None:
        self.streams[_stream(event)] = {"begun": at}

    def _stream_ended(self, event: Event, at: dt.datetime, _begun: dt.datetime) -> None:
        self.streams.setdefault(_stream(event), {}).update(
            ended=at,
            records=int(event["records"]),
            outcome=_one_of(event["outcome"], _OUTCOMES),
        )

    def _read_to(self, event: Event, at: dt.datetime, _begun: dt.datetime) -> None:
        reading = ReadTo(at, parse_timestamp(event["read_to"]))
        self.readings.setdefault(_stream(event), []).append(reading)

    def _job(self, event: Event, at: dt.datetime, _begun: dt.datetime) -> None:
        job = self.jobs.setdefault(int(event["job"]), {})
        job |= {name: str(event[name]) for name in ("kind", "account", "stream")}
        job[_one_of(event["stage"], _STAGES)] = at
        if "status" in event:
            job["outcome"] = str(event["status"])

    def run(self) -> Run:
        """Return the run."""
        names = dict.fromkeys((*self.calls, *self.waits))
        return Run(
            begun=self.begun,
            ended=self.ended,
            version=self.version,
            exact=True,
            finished=self.finished,
            operations=tuple(
                Operation(
                    name,
                    account,
                    calls=_by_beginning(self.calls.get((name, account), [])),
                    waits=_by_beginning(self.waits.get((name, account), [])),
                )
                for name, account in names
            ),
            streams=tuple(
                Stream(
                    name,
                    account,
                    begun=found.get("begun"),
                    ended=found.get("ended"),
                    records=found.get("records"),
                    outcome=found.get("outcome", "unknown"),
                    readings=tuple(self.readings.get((name, account), ())),
                )
                for (name, account), found in self.streams.items()
            ),
            jobs=tuple(
                Job(
                    job["kind"],
                    job["account"],
                    job["stream"],
                    **{stage: job.get(stage) for stage in _STAGES},
                    outcome=job.get("outcome", ""),
                )
                for job in self.jobs.values()
            ),
            events_left_out=self.left_out,
        )


def _operation(event: Event) -> tuple[str, str]:
    return str(event["operation"]), str(event["account"])


def _stream(event: Event) -> tuple[str, str]:
    return str(event["stream"]), str(event["account"])


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(value)
    return str(value)


def _by_beginning(found: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda one: one.begun))
