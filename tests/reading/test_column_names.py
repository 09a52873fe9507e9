from __future__ import annotations

import json
from typing import Any

import pytest
from singer_sdk.helpers._flattening import flatten_key, flatten_schema

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.model_types import record_schema
from tap_amazon_sp.amazon.report_types import REPORT_TYPES
from tap_amazon_sp.documents.names import MAX_NAME
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.singer.schemas import packaged_schema
from tap_amazon_sp.streams import all_built_in_streams
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock
from tests.reading.test_documents import UNKNOWN, StubbedReports
from tests.tap_runs import catalog_of

CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
FLAT: dict[str, Any] = {"flattening_enabled": True, "flattening_max_depth": 3}
DEPTHS = range(1, 8)


def tap_of(*streams: str, **settings: Any) -> TapAmazonSP:
    config = CREDENTIALS | settings
    return TapAmazonSP(config=config, catalog=catalog_of(*streams), clock=FakeClock())


@pytest.mark.parametrize("stream", all_built_in_streams(), ids=lambda stream: stream.__name__)
def test_names_fit_into_postgres_at_any_depth(stream: type[AmazonStream]) -> None:
    names_fit(packaged_schema(stream.schema_name or stream.name))


def test_names_of_reports_fit_into_postgres_at_any_depth() -> None:
    for stream in report_stream_classes(map(read_report, REPORT_TYPES)):
        names_fit({"type": "object", "properties": stream.read.source.known_properties})


def test_names_of_custom_streams_fit_into_postgres_at_any_depth() -> None:
    count = 0
    for operation in catalogue.operations():
        if operation.reads_only:
            names_fit(record_schema(operation))
            count += 1
    assert count > 150


def names_fit(schema: dict[str, Any]) -> None:
    """Check the names of columns with the default of the tap, without flattening and with it."""
    length = tap_of().config["flattening_max_key_length"]
    for depth in (0, *DEPTHS):
        flat = flatten_schema(schema, depth, max_key_length=length) if depth else schema
        names = list(flat["properties"])
        assert max((len(name.encode()) for name in names), default=0) <= MAX_NAME
        # target-duckdb and pipelinewise-target-postgres fold names to lower case.
        assert len({name.lower() for name in names}) == len(names)


def test_long_names_are_told_before_the_first_request(caplog: pytest.LogCaptureFixture) -> None:
    tap_of("order_items", "feeds", **FLAT, flattening_max_key_length=255)

    (line,) = [line for line in caplog.messages if "PostgreSQL" in line]
    assert line.startswith("'order_items' has 5 properties with names of more than 63 bytes")
    assert "set `flattening_max_key_length` to 64" in line


@pytest.mark.parametrize("settings", [FLAT, {}, FLAT | {"flattening_max_key_length": 64}])
def test_the_default_has_no_long_names(
    settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    tap_of("order_items", "fba_inventory_summaries", **settings)

    assert "PostgreSQL" not in caplog.text


def test_names_that_become_equal_are_a_mistake() -> None:
    with pytest.raises(SettingsError, match="`flattening_max_key_length`: Duplicate"):
        tap_of("orders", **FLAT, flattening_max_key_length=5)


# --- Reports --------------------------------------------------------------------------------------

LONG = "estimated-future-fee (Current Selling on Amazon + Future Fulfillment fees)"


def test_a_long_header_has_a_short_name_which_is_told_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    reports = StubbedReports(UNKNOWN)
    stream = reports.stream("report_something_new")

    (record, _) = reports.write(stream, f"sku\t{LONG}\nA\t1\n", f"sku\t{LONG}\nB\t2\n")

    (name,) = (name for name in record if name.startswith("estimated"))
    assert record[name] == "1"
    assert name == "estimated_future_fee_current_selling_on_amazon_future_8faeebba"
    assert name in reports.schemas()[0]
    (told,) = [line for line in caplog.messages if "shortened" in line]
    assert told == f"'report_something_new': names of more than 63 bytes are shortened: {name}"


def test_a_long_name_of_a_json_report_is_shortened_as_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    reports = StubbedReports(UNKNOWN)
    rows = {"rows": [{"shareOf" + "Something" * 8: 1}]}

    (record,) = reports.write(reports.stream("report_something_new"), json.dumps(rows))

    assert max(map(len, record)) == MAX_NAME
    assert len([line for line in caplog.messages if "shortened" in line]) == 1


def test_a_long_name_of_amazons_own_is_kept_and_told(caplog: pytest.LogCaptureFixture) -> None:
    entry = {"report_type": UNKNOWN, "column_names": "original"}
    reports = StubbedReports(entry)

    (record,) = reports.write(reports.stream("report_something_new"), f"sku\t{LONG}\nA\t1\n")

    assert record[LONG] == "1"
    (told,) = [line for line in caplog.messages if "PostgreSQL" in line]
    assert told == (
        "'report_something_new' has a property with a name of more than 63 bytes, which PostgreSQL "
        f'cuts: leave out `"column_names": "original"` if you load into it ({LONG})'
    )


def test_names_that_become_equal_in_a_document_are_a_mistake() -> None:
    reports = StubbedReports(UNKNOWN, **FLAT)
    inner = {"inner_name_that_is_long_enough_to_matter": 1}
    row = {
        "very_long_name_of_one_thing_that_is_long": inner,
        "very_large_nut_of_our_thing_that_is_light": inner,
    }

    with pytest.raises(SettingsError) as raised:
        reports.write(reports.stream("report_something_new"), json.dumps({"rows": [row]}))

    assert str(raised.value) == (
        "'report_something_new': `flattening_max_key_length`: Duplicate column name produced in "
        "schema: vlnoottil__inner_name_that_is_long_enough_to_matter: allow longer names, or "
        "choose another `flattening_max_depth`"
    )


# --- Objects of unknown properties ----------------------------------------------------------------


def paths_in(schema: dict[str, Any], depth: int, *place: str) -> list[tuple[str, ...]]:
    """Return the properties that become a column each."""
    found = []
    for name, each in schema["properties"].items():
        if each.get("properties") and depth:
            found += paths_in(each, depth - 1, *place, name)
        else:
            found.append((*place, name))
    return found


@pytest.mark.parametrize("depth", [1, 3])
def test_flattening_leaves_out_no_property_of_any_stream(depth: int) -> None:
    names = TapAmazonSP(config=CREDENTIALS, clock=FakeClock()).streams
    tap = tap_of(*names, flattening_enabled=True, flattening_max_depth=depth)

    lost = {}
    for name, stream in tap.streams.items():
        columns = stream.stream_maps[0].transformed_schema["properties"]
        if missing := [
            path
            for path in paths_in(stream.schema, depth)
            if flatten_key(path[-1], list(path[:-1]), max_key_length=MAX_NAME + 1) not in columns
        ]:
            lost[name] = missing

    assert len(tap.streams) > 100
    assert not lost


def test_an_object_of_unknown_properties_becomes_a_column_of_json() -> None:
    stream = tap_of("financial_events", **FLAT).streams["financial_events"]
    event = {"AmazonOrderId": "1", "ItemList": [{"SellerSKU": "LAMP"}]}

    record = stream.stream_maps[0].transform({"eventType": "ShipmentEvent", "event": event})

    assert record is not None
    assert json.loads(record["event"]) == event
