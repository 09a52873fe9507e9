"""Jobs of sellers that offer services, such as assembly.

Facts: Amazon's model `services`.
"""

from __future__ import annotations

from tap_amazon_sp.reading.windows import WINDOW_END, WindowedStream


class ServiceJobs(WindowedStream):
    """Service jobs with their appointments, places and buyers, who are named.

    A job does not say when it changed: `_window_end` is the end of the time it was found in.
    """

    name = "service_jobs"
    operation_id = "services.getServiceJobs"
    roles = ("Professional Services (Restricted)",)
    primary_keys = ("serviceJobId",)
    replication_key = WINDOW_END
    updated_after = "lastUpdatedAfter"


STREAMS = (ServiceJobs,)
