"""What customers say in reviews and returns: topics and trends of items and browse nodes.

Facts: Amazon's model `customerFeedback_2024-06-01` (204 where Amazon has nothing to say; review
topics come by mentions or by their effect on the star rating, ten good and ten bad of each).
"""

from __future__ import annotations

from collections.abc import Sequence

from tap_amazon_sp.reading.per_item import PerItem
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.requests import Each
from tap_amazon_sp.reading.stream import AmazonStream

ROLES = ("Brand Analytics",)
BOTH_ORDERS = (Each("sortBy", ("MENTIONS", "STAR_RATING_IMPACT")),)
"""Each order has its own ten topics."""


class ItemReviewTopics(AmazonStream):
    """Topics of an item's reviews, good and bad, by mentions and by effect on the rating.

    One record per ASIN, marketplace and order (`sortBy`), with the topics in lists: two calls per
    ASIN. It must be a child's ASIN. Snippets of reviews are in it.
    """

    name = "item_review_topics"
    operation_id = "customerFeedback_2024-06-01.getItemReviewTopics"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin", "sortBy")
    from_request = {"sortBy": "sortBy"}
    each = BOTH_ORDERS
    read = PerItem()


class ItemReviewTrends(AmazonStream):
    """How often topics came up in an item's reviews in each of the last six months.

    One record per ASIN and marketplace, with the topics in lists.
    """

    name = "item_review_trends"
    operation_id = "customerFeedback_2024-06-01.getItemReviewTrends"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin")
    read = PerItem()


class ItemBrowseNodes(AmazonStream):
    """The browse node that each item belongs to: a call per ASIN."""

    name = "item_browse_nodes"
    operation_id = "customerFeedback_2024-06-01.getItemBrowseNode"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin")
    from_request = {"marketplaceId": "marketplaceId", "asin": "asin"}
    read = PerItem()


class _BrowseNodeStream(AmazonStream):
    """What customers say in one browse node."""

    roles = ROLES
    primary_keys: Sequence[str] = ("marketplaceId", "browseNodeId")
    missing_is_empty = True
    read = PerParent(
        ItemBrowseNodes,
        {"browseNodeId": "browseNodeId", "marketplaceId": "marketplaceId"},
        # Most of a seller's items are in a few browse nodes.
        distinct=True,
    )


class BrowseNodeReturnTopics(_BrowseNodeStream):
    """What customers give as reasons for returns in the browse nodes of the items."""

    name = "browse_node_return_topics"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReturnTopics"


class BrowseNodeReturnTrends(_BrowseNodeStream):
    """How reasons for returns changed over time in the browse nodes of the items."""

    name = "browse_node_return_trends"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReturnTrends"


class BrowseNodeReviewTopics(_BrowseNodeStream):
    """Topics of reviews in the browse nodes of the items, by mentions and by effect on the rating.

    One record per browse node, marketplace and order (`sortBy`): two calls per browse node.
    """

    name = "browse_node_review_topics"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReviewTopics"
    primary_keys = ("marketplaceId", "browseNodeId", "sortBy")
    from_request = {"sortBy": "sortBy"}
    each = BOTH_ORDERS


class BrowseNodeReviewTrends(_BrowseNodeStream):
    """How often topics came up in reviews in the browse nodes of the items, over six months."""

    name = "browse_node_review_trends"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReviewTrends"
