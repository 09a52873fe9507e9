from __future__ import annotations

import pytest

from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.jobs.polling import (
    CANCELLED,
    DONE,
    FATAL,
    UNFINISHED_STATUSES,
    Job,
    JobUnfinishedError,
    PollingPace,
    has_status,
    is_finished,
    wait_until_finished,
)
from tests.fake_clock import FakeClock

PACE = PollingPace(first=2.0, longest=60.0, share=0.1)


class SlowJob:
    """A job that Amazon finishes after so many seconds; `polls` says when it was polled."""

    def __init__(self, clock: FakeClock, seconds: float, ends_as: str = DONE) -> None:
        self.polls: list[float] = []
        self._clock = clock
        self._began_at = clock.monotonic()
        self._seconds = seconds
        self._ends_as = ends_as

    def poll(self) -> Job:
        age = self._clock.monotonic() - self._began_at
        self.polls.append(age)
        if age >= self._seconds:
            return {"processingStatus": self._ends_as}
        return {"processingStatus": "IN_QUEUE" if age < self._seconds / 2 else "IN_PROGRESS"}


@pytest.mark.parametrize(
    ("age", "wait"),
    [(0.0, 2.0), (19.0, 2.0), (20.0, 2.0), (100.0, 10.0), (600.0, 60.0), (90_000.0, 60.0)],
)
def test_a_wait_is_a_share_of_the_time_so_far(age: float, wait: float) -> None:
    assert PACE.wait(age) == wait


def test_the_first_wait_counts_where_it_is_longer_than_the_longest() -> None:
    assert PollingPace(first=300.0, longest=60.0).wait(10_000.0) == 300.0


@pytest.mark.parametrize("seconds", [0.0, 0.5, 2.0, 17.0, 63.0, 300.0, 599.0, 4000.0])
def test_a_job_is_found_late_by_a_share_of_its_time_at_most(seconds: float) -> None:
    clock = FakeClock()
    job = SlowJob(clock, seconds)

    assert wait_until_finished(job.poll, clock, pace=PACE) == {"processingStatus": DONE}

    late = job.polls[-1] - seconds
    assert late <= max(PACE.first, min(seconds * PACE.share, PACE.longest))
    assert sum(poll >= seconds for poll in job.polls) == 1


@pytest.mark.parametrize(("seconds", "most"), [(30.0, 16), (300.0, 42), (3000.0, 88)])
def test_the_number_of_polls_grows_slowly(seconds: float, most: int) -> None:
    clock = FakeClock()
    job = SlowJob(clock, seconds)

    wait_until_finished(job.poll, clock, pace=PACE)

    assert len(job.polls) <= most


@pytest.mark.parametrize("status", [DONE, CANCELLED, FATAL])
def test_a_finished_job_is_returned_however_it_ended(status: str) -> None:
    clock = FakeClock()
    job = SlowJob(clock, 5.0, ends_as=status)

    assert wait_until_finished(job.poll, clock, pace=PACE)["processingStatus"] == status
    assert status not in UNFINISHED_STATUSES


@pytest.mark.parametrize("timeout", [1.0, 3.0, 10.0, 59.0, 100.0, 1000.0])
def test_a_job_is_waited_for_to_the_last_second(timeout: float) -> None:
    clock = FakeClock()
    in_time = SlowJob(clock, timeout)
    assert (
        wait_until_finished(in_time.poll, clock, pace=PACE, timeout=timeout)["processingStatus"]
        == DONE
    )

    too_late = SlowJob(clock, timeout + 0.5)
    with pytest.raises(JobUnfinishedError, match=f"^IN_PROGRESS after {timeout:.0f} sec") as caught:
        wait_until_finished(too_late.poll, clock, pace=PACE, timeout=timeout)

    assert caught.value.job == {"processingStatus": "IN_PROGRESS"}
    assert caught.value.waited == too_late.polls[-1] == pytest.approx(timeout)


@pytest.mark.parametrize("job", [{}, {"processingStatus": None}, {"processingStatus": ["DONE"]}])
def test_a_job_without_a_known_status_is_not_finished(job: Job) -> None:
    assert not is_finished(job)
    assert not has_status(job)


def test_the_status_is_reported_after_each_poll() -> None:
    clock = FakeClock()
    told: list[str] = []

    wait_until_finished(SlowJob(clock, 5.0).poll, clock, pace=PACE, on_status=told.append)

    assert told == [
        "IN_QUEUE after 0 seconds",
        "IN_QUEUE after 2 seconds",
        "IN_PROGRESS after 4 seconds",
        "DONE after 6 seconds",
    ]


def test_a_failed_poll_ends_the_wait() -> None:
    failure = ServiceError("reports_2021-06-30.getReport", status=500)

    def poll() -> Job:
        raise failure

    with pytest.raises(ServiceError):
        wait_until_finished(poll, FakeClock(), pace=PACE)


def test_a_job_without_a_timeout_is_waited_for_as_long_as_it_takes() -> None:
    clock = FakeClock()
    job = SlowJob(clock, 500_000.0)

    assert wait_until_finished(job.poll, clock, pace=PACE)["processingStatus"] == DONE
