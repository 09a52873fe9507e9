"""Topics and trends in customers' reviews and returns, by item and by browse node.

Facts: Amazon's model `customerFeedback_2024-06-01` (Amazon answers 204 where it has no
feedback; review topics are sorted by mentions or by their effect on the star rating, ten positive
and ten negative topics for each order).
"""

from __future__ import annotations

from collections.abc import Sequence

from tap_amazon_sp.reading.per_item import PerItem
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.requests import Each
from tap_amazon_sp.reading.stream import AmazonStream

ROLES = ("Brand Analytics",)
BOTH_ORDERS = (Each("sortBy", ("MENTIONS", "STAR_RATING_IMPACT")),)
"""Each sort order has ten topics of its own."""


class ItemReviewTopics(AmazonStream):
    """Positive and negative topics of an item's reviews, by mentions and by effect on the rating.

    One record per ASIN, marketplace and sort order (`sortBy`), with the topics in lists: two
    requests per ASIN. It must be the ASIN of a child item. Records contain snippets of reviews.
    """

    name = "item_review_topics"
    operation_id = "customerFeedback_2024-06-01.getItemReviewTopics"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin", "sortBy")
    from_request = {"sortBy": "sortBy"}
    each = BOTH_ORDERS
    read = PerItem()


class ItemReviewTrends(AmazonStream):
    """How often topics occurred in an item's reviews in each of the last six months.

    One record per ASIN and marketplace, with the topics in lists.
    """

    name = "item_review_trends"
    operation_id = "customerFeedback_2024-06-01.getItemReviewTrends"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin")
    read = PerItem()


class ItemBrowseNodes(AmazonStream):
    """The browse node that each item belongs to: one request per ASIN."""

    name = "item_browse_nodes"
    operation_id = "customerFeedback_2024-06-01.getItemBrowseNode"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin")
    from_request = {"marketplaceId": "marketplaceId", "asin": "asin"}
    read = PerItem()


class _BrowseNodeStream(AmazonStream):
    """Feedback of customers in one browse node."""

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
    """Reasons that customers give for returns, in the browse nodes of the items."""

    name = "browse_node_return_topics"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReturnTopics"


class BrowseNodeReturnTrends(_BrowseNodeStream):
    """How the reasons for returns changed over time, in the browse nodes of the items."""

    name = "browse_node_return_trends"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReturnTrends"


class BrowseNodeReviewTopics(_BrowseNodeStream):
    """Topics of reviews in the browse nodes of the items, by mentions and by effect on the rating.

    One record per browse node, marketplace and sort order (`sortBy`): two requests per browse node.
    """

    name = "browse_node_review_topics"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReviewTopics"
    primary_keys = ("marketplaceId", "browseNodeId", "sortBy")
    from_request = {"sortBy": "sortBy"}
    each = BOTH_ORDERS


class BrowseNodeReviewTrends(_BrowseNodeStream):
    """How often topics occurred in reviews in the browse nodes of the items, over six months."""

    name = "browse_node_review_trends"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReviewTrends"
