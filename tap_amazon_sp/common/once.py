"""Things that are logged once, though many threads find them."""

from __future__ import annotations

import threading
from collections.abc import Hashable


class Once:
    """Remembers what was logged. It may be used from many threads."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._lock = threading.Lock()
        self._told: set[Hashable] = set()

    def is_first(self, what: Hashable) -> bool:
        """Return whether this is asked for the first time."""
        with self._lock:
            is_first = what not in self._told
            self._told.add(what)
        return is_first
