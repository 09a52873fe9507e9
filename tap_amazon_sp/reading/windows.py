"""Reading by time: which parameters select a window, and which rules its reading follows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.common.windows import DAY, Window
from tap_amazon_sp.reading.reader import Parameters, Read, Reader
from tap_amazon_sp.reading.window_reader import WindowReader

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


_NONE = dt.timedelta(0)

Times = Callable[[Operation, str, Window], Parameters]
"""Returns the parameters that select the records of a window.

It takes the operation, the name of the parameter that begins the window, and the window.
"""


@dataclass(frozen=True)
class Windows(Read):
    """A list with a time filter, read window by window with a bookmark.

    Attributes:
        updated_after: The parameter with the beginning of a window; the catalogue has the parameter
            with its end.
        also_updated_after: Further such parameters. Each window takes a request with each of
            them, because one alone misses records.
        requests_repeat: Whether several requests of one window may return the same record; it is
            then written once.
        retention: How long Amazon keeps the records; nothing older is requested.
        kept_since: The first moment that Amazon keeps, by region, if that is not `retention`.
        overlap: How much earlier a request begins, because Amazon's filter excludes its bounds.
        first: Length of the first window.
        shortest: Minimum length of a window, as long as no window fails.
        longest: Maximum length of a window.
        whole_days: Whether windows begin and end at midnight in UTC, except for the last end.
        whole_weeks: Whether the time to read begins and ends on a Monday in UTC.
        request_per_day: Whether each day takes a request. A longer window without any record
            takes only one.
        key_is_filtered: Whether `updated_after` filters by the replication key. If not, reading
            cannot go on at the replication key of a record, only at the beginning of its window.
        unfinished: Values, by property, of records that will still change although their
            replication key will not. The bookmark waits for them, so the next run reads them.
        unfinished_since: The property with the time that the bookmark waits at for such a record;
            by default the replication key.
        restarts_requests: Whether to repeat a whole request if Amazon refuses a page token;
            otherwise a shorter window is read.
        late_by: How late records may still arrive or change in a time that was read: the bookmark
            stays that far behind the present.
        pages_stand_alone: Whether the records of a page do not depend on earlier pages.
        max_results: The maximum number of results that Amazon returns, if there is one; windows
            with more are cut.
        results_total: Dotted path of the number of matching results in each answer.
        times: Returns the parameters of a window, if the catalogue's time filter does not fit.
        variants: Yields further parameters of a window; each takes a request.
    """

    updated_after: str
    also_updated_after: tuple[str, ...] = ()
    requests_repeat: bool = False
    retention: dt.timedelta | None = None
    kept_since: Mapping[str, dt.datetime] = field(default_factory=dict)
    overlap: dt.timedelta = _NONE
    first: dt.timedelta = DAY
    shortest: dt.timedelta = dt.timedelta(hours=1)
    longest: dt.timedelta = dt.timedelta(days=180)
    whole_days: bool = False
    whole_weeks: bool = False
    request_per_day: bool = False
    key_is_filtered: bool = True
    unfinished: Mapping[str, frozenset[str]] = field(default_factory=dict)
    unfinished_since: str | None = None
    restarts_requests: bool = False
    late_by: dt.timedelta = _NONE
    pages_stand_alone: bool = True
    max_results: int | None = None
    results_total: str | None = None
    times: Times | None = None
    variants: Callable[[Window], Iterable[Parameters]] | None = None

    @property
    def given_parameters(self) -> frozenset[str]:
        """Names of the parameters that select a window."""
        return frozenset(filter(None, (self.updated_after, *self.also_updated_after)))

    def reader(self, stream: AmazonStream) -> Reader:
        """Return the reader of the stream."""
        return WindowReader(stream, self)
