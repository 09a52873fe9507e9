"""Reading records that take a request for each record of another stream."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tap_amazon_sp.amazon.errors import SellingPartnerError
from tap_amazon_sp.common.json_paths import gaps_at, values_at
from tap_amazon_sp.reading.keys import is_key
from tap_amazon_sp.reading.plan import StreamPlan, further_pages, joined
from tap_amazon_sp.reading.read_ahead import LOOK_AHEAD
from tap_amazon_sp.reading.reader import ChildRead, ChildReader, Parameters, Records

if TYPE_CHECKING:
    from tap_amazon_sp.reading.stream import AmazonStream


WITHOUT = "requests for records of '{}' that have no `{}`"


@dataclass(frozen=True)
class PerParent(ChildRead):
    """Records that take a request for each parent record; requests of a page run side by side.

    Attributes:
        of: The parent stream.
        parameters: Dotted paths into the parent record by the parameter that takes the value.
            If a path leads through a list, each value takes a request.
        copied: Properties added to a record, by dotted path of the value in its parent record.
        where: Returns whether a parent record takes requests at all.
        distinct: Whether many parent records lead to the same request; a run then makes it once.
        page_by_page: Whether one record may have more pages than fit into memory. Then no request
            is made ahead, and each page is written before the next is requested.
    """

    of: type[AmazonStream]
    parameters: Mapping[str, str]
    copied: Mapping[str, str] = field(default_factory=dict)
    where: Callable[[Mapping[str, Any]], bool] | None = None
    distinct: bool = False
    page_by_page: bool = False

    @property
    def given_parameters(self) -> frozenset[str]:
        """Names of the parameters that come from the parent record."""
        return frozenset(self.parameters)

    def reader(self, stream: AmazonStream) -> ChildReader:
        """Return the reader that makes the requests for parent records."""
        return PerParentReader(stream, self)


class PerParentReader(ChildReader):
    """Makes the requests for parent records, ahead of time as far as the settings allow."""

    def __init__(self, stream: AmazonStream, read: PerParent) -> None:
        """Call nothing yet."""
        super().__init__(stream)
        self._read = read
        self._paths = {name: path.split(".") for name, path in read.parameters.items()}
        self._fixed_requests: list[Parameters] | None = None
        self._waiting: dict[str, tuple[Parameters, Mapping[str, Any]]] = {}
        self._prefetched: dict[str, Future[Records]] = {}
        self._called: set[str] = set()

    @property
    def properties_looked_at(self) -> frozenset[str]:
        """No property: records pass as they are."""
        return frozenset()

    def plan_with_parent(self, parent: StreamPlan) -> StreamPlan:
        """Return the calls for as many parent records as Amazon counts, if it was asked."""
        name = self._read.of.name
        how = f"calls for each record of {name}"
        operation = self.stream.operation
        each = len([*self.requests()]) if self.knows_marketplaces else 1
        further = f"{each} for each record of {name}"
        if self._read.distinct:
            different = " and ".join(self._read.parameters)
            further = f"{each} for each different {different} in the records of {name}"
        elif self._read.where is not None:
            further = f"{each} for some records of {name}"
        pages = further_pages(operation, {})
        is_one_each = not self._read.distinct and self._read.where is None
        if parent.records is None or not is_one_each or not self.knows_marketplaces:
            return StreamPlan(how, operation, 0, further=joined(further, pages))
        calls = parent.records * each
        return StreamPlan(how, operation, calls, "about", pages)

    def requests_for(self, parent: Mapping[str, Any]) -> Iterator[Parameters]:
        """Yield the parameters of each request that a parent record takes."""
        if self._read.where is not None and not self._read.where(parent):
            return
        for combination in itertools.product(*self._values_of(parent).values()):
            of_parent = dict(zip(self._paths, combination, strict=True))
            if self._fixed_requests is None:
                self._fixed_requests = list(self.requests())
            for fixed in self._fixed_requests:
                yield fixed | of_parent

    def _values_of(self, parent: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Return the values in a parent record by the parameter that takes them."""
        return {
            name: [value for value in values_at(parent, path) if is_key(value)]
            for name, path in self._paths.items()
        }

    def _note_gaps(self, parent: Mapping[str, Any]) -> None:
        """Note that requests are missing, because the values for them are not what they should be.

        A value that Amazon may leave out takes no request.
        """
        for path in self._paths.values():
            gaps = [*gaps_at(parent, path, self.required_in_parent(path))]
            if not gaps and not all(map(is_key, values_at(parent, path))):
                gaps = [".".join(path)]
            if gaps:
                self.note_missing(parent, f"`{gaps[0]}` is not an id")
                return

    def _count_missing_values(self, parent: Mapping[str, Any]) -> None:
        for name, values in self._values_of(parent).items():
            if not values:
                path = self._read.parameters[name]
                self.stream.omissions.count(WITHOUT.format(self._read.of.name, path))

    def paths_in_parent(self) -> Iterable[str]:
        """Return the dotted paths of the values that the stream takes from a parent record."""
        return (*super().paths_in_parent(), *self._read.parameters.values())

    def prefetch(self, parents: Iterable[Mapping[str, Any]]) -> None:
        """Begin the requests for these parent records, as many at once as the settings allow."""
        if not self.reads_ahead or self._read.page_by_page:
            return
        for parent in parents:
            for parameters in self.requests_for(parent):
                key = _key(parameters)
                if key not in self._prefetched and key not in self._called:
                    self._waiting[key] = parameters, parent
        self._call_ahead()

    def _call_ahead(self) -> None:
        """Begin requests; limit their number, so that a slow reader does not fill the memory."""
        limit = LOOK_AHEAD * self.connection.max_parallel_requests
        while self._waiting and len(self._prefetched) < limit:
            key = next(iter(self._waiting))
            self._prefetched[key] = self.executor.submit(self._call, *self._waiting.pop(key))

    def forget_prefetched(self) -> None:
        """Cancel the requests that have not begun."""
        self._waiting.clear()
        for future in self._prefetched.values():
            future.cancel()
        self._prefetched.clear()

    def records_of(self, parent: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
        """Yield the records of one parent record, from all pages."""
        requests = list(self.requests_for(parent))
        if self._read.where is None or self._read.where(parent):
            short = self.stream.shortfalls.count
            self._note_gaps(parent)
            if not requests and self.stream.shortfalls.count == short:
                self._count_missing_values(parent)
        for parameters in requests:
            try:
                yield from self._records_for(parameters, parent)
            except SellingPartnerError as error:
                if self.stream.is_connection_test or not self.stream.shortfalls.spares(error):
                    raise
            else:
                self.stream.shortfalls.succeeded()

    def _records_for(
        self, parameters: Parameters, parent: Mapping[str, Any]
    ) -> Iterator[dict[str, Any]]:
        if self._read.page_by_page:
            for page in self.restarted_pages_of(parameters, parent):
                yield from page.records
            return
        key = _key(parameters)
        if self._read.distinct:
            if key in self._called:
                return
            self._called.add(key)
        self._waiting.pop(key, None)
        future = self._prefetched.pop(key, None)
        self._call_ahead()
        if future is None:
            yield from self._call(parameters, parent)
            return
        if not future.done():
            # Records that are already here do not wait for the next ones.
            self.stream.batch.flush()
        yield from future.result()

    def _call(self, parameters: Parameters, parent: Mapping[str, Any]) -> Records:
        pages = self.restarted_pages_of(parameters, parent)
        return [record for page in pages for record in page.records]


def _key(parameters: Parameters) -> str:
    return json.dumps(list(parameters.values()), default=str)
