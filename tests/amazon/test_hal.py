from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.decoding import Answer, records_of
from tap_amazon_sp.amazon.errors import ServiceError
from tap_amazon_sp.amazon.hal import is_hal_list

MESSAGING = "messaging.getMessagingActionsForOrder"
A, B = {"href": "/m/a?x", "name": "a"}, {"href": "/m/b?x", "name": "b"}


def records(body: Any) -> list[dict[str, Any]]:
    return records_of(catalogue.operation(MESSAGING), Answer(body, 200, None))


def test_lists_of_two_operations_are_in_hal() -> None:
    found = {one.id for one in catalogue.operations() if is_hal_list(one.results or ())}

    assert found == {MESSAGING, "solicitations.getSolicitationActionsForOrder"}


def test_resources_that_are_not_embedded_are_their_links() -> None:
    embedded = {"_links": {"self": A}, "payload": {"name": "a"}}

    assert records({"_links": {"actions": [A, B]}}) == [
        {"_links": {"self": A}},
        {"_links": {"self": B}},
    ]
    assert records({"_links": {"actions": [A, B]}, "_embedded": {"actions": [embedded]}}) == [
        embedded,
        {"_links": {"self": B}},
    ]
    assert records({"_links": {"actions": []}}) == []
    assert records({"_embedded": {"actions": [embedded]}}) == [embedded]


@pytest.mark.parametrize("actions", ["x", {"a": 1}, ["x"]])
def test_other_things_in_the_place_of_resources_are_no_answer(actions: Any) -> None:
    with pytest.raises(ServiceError, match="no list of objects"):
        records({"_links": {"actions": [A]}, "_embedded": {"actions": actions}})
