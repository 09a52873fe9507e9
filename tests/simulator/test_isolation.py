"""A wrong belief about the API must not hide in both the tap and the simulator."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import tap_amazon_sp.simulator

MODULES = sorted(Path(tap_amazon_sp.simulator.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: "/".join(path.parts[-2:]))
def test_the_simulator_imports_nothing_of_the_tap(path: Path) -> None:
    imported: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module or "")

    ours = {name for name in imported if name.startswith("tap_amazon_sp")}
    assert all(name.startswith("tap_amazon_sp.simulator") for name in ours)
