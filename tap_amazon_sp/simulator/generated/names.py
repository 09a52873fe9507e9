"""Names of properties and parameters, and which of them mean the same."""

from __future__ import annotations

import functools
import re

_SAME_THINGS = (
    frozenset({"orderid", "amazonorderid"}),
    frozenset({"sku", "sellersku", "msku", "merchantsku"}),
    frozenset({"itemtype", "itemname"}),
)


@functools.cache
def plain(name: str) -> str:
    """Return a name without case, plural and the word list: `ShipmentIdList` is `shipmentid`."""
    name = name.lower().replace("-", "").replace("_", "")
    name = name.removesuffix("list")
    if name.endswith("statuses"):
        return name[:-2]
    return name[:-1] if name.endswith("s") and not name.endswith(("ss", "status")) else name


def also_called(name: str) -> frozenset[str]:
    """Return all plain names with the same meaning as a plain name."""
    return next((names for names in _SAME_THINGS if name in names), frozenset({name}))


def stem_of(name: str) -> str:
    """Return what a time is about: `postedAfter`, `postedDate`, `PostedBefore` are all `posted`."""
    name = re.sub(r"^(from|to)(?=[A-Z])", "", name)
    name = re.sub(r"(After|Before|Since|Until)$", "", name)
    name = re.sub(r"(Date|DateTime|Time|At|Timestamp)$", "", name)
    return plain(name)
