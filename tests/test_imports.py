"""The contracts about imports in pyproject.toml fail when they are broken."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from importlinter.api import read_configuration

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tap_amazon_sp"
CONTRACTS: dict[str, dict[str, Any]] = {
    contract["id"]: contract
    for contract in read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
}
PARTS = {
    path.stem
    for path in PACKAGE.iterdir()
    if path.suffix == ".py" or (path / "__init__.py").is_file()
} - {"__init__"}


def _layers() -> list[list[str]]:
    """The layers that exist, the highest first."""
    layers = [layer.strip("()").split(" | ") for layer in CONTRACTS["layers"]["layers"]]
    return [parts for parts in layers if PARTS.issuperset(parts)]


UPWARDS = [
    (lower, higher)
    for highers, lowers in zip(_layers(), _layers()[1:], strict=False)
    for lower in lowers
    for higher in highers
]


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package's modules, to break."""
    folder = tmp_path_factory.mktemp("imports")
    shutil.copytree(
        PACKAGE, folder / PACKAGE.name, ignore=shutil.ignore_patterns("*.json", "__pycache__")
    )
    shutil.copy(ROOT / "pyproject.toml", folder)
    return folder


@pytest.fixture(scope="module")
def broken(copy: Path) -> str:
    """What lint-imports prints where every contract is broken in every way."""
    package = copy / PACKAGE.name
    imports = [*UPWARDS, *(("simulator", part) for part in sorted(PARTS - {"simulator"}))]
    imports += [("amazon", "simulator"), ("singer", "amazon"), ("streams", "streams.orders")]
    imports += [("simulator/world", "simulator.server")]
    for number, (source, target) in enumerate(imports):
        folder = package / source
        module = folder / f"broken_{number}.py" if folder.is_dir() else folder.with_suffix(".py")
        with module.open("a", encoding="utf-8") as file:
            file.write(f"import tap_amazon_sp.{target}\n")
    (package / "loose.py").touch()
    return _lint(copy, expected=1)


def _lint(folder: Path, *, expected: int) -> str:
    ran = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"],
        cwd=folder,
        # The copy is meant, not this checkout; lines are not to be wrapped.
        env=os.environ | {"PYTHONPATH": str(folder), "COLUMNS": "1000"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ran.returncode == expected, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.parametrize("contract", CONTRACTS.values(), ids=list(CONTRACTS))
def test_a_broken_contract_fails(broken: str, contract: dict[str, Any]) -> None:
    assert f"{contract['name']} BROKEN" in broken


@pytest.mark.parametrize(("lower", "higher"), UPWARDS, ids="-".join)
def test_an_import_that_points_up_fails(broken: str, lower: str, higher: str) -> None:
    assert f"tap_amazon_sp.{lower} is not allowed to import tap_amazon_sp.{higher}:" in broken


@pytest.mark.parametrize("part", sorted(PARTS - {"simulator"}))
def test_an_import_of_the_tap_by_the_simulator_fails(broken: str, part: str) -> None:
    assert f"tap_amazon_sp.simulator is not allowed to import tap_amazon_sp.{part}:" in broken


def test_a_module_beside_the_layers_fails(broken: str) -> None:
    assert "not listed as layers:\n\n- tap_amazon_sp.loose\n" in broken


def test_every_import_is_one_that_the_linter_sees() -> None:
    for path in PACKAGE.rglob("*.py"):
        assert (path.parent / "__init__.py").is_file(), f"{path.parent} is not a package"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = {name.name for name in node.names}
                # What is then reached by `tap_amazon_sp.part` would not be seen.
                assert PACKAGE.name not in names, f"{path} imports the package as a whole"
