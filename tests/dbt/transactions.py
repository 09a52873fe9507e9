"""Transactions made by hand, for shapes that the simulator does not send."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]

US = "ATVPDKIKX0DER"


def money(amount: float | None, currency: str = "USD") -> dict[str, Any] | None:
    """Return an amount as Amazon writes it."""
    return None if amount is None else {"currencyCode": currency, "currencyAmount": amount}


def breakdown(name: str, amount: float | None, *inside: Node, currency: str = "USD") -> Node:
    """Return a breakdown; without others inside, Amazon sends null."""
    return {
        "breakdownType": name,
        "breakdownAmount": money(amount, currency),
        "breakdowns": list(inside) or None,
    }


def item(sku: str, amount: float | None, *breakdowns: Node, quantity: int = 1) -> Node:
    """Return an item of a transaction."""
    return {
        "totalAmount": money(amount),
        "breakdowns": list(breakdowns) or None,
        "relatedIdentifiers": [
            {
                "itemRelatedIdentifierName": "ORDER_ADJUSTMENT_ITEM_ID",
                "itemRelatedIdentifierValue": f"item of {sku}",
            }
        ],
        "contexts": [
            {"contextType": "AmazonPayContext", "storeName": "a store"},
            {"contextType": "ProductContext", "sku": sku, "quantityShipped": quantity},
        ],
    }


def related(**identifiers: str) -> Sequence[Node]:
    """Return related identifiers by name, as `ORDER_ID`."""
    return [
        {"relatedIdentifierName": name, "relatedIdentifierValue": value}
        for name, value in identifiers.items()
    ]


def transaction(transaction_id: str, kind: str, total: float | None, **fields: Any) -> Node:
    """Return a transaction; `fields` are those that differ from the usual."""
    return {
        "_account": "one",
        "sellingPartnerId": "A1SELLER",
        "transactionId": transaction_id,
        "transactionType": kind,
        "transactionStatus": "RELEASED",
        "description": None,
        "postedDate": "2026-08-01T12:00:00Z",
        "totalAmount": money(total),
        "marketplaceDetails": {"marketplaceId": US, "marketplaceName": "Amazon.com"},
        "relatedIdentifiers": None,
        "items": None,
        "breakdowns": None,
        "contexts": None,
        **fields,
    }


def messages(schema: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> str:
    """Return the output of a tap with accounts.

    Args:
        schema: The SCHEMA message of the stream `financial_transactions`.
        records: The records.
    """
    properties = {"_account": {"type": ["string"]}, **schema["schema"]["properties"]}
    given = {
        **schema,
        "schema": {**schema["schema"], "properties": properties},
        "key_properties": ["_account", *schema["key_properties"]],
    }
    found = [
        given,
        *({"type": "RECORD", "stream": schema["stream"], "record": each} for each in records),
    ]
    return "".join(json.dumps(each) + "\n" for each in found)
