"""How a stream is read: a declaration (`Read`), and the `Reader` that carries it out.

A stream declares `read = Windows(...)` or another of the frozen dataclasses of this package. For
each stream of each account, the declaration makes a `Reader`, which keeps the state of reading.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from tap_amazon_sp.amazon.answer_checks import incomplete_answer, not_documented
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer
from tap_amazon_sp.amazon.errors import (
    InvalidRequestError,
    NotFoundError,
    PageTokenRejectedError,
)
from tap_amazon_sp.amazon.retry import PAGE_TOKEN_REFUSED
from tap_amazon_sp.common.json_paths import values_at
from tap_amazon_sp.reading.plan import StreamPlan, plan_of_requests

if TYPE_CHECKING:
    from tap_amazon_sp.reading.counts import Counts
    from tap_amazon_sp.reading.stream import AmazonStream

WARNINGS = "warnings"
"""Where Amazon warns of something beside the records (model `aplusContent_2020-11-01`)."""
MESSAGE = ("code", "message", "details")
"""The properties of a warning."""
MAX_WARNING = 1000
"""Characters of a warning that are logged."""

Parameters = dict[str, Any]
Records = list[dict[str, Any]]


@dataclass
class Page:
    """The records of a page, and Amazon's token for the next one, if there is one."""

    records: Records
    next_token: str | None = None


@dataclass(frozen=True)
class Read(ABC):
    """How a stream is read; the declaration is the same for all accounts."""

    @abstractmethod
    def reader(self, stream: AmazonStream) -> Reader:
        """Return the reader of this stream of this account."""

    @property
    def parent(self) -> type[AmazonStream] | None:
        """The parent stream; None if there is no parent."""
        return None

    @property
    def from_parent(self) -> Mapping[str, str]:
        """Properties added to a record, by dotted path of the value in its parent record."""
        return {}

    @property
    def missing_is_empty(self) -> bool:
        """Whether some requests may find nothing (404)."""
        return False

    @property
    def given_parameters(self) -> frozenset[str]:
        """Names of the parameters that this way of reading sets itself."""
        return frozenset()

    @property
    def takes_ids(self) -> bool:
        """Whether `stream_ids` may name the stream."""
        return False

    @property
    def place_in_parent(self) -> str | None:
        """Dotted path of the records in a parent record; None if they take a request."""
        return None


class ChildRead(Read):
    """How records are read that belong to the records of another stream.

    Its subclasses are dataclasses with these two fields.
    """

    of: type[AmazonStream]
    copied: Mapping[str, str]

    @property
    def parent(self) -> type[AmazonStream]:
        """The parent stream."""
        return self.of

    @property
    def from_parent(self) -> Mapping[str, str]:
        """Properties added to a record, by dotted path of the value in its parent record."""
        return self.copied


