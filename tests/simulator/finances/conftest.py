from __future__ import annotations

from collections.abc import Iterator

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.simulator.api_caller import ApiCaller


@pytest.fixture(scope="session")
def seller() -> Iterator[ApiCaller]:
    """A seller with 90 days of orders in four currencies, who stands still."""
    settings = SimulatorSettings(
        orders=900, history_days=90, speed=1e6, changes_per_minute=0, port=0, records=5
    )
    with Simulator(settings) as simulator:
        yield ApiCaller(simulator)
