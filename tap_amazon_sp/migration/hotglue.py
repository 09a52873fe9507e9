"""States of hotglue's tap-amazon-seller.

Facts: the repository `hotgluexyz/tap-amazon-seller` (`streams.py`, `replenishment_streams.py`,
`client.py`) and the Singer SDK that it uses (`streams/core.py`, `helpers/_state.py`): a state is
`bookmarks` by stream. `orders` has a part for each marketplace, whose code is `marketplace_id`. The
bookmark of a part is written when all its records are; until then, `progress_markers` have the
latest time of records that come in any order.

Reports are requested for one marketplace. Their bookmark is the end of the requested time, by the
clock of the machine and without a zone. For sales and traffic, that is up to 14 days after the run:
then the SDK keeps the beginning of the run instead (its signpost).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.migration.rules import OldBookmark, Rule
from tap_amazon_sp.settings.state_input import BOOKMARKS, CONTEXT, PARTITIONS, read_state

VALUE = "replication_key_value"

_OTHER_PERIODS = (
    "the old stream has days of single marketplaces, and the stream here has other periods"
)

RULES: Mapping[str, Rule] = {
    "orders": Rule(stream="orders", cursor="LastUpdateDate", of_one_marketplace=False),
    "orderitems": Rule(stream="orders", covers=("order_items",)),
    "orderbuyerinfo": Rule(stream="orders", covers=("order_buyer_info",)),
    "orderaddress": Rule(stream="orders", covers=("order_address",)),
    "sales_traffic_report": Rule(
        report_type="GET_SALES_AND_TRAFFIC_REPORT",
        options={"dateGranularity": "DAY"},
        cursor="report_end_date",
        whole_days=True,
        local_times=True,
    ),
    "fba_inventory_ledger_detailed": Rule(
        report_type="GET_LEDGER_DETAIL_VIEW_DATA",
        options={"eventType": "Adjustments"},
        cursor="report_end_date",
        whole_days=True,
        local_times=True,
    ),
    "fba_customer_shipment_sales": Rule(
        report_type="GET_FBA_FULFILLMENT_CUSTOMER_SHIPMENT_SALES_DATA",
        cursor="shipment-date",
        whole_days=True,
        local_times=True,
    ),
    "replenishment_daily_metrics": Rule(stream="replenishment_metrics", reason=_OTHER_PERIODS),
    "replenishment_offer_metrics": Rule(
        stream="replenishment_offer_metrics", reason=_OTHER_PERIODS
    ),
}
"""The streams that have a bookmark, and those that are read with them. The tap reads all others
whole in each run."""

WITH_ORDERS = frozenset(name for name, rule in RULES.items() if rule.covers)


def bookmarks_of(content: Any) -> Iterator[OldBookmark]:
    """Yield the bookmarks in a state.

    Raises:
        SettingsError: It is not a Singer state.
    """
    for name, bookmark in read_state(content).get(BOOKMARKS, {}).items():
        if name in WITH_ORDERS:
            yield OldBookmark(name)
            continue
        parts = bookmark.get(PARTITIONS) or ()
        for part in parts:
            yield _in_part(name, part)
        if not parts and (name in RULES or bookmark):
            yield _in_bookmark(name, bookmark)


def _in_part(name: str, part: Mapping[str, Any]) -> OldBookmark:
    code = part[CONTEXT].get("marketplace_id")
    try:
        marketplace_id = find_marketplace(str(code)).id
    except ValueError:
        shown = f"{code!r:.40}"
        return OldBookmark(name, doubt=f"it has a part of {shown}, which is not a marketplace")
    return _in_bookmark(name, part, str(code), marketplace_id)


def _in_bookmark(
    name: str, bookmark: Mapping[str, Any], code: str = "", marketplace_id: str | None = None
) -> OldBookmark:
    if bookmark.get(VALUE) is not None:
        return OldBookmark.at(name, bookmark[VALUE], marketplace_id)
    of = f" of marketplace {code}" if code else ""
    doubt = f"it has no `{VALUE}`{of}: no run of the old connector has found records and ended"
    if "progress_markers" in bookmark:
        doubt += ", and its `progress_markers` do not say what is missing"
    return OldBookmark(name, doubt=doubt, marketplace_id=marketplace_id)
