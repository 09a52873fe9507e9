"""The test suite of the Singer SDK, run on this tap against the simulator.

Its tests are those that `singer_sdk.testing.get_tap_test_class` gives. They are joined, one for all
streams or all properties: as tests of their own, a thousand are collected by every worker.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from singer_sdk.streams import Stream
from singer_sdk.testing import SuiteConfig
from singer_sdk.testing.runners import TapTestRunner
from singer_sdk.testing.suites import tap_stream_attribute_tests, tap_stream_tests, tap_tests
from singer_sdk.testing.templates import (
    AttributeTestTemplate,
    StreamTestTemplate,
    TapTestTemplate,
)

from tap_amazon_sp.reading.per_item import PerId
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.tap import TapAmazonSP
from tests.small_world import SOME_IDS
from tests.tap_runs import select

# Some fields are only there for some orders, or when asked for: the suite warns of each.
pytestmark = [
    pytest.mark.filterwarnings("ignore:Fields in transformed catalog but not in records"),
    pytest.mark.filterwarnings("ignore:No records were available to test"),
]

# In the small world, these are covered by tests/e2e/test_built_in_streams.py.
WITHOUT_RECORDS = ["order_details"]
CONFIG = SuiteConfig(ignore_no_records_for_streams=WITHOUT_RECORDS)


@dataclass(frozen=True)
class Suite:
    """What all tests share: the records of one run, and the streams that gave them."""

    runner: TapTestRunner
    streams: list[Stream]


@pytest.fixture(scope="module")
def suite() -> Iterator[Suite]:
    simulated = SimulatorSettings(
        orders=100, records=10, speed=100_000, changes_per_minute=0, port=0
    )
    with Simulator(simulated) as simulator:
        settings = simulator.settings_for_tap() | {
            "marketplace_ids": ["US", "BR"],
            "seller_id": "A1SIMULATEDSELLER",
            "start_date": "2026-09-20",
            "restricted_data": True,
            "stream_ids": {
                stream.name: SOME_IDS[stream.operation_id][:1]
                for stream in built_in_streams()
                if isinstance(stream.read, PerId) and not stream.read.default
            },
        }
        runner = TapTestRunner(
            TapAmazonSP,
            config=settings,
            suite_config=CONFIG,
            parse_env_config=False,
            catalog=everything_selected(settings),
        )
        runner.sync_all()
        yield Suite(runner, [*runner.new_tap().streams.values()])


def everything_selected(settings: dict[str, Any]) -> dict[str, Any]:
    catalog: dict[str, Any] = TapAmazonSP(config=settings).catalog_dict
    return select(catalog, *(entry["stream"] for entry in catalog["streams"]))


@pytest.mark.parametrize("template", tap_tests.tests, ids=lambda template: template.name)
def test_the_tap(template: type[TapTestTemplate], suite: Suite) -> None:
    template().run(CONFIG, None, suite.runner)


@pytest.mark.parametrize("template", tap_stream_tests.tests, ids=lambda template: template.name)
def test_every_stream(template: type[StreamTestTemplate], suite: Suite) -> None:
    problems: dict[str, str] = {}
    skipped = []
    for stream in suite.streams:
        try:
            template().run(CONFIG, None, suite.runner, stream)
        except AssertionError as error:
            problems[stream.name] = str(error)
        except pytest.skip.Exception:
            skipped.append(stream.name)

    assert problems == {}
    assert skipped == (WITHOUT_RECORDS if template.name == "returns_record" else [])
    assert len(suite.streams) > 100


@pytest.mark.parametrize(
    "template", tap_stream_attribute_tests.tests, ids=lambda template: template.name
)
def test_every_property(template: type[AttributeTestTemplate], suite: Suite) -> None:
    problems: dict[str, str] = {}
    tested = 0
    for stream in suite.streams:
        schema = stream.stream_maps[-1].transformed_schema
        for name, of_property in schema["properties"].items():
            if not template.evaluate(stream, name, of_property):
                continue
            tested += 1
            try:
                template().run(CONFIG, None, suite.runner, stream, name)
            except AssertionError as error:
                problems[f"{stream.name}.{name}"] = str(error)

    assert problems == {}
    # No schema says that a property is never null.
    assert (tested > 0) is (template.name != "not_null")
