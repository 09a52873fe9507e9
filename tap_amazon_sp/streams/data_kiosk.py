"""The list of Data Kiosk queries and their status.

Facts: Amazon's model `dataKiosk_2023-11-15` (each field has a retention time, and Amazon keeps a
query for the shortest one among the fields that it names; without a time filter, Amazon lists the
last 90 days).
"""

from __future__ import annotations

from tap_amazon_sp.reading.job_lists import JOBS
from tap_amazon_sp.reading.stream import AmazonStream


class DataKioskQueries(AmazonStream):
    """Data Kiosk queries of the account: text and status, without the results."""

    name = "data_kiosk_queries"
    operation_id = "dataKiosk_2023-11-15.getQueries"
    roles = ("Brand Analytics",)
    primary_keys = ("queryId",)
    replication_key = "createdTime"
    read = JOBS
