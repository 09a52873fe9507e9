"""Streams of `custom_streams`: any operation by its name, any address by its path.

Each entry becomes a class of its own on top of the bases of the built-in streams.
"""

from __future__ import annotations

import datetime as dt
import difflib
import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar

from tap_amazon_sp.amazon.catalogue import Operation, Paging
from tap_amazon_sp.amazon.client import BODY, Answer, at_path, records_of
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.amazon.model_types import Schema, record_schema
from tap_amazon_sp.amazon.paths import PLACEHOLDER, operation_of_path, paging_in
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.children import CalledChildStream
from tap_amazon_sp.reading.declared_schemas import TEXT, TIME, parameter_schema, stream_schema
from tap_amazon_sp.reading.inferred import InferredStream
from tap_amazon_sp.reading.read_ahead import side_by_side
from tap_amazon_sp.reading.record_places import RecordPlace, possible_paths
from tap_amazon_sp.reading.snapshots import SnapshotStream
from tap_amazon_sp.reading.stream import Page, Parameters, SellingPartnerStream, chunks
from tap_amazon_sp.reading.window_plan import Window
from tap_amazon_sp.reading.windows import WINDOW_END, WindowedStream
from tap_amazon_sp.settings.custom_streams import (
    LONGEST_WINDOWS,
    CustomStreamSettings,
    ParentSettings,
    ResourceSettings,
    custom_streams,
    holds_times,
)
from tap_amazon_sp.settings.schema import SettingsError
from tap_amazon_sp.singer.inference import ANY_OBJECT

RESULTS = "results"
"""The property that holds the records of a page, with `emit: page`."""

_LIMITS_OF_WINDOWS = (
    "retention",
    "overlap",
    "first_window",
    "shortest_window",
    "longest_window",
    "late_by",
    "most_results",
    "results_total",
)


def custom_stream_classes(
    settings: Mapping[str, Any], built_in: Iterable[type[SellingPartnerStream]]
) -> list[type[SellingPartnerStream]]:
    """Return a class for each entry of `custom_streams`.

    Args:
        settings: Of the tap, checked.
        built_in: The classes of the built-in streams: possible parents, and what is known about
            the operations they call.
    """
    built_in = list(built_in)
    classes: dict[str, type[SellingPartnerStream]] = {found.name: found for found in built_in}
    by_operation = {found.operation_id: found for found in reversed(built_in)}
    waiting = custom_streams(settings)
    own: list[type[SellingPartnerStream]] = []
    while waiting:
        # Parents first: they may be custom streams, too.
        ready = [one for one in waiting if one.parent is None or one.parent.stream in classes]
        if not ready:
            names = ", ".join(str(one.parent and one.parent.stream) for one in waiting)
            message = f"`custom_streams`: there is no stream {names} to be a parent"
            raise SettingsError([message])
        for declared in ready:
            parent = classes[declared.parent.stream] if declared.parent else None
            made = _make(declared, parent, by_operation.get(declared.operation.id))
            classes[declared.name] = made
            own.append(made)
        waiting = [one for one in waiting if one not in ready]
    return own


def _make(
    declared: CustomStreamSettings,
    parent: type[SellingPartnerStream] | None,
    built_in: type[SellingPartnerStream] | None,
) -> type[SellingPartnerStream]:
    attributes: dict[str, Any] = {
        "__doc__": f"Declared in `custom_streams`: {declared.operation.id}.",
        "name": declared.name,
        "declared": declared,
        "operation_id": declared.operation.id,
        "parameters": dict(declared.params),
        "records_path": None,
        "selected_by_default": declared.selected_by_default,
        "primary_keys": _primary_keys(declared, built_in),
    }
    if declared.body is not None:
        attributes["parameters"][BODY] = declared.body
    seller = declared.operation.parameter("sellerId")
    if seller is not None and seller.required and "sellerId" not in declared.given:
        attributes["parameters_from_settings"] = {"sellerId": "seller_id"}
    bases: tuple[type, ...] = (_CustomSnapshotStream,)
    of_parent = declared.parent.fields if declared.parent is not None else {}
    attributes["from_request"] = _additions(declared, {**of_parent, **declared.ids})
    if declared.parent is not None:
        bases = (_CustomChildStream,)
        attributes["parent_stream_type"] = parent
        attributes["parameters_from_parent"] = dict(of_parent)
    elif declared.is_windowed:
        bases = (_CustomWindowedStream,)
        attributes |= _windows(declared, built_in)
    return type(f"Custom_{declared.name}", bases, attributes)


