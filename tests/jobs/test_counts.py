from __future__ import annotations

from dataclasses import dataclass

from tap_amazon_sp.jobs.counts import JobCounts, JobOutcomes


@dataclass
class Job:
    key: str
    job_id: str | None = "1"
    status: str = ""
    is_over: bool = False
    since: float = 0.0


def test_each_job_is_counted_where_it_is() -> None:
    outcomes = JobOutcomes()
    outcomes.note("read", "read")
    outcomes.note("failed", "failed")
    jobs = [
        Job("waits", job_id=None),
        Job("queued", status="IN_QUEUE", since=950.0),
        Job("not polled", since=990.0),
        Job("made", status="IN_PROGRESS", since=900.0),
        Job("ready", status="DONE", is_over=True, since=100.0),
        Job("read", is_over=True),
        Job("failed", is_over=True),
    ]

    counts = outcomes.count(jobs, {"waits", "made", "later", "last"}, now=1000.0)

    assert counts == JobCounts(
        to_submit=3, in_queue=2, in_progress=1, ready=1, read=1, failed=1, longest=100.0
    )
    assert (counts.at_amazon, counts.left, counts.total) == (3, 7, 9)


def test_a_job_that_one_stream_could_read_counts_as_read() -> None:
    outcomes = JobOutcomes()
    outcomes.note("shared", "failed")
    outcomes.note("shared", "read")

    assert outcomes.count([Job("shared", is_over=True)], (), now=0.0) == JobCounts(read=1)
    assert outcomes.number_read({"shared", "another"}) == 1
