"""What is not written although Amazon has it: counted, and logged once for each stream."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterable

_SHOWN = 10


class Omissions:
    """Counts what one stream of one account leaves out in a run, by kind."""

    def __init__(self, logger: logging.Logger, label: str) -> None:
        """Count nothing yet.

        Args:
            logger: The log of the stream.
            label: The name of the stream in the log.
        """
        self._logger = logger
        self._label = label
        self._counts: dict[str, Counter[str]] = {}
        # Requests run in several threads.
        self._lock = threading.Lock()

    def count(self, kind: str, of: str = "", *, number: int = 1) -> None:
        """Count things that are left out.

        Args:
            kind: What they are, in the plural, and why they are left out.
            of: Which of several groups of this kind they belong to, such as a marketplace.
            number: How many there are.
        """
        if number:
            with self._lock:
                self._counts.setdefault(kind, Counter())[of] += number

    def name(self, kind: str, names: Iterable[str]) -> None:
        """Note things that are left out by their names; each of them counts once."""
        for one in names:
            with self._lock:
                self._counts.setdefault(kind, Counter())[one] = 1

    def log(self) -> None:
        """Log a line for each kind, and forget what was counted."""
        with self._lock:
            counts, self._counts = self._counts, {}
        for kind, numbers in counts.items():
            groups = [
                of if number == 1 else f"{of}: {number:,}"
                for of, number in numbers.most_common()
                if of
            ]
            shown = ", ".join(groups[:_SHOWN]) + (", …" if len(groups) > _SHOWN else "")
            self._logger.info(
                "Left out of '%s': %s: %s%s",
                self._label,
                kind,
                f"{numbers.total():,}",
                f" ({shown})" if shown else "",
            )
