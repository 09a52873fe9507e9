from __future__ import annotations

import pytest

from tap_amazon_sp.timeline.model import Operation
from tap_amazon_sp.timeline.shares import seconds_in_air, seconds_waited, shares_of
from tests.timeline.runs import NOON, SEARCH, call, job, run_of, wait


def test_every_moment_counts_once_for_the_first_that_applies() -> None:
    run = run_of(
        operations=(
            Operation("a", "", calls=(call(0, 10), call(5, 12)), waits=(wait(10, 30),)),
            Operation("b", "", calls=(call(20, 25, 429),), waits=(wait(25, 40, "refused"),)),
        ),
        jobs=(job(0, 35, None, 70, 71),),
    )

    found = {share.name: share.seconds for share in shares_of(run)}

    assert found == {
        "air": 17,
        "rate-limit": 13,
        "refused": 10,
        "failed": 0,
        "reports": 30,
        "own": 30,
    }


def test_the_parts_are_as_long_as_the_run() -> None:
    assert sum(share.seconds for share in shares_of(run_of())) == pytest.approx(100)


def test_a_job_that_is_not_finished_is_at_amazon_until_the_end() -> None:
    run = run_of(operations=(), jobs=(job(0, 40),))

    assert {share.name: share.seconds for share in shares_of(run)}["reports"] == 60


def test_what_the_sentences_of_a_log_do_not_say_is_not_shown_as_work() -> None:
    (*_, exact), (*_, inexact) = shares_of(run_of()), shares_of(run_of(exact=False))

    assert exact.text.startswith("everything else")
    assert inexact.text.startswith("what the log does not say")
    assert exact.seconds == inexact.seconds


def test_a_run_of_no_time_has_no_shares() -> None:
    run = run_of(ended=NOON, operations=(), jobs=())

    assert all(share.seconds == 0 for share in shares_of(run))


def test_requests_side_by_side_are_in_the_air_once() -> None:
    operation = Operation(
        SEARCH, "", calls=(call(0, 10), call(2, 12)), waits=(wait(12, 20), wait(15, 21, "failed"))
    )

    assert seconds_in_air(operation) == 12
    assert seconds_waited(operation, "rate limit") == 8
    assert seconds_waited(operation, "rate limit", "failed") == 9
