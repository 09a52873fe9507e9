"""Vehicles that Amazon's catalog knows, to tell which parts fit them.

Facts: Amazon's model `vehicles_2024-11-01`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from tap_amazon_sp.reading.declared_schemas import TEXT
from tap_amazon_sp.reading.stream import Parameters, values_at
from tap_amazon_sp.reading.windows import WindowedStream

VEHICLE_TYPES = ("CAR", "MOTORBIKE")


class Vehicles(WindowedStream):
    """Cars and motorbikes of each marketplace; vehicles that were removed have status `DELETED`.

    `identifierStandard` and `identifier` are the first of a vehicle's identifiers by their names.
    """

    name = "vehicles"
    operation_id = "vehicles_2024-11-01.getVehicles"
    roles = ("Product Listing",)
    primary_keys = ("marketplaceId", "vehicleType", "identifierStandard", "identifier")
    replication_key = "lastProcessedDate"
    date_times = ("lastProcessedDate",)
    updated_after = "updatedAfter"
    # One window: Amazon takes no end of it.
    first_window = longest_window = dt.timedelta(days=100 * 365)
    from_request = {"marketplaceId": "marketplaceId", "vehicleType": "vehicleType"}
    added_properties = {"identifierStandard": TEXT, "identifier": TEXT}

    def requests(self) -> Iterator[Parameters]:
        """Ask for each type of vehicle."""
        for parameters in super().requests():
            for vehicle_type in VEHICLE_TYPES:
                yield parameters | {"vehicleType": vehicle_type}

    def prepare(self, record: dict[str, Any]) -> dict[str, Any]:
        """Add one identifier, the same whatever their order, as Amazon promises none."""
        identifiers = [
            (str(found.get("standard") or ""), str(found.get("value") or ""))
            for found in values_at(record, ["identifiers"])
        ]
        record["identifierStandard"], record["identifier"] = min(identifiers, default=("", ""))
        return record


STREAMS = (Vehicles,)
