"""Jobs of sellers that offer services, such as assembly.

Facts: Amazon's model `services`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.reading.windows import Windows


class ServiceJobs(AmazonStream):
    """Service jobs with their appointments, locations and the names of buyers.

    A job has no time of change: `_window_end` is the end of the time window in which it was found.
    """

    name = "service_jobs"
    operation_id = "services.getServiceJobs"
    roles = ("Professional Services (Restricted)",)
    primary_keys = ("serviceJobId",)
    replication_key = WINDOW_END
    read = Windows("lastUpdatedAfter")
