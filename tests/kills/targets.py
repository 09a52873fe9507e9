"""What a target has after runs that were ended, if it is killed itself now and then.

A target writes records some time after it read them, and passes on a STATE once all records before
it are written. One that is killed has some of the records, and has passed on an earlier STATE than
the tap wrote: the next run begins there.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from typing import Any

from tap_amazon_sp.common.timestamps import parse_timestamp

Key = tuple[str, ...]
"""The name of a stream, and what identifies a record of it."""


class Target:
    """A target that keeps the last record with each key.

    Attributes:
        rows: The records by key.
        state: The last STATE that it passed on.
        times: How often each record was written.
        stale: Keys of records that are older than the record they replaced.
    """

    def __init__(self, version: dict[str, str]) -> None:
        """Begin empty.

        Args:
            version: By stream, the property with the time of a record's last change. Records of
                other streams never become stale.
        """
        self.rows: dict[Key, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}
        self.times: Counter[Key] = Counter()
        self.stale: list[Key] = []
        self._version = version
        self._keys: dict[str, list[str]] = {}

    def take(
        self, messages: Sequence[dict[str, Any]], *, killed_by: random.Random | None = None
    ) -> int:
        """Take in what a run wrote.

        Args:
            messages: Its messages.
            killed_by: Who chooses at which message the target is killed, and how many of the
                records before it are written; None if it lives.

        Returns:
            How many records it lost.
        """
        read = written = len(messages)
        if killed_by is not None:
            read = killed_by.randint(0, len(messages))
            written = killed_by.randint(self._end_of_state(messages[:read]), read)
        lost = 0
        for place, message in enumerate(messages):
            if message["type"] == "SCHEMA":
                self._keys[message["stream"]] = message["key_properties"]
            elif message["type"] == "STATE":
                if place < read:
                    self.state = message["value"]
            elif place < written:
                self._write(message["stream"], message["record"])
            else:
                lost += 1
        return lost

    def of_stream(self, stream: str) -> dict[Key, dict[str, Any]]:
        """Return the records of a stream by what identifies them."""
        return {key[1:]: record for key, record in self.rows.items() if key[0] == stream}

    @staticmethod
    def _end_of_state(messages: Sequence[dict[str, Any]]) -> int:
        """Return how many of the messages are written once the last STATE is passed on."""
        places = (place for place, one in enumerate(messages) if one["type"] == "STATE")
        return max(places, default=-1) + 1

    def _write(self, stream: str, record: dict[str, Any]) -> None:
        key = (stream, *(str(record[name]) for name in self._keys[stream]))
        name = self._version.get(stream)
        before = self.rows.get(key)
        if name is not None and before is not None:
            old, new = parse_timestamp(before[name]), parse_timestamp(record[name])
            if new < old:
                self.stale.append(key)
        self.rows[key] = record
        self.times[key] += 1
