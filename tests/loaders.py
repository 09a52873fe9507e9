"""Load every stream of records and of flat files twice into loaders; count the rows.

    make loaders                       # writes docs/loaders.md, in about twenty minutes
    python -m tests.loaders > page.md

The records are those of a simulated seller. Each loader has an environment of its own with pinned
versions (`requirements/loaders/`); PostgreSQL comes from the wheel that the demonstration uses, and
S3 is that of moto. The second load has to replace the rows of the first where a loader merges. The
exit code is 1 if a stream does not load, except where the page says so.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from moto.server import ThreadedMotoServer

from benchmarks.tables import table
from demo.postgres import embedded_postgres
from tap_amazon_sp.settings.definitions import ORDERS_APIS
from tests.loader_messages import Messages, read_streams, run_of, run_of_reports, world_of
from tests.loaders_tried import (
    Places,
    SecondLoad,
    Tried,
    csv_files,
    duckdb,
    jsonl,
    parquet,
    postgres,
    snowflake,
)

REPORTS = "reports"
"""The name of the run that reads reports; the others have versions of the Orders API."""

FIRST_ROW_FIX = "int('1')"
"""A stream map that adds a column of integers: target-duckdb then keeps the first record."""

PAGE = (Path(__file__).parent / "loaders_page.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Kind:
    """A loader with its settings, and how it is tried.

    Attributes:
        make: Makes it, with an empty database or folder of its own.
        in_detail: Whether the page has a column with its rows of each stream.
        is_whole: Whether each stream has to load whole.
        reads_reports: Whether it is tried with reports and with Orders v0, too.
        one_by_one: Whether each stream is tried alone if they do not load together.
    """

    make: Callable[[Places], Tried]
    in_detail: bool = False
    is_whole: bool = True
    reads_reports: bool = True
    one_by_one: bool = True


KINDS = (
    # As it comes: it checks each record against its schema.
    Kind(partial(postgres, loader="target-postgres"), in_detail=True),
    Kind(partial(postgres, loader="target-postgres", use_copy=False, validate_records=False)),
    Kind(partial(postgres, loader="target-postgres", use_copy=True, validate_records=False)),
    Kind(partial(postgres, loader="pipelinewise-target-postgres"), in_detail=True),
    Kind(duckdb, in_detail=True, is_whole=False),
    Kind(jsonl),
    Kind(partial(csv_files, second=SecondLoad.REPLACES)),
    Kind(
        partial(
            csv_files,
            second=SecondLoad.APPENDS,
            file_naming_scheme="{stream_name}-{timestamp}.csv",
        )
    ),
    Kind(partial(csv_files, second=SecondLoad.REPLACES, overwrite_behavior="append_records")),
    Kind(partial(parquet, from_tap=True), is_whole=False, reads_reports=False),
    Kind(partial(parquet, from_tap=False), is_whole=False, reads_reports=False),
    Kind(snowflake, is_whole=False, reads_reports=False, one_by_one=False),
)


@dataclass(frozen=True)
class Result:
    """What became of a stream in a loader.

    Attributes:
        stream: The name, with the version of the Orders API if it is not the default.
        wanted: How many rows there should be after the first load, and after the second.
        first: Rows after the first load.
        second: Rows after the second load.
        failure: The last line of the log of the loader, if it failed.
    """

    stream: str
    wanted: tuple[int, int]
    first: int
    second: int
    failure: str = ""

    @property
    def is_right(self) -> bool:
        """Whether there are as many rows as wanted, after both loads."""
        return not self.failure and (self.first, self.second) == self.wanted

    @property
    def verdict(self) -> str:
        """The result in a word or two."""
        if self.failure:
            return f"fails: {self.failure}"
        if self.is_right:
            return "loads"
        wanted = self.wanted[1]
        if self.second > wanted:
            return f"{self.second - wanted} duplicates"
        return f"{wanted - self.second} missing"


@dataclass(frozen=True)
class Outcome:
    """What became of all streams in a loader."""

    kind: Kind
    tried: Tried
    results: Sequence[Result]


def main() -> int:
    """Load all streams and print the page; return the exit code."""
    argparse.ArgumentParser(prog="python -m tests.loaders", description=__doc__).parse_args()
    with places_to_load() as places:
        runs: dict[str, Messages] = {}
        for version in ORDERS_APIS:
            runs[version] = run_of(version, places.folder)
        runs[REPORTS] = run_of_reports(places.folder)
        outcomes = [outcome_of(kind, places, runs) for kind in KINDS]
        fixed = fixed_in_duckdb(places, runs[ORDERS_APIS[0]])
    sys.stdout.write(page(outcomes, fixed))
    wrong = [
        one
        for outcome in outcomes
        for one in outcome.results
        if not one.is_right and outcome.kind.is_whole
    ]
    return bool(wrong or any(not one.is_right for one in fixed))


@contextmanager
def places_to_load() -> Iterator[Places]:
    """Run a PostgreSQL server, and one with the API of S3, while the block runs."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    s3 = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    s3.start()
    try:
        with tempfile.TemporaryDirectory(prefix="loaders-") as name, embedded_postgres() as address:
            folder = Path(name)
            environments = Path(os.environ.get("LOADERS_FOLDER", folder / "environments"))
            host, port = s3.get_host_and_port()
            yield Places(folder, environments, address, f"http://{host}:{port}")
    finally:
        s3.stop()


