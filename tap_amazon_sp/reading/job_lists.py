"""Reading lists of jobs: feeds, reports and queries that Amazon works on, then done for good."""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.jobs.polling import UNFINISHED_STATUSES
from tap_amazon_sp.reading.windows import Windows

_KEPT_FOR = dt.timedelta(days=90)

JOBS = Windows(
    "createdSince",
    retention=_KEPT_FOR,
    # One window: each takes a call per ten types, however many jobs it holds.
    first=_KEPT_FOR,
    longest=_KEPT_FOR,
    unfinished={"processingStatus": UNFINISHED_STATUSES},
)
"""Jobs are found by creation; those still running are read again by the next run."""
