from __future__ import annotations

import pytest

from tap_amazon_sp.common.similar_names import close_to


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("ordres", ": did you mean `orders`?"),
        ("INVENTORIES", ": did you mean `inventory`?"),
        ("order", ": did you mean `orders` or `Order_Items`?"),
        ("xyz", ""),
        ("items", ": did you mean `Order_Items`?"),
    ],
)
def test_similar_names_are_asked_for_in_any_case(name: str, hint: str) -> None:
    assert close_to(name, ["orders", "Order_Items", "inventory"]) == hint


def test_nothing_is_similar_if_nothing_is_known() -> None:
    assert close_to("orders", []) == ""
