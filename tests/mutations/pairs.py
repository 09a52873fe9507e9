"""A struck run, the clean run from its state, and what both lack of what there is."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tap_amazon_sp.simulator import Simulator
from tests.mutations.strikes import KINDS, Strike, Subject
from tests.mutations.taps import Run, run_tap
from tests.mutations.world import World, start_world

Place = tuple[str, str]
"""A stream and an account."""

OF_THE_RUN = frozenset(
    {
        "_data_end_time",
        "_data_start_time",
        "_file",
        "_query_created_time",
        "_query_id",
        "_report_created_time",
        "_report_id",
        "_window_end",
    }
)
"""Properties that depend on when a run reads, or on how often it submits a job."""

BUG = "A bug in this program"
TRACEBACK = "Traceback (most recent call last)"
_FAILED = re.compile(r"\d+ of \d+ streams failed: (.*?)\. (?:The state|The next run|These fail)")
_LABEL = re.compile(r"([\w-]+)(?: of (?:account )?'?([\w-]+)'?)?(?: \(([\w-]+)\))?")
_STREAM_FAILED = re.compile(r"Stream '([^']+)' failed: (.*)")


@dataclass(frozen=True)
class Scenario:
    """What is read, and from whom.

    Attributes:
        name: Its name.
        simulator: The world, which is not started.
        settings: The settings of the tap, without addresses.
        catalog: The file of the catalog.
        streams: The streams that may lose records by a strike, by operation and job.
        children: Those of them whose requests name the records of another stream.
        keys: Names of the properties that identify the records of an operation, by its id.
    """

    name: str
    simulator: Simulator
    settings: dict[str, Any]
    catalog: Path
    streams: Mapping[tuple[str, str], frozenset[str]]
    keys: Mapping[str, tuple[str, ...]]
    children: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def places(self, subject: Subject) -> frozenset[Place] | None:
        """Return what a strike on a subject may harm; None if that is everything of its account."""
        found = self.streams.get((subject.operation, subject.job))
        if found is None:
            return None
        return frozenset((stream, subject.account) for stream in found)


@dataclass
class Written:
    """What runs wrote: the last version of each record, and how often a stream failed."""

    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)
    records: dict[Place, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    @classmethod
    def by(cls, *runs: Run) -> Written:
        """Return what these runs wrote, one after the other."""
        written = cls()
        for run in runs:
            written.add(run)
        return written

    def add(self, run: Run) -> None:
        """Add what a run wrote."""
        for message in run.messages():
            if message["type"] == "SCHEMA":
                self.keys[message["stream"]] = tuple(message["key_properties"])
            elif message["type"] == "RECORD":
                stream, record = message["stream"], message["record"]
                account = str(record["_account"]) if "_account" in self.keys[stream] else ""
                place = stream, account
                key = json.dumps([record.get(name) for name in self.keys[stream]])
                content = {name: record[name] for name in record.keys() - OF_THE_RUN}
                self.records[place][key] = json.dumps(content, sort_keys=True)

    def lacks(self, others: Written, place: Place, *, compares: bool) -> int:
        """Return how many records of another are not in here.

        Args:
            others: The other.
            place: Whose records.
            compares: Whether there must be a record with the same content; otherwise records are
                only counted.
        """
        mine, theirs = self.records.get(place, {}), others.records.get(place, {})
        if not compares:
            return max(0, len(theirs) - len(mine))
        return (Counter(theirs.values()) - Counter(mine.values())).total()


@dataclass(frozen=True)
class Reference:
    """A clean run from the beginning.

    Attributes:
        written: What it wrote.
        requests: How many different requests there are, by subject.
    """

    written: Written
    requests: Mapping[Subject, int]


@dataclass(frozen=True)
class Verdict:
    """What became of a strike.

    Attributes:
        strike: The strike.
        told: Whether the first run told that a stream failed that it may have harmed.
        healed: Records that the second run brought.
        lost: Records that are missing after both.
        lost_silently: Records that are missing although neither run told so.
        fails_again: Whether such a stream failed in the clean run.
        problems: Tracebacks, secrets and so on of the run that may come of it.
        suspects: How many strikes may be to blame for the same.
        is_about_all: Whether a problem is about no stream, so that any strike may be to blame.
        note: For people: which streams.
    """

    strike: Strike
    told: bool = False
    healed: int = 0
    lost: int = 0
    lost_silently: int = 0
    fails_again: bool = False
    problems: tuple[str, ...] = ()
    suspects: int = 1
    is_about_all: bool = False
    note: str = ""

    @property
    def is_bad(self) -> bool:
        """Whether anything is wrong."""
        return bool(self.lost or self.fails_again or self.problems)


def reference_of(scenario: Scenario) -> Reference:
    """Read a scenario from the beginning.

    Raises:
        ValueError: The run fails although nothing is struck.
    """
    with _started(scenario) as (world, folder):
        run = run_tap(folder, _settings(scenario, world.url), scenario.catalog)
        served = world.served()
    if run.exit_code != 0:
        message = f"the clean run of {scenario.name} fails: {run.log[-1000:]}"
        raise ValueError(message)
    return Reference(Written.by(run), served.requests)


@contextmanager
def _started(scenario: Scenario) -> Iterator[tuple[World, Path]]:
    """Start the world of a scenario, and make a folder for the files of its runs."""
    world = start_world(scenario.simulator, scenario.keys)
    folder = Path(tempfile.mkdtemp(prefix="mutations-"))
    try:
        yield world, folder
    finally:
        world.end()
        shutil.rmtree(folder)


def _settings(scenario: Scenario, url: str) -> dict[str, Any]:
    return scenario.settings | {"endpoint": url, "token_url": f"{url}/auth/o2/token"}


def run_pair(scenario: Scenario, reference: Reference, strikes: Sequence[Strike]) -> list[Verdict]:
    """Read a scenario while it is struck, and then again without; judge each strike."""
    with _started(scenario) as (world, folder):
        settings = _settings(scenario, world.url)
        world.begin(strikes)
        struck = run_tap(folder, settings, scenario.catalog)
        served = world.served()
        world.begin(())
        clean = run_tap(folder, settings, scenario.catalog, struck.last_state)
        served_again = world.served()
    secrets = served.secrets | served_again.secrets
    happened = [strike for strike in strikes if strike.number in served.struck]
    return _Judge(scenario, reference, struck, clean, secrets).verdicts(happened)


class _Judge:
    """Judges each strike of a pair of runs."""

    def __init__(
        self,
        scenario: Scenario,
        reference: Reference,
        struck: Run,
        clean: Run,
        secrets: Iterable[str],
    ) -> None:
        self._scenario = scenario
        self._reference = reference
        self._struck, self._clean = struck, clean
        self._first = Written.by(struck)
        self._both = Written.by(struck, clean)
        self._changed: set[Place] = set()
        self._unknown: set[Place] = set()
        self._failed = _failed(struck)
        self._failed_again = _failed(clean)
        self._problems = _problems(struck, secrets) + [
            (f"then {problem}", place) for problem, place in _problems(clean, secrets)
        ]

    def verdicts(self, strikes: Sequence[Strike]) -> list[Verdict]:
        suspects = Counter(place for strike in strikes for place in self._places(strike))
        self._changed = {
            place
            for strike in strikes
            if KINDS[strike.kind].keeps_records
            for place in self._places(strike)
        }
        self._unknown = {
            self._place(stream, strike.subject.account)
            for strike in strikes
            if KINDS[strike.kind].hides_children
            for stream in self._scenario.children.get(
                (strike.subject.operation, strike.subject.job), ()
            )
        }
        return [self._verdict(strike, suspects, len(strikes)) for strike in strikes]

    def _places(self, strike: Strike) -> frozenset[Place]:
        found = self._scenario.places(strike.subject)
        if found is not None:
            return frozenset(self._place(*place) for place in found)
        return frozenset(
            place
            for place in self._reference.written.records
            if strike.subject.account in ("", place[1]) or not place[1]
        )

    def _place(self, stream: str, account: str) -> Place:
        return stream, account if "accounts" in self._scenario.settings else ""

    def _verdict(self, strike: Strike, suspects: Counter[Place], strikes: int) -> Verdict:
        places = self._places(strike)
        lost = {place: self._lacks(self._both, place) for place in places}
        at_first = {place: self._lacks(self._first, place) for place in places}
        told = {place for place in places if self._is_told(place, self._failed)}
        again = {place for place in places if self._is_told(place, self._failed_again)}
        silently = sum(
            count for place, count in lost.items() if place not in told and place not in again
        )
        # What is about no stream may come of any strike.
        problems = tuple(
            problem
            for problem, place in self._problems
            if place is None or self._place(*place) in places
        )
        about_all = any(place is None for _, place in self._problems)
        harmed = [place for place in places if lost[place] or place in again]
        return Verdict(
            strike,
            told=bool(told),
            healed=sum(max(0, at_first[place] - lost[place]) for place in places),
            lost=sum(lost.values()),
            lost_silently=silently,
            fails_again=bool(again) or self._ended_otherwise(self._clean),
            problems=problems,
            suspects=strikes
            if about_all
            else max([suspects[place] for place in harmed or places], default=1),
            is_about_all=about_all,
            note=self._note(places, lost, again),
        )

    def _lacks(self, written: Written, place: Place) -> int:
        if place in self._unknown:
            return 0
        compares = place not in self._changed
        return written.lacks(self._reference.written, place, compares=compares)

    def _note(self, places: Iterable[Place], lost: Mapping[Place, int], again: set[Place]) -> str:
        parts = [
            f"{stream} {account}: lost {lost[stream, account]}"
            for stream, account in sorted(places)
            if lost[stream, account]
        ]
        parts += [f"{stream} fails again" for stream, _ in sorted(again)]
        for place in places:
            parts += self._failed.get(place, ())
        return "; ".join(parts)[:600]

    def _is_told(self, place: Place, failed: Mapping[Place | None, list[str]]) -> bool:
        return place in failed or None in failed or ("", place[1]) in failed

    @staticmethod
    def _ended_otherwise(run: Run) -> bool:
        return run.exit_code not in (0, 1)


def _failed(run: Run) -> dict[Place | None, list[str]]:
    """Return what failed in a run, with the reasons.

    A place is a stream and an account; an empty stream is a whole account, and None the whole run.
    """
    if run.exit_code == 0:
        return {}
    found: dict[Place | None, list[str]] = defaultdict(list)
    for line in run.log.splitlines():
        if (told := _FAILED.search(line)) is not None:
            for label in told[1].split(", "):
                found[_place_of(re.sub(r" \((read with|not) .*", "", label))].extend(())
        elif (told := _STREAM_FAILED.search(line)) is not None:
            found[_place_of(told[1])].append(told[2])
        elif (told := re.search(r"Account '([^']+)' cannot be read", line)) is not None:
            found["", told[1]].append(line)
    return found or {None: [run.log[-300:]]}


def _place_of(label: str) -> Place:
    stream, _, account = label.partition(" of ")
    if not account:
        stream, _, account = label.partition(" ")
    return stream, account.strip("'() ")


def _problems(run: Run, secrets: Iterable[str]) -> list[tuple[str, Place | None]]:
    """Return what must never be: each with the stream that it is about, or None."""
    found: list[tuple[str, Place | None]] = []
    if run.exit_code is None:
        found.append(("hangs", None))
    elif run.exit_code not in (0, 1):
        found.append((f"exit code {run.exit_code}", None))
    if TRACEBACK in run.log:
        lines = run.log.partition(TRACEBACK)[2].splitlines()
        # After what was called, which is indented.
        error = next((line for line in lines[1:] if line[:1].strip()), "")
        found.append((f"traceback: {error[:300]}", None))
    for line in run.log.splitlines():
        if BUG in line:
            told = _STREAM_FAILED.search(line)
            found.append((line[line.index(BUG) :][:120], _place_of(told[1]) if told else None))
    found += [(f"secret {secret[:12]}", None) for secret in secrets if secret in run.log]
    return found
