"""Every model, column, source and macro of dbt/ is described, and the descriptions are true."""

from __future__ import annotations

import re

import pytest

from model_descriptions import MARTS, MODELS, PROJECT, Model, entries, read_models
from tests.warehouses import Warehouse

MODEL_FILES = {path.stem: path for path in MODELS.rglob("*.sql")}
DESCRIBED = {model.name: model for model in read_models()}
DESCRIBED_MARTS = [model for model in DESCRIBED.values() if model.layer == MARTS]
DEFAULT = re.compile(r"""'[^']*'|"[^"]*"|\[.*?\]|\{.*?\}""")
DISPATCHED = re.compile(r"^(default|postgres|duckdb)__|^_")

ONLY_WITH_RATES = re.compile(r"^int_exchange_rates$|_converted$")
"""Models that are built only if the user gives exchange rates: see test_exchange_rates.py."""


def is_sentence(text: str | None) -> bool:
    """Return whether a description is at least one whole sentence."""
    return bool(re.fullmatch(r"[A-Z0-9`'\"].{8,}\.", (text or "").strip(), re.DOTALL))


def test_every_model_is_described_in_its_folder() -> None:
    where = {name: model.file.parent for name, model in DESCRIBED.items()}

    assert where == {name: path.parent for name, path in MODEL_FILES.items()}


@pytest.mark.parametrize("model", DESCRIBED.values(), ids=DESCRIBED)
def test_model_and_columns_are_described_in_sentences(model: Model) -> None:
    texts = {"": model.description, **model.columns}

    assert [name for name, text in texts.items() if not is_sentence(text)] == []


@pytest.mark.parametrize("section", ["sources", "seeds"])
def test_sources_and_seeds_are_described(section: str) -> None:
    things = [
        thing
        for _, entry in entries(section)
        for thing in (entry, *(entry.get("tables") or ()), *(entry.get("columns") or ()))
    ]

    assert [thing["name"] for thing in things if not is_sentence(thing.get("description"))] == []


def test_every_macro_and_its_arguments_are_described() -> None:
    macros = {
        name: re.findall(r"(?:^|,)\s*(\w+)", DEFAULT.sub("", arguments))
        for path in (PROJECT / "macros").rglob("*.sql")
        for name, arguments in re.findall(
            r"{%-?\s*macro\s+(\w+)\((.*?)\)\s*-?%}", path.read_text("utf-8"), re.DOTALL
        )
        if not DISPATCHED.match(name)
    }
    described = {entry["name"]: entry for _, entry in entries("macros")}

    assert {
        name: [one["name"] for one in entry.get("arguments") or ()]
        for name, entry in described.items()
    } == macros
    for name, entry in described.items():
        for thing in (entry, *(entry.get("arguments") or ())):
            assert is_sentence(thing.get("description")), f"{name}: {thing['name']}"


@pytest.mark.parametrize("mart", DESCRIBED_MARTS, ids=lambda mart: mart.name)
def test_a_mart_begins_with_its_key_which_is_tested(mart: Model) -> None:
    assert mart.key[:1] == ("account",)
    assert set(list(mart.columns)[: len(mart.key)]) == set(mart.key)
    assert set(mart.key) - mart.tested("not_null") == set()


@pytest.mark.parametrize(
    ("mart", "to"),
    [
        ("order_items", "orders"),
        ("refunds", "transactions"),
        ("settlement_lines", "settlements"),
    ],
)
def test_a_part_is_tested_to_belong_to_a_whole(mart: str, to: str) -> None:
    tests = [
        (columns, arguments["to"])
        for columns, name, arguments in DESCRIBED[mart].tests
        if name == "related"
    ]

    assert tests == [(DESCRIBED[to].key, f"ref('{to}')")]


def test_the_described_columns_are_those_of_the_tables(warehouse: Warehouse) -> None:
    built: dict[str, set[str]] = {}
    for row in warehouse.rows(
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
    ):
        if row["table_schema"] in (warehouse.models, f"{warehouse.models}_staging"):
            built.setdefault(row["table_name"], set()).add(row["column_name"])
    seeds = {path.stem for path in (PROJECT / "seeds").rglob("*.csv")}

    always = {name: model for name, model in DESCRIBED.items() if not ONLY_WITH_RATES.search(name)}

    assert {
        name: columns
        for name, columns in built.items()
        if name not in seeds and not ONLY_WITH_RATES.search(name)
    } == {name: set(model.columns) for name, model in always.items()}
