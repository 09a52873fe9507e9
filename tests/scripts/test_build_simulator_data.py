from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tap_amazon_sp.simulator import report_types
from tap_amazon_sp.simulator.data import read_data
from tap_amazon_sp.simulator.data_kiosk.graphql import datasets

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "build_simulator_data.py"
DATA = ROOT / "tap_amazon_sp" / "simulator" / "data"
BY_ANOTHER_SCRIPT = DATA / "report_headers.json"
GRAPHQL = '''
schema {
  query: Query
}

"""
How long: "duration" says it.
"""
directive @resultRetention(
    "An ISO 8601 duration."
    duration: String!
  ) on FIELD_DEFINITION

type Query {
  "Sales (of a day): all of them."
  sales(
    "The last day."
    endDate: Date!,
    asins: [String!]!
  ): [Sales]
}

type Sales {
  """
  type Old {
  """
  date: Date! @resultRetention(duration : "P30D")
  charge: Float @deprecated(reason : "Use `total`.")
}

enum Granularity {
  "By day."
  DAY
  MONTH
}

scalar Date

input Filter {
  granularity: Granularity
}
'''


@pytest.fixture
def build_simulator_data(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("build_simulator_data")


@pytest.fixture
def outputs(
    build_simulator_data: ModuleType,
    import_script: Callable[[str], ModuleType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """A folder to which the script writes two small files."""
    data: dict[str, Any] = {"a.json": {"Größe": {"x": 1}, "b": [2]}, "b.json": {"c": {}}}
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setattr(import_script("generated_files"), "ROOT", tmp_path)
    monkeypatch.setattr(build_simulator_data, "DATA", folder)
    monkeypatch.setattr(build_simulator_data, "build_data", lambda _checkout: data)
    return folder


# --- What is committed -------------------------------------------------------------------------


def _check(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *arguments, "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_committed_files_are_what_the_script_makes_of_amazons_schemas(
    amazons_models: Path,
) -> None:
    ran = _check(str(amazons_models))

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_the_committed_files_are_what_the_script_makes_without_amazons_schemas() -> None:
    ran = _check()

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_the_script_makes_every_file_there_is(
    build_simulator_data: ModuleType, amazons_models: Path
) -> None:
    made = build_simulator_data.build(amazons_models).texts

    assert made.keys() == set(DATA.glob("*.json")) - {BY_ANOTHER_SCRIPT}


def test_without_amazons_schemas_those_of_data_kiosk_and_notifications_are_not_made(
    build_simulator_data: ModuleType,
) -> None:
    made = build_simulator_data.build(None).texts

    amazons = {DATA / "data_kiosk_schemas.json", DATA / "notification_schemas.json"}
    others = amazons | {BY_ANOTHER_SCRIPT}
    assert set(DATA.glob("*.json")) - made.keys() == others


def test_the_committed_files_hold_what_is_declared(build_simulator_data: ModuleType) -> None:
    facts = build_simulator_data.facts
    columns = read_data("report_columns.json")
    schemas = read_data("report_schemas.json")
    types = report_types()

    for name, listed in build_simulator_data.columns_of_types().items():
        assert columns[name] == {"columns": list(listed.usual)}
    for name, declared in facts.INFERRED_COLUMNS.items():
        assert columns[name] == {"columns": list(declared), "inferred": True}
    for name, declared in facts.INFERRED_SCHEMAS.items():
        assert types[name].schemas == [f"inferred {name}"]
        assert schemas[f"inferred {name}"] == declared
    assert {name for name, known in types.items() if known.format_inferred} == set(facts.FORMATS)


# --- The script --------------------------------------------------------------------------------


def test_files_have_an_entry_per_line(build_simulator_data: ModuleType, outputs: Path) -> None:
    code = build_simulator_data.main([])

    assert code == 0
    assert outputs.joinpath("a.json").read_text(encoding="utf-8").splitlines() == [
        "{",
        '"Größe":{"x":1},',
        '"b":[2]',
        "}",
    ]
    assert build_simulator_data.main(["--check"]) == 0


def test_check_names_what_differs_and_writes_nothing(
    build_simulator_data: ModuleType, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs.joinpath("a.json").write_text("{}", encoding="utf-8")

    code = build_simulator_data.main(["--check"])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        "differs: data/a.json",
        "differs: data/b.json",
    ]
    assert outputs.joinpath("a.json").read_text(encoding="utf-8") == "{}"
    assert not outputs.joinpath("b.json").exists()


def test_a_fact_about_a_type_that_is_not_listed_is_refused(
    build_simulator_data: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    types = build_simulator_data.report_types()
    del types["GET_EPR_MONTHLY_REPORTS"]
    monkeypatch.setattr(build_simulator_data, "report_types", lambda: types)

    code = build_simulator_data.main([])

    assert code == 1
    assert capsys.readouterr().err == (
        "declared in simulator_data_facts.py, but not in report_types.json: "
        "GET_EPR_MONTHLY_REPORTS\n"
    )


@pytest.mark.parametrize("lost", ["data-kiosk", "reports"])
def test_a_checkout_without_schemas_is_refused(
    build_simulator_data: ModuleType, amazons_models: Path, tmp_path: Path, lost: str
) -> None:
    (tmp_path / "schemas").mkdir()
    for folder in {"data-kiosk", "reports"} - {lost}:
        (tmp_path / "schemas" / folder).symlink_to(amazons_models / "schemas" / folder)

    with pytest.raises(build_simulator_data.BuildError, match=lost):
        build_simulator_data.build(tmp_path)


@pytest.mark.parametrize(
    ("lost", "removed"), [("GET_SELLER_FEEDBACK_DATA", False), ("GET_EPR_MONTHLY_REPORTS", True)]
)
def test_columns_are_declared_of_each_flat_file_and_of_nothing_else(
    build_simulator_data: ModuleType, monkeypatch: pytest.MonkeyPatch, lost: str, *, removed: bool
) -> None:
    types = read_data("report_types.json")
    if removed:
        types[lost]["removed"] = "2026-12-01"
    else:
        listed = build_simulator_data.columns_of_types()
        del listed[lost]
        monkeypatch.setattr(build_simulator_data, "columns_of_types", lambda: listed)

    with pytest.raises(build_simulator_data.BuildError, match=f": {lost}$"):
        build_simulator_data._report_columns(types, read_data("report_schemas.json"))


def test_schemas_lose_prose_and_gain_what_they_require(build_simulator_data: ModuleType) -> None:
    schema = {
        "$schema": "http://json-schema.org/draft-07/schema",
        "description": "A report.",
        "required": ["title", "asin", "fulfillmentType"],
        "properties": {
            "title": {"type": "string", "examples": ["A"], "maxLength": 5},
            "description": {"oneOf": [{"type": "string", "default": ""}]},
        },
    }

    compact = build_simulator_data.compact_schema(schema)

    assert compact == {
        "required": ["title", "asin", "fulfillmentType"],
        "properties": {
            "title": {"type": "string", "maxLength": 5},
            "description": {"oneOf": [{"type": "string"}]},
            "asin": {"type": "string"},
            "fulfillmentType": {"type": "string", "enum": ["MFN", "AFN"]},
        },
    }


def test_types_of_data_kiosk(build_simulator_data: ModuleType) -> None:
    assert build_simulator_data.data_kiosk_types(GRAPHQL) == {
        "Query": {
            "fields": {
                "sales": {"type": "[Sales]", "args": {"endDate": "Date!", "asins": "[String!]!"}}
            }
        },
        "Sales": {"fields": {"date": {"type": "Date!", "kept": "P30D"}, "charge": "Float"}},
        "Granularity": {"values": ["DAY", "MONTH"]},
        "Filter": {"inputs": {"granularity": "Granularity"}},
    }


@pytest.mark.parametrize(
    ("old", "new", "unread"),
    [
        ("scalar Date", "union Date = Day | Month", "union Date"),
        ("granularity: Granularity", "granularity: Granularity = DAY", "= DAY"),
    ],
)
def test_a_schema_of_data_kiosk_that_cannot_be_read_is_refused(
    build_simulator_data: ModuleType, old: str, new: str, unread: str
) -> None:
    with pytest.raises(build_simulator_data.BuildError, match=unread):
        build_simulator_data.data_kiosk_types(GRAPHQL.replace(old, new))


def test_every_type_that_data_kiosk_names_is_known() -> None:
    scalars = {"Boolean", "Date", "Float", "Int", "Long", "String"}
    for types in datasets().values():
        for known in types.values():
            for field in known.get("fields", {}).values():
                facts = field if isinstance(field, dict) else {"type": field}
                for name in [facts["type"], *facts.get("args", {}).values()]:
                    assert name.strip("[]!") in {*types, *scalars}
