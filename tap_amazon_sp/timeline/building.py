"""Builds a run of what its events say, one after the other: see `common/events.py`."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args

from tap_amazon_sp.common.events import Outcome, Reason, Stage
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.timeline.model import Call, Job, Operation, ReadTo, Run, Stream, Wait

Event = Mapping[str, Any]

EVENTS = frozenset(
    {"run_begun", "run_ended", "stream_begun", "stream_ended", "read_to", "call", "wait", "job"}
)
MAX_NAME = 300
"""Characters. Names of streams have up to 255."""
YEARS = range(2000, 2200)
"""Years in which a run can be. Others are mistakes, and break calculations."""
_OUTCOMES, _REASONS, _STAGES = map(get_args, (Outcome, Reason, Stage))


@dataclass
class RunBuilder:
    """What the events of a run have said so far.

    The sentences of a log give events, too (`exact` is False then), and one that no file has:
    `costs`, the number of all calls of an operation. They may not tell the records of a stream.
    """

    begun: dt.datetime
    ended: dt.datetime
    exact: bool = True
    version: str = ""
    finished: bool = False
    left_out: int = 0
    calls: dict[tuple[str, str], list[Call]] = field(default_factory=dict)
    waits: dict[tuple[str, str], list[Wait]] = field(default_factory=dict)
    streams: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    readings: dict[tuple[str, str], list[ReadTo]] = field(default_factory=dict)
    jobs: dict[int, dict[str, Any]] = field(default_factory=dict)
    costs: dict[str, int] = field(default_factory=dict)

    def add(self, event: Event) -> None:
        """Take the next event.

        Raises:
            KeyError, TypeError, ValueError: It lacks a value, or has a wrong one.
        """
        at = time_of(event, "at")
        begun = min(time_of(event, "begun"), at) if "begun" in event else at
        self.begun = min(self.begun, begun)
        self.ended = max(self.ended, at)
        getattr(self, f"_{event['event']}")(event, at, begun)

    def _run_begun(self, event: Event, _at: dt.datetime, _begun: dt.datetime) -> None:
        self.version = _name(event["version"])

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
            records=None if event["records"] is None else int(event["records"]),
            outcome=_one_of(event["outcome"], _OUTCOMES),
        )

    def _read_to(self, event: Event, at: dt.datetime, _begun: dt.datetime) -> None:
        reading = ReadTo(at, parse_timestamp(event["read_to"]))
        self.readings.setdefault(_stream(event), []).append(reading)

    def _job(self, event: Event, at: dt.datetime, _begun: dt.datetime) -> None:
        job = self.jobs.setdefault(int(event["job"]), {})
        job |= {name: _name(event[name]) for name in ("kind", "account", "stream")}
        job[_one_of(event["stage"], _STAGES)] = at
        if "status" in event:
            job["outcome"] = _name(event["status"])

    def _costs(self, event: Event, _at: dt.datetime, _begun: dt.datetime) -> None:
        self.costs[str(event["operation"])] = int(event["calls"])

    def run(self) -> Run:
        """Return the run."""
        return Run(
            begun=self.begun,
            ended=self.ended,
            version=self.version,
            exact=self.exact,
            finished=self.finished,
            operations=tuple(self._operations()),
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

    def _operations(self) -> Iterator[Operation]:
        left_out = Counter(self.costs)
        for (name, _), calls in self.calls.items():
            left_out[name] -= len(calls)
        # The costs are those of all accounts together.
        without_account = ((name, "") for name in +left_out)
        for name, account in dict.fromkeys((*self.calls, *self.waits, *without_account)):
            yield Operation(
                name,
                account,
                calls=_by_beginning(self.calls.get((name, account), [])),
                waits=_by_beginning(self.waits.get((name, account), [])),
                calls_left_out=0 if account else max(0, left_out[name]),
            )


def time_of(event: Event, name: str) -> dt.datetime:
    """Return a time in an event.

    Raises:
        KeyError, TypeError, ValueError: There is none, or one at which no run can be.
    """
    moment = parse_timestamp(event[name])
    if moment.year not in YEARS:
        raise ValueError(event[name])
    return moment


def _operation(event: Event) -> tuple[str, str]:
    return _name(event["operation"]), _name(event["account"])


def _stream(event: Event) -> tuple[str, str]:
    return _name(event["stream"]), _name(event["account"])


def _name(value: Any) -> str:
    """Return a name as text; what is longer than any name is cut."""
    return str(value)[:MAX_NAME]


def _one_of(value: Any, known: tuple[str, ...]) -> str:
    if value not in known:
        raise ValueError(value)
    return str(value)


def _by_beginning(found: list[Any]) -> tuple[Any, ...]:
    return tuple(sorted(found, key=lambda one: one.begun))
