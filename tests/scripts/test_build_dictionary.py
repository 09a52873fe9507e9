"""The sentences and relations of the data dictionary fit the streams."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.pages import page
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
    relations = script.Facts().all_relations
    for one in relations:
        for path, other in one.fields.items():
            assert path.replace("[]", "") in schemas[one.stream], one
            assert other in schemas[one.to], one
    assert len(relations) > 40


CHILDREN_WITHOUT_JOIN = {
    # Their records lack what belongs to one record of the parent: it is in a list there.
    "browse_node_return_topics",
    "browse_node_return_trends",
    "browse_node_review_topics",
    "browse_node_review_trends",
    "inbound_packing_group_boxes",
    "inbound_packing_group_items",
    # The parent refers to these.
    "awd_inbound_orders",
}


def test_a_stream_has_a_relation_to_its_parent(script: ModuleType) -> None:
    related = {(one.stream, one.to) for one in script.Facts().all_relations}
    children = {
        stream.name: stream.read.parent.name
        for stream in script.described_streams()
        if stream.read.parent is not None and script.key_of(stream) == stream.name
    }

    without = {name for name, parent in children.items() if (name, parent) not in related}

    assert len(children) > 30
    assert without == CHILDREN_WITHOUT_JOIN


def test_a_relation_to_a_parent_names_its_whole_key_under_the_names_of_the_child(
    script: ModuleType,
) -> None:
    found = {(one.stream, one.to): one for one in script.Facts().all_relations}

    assert found["wallet_transactions", "wallet_accounts"].fields == {
        "marketplaceId": "marketplaceId",
        "walletAccountId": "accountId",
    }
    assert found["wallet_transactions", "wallet_accounts"].sql == (
        'wallet_transactions."marketplaceId" = wallet_accounts."marketplaceId"'
        ' and wallet_transactions."walletAccountId" = wallet_accounts."accountId"'
    )


def test_streams_with_personal_data_are_those_of_the_page_about_it(script: ModuleType) -> None:
    named = set(re.findall(r"^(?:- \[|\| )`(\w+)`", page("docs/privacy.md"), re.MULTILINE))

    assert named
    assert named <= script.Facts().personal
    assert script.Facts().personal - named == {"order_details"}


def test_values_of_amazons_model_follow_a_sentence_that_lacks_some(script: ModuleType) -> None:
    facts = script.Facts()
    (orders,) = (one for one in script.described_streams() if script.key_of(one) == "orders")
    meanings = {path: meaning for path, _, meaning in script.fields(orders, facts)}

    assert "`PENDING_AVAILABILITY`" in meanings["fulfillment.fulfillmentStatus"]
    assert meanings["packages[].packageStatus.status"].endswith(
        "`PENDING`, `IN_TRANSIT`, `SHIPPED`, `DELIVERED`, `CANCELLED` or `UNDELIVERABLE`."
    )
    (items,) = (
        one for one in script.described_streams() if script.key_of(one) == "purchase_orders"
    )
    meanings = {path: meaning for path, _, meaning in script.fields(items, facts)}
    assert meanings["purchaseOrderState"] == "`New`, `Acknowledged` or `Closed`."


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["A"], "Amazon's only value is `A`."),
        (["A", "B"], "`A` or `B`."),
        (["A", "B", "C"], "`A`, `B` or `C`."),
        ([f"V{number}" for number in range(17)], "One of 17 values, such as `V0`, `V1` and `V2`."),
    ],
)
def test_values_in_words(script: ModuleType, values: list[str], words: str) -> None:
    assert script.values_in_words(values) == words


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
