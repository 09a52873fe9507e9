from __future__ import annotations

import copy
from typing import Any

import pytest

from tap_amazon_sp.reading.catalog_entries import doubts_about_entry, unknown_streams
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.tap import TapAmazonSP
from tests.tap_runs import catalog_of

CREDENTIALS = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}


def catalog(name: str = "feeds", *, root: dict[str, Any] | None = None, **more: Any) -> Any:
    """A catalog of one stream, with changes to its entry and to its own metadata."""
    found = copy.deepcopy(catalog_of(name))
    (entry,) = found["streams"]
    entry |= more
    metadata = next(item for item in entry["metadata"] if not item["breadcrumb"])
    metadata["metadata"] |= root or {}
    return found


def stream_of(content: dict[str, Any], **settings: Any) -> AmazonStream:
    tap = TapAmazonSP(config=CREDENTIALS | settings, catalog=content)
    (name,) = (entry["tap_stream_id"] for entry in content["streams"])
    stream = tap.streams[name]
    assert isinstance(stream, AmazonStream)
    return stream


def doubts(content: dict[str, Any]) -> list[str]:
    stream = stream_of(content)
    return [*doubts_about_entry(stream, stream.catalog_entry)]


def without(content: dict[str, Any], name: str) -> dict[str, Any]:
    (entry,) = content["streams"]
    del entry["schema"]["properties"][name]
    entry["metadata"] = [item for item in entry["metadata"] if name not in item["breadcrumb"]]
    return content


def test_a_catalog_of_a_discovery_leaves_no_doubt() -> None:
    assert doubts(catalog()) == []
    assert doubts(catalog("marketplace_participations")) == []


def test_the_key_of_a_catalog_counts_and_is_told() -> None:
    content = catalog(key_properties=["feedType"])

    assert stream_of(content).primary_keys == ["feedType"]
    (doubt,) = doubts(content)
    assert "has the key feedType instead of feedId: records that are equal in it" in doubt


@pytest.mark.parametrize("key", ["missing", None])
def test_a_catalog_without_a_key_has_that_of_the_stream(key: str | None) -> None:
    content = catalog(key_properties=None, root={"table-key-properties": None})
    if key == "missing":
        del content["streams"][0]["key_properties"]

    assert stream_of(content).primary_keys == ("feedId",)
    assert doubts(content) == []


def test_a_property_of_the_key_that_the_catalog_lacks_is_added() -> None:
    stream = stream_of(without(catalog(), "feedId"))

    assert "feedId" in stream.effective_schema["properties"]
    assert stream.mask["properties", "feedId"]


def test_a_key_is_always_selected() -> None:
    content = catalog()
    for item in content["streams"][0]["metadata"]:
        if item["breadcrumb"] == ["properties", "feedId"]:
            item["metadata"] = {"inclusion": "available", "selected": False}

    assert "feedId" in stream_of(content).effective_schema["properties"]


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        (catalog(key_properties=["other"]), {}),
        (catalog(key_properties=["_account", "feedId"]), {}),
        (catalog(), {"accounts": [{"name": "us"}]}),
    ],
)
def test_a_key_that_records_do_not_have_is_refused(
    content: dict[str, Any], settings: dict[str, Any]
) -> None:
    with pytest.raises(SettingsError, match=r"in the catalog is .* with these settings it is "):
        stream_of(content, **settings)


def test_another_replication_key_has_no_effect_and_is_told() -> None:
    content = catalog(replication_key="feedId")

    stream = stream_of(content)

    assert stream.replication_key == stream.own_replication_key == "createdTime"
    (doubt,) = doubts(content)
    assert "has the replication key 'feedId', which has no effect: it is read by 'cre" in doubt


def test_a_stream_without_a_bookmark_is_not_incremental_and_that_is_told() -> None:
    content = catalog("marketplace_participations", replication_method="INCREMENTAL")

    (doubt,) = doubts(content)

    assert "cannot be read incrementally: it is read whole in each run" in doubt


@pytest.mark.parametrize("name", ["replication-method", "forced-replication-method"])
def test_a_method_in_the_metadata_counts(name: str) -> None:
    stream = stream_of(catalog(root={name: "FULL_TABLE"}))

    assert stream.replication_method == "FULL_TABLE"


def test_selections_without_effect_are_told() -> None:
    content = catalog()
    content["streams"][0]["metadata"] += [
        {"breadcrumb": ["properties", "feedTyp"], "metadata": {"selected": False}},
        {"breadcrumb": ["properties", "a", "properties", "b"], "metadata": {"selected": False}},
        {"breadcrumb": ["properties", "other"], "metadata": {"inclusion": "available"}},
    ]

    (doubt,) = doubts(content)

    assert "selects or deselects what its schema does not have: feedTyp, a.b." in doubt


@pytest.mark.parametrize("items", [[], ["items"]])
def test_a_selection_may_lead_through_a_list(items: list[str]) -> None:
    content = catalog("orders")
    content["streams"][0]["metadata"].append(
        {
            "breadcrumb": ["properties", "orderItems", *items, "properties", "orderItemId"],
            "metadata": {"selected": True},
        }
    )

    assert doubts(content) == []


def test_selected_streams_that_do_not_exist_are_found() -> None:
    content = catalog()
    entry = content["streams"][0]
    gone, away = ({**copy.deepcopy(entry), "tap_stream_id": name} for name in ("gone", "away"))
    away["metadata"] = [{"breadcrumb": [], "metadata": {"selected": False}}]
    content["streams"] += [gone, away]
    for other in (gone, away):
        other["stream"] = other["tap_stream_id"]
    tap = TapAmazonSP(config=CREDENTIALS, catalog=content)

    assert tap.input_catalog is not None
    assert [*unknown_streams(tap.input_catalog, tap.streams)] == ["gone"]


def test_what_the_tap_adds_is_there_also_with_a_catalog_of_an_older_release() -> None:
    older = without(catalog("orders"), "marketplaceId")

    properties = stream_of(older).effective_schema["properties"]

    assert properties["marketplaceId"] == {"type": ["string", "null"]}
    # Tables exist already: new columns come at the end.
    assert list(properties)[-1] == "marketplaceId"
    assert (
        "buyer" not in stream_of(without(catalog("orders"), "buyer")).effective_schema["properties"]
    )


def test_what_the_tap_adds_is_not_there_if_an_older_catalog_deselects_properties() -> None:
    older = without(catalog("orders"), "marketplaceId")
    for item in older["streams"][0]["metadata"]:
        if item["breadcrumb"] == ["properties", "tax"]:
            item["metadata"]["selected"] = False

    assert "marketplaceId" not in stream_of(older).effective_schema["properties"]
