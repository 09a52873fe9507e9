"""The test suite of the Singer SDK, run on this tap against the simulator."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from singer_sdk.testing import SuiteConfig, get_tap_test_class

from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.simulator import SELLER_REFRESH_TOKEN, Simulator, SimulatorSettings
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.tap import TapAmazonSP
from tests.tap_runs import select

# The SDK needs the settings before any fixture runs.
with socket.create_server(("127.0.0.1", 0)) as server:
    PORT = server.getsockname()[1]
SETTINGS = {
    "client_id": "amzn1.application-oa2-client.simulator",
    "client_secret": "amzn1.oa2-cs.v1.simulator",
    "refresh_token": SELLER_REFRESH_TOKEN,
    "endpoint": f"http://127.0.0.1:{PORT}",
    "token_url": f"http://127.0.0.1:{PORT}/auth/o2/token",
    "marketplace_ids": ["US", "BR"],
    "seller_id": "A1SIMULATEDSELLER",
    "start_date": "2026-09-20",
    "restricted_data": True,
    "stream_ids": {
        stream.name: ["1"]
        for stream in built_in_streams()
        if isinstance(stream.read, PerId) and not stream.read.default
    },
}


@pytest.fixture(scope="module", autouse=True)
def running_simulator() -> Iterator[None]:
    settings = SimulatorSettings(
        orders=100, records=10, speed=100_000, changes_per_minute=0, port=PORT
    )
    with Simulator(settings):
        yield


# Some fields exist only for some orders, or on request: the suite warns about each.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Fields in transformed catalog but not in records"),
    pytest.mark.filterwarnings("ignore:No records were available to test"),
]

# In the small world, these are covered by tests/e2e/test_built_in_streams.py.
WITHOUT_RECORDS = ["order_details"]


def everything_selected() -> dict[str, Any]:
    catalog: dict[str, Any] = TapAmazonSP(config=SETTINGS).catalog_dict
    return select(catalog, *(entry["stream"] for entry in catalog["streams"]))


TestSingerSdkSuite = get_tap_test_class(
    TapAmazonSP,
    config=SETTINGS,
    suite_config=SuiteConfig(ignore_no_records_for_streams=WITHOUT_RECORDS),
    parse_env_config=False,
    catalog=everything_selected(),
)
