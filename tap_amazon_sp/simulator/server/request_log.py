"""A log of the requests to the SP-API, and counts per operation."""

from __future__ import annotations

from collections import deque
from typing import Any

_MAX_ENTRIES = 200_000
_THROTTLED = 429


class RequestLog:
    """The requests to the SP-API, without those to the token endpoint and for documents."""

    def __init__(self) -> None:
        self._entries: deque[dict[str, Any]] = deque(maxlen=_MAX_ENTRIES)
        self._metrics: dict[str, dict[str, Any]] = {}

    def add(self, entry: dict[str, Any]) -> None:
        """Add a request. Entries hold no secrets: neither tokens nor bodies."""
        self._entries.append(entry)
        counts = self._metrics.setdefault(
            entry["operation"] or "unknown", {"calls": 0, "throttled": 0, "statuses": {}}
        )
        counts["calls"] += 1
        counts["throttled"] += entry["status"] == _THROTTLED
        status = str(entry["status"])
        counts["statuses"][status] = counts["statuses"].get(status, 0) + 1

    def entries(self) -> list[dict[str, Any]]:
        """Return all entries, oldest first."""
        return list(self._entries)

    def metrics(self) -> dict[str, dict[str, Any]]:
        """Return calls, 429s and statuses by operation, since the start or the last `clear`."""
        return {name: dict(counts) for name, counts in self._metrics.items()}

    def clear(self) -> None:
        """Remove all entries and counts."""
        self._entries.clear()
        self._metrics.clear()
