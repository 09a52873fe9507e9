"""The list of Data Kiosk queries: what was asked for, and how it went.

Facts: Amazon's model `dataKiosk_2023-11-15` (a query is kept as long as the field of it that is
kept for the shortest time; without a time the last 90 days are listed).
"""

from __future__ import annotations

from tap_amazon_sp.reading.job_lists import JobStream


class DataKioskQueries(JobStream):
    """Data Kiosk queries of the account: their text and state, not their results."""

    name = "data_kiosk_queries"
    operation_id = "dataKiosk_2023-11-15.getQueries"
    roles = ("Brand Analytics",)
    primary_keys = ("queryId",)


STREAMS = (DataKioskQueries,)
