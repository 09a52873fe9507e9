from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
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
def build_simulator_data(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    path = list(sys.path)
    monkeypatch.syspath_prepend(str(SCRIPT.parent))
    yield importlib.import_module("build_simulator_data")
    sys.modules.pop("build_simulator_data", None)
    sys.modules.pop("simulator_data_facts", None)
    sys.path[:] = path


@pytest.fixture
def reference() -> Path:
    configured = os.environ.get("SP_API_REFERENCE")
    folder = Path(configured) if configured else ROOT.parent / "shared" / "reference"
    if not (folder / "report_types.json").is_file():
        pytest.skip("the reference is not here: set SP_API_REFERENCE to its folder")
    return folder


@pytest.fixture
def outputs(
    build_simulator_data: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Path:
    """A folder the script writes two small files to, whatever the reference."""
    data: dict[str, Any] = {"a.json": {"Größe": {"x": 1}, "b": [2]}, "b.json": {"c": {}}}
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.setattr(build_simulator_data, "ROOT", tmp_path)
    monkeypatch.setattr(build_simulator_data, "DATA", folder)
    monkeypatch.setattr(build_simulator_data, "build", lambda _reference: data)
    return folder


# --- What is committed -------------------------------------------------------------------------


def test_the_committed_files_are_what_the_script_makes_of_the_reference(reference: Path) -> None:
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), str(reference), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.stderr == ""
    assert ran.returncode == 0


def test_the_script_makes_every_file_there_is(
    build_simulator_data: ModuleType, reference: Path
) -> None:
    assert build_simulator_data.build(reference).keys() == {path.name for path in DATA.iterdir()}


def test_the_committed_files_hold_what_is_declared(build_simulator_data: ModuleType) -> None:
    facts = build_simulator_data.facts
    columns = read_data("report_columns.json")
    schemas = read_data("report_schemas.json")
    types = report_types()

    for name, declared in facts.COLUMNS.items():
        assert columns[name] == {"columns": list(declared)}
    for name, declared in facts.INFERRED_COLUMNS.items():
        assert columns[name] == {"columns": list(declared), "inferred": True}
    for name, declared in facts.INFERRED_SCHEMAS.items():
        assert types[name].schemas == [f"inferred {name}"]
        assert schemas[f"inferred {name}"] == declared
    assert {name for name, known in types.items() if known.format_inferred} == set(facts.FORMATS)


# --- The script --------------------------------------------------------------------------------


def test_files_have_an_entry_per_line(build_simulator_data: ModuleType, outputs: Path) -> None:
    code = build_simulator_data.main(["reference"])

    assert code == 0
    assert outputs.joinpath("a.json").read_text(encoding="utf-8").splitlines() == [
        "{",
        '"Größe":{"x":1},',
        '"b":[2]',
        "}",
    ]
    assert build_simulator_data.main(["reference", "--check"]) == 0


def test_check_names_what_differs_and_writes_nothing(
    build_simulator_data: ModuleType, outputs: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    outputs.joinpath("a.json").write_text("{}", encoding="utf-8")

    code = build_simulator_data.main(["reference", "--check"])

    assert code == 1
    assert capsys.readouterr().err.splitlines() == [
        "differs: data/a.json",
        "differs: data/b.json",
    ]
    assert outputs.joinpath("a.json").read_text(encoding="utf-8") == "{}"
    assert not outputs.joinpath("b.json").exists()


def test_a_reference_without_a_declared_type_is_refused(
    build_simulator_data: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = sorted(set(build_simulator_data._declared()) - {"GET_SELLER_FEEDBACK_DATA"})
    entries = [{"reportType": name} for name in names]
    tmp_path.joinpath("report_types.json").write_text(json.dumps(entries), encoding="utf-8")
    tmp_path.joinpath("report_types.md").write_text("", encoding="utf-8")

    code = build_simulator_data.main([str(tmp_path)])

    assert code == 1
    assert capsys.readouterr().err == (
        "declared in simulator_data_facts.py, but not in the reference: GET_SELLER_FEEDBACK_DATA\n"
    )


@pytest.mark.parametrize(
    ("lost", "removed"), [("GET_SELLER_FEEDBACK_DATA", False), ("SC_VAT_TAX_REPORT", True)]
)
def test_columns_are_declared_of_each_flat_file_and_of_nothing_else(
    build_simulator_data: ModuleType, monkeypatch: pytest.MonkeyPatch, lost: str, *, removed: bool
) -> None:
    types = read_data("report_types.json")
    if removed:
        types[lost]["removed"] = "2026-12-01"
    else:
        monkeypatch.delitem(build_simulator_data.facts.COLUMNS, lost)

    with pytest.raises(build_simulator_data.ReferenceMismatchError, match=f": {lost}$"):
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
    with pytest.raises(build_simulator_data.ReferenceMismatchError, match=unread):
        build_simulator_data.data_kiosk_types(GRAPHQL.replace(old, new))


def test_every_type_that_data_kiosk_names_is_known() -> None:
    scalars = {"Boolean", "Date", "Float", "Int", "Long", "String"}
    for types in datasets().values():
        for known in types.values():
            for field in known.get("fields", {}).values():
                facts = field if isinstance(field, dict) else {"type": field}
                for name in [facts["type"], *facts.get("args", {}).values()]:
                    assert name.strip("[]!") in {*types, *scalars}
