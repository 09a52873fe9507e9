"""Where the jobs of an account are, and the least time until the last one is requested."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.jobs.api import JobApi
from tap_amazon_sp.jobs.counts import JobCounts
from tap_amazon_sp.jobs.queue import JobQueue
from tap_amazon_sp.reading.progress import MIN_SECONDS_LEFT, Left, duration, time_of

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class QueueProgress:
    """Where the jobs of one kind are, of one account.

    Attributes:
        account: The account's name, if there are several.
        api: The kind of the jobs.
        counts: How many jobs are where.
        left: The least time until all are requested; None if that is short.
    """

    account: str | None
    api: JobApi
    counts: JobCounts
    left: Left | None

    def __str__(self) -> str:
        """Return a line such as `Reports: 12 of 443 read, 3 ready, 421 to be requested`."""
        of_account = "" if self.account is None else f" of {self.account}"
        return f"{self.api.plural}{of_account}: {', '.join(self._parts())}"

    @property
    def values(self) -> dict[str, Any]:
        """The values of the line for logs in JSON."""
        counts = self.counts
        values: dict[str, Any] = {
            "queue": self.api.plural.lower(),
            "account": self.account,
            "jobs": counts.total,
            "jobs_read": counts.read,
            "jobs_failed": counts.failed,
            "jobs_ready": counts.ready,
            "jobs_in_progress": counts.in_progress,
            "jobs_in_queue": counts.in_queue,
            "jobs_to_request": counts.to_submit,
            "longest_seconds": round(counts.longest) if counts.at_amazon else None,
            "seconds_left": None if self.left is None else round(self.left.seconds),
            "operation": None if self.left is None else self.left.operation_id,
        }
        return {name: value for name, value in values.items() if value is not None}

    def _parts(self) -> Iterator[str]:
        counts = self.counts
        yield f"{counts.read:,} of {counts.total:,} read"
        if counts.failed:
            yield f"{counts.failed:,} failed"
        if counts.ready:
            yield f"{counts.ready:,} ready"
        if counts.at_amazon:
            yield " and ".join(self._at_amazon()) + self._longest
        if counts.to_submit:
            yield f"{counts.to_submit:,} to be requested"
        if self.left is not None:
            yield str(self.left)

    def _at_amazon(self) -> Iterator[str]:
        if self.counts.in_progress:
            yield f"{self.counts.in_progress:,} in progress"
        if self.counts.in_queue:
            yield f"{self.counts.in_queue:,} in Amazon's queue"

    @property
    def _longest(self) -> str:
        longest = self.counts.longest
        return f" (the oldest for {duration(longest)})" if longest >= MIN_SECONDS_LEFT else ""


def queues_of(streams: Iterable[AmazonStream]) -> list[QueueProgress]:
    """Return where the jobs of these streams are, by account and kind, unless all are read."""
    by_queue: dict[JobQueue, list[AmazonStream]] = {}
    for stream in streams:
        if stream.progress.queue is not None:
            by_queue.setdefault(stream.progress.queue, []).append(stream)
    found = [_progress_of(queue, members) for queue, members in by_queue.items()]
    return [one for one in found if one.counts.left]


def _progress_of(queue: JobQueue, streams: list[AmazonStream]) -> QueueProgress:
    stream = streams[0]
    expected = frozenset().union(*(member.progress.jobs for member in streams))
    counts = queue.counts(expected)
    left = time_of(stream.client, catalogue.operation(queue.api.create), counts.to_submit)
    return QueueProgress(
        stream.connection.name,
        queue.api,
        counts,
        left if left.seconds >= MIN_SECONDS_LEFT else None,
    )