def outcome_of(kind: Kind, places: Places, runs: Mapping[str, Messages]) -> Outcome:
    """Load all streams of all runs twice."""
    results: list[Result] = []
    for name, messages in runs.items():
        if kind.reads_reports or name == ORDERS_APIS[0]:
            own = dataclasses.replace(places, run=name)
            tried, found = results_of(kind, own, messages)
            results += [
                dataclasses.replace(one, stream=f"{one.stream} ({name})")
                if name in ORDERS_APIS[1:]
                else one
                for one in found
            ]
    return Outcome(kind, tried, results)


def results_of(kind: Kind, places: Places, messages: Messages) -> tuple[Tried, list[Result]]:
    """Load all streams twice; one by one if they do not load together."""
    names = sorted(messages.records)
    everything = [line for name in names for line in messages.records[name]]
    failures = dict.fromkeys(names, "")
    tried = kind.make(places)
    counts = []
    together = ""
    for number in (1, 2):
        sys.stderr.write(f"{tried.title}: load {number}\n")
        if not together:
            together = tried.load(everything)
            if together and tried.second is not SecondLoad.MERGES and kind.one_by_one:
                # What was loaded of them must not be counted.
                tried = kind.make(dataclasses.replace(places, run=f"{places.run}-alone"))
        if together:
            for name in names:
                failures[name] = failures[name] or (
                    tried.load(messages.records[name]) if kind.one_by_one else together
                )
        counts.append(tried.counts(names))
    first, second = counts
    results = [
        Result(
            name,
            wanted_rows(tried.second, messages, name),
            first.get(name, 0),
            second.get(name, 0),
            failures[name],
        )
        for name in names
    ]
    return tried, results


def wanted_rows(second: SecondLoad, messages: Messages, stream: str) -> tuple[int, int]:
    """Return how many rows there should be after the first load, and after the second."""
    if second is SecondLoad.MERGES:
        keys = len(messages.keys[stream])
        return keys, keys
    records = sum(line.startswith('{"type":"RECORD"') for line in messages.records[stream])
    return records, records if second is SecondLoad.REPLACES else 2 * records


def fixed_in_duckdb(places: Places, messages: Messages) -> list[Result]:
    """Load the streams of text alone into DuckDB, with a column of integers added."""
    names = sorted(messages.all_text)
    with world_of(ORDERS_APIS[0]) as (settings, _):
        maps = {name: {"one": FIRST_ROW_FIX} for name in names}
        fixed = read_streams(places.folder, settings | {"stream_maps": maps}, names)
    return results_of(Kind(duckdb), dataclasses.replace(places, run="fixed"), fixed)[1]


def page(outcomes: Sequence[Outcome], fixed: Sequence[Result]) -> str:
    """Return the page of the documentation."""
    detailed = [outcome for outcome in outcomes if outcome.kind.in_detail]
    by_stream: dict[str, list[Result]] = {}
    for outcome in detailed:
        for one in outcome.results:
            by_stream.setdefault(one.stream, []).append(one)
    rows = [
        [f"`{name}`", str(found[0].wanted[1]), *(_cell(one) for one in found)]
        for name, found in by_stream.items()
    ]
    right = sum(one.is_right for one in fixed)
    return PAGE.format(
        number=len(by_stream),
        summary=table(SUMMARY, [_summary(outcome) for outcome in outcomes]),
        names=", ".join(f"`{one.stream}`" for one in fixed),
        first=fixed[0].stream,
        fix=FIRST_ROW_FIX,
        right=right,
        of=len(fixed),
        table=table(["stream", "keys", *(one.tried.name for one in detailed)], rows),
    )


SUMMARY = ("loader", "settings", "a second load", "streams that load", "others")


def _summary(outcome: Outcome) -> list[str]:
    """Return the row of a loader in the first table."""
    results = outcome.results
    wrong = [one for one in results if not one.is_right]
    reasons = {one.verdict for one in wrong}
    if len(wrong) == len(results) and len(reasons) == 1:
        others = reasons.pop()
    else:
        others = ", ".join(f"`{one.stream}`" for one in wrong[:MAX_NAMED])
        others += f" and {len(wrong) - MAX_NAMED} more" if len(wrong) > MAX_NAMED else ""
    return [
        outcome.tried.name,
        outcome.tried.settings or "as it comes",
        outcome.tried.second.value,
        f"{len(results) - len(wrong)} of {len(results)}",
        others or "none",
    ]


MAX_NAMED = 5


def _cell(result: Result) -> str:
    if result.failure:
        return result.verdict
    return f"{result.first}, {result.second}: {result.verdict}"


if __name__ == "__main__":
    sys.exit(main())
