"""How far streams are, in the log of a run whose time passes faster."""

from __future__ import annotations

import datetime as dt
import io
import json
import logging
import re
from contextlib import redirect_stdout

import pytest
from singer_sdk.logging import StructuredFormatter

from tap_amazon_sp.common.clock import SystemClock
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.tap import TapAmazonSP
from tests.tap_runs import catalog_of

FASTER = 2000
BEGIN = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)
LINE = re.compile(
    r"orders: [\d,]+ records, read to 2\S+Z, about \d+ %, "
    r"at least (\d+ h )?\d+ min more \(searchOrders, one call in 179 s\)"
)


class FastClock(SystemClock):
    """A minute is over in 30 milliseconds, for the tap and for Amazon."""

    def __init__(self) -> None:
        super().__init__()
        self._began_at = super().monotonic()

    def now(self) -> dt.datetime:
        return BEGIN + dt.timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (super().monotonic() - self._began_at) * FASTER

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / FASTER)


def test_a_run_that_waits_for_a_rate_limit_says_how_far_it_is(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = FastClock()
    seller = SimulatorSettings(orders=5000, speed=1, changes_per_minute=0, port=0, now=clock.now)
    with Simulator(seller) as simulator:
        tap = TapAmazonSP(
            config=simulator.settings_for_tap() | {"start_date": "2026-09-20"},
            catalog=catalog_of("orders"),
            clock=clock,
        )

        with caplog.at_level(logging.INFO), redirect_stdout(io.TextIOWrapper(io.BytesIO())):
            tap.sync_all()

    (first, *_) = [record for record in caplog.records if "progress" in vars(record)]
    assert LINE.fullmatch(first.getMessage())
    fields = json.loads(StructuredFormatter().format(first))["extra"]["progress"]
    assert fields["stream"] == "orders"
    assert 0 < fields["records"] < len(simulator.truth("orders"))
    assert 0 < fields["share"] < 1
    assert fields["seconds_left"] > 0
    assert fields["operation"] == "orders_2026-01-01.searchOrders"
