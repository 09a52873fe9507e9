from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

MODULES = ("external_fulfillment_shipments_v2024_09_11", "promotions_v2025_12_01")


@pytest.fixture
def apis(import_script: Callable[[str], ModuleType], tmp_path: Path) -> dict[str, Any]:
    """Two APIs of the installed SDK: to read all takes seconds."""
    sdk_facts = import_script("sdk_facts")
    _, folder = sdk_facts.installed_sdk()
    for kind in ("api", "models"):
        (tmp_path / kind).mkdir()
        for module in MODULES:
            (tmp_path / kind / module).symlink_to(folder / kind / module)
    return {api.module: api for api in sdk_facts.read_sdk(tmp_path)}


def test_an_operation_of_the_sdk_has_its_parameters_and_usage_plan(apis: dict[str, Any]) -> None:
    api = apis["promotions_v2025_12_01"]
    (found,) = (one for one in api.operations if one.name == "getSelection")

    assert (api.version, found.method) == ("2025-12-01", "get")
    assert found.path == "/promotions/2025-12-01/promotions/{promotionId}/selections/{selectionId}"
    assert (found.rate, found.burst) == (0.1, 2)
    assert found.answer == {"$ref": "#/definitions/GetSelectionResponse"}
    assert found.body is None
    parameters = {parameter["name"]: parameter for parameter in found.parameters}
    assert parameters["selectionId"]["in"] == "path"
    assert parameters["revisionId"] == {
        "name": "revisionId",
        "in": "query",
        "required": True,
        "type": "integer",
        "minimum": 1,
    }
    assert parameters["locale"]["pattern"] == "^[a-z]{2}_[A-Z]{2}$"
    assert parameters["includedData"] == {
        "name": "includedData",
        "in": "query",
        "required": False,
        "collectionFormat": "csv",
        "type": "array",
        "items": {"type": "string"},
    }


def test_a_body_may_be_required_and_an_answer_empty(apis: dict[str, Any]) -> None:
    operations = apis["external_fulfillment_shipments_v2024_09_11"].operations
    (found,) = (one for one in operations if one.name == "updateSandboxShipment")

    assert found.body == {"$ref": "#/definitions/UpdateSandboxShipmentRequest"}
    assert found.body_required
    assert found.answer is None
    assert found.rate is None


def test_definitions_have_types_limits_and_enumerations(apis: dict[str, Any]) -> None:
    definitions = apis["promotions_v2025_12_01"].definitions

    assert definitions["CouponType"] == {
        "type": "string",
        "enum": ["STANDARD", "SUBSCRIBE_AND_SAVE", "REORDER_REWARDS"],
    }
    assert definitions["ClaimCode"]["properties"]["value"] == {
        "type": "string",
        "maxLength": 12,
        "minLength": 6,
        "pattern": "^[0-9A-Z]+$",
    }
    selection = definitions["Selection"]
    assert selection["required"] == ["type"]
    assert selection["properties"]["type"]["enum"] == ["CATALOG", "ITEMS"]
    assert definitions["SelectionDetails"]["properties"]["items"]["maxItems"] == 100
    assert definitions["GetPromotionResponse"]["properties"]["createdDate"] == {
        "type": "string",
        "format": "date-time",
    }
