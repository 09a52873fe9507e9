from __future__ import annotations

import pytest

from tap_amazon_sp.simulator.jobs.job import CANCELLED, DONE, IN_PROGRESS, IN_QUEUE, Job
from tap_amazon_sp.simulator.jobs.queue import SECONDS_TO_CANCEL, JobQueue
from tap_amazon_sp.simulator.server.errors import ApiError
from tap_amazon_sp.simulator.server.paging import Pager

NOW = 1_790_000_000.0


def queue_of(seconds: float) -> tuple[JobQueue, Job]:
    queue = JobQueue("report", Pager(seed=1, lifetime=60), seed=1, duration=(seconds, seconds))
    return queue, queue.add("seller", "GET_X", [], NOW)


def test_a_job_that_is_over_at_once_can_be_cancelled_until_somebody_saw_it() -> None:
    queue, job = queue_of(1e-6)

    assert job.status(NOW + 1) == DONE
    queue.cancel("seller", job.id, NOW + 1)

    assert job.status(NOW + 1) == CANCELLED


def test_a_job_that_was_seen_to_be_over_cannot_be_cancelled() -> None:
    queue, job = queue_of(1e-6)
    job.show(NOW + 1)

    with pytest.raises(ApiError, match="IN_QUEUE can be cancelled"):
        queue.cancel("seller", job.id, NOW + 1)


def test_a_job_whose_end_was_notified_of_cannot_be_cancelled() -> None:
    queue, job = queue_of(1e-6)

    assert queue.take_finished(NOW + 1) == [("seller", job)]
    with pytest.raises(ApiError, match="IN_QUEUE can be cancelled"):
        queue.cancel("seller", job.id, NOW + 1)


@pytest.mark.parametrize("seconds", [1e-6, 60])
def test_a_job_cannot_be_cancelled_late_even_if_nobody_saw_it(seconds: float) -> None:
    queue, job = queue_of(seconds)
    late = NOW + max(SECONDS_TO_CANCEL, seconds / 2)

    with pytest.raises(ApiError, match="IN_QUEUE can be cancelled"):
        queue.cancel("seller", job.id, late)
    queue.cancel("seller", job.id, NOW + seconds / 2, also=(IN_QUEUE, IN_PROGRESS))


def test_a_job_is_not_cancelled_twice() -> None:
    queue, job = queue_of(1e-6)
    queue.cancel("seller", job.id, NOW)

    with pytest.raises(ApiError, match="IN_QUEUE can be cancelled"):
        queue.cancel("seller", job.id, NOW)
