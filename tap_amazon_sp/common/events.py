"""What a run does, and when, as lines of JSON: the source of its timeline.

A line is an object with `event` and `at`, a time in UTC. Lines name operations, accounts, streams
and report types. They have no address, parameter, id or record. docs/timeline.md lists the events.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Literal, TextIO

from tap_amazon_sp.common.clock import Clock
from tap_amazon_sp.common.event_file import open_event_file

logger = logging.getLogger(__name__)

EVENT_PREFIX = "EVENT "
"""Begins a message of the debug log that has an event."""
MAX_EVENTS = 500_000
"""Calls, waits and so on in a file. Those of streams and of the run are always written."""
MIN_WAIT = 0.01
"""Seconds. Shorter waits are left out."""

Outcome = Literal["done", "failed", "stopped"]
Reason = Literal["rate limit", "refused", "failed"]
Stage = Literal["queued", "submitted", "processing", "finished", "read"]


class Events:
    """Writes the events of a run, once `open` says where. It may be used from many threads."""

    def __init__(self, clock: Clock) -> None:
        """Write nothing yet."""
        self.clock = clock
        self._lock = threading.Lock()
        self._file: TextIO | None = None
        self._jobs = itertools.count(1)
        self._left = MAX_EVENTS
        self._left_out = 0
        self.is_on = False

    def open(self, path: str | None) -> None:
        """Write the events from now on: into a file, and into the log if it shows debug messages.

        Args:
            path: The file, which is replaced; None for none.

        Raises:
            OSError: The file cannot be written.
            OtherFileError: There is something else than the events of an earlier run.
        """
        if path is not None:
            self._file = open_event_file(path)
        self.is_on = path is not None or logger.isEnabledFor(logging.DEBUG)

    def close(self) -> None:
        """Write nothing more."""
        with self._lock:
            self.is_on = False
            self._close_file()

    def of_account(self, name: str | None) -> AccountEvents:
        """Return the events of an account; None is the only one."""
        return AccountEvents(self, name or "")

    def begin_run(self, version: str) -> None:
        """Note that the run begins."""
        self.write("run_begun", version=version, limited=False)

    def end_run(self) -> None:
        """Note that the run ends, and write nothing more."""
        self.write("run_ended", left_out=self._left_out, limited=False)
        self.close()

    def next_job(self) -> int:
        """Return a number for a job."""
        return next(self._jobs)

    def write(
        self, event: str, *, limited: bool = True, ago: float | None = None, **values: Any
    ) -> None:
        """Write an event.

        Args:
            event: Its name.
            limited: Whether it counts for `MAX_EVENTS`.
            ago: Seconds since its beginning, if it has lasted: written as the time `begun`.
            values: Its other values.
        """
        if not self.is_on:
            return
        now = self.clock.now()
        if ago is not None:
            values["begun"] = _written(now - dt.timedelta(seconds=ago))
        line = json.dumps({"at": _written(now), "event": event, **values}, ensure_ascii=False)
        with self._lock:
            if limited and not self._left:
                self._left_out += 1
                return
            self._left -= limited
            self._write_line(line)
        logger.debug("%s%s", EVENT_PREFIX, line)

    def _write_line(self, line: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(f"{line}\n")
        except OSError as error:
            # The data matter more than their picture.
            self._close_file()
            logger.warning(
                "The timeline (`timeline_file`) ends here, because it cannot be written: %s",
                error.strerror,
            )

    def _close_file(self) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            self._file = None


class AccountEvents:
    """The events of one account."""

    def __init__(self, events: Events, account: str) -> None:
        """Write nothing yet."""
        self._events = events
        self._account = account

    def call(self, operation_id: str, seconds: float, status: int | None) -> None:
        """Note a request: how long its answer took, and its HTTP status, None without an answer."""
        self.write("call", ago=seconds, operation=operation_id, status=status)

    def wait(self, operation_id: str, seconds: float, reason: Reason) -> None:
        """Note that nothing was sent for some time, although there was something to send."""
        if seconds >= MIN_WAIT:
            self.write("wait", ago=seconds, operation=operation_id, reason=reason)

    @contextmanager
    def waiting(self, operation_id: str, reason: Reason) -> Iterator[None]:
        """Note the time in this context as a wait."""
        clock = self._events.clock
        began_at = clock.monotonic()
        yield
        self.wait(operation_id, clock.monotonic() - began_at, reason)

    def begin_stream(self, stream: str) -> None:
        """Note that a stream begins."""
        self.write("stream_begun", limited=False, stream=stream)

    def read_to(self, stream: str, moment: dt.datetime) -> None:
        """Note up to when a stream is read."""
        self.write("read_to", stream=stream, read_to=_written(moment))

    def end_stream(self, stream: str, records: int, outcome: Outcome) -> None:
        """Note that a stream ends, and how."""
        self.write("stream_ended", limited=False, stream=stream, records=records, outcome=outcome)

    def job(self, kind: str, stream: str) -> JobEvents:
        """Return the events of a report or query that a stream needs."""
        return JobEvents(self, kind, stream)

    def next_job(self) -> int:
        """Return a number for a job."""
        return self._events.next_job()

    def write(self, event: str, **values: Any) -> None:
        """Write an event; see `Events.write`."""
        if self._events.is_on:
            self._events.write(event, account=self._account, **values)


class JobEvents:
    """The events of a report or query: the stages that it reaches, each once."""

    def __init__(self, events: AccountEvents, kind: str, stream: str) -> None:
        """Have reached nothing yet.

        Args:
            events: The events of the account.
            kind: The report type, or that it is a query.
            stream: The stream that needs it first.
        """
        self._events = events
        self._kind = kind
        self._stream = stream
        self._number: int | None = None
        self._reached: set[Stage] = set()

    def another(self) -> JobEvents:
        """Return the events of a job in place of this one."""
        return JobEvents(self._events, self._kind, self._stream)

    def reach(self, stage: Stage, status: str | None = None) -> None:
        """Note that the job has reached a stage; `status` is Amazon's, if it is known."""
        if stage in self._reached:
            return
        self._reached.add(stage)
        if self._number is None:
            self._number = self._events.next_job()
        self._events.write(
            "job",
            job=self._number,
            kind=self._kind,
            stream=self._stream,
            stage=stage,
            **({} if status is None else {"status": status}),
        )


def _written(moment: dt.datetime) -> str:
    """Return a time with milliseconds, such as `2026-11-28T09:00:00.123Z`."""
    text = moment.astimezone(dt.timezone.utc).isoformat(timespec="milliseconds")
    return f"{text.removesuffix('+00:00')}Z"
