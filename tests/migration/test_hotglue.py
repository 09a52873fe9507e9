from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.migration.hotglue import bookmarks_of
from tap_amazon_sp.migration.rules import OldBookmark
from tap_amazon_sp.settings.errors import SettingsError
from tests.migration.old_states import HOTGLUE, OLD

US = "ATVPDKIKX0DER"


def test_orders_have_a_bookmark_for_each_marketplace_that_was_finished() -> None:
    us, ca, items, sales = bookmarks_of(HOTGLUE)

    assert us == OldBookmark("orders", OLD, marketplace_id=US)
    assert ca.text is None
    assert ca.marketplace_id == "A2EUQ1WTGCTBG2"
    assert ca.doubt.startswith("it has no `replication_key_value` of marketplace CA")
    assert items == OldBookmark("orderitems")
    assert sales == OldBookmark("sales_traffic_report", "2026-11-20T10:00:00")


def test_a_state_may_be_wrapped_in_a_message() -> None:
    assert [*bookmarks_of({"type": "STATE", "value": HOTGLUE})] == [*bookmarks_of(HOTGLUE)]


def test_a_part_of_something_else_than_a_marketplace_says_so() -> None:
    part = {"context": {"marketplace_id": "XX"}, "replication_key_value": OLD}

    (found,) = bookmarks_of({"bookmarks": {"orders": {"partitions": [part]}}})

    assert found.doubt == "it has a part of 'XX', which is not a marketplace"


@pytest.mark.parametrize("content", [{"Orders": {}}, {"bookmarks": []}, {"bookmarks": {"a": 1}}])
def test_what_is_not_a_state_is_refused(content: Any) -> None:
    with pytest.raises(SettingsError, match="The state"):
        list(bookmarks_of(content))
