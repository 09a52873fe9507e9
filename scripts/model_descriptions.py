"""What the YAML files of `dbt/` say about its models, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from generated_files import ROOT, BuildError, Json

PROJECT = ROOT / "dbt"
MODELS = PROJECT / "models"
MARTS = "marts"


@dataclass(frozen=True)
class Model:
    """What a YAML file says about a model.

    Attributes:
        name: Of the model, and of its table.
        file: The YAML file.
        description: What a row is.
        columns: The description of each column.
        tests: Of the model and of its columns: the names of the columns, the name of the test, and
            its arguments.
    """

    name: str
    file: Path
    description: str
    columns: Mapping[str, str]
    tests: Sequence[tuple[tuple[str, ...], str, Json]]

    @property
    def layer(self) -> str:
        """`staging`, `intermediate` or `marts`."""
        return self.file.parent.name

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that are tested to be unique together; empty without such a test."""
        for columns, test, _ in self.tests:
            if test in ("unique", "unique_key"):
                return columns
        return ()

    def tested(self, test: str) -> set[str]:
        """Return the columns with a test."""
        return {column for columns, name, _ in self.tests if name == test for column in columns}


def read_models() -> list[Model]:
    """Return all models that a YAML file describes, ordered by name.

    Raises:
        BuildError: Two files describe the same model.
    """
    found: dict[str, Model] = {}
    for file, entry in entries("models"):
        model = _model(file, entry)
        if model.name in found:
            message = f"{model.name}: {found[model.name].file} and {file} describe it"
            raise BuildError(message)
        found[model.name] = model
    return [found[name] for name in sorted(found)]


def entries(section: str) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    """Yield the entries of a section, such as `sources`, in all YAML files, each with its file."""
    for folder in ("models", "macros", "seeds", "tests", "snapshots"):
        for file in sorted((PROJECT / folder).rglob("*.yml")):
            content = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
            for entry in content.get(section) or ():
                yield file, entry


def _model(file: Path, entry: Mapping[str, Any]) -> Model:
    columns = entry.get("columns") or ()
    tests = list(_tests(entry, ()))
    for column in columns:
        tests += _tests(column, (column["name"],))
    return Model(
        name=entry["name"],
        file=file,
        description=_sentences(entry),
        columns={column["name"]: _sentences(column) for column in columns},
        tests=tests,
    )


def _tests(
    entry: Mapping[str, Any], columns: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str, Json]]:
    for test in entry.get("data_tests") or entry.get("tests") or ():
        ((name, given),) = ({test: {}} if isinstance(test, str) else test).items()
        given = given or {}
        arguments = given.get("arguments") or given
        yield columns or tuple(arguments.get("columns") or ()), name, arguments


def _sentences(entry: Mapping[str, Any]) -> str:
    return " ".join((entry.get("description") or "").split())
