"""Killing runs that read a backlog of orders with both operations, and changes from a queue."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.kills.order_lives import SEARCH, SINGLE, OrderLife, OrderTally
from tests.queues import FauxqsServer

KILLS = 3


@pytest.mark.lengthy
def test_no_order_and_no_message_is_lost_or_stale_after_kills_of_taps_and_targets(
    fauxqs: FauxqsServer, tmp_path: Path, tell: Callable[[str], None]
) -> None:
    tally = OrderTally()

    # Just more than searchOrders reads at once.
    OrderLife(tmp_path, fauxqs, seed=2, backlog=2_250).run(KILLS, tally)

    assert tally.wrong == []
    assert tally.killed + tally.moments["not before its end"] == KILLS
    assert tally.killed
    assert tally.targets
    assert tally.changes
    assert tally.notifications
    assert tally.calls[SEARCH]
    assert tally.calls[SINGLE]
    for line in tally.lines():
        tell(line)
