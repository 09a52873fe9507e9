from __future__ import annotations

import pytest

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.stream_schemas import DeclarationError, stream_schema
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.streams import all_built_in_streams


class Payouts(AmazonStream):
    """A declaration that tests change."""

    name = "payouts"
    operation_id = "transfers_2024-06-01.listPayouts"
    primary_keys = ("id",)
    replication_key = "creationDate"
    read = Windows("createdAfter")


def test_a_stream_without_a_time_gets_the_end_of_its_window() -> None:
    found = type("Found", (Payouts,), {"replication_key": WINDOW_END})

    assert stream_schema(found)["properties"][WINDOW_END]["format"] == "date-time"


def test_lifted_properties_keep_their_type() -> None:
    found = type("Found", (Payouts,), {"lifted": {"currency": "amount.currencyCode"}})

    assert stream_schema(found)["properties"]["currency"] == {"type": ["string", "null"]}


@pytest.mark.parametrize(
    ("declared", "mistake"),
    [
        ({"primary_keys": ("ID",)}, "no properties .*ID.*, which are keys"),
        ({"lifted": {"x": "amount.nothing"}}, "there is no 'amount.nothing'"),
        ({"lifted": {"id": "amount.currencyCode"}}, "Amazon has properties .*id.* itself"),
        ({"date_times": ("nothing",)}, "no properties .*nothing"),
        ({"read": Windows("createAfter")}, "listPayouts has no parameters .*createAfter"),
        ({"parameters": {"pagesize": 1}}, "listPayouts has no parameters .*pagesize"),
    ],
)
def test_a_declaration_that_does_not_fit_amazons_model_is_named(
    declared: dict[str, object], mistake: str
) -> None:
    with pytest.raises(DeclarationError, match=mistake):
        stream_schema(type("Wrong", (Payouts,), declared))


@pytest.mark.parametrize("stream_class", all_built_in_streams(), ids=lambda found: found.__name__)
def test_every_stream_is_declared_completely(stream_class: type[AmazonStream]) -> None:
    operation = stream_class.find_operation()

    assert stream_class.primary_keys
    assert (stream_class.__doc__ or "").strip().endswith(".")
    assert operation.reads_only
    if (parent := stream_class.read.parent) is not None:
        assert parent in all_built_in_streams()
    if isinstance(read := stream_class.read, Windows):
        assert stream_class.replication_key
        known = {pair.after for pair in operation.time_filters} | {
            parameter.name for parameter in operation.parameters
        }
        asked = {read.updated_after, *read.also_updated_after}
        assert all(name in known or operation.takes(name) for name in asked)