def _windows(
    declared: CustomStreamSettings, built_in: type[SellingPartnerStream] | None
) -> dict[str, Any]:
    """Return how a stream is read by time: as the built-in one of the operation, where it fits."""
    attributes: dict[str, Any] = {
        "updated_after": declared.updated_after or "",
        "replication_key": declared.replication_key or WINDOW_END,
    }
    if built_in is not None and issubclass(built_in, WindowedStream):
        attributes |= {name: getattr(built_in, name) for name in _LIMITS_OF_WINDOWS}
        own = _catalogue_schema(declared)["properties"]
        key = declared.replication_key or built_in.replication_key
        if declared.updated_after == built_in.updated_after and key in own:
            attributes["replication_key"] = key
            attributes["unfinished"] = built_in.unfinished
    for api, longest in LONGEST_WINDOWS.items():
        if declared.operation.api.startswith(api):
            attributes["first_window"] = attributes["longest_window"] = longest
    if declared.window is not None:
        attributes["longest_window"] = declared.window
        attributes["first_window"] = min(declared.window, WindowedStream.first_window)
    return attributes


def mistakes_in_fields(classes: Iterable[type[SellingPartnerStream]]) -> Iterator[str]:
    """Say in a sentence each which names of properties do not exist, where they are known."""
    for found in classes:
        if not issubclass(found, _CustomStream):
            continue
        declared = found.declared
        label = f"`custom_streams`['{declared.name}']"
        known = (declared.schema or _catalogue_schema(declared)).get("properties")
        new_fields = [resource.new_field_name for resource in declared.resources]
        if known and declared.emit != "page":
            wanted = {
                "primary_keys": declared.primary_keys or (),
                "replication_key": (declared.replication_key,) if declared.replication_key else (),
                "extend_resources": [
                    path.partition(".")[0]
                    for resource in declared.resources
                    for path in resource.fields.values()
                ],
            }
            for setting, names in wanted.items():
                for name in names:
                    if name not in {*known, *found.from_request}:
                        yield f"{label}: `{setting}`: {_unknown(name, known)}"
        for name in new_fields:
            if known and name in known:
                yield f"{label}: the record has a property '{name}' itself, choose another name"
        if declared.parent is not None and issubclass(found, CalledChildStream):
            yield from _mistakes_in_parent(label, declared.parent, found.parent_class())


def _mistakes_in_parent(
    label: str, settings: ParentSettings, parent: type[SellingPartnerStream]
) -> Iterator[str]:
    if issubclass(parent, _CustomStream):
        properties = (parent.declared.schema or _catalogue_schema(parent.declared))["properties"]
        properties |= dict.fromkeys(parent.from_request, TEXT) if properties else {}
    else:
        properties = stream_schema(parent)["properties"]
    for path in settings.fields.values():
        known = properties
        for name in path.split("."):
            if known and name not in known:
                yield f"{label}: `parent`: {_unknown(name, known)}"
                break
            inner = known.get(name, {})
            while "items" in inner:
                inner = inner["items"]
            known = inner.get("properties", {})


