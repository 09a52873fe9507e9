"""What customers say in reviews and returns: topics and trends of items and browse nodes.

Facts: Amazon's model `customerFeedback_2024-06-01` (204 where Amazon has nothing to say; review
topics come by mentions or by their effect on the star rating, ten good and ten bad of each).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.items import ItemsStream
from tap_amazon_sp.reading.stream import Parameters, SellingPartnerStream

ROLES = ("Brand Analytics",)
ORDERS = ("MENTIONS", "STAR_RATING_IMPACT")


class _TopicsStream(SellingPartnerStream):
    """Asked for in both orders, as each has its own ten topics."""

    from_request = {"sortBy": "sortBy"}

    def requests(self) -> Iterator[Parameters]:
        for parameters in super().requests():
            for order in ORDERS:
                yield parameters | {"sortBy": order}


class ItemReviewTopics(_TopicsStream, ItemsStream):
    """Topics of an item's reviews, good and bad, by mentions and by effect on the rating.

    One record per ASIN, marketplace and order (`sortBy`), with the topics in lists: two calls per
    ASIN. It must be a child's ASIN. Snippets of reviews are in it.
    """

    name = "item_review_topics"
    operation_id = "customerFeedback_2024-06-01.getItemReviewTopics"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin", "sortBy")


class ItemReviewTrends(ItemsStream):
    """How often topics came up in an item's reviews in each of the last six months.

    One record per ASIN and marketplace, with the topics in lists.
    """

    name = "item_review_trends"
    operation_id = "customerFeedback_2024-06-01.getItemReviewTrends"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin")


class ItemBrowseNodes(ItemsStream):
    """The browse node that each item belongs to: a call per ASIN."""

    name = "item_browse_nodes"
    operation_id = "customerFeedback_2024-06-01.getItemBrowseNode"
    roles = ROLES
    primary_keys = ("marketplaceId", "asin")
    from_request = {"marketplaceId": "marketplaceId", "asin": "asin"}


class _BrowseNodeStream(CalledChildStream):
    roles = ROLES
    parent_stream_type = ItemBrowseNodes
    primary_keys: Sequence[str] = ("marketplaceId", "browseNodeId")
    parameters_from_parent = {"browseNodeId": "browseNodeId", "marketplaceId": "marketplaceId"}
    # Most of a seller's items are in a few browse nodes.
    distinct_calls = True
    missing_is_empty = True


class BrowseNodeReturnTopics(_BrowseNodeStream):
    """What customers give as reasons for returns in the browse nodes of the items."""

    name = "browse_node_return_topics"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReturnTopics"


class BrowseNodeReturnTrends(_BrowseNodeStream):
    """How reasons for returns changed over time in the browse nodes of the items."""

    name = "browse_node_return_trends"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReturnTrends"


class BrowseNodeReviewTopics(_TopicsStream, _BrowseNodeStream):
    """Topics of reviews in the browse nodes of the items, by mentions and by effect on the rating.

    One record per browse node, marketplace and order (`sortBy`): two calls per browse node.
    """

    name = "browse_node_review_topics"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReviewTopics"
    primary_keys = ("marketplaceId", "browseNodeId", "sortBy")


class BrowseNodeReviewTrends(_BrowseNodeStream):
    """How often topics came up in reviews in the browse nodes of the items, over six months."""

    name = "browse_node_review_trends"
    operation_id = "customerFeedback_2024-06-01.getBrowseNodeReviewTrends"


STREAMS = (
    ItemReviewTopics,
    ItemReviewTrends,
    ItemBrowseNodes,
    BrowseNodeReturnTopics,
    BrowseNodeReturnTrends,
    BrowseNodeReviewTopics,
    BrowseNodeReviewTrends,
)
