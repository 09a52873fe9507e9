"""The installed command: what it prints, and how it ends."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tap_amazon_sp.streams import built_in_streams
from tests.processes import TAP, Command
from tests.tap_runs import catalog_of, discover, run_tap, select

CORE = {"feeds", "marketplace_participations", "order_items", "orders"}


def run(*options: str) -> subprocess.CompletedProcess[str]:
    return Command([TAP, *options]).run()


def test_discovery_needs_neither_network_nor_credentials() -> None:
    catalog = discover()

    names = [entry["stream"] for entry in catalog["streams"]]
    assert names == sorted(stream.name for stream in built_in_streams())
    for entry in catalog["streams"]:
        assert set(entry["key_properties"]) <= set(entry["schema"]["properties"])


def test_a_catalog_of_some_streams_is_what_the_command_discovers_of_them() -> None:
    """Most tests here give the command such a catalog."""
    names = ("feeds", "order_items", "orders")

    found = [entry for entry in discover()["streams"] if entry["stream"] in names]

    assert in_one_order(catalog_of(*names)) == in_one_order(select({"streams": found}, *names))


def in_one_order(catalog: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        entry | {"metadata": sorted(entry["metadata"], key=lambda one: one["breadcrumb"])}
        for entry in catalog["streams"]
    ]


def test_a_small_core_is_selected_by_default() -> None:
    selected = {
        entry["stream"]
        for entry in discover()["streams"]
        for metadata in entry["metadata"]
        if metadata["breadcrumb"] == [] and metadata["metadata"]["selected-by-default"]
    }

    assert selected == CORE


def test_about_lists_settings_and_capabilities() -> None:
    about = json.loads(run("--about", "--format=json").stdout)

    assert about["name"] == "tap-amazon-sp"
    assert "refresh_token" in about["settings"]["properties"]
    assert "batch" not in about["capabilities"]
    assert {"catalog", "discover", "state", "stream-maps", "schema-flattening"} <= set(
        about["capabilities"]
    )


def test_help_does_not_load_the_catalogue_or_boto3(tmp_path: Path) -> None:
    probe = tmp_path / "probe.py"
    probe.write_text(
        "import sys\n"
        "from tap_amazon_sp.tap import TapAmazonSP\n"
        "try:\n    TapAmazonSP.cli(['--help'])\nexcept SystemExit:\n    pass\n"
        "from tap_amazon_sp.amazon import catalogue\n"
        "print('boto3' in sys.modules, catalogue.load_api.cache_info().currsize)\n"
    )

    finished = subprocess.run(
        [str(Path(TAP).with_name("python")), str(probe)],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert finished.stdout.splitlines()[-1] == "False 0"


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({}, "`client_id` is required"),
        (
            {"client_id": "i", "client_secret": "s", "refresh_token": "t", "region": "us"},
            "`region`: 'us' is not a region",
        ),
    ],
)
def test_a_wrong_setting_is_refused_before_the_first_request(
    simulator: Simulator, tmp_path: Path, settings: dict[str, Any], sentence: str
) -> None:
    point = {"endpoint": simulator.url, "token_url": f"{simulator.url}/auth/o2/token"}

    finished = run_tap(tmp_path, settings | point)

    assert finished.exit_code == 1
    assert sentence in finished.log
    assert "Traceback" not in finished.log
    assert finished.messages == []
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("{", "is not JSON"),
        ("[]", "must hold a JSON object"),
        ("\ufeff{}", "byte order mark"),
        (None, "No such file"),
    ],
)
@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
def test_a_broken_file_is_named(
    tmp_path: Path, option: str, content: str | None, sentence: str
) -> None:
    path = tmp_path / "broken.json"
    if content is not None:
        path.write_text(content)

    finished = run(option, str(path))

    assert finished.returncode != 0
    assert sentence in finished.stderr
    assert str(path) in finished.stderr
    assert "Traceback" not in finished.stderr


@pytest.mark.parametrize(
    ("option", "content", "sentence"),
    [
        ("--state", {"bookmarks": []}, "must be an object with `bookmarks`"),
        ("--state", {"bookmarks": {"orders": "x"}}, "the bookmark of 'orders': expected `object`"),
        ("--catalog", {}, "missing required field `streams`: `--discover` prints"),
        ("--catalog", {"streams": [{}]}, "required field `tap_stream_id`"),
        (
            "--catalog",
            {"streams": [{"tap_stream_id": "orders"}]},
            "missing required field `schema`",
        ),
    ],
)
def test_a_file_of_another_shape_is_refused(
    tmp_path: Path, option: str, content: dict[str, Any], sentence: str
) -> None:
    path = tmp_path / "shape.json"
    path.write_text(json.dumps(content))

    finished = run(option, str(path))

    assert finished.returncode == 1
    assert sentence in finished.stderr
    assert "Traceback" not in finished.stderr


def test_a_catalog_of_the_other_orders_api_is_refused(simulator: Simulator, tmp_path: Path) -> None:
    catalog = select(discover({"orders_api": "v0"}), "orders")

    finished = run_tap(tmp_path, simulator.settings_for_tap(), catalog=catalog)

    assert finished.exit_code == 1
    assert "in the catalog is AmazonOrderId" in finished.log
    assert "with these settings it is orderId" in finished.log
    assert "`orders_api`" in finished.log
    assert finished.messages == []


def test_a_catalog_without_keys_loses_no_records(simulator: Simulator, tmp_path: Path) -> None:
    catalog = select(discover(), "reports")
    for entry in catalog["streams"]:
        for name in ("key_properties", "replication_key", "replication_method"):
            entry.pop(name, None)
        entry["metadata"][0]["metadata"] = {"selected": entry["stream"] == "reports"}

    finished = run_tap(tmp_path, simulator.settings_for_tap(), catalog=catalog)

    assert finished.exit_code == 0, finished.log
    assert finished.counts["reports"] == len(simulator.truth("reports"))
    assert finished.bookmark("reports")


def test_a_stream_map_with_a_mistake_is_told_without_a_traceback(
    simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap() | {"stream_maps": {"feeds": {"x": "nofunction(1)"}}}
    catalog = catalog_of("feeds")

    finished = run_tap(tmp_path, settings, catalog=catalog)

    assert finished.exit_code == 1
    assert "nofunction" in finished.log
    assert "Traceback" not in finished.log


def test_an_expression_that_fails_is_told_without_what_it_was_about(
    simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap() | {"stream_maps": {"orders": {"x": "int(orderId)"}}}
    catalog = catalog_of("orders", "feeds")

    finished = run_tap(tmp_path, settings, catalog=catalog, environment={"LOGLEVEL": "DEBUG"})

    assert finished.exit_code == 1
    place = "`stream_maps`['orders']['x']: `int(orderId)` does not work for a record of 'orders'"
    assert f"Stream 'orders' failed: {place}: a value may be null" in finished.log
    assert not any(order["orderId"] in finished.log for order in simulator.truth("orders"))
    assert finished.counts["feeds"] > 0


def test_a_bookmark_that_is_no_timestamp_is_named(simulator: Simulator, tmp_path: Path) -> None:
    state = {"bookmarks": {"orders": {"replication_key_value": "yesterday"}}}
    catalog = catalog_of("orders")

    finished = run_tap(tmp_path, simulator.settings_for_tap(), state=state, catalog=catalog)

    assert finished.exit_code == 1
    assert "bookmark of stream 'orders' is not a timestamp" in finished.log


def test_settings_come_from_the_environment(simulator: Simulator, tmp_path: Path) -> None:
    settings = simulator.settings_for_tap() | {"request_timeout": 45}
    environment = {
        f"TAP_AMAZON_SP_{name.upper()}": (
            json.dumps(value) if isinstance(value, list) else str(value)
        )
        for name, value in settings.items()
    }
    catalog = catalog_of("feeds")

    finished = run_tap(tmp_path, {}, "--config=ENV", catalog=catalog, environment=environment)

    assert finished.exit_code == 0, finished.log
    assert finished.counts["feeds"] > 0


def test_the_connection_test_reads_one_record_of_each_stream_of_the_core(
    simulator: Simulator, tmp_path: Path
) -> None:
    finished = run_tap(tmp_path, simulator.settings_for_tap(), "--test")

    assert finished.exit_code == 0, finished.log
    assert finished.counts == dict.fromkeys(CORE, 1)


def test_the_schemas_of_the_core_are_written_without_a_request(
    simulator: Simulator, tmp_path: Path
) -> None:
    finished = run_tap(tmp_path, simulator.settings_for_tap(), "--test=schema")

    assert finished.exit_code == 0, finished.log
    assert {message["stream"] for message in finished.messages} == {*CORE}
    assert {message["type"] for message in finished.messages} == {"SCHEMA"}
    assert simulator.requests == []


def test_the_connection_test_fails_where_a_stream_is_refused(
    simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap(refresh_token="Atzr|simulator-vendor")

    finished = run_tap(tmp_path, settings, "--test")

    assert finished.exit_code == 1
    assert "HTTP 403 Unauthorized" in finished.log
    assert "Traceback" not in finished.log


def test_stream_maps_and_flattening_work(simulator: Simulator, tmp_path: Path) -> None:
    settings = simulator.settings_for_tap() | {
        "stream_maps": {"orders": {"orderItems": "__NULL__", "id": "orderId"}},
        "flattening_enabled": True,
        "flattening_max_depth": 1,
    }
    catalog = catalog_of("orders", "order_items")

    finished = run_tap(tmp_path, settings, catalog=catalog)

    assert finished.exit_code == 0, finished.log
    order = finished.records("orders")[0]
    assert "orderItems" not in order
    assert order["salesChannel__marketplaceId"]
    assert order["id"] == order["orderId"]
    assert finished.counts["order_items"] > finished.counts["orders"]


def test_a_stream_map_for_all_streams_fits_those_that_are_selected(
    simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap() | {"stream_maps": {"*": {"source": "'amazon'"}}}

    finished = run_tap(tmp_path, settings)

    assert finished.exit_code == 0, finished.log
    assert {"orders", "order_items"} <= finished.counts.keys()
    records = [message["record"] for message in finished.of_type("RECORD")]
    assert {record["source"] for record in records} == {"amazon"}


def test_children_of_orders_that_a_stream_map_filters_out_are_not_read(
    simulator: Simulator, tmp_path: Path
) -> None:
    settings = simulator.settings_for_tap() | {
        "orders_api": "v0",
        "stream_maps": {"orders": {"__filter__": "OrderStatus == 'Canceled'"}},
    }
    catalog = catalog_of("orders", "order_items", settings={"orders_api": "v0"})

    finished = run_tap(tmp_path, settings, catalog=catalog)

    assert finished.exit_code == 0, finished.log
    assert {record["OrderStatus"] for record in finished.records("orders")} == {"Canceled"}
    orders = {record["AmazonOrderId"] for record in finished.records("orders")}
    assert {record["AmazonOrderId"] for record in finished.records("order_items")} == orders
    asked = [
        request for request in simulator.requests if request["operation"].endswith("getOrderItems")
    ]
    assert {request["path"].split("/")[4] for request in asked} == orders


def test_secrets_never_reach_output_or_log(simulator: Simulator, tmp_path: Path) -> None:
    simulator.register_aws_key("AKIAEXAMPLEOFSECRETS", "aws-hush", None)
    settings = simulator.settings_for_tap() | {
        "aws_access_key_id": "AKIAEXAMPLEOFSECRETS",
        "aws_secret_access_key": "aws-hush",
        "feed_summaries": True,
    }

    finished = run_tap(tmp_path, settings, environment={"LOGLEVEL": "DEBUG"})

    assert finished.exit_code == 0, finished.log
    text = finished.log + json.dumps(finished.messages)
    for secret in (
        settings["client_secret"],
        settings["refresh_token"],
        "aws-hush",
        "AKIAEXAMPLEOFSECRETS",
        "Atza|",
        "X-Amz-Signature",
    ):
        assert secret not in text
