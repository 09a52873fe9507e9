from __future__ import annotations

from typing import Any

from tap_amazon_sp.reading.deselection import Deselection, deselected_in, names_of

TEXT: dict[str, Any] = {"type": ["string", "null"]}


def an_object(**properties: Any) -> dict[str, Any]:
    return {"type": ["object", "null"], "properties": properties}


def a_list(**properties: Any) -> dict[str, Any]:
    return {"type": ["array", "null"], "items": an_object(**properties)}


ADDRESS = an_object(city=TEXT, line=TEXT)
ITEM = {"itemId": TEXT, "product": an_object(title=TEXT, price=an_object(amount=TEXT))}
SCHEMA = an_object(
    orderId=TEXT,
    buyer=an_object(name=TEXT, email=TEXT, address=ADDRESS),
    channel=an_object(name=TEXT),
    items=a_list(**ITEM),
)


def left(record: Any, *deselected: tuple[str, ...]) -> tuple[Any, list[tuple[str, ...]]]:
    told: list[tuple[str, ...]] = []
    Deselection(SCHEMA, deselected, told.append).apply(record)
    return record, told


def test_nothing_is_removed_where_nothing_is_deselected() -> None:
    record = {"orderId": "1", "new": 1, "buyer": {"new": 1}}

    assert left(dict(record)) == (record, [])
    assert not Deselection(SCHEMA, ())


def test_what_nobody_declared_goes_with_what_is_deselected_beside_it() -> None:
    buyer = {"name": "A", "email": "b", "mobilePhone": "c", "address": {"city": "X", "new": {}}}
    record = {"orderId": "1", "buyer": buyer, "channel": {"new": 1}}

    written, told = left(record, ("buyer", "email"))

    assert written == {
        "orderId": "1",
        "buyer": {"name": "A", "address": {"city": "X", "new": {}}},
        "channel": {"new": 1},
    }
    assert told == [("buyer", "mobilePhone")]


def test_all_objects_above_are_partly_deselected_as_well() -> None:
    record = {"buyer": {"phone": "c", "address": {"city": "X", "line": "Y", "new": 1}}}

    written, told = left(record, ("buyer", "address", "line"))

    assert written == {"buyer": {"address": {"city": "X"}}}
    assert told == [("buyer", "phone"), ("buyer", "address", "new")]


def test_an_object_may_lose_all_its_properties() -> None:
    record = {"buyer": {"name": "A", "email": "b", "phone": "c", "address": {"city": "d"}}}

    written, _ = left(record, ("buyer", "name"), ("buyer", "email"), ("buyer", "address"))

    assert written == {"buyer": {}}


def test_properties_of_the_items_of_a_list_are_removed() -> None:
    items = [{"itemId": "1", "product": {"title": "T", "new": 1}}, None, 5, {"product": None}]

    written, told = left({"items": items}, ("items", "product", "title"))

    assert written == {"items": [{"itemId": "1", "product": {}}, None, 5, {"product": None}]}
    assert told == [("items", "product", "new")]


def test_values_of_another_type_than_declared_pass() -> None:
    assert left({"buyer": "A"}, ("buyer", "email"))[0] == {"buyer": "A"}
    assert left({"buyer": [[{"email": "b"}]]}, ("buyer", "email"))[0] == {"buyer": [[{}]]}


def test_breadcrumbs_lead_through_lists_in_both_ways() -> None:
    expected = ("items", "product", "title")

    with_items = ["properties", "items", "items", "properties", "product", "properties", "title"]
    without = ["properties", "items", "properties", "product", "properties", "title"]

    assert names_of(with_items) == names_of(without) == expected
    assert names_of(["properties", "properties"]) == ("properties",)
    assert list(deselected_in({(): True, tuple(without): False, ("properties", "a"): True})) == [
        expected
    ]


def test_what_lies_inside_something_deselected_is_not_named_again() -> None:
    deselection = Deselection(SCHEMA, [("buyer", "address", "city"), ("buyer",)])

    assert deselection.deselected == (("buyer",),)


def test_a_property_is_selected_if_it_would_be_written() -> None:
    is_selected = Deselection(SCHEMA, [("buyer", "email"), ("items", "product")]).is_selected

    assert is_selected(("orderId",))
    assert is_selected(("buyer", "name"))
    assert is_selected(("channel", "name"))
    assert not is_selected(("buyer", "email"))
    assert not is_selected(("buyer", "email", "host"))
    assert not is_selected(("buyer", "mobilePhone"))
    assert not is_selected(("items", "product", "title"))
    assert not is_selected(("new",))


def test_records_inside_others_pass_on_what_the_others_have() -> None:
    inner = Deselection(an_object(orderId=TEXT, **ITEM), [("product", "title"), ("orderId",)])

    assert inner.within(SCHEMA, ("items",)) == [("items", "product", "title")]
    assert inner.within(SCHEMA, ("elsewhere",)) == []
