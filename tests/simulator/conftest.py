"""Fixtures for the tests of the simulator."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import ApiCaller

StartSimulator = Callable[..., ApiCaller]

MARKETPLACES = ["ATVPDKIKX0DER", "A2EUQ1WTGCTBG2", "A1AM78C64UM0Y8", "A2Q3Y263D00KWC"]
START = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    """A seller with 400 orders that do not change, and no limit that a test could reach."""
    settings = SimulatorSettings(orders=400, speed=1e6, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture
def start(clock: FakeClock) -> Iterator[StartSimulator]:
    """Start a simulator with settings of its own, on the fake clock."""
    with _simulators(clock) as start_simulator:
        yield start_simulator


@pytest.fixture(scope="module")
def shared_clock() -> FakeClock:
    return FakeClock(START)


@pytest.fixture(scope="module")
def start_shared(shared_clock: FakeClock) -> Iterator[StartSimulator]:
    """Start a simulator for all tests of a module that do not disturb each other."""
    with _simulators(shared_clock) as start_simulator:
        yield start_simulator


@contextmanager
def _simulators(clock: FakeClock) -> Iterator[StartSimulator]:
    def ticking() -> dt.datetime:
        # So that no bucket is ever empty at this speed.
        clock.advance(1e-6)
        return clock.now()

    with ExitStack() as running:

        def start_simulator(**settings: Any) -> ApiCaller:
            defaults = {"orders": 150, "changes_per_minute": 0, "port": 0, "speed": 1e9}
            values: dict[str, Any] = defaults | {"now": ticking} | settings
            simulator = Simulator(SimulatorSettings(**values))
            return ApiCaller(running.enter_context(simulator))

        yield start_simulator


@pytest.fixture
def api(simulator: Simulator) -> ApiCaller:
    """A caller of the shared simulator."""
    return ApiCaller(simulator)
