"""What the sentences of a log that is not a debug log say about a run, as events.

They tell less than the events of a file: only calls that were refused or failed have a time, the
others are counted at the end; of the waits of an operation for its rate limit, only the first is
logged; nothing says when a report was queued or read.

The sentences are written in `run.py`, `reading/stream.py`, `reading/stream_end.py`,
`reading/progress_lines.py`, `jobs/queue.py`, `jobs/poller.py`, `amazon/sending.py`,
`amazon/retry.py` and `amazon/metrics.py`; tests/e2e/test_timeline_file.py reads real logs.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
from collections.abc import Callable, Iterator
from typing import Any

from tap_amazon_sp.timeline.building import Event

_LABEL = r"(?P<stream>[A-Za-z_]\w*)(?: of (?P<account>.+?))?"
_OPERATION = r"(?:account '(?P<account>.*?)', )?(?P<operation>[\w-]+\.\w+): "
_JOB = r"(?P<job>(?:Report|Query) \S+)"
_SECONDS = r"(?P<seconds>\d{1,9}(?:\.\d+)?)"
_KIND = r"(?P<kind>.+?)(?= from \d{4}-| to \d{4}-|, | \(a further page\)|$)"
_CHILD = re.compile(r", (?P<records>[\d,]+) of (?P<stream>[A-Za-z_]\w*)(?=,|$)")

_VERSION = re.compile(r"tap-amazon-sp v(?P<version>\S+), Meltano SDK ")
_RUN = re.compile(r"Reading [\d,]+ of [\d,]+ streams?( of [\d,]+ accounts?)?$")
_STOPPED = re.compile(r"Stopped by signal \d+\.")


class Sentences:
    """Reads the sentences of one run."""

    def __init__(self) -> None:
        """Have read nothing yet."""
        self._begun: dict[tuple[str, str], dt.datetime] = {}
        self._jobs: dict[str, tuple[int, str]] = {}
        self._numbers = itertools.count(1)

    def events(self, at: dt.datetime, message: str) -> Iterator[Event]:
        """Yield the events that a message of the log tells."""
        for pattern, read in self._known:
            if (found := pattern.match(message)) is not None:
                yield from read(self, at, found)
                return

    def _begin_stream(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        stream = _stream(found)
        self._begun[stream] = at
        yield _event("stream_begun", at, _names(stream))

    def _read_to(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        yield _event("read_to", at, _names(_stream(found)), read_to=found["read_to"])

    def _fail_stream(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        stream = _stream(found)
        yield _event("stream_ended", at, _names(stream), records=None, outcome="failed")

    def _end_stream(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        """Read the end of a stream, and of its children, whose end has no other sentence."""
        stream, outcome = _stream(found), found["outcome"]
        begun = self._begun.pop(stream, None)
        rest = found["rest"]
        if (reached := re.match(r".*?, read to (\S+Z)", rest)) is not None:
            yield _event("read_to", at, _names(stream), read_to=reached[1])
        yield _ended(at, stream, found["records"], outcome)
        while (child := _CHILD.match(rest)) is not None:
            rest = rest[child.end() :]
            name = child["stream"], stream[1]
            if begun is not None:
                yield _event("stream_begun", begun, _names(name))
            yield _ended(at, name, child["records"], outcome)

    def _submit(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        self._jobs[found["job"]] = next(self._numbers), found["kind"]
        yield self._job(at, found["job"], "submitted")

    def _finish(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        job = found["job"]
        if job not in self._jobs:
            self._jobs[job] = next(self._numbers), found["kind"]
            begun = at - dt.timedelta(seconds=float(found["seconds"]))
            yield self._job(begun, job, "submitted")
        yield self._job(at, job, "finished", status=found["status"])

    def _job(self, at: dt.datetime, job: str, stage: str, **values: str) -> Event:
        number, kind = self._jobs[job]
        nobody = {"account": "", "stream": ""}
        return _event("job", at, nobody, job=number, kind=kind, stage=stage, **values)

    def _refuse(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        yield _event("call", at, _operation(found), status=429)

    def _wait(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        yield _wait_of(at, found, "rate limit")

    def _try_again(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        status = re.match(r"HTTP (\d{3})\b", found["what"])
        yield _event("call", at, _operation(found), status=status and status[1])
        yield _wait_of(at, found, "failed")

    def _count_calls(self, at: dt.datetime, found: re.Match[str]) -> Iterator[Event]:
        calls = _number(found["calls"])
        yield _event("costs", at, {"operation": found["operation"]}, calls=calls)
        # The costs are the last words of a run.
        yield _event("run_ended", at, left_out=0)

    def _stop(self, at: dt.datetime, _found: re.Match[str]) -> Iterator[Event]:
        for stream in self._begun:
            yield _event("stream_ended", at, _names(stream), records=None, outcome="stopped")
        self._begun.clear()
        yield _event("run_ended", at, left_out=0)

    _known: tuple[tuple[re.Pattern[str], Callable[..., Iterator[Event]]], ...] = (
        (re.compile(rf"Beginning sync of '{_LABEL}' in \w+ mode"), _begin_stream),
        (
            re.compile(
                rf"{_LABEL}: (?P<outcome>done|failed|stopped) after [^:]+: "
                r"(?P<records>[\d,]+) records?(?P<rest>.*)"
            ),
            _end_stream,
        ),
        (re.compile(rf"{_LABEL}: [\d,]+ records?, read to (?P<read_to>\S+Z)"), _read_to),
        (re.compile(rf"Stream '{_LABEL}' failed: "), _fail_stream),
        (re.compile(rf"{_JOB} (?:requested|exists already): {_KIND}"), _submit),
        (
            re.compile(rf"{_JOB}: (?P<status>[A-Z_]+) after {_SECONDS} seconds: {_KIND}"),
            _finish,
        ),
        (re.compile(rf"{_OPERATION}HTTP 429, waiting for a new token"), _refuse),
        (
            re.compile(rf"{_OPERATION}waiting {_SECONDS} seconds for the rate limit"),
            _wait,
        ),
        (
            re.compile(
                rf"{_OPERATION}(?P<what>.*)\. "
                rf"Trying again in {_SECONDS} seconds \(try \d+ of \d+\)"
            ),
            _try_again,
        ),
        (
            re.compile(rf"{_OPERATION}(?P<calls>[\d,]+) calls?, .* waited for the rate limit"),
            _count_calls,
        ),
        (_STOPPED, _stop),
    )


def version_in(message: str) -> str | None:
    """Return the version of the tap in its first line; None for another line."""
    found = _VERSION.match(message)
    return None if found is None else found["version"]


def begins_run(message: str) -> bool:
    """Return whether a run begins with this message."""
    return _RUN.match(message) is not None


def _event(event: str, at: dt.datetime, names: Event | None = None, **values: Any) -> Event:
    return {"event": event, "at": _written(at), **(names or {}), **values}


def _ended(at: dt.datetime, stream: tuple[str, str], records: str, outcome: str) -> Event:
    number = _number(records)
    return _event("stream_ended", at, _names(stream), records=number, outcome=outcome)


def _wait_of(at: dt.datetime, found: re.Match[str], reason: str) -> Event:
    until = at + dt.timedelta(seconds=float(found["seconds"]))
    return _event("wait", until, _operation(found), begun=_written(at), reason=reason)


def _stream(found: re.Match[str]) -> tuple[str, str]:
    return found["stream"], found["account"] or ""


def _names(stream: tuple[str, str]) -> dict[str, str]:
    return {"stream": stream[0], "account": stream[1]}


def _operation(found: re.Match[str]) -> dict[str, str]:
    return {"operation": found["operation"], "account": found["account"] or ""}


def _number(text: str) -> int:
    return int(text.replace(",", ""))


def _written(at: dt.datetime) -> str:
    return at.isoformat()
