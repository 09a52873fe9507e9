"""The sentences and relations of the data dictionary fit the streams."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.scripts.conftest import ImportScript


@pytest.fixture
def script(import_script: ImportScript) -> ModuleType:
    return import_script("build_dictionary")


@pytest.fixture
def schemas(script: ModuleType) -> dict[str, dict[str, Any]]:
    """The schema of each path of each stream, by the stream's name in the file of sentences."""
    return {
        script.key_of(stream): {
            path.replace("[]", ""): schema for path, schema in script.paths(stream.schema)
        }
        for stream in script.all_streams()
    }


def test_each_field_of_a_core_stream_has_a_sentence(script: ModuleType) -> None:
    facts = script.Facts()
    streams = {script.key_of(stream): stream for stream in script.all_streams()}

    missing = [
        f"{name}.{field}"
        for name in script.CORE
        for field in streams[name].schema["properties"]
        if not facts.sentence(streams[name], field)
    ]

    assert missing == []


def test_no_sentence_is_about_a_field_that_does_not_exist(
    script: ModuleType, schemas: dict[str, dict[str, Any]]
) -> None:
    content = script.Facts().content
    unknown = [
        f"{name}.{path}"
        for name, sentences in content["streams"].items()
        for path in sentences
        if path not in schemas[name]
    ]
    known = [f".{path}" for paths in schemas.values() for path in paths]
    unused = [end for end in content["common"] if not any(one.endswith(f".{end}") for one in known)]

    assert unknown == []
    assert unused == []


def test_a_sentence_says_more_than_the_name(script: ModuleType) -> None:
    content = script.Facts().content
    for path, sentence in (
        *content["common"].items(),
        *(pair for sentences in content["streams"].values() for pair in sentences.items()),
    ):
        assert sentence.endswith((".", ").")), path
        name = re.sub(r"[^a-z]", "", path.rpartition(".")[2].lower())
        assert re.sub(r"[^a-z]", "", sentence.lower()) != name, path


def test_no_sentence_is_amazons(script: ModuleType, amazons_models: Path) -> None:
    content = script.Facts().content
    ours = {
        sentence
        for sentences in (content["common"], *content["streams"].values())
        for text in sentences.values()
        for sentence in re.split(r"(?<=\.) ", text)
        if len(sentence.split()) > 6
    }
    theirs = " ".join(
        " ".join(_descriptions(json.loads(path.read_text(encoding="utf-8"))))
        for path in amazons_models.rglob("*.json")
    )

    assert [sentence for sentence in ours if sentence in theirs] == []


def _descriptions(content: Any) -> list[str]:
    if isinstance(content, dict):
        own = [content["description"]] if isinstance(content.get("description"), str) else []
        return own + [one for inner in content.values() for one in _descriptions(inner)]
    return [one for inner in content for one in _descriptions(inner)] if _is_list(content) else []


def _is_list(content: Any) -> bool:
    return isinstance(content, list)


def test_both_ends_of_a_relation_exist(
    script: ModuleType, schemas: dict[str, dict[str, Any]]
) -> None:
    relations = script.Facts().relations
    for one in relations:
        for path, other in one.fields.items():
            assert path.replace("[]", "") in schemas[one.stream], one
            assert other in schemas[one.to], one
    assert len(relations) > 10


def test_a_child_of_a_core_stream_has_a_relation_to_it(script: ModuleType) -> None:
    related = {(one.stream, one.to) for one in script.Facts().relations}
    children = {
        (stream.name, stream.read.parent.name)
        for stream in script.described_streams()
        if stream.read.parent is not None
        and stream.read.parent.name in script.CORE
        and stream.name in script.CORE
    }

    assert children <= related


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": ["string", "null"]}, "text"),
        ({"type": ["string", "null"], "format": "date-time"}, "time"),
        ({"type": ["array", "null"], "items": {"type": "object"}}, "list of object"),
        ({"type": ["array", "null"], "items": {}}, "list"),
        ({"type": ["boolean", "null"]}, "yes or no"),
        ({}, "any"),
        ({"type": ["string", "number", "null"]}, "any"),
    ],
)
def test_types_in_words(script: ModuleType, schema: dict[str, Any], words: str) -> None:
    assert script.type_of(schema) == words


def test_a_join_finds_one_row_unless_its_sentence_says_otherwise(script: ModuleType) -> None:
    keys = {stream.name: set(stream.primary_keys) for stream in reversed(script.all_streams())}

    several = {
        (one.stream, one.to)
        for one in script.Facts().relations
        if not keys[one.to] <= {*one.fields.values()}
    }

    assert several == {
        ("order_items", "fba_inventory_summaries"),
        ("inbound_shipment_items_v0", "listings_items"),
    }