def _unknown(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    hint = f": did you mean '{close[0]}'?" if close else f", only {', '.join(known)}"
    return f"there is no property '{name}'{hint}"


def _primary_keys(
    declared: CustomStreamSettings, built_in: type[SellingPartnerStream] | None
) -> tuple[str, ...]:
    """Return the keys that are declared, or those of the built-in stream of the same records."""
    if declared.primary_keys is not None:
        return declared.primary_keys
    if built_in is None or declared.emit == "page" or declared.records_path is not None:
        return ()
    properties = record_schema(declared.operation, path=built_in.answer_path())["properties"]
    own_path = declared.operation.results or declared.operation.record or ()
    fits = built_in.answer_path() == own_path and set(built_in.primary_keys) <= properties.keys()
    return tuple(built_in.primary_keys) if fits else ()


def _additions(declared: CustomStreamSettings, names: Iterable[str]) -> dict[str, str]:
    """Return what of the request goes into a record, which mostly does not say it itself."""
    properties = _catalogue_schema(declared)["properties"] if declared.is_in_catalogue else {}
    added = {}
    for name in names:
        parameter = declared.operation.parameter(name)
        is_one = parameter is not None and (
            parameter.type != "array" or not declared.is_in_catalogue
        )
        if is_one and name not in properties:
            added[name] = name
    return added


def _catalogue_schema(declared: CustomStreamSettings) -> Schema:
    """Return the schema of a record by the catalogue, or one that says nothing."""
    if not declared.is_in_catalogue:
        return {"type": "object", "properties": {}}
    return _schema_at(declared.operation, declared.records_path)


def _schema_at(operation: Operation, results_key: str | None) -> Schema:
    for path in (None,) if results_key is None else possible_paths(results_key):
        try:
            found = record_schema(operation, path=path)
        except KeyError:
            continue
        if found.get("properties"):
            return found
    return {"type": "object", "properties": {}}


class _CustomStream(InferredStream):
    """What all custom streams have in common."""

    declared: ClassVar[CustomStreamSettings]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._place = RecordPlace(self.entry, self.declared.records_path)

    @property
    def entry(self) -> str:
        """What to call the entry that declares the stream."""
        return f"`custom_streams`['{self.name}']"

    @classmethod
    def find_operation(cls) -> Operation:
        return cls.declared.operation

    @classmethod
    def given_parameters(cls) -> set[str]:
        """Return the names of the parameters that the entry gives."""
        return super().given_parameters() | {*cls.declared.ids}

    @functools.cached_property
    def is_inferred(self) -> bool:
        """Whether nobody describes the records, so that the schema follows from them.

        Not where properties are deselected: an unknown one might be just what is not wanted.
        """
        declared = self.declared
        return (
            declared.schema is None
            and declared.emit != "page"
            and not _catalogue_schema(declared)["properties"]
            and not self.deselects_properties
        )

    def own_schema(self) -> Schema:
        """Return the JSON Schema of a record of this account."""
        declared = self.declared
        schema = dict(declared.schema or _catalogue_schema(declared))
        if declared.emit == "page":
            items = ANY_OBJECT | schema if schema.get("properties") else {}
            schema = {"properties": {RESULTS: {"type": ["array", "null"], "items": items}}}
        properties = dict(schema.get("properties", {}))
        added: Schema = {}
        for name, parameter_name in self.from_request.items():
            added[name] = parameter_schema(self.operation, parameter_name)
        for resource in declared.resources:
            added[resource.new_field_name] = _resource_schema(resource)
        if (key := self._own_replication_key) is not None:
            # Brought to UTC like all times, and found by the target to be one.
            known = properties.get(key, TIME if key == WINDOW_END else {})
            properties[key] = known | TIME if "string" in known.get("type", ()) else known
        for name in self.primary_keys:
            if name not in added:
                properties.setdefault(name, {})
        return schema | {"type": "object", "properties": added | properties}

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation; of one that the catalogue does not know, find the further pages."""
        find_paging = None if self.declared.is_in_catalogue else self._find_paging
        return self.client.answers(
            self.operation, parameters, page_token=page_token, find_paging=find_paging
        )

    def requests(self) -> Iterator[Parameters]:
        for fixed in super().requests():
            ids = [self._id_values(name, values) for name, values in self.declared.ids.items()]
            for combination in itertools.product(*ids):
                yield fixed | dict(zip(self.declared.ids, combination, strict=True))

    def _id_values(self, name: str, ids: Any) -> list[Any]:
        parameter = self.operation.parameter(name)
        if parameter is not None and parameter.type == "array" and self.declared.is_in_catalogue:
            return list(chunks(ids, parameter.max_items or 20))
        return list(ids)

    def pages_of(
        self,
        parameters: Parameters,
        parent: Mapping[str, Any] | None = None,
        page_token: str | None = None,
    ) -> Iterator[Page]:
        """Make a request; give its pages, their records with what is added to them."""
        for page in super().pages_of(parameters, parent, page_token):
            if self.declared.emit != "page":
                self._extend(page.records)
            yield page

    def additions(
        self, record: Mapping[str, Any], parameters: Parameters, parent: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return what of the request goes into a record, where it does not have that itself."""
        added = super().additions(record, parameters, parent)
        return {name: value for name, value in added.items() if record.get(name) is None}

    def _find_paging(self, answer: Answer) -> Paging | None:
        found = paging_in(answer.body)
        if found is None:
            return None
        place, parameter = found
        if parameter is None:
            message = (
                f"`custom_streams`['{self.name}']: the answer has a further page, whose token is "
                f"at '{place}': say in `next_token_param` which parameter takes it, and "
                f"`next_token_key: {place}`"
            )
            raise SettingsError([message])
        return Paging(parameter, "query", tuple(place.split(".")), "same_arguments")

    def records_in(self, answer: Answer) -> list[dict[str, Any]]:
        """Return the records in an answer; with `emit: page` one that holds them all."""
        key = self.declared.records_path
        if key is None and self.declared.is_in_catalogue:
            records = super().records_in(answer)
        else:
            records = self._place.records_in(answer.body)
        if self.declared.emit == "page":
            self._extend(records)
            return [{RESULTS: records}] if records else []
        return records

    # --- Resources -----------------------------------------------------------------------------

    def _extend(self, records: list[dict[str, Any]]) -> None:
        """Put the results of further requests into the records; those of a page side by side."""
        for resource in self.declared.resources:
            if not self.reads_ahead:
                for record in records:
                    record[resource.new_field_name] = self._read_resource(resource, record)
                continue
            found = side_by_side(
                functools.partial(self._read_resource, resource),
                records,
                self._resource_executor,
                ahead=len(records),
            )
            for record, resources in zip(records, found, strict=True):
                record[resource.new_field_name] = resources

    def end_threads(self) -> None:
        """Give back the threads that read ahead."""
        super().end_threads()
        if "_resource_executor" in self.__dict__:
            self._resource_executor.shutdown(wait=False, cancel_futures=True)
            del self._resource_executor

    @functools.cached_property
    def _resource_executor(self) -> ThreadPoolExecutor:
        """Threads of their own: those of the stream wait for what these find."""
        return self.connection.new_executor(f"{self.name} resources")

    def _read_resource(self, resource: ResourceSettings, record: Mapping[str, Any]) -> list[Any]:
        operation, is_in_catalogue = _resource_operation(resource)
        parameters = dict(resource.params)
        names = PLACEHOLDER.findall(operation.path)
        for name, placeholder in zip(names, PLACEHOLDER.findall(resource.path), strict=True):
            parameters[name] = at_path(record, resource.fields[placeholder].split("."))
            if parameters[name] is None:
                return []
        find_paging = None if is_in_catalogue else self._find_paging
        place = RecordPlace(f"{self.entry}: `extend_resources`", resource.results_key)
        found: list[Any] = []
        try:
            for answer in self.client.answers(operation, parameters, find_paging=find_paging):
                if is_in_catalogue and resource.results_key is None:
                    records = records_of(operation, answer)
                else:
                    records = place.records_in(answer.body)
                self.client.metrics.count_records(operation.id, len(records))
                found += records
        except NotFoundError as error:
            self.logger.info("Nothing there: %s", error)
        return found


class _CustomSnapshotStream(_CustomStream, SnapshotStream):
    """A custom stream that is read as a whole."""


class _CustomChildStream(_CustomStream, CalledChildStream):
    """A custom stream whose parameters come from another stream's records.

    A record of the parent for which Amazon has nothing gives no record here, and the same call is
    made once: its records hold nothing of the parent's but what was asked for.
    """

    missing_is_empty = True
    distinct_calls = True


class _CustomWindowedStream(_CustomStream, WindowedStream):
    """A custom stream that is read by time."""

    @property
    def start_date(self) -> dt.datetime | None:
        """The stream's own start date, or that of all streams."""
        return self.declared.start_date or super().start_date

    @property
    def lookback(self) -> dt.timedelta:
        """The stream's own lookback, or that of all streams."""
        return super().lookback if self.declared.lookback is None else self.declared.lookback

    def window_requests(self, window: Window) -> Iterator[Parameters]:
        """Give the parameters of each request that a window takes."""
        times = self.window_times(self.updated_after, window) if self.updated_after else {}
        start, end = self._written(window.after), self._written(window.before)
        for fixed in self.requests():
            yield _with_times(fixed, str(start), str(end)) | times

    def window_times(self, name: str, window: Window) -> Parameters:
        """Give the parameters that select the records of a window."""
        before, time_format = self._before, self.declared.time_format
        if time_format is None and self.operation.time_filter(name) is not None:
            return super().window_times(name, window)
        times: Parameters = {name: self._written(window.after)}
        return times | ({before: self._written(window.before)} if before else {})

    def is_open_ended(self) -> bool:
        """Tell whether nothing ends what a window selects."""
        if self.updated_after:
            return self._before is None
        return not holds_times([self.declared.params, self.declared.body], ("{end}",))

    @property
    def _before(self) -> str | None:
        known = self.operation.time_filter(self.updated_after)
        return self.declared.updated_before or (known.before if known else None)

    def _written(self, moment: dt.datetime) -> str | int:
        time_format = self.declared.time_format
        if time_format == "date":
            return moment.date().isoformat()
        if time_format in ("epoch", "epoch_ms"):
            return int(moment.timestamp() * (1000 if time_format == "epoch_ms" else 1))
        return format_timestamp(moment)


def _with_times(value: Any, start: str, end: str) -> Any:
    """Put the window's ends where `{start}` and `{end}` stand."""
    if isinstance(value, str):
        return value.replace("{start}", start).replace("{end}", end)
    if isinstance(value, Mapping):
        return {name: _with_times(item, start, end) for name, item in value.items()}
    return [_with_times(item, start, end) for item in value] if isinstance(value, list) else value


def _resource_operation(resource: ResourceSettings) -> tuple[Operation, bool]:
    return operation_of_path(resource.path, resource.new_field_name, resource.params)


def _resource_schema(resource: ResourceSettings) -> Schema:
    operation, is_in_catalogue = _resource_operation(resource)
    items: Schema = {}
    if is_in_catalogue:
        items = ANY_OBJECT | _schema_at(operation, resource.results_key)
        items["type"] = ["object", "null"]
    return {"type": ["array", "null"], "items": items if items.get("properties") else {}}
