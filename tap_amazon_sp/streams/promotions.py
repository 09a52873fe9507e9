"""Promotions: deals, price discounts, coupons and basket building, and the items that they are for.

Facts: Amazon's model `promotions_2025-12-01`. Amazon does not document the role.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows

YEAR = dt.timedelta(days=365)


class Promotions(AmazonStream):
    """Promotions with their schedules, benefits, budgets and issues, without the items.

    `latestRevision` has an edit that Amazon has not published. Amazon does not say that a promotion
    that begins or ends is modified, so the bookmark does not move past the oldest promotion that is
    not over yet.
    """

    name = "promotions"
    operation_id = "promotions_2025-12-01.searchPromotions"
    primary_keys = ("marketplaceId", "promotionId")
    replication_key = "lastUpdatedDate"
    # By default, Amazon searches published revisions only.
    parameters = {"revision": "ANY", "includedData": ["ISSUES", "CUSTOMER_SEGMENTS"]}
    read = Windows(
        "updateDateAfter",
        # Both "after" and "before" exclude the given moment.
        overlap=dt.timedelta(seconds=1),
        # A request takes ten seconds at Amazon's default rate.
        first=YEAR,
        longest=10 * YEAR,
        unfinished={"status": frozenset({"PROCESSING", "UPCOMING", "RUNNING", "CANCELLING"})},
    )


def _names_items(promotion: Mapping[str, Any]) -> bool:
    """Return whether a promotion has a list of items; those for the whole catalog have none."""
    return all(at_path(promotion, ["selection", name]) for name in ("selectionId", "revisionId"))


class PromotionItems(AmazonStream):
    """Items of each promotion, with their prices and budgets: one request per promotion and page.

    Promotions for the whole catalog have no items. Items that a customer has to buy first, and
    those of an edit that is not published, are not read. `issues` has those of all items
    of the promotion.
    """

    name = "promotion_items"
    operation_id = "promotions_2025-12-01.getSelection"
    primary_keys = ("marketplaceId", "promotionId", "asin", "sku", "occurrence")
    numbered_by = ("asin", "sku")
    parameters = {"includedData": ["ISSUES"]}
    from_request = {"selectionId": "selectionId", "revisionId": "revisionId"}
    from_answer = {"issues": "selection.selectionDetails.issues"}
    # The promotion may have a newer revision since it was listed.
    missing_is_empty = True
    read = PerParent(
        Promotions,
        {
            "promotionId": "promotionId",
            "selectionId": "selection.selectionId",
            "revisionId": "selection.revisionId",
        },
        {"marketplaceId": "marketplaceId", "promotionId": "promotionId"},
        where=_names_items,
    )
