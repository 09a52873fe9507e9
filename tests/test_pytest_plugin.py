"""The fixtures for other projects, from the installed wheel: what docs/testing.md shows is run."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from clients.environments import PythonPackage
from tests.installed_wheel import ROOT, WheelEnvironment

PAGE = (ROOT / "docs" / "testing.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
FILES = {match[1]: block for block in BLOCKS if (match := re.match(r"# (\S+\.py)\n", block))}
OTHER_SETTINGS, PYTHON_CLIENT = (block for block in BLOCKS if block not in FILES.values())

OPTIONS = ("-p", "no:cacheprovider", "-W", "error")

RunPytest = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def run_pytest(wheel_environment: WheelEnvironment, tmp_path: Path) -> RunPytest:
    """Write files of a project, and run pytest there."""

    def run(
        *arguments: str, path: Path | None = None, **files: str
    ) -> subprocess.CompletedProcess[str]:
        for name, text in files.items():
            (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        return subprocess.run(
            [wheel_environment.program("python"), "-m", "pytest", *OPTIONS, *arguments],
            cwd=tmp_path,
            # Nothing of this test run, such as the number of its worker.
            env={
                "PATH": os.environ["PATH"],
                "no_proxy": "127.0.0.1",
                "PYTHONPATH": "" if path is None else str(path),
            },
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    return run


def test_the_example_of_the_page_runs_as_written(run_pytest: RunPytest) -> None:
    files = {name.removesuffix(".py"): text for name, text in FILES.items()}
    assert sorted(files) == ["conftest", "shop", "test_shop"]

    ran = run_pytest(**files)

    assert "4 passed" in ran.stdout, ran.stdout + ran.stderr


FAILING = """
import requests


def call(credentials, path, **headers):
    url = credentials.endpoint + path
    return requests.get(url, headers={"x-amz-access-token": "unknown"}, timeout=30).status_code


def test_first(sp_api_simulator, sp_api_credentials):
    sp_api_simulator.inject("throttle", count=None)
    sp_api_simulator.change_orders(3)
    assert call(sp_api_credentials, "/orders/v0/orders") == 403
    assert False


def test_second(sp_api_simulator, sp_api_environment):
    import os

    assert sp_api_simulator.requests == sp_api_simulator.faults == []
    assert os.environ["SP_API_ENDPOINT"] == sp_api_simulator.url
    assert len(sp_api_simulator.truth("orders")) == 50
    assert sp_api_simulator.credentials("seller-2").region == "eu"
    assert False


def test_without_it():
    assert False
"""


def test_a_failure_shows_the_requests_and_settings_can_be_overridden(
    run_pytest: RunPytest,
) -> None:
    ran = run_pytest(conftest=OTHER_SETTINGS, test_failing=FAILING)

    assert "3 failed" in ran.stdout, ran.stdout + ran.stderr
    heading = "- Requests to the SP-API simulator -"
    first, second, third = re.split(r"_{3,} test_\w+ _{3,}", ran.stdout)[1:]
    assert heading in first
    assert "GET ordersV0.getOrders: 403: Access to requested resource is denied." in first
    assert "It received none." in second
    assert "assert False" in second
    assert heading not in third


def test_it_imports_nothing_until_a_fixture_is_used(run_pytest: RunPytest) -> None:
    program = """
import sys

def test_nothing_is_imported():
    ours = {name for name in sys.modules if name.startswith("tap_amazon_sp")}
    assert ours == {"tap_amazon_sp", "tap_amazon_sp.pytest_plugin"}
"""

    ran = run_pytest(test_imports=program)

    assert "1 passed" in ran.stdout, ran.stdout + ran.stderr


def test_without_aiohttp_it_says_what_to_install(run_pytest: RunPytest) -> None:
    ran = run_pytest(
        conftest="import sys\nsys.modules['aiohttp'] = None\n",
        test_it="def test_it(sp_api_credentials):\n    pass\n",
    )

    assert "pip install 'tap-selling-partner[pytest]'" in ran.stdout, ran.stdout + ran.stderr
    assert "Traceback" not in ran.stdout


OVERRIDING = """
import dataclasses

import pytest


def test_the_defaults_before(sp_api_simulator):
    assert sp_api_simulator.settings.region == "na"


class TestEurope:
    @pytest.fixture(params=["eu", "fe"])
    def sp_api_simulator_settings(self, request, sp_api_simulator_settings):
        return dataclasses.replace(sp_api_simulator_settings, region=request.param, orders=5)

    def test_its_own_settings(self, sp_api_simulator, sp_api_credentials, request):
        assert sp_api_credentials.region in request.node.name
        assert len(sp_api_simulator.truth("orders")) == 5


def test_the_defaults_after(sp_api_simulator):
    assert sp_api_simulator.settings.region == "na"


def test_two_at_once(sp_api_simulator, sp_api_simulators, sp_api_simulator_settings):
    other = sp_api_simulators(dataclasses.replace(sp_api_simulator_settings, seed=2))
    assert other.url != sp_api_simulator.url
    assert sp_api_simulators(sp_api_simulator_settings) is sp_api_simulator


def test_a_port_in_use(sp_api_simulator, sp_api_simulators, sp_api_simulator_settings):
    port = int(sp_api_simulator.url.rpartition(":")[2])
    sp_api_simulators(dataclasses.replace(sp_api_simulator_settings, port=port))
"""


def test_settings_of_a_class_or_of_two_simulators(run_pytest: RunPytest) -> None:
    ran = run_pytest(test_overriding=OVERRIDING)

    assert "1 failed, 5 passed" in ran.stdout, ran.stdout + ran.stderr
    assert "port=0 in its settings takes a free port" in ran.stdout


WITH_PYTHON_CLIENT = """
import pytest
from sp_api.api import OrdersV0, Reports
from sp_api.base import SellingApiRequestThrottledException


def test_orders(sp_api_simulator):
    payload = OrdersV0().get_orders(CreatedAfter="2020-01-01T00:00:00Z").payload
    assert payload["Orders"]
    sp_api_simulator.inject("throttle", operation="ordersV0.getOrders")
    with pytest.raises(SellingApiRequestThrottledException):
        OrdersV0().get_orders(CreatedAfter="2020-01-01T00:00:00Z")


def test_a_report_with_the_token_of_the_last_test(sp_api_simulator):
    Reports().create_report(reportType="GET_MERCHANT_LISTINGS_ALL_DATA")
    assert [entry["operation"] for entry in sp_api_simulator.requests] == [
        "reports_2021-06-30.createReport"
    ]
"""


def test_python_amazon_sp_api_as_the_page_shows(run_pytest: RunPytest) -> None:
    client = PythonPackage("python-amazon-sp-api")
    assert client.is_made(), "make setup installs it"
    (site_packages,) = client.folder.glob("lib/python3*/site-packages")

    ran = run_pytest(
        "-W",
        "default",
        path=site_packages,
        conftest=PYTHON_CLIENT,
        test_shop=WITH_PYTHON_CLIENT,
    )

    assert "2 passed" in ran.stdout, ran.stdout + ran.stderr
