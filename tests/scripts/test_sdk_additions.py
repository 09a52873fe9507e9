from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

MODEL: dict[str, Any] = {
    "info": {"version": "1"},
    "paths": {"/things": {"get": {"parameters": [{"name": "color"}]}}},
    "definitions": {"Thing": {"properties": {"id": {"type": "string"}}, "required": ["id"]}},
}


@pytest.fixture
def additions(import_script: Callable[[str], ModuleType]) -> ModuleType:
    return import_script("sdk_additions")


def _properties(name: str) -> dict[str, Any]:
    return {"definitions": {"Thing": {"properties": {name: {"type": "string"}}}}}


def test_objects_gain_members_and_lists_grow(additions: ModuleType) -> None:
    part = _properties("size")
    part["definitions"]["Thing"]["required"] = ["size"]
    part["paths"] = {"/things": {"get": {"parameters": [{"name": "size"}]}, "post": {}}}

    merged = additions.merge(MODEL, part)

    assert merged["definitions"]["Thing"] == {
        "properties": {"id": {"type": "string"}, "size": {"type": "string"}},
        "required": ["id", "size"],
    }
    assert merged["paths"]["/things"] == {
        "get": {"parameters": [{"name": "color"}, {"name": "size"}]},
        "post": {},
    }
    assert "size" not in MODEL["definitions"]["Thing"]["properties"]


@pytest.mark.parametrize(
    "part",
    [
        _properties("id"),
        {"paths": {"/things": {"get": {"parameters": [{"name": "color"}]}}}},
        {"info": {"version": "2"}},
    ],
)
def test_what_the_model_has_by_now_is_not_added_again(
    additions: ModuleType, part: dict[str, Any]
) -> None:
    with pytest.raises(additions.BuildError, match=r"the model has '.+' already"):
        additions.merge(MODEL, part)


def test_parts_of_one_model_may_repeat_each_other(additions: ModuleType) -> None:
    assert additions.merge(MODEL, MODEL, repeated=True) == MODEL


def test_parts_of_one_model_may_not_contradict_each_other(additions: ModuleType) -> None:
    with pytest.raises(additions.BuildError, match="'type' already, as 'string'"):
        additions.merge(
            MODEL,
            {"definitions": {"Thing": {"properties": {"id": {"type": "integer"}}}}},
            repeated=True,
        )
