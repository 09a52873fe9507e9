from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tap_amazon_sp.amazon.metrics import Metrics, OperationMetrics, total

ORDERS, FEEDS = "orders_2026-01-01.searchOrders", "feeds_2021-06-30.getFeeds"


def test_each_operation_has_its_own_counts_in_the_order_of_first_use() -> None:
    metrics = Metrics()

    metrics.count_call(FEEDS)
    metrics.count_call(ORDERS)
    metrics.count_call(ORDERS)
    metrics.count_records(ORDERS, 100)
    metrics.count_records(ORDERS, 0)
    metrics.count_wait(ORDERS, 1.5)
    metrics.count_retry(ORDERS)
    metrics.count_throttled(FEEDS)

    assert list(metrics) == [
        (FEEDS, OperationMetrics(calls=1, throttled=1)),
        (ORDERS, OperationMetrics(calls=2, records=100, waited=1.5, retries=1)),
    ]


def test_counts_of_many_threads_are_complete() -> None:
    metrics = Metrics()

    def count() -> None:
        for _ in range(2000):
            metrics.count_call(ORDERS)
            metrics.count_records(ORDERS, 3)

    with ThreadPoolExecutor(4) as executor:
        for future in [executor.submit(count) for _ in range(4)]:
            future.result()

    assert dict(metrics) == {ORDERS: OperationMetrics(calls=8000, records=24000)}


def test_the_counts_of_all_accounts_are_summed_by_operation() -> None:
    first, second, unused = Metrics(), Metrics(), Metrics()
    for metrics, calls in ((first, 1), (second, 2)):
        for _ in range(calls):
            metrics.count_call(ORDERS)
            metrics.count_records(ORDERS, 10)
            metrics.count_wait(ORDERS, 0.25)
            metrics.count_retry(ORDERS)
            metrics.count_throttled(ORDERS)
    second.count_call(FEEDS)

    summed = list(total([first, unused, second]))

    assert summed == [
        (ORDERS, OperationMetrics(calls=3, records=30, waited=0.75, retries=3, throttled=3)),
        (FEEDS, OperationMetrics(calls=1)),
    ]
    # The counts of the accounts are unchanged.
    assert list(first) == [
        (ORDERS, OperationMetrics(calls=1, records=10, waited=0.25, retries=1, throttled=1))
    ]
    assert list(total([])) == []


def test_counts_become_singer_metrics() -> None:
    counts = OperationMetrics(calls=5, records=100, waited=2.5, retries=2, throttled=1)

    points = [
        (point.metric_type, point.metric, point.value, point.tags)
        for point in counts.points(ORDERS)
    ]

    assert points == [
        ("counter", "http_request_count", 5, {"endpoint": ORDERS}),
        ("counter", "http_request_count", 2, {"endpoint": ORDERS, "status": "failed"}),
        ("counter", "http_request_count", 1, {"endpoint": ORDERS, "http_status_code": 429}),
        ("timer", "job_duration", 2.5, {"endpoint": ORDERS, "job_type": "wait for rate limit"}),
    ]


@pytest.mark.parametrize(
    ("counts", "values"),
    [
        (OperationMetrics(), []),
        (OperationMetrics(records=100), []),
        (OperationMetrics(calls=3, records=100), [3]),
        (OperationMetrics(calls=3, throttled=2), [3, 2]),
        (OperationMetrics(waited=0.5), [0.5]),
    ],
)
def test_a_count_of_zero_is_left_out(counts: OperationMetrics, values: list[float]) -> None:
    assert [point.value for point in counts.points(ORDERS)] == values


def test_counts_are_described_in_a_line() -> None:
    counts = OperationMetrics(calls=5, records=100, waited=2.54, retries=2, throttled=1)

    assert str(counts) == (
        "5 calls, 100 records, 2.5 s waited for the rate limit, 2 retries, 1 answer of 429"
    )


def test_one_of_a_kind_is_singular() -> None:
    counts = OperationMetrics(calls=1, records=1, retries=1)

    assert str(counts) == (
        "1 call, 1 record, 0.0 s waited for the rate limit, 1 retry, 0 answers of 429"
    )
