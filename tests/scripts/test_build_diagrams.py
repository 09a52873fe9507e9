from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def build_diagrams(
    import_script: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> ModuleType:
    """The program, for a folder of its own with a page and the picture of its diagram."""
    module = import_script("build_diagrams")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "DOCS", tmp_path)
    (tmp_path / "page.md").write_text("# Page\n\n```mermaid\nflowchart TD\n    a --> b\n```\n")
    (tmp_path / "diagrams").mkdir()
    (tmp_path / module.picture("flowchart TD\n    a --> b\n")).write_text("<svg/>")
    return module


def test_a_diagram_that_is_drawn_is_up_to_date(
    build_diagrams: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build_diagrams.main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_a_diagram_that_changed_is_missing_and_the_old_one_left_over(
    build_diagrams: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "page.md").write_text("# Page\n\n```mermaid\nflowchart TD\n    a --> c\n```\n")

    assert build_diagrams.main(["--check"]) == 1

    assert sorted(line.split(":")[0] for line in capsys.readouterr().out.splitlines()) == [
        "left over",
        "missing",
    ]
