"""Fixtures for all tests."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from demo.postgres import PostgresAddress, embedded_postgres
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.installed_wheel import WheelEnvironment, build_wheel
from tests.processes import end_warm_parents
from tests.queues import FauxqsQueue, FauxqsServer, Queue, QueueServer, fauxqs_server, moto_server

TOLD = "told"
_HANDLERS = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}


@pytest.fixture(scope="session", autouse=True)
def _warm_starts() -> Iterator[None]:
    """End what the processes of the tests were forked from."""
    yield
    end_warm_parents()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put first what takes long, and together what shares a database.

    Workers begin with tests that lie side by side: so one of them has all of these, and nobody
    waits for them at the end.
    """
    items.sort(
        key=lambda item: (
            "postgres" not in getattr(item, "fixturenames", ()),
            item.get_closest_marker("lengthy") is None,
        )
    )


def pytest_collection_finish() -> None:
    """Let the garbage collector run less often, and not over what lives as long as the tests.

    It took a sixth of the time of tests that make many taps.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_runtest_teardown() -> None:
    """Take the signals back from a tap that was made in this process: Ctrl-C ends the tests."""
    for number, handler in _HANDLERS.items():
        signal.signal(number, handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresAddress]:
    """A PostgreSQL server that lives as long as the test process; use a schema of your own."""
    with embedded_postgres() as address:
        yield address


@pytest.fixture(scope="session")
def shared_simulator() -> Iterator[Simulator]:
    """A seller with 400 orders and no changes, at a hundred thousand times the usual rates."""
    settings = SimulatorSettings(
        orders=400, speed=100_000, changes_per_minute=0, shuffle=True, port=0
    )
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def simulator(shared_simulator: Simulator) -> Iterator[Simulator]:
    """The shared simulator with an empty request log and no faults."""
    shared_simulator.clear_requests()
    shared_simulator.clear_faults()
    yield shared_simulator
    shared_simulator.clear_faults()


@pytest.fixture
def slow_simulator() -> Iterator[Simulator]:
    """A small seller at Amazon's own rates."""
    settings = SimulatorSettings(orders=20, speed=1, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def fauxqs() -> Iterator[FauxqsServer]:
    """A server for SQS that deletes as AWS does."""
    with fauxqs_server() as server:
        yield server


@pytest.fixture(scope="session")
def moto() -> Iterator[QueueServer]:
    """moto's server, for SQS and what else of AWS a test needs."""
    with moto_server() as server:
        yield server


@pytest.fixture
def fauxqs_queue(fauxqs: FauxqsServer) -> FauxqsQueue:
    """A new queue of fauxqs."""
    return fauxqs.create()


@pytest.fixture
def moto_queue(moto: QueueServer) -> Queue:
    """A new queue of moto's server."""
    return moto.create()


@pytest.fixture(scope="session")
def wheel_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from this checkout without the network."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def wheel_environment(
    wheel_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> WheelEnvironment:
    """An environment of Python in which the wheel is installed, and nothing of this checkout."""
    return WheelEnvironment.create(tmp_path_factory.mktemp("installed"), wheel_file)


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a line below the test results, from any process of the test run."""

    def say(text: str) -> None:
        record_property(TOLD, text)

    return say


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in terminalreporter.getreports("passed") + terminalreporter.getreports("failed"):
        for name, text in report.user_properties:
            if name == TOLD and report.when == "call":
                terminalreporter.write_line(str(text))
