"""Fixtures of pytest for projects that test their own SP-API client.

pytest finds this module through the entry point `pytest11` of the installed package. It is loaded
in every test run there, so it imports the simulator only when a fixture needs it. `-p
no:sp_api_simulator` leaves it out.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tap_amazon_sp.simulator import Credentials, Simulator, SimulatorSettings

_SHOWN_REQUESTS = 30
_USED = pytest.StashKey["Simulator"]()


@pytest.fixture(scope="session")
def sp_api_simulator_settings() -> SimulatorSettings:
    """Settings of the SP-API simulator. Override this fixture, in any scope, to change them.

    The defaults are a seller in North America with 200 orders that do not change, at a thousand
    times Amazon's rates, so that no test waits, on a free port.
    """
    from tap_amazon_sp.simulator import SimulatorSettings  # noqa: PLC0415 - only if it is used

    return SimulatorSettings(orders=200, records=30, speed=1000, changes_per_minute=0, port=0)


@pytest.fixture(scope="session")
def sp_api_simulators() -> Iterator[Callable[[SimulatorSettings], Simulator]]:
    """A function that returns the running simulator with some settings, and starts it if needed.

    It is for fixtures of session scope, and for tests that need several simulators. They run until
    the end of the session, and nothing resets them but `Simulator.reset`.
    """
    with contextlib.ExitStack() as running:
        # Settings cannot be keys: some of them are dictionaries.
        started: list[Simulator] = []

        def simulator_with(settings: SimulatorSettings) -> Simulator:
            for simulator in started:
                if simulator.settings == settings:
                    return simulator
            simulator = _start(settings)
            running.callback(simulator.stop)
            started.append(simulator)
            return simulator

        yield simulator_with


def _start(settings: SimulatorSettings) -> Simulator:
    from tap_amazon_sp.simulator import Simulator  # noqa: PLC0415 - only if it is used

    simulator = Simulator(settings)
    try:
        simulator.start()
    except ModuleNotFoundError as error:
        pytest.fail(
            f"the SP-API simulator needs {error.name}: install the extra `pytest`, e.g."
            " pip install 'tap-selling-partner[pytest]'",
            pytrace=False,
        )
    except OSError as error:
        pytest.fail(
            f"the SP-API simulator cannot listen on {settings.host}:{settings.port}:"
            f" {error.strerror or error}; port=0 in its settings takes a free port",
            pytrace=False,
        )
    return simulator


@pytest.fixture
def sp_api_simulator(
    request: pytest.FixtureRequest,
    sp_api_simulators: Callable[[SimulatorSettings], Simulator],
    sp_api_simulator_settings: SimulatorSettings,
) -> Iterator[Simulator]:
    """A local SP-API whose sellers are the same at the start of each test.

    Nothing is left of earlier tests: no fault, no request in its log, nothing that they created or
    changed, and all token buckets are full. `inject` makes it fail, `requests` are those that it
    received, and `truth` is what it should have returned. If a test fails, pytest shows the last
    requests.
    """
    simulator = sp_api_simulators(sp_api_simulator_settings)
    simulator.reset()
    request.node.stash[_USED] = simulator
    yield simulator
    # What ends after the test, such as a client of session scope, can still send requests.
    simulator.clear_faults()
    simulator.change_answer = None


@pytest.fixture
def sp_api_credentials(sp_api_simulator: Simulator) -> Credentials:
    """Addresses, client id and secret, and refresh token of the seller.

    `sp_api_simulator.credentials("vendor")` has those of the vendor.
    """
    return sp_api_simulator.credentials()


@pytest.fixture
def sp_api_environment(
    sp_api_credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """The credentials as environment variables, which are set during the test.

    They are `SP_API_ENDPOINT`, `SP_API_TOKEN_URL`, `SP_API_REFRESH_TOKEN` and so on, and those
    that python-amazon-sp-api and the npm package amazon-sp-api read.
    """
    variables = sp_api_credentials.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    return variables


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the last requests to the simulator if a test fails that uses it."""
    report = yield
    simulator = item.stash.get(_USED, None)
    if simulator is not None and call.when == "call" and report.failed:
        report.sections.append(("Requests to the SP-API simulator", _last_requests(simulator)))
    return report


def _last_requests(simulator: Simulator) -> str:
    requests = simulator.requests
    lines = []
    if left_out := len(requests[:-_SHOWN_REQUESTS]):
        lines.append(f"{left_out} earlier requests are left out.")
    for entry in requests[-_SHOWN_REQUESTS:]:
        what = entry["operation"] or f"{entry['path']} (no operation of the SP-API)"
        fault = f", fault {entry['fault']}" if entry["fault"] else ""
        refusal = f": {entry['refusal']}" if entry["refusal"] else ""
        lines.append(f"{entry['method']} {what}: {entry['status']}{fault}{refusal}")
    return "\n".join(lines) or "It received none."
