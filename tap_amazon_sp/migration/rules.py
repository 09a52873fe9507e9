"""What the states of other connectors say: how each of their streams is read here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dateutil.parser import isoparse

from tap_amazon_sp.common.timestamps import EPOCH, parse_timestamp
from tap_amazon_sp.common.windows import start_of_day

LARGEST_OFFSET = dt.timedelta(hours=14)
"""How far the clocks of a place may be ahead of UTC (time zone database of IANA: Kiribati)."""


@dataclass(frozen=True)
class Rule:
    """What the bookmark of one stream of another connector says.

    Attributes:
        stream: The built-in stream that has the bookmark here.
        report_type: The type of report whose streams have it here, instead of a built-in one.
        record_path: The array of the report that the old stream has; None if it has all.
        options: Options with which reports were requested. An entry with other options has rows
            that the old stream does not have.
        covers: Streams that were read up to the bookmark; by default those that have it.
        cursor: The name of the time in the old state.
        whole_days: Whether only the days before the bookmark were surely over when they were read.
        local_times: Whether a time without a zone is one of the machine that ran the connector.
        of_one_marketplace: Whether the old stream has the data of one marketplace.
        reason: Why the bookmark cannot be converted; None if it can.
    """

    stream: str | None = None
    report_type: str | None = None
    record_path: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    covers: tuple[str, ...] = ()
    cursor: str = ""
    whole_days: bool = False
    local_times: bool = False
    of_one_marketplace: bool = True
    reason: str | None = None

    def read_to(self, text: str) -> dt.datetime:
        """Return the time up to which everything was surely read.

        Args:
            text: The bookmark, as it is in the old state.

        Raises:
            TypeError, ValueError: It is not an ISO 8601 date or time.
        """
        moment = max(parse_timestamp(text), EPOCH + LARGEST_OFFSET)
        if self.local_times and isoparse(text).tzinfo is None:
            moment -= LARGEST_OFFSET
        return start_of_day(moment) if self.whole_days else moment


@dataclass(frozen=True)
class OldBookmark:
    """The bookmark of one stream, or of one marketplace of it, in the state of another connector.

    Attributes:
        stream: The name of the stream there.
        text: The time that it says, as it is written; None if it says none.
        doubt: Why there is none.
        marketplace_id: The marketplace; None if the state does not name it.
        earlier: How much earlier than the time the old connector itself would read again.
    """

    stream: str
    text: str | None = None
    doubt: str = ""
    marketplace_id: str | None = None
    earlier: dt.timedelta = dt.timedelta(0)

    @property
    def says_something(self) -> bool:
        """Whether it has a time, or a reason why it has none."""
        return self.text is not None or bool(self.doubt)

    @classmethod
    def at(cls, stream: str, value: Any, marketplace_id: str | None = None) -> OldBookmark:
        """Return a bookmark with a value; one that is not text is not a time."""
        if isinstance(value, str):
            return cls(stream, value, marketplace_id=marketplace_id)
        return cls(stream, doubt="its bookmark is not a time", marketplace_id=marketplace_id)
