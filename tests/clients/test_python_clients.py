"""The clients of the SP-API in Python make their most telling calls on the simulator, as they ship.

`make clients` runs all calls of these and other clients.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clients.environments import FOLDER, PythonPackage, trusting
from clients.plan import planned_calls
from clients.results import read_results
from tap_amazon_sp.simulator import Simulator, SimulatorSettings

DRIVERS = Path(__file__).resolve().parents[2] / "clients" / "drivers"
TELLING = (
    "sellers.getMarketplaceParticipations",
    "orders_2026-01-01.searchOrders",
    "orders_2026-01-01.getOrder",
    "ordersV0.getOrders",
    "ordersV0.getOrderItems",
    "ordersV0.confirmShipment",
    "reports_2021-06-30.createReport",
    "reports_2021-06-30.getReports",
    "reports_2021-06-30.getReportDocument",
    "reports_2021-06-30.cancelReport",
    "feeds_2021-06-30.createFeedDocument",
    "feeds_2021-06-30.createFeed",
    "dataKiosk_2023-11-15.createQuery",
    "financesV0.listFinancialEvents",
    "finances_2024-06-19.listTransactions",
    "fbaInventory.getInventorySummaries",
    "listingsItems_2021-08-01.patchListingsItem",
    # Grantless, restricted, and the tokens for that.
    "notifications.getDestinations",
    "merchantFulfillmentV0.getShipment",
    "tokens_2021-03-01.createRestrictedDataToken",
)


@pytest.fixture(scope="module")
def seller() -> Iterator[Simulator]:
    """A seller whose jobs stay in the queue."""
    settings = SimulatorSettings(
        orders=30,
        records=24,
        speed=1e6,
        changes_per_minute=0,
        empty_pages=(),
        processing_seconds=1e9,
        port=0,
    )
    with Simulator(settings) as simulator:
        yield simulator


@pytest.fixture
def plan(seller: Simulator, tmp_path: Path) -> Path:
    """The calls, with a report of their own to cancel."""
    content: dict[str, Any] = {
        "calls": planned_calls(seller, TELLING),
        "settings": seller.settings_for_tap() | {"marketplace_id": "ATVPDKIKX0DER"},
    }
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(content, default=str), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("package", "driver"),
    [
        ("python-amazon-sp-api", ["drive_python_amazon_sp_api.py"]),
        ("python-amazon-sp-api", ["drive_python_amazon_sp_api.py", "asyncio"]),
        ("amzn-sp-api", ["drive_amzn_sp_api.py"]),
        ("amzn-selling-partner", ["drive_amzn_selling_partner.py"]),
    ],
)
def test_a_client_makes_its_most_telling_calls(
    plan: Path, package: str, driver: list[str], tell: Callable[[str], None]
) -> None:
    client = PythonPackage(package)
    assert client.is_made(), f"make setup installs {package} in {FOLDER}"
    name, *arguments = driver
    results = plan.with_name("results.jsonl")

    subprocess.run(
        [*client.command(DRIVERS / name), plan, results, *arguments],
        env=trusting(None),
        check=True,
        timeout=60,
        capture_output=True,
    )

    called = [result for result in read_results(package, results) if result.operation]
    assert {result.method: result.problem for result in called if result.problem} == {}
    assert {result.operation for result in called} == {*TELLING}
    tell(f"{package} made {len(called)} calls of {len(TELLING)} operations")
