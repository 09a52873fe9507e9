"""Log records of HTTP libraries, without the secrets in them.

urllib3 logs addresses: at WARNING if it cannot parse the headers of an answer, and at DEBUG for
each request. A presigned address is all that it takes to download a document. botocore logs at
DEBUG what it signs, with access tokens and keys. A user may turn these messages on with a logging
configuration, so it is not enough to set a level: each record is cleaned when it is made.
"""

from __future__ import annotations

import logging
import re
import threading
from typing import Any

_LIBRARIES = frozenset(
    {"aiobotocore", "boto3", "botocore", "fsspec", "requests", "s3fs", "s3transfer", "urllib3"}
)
_SAFE_WHEN_CLEANED = "urllib3"
_QUERY = re.compile(r"\?[^\s\"'<>]+")
_HIDDEN = "A message that may contain secrets"

_lock = threading.Lock()


def hide_secrets() -> None:
    """From now on, clean all records of HTTP libraries when they are made; may be called again."""
    with _lock:
        make = logging.getLogRecordFactory()
        if not isinstance(make, _CleanRecords):
            logging.setLogRecordFactory(_CleanRecords(make))


class _CleanRecords:
    """Makes log records as another factory does, and cleans those of HTTP libraries."""

    def __init__(self, make: Any) -> None:
        """Keep the factory that makes the records."""
        self._make = make

    def __call__(self, *arguments: Any, **options: Any) -> logging.LogRecord:
        """Return a record."""
        record: logging.LogRecord = self._make(*arguments, **options)
        library = record.name.partition(".")[0]
        if library in _LIBRARIES:
            _clean(record, is_safe=library == _SAFE_WHEN_CLEANED)
        return record


def _clean(record: logging.LogRecord, *, is_safe: bool) -> None:
    """Remove queries of addresses, details of exceptions, and what botocore says at DEBUG."""
    if is_safe or record.levelno >= logging.WARNING:
        text = _QUERY.sub("?***", record.getMessage())
        if record.exc_info and record.exc_info[0] is not None:
            # An exception's text may contain an address.
            text += f" ({record.exc_info[0].__name__})"
        record.msg = text
    else:
        record.msg = _HIDDEN
    record.args, record.exc_info, record.exc_text = None, None, None
