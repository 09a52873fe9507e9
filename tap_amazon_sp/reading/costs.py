"""What a run cost: calls and waits of each operation, at the end of its log."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from singer_sdk.metrics import get_metrics_logger
from singer_sdk.metrics import log as log_metric

from tap_amazon_sp.amazon.metrics import OperationMetrics, total
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.reading.connection import Connection


def log_costs(
    connections: Iterable[Connection], throttle: Throttle, seconds: float, logger: logging.Logger
) -> None:
    """Log the costs of each operation, and the shortest time that the rate limits allow.

    Args:
        connections: All accounts.
        throttle: The token buckets of the run.
        seconds: How long the run took.
        logger: Where the lines go.
    """
    metrics = [connection.client.metrics for connection in connections if connection.is_used]
    metrics_logger = get_metrics_logger()
    for operation_id, costs in total(metrics):
        if costs != OperationMetrics():
            logger.info("%s: %s", operation_id, costs)
        for point in costs.points(operation_id):
            log_metric(metrics_logger, point)
    slowest = throttle.slowest()
    if slowest is not None and slowest[1].shortest_time:
        operation_id, bucket = slowest
        logger.info(
            "Read in %.1f seconds; Amazon's rate limits allow no less than %.1f, for %d "
            "requests of %s",
            seconds,
            bucket.shortest_time,
            bucket.calls,
            operation_id,
        )
