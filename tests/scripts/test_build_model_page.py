"""scripts/model_descriptions.py and scripts/build_model_page.py."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

ImportScript = Callable[[str], ModuleType]

MODELS = """
models:
  - name: visits
    description: >-
      A visit
      of a shop | or a stall.
    columns:
      - name: account
        description: Whose shop it is.
        data_tests: [not_null]
      - name: day
        description: When it was.
        data_tests:
          - not_null
          - accepted_values:
              arguments: {values: [1, 2]}
    data_tests:
      - unique_key:
          arguments: {columns: [account, day]}
"""
STAGED = """
models:
  - name: stg_visits
    description: A visit as it came.
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, import_script: ImportScript) -> Path:
    """A project with a mart and a staging model."""
    for layer, text in (("marts", MODELS), ("staging", STAGED)):
        file = tmp_path / "models" / layer / "visits.yml"
        file.parent.mkdir(parents=True)
        file.write_text(textwrap.dedent(text), encoding="utf-8")
    monkeypatch.setattr(import_script("model_descriptions"), "PROJECT", tmp_path)
    return tmp_path


@pytest.mark.usefixtures("project")
def test_models_with_their_keys_and_tests(import_script: ImportScript) -> None:
    staged, mart = import_script("model_descriptions").read_models()

    assert (staged.name, staged.layer, staged.key) == ("stg_visits", "staging", ())
    assert (mart.name, mart.layer, mart.key) == ("visits", "marts", ("account", "day"))
    assert mart.description == "A visit of a shop | or a stall."
    assert mart.tested("not_null") == {"account", "day"}
    assert (("day",), "accepted_values", {"values": [1, 2]}) in mart.tests


def test_a_model_is_described_once(project: Path, import_script: ImportScript) -> None:
    (project / "models" / "marts" / "more.yml").write_text(MODELS, encoding="utf-8")

    with pytest.raises(Exception, match=r"visits: .*more\.yml and .*visits\.yml describe it"):
        import_script("model_descriptions").read_models()


@pytest.mark.usefixtures("project")
def test_the_page_has_each_mart_with_its_columns(import_script: ImportScript) -> None:
    models = import_script("model_descriptions").read_models()

    assert import_script("build_model_page").tables(models) == textwrap.dedent(
        """\
        ### visits

        A visit of a shop | or a stall.

        Key: `account`, `day`.

        | column | meaning |
        |---|---|
        | `account` | Whose shop it is. |
        | `day` | When it was. |

        ### Other models

        | model | what a row is |
        |---|---|
        | `stg_visits` | A visit as it came. |"""
    )
