"""Compares records of orders with the truth, as far as they claim something."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

OWN_PROPERTIES = frozenset({"_source", "_report", "_account"})
IDENTITIES = ("orderItemId", "type", "subtype", "promotionId", "aliasId")


def wrong_claims(record: Mapping[str, Any], truth: Mapping[str, Any]) -> list[str]:
    """Return the places of values in a record of an order that are not those of the truth."""
    marketplace = {"marketplaceId": truth["salesChannel"]["marketplaceId"]}
    return [*_wrong(record, {**truth, **marketplace}, "")]


def _wrong(claimed: Any, truth: Any, place: str) -> Iterator[str]:
    if isinstance(claimed, Mapping):
        if not isinstance(truth, Mapping):
            yield place
            return
        for name, value in claimed.items():
            if name not in OWN_PROPERTIES:
                yield from _wrong(value, truth.get(name), f"{place}.{name}")
    elif isinstance(claimed, list):
        others = {_identity(one): one for one in truth or ()}
        for one in claimed:
            identity = _identity(one)
            yield from _wrong(one, others.get(identity), f"{place}[{identity}]")
    elif claimed != truth:
        yield f"{place}: {claimed!r}, not {truth!r}"


def _identity(one: Any) -> Any:
    if not isinstance(one, Mapping):
        return one
    return next((one[name] for name in IDENTITIES if name in one), None)
