from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "build_report_types.py"


@pytest.fixture
def build_report_types(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("build_report_types")


@pytest.fixture
def report_type_list(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("report_type_list")


def _check(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments, "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_committed_table_is_what_the_script_makes_of_amazons_schemas(
    amazons_models: Path,
) -> None:
    ran = _check(str(amazons_models))

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_the_committed_table_is_what_the_script_makes_without_amazons_schemas() -> None:
    ran = _check()

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_a_fact_about_a_type_that_is_not_listed_is_refused(
    build_report_types: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(build_report_types.facts.MAX_DAYS, "GET_MADE_UP", 30)

    code = build_report_types.main(["--check"])

    assert code == 1
    assert capsys.readouterr().err == (
        "declared in report_type_facts.py, but not in report_types.json: GET_MADE_UP\n"
    )


@pytest.mark.parametrize(
    ("key", "fields", "error"),
    [
        (("vendorSalesReport", "made"), ["asin"], "vendorSalesReport has no array made"),
        (("vendorSalesReport", "salesByAsin"), ["x"], "vendorSalesReport.salesByAsin has no x"),
        (
            ("sellerSalesAndTrafficReport", "salesAndTrafficByAsin"),
            {"asinGranularity": {"SKU": ["y"]}},
            "sellerSalesAndTrafficReport.salesAndTrafficByAsin has no y",
        ),
    ],
)
def test_keys_must_be_fields_of_the_records(
    build_report_types: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    key: tuple[str, str],
    fields: Any,
    error: str,
) -> None:
    monkeypatch.setitem(build_report_types.facts.KEYS, key, fields)

    with pytest.raises(build_report_types.BuildError, match=error):
        build_report_types.build(None)


# --- The list of report types ------------------------------------------------------------------

REQUEST = {
    "required": ["dataStartTime"],
    "properties": {
        "dataStartTime": {"type": "string"},
        "reportOptions": {
            "required": ["period"],
            "properties": {"period": {"enum": ["DAY"]}, "asin": {"type": "string"}},
        },
    },
}
LISTED: dict[str, Any] = {
    "mode": "requested",
    "dates": "required",
    "options": {"period": ["DAY"], "asin": "string"},
    "required_options": ["period"],
    "schemas": ["made"],
}


Listing = Callable[[dict[str, Any]], None]


@pytest.fixture
def listing(
    report_type_list: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Listing:
    """Makes a list with one type."""

    def write(entry: dict[str, Any]) -> None:
        path = tmp_path / "report_types.json"
        path.write_text(json.dumps({"GET_MADE": entry}), encoding="utf-8")
        monkeypatch.setattr(report_type_list, "LIST", path)

    return write


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A checkout with one JSON Schema of a report."""
    folder = tmp_path / "schemas" / "reports"
    folder.mkdir(parents=True)
    schema = {
        "properties": {"reportSpecification": {"$ref": "#/definitions/Request"}},
        "definitions": {"Request": REQUEST},
    }
    folder.joinpath("made.json").write_text(json.dumps(schema), encoding="utf-8")
    return tmp_path


def test_a_list_that_says_what_the_schemas_say_is_accepted(
    report_type_list: ModuleType, checkout: Path, listing: Listing
) -> None:
    listing(LISTED)

    assert report_type_list.report_schemas(checkout).keys() == {"made"}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"dates": "optional"}, "dates of GET_MADE is optional, but required in made"),
        ({"options": {"period": ["DAY"]}}, "options of GET_MADE"),
        ({"options": {"period": ["DAY", "WEEK"], "asin": "string"}}, "options of GET_MADE"),
        ({"required_options": ["period", "asin"]}, "required_options of GET_MADE"),
        ({"schemas": ["lost"]}, "GET_MADE has schemas that Amazon's models lack: lost"),
    ],
)
def test_a_list_that_contradicts_a_schema_is_refused(
    report_type_list: ModuleType,
    checkout: Path,
    listing: Listing,
    change: dict[str, Any],
    error: str,
) -> None:
    listing(LISTED | change)

    with pytest.raises(report_type_list.BuildError, match=error):
        report_type_list.report_schemas(checkout)
