"""The installed files: the wheel, its metadata, and the lock."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import re
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DISTRIBUTION = "tap-selling-partner"


@pytest.fixture(scope="module")
def wheel(wheel_file: Path) -> list[str]:
    """The names of the files in the wheel."""
    return zipfile.ZipFile(wheel_file).namelist()


def in_checkout(folder: str, pattern: str) -> set[str]:
    return {path.name for path in (ROOT / folder).glob(pattern)}


def in_wheel(names: list[str], folder: str) -> set[str]:
    return {name.rpartition("/")[2] for name in names if name.rpartition("/")[0] == folder}


def test_the_wheel_holds_the_schemas_of_the_streams(wheel: list[str]) -> None:
    schemas = in_checkout("schemas", "*.json")

    assert schemas
    assert in_wheel(wheel, "tap_amazon_sp/schemas") == schemas


def test_the_wheel_holds_the_models_of_all_apis(wheel: list[str]) -> None:
    models = in_checkout("tap_amazon_sp/amazon/models", "*.json")

    assert len(models) == 70
    assert in_wheel(wheel, "tap_amazon_sp/amazon/models") >= models


def test_the_wheel_holds_the_package_and_nothing_else(wheel: list[str]) -> None:
    folders = {name.split("/")[0] for name in wheel}

    assert "tap_amazon_sp/py.typed" in wheel
    assert folders == {"tap_amazon_sp", "tap_selling_partner-0.1.0.dist-info"}
    assert not [name for name in wheel if name.endswith(".pyc")]


def test_the_wheel_contains_the_licenses(wheel: list[str]) -> None:
    licenses = {name.rpartition("/")[2] for name in wheel if "/licenses/" in name}

    assert licenses == {"LICENSE", "NOTICE"}


def test_the_commands_and_the_pytest_plugin_have_their_names() -> None:
    found = {
        entry_point.name: entry_point.value
        for entry_point in importlib.metadata.distribution(DISTRIBUTION).entry_points
    }

    assert found == {
        "tap-amazon-sp": "tap_amazon_sp.commands:tap",
        "amazon-sp": "tap_amazon_sp.commands:amazon_sp",
        "sp_api_simulator": "tap_amazon_sp.pytest_plugin",
    }


@pytest.mark.skipif(
    sys.version_info < (3, 11), reason="there, Python finds no package without top_level.txt"
)
def test_every_imported_distribution_is_declared() -> None:
    imported = {
        name.split(".")[0]
        for path in (ROOT / "tap_amazon_sp").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in imported_names(node)
    }
    requirements = importlib.metadata.requires(DISTRIBUTION) or []
    declared = {re.split(r"[^\w-]", requirement)[0] for requirement in requirements}

    distributions = importlib.metadata.packages_distributions()
    third_party = imported - sys.stdlib_module_names - {"tap_amazon_sp"}
    undeclared = {name for name in third_party if not declared & set(distributions[name])}

    assert undeclared == {"backoff"}  # installed with singer-sdk


def imported_names(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom) and node.module and not node.level:
        return [node.module]
    return []


def test_only_one_distribution_installs_the_module_backoff() -> None:
    """The distributions `backoff` and `python-backoff` overwrite each other's files."""
    requirements = importlib.metadata.requires(DISTRIBUTION) or []
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")

    assert not [requirement for requirement in requirements if re.match(r"backoff\b", requirement)]
    assert not re.search(r"^backoff==", lock, re.MULTILINE)
    assert re.search(r"^python-backoff==", lock, re.MULTILINE)


@pytest.mark.parametrize("name", ["dev.txt", "singer-tools.txt", "uv.txt"])
def test_the_lock_pins_by_hash_and_names_no_host_or_path(name: str) -> None:
    lock = (ROOT / "requirements" / name).read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z]\S*==\S+[^\n]*", lock, re.MULTILINE)

    assert pins
    assert all(pin.endswith("\\") for pin in pins)
    assert "://" not in lock
    assert not re.search(r"^-|@ |file:", lock, re.MULTILINE)


def test_the_names_that_others_may_import_exist() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    names = re.findall(r"^\| `(tap_amazon_sp\.[\w.]+)` \|", page, flags=re.MULTILINE)

    assert names
    for name in names:
        module, _, attribute = name.rpartition(".")
        assert getattr(importlib.import_module(module), attribute)
