from __future__ import annotations

import pytest

from tap_amazon_sp.reading.children import ChildStream
from tap_amazon_sp.reading.declared_schemas import DeclarationError, stream_schema
from tap_amazon_sp.reading.stream import SellingPartnerStream
from tap_amazon_sp.reading.windows import WINDOW_END, WindowedStream
from tap_amazon_sp.streams import all_built_in_streams


class Payouts(WindowedStream):
    """A declaration to be changed by tests."""

    name = "payouts"
    operation_id = "transfers_2024-06-01.listPayouts"
    primary_keys = ("id",)
    replication_key = "creationDate"
    updated_after = "createdAfter"


def test_a_stream_without_a_time_of_its_own_gets_the_end_of_its_window() -> None:
    found = type("Found", (Payouts,), {"replication_key": WINDOW_END})

    assert stream_schema(found)["properties"][WINDOW_END]["format"] == "date-time"


def test_lifted_properties_have_the_type_of_what_they_are_lifted_from() -> None:
    found = type("Found", (Payouts,), {"lifted": {"currency": "amount.currencyCode"}})

    assert stream_schema(found)["properties"]["currency"] == {"type": ["string", "null"]}


@pytest.mark.parametrize(
    ("declared", "mistake"),
    [
        ({"primary_keys": ("ID",)}, "no properties .*ID.*, which are keys"),
        ({"lifted": {"x": "amount.nothing"}}, "there is no 'amount.nothing'"),
        ({"lifted": {"id": "amount.currencyCode"}}, "Amazon has properties .*id.* itself"),
        ({"date_times": ("nothing",)}, "no properties .*nothing"),
    ],
)
def test_a_declaration_that_does_not_fit_amazons_model_is_named(
    declared: dict[str, object], mistake: str
) -> None:
    with pytest.raises(DeclarationError, match=mistake):
        stream_schema(type("Wrong", (Payouts,), declared))


@pytest.mark.parametrize("stream_class", all_built_in_streams(), ids=lambda found: found.__name__)
def test_every_stream_is_declared_wholly(stream_class: type[SellingPartnerStream]) -> None:
    operation = stream_class.find_operation()

    assert stream_class.primary_keys
    assert (stream_class.__doc__ or "").strip().endswith(".")
    assert operation.reads_only
    if issubclass(stream_class, ChildStream):
        assert stream_class.parent_class() in all_built_in_streams()
    if issubclass(stream_class, WindowedStream):
        assert stream_class.replication_key
        known = {pair.after for pair in operation.time_filters} | {
            parameter.name for parameter in operation.parameters
        }
        asked = {stream_class.updated_after, *stream_class.also_updated_after}
        assert all(name in known or operation.takes(name) for name in asked)
