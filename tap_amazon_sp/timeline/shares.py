"""Where the time of a run went: every moment counts once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tap_amazon_sp.timeline.intervals import Interval, merged, seconds_of, without
from tap_amazon_sp.timeline.model import Job, Operation, Run

RULE = (
    "Streams are read side by side, so a moment can belong to several of these. It counts once, "
    "for the first that applies."
)

OWN = "everything else: records written, documents read"
NOT_KNOWN = "what the log does not say: most calls and waits, records written, documents read"


@dataclass(frozen=True)
class Share:
    """A part of the run's time.

    Attributes:
        name: Its name, for a class of CSS.
        text: What the time went into.
        seconds: How long.
    """

    name: str
    text: str
    seconds: float


def shares_of(run: Run, account: str | None = None) -> list[Share]:
    """Return the parts of a run's time; together they are as long as the run.

    Args:
        run: The run.
        account: The account whose calls and reports count; None is all of them.
    """
    if account is not None:
        run = replace(
            run,
            operations=tuple(one for one in run.operations if one.account == account),
            jobs=tuple(one for one in run.jobs if one.account == account),
        )
    left: list[Interval] = [(run.begun, run.ended)]
    found = []
    for name, text, intervals in _parts(run):
        inside = [(max(a, run.begun), min(b, run.ended)) for a, b in merged(intervals)]
        rest = without(left, inside)
        found.append(Share(name, text, seconds_of(left) - seconds_of(rest)))
        left = rest
    found.append(Share("own", OWN if run.exact else NOT_KNOWN, seconds_of(left)))
    return found


def seconds_in_air(operation: Operation) -> float:
    """Return for how long at least one request of an operation was without its answer."""
    return seconds_of(merged((call.begun, call.ended) for call in operation.calls))


def seconds_waited(operation: Operation, *reasons: str) -> float:
    """Return for how long at least one request of an operation waited for some reasons."""
    return seconds_of(
        merged((wait.begun, wait.ended) for wait in operation.waits if wait.reason in reasons)
    )


def longest_waits(run: Run, most: int = 3) -> list[tuple[Operation, float]]:
    """Return the operations that waited longest for Amazon's rate limits, and how many seconds."""
    waits = [(one, seconds_waited(one, "rate limit", "refused")) for one in run.operations]
    longest = sorted(waits, key=lambda wait: wait[1], reverse=True)[:most]
    return [(operation, seconds) for operation, seconds in longest if seconds >= 1]


def _parts(run: Run) -> Iterator[tuple[str, str, list[Interval]]]:
    calls = [(one.begun, one.ended) for operation in run.operations for one in operation.calls]
    yield "air", "a request was sent, and not answered yet", calls
    for reason, text in (
        ("rate limit", "a request waited for Amazon's rate limit"),
        ("refused", "a request waited after Amazon had refused it (429)"),
        ("failed", "a request waited before another try"),
    ):
        waits = [
            (wait.begun, wait.ended)
            for operation in run.operations
            for wait in operation.waits
            if wait.reason == reason
        ]
        yield reason.replace(" ", "-"), text, waits
    yield "reports", "Amazon worked on reports or queries", [*_at_amazon(run.jobs, run)]


def _at_amazon(jobs: tuple[Job, ...], run: Run) -> Iterator[Interval]:
    for job in jobs:
        if job.submitted is not None:
            yield job.submitted, job.finished or run.ended
