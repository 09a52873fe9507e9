"""Streams of `custom_streams`: any operation by its name, any address by its path."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, ClassVar

from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.decoding import Answer, records_of
from tap_amazon_sp.amazon.errors import NotFoundError
from tap_amazon_sp.amazon.model_types import record_schema
from tap_amazon_sp.amazon.operation_parts import Paging
from tap_amazon_sp.amazon.paths import PLACEHOLDER, paging_in
from tap_amazon_sp.amazon.request import BODY
from tap_amazon_sp.common.batches import chunks
from tap_amazon_sp.common.json_paths import at_path
from tap_amazon_sp.reading.column_order import in_column_order
from tap_amazon_sp.reading.fitting import SchemaFitting
from tap_amazon_sp.reading.inferred import InferredSchema
from tap_amazon_sp.reading.per_item import MAX_IDS_PER_REQUEST
from tap_amazon_sp.reading.per_parent import PerParent
from tap_amazon_sp.reading.pipeline import Request
from tap_amazon_sp.reading.plan import joined
from tap_amazon_sp.reading.read_ahead import side_by_side
from tap_amazon_sp.reading.reader import Parameters, Read, Records
from tap_amazon_sp.reading.record_places import RecordPlace
from tap_amazon_sp.reading.snapshot import Snapshot
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.stream_schemas import parameter_schema
from tap_amazon_sp.reading.window_plan import WINDOW_END
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.settings.custom_stream_entries import (
    ResourceSettings,
)
from tap_amazon_sp.settings.custom_streams import MAX_WINDOWS, CustomStreamSettings
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.singer.schemas import TIME, Schema
from tap_amazon_sp.streams.from_settings.custom_schemas import (
    catalogue_schema,
    custom_record_schema,
    place_in,
    resource_operation,
    resource_schema,
)
from tap_amazon_sp.streams.from_settings.custom_windows import CustomWindows
from tap_amazon_sp.streams.from_settings.factory import make_stream_class
from tap_amazon_sp.streams.from_settings.whole_pages import (
    PAGE_NUMBER,
    page_record,
)


def custom_stream_classes(
    streams: Iterable[CustomStreamSettings], built_in: Iterable[type[AmazonStream]]
) -> list[type[AmazonStream]]:
    """Return a class for each entry of `custom_streams`.

    Args:
        streams: What the entries say.
        built_in: The classes of the built-in streams: possible parents, and what the tap knows
            about their operations.
    """
    built_in = list(built_in)
    classes: dict[str, type[AmazonStream]] = {found.name: found for found in built_in}
    by_operation = {found.operation_id: found for found in reversed(built_in)}
    waiting = list(streams)
    own: list[type[AmazonStream]] = []
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
    parent: type[AmazonStream] | None,
    built_in: type[AmazonStream] | None,
) -> type[AmazonStream]:
    parameters = dict(declared.params)
    if declared.body is not None:
        parameters[BODY] = declared.body
    seller = declared.operation.parameter("sellerId")
    needs_seller = seller is not None and seller.required and "sellerId" not in declared.given
    of_parent = declared.parent.fields if declared.parent is not None else {}
    read: Read = Snapshot()
    replication_key: str | None = None
    if parent is not None:
        # Equal requests are made once: a record takes only the parameters from its parent.
        read = PerParent(parent, dict(of_parent), distinct=True)
    elif declared.is_windowed:
        read, replication_key = _windows(declared, built_in)
    return make_stream_class(
        CustomStream,
        declared.name,
        description=f"Declared in `custom_streams`: {declared.operation.id}.",
        declared=declared,
        operation_id=declared.operation.id,
        parameters=parameters,
        parameters_from_settings={"sellerId": "seller_id"} if needs_seller else {},
        # Amazon may have nothing for a parent record.
        missing_is_empty=parent is not None,
        selected_by_default=declared.selected_by_default,
        primary_keys=_primary_keys(declared, built_in),
        replication_key=replication_key,
        from_request=_additions(declared, {**of_parent, **declared.ids}),
        read=read,
    )


def _windows(
    declared: CustomStreamSettings, built_in: type[AmazonStream] | None
) -> tuple[Windows, str]:
    """Return how a stream is read by time, and its replication key.

    Both are those of the built-in stream of the operation, where they fit.
    """
    # Nobody knows whether the parameters of an entry filter by its replication key.
    read = CustomWindows(declared.updated_after or "", declared=declared, key_is_filtered=False)
    replication_key = declared.replication_key or WINDOW_END
    known = built_in.read if built_in is not None else None
    if built_in is not None and isinstance(known, Windows):
        read = replace(
            read,
            retention=known.retention,
            kept_since=known.kept_since,
            overlap=known.overlap,
            first=known.first,
            shortest=known.shortest,
            longest=known.longest,
            late_by=known.late_by,
            max_results=known.max_results,
            results_total=known.results_total,
        )
        own = catalogue_schema(declared)["properties"]
        key = declared.replication_key or built_in.replication_key
        if key is not None and key in own and declared.updated_after == known.updated_after:
            read = replace(
                read,
                unfinished=known.unfinished,
                # The filtered time, which may be another one than the replication key of the entry.
                unfinished_since=known.unfinished_since or built_in.replication_key,
                key_is_filtered=known.key_is_filtered and key == built_in.replication_key,
            )
            if declared.emit != "page":
                replication_key = key
    for api, longest in MAX_WINDOWS.items():
        if declared.operation.api.startswith(api):
            read = replace(read, first=longest, longest=longest)
    if declared.emit == "page":
        # A page is known by its number in its request.
        read = replace(read, pages_stand_alone=False)
    if declared.window is not None:
        read = replace(read, longest=declared.window, first=min(declared.window, Windows.first))
    return read, replication_key


def _primary_keys(
    declared: CustomStreamSettings, built_in: type[AmazonStream] | None
) -> tuple[str, ...]:
    """Return the declared keys, or those of the built-in stream of the same records."""
    if declared.primary_keys is not None:
        return declared.primary_keys
    if built_in is None or declared.emit == "page" or declared.records_path is not None:
        return ()
    properties = record_schema(declared.operation, path=built_in.answer_path())["properties"]
    own_path = declared.operation.results or declared.operation.record or ()
    fits = built_in.answer_path() == own_path and set(built_in.primary_keys) <= properties.keys()
    return tuple(built_in.primary_keys) if fits else ()


def _additions(declared: CustomStreamSettings, names: Iterable[str]) -> dict[str, str]:
    """Return the parameters that are added to a record, by the names of the properties."""
    properties = custom_record_schema(declared)["properties"] if declared.is_in_catalogue else {}
    added = {}
    for name in names:
        parameter = declared.operation.parameter(name)
        is_one = parameter is not None and (not parameter.is_list or not declared.is_in_catalogue)
        if is_one and name not in properties:
            added[name] = name
    return added


class CustomStream(AmazonStream):
    """A stream that an entry of `custom_streams` declares."""

    declared: ClassVar[CustomStreamSettings]
    has_whole_schema = False

    @functools.cached_property
    def _place(self) -> RecordPlace:
        declared = self.declared
        # The client checks answers by the model, which says what may be missing.
        is_in_model = declared.is_in_catalogue and bool(
            place_in(declared.operation, declared.records_path)
        )
        return RecordPlace(
            self._entry,
            declared.records_path,
            results_optional=declared.results_optional or is_in_model,
        )

    @property
    def _finds_records(self) -> bool:
        """Whether the records are found in the answers, not where the catalogue says."""
        return self.declared.records_path is not None or not self.declared.is_in_catalogue

    @property
    def _entry(self) -> str:
        """The name of the entry in messages."""
        return f"`custom_streams`['{self.name}']"

    @property
    def keys_declared_in(self) -> str | None:
        """The entry, if it names the keys itself."""
        return self._entry if self.declared.primary_keys else None

    @classmethod
    def find_operation(cls) -> Operation:
        """Return the operation that is called."""
        return cls.declared.operation

    @functools.cached_property
    def fitting(self) -> SchemaFitting:
        """What fits schema and records to each other.

        The schema is not inferred if properties are deselected: an unknown property might be the
        kind of data that the user does not want.
        """
        declared = self.declared
        is_inferred = (
            declared.schema is None
            and declared.emit != "page"
            and not catalogue_schema(declared)["properties"]
            and not self.deselects_properties
        )
        return InferredSchema(self, self._entry) if is_inferred else SchemaFitting(self)

    def own_schema(self) -> Schema:
        """Return the JSON Schema of a record, without the name of the account."""
        declared = self.declared
        schema = custom_record_schema(declared)
        properties = dict(schema.get("properties", {}))
        added: Schema = {}
        for name, parameter_name in self.from_request.items():
            added[name] = parameter_schema(self.operation, parameter_name)
        for resource in declared.resources:
            added[resource.new_field_name] = resource_schema(resource)
        if (key := self.own_replication_key) is not None:
            # So that the tap converts it to UTC, and the target stores it as a time.
            known = properties.get(key, TIME if key == WINDOW_END else {})
            properties[key] = known | TIME if "string" in known.get("type", ()) else known
        for name in self.primary_keys:
            if name not in added:
                properties.setdefault(name, {})
        properties = added | properties
        if declared.schema is None:
            properties = in_column_order(properties, self.primary_keys, key)
        return schema | {"type": "object", "properties": properties}

    @property
    def given_parameters(self) -> frozenset[str]:
        """Names of the parameters that the entry sets."""
        return super().given_parameters.union(self.declared.ids)

    def requests(self) -> Iterator[Parameters]:
        """Yield the parameters of each request, for all ids of the entry."""
        ids = [self._id_values(name, values) for name, values in self.declared.ids.items()]
        for fixed in super().requests():
            for combination in itertools.product(*ids):
                yield fixed | dict(zip(self.declared.ids, combination, strict=True))

    def _id_values(self, name: str, ids: Any) -> list[Any]:
        parameter = self.operation.parameter(name)
        if parameter is not None and parameter.is_list and self.declared.is_in_catalogue:
            return list(chunks(ids, parameter.max_items or MAX_IDS_PER_REQUEST))
        return list(ids)

    def answers(self, parameters: Parameters, page_token: str | None = None) -> Iterator[Answer]:
        """Call the operation; find the paging of an operation that the catalogue does not know."""
        find_paging = None if self.declared.is_in_catalogue else self._find_paging
        return self.client.answers(
            self.operation,
            parameters,
            page_token=page_token,
            find_paging=find_paging,
            find_records=self._place.records_in if self._finds_records else None,
        )

    def _find_paging(self, answer: Answer) -> Paging | None:
        found = paging_in(answer.body)
        if found is None:
            return None
        place, parameter = found
        if parameter is None:
            message = (
                f"{self._entry}: the answer has a further page, and its token is at '{place}': "
                "set `next_token_param` to the parameter that takes it, and "
                f"`next_token_key: {place}`"
            )
            raise SettingsError([message])
        return Paging(parameter, "query", tuple(place.split(".")), "same_arguments")

    def extract(self, answer: Answer) -> Records:
        """Return the records in an answer; with `emit: page`, one record that contains them all."""
        is_known = not self._finds_records
        records = super().extract(answer) if is_known else self._place.records_in(answer.body)
        if self.declared.emit != "page":
            return records
        self._extend(records)
        path = (
            place_in(self.operation, None) or () if is_known else self._place.path_in(answer.body)
        )
        paging = self.operation.paging
        token = (paging.next_token or ()) if paging is not None else ()
        page = page_record(answer.body, path, records, token)
        return [] if page is None else [page]

    def add(self, record: Mapping[str, Any], request: Request) -> dict[str, Any]:
        """Return the parameters that are added to a record, unless it has such properties."""
        added = super().add(record, request)
        if self.declared.emit == "page":
            added[PAGE_NUMBER] = request.pages
        return {name: value for name, value in added.items() if record.get(name) is None}

    def transform_page(self, records: Records) -> Records:
        """Return the records with the results of further requests."""
        if self.declared.emit != "page":
            self._extend(records)
        return records

    # --- Resources ------------------------------------------------------------------------------

    @property
    def calls_for_records(self) -> str | None:
        """The further requests for each record."""
        names = [resource_operation(resource)[0].name for resource in self.declared.resources]
        return joined(*(f"1 of {name} for each record" for name in names))

    def _extend(self, records: Records) -> None:
        """Add the results of further requests to the records of a page, side by side."""
        for resource in self.declared.resources:
            read = functools.partial(self._read_resource, resource)
            if not self.reader.reads_ahead:
                for record in records:
                    record[resource.new_field_name] = read(record)
                continue
            found = side_by_side(read, records, self._resource_executor, ahead=len(records))
            for record, resources in zip(records, found, strict=True):
                record[resource.new_field_name] = resources

    @property
    def _resource_executor(self) -> ThreadPoolExecutor:
        """Threads of their own, because those of the stream wait for these requests."""
        return self.reader.more_executor("resources")

    def _read_resource(self, resource: ResourceSettings, record: Mapping[str, Any]) -> list[Any]:
        operation, is_in_catalogue = resource_operation(resource)
        parameters = dict(resource.params)
        names = PLACEHOLDER.findall(operation.path)
        for name, placeholder in zip(names, PLACEHOLDER.findall(resource.path), strict=True):
            parameters[name] = at_path(record, resource.fields[placeholder].split("."))
            if parameters[name] is None:
                return []
        find_paging = None if is_in_catalogue else self._find_paging
        place = RecordPlace(
            f"{self._entry}: `extend_resources`",
            resource.results_key,
            results_optional=resource.results_optional
            or (is_in_catalogue and bool(place_in(operation, resource.results_key))),
        )
        is_known = is_in_catalogue and resource.results_key is None
        find_records = None if is_known else place.records_in
        found: list[Any] = []
        try:
            for answer in self.client.answers(
                operation, parameters, find_paging=find_paging, find_records=find_records
            ):
                records = (
                    records_of(operation, answer)
                    if find_records is None
                    else find_records(answer.body)
                )
                self.reader.note_errors(operation, answer, parameters)
                self.client.metrics.count_records(operation.id, len(records))
                found += records
        except NotFoundError as error:
            self.logger.info("No data: %s", error)
        return found
