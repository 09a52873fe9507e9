"""Fixtures for the tests of `amazon-sp`."""

from __future__ import annotations

import json
import logging
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.cli.running import AmazonSP
from tests.queues import KEYS

SIGNALS = (signal.SIGINT, signal.SIGTERM)


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    """A seller of their own: others count the feeds and reports that these tests make."""
    settings = SimulatorSettings(orders=400, speed=100_000, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture(autouse=True)
def _process_as_it_was() -> Iterator[None]:
    """Undo what a command that runs in this process does to it."""
    handlers = [signal.getsignal(number) for number in SIGNALS]
    root = logging.getLogger()
    log_handlers = list(root.handlers)
    yield
    for number, handler in zip(SIGNALS, handlers, strict=True):
        signal.signal(number, handler)
    root.handlers[:] = log_handlers
    logging.getLogger("tap_amazon_sp").setLevel(logging.NOTSET)


@pytest.fixture
def amazon_sp(simulator: Simulator, tmp_path: Path) -> AmazonSP:
    """The command with settings that point to the simulator."""
    return configured(simulator, tmp_path)


def environment_of(settings: dict[str, Any]) -> dict[str, str]:
    """Return an environment with these settings."""
    variables = {
        f"TAP_AMAZON_SP_{name.upper()}": value if isinstance(value, str) else json.dumps(value)
        for name, value in settings.items()
    }
    return os.environ | variables


def configured(simulator: Simulator, folder: Path, **settings: Any) -> AmazonSP:
    """Return the command with these settings beside those for the simulator."""
    config = folder / "config.json"
    config.write_text(json.dumps(simulator.settings_for_tap() | settings), encoding="utf-8")
    return AmazonSP(config)


@pytest.fixture
def _aws_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys for a test server, where boto3's default chain looks first."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name.upper(), value)


@pytest.fixture
def world() -> Iterator[Simulator]:
    """A world that stands still; jobs stay in the queue, so that they can be cancelled."""
    settings = SimulatorSettings(
        orders=100,
        records=24,
        speed=1e6,
        changes_per_minute=0,
        port=0,
        processing_seconds=1e9,
    )
    with Simulator(settings) as simulator:
        yield simulator
