"""docs/privacy.md names all streams with names or addresses of people."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.singer.schemas import packaged_schema
from tap_amazon_sp.streams import all_built_in_streams

PAGE = (Path(__file__).resolve().parents[1] / "docs" / "privacy.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| `(\w+)` \| (.+) \|$", PAGE, re.MULTILINE)
SENSITIVE = re.compile(r"address_?line_?1|buyer_?name|buyer_?email|recipient_?name", re.IGNORECASE)
OF_COMPANIES = {
    "awd_inbound_orders",
    "awd_inbound_shipment_details",
    "awd_outbound_orders",
    "inbound_plan_details",
    "inbound_plans",
    "inbound_shipments",
    "inbound_shipments_v0",
    "mcf_shipments",
    "order_packages",
    "purchase_orders",
    "purchase_orders_status",
    "seller_account",
    "supply_source_details",
    "supply_sources",
    "vendor_shipments",
    "vendor_transport_labels",
}
"""Streams whose addresses are those of the seller, the vendor or Amazon."""


def property_names(schema: Any) -> set[str]:
    """The names of all properties of a JSON Schema, however deep."""
    if isinstance(schema, list):
        return set().union(*map(property_names, schema))
    if not isinstance(schema, dict):
        return set()
    names = set(schema.get("properties", {}))
    return names.union(*map(property_names, schema.values()))


@pytest.mark.parametrize(("name", "cell"), ROWS, ids=[name for name, _ in ROWS])
def test_the_properties_exist(name: str, cell: str) -> None:
    assert set(re.findall(r"`(\w+)`", cell)) <= set(packaged_schema(name)["properties"])


def test_each_stream_with_names_or_addresses_of_people_is_on_the_page() -> None:
    sensitive = {
        stream.name
        for stream in all_built_in_streams()
        if any(
            map(
                SENSITIVE.search, property_names(packaged_schema(stream.schema_name or stream.name))
            )
        )
    }

    assert {name for name in sensitive - OF_COMPANIES if f"`{name}" not in PAGE} == set()