class Reader:
    """Reads one stream of one account."""

    def __init__(self, stream: AmazonStream) -> None:
        """Read nothing yet."""
        self.stream = stream
        self.connection = stream.connection
        self.clock = stream.connection.clock
        self.logger = stream.logger
        self._executors: dict[str, ThreadPoolExecutor] = {}
        self._lock = threading.Lock()
        self._warnings: set[str] = set()

    @property
    def properties_looked_at(self) -> frozenset[str] | None:
        """The properties of a record that reading looks at between extracting and writing it.

        None means that reading changes records, or looks at any of their properties.
        """
        return None

    how: ClassVar[str] = "all records"
    """How streams are read in this way, in a few words."""

    def plan(
        self,
        counts: Counts | None = None,  # noqa: ARG002 - for streams whose records can be counted
    ) -> StreamPlan:
        """Return what the stream would read in a run.

        Args:
            counts: Asks Amazon how many records there are; None makes no request.

        Raises:
            SettingsError: The state or a setting is wrong.
            SellingPartnerError: Amazon does not tell how many records there are.
        """
        requests = [*self.requests()] if self.knows_marketplaces else None
        return plan_of_requests(self.how, self.stream.operation, requests)

    @property
    def knows_marketplaces(self) -> bool:
        """Whether the marketplaces of the requests are known without a call."""
        return self.stream.knows_marketplaces

    def begin(self) -> None:
        """Prepare for the run before any stream is read; make no request."""

    def missing_settings(self) -> list[str]:
        """Return the settings without which the stream cannot be read, and that are not given."""
        return []

    def pages(self) -> Iterator[Records]:
        """Yield all records page by page; the caller writes a page before it takes the next."""
        raise NotImplementedError

    def requests(self) -> Iterator[Parameters]:
        """Yield the parameters of each request."""
        return self.stream.requests()

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation until there is no further page."""
        return self.stream.answers(parameters, page_token)

    def extract(self, answer: Answer) -> Records:
        """Return the records in an answer."""
        return self.stream.extract(answer)

    def pages_of(
        self,
        parameters: Parameters,
        parent: Mapping[str, Any] | None = None,
        page_token: str | None = None,
    ) -> Iterator[Page]:
        """Make a request and yield its pages; make pages smaller if Amazon refuses large ones.

        Args:
            parameters: The parameters of the request.
            parent: The record of the parent stream for this request.
            page_token: The page to begin with, if not the first.

        Raises:
            SellingPartnerError: Amazon refused the request, or does not answer.
        """
        stream = self.stream
        try:
            yield from self._pages_of(parameters, parent, page_token)
        except PageTokenRejectedError:
            raise
        except InvalidRequestError as error:
            smaller = stream.smaller_page(parameters)
            if smaller is not None:
                self.logger.info("%s; requesting smaller pages", error)
                yield from self.pages_of(parameters | smaller, parent)
                return
            # Without Amazon's code it may come from something before Amazon.
            left_out = None if error.code is None else stream.left_out(error, parameters)
            if left_out is None:
                raise
            self.logger.warning("Left out %s: %s", left_out, error)

    def _pages_of(
        self, parameters: Parameters, parent: Mapping[str, Any] | None, page_token: str | None
    ) -> Iterator[Page]:
        pipeline = self.stream.pipeline
        request = pipeline.request(parameters, parent or {})
        for answer in self.answers(parameters, page_token):
            pipeline.begin_page(request, answer)
            self._log_warnings(answer)
            self.note_errors(self.stream.operation, answer, parameters)
            records = self.extract(answer)
            self.connection.client.metrics.count_records(self.stream.operation.id, len(records))
            yield Page(pipeline.complete(records, request), answer.next_token)

    def note_errors(self, operation: Operation, answer: Answer, parameters: Parameters) -> None:
        """Let the stream fail in the end, if Amazon says errors beside the records."""
        incomplete = incomplete_answer(operation, answer)
        if incomplete is not None:
            named = {parameter.name for parameter in operation.path_parameters}
            found = [f"{name} {value}" for name, value in parameters.items() if name in named]
            incomplete.subject = ", ".join(found) or None
            self.stream.shortfalls.add(incomplete)

    def _log_warnings(self, answer: Answer) -> None:
        """Log what Amazon warns of beside the records; each warning once."""
        if not isinstance(answer.envelope, dict) or not self.stream.answer_path():
            return
        for warning in values_at(answer.envelope, (WARNINGS,)):
            parts = [warning.get(name) for name in MESSAGE] if isinstance(warning, dict) else []
            text = ": ".join(part for part in parts if isinstance(part, str) and part)
            if text and text not in self._warnings:
                self._warnings.add(text)
                shown = text[:MAX_WARNING]
                self.logger.warning("Amazon warns about '%s': %s", self.stream.label, shown)

    def restarted_pages_of(
        self, parameters: Parameters, parent: Mapping[str, Any] | None = None
    ) -> Iterator[Page]:
        """Make a request as `pages_of` does; make it again if Amazon refuses a page token.

        Raises:
            SellingPartnerError: As `pages_of`.
        """
        for tries in range(1, PAGE_TOKEN_REFUSED.max_tries + 1):
            try:
                yield from self.pages_of(parameters, parent)
            except NotFoundError as error:
                if not (self.stream.missing_is_empty or self.stream.read.missing_is_empty):
                    raise
                self.logger.info("No data: %s", error)
                return
            except PageTokenRejectedError as error:
                if tries == PAGE_TOKEN_REFUSED.max_tries:
                    raise
                self.logger.warning("%s; making the request again", error)
            else:
                return

    @property
    def reads_ahead(self) -> bool:
        """Whether requests may be made before their records are needed."""
        return self.connection.max_parallel_requests > 1 and not self.stream.is_connection_test

    @property
    def executor(self) -> ThreadPoolExecutor:
        """The threads for requests of this stream that are made ahead."""
        return self.more_executor("")

    def more_executor(self, purpose: str) -> ThreadPoolExecutor:
        """Return the separate threads for one kind of work."""
        with self._lock:
            if purpose not in self._executors:
                name = f"{self.stream.name} {purpose}".strip()
                self._executors[purpose] = self.connection.new_executor(name)
            return self._executors[purpose]

    def end(self) -> None:
        """Cancel what is read ahead and give back the threads, however the sync ended."""
        while self._executors:
            self._executors.popitem()[1].shutdown(wait=False, cancel_futures=True)


class ChildReader(Reader):
    """Reads records that belong to the records of another stream; has no state of its own."""

    takes_calls: ClassVar[bool] = True
    """Whether the records of a parent record take calls."""

    def plan_with_parent(self, parent: StreamPlan) -> StreamPlan:
        """Return what the stream would read in a run.

        Args:
            parent: What the parent stream would read.
        """
        raise NotImplementedError

    def required_in_parent(self, path: Sequence[str]) -> tuple[bool, ...]:
        """Return whether the model requires each name on a path into a parent record."""
        of = self.stream.read.parent
        if of is None:
            return (False,) * len(path)
        start = of.answer_path()
        return of.find_operation().requires((*start, *path))[len(start) :]

    def note_missing(self, parent: Mapping[str, Any], what: str) -> None:
        """Let the stream fail in the end: a parent record lacks what leads to its records.

        Args:
            parent: The parent record.
            what: What it lacks, in words that come before `in the record`.
        """
        of = self.stream.read.parent
        key = {name: parent.get(name) for name in (of.primary_keys if of is not None else ())}
        broken = not_documented(f"{what}, in the record {key}")
        self.stream.shortfalls.add(
            broken.error_class(self.stream.operation.id, message=str(broken))
        )

    def records_of(self, parent: Mapping[str, Any]) -> Iterable[dict[str, Any]]:
        """Yield the records that belong to one record of the parent stream."""
        raise NotImplementedError

    def prefetch(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Begin the requests for the parent records that come next."""

    def forget_prefetched(self) -> None:
        """Cancel the requests that have not begun."""

    def needs_of_parent(self, path: str) -> bool:
        """Return whether the stream needs the value at a dotted path in a parent record."""
        name = path.partition(".")[0]
        return any(needed.split(".")[0] == name for needed in self.paths_in_parent())

    def paths_in_parent(self) -> Iterable[str]:
        """Return the dotted paths of the values that the stream takes from a parent record."""
        copied = self.stream.read.from_parent
        return (path for name, path in copied.items() if self.stream.needs(name))

    def end(self) -> None:
        """Cancel what is read ahead and give back the threads, however the sync ended."""
        self.forget_prefetched()
        super().end()
