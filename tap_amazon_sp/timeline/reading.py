"""Reads what a run did from the file of its events, or from a log.

A debug log has the events, too: see `common/events.py`. Another log has sentences, which tell less.
A line of a log may be text or JSON, and may be a line of Meltano's log around one of the tap's.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import Any

from tap_amazon_sp.common.events import EVENT_PREFIX
from tap_amazon_sp.timeline.building import EVENTS, YEARS, Event, RunBuilder, time_of
from tap_amazon_sp.timeline.log_lines import json_at, log_line
from tap_amazon_sp.timeline.model import Run
from tap_amazon_sp.timeline.sentences import Sentences, begins_run, version_in

MAX_DEPTH = 4
"""Objects around an event, each in a value of the next."""


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
    runs = [*_Runs().of(lines)]
    if not runs:
        message = (
            "It has no events of a run, and no lines of the tap's log with their times. Write the "
            "events with `--timeline FILE`, or the setting `timeline_file`"
        )
        raise NoTimelineError(message)
    if number is not None and not 1 <= number <= len(runs):
        message = f"It has no run {number}: the runs are 1 to {len(runs)}"
        raise NoTimelineError(message)
    return runs[-1 if number is None else number - 1].run()


class _Runs:
    """The runs in a file. One that has events is read from these alone."""

    def __init__(self) -> None:
        self._building: RunBuilder | None = None
        self._sentences = Sentences()
        self._version = ""
        # Whether the log of the run in building has the sentence with which a run begins.
        self._has_begun = False

    def of(self, lines: Iterable[str]) -> Iterator[RunBuilder]:
        """Yield each run."""
        for place, line in enumerate(lines, 1):
            if (event := _event_in(line)) is not None:
                yield from self._take_event(event, place)
            else:
                yield from self._take_sentence(line)
        yield from self._end()

    def _take_event(self, event: Event, place: int) -> Iterator[RunBuilder]:
        try:
            at = time_of(event, "at")
            if event["event"] == "run_begun" or self._building is None:
                yield from self._end()
                self._building = RunBuilder(at, at)
            elif not self._building.exact:
                # The beginning of a debug log is missing.
                self._building = RunBuilder(at, at)
            self._building.add(event)
        except (KeyError, TypeError, ValueError, OverflowError):
            message = f"Line {place} is an event that this version does not know"
            raise NoTimelineError(message) from None

    def _take_sentence(self, line: str) -> Iterator[RunBuilder]:
        if (found := log_line(line)) is None or found.at.year not in YEARS:
            return
        for message in found.messages:
            if (version := version_in(message)) is not None:
                self._version = version
            elif begins_run(message):
                if self._building is None or not self._building.exact or self._has_begun:
                    yield from self._end()
                    self._begin_inexact(found.at)
                self._has_begun = True
            elif self._building is None or not self._building.exact:
                self._take_events_of(message, found.at)

    def _take_events_of(self, message: str, at: dt.datetime) -> None:
        # A sentence that only looks like one of the tap's may have any value.
        with suppress(OverflowError, ValueError):
            for event in self._sentences.events(at, message):
                building = self._building or self._begin_inexact(at)
                building.add(event)

    def _begin_inexact(self, at: dt.datetime) -> RunBuilder:
        self._building = RunBuilder(at, at, exact=False, version=self._version)
        return self._building

    def _end(self) -> Iterator[RunBuilder]:
        if self._building is not None:
            yield self._building
        self._building = None
        self._sentences = Sentences()
        self._has_begun = False


def _event_in(value: Any, depth: int = MAX_DEPTH) -> Event | None:
    """Return the event in a line, or in a part of it; None if there is none.

    Programs that collect logs put lines into JSON of their own, or something before them. The last
    line of a killed run may be cut off, and has no event.
    """
    if isinstance(value, str):
        marks = (mark for mark in ("{", EVENT_PREFIX + "{") if mark in value)
        found = (json_at("{" + value.partition(mark)[2]) for mark in marks)
        return next(filter(None, (_event_in(one, depth) for one in found)), None)
    if not isinstance(value, dict) or not depth:
        return None
    if _is_event(value):
        return value
    inner = (one for one in value.values() if isinstance(one, (str, dict)))
    return next(filter(None, (_event_in(one, depth - 1) for one in inner)), None)


def _is_event(content: Event) -> bool:
    event = content.get("event")
    return isinstance(event, str) and event in EVENTS and "at" in content
