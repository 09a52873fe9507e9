"""Reading lists of jobs: feeds, reports and queries, which do not change after Amazon is done."""

from __future__ import annotations

import datetime as dt

from tap_amazon_sp.jobs.polling import UNFINISHED_STATUSES
from tap_amazon_sp.reading.windows import Windows

_KEPT_FOR = dt.timedelta(days=90)

JOBS = Windows(
    "createdSince",
    retention=_KEPT_FOR,
    # One window: a window takes one request per ten types, for any number of jobs.
    first=_KEPT_FOR,
    longest=_KEPT_FOR,
    unfinished={"processingStatus": UNFINISHED_STATUSES},
)
"""Jobs are filtered by creation; the next run reads unfinished jobs again."""
