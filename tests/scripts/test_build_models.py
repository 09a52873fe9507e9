from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tap_amazon_sp.amazon.catalogue import operation
from tap_amazon_sp.amazon.model_types import record_schema
from tap_amazon_sp.streams import all_built_in_streams

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "build_models.py"
SCHEMAS = ROOT / "schemas"
TIME = {"type": ["string", "null"], "format": "date-time"}
TEXT = {"type": ["string", "null"]}


@pytest.fixture
def build_models(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("build_models")


@pytest.fixture
def outputs(
    build_models: ModuleType,
    import_script: Callable[[str], ModuleType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A place where the script may write, with the models and schemas that are committed."""
    for constant, relative in (("MODELS", "tap_amazon_sp/amazon/models"), ("SCHEMAS", "schemas")):
        folder = tmp_path / relative
        folder.mkdir(parents=True)
        for path in (ROOT / relative).glob("*.json"):
            folder.joinpath(path.name).write_bytes(path.read_bytes())
        monkeypatch.setattr(build_models, constant, folder)
    monkeypatch.setattr(import_script("generated_files"), "ROOT", tmp_path)
    return tmp_path


@pytest.fixture
def no_additions(
    import_script: Callable[[str], ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The SDK has nothing that the models lack."""
    path = tmp_path / "sdk_additions.json"
    path.write_text('{"sdk": "none"}', encoding="utf-8")
    monkeypatch.setattr(import_script("sdk_additions"), "FILE", path)


def _run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


# --- What is committed -------------------------------------------------------------------------


def test_committed_files_are_what_the_script_makes_of_amazons_models(
    amazons_models: Path,
) -> None:
    ran = _run(str(amazons_models), "--check")

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_committed_schemas_are_what_the_script_makes_of_the_committed_models() -> None:
    ran = _run("--check")

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_every_built_in_stream_has_a_schema() -> None:
    assert {path.stem for path in SCHEMAS.glob("*.json")} == {
        stream.schema_name or stream.name for stream in all_built_in_streams()
    }


@pytest.mark.parametrize(
    ("stream", "operation_id"),
    [
        ("feeds", "feeds_2021-06-30.getFeeds"),
        ("order_items_v0", "ordersV0.getOrderItems"),
        ("orders", "orders_2026-01-01.searchOrders"),
        ("orders_v0", "ordersV0.getOrders"),
        ("purchase_orders", "vendorOrders.getPurchaseOrders"),
        ("reports", "reports_2021-06-30.getReports"),
    ],
)
def test_schema_has_what_the_operation_gives(stream: str, operation_id: str) -> None:
    record = record_schema(operation(operation_id))["properties"]
    schema = _schema(stream)

    assert schema["type"] == "object"
    assert record.keys() <= schema["properties"].keys()


def test_order_items_carry_what_ties_them_to_their_order() -> None:
    properties = _schema("order_items")["properties"]
    item = _schema("orders")["properties"]["orderItems"]["items"]["properties"]

    assert properties == {
        "orderId": TEXT,
        "lastUpdatedTime": TIME,
        "createdTime": TIME,
        "fulfillmentStatus": TEXT,
        "marketplaceId": TEXT,
        **item,
    }
    assert "orderItemId" in item


def test_orders_v0_have_times_where_the_model_has_text() -> None:
    properties = _schema("orders_v0")["properties"]
    in_model = record_schema(operation("ordersV0.getOrders"))["properties"]

    assert in_model["LastUpdateDate"] == TEXT
    assert {name for name, value in properties.items() if value == TIME} == {
        "EarliestDeliveryDate",
        "EarliestShipDate",
        "LastUpdateDate",
        "LatestDeliveryDate",
        "LatestShipDate",
        "PromiseResponseDueDate",
        "PurchaseDate",
    }


def test_properties_that_the_tap_adds() -> None:
    item = _schema("order_items_v0")["properties"]
    feed = _schema("feeds")["properties"]
    purchase_order = _schema("purchase_orders")["properties"]

    assert item["AmazonOrderId"] == TEXT
    assert item["LastUpdateDate"] == TIME
    assert feed["processingSummary"] == {
        "type": ["object", "null"],
        "properties": {},
        "additionalProperties": True,
    }
    assert purchase_order["purchaseOrderDate"] == TIME
    assert purchase_order["purchaseOrderChangedDate"] == TIME


# --- The script --------------------------------------------------------------------------------


def test_check_names_what_differs_and_writes_nothing(
    build_models: ModuleType, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    changed = outputs / "schemas" / "feeds.json"
    changed.write_text("{}", encoding="utf-8")
    (outputs / "schemas" / "reports.json").unlink()
    leftover = outputs / "schemas" / "old.json"
    leftover.write_text("{}", encoding="utf-8")

    code = build_models.main(["--check"])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        "differs: schemas/feeds.json",
        "differs: schemas/reports.json",
        "differs: schemas/old.json",
    ]
    assert changed.read_text(encoding="utf-8") == "{}"
    assert leftover.is_file()


def test_schemas_can_be_built_without_amazons_models(
    build_models: ModuleType, outputs: Path
) -> None:
    for path in (outputs / "schemas").glob("*.json"):
        path.write_text("{}", encoding="utf-8")

    code = build_models.main([])

    assert code == 0
    for path in SCHEMAS.glob("*.json"):
        assert (outputs / "schemas" / path.name).read_bytes() == path.read_bytes()


@pytest.mark.parametrize("arguments", [["models", "schemas"], ["--schemas-only"]])
def test_wrong_arguments_are_refused(build_models: ModuleType, arguments: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        build_models.main(arguments)


def test_a_folder_without_models_is_refused(
    build_models: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = build_models.main([str(tmp_path)])

    assert code == 1
    assert capsys.readouterr().err == f"no models of Amazon in {tmp_path / 'models'}\n"


@pytest.mark.usefixtures("no_additions")
def test_models_without_a_declared_operation_are_refused(
    build_models: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write_model(tmp_path, "made-up-api-model/made-up.json")

    code = build_models.main([str(tmp_path)])

    assert code == 1
    assert "ordersV0.getOrders" in capsys.readouterr().err


@pytest.mark.usefixtures("no_additions")
@pytest.mark.parametrize("place", ["made-up.json", "made-up-api-model/made-up.json"])
def test_models_lie_in_one_folder_or_in_one_of_their_api(
    build_models: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    monkeypatch.setattr(build_models, "_declared_operations", set)
    _write_model(tmp_path, place)

    models = build_models.compact_models(tmp_path)

    assert models.keys() == {"made-up"}
    assert list(models["made-up"]["operations"]) == ["listThings"]


def test_a_model_that_only_additions_know_is_refused(
    build_models: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _write_model(tmp_path, "made-up.json")

    code = build_models.main([str(tmp_path)])

    assert code == 1
    assert "which sdk_additions.json adds to" in capsys.readouterr().err


def test_two_models_of_one_name_are_refused(build_models: ModuleType, tmp_path: Path) -> None:
    _write_model(tmp_path, "made-up.json")
    _write_model(tmp_path, "made-up-api-model/made-up.json")

    with pytest.raises(build_models.BuildError, match=r"two models are called made-up\.json"):
        build_models.compact_models(tmp_path)


@pytest.mark.parametrize(
    ("table", "plan"),
    [
        ("| 0.0167 | 20 |", (0.0167, 20)),
        ("|Default| 5 | 10 |\n|Selling partner specific| Variable | Variable |", (5, 10)),
        ("| n | n |", None),
    ],
)
def test_usage_plan_is_read_out_of_the_description(
    build_models: ModuleType, table: str, plan: tuple[float, float] | None
) -> None:
    columns = "| Plan type " if "Default" in table else ""
    dashes = "| ---- " * (3 if columns else 2) + "|"
    description = (
        f"Reads.\n\n**Usage Plan:**\n\n{columns}| Rate (requests per second) | Burst |\n"
        f"{dashes}\n{table}\n\nMore."
    )

    assert build_models.usage_plan(description) == plan
    assert build_models.usage_plan(description.replace("\n", "\\n")) == plan
    assert build_models.usage_plan("Reads.") is None


def test_schema_loses_prose_but_no_property_of_such_a_name(build_models: ModuleType) -> None:
    schema = {
        "type": "object",
        "description": "Prose.",
        "x-example": 1,
        "title": "Prose",
        "properties": {
            "description": {"type": "string", "description": "Prose.", "maxLength": 3},
            "title": {"$ref": "#/definitions/Title", "description": "Prose."},
            "example": {"type": "array", "items": {"type": "string", "example": "x"}},
        },
        "additionalProperties": {"type": "string", "description": "Prose."},
    }

    assert build_models.compact_schema(schema) == {
        "type": "object",
        "properties": {
            "description": {"type": "string", "maxLength": 3},
            "title": {"$ref": "#/definitions/Title"},
            "example": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": {"type": "string"},
    }


def test_operation_is_compacted(build_models: ModuleType) -> None:
    compact = build_models.compact_model("made-up", _source())

    assert list(compact["operations"]) == ["listThings"]
    assert compact["operations"]["listThings"] == {
        "method": "GET",
        "path": "/things",
        "parameters": [
            {"name": "marketplaceId", "in": "query", "required": True, "type": "string"},
            {
                "name": "kinds",
                "in": "query",
                "type": "array",
                "items": {"type": "string", "enum": ["A"]},
                "collection_format": "csv",
            },
            {"name": "changedAfter", "in": "query", "type": "string", "format": "date-time"},
            {"name": "pageSize", "in": "query", "type": "integer", "maximum": 50},
            {"name": "pageToken", "in": "query", "type": "string"},
        ],
        "success_status": 200,
        "success_schema": {"$ref": "#/definitions/Things"},
        "error_statuses": [400, 403],
        "paging": {
            "token_parameter": "pageToken",
            "token_in": "query",
            "next_token": "pagination.nextToken",
            "rule": "same_arguments",
            "size_parameter": "pageSize",
            "max_size": 50,
        },
        "results": "things",
        "time_filters": [{"after": "changedAfter", "before": None, "format": "date-time"}],
    }


def test_token_that_could_be_in_two_places_is_refused(build_models: ModuleType) -> None:
    source = _source()
    source["definitions"]["Things"]["properties"]["nextToken"] = {"type": "string"}

    with pytest.raises(build_models.BuildError, match=r"listThings.*nextToken"):
        build_models.compact_model("made-up", source)


def test_two_operations_of_one_name_are_refused(build_models: ModuleType) -> None:
    source = _source()
    source["paths"]["/others"] = source["paths"]["/things"]

    with pytest.raises(build_models.BuildError, match="two operations listThings"):
        build_models.compact_model("made-up", source)


def _schema(stream: str) -> dict[str, Any]:
    text = (SCHEMAS / f"{stream}.json").read_text(encoding="utf-8")
    schema: dict[str, Any] = json.loads(text)
    assert text == json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    return schema


def _write_model(checkout: Path, place: str) -> None:
    path = checkout / "models" / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(_source()), encoding="utf-8")


def _source() -> dict[str, Any]:
    """A model as Amazon would write it."""
    return {
        "swagger": "2.0",
        "info": {"title": "Made up", "version": "v0", "description": "Prose."},
        "parameters": {
            "marketplaceId": {
                "name": "marketplaceId",
                "in": "query",
                "required": True,
                "type": "string",
                "description": "Prose.",
            }
        },
        "paths": {
            "/things": {
                "parameters": [{"$ref": "#/parameters/marketplaceId"}],
                "get": {
                    "operationId": "listThings",
                    "description": "Prose.",
                    "parameters": [
                        {
                            "name": "kinds",
                            "in": "query",
                            "required": False,
                            "type": "array",
                            "items": {"type": "string", "enum": ["A"], "x-docgen": 1},
                        },
                        {
                            "name": "changedAfter",
                            "in": "query",
                            "type": "string",
                            "format": "date-time",
                        },
                        {"name": "pageSize", "in": "query", "type": "integer", "maximum": 50},
                        {"name": "pageToken", "in": "query", "type": "string"},
                    ],
                    "responses": {
                        "403": {"description": "Prose."},
                        "200": {
                            "description": "Prose.",
                            "schema": {"$ref": "#/definitions/Things"},
                        },
                        "400": {"description": "Prose."},
                    },
                },
            }
        },
        "definitions": {
            "Things": {
                "type": "object",
                "properties": {
                    "things": {
                        "type": "array",
                        "items": {"type": "object", "properties": {"id": {"type": "string"}}},
                    },
                    "pagination": {
                        "type": "object",
                        "properties": {"nextToken": {"type": "string"}},
                    },
                },
            }
        },
    }
