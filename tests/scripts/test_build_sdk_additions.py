from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

ImportScript = Callable[[str], ModuleType]

TRACKING = "tracking_2026-01-30"
PATH = "/tracking/2026-01-30/shipments"


def test_rules_about_what_only_the_sdk_has_do_not_keep_models_from_being_compared(
    import_script: ImportScript, tmp_path: Path
) -> None:
    """Rules of getShipmentTracking name `proNumber`, which Amazon's model lacks."""
    model = {
        "info": {"title": "Tracking", "version": "2026-01-30"},
        "paths": {
            PATH: {
                "get": {
                    "operationId": "getShipmentTracking",
                    "parameters": [{"name": "id", "in": "query", "type": "string"}],
                    "responses": {"200": {}, "400": {}},
                }
            }
        },
    }
    folder = tmp_path / "models"
    folder.mkdir()
    (folder / f"{TRACKING}.json").write_text(json.dumps(model), encoding="utf-8")

    models = import_script("build_models").compact_models(tmp_path, with_additions=False)

    operation = models[TRACKING]["operations"]["getShipmentTracking"]
    assert [parameter["name"] for parameter in operation["parameters"]] == ["id"]
    assert any("proNumber" in rule["names"] for rule in operation["rules"])


def test_the_file_is_up_to_date(import_script: ImportScript, amazons_models: Path) -> None:
    assert import_script("build_sdk_additions").main([str(amazons_models), "--check"]) == 0
