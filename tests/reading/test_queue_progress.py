from __future__ import annotations

from tap_amazon_sp.jobs.api import QUERIES, REPORTS
from tap_amazon_sp.jobs.counts import JobCounts
from tap_amazon_sp.reading.progress import Left
from tap_amazon_sp.reading.queue_progress import QueueProgress

LEFT = Left(25_320, REPORTS.create, 0.0167)


def test_a_line_says_where_the_jobs_are() -> None:
    counts = JobCounts(421, 2, 5, 3, 1200, 1, longest=780.0)

    assert str(QueueProgress(None, REPORTS, counts, LEFT)) == (
        "Reports: 1,200 of 1,632 read, 1 failed, 3 ready, 5 in progress and 2 in Amazon's queue "
        "(the oldest for 13 min), 421 to be requested, "
        "at least 7 h 2 min more (createReport, one call in 60 s)"
    )


def test_what_there_is_none_of_is_left_out() -> None:
    counts = JobCounts(in_queue=1, read=2, longest=30.0)

    assert str(QueueProgress("eu", QUERIES, counts, None)) == (
        "Queries of eu: 2 of 3 read, 1 in Amazon's queue"
    )


def test_logs_in_json_have_the_values() -> None:
    counts = JobCounts(421, 2, 5, 3, 1200, 1, longest=780.2)

    assert QueueProgress("eu", REPORTS, counts, LEFT).values == {
        "queue": "reports",
        "account": "eu",
        "jobs": 1632,
        "jobs_read": 1200,
        "jobs_failed": 1,
        "jobs_ready": 3,
        "jobs_in_progress": 5,
        "jobs_in_queue": 2,
        "jobs_to_request": 421,
        "longest_seconds": 780,
        "seconds_left": 25320,
        "operation": "reports_2021-06-30.createReport",
    }
