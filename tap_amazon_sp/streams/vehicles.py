"""Vehicles in Amazon's catalog, which sellers use to say which parts fit.

Facts: Amazon's model `vehicles_2024-11-01`.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from tap_amazon_sp.common.json_paths import values_at
from tap_amazon_sp.reading.requests import Each
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.singer.schemas import TEXT


class Vehicles(AmazonStream):
    """Cars and motorbikes in each marketplace; removed vehicles have the status `DELETED`.

    `identifierStandard` and `identifier` are the first identifier of a vehicle in alphabetical
    order.
    """

    name = "vehicles"
    operation_id = "vehicles_2024-11-01.getVehicles"
    roles = ("Product Listing",)
    primary_keys = ("marketplaceId", "vehicleType", "identifierStandard", "identifier")
    optional_keys = ("identifierStandard",)
    replication_key = "lastProcessedDate"
    date_times = ("lastProcessedDate",)
    from_request = {"marketplaceId": "marketplaceId", "vehicleType": "vehicleType"}
    each = (Each("vehicleType", ("CAR", "MOTORBIKE")),)
    added_properties = {"identifierStandard": TEXT, "identifier": TEXT}
    read = Windows(
        "updatedAfter",
        # One window: Amazon has no parameter for its end.
        first=dt.timedelta(days=100 * 365),
        longest=dt.timedelta(days=100 * 365),
    )

    def transform(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add the first identifier in alphabetical order: Amazon does not promise any order."""
        identifiers = [
            (str(found.get("standard") or ""), str(found.get("value") or ""))
            for found in values_at(record, ["identifiers"])
        ]
        record["identifierStandard"], record["identifier"] = min(identifiers, default=("", ""))
        return record
