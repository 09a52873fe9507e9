"""`python -m tests.mutations`, or `make mutations`."""

from __future__ import annotations

import argparse
import contextlib
import gc
import multiprocessing
import os
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from tests.mutations.pairs import Reference, Scenario, Verdict, reference_of, run_pair
from tests.mutations.plan import Plan
from tests.mutations.scenarios import SCENARIOS
from tests.mutations.strikes import KINDS, Strike
from tests.mutations.tables import LEGEND, table, what_is_wrong

MAX_REPEATS = 12
"""How often a pair of runs is repeated with fewer strikes, at most, to find out which did harm."""
TRIES_WITHOUT_STRIKES = 20
"""Pairs of runs in a row in which nothing of a kind is found to strike, before it is given up."""


@dataclass
class Reading:
    """A scenario that is read again and again."""

    scenario: Scenario
    reference: Reference
    plan: Plan
    verdicts: list[Verdict] = field(default_factory=list)
    idle: int = 0


@dataclass
class Task:
    """A pair of runs that is under way."""

    reading: Reading
    strikes: Sequence[Strike]
    process: Any
    together: tuple[Verdict, ...] = ()


class Workers:
    """Runs pairs, several at a time, each in a process that is forked from this one."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._context = multiprocessing.get_context("fork")
        self._tasks: dict[Connection, Task] = {}

    @property
    def is_full(self) -> bool:
        return len(self._tasks) >= self._size

    @property
    def is_idle(self) -> bool:
        return not self._tasks

    def under_way(self, reading: Reading) -> int:
        """Return how many pairs of a scenario are under way."""
        return sum(task.reading is reading for task in self._tasks.values())

    def begin(
        self, reading: Reading, strikes: Sequence[Strike], together: tuple[Verdict, ...] = ()
    ) -> None:
        """Begin a pair of runs.

        Args:
            reading: What is read.
            strikes: What is struck.
            together: If strikes of a pair are repeated one by one: what became of them together.
        """
        ours, theirs = self._context.Pipe(duplex=False)
        process = self._context.Process(target=_work, args=(theirs, reading, strikes, together))
        process.start()
        theirs.close()
        self._tasks[ours] = Task(reading, strikes, process, together)

    def finished(self) -> Iterator[tuple[Task, list[Verdict]]]:
        """Wait for pairs that end; yield each with its result."""
        for connection in wait([*self._tasks]):
            assert isinstance(connection, Connection)
            task = self._tasks.pop(connection)
            result = connection.recv()
            connection.close()
            task.process.join()
            if isinstance(result, str):
                sys.exit(result)
            yield task, result


def _work(
    connection: Connection,
    reading: Reading,
    strikes: Sequence[Strike],
    together: tuple[Verdict, ...],
) -> None:
    try:
        if not together:
            result: Any = run_pair(reading.scenario, reading.reference, strikes)
        else:
            result = _one_by_one(reading, together)
    except BaseException:  # noqa: BLE001 - told by the parent
        result = traceback.format_exc()
    connection.send(result)
    connection.close()


def _one_by_one(reading: Reading, verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Repeat strikes, none together with another that may do the same harm.

    Returns:
        What became of those that did harm.
    """
    found: list[Verdict] = []
    for strikes in _apart(reading.scenario, verdicts)[:MAX_REPEATS]:
        repeated = run_pair(reading.scenario, reading.reference, strikes)
        found += [verdict for verdict in repeated if verdict.is_bad]
    return found


def _apart(scenario: Scenario, verdicts: Sequence[Verdict]) -> list[list[Strike]]:
    """Return strikes in groups. In each group, one strike at most may harm a stream."""
    groups: list[tuple[set[Any], list[Strike]]] = []
    for verdict in verdicts:
        places = scenario.places(verdict.strike.subject)
        if verdict.is_about_all or places is None:
            groups.append((set(), [verdict.strike]))
            continue
        for harmed, strikes in groups:
            if harmed and not harmed & places:
                harmed.update(places)
                strikes.append(verdict.strike)
                break
        else:
            groups.append(({*places}, [verdict.strike]))
    return [strikes for _, strikes in groups]


def arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        "mutations", description="Damage Amazon's answers, and show what the tap makes of it."
    )
    parser.add_argument(
        "--answers",
        type=int,
        default=20_000,
        help="how many answers to damage; some kinds in each scenario need more",
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed gives another plan")
    parser.add_argument("--kinds", nargs="+", default=[*KINDS], choices=[*KINDS], metavar="KIND")
    parser.add_argument(
        "--scenarios", nargs="+", default=[*SCENARIOS], choices=[*SCENARIOS], metavar="SCENARIO"
    )
    parser.add_argument(
        "--passing",
        type=int,
        default=2,
        help="how many answers to an operation are damaged in their first try alone, in each run",
    )
    parser.add_argument(
        "--parallel", type=int, default=os.cpu_count() or 1, help="pairs of runs at a time"
    )
    parser.add_argument("--list", action="store_true", help="list the kinds and scenarios")
    return parser.parse_args(given)


def main(given: Sequence[str] | None = None) -> int:
    """Damage answers; return 1 if anything was lost or came out wrong."""
    options = arguments(given)
    if options.list:
        for kind in KINDS.values():
            print(f"{kind.name:<32} {kind.what}")
        print("scenarios:", *SCENARIOS)
        return 0
    began_at = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mutations-") as folder:
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        readings = _readings(options, Path(folder))
        # What there is until Ctrl-C is shown, too.
        with contextlib.suppress(KeyboardInterrupt):
            _run(readings, options, began_at)
    verdicts = [verdict for reading in readings for verdict in reading.verdicts]
    print(*table(verdicts), *LEGEND, sep="\n")
    bad = sum(verdict.is_bad for verdict in verdicts)
    seconds = time.monotonic() - began_at
    print(f"{len(verdicts)} answers, {bad} of them did harm; seed {options.seed}, {seconds:.0f} s")
    return int(bad > 0)


def _readings(options: argparse.Namespace, folder: Path) -> list[Reading]:
    readings = []
    for name in options.scenarios:
        make, _ = SCENARIOS[name]
        scenario = make(folder)
        reference = reference_of(scenario)
        plan = Plan(
            scenario, reference, seed=options.seed, passing=options.passing, kinds=options.kinds
        )
        if not plan.is_empty:
            readings.append(Reading(scenario, reference, plan))
    # The tap that made a catalog handles them.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    gc.collect()
    gc.freeze()
    return readings


def _run(readings: Sequence[Reading], options: argparse.Namespace, began_at: float) -> None:
    """Run pairs until each scenario has its part of the answers."""
    whole = sum(SCENARIOS[reading.scenario.name][1] for reading in readings)
    wanted = {
        reading.scenario.name: options.answers * SCENARIOS[reading.scenario.name][1] / whole
        for reading in readings
    }
    workers = Workers(options.parallel)

    def is_done(reading: Reading) -> bool:
        is_exhausted = reading.idle >= TRIES_WITHOUT_STRIKES
        return is_exhausted or len(reading.verdicts) >= wanted[reading.scenario.name]

    while not (all(map(is_done, readings)) and workers.is_idle):
        due = [reading for reading in readings if not is_done(reading)]
        if due and not workers.is_full:
            # What has the least of its part, and the fewest pairs under way.
            reading = min(
                due,
                key=lambda one: (
                    len(one.verdicts) / wanted[one.scenario.name],
                    workers.under_way(one),
                ),
            )
            workers.begin(reading, reading.plan.next_pair())
            continue
        for task, verdicts in workers.finished():
            shared: tuple[Verdict, ...] = ()
            if task.together:
                certain = _blamed(task.together, verdicts)
            else:
                task.reading.idle = 0 if verdicts else task.reading.idle + 1
                shared = tuple(one for one in verdicts if one.is_bad and one.suspects > 1)
                certain = [one for one in verdicts if one not in shared]
            task.reading.verdicts += certain
            for line in what_is_wrong(certain):
                print(line, flush=True)
            if shared:
                workers.begin(task.reading, [one.strike for one in shared], shared)
            done = sum(len(reading.verdicts) for reading in readings)
            print(f"{done} answers, {time.monotonic() - began_at:.0f} s", file=sys.stderr)


def _blamed(together: Sequence[Verdict], alone: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts on strikes that were repeated alone.

    If none of them does harm alone, the first is blamed for what they did together.
    """
    guilty = {verdict.strike: verdict for verdict in alone}
    first = together[0]
    return [
        guilty.get(one.strike)
        or (one if one is first and not guilty else Verdict(one.strike, one.told, one.healed))
        for one in together
    ]


if __name__ == "__main__":
    sys.exit(main())
