"""The setting `custom_streams`: what an entry may say, and what is wrong with one."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation, UnknownOperationError
from tap_amazon_sp.amazon.paths import PLACEHOLDER, operation_of_path
from tap_amazon_sp.common.timestamps import parse_timestamp
from tap_amazon_sp.settings.accounts import parse_duration
from tap_amazon_sp.settings.ids import ids_from_setting

T = TypeVar("T")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
TIME_PLACEHOLDERS = ("{start}", "{end}")
EMIT = ("records", "page")
TIME_FORMATS = ("date-time", "date", "epoch", "epoch_ms")
"""How times are sent: ISO 8601, its date alone (UTC), seconds or milliseconds since 1970."""


_EXAMPLES = {
    "end_date": "2026-11-30 or 2026-11-30T12:00:00Z",
    "lookback": "PT6H or P2D",
    "start_date": "2026-11-30 or 2026-11-30T12:00:00Z",
    "window": "PT6H, P7D or, of a report, MONTH",
}

NOT_BY_ITSELF = frozenset(
    {
        # Select what is to come, not what changed (model `services`).
        "services.getAppointmentSlots",
        "services.getAppointmmentSlotsByJobId",
        # Knows changes of 18 months, and not all of them (model `fbaInventory`).
        "fbaInventory.getInventorySummaries",
    }
)
"""Operations whose time filters are used only where they are named."""

LONGEST_WINDOWS = {
    # Model: the date range must not be more than seven days, by API.
    "vendorDirectFulfillment": dt.timedelta(days=7) - dt.timedelta(seconds=1),
}


@dataclass(frozen=True)
class ParentSettings:
    """Another stream whose records give parameters: dotted paths into a record, by parameter."""

    stream: str
    fields: Mapping[str, str]


@dataclass(frozen=True)
class ResourceSettings:
    """Requests whose results go into a field of each record."""

    new_field_name: str
    path: str
    fields: Mapping[str, str]
    """Field of the record by placeholder of the path."""
    results_key: str | None
    params: Mapping[str, Any]


@dataclass(frozen=True)
class CustomStreamSettings:
    """One entry of `custom_streams`, with the operation it calls."""

    name: str
    operation: Operation
    is_in_catalogue: bool
    records_path: str | None = None
    primary_keys: tuple[str, ...] | None = None
    replication_key: str | None = None
    updated_after: str | None = None
    updated_before: str | None = None
    time_format: str | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] | None = None
    start_date: dt.datetime | None = None
    window: dt.timedelta | None = None
    lookback: dt.timedelta | None = None
    ids: Mapping[str, Sequence[str]] = field(default_factory=dict)
    parent: ParentSettings | None = None
    emit: str = EMIT[0]
    schema: Mapping[str, Any] | None = None
    resources: tuple[ResourceSettings, ...] = ()
    selected_by_default: bool = True

    @property
    def given(self) -> set[str]:
        """The parameters that the entry gives, other than times."""
        of_parent = self.parent.fields if self.parent is not None else ()
        return {*self.params, *self.ids, *of_parent}

    @property
    def is_windowed(self) -> bool:
        """Whether the stream is read in windows of time."""
        return self.updated_after is not None or holds_times([self.params, self.body])


def custom_streams(settings: Mapping[str, Any]) -> list[CustomStreamSettings]:
    """Return the entries of `custom_streams`.

    Raises:
        ValueError: One of them is wrong; see `mistakes_in_custom_streams`.
    """
    return [_read(entry) for entry in settings.get("custom_streams") or ()]


def mistakes_in_custom_streams(
    settings: Mapping[str, Any], built_in_names: Iterable[str]
) -> Iterator[str]:
    """Say in a sentence each what is wrong with the entries of `custom_streams`."""
    names = set(built_in_names)
    found = []
    for position, entry in enumerate(settings.get("custom_streams") or ()):
        label = f"`custom_streams`[{entry.get('name') or position!r}]"
        try:
            stream = _read(entry)
        except ValueError as error:
            yield f"{label}: {error}"
            continue
        if stream.name in names:
            yield f"{label}: there is a stream '{stream.name}' already, choose another `name`"
        names.add(stream.name)
        found.append((label, stream))
    for label, stream in found:
        if stream.parent and stream.parent.stream not in names:
            close = difflib.get_close_matches(stream.parent.stream, names, n=1)
            hint = f": did you mean '{close[0]}'?" if close else ""
            yield f"{label}: there is no stream '{stream.parent.stream}' to be its parent{hint}"
    yield from _circles({stream.name: stream for _, stream in found})


def _circles(streams: Mapping[str, CustomStreamSettings]) -> Iterator[str]:
    for name, stream in streams.items():
        seen = [name]
        parent = stream.parent
        while parent is not None and parent.stream in streams:
            if parent.stream in seen:
                yield f"`custom_streams`['{name}']: it is its own ancestor"
                break
            seen.append(parent.stream)
            parent = streams[parent.stream].parent


def holds_times(value: Any, placeholders: Sequence[str] = TIME_PLACEHOLDERS) -> bool:
    """Tell whether a text in it holds `{start}` or `{end}`."""
    if isinstance(value, str):
        return any(placeholder in value for placeholder in placeholders)
    if isinstance(value, Mapping):
        return holds_times(list(value.values()), placeholders)
    return isinstance(value, (list, tuple)) and any(
        holds_times(item, placeholders) for item in value
    )


def snake_case(name: str) -> str:
    """Return an operation's name as that of a stream: `getFeeds` is `get_feeds`."""
    return _WORD_BOUNDARY.sub("_", name).lower()


def _read(given: Mapping[str, Any]) -> CustomStreamSettings:
    entry = {name: value for name, value in given.items() if value is not None}
    if ("operation" in entry) == ("path" in entry):
        message = "give either `operation` or `path`"
        raise ValueError(message)
    _check_what_goes_together(entry)
    params = {name: value for name, value in entry.get("params", {}).items() if value is not None}
    config = entry.get("record_config") or {}
    updated_after = entry.get("updated_after") or entry.get("updated_at_param")
    parent = _parent(entry.get("parent"))
    ids = _ids(entry.get("ids"))
    asked_for = {*params, *ids, *(parent.fields if parent else ())}
    times = filter(None, (updated_after, entry.get("updated_before")))
    operation, is_in_catalogue = _operation(entry, {*asked_for, *times})
    updated_before = entry.get("updated_before")
    if updated_after is None and parent is None:
        updated_after = _best_time_filter(operation, {*asked_for})
    primary_keys = entry.get("primary_keys")
    if primary_keys is None and config.get("id_field"):
        primary_keys = [config["id_field"]]
    stream = CustomStreamSettings(
        name=entry.get("name") or snake_case(operation.name),
        operation=operation,
        is_in_catalogue=is_in_catalogue,
        records_path=entry.get("results_key"),
        primary_keys=None if primary_keys is None else tuple(primary_keys),
        replication_key=entry.get("replication_key") or config.get("last_modified_field"),
        updated_after=updated_after,
        updated_before=updated_before,
        time_format=entry.get("time_format"),
        params=params,
        body=entry.get("body"),
        start_date=optional(parse_timestamp, entry, "start_date"),
        window=optional(parse_duration, entry, "window"),
        lookback=optional(parse_duration, entry, "lookback"),
        ids=ids,
        parent=parent,
        emit=entry.get("emit") or EMIT[0],
        schema=entry.get("schema"),
        resources=tuple(_resource(resource) for resource in entry.get("extend_resources") or ()),
        selected_by_default=entry.get("selected_by_default", True),
    )
    _check(stream)
    _check_windows(stream, entry)
    return stream


def _check_what_goes_together(entry: Mapping[str, Any]) -> None:
    of_path = {"next_token_key", "next_token_param", "rate", "burst"}
    if "operation" in entry and (wrong := sorted(of_path & entry.keys())):
        message = f"`{wrong[0]}` goes with `path`; the catalogue knows it of an operation"
        raise ValueError(message)
    if "next_token_key" in entry and "next_token_param" not in entry:
        message = "`next_token_key` goes with `next_token_param`, which takes the token"
        raise ValueError(message)
    for name in ("rate", "burst"):
        if entry.get(name, 1) <= 0:
            message = f"`{name}` must be greater than 0"
            raise ValueError(message)
    schema = entry.get("schema")
    if schema is not None and not _is_schema(schema):
        message = "`schema` is no JSON Schema of an object with `properties`"
        raise ValueError(message)


def _is_schema(schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return False
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError:
        return False
    return all(isinstance(found, dict) for found in properties.values())


def _check_windows(stream: CustomStreamSettings, entry: Mapping[str, Any]) -> None:
    if stream.parent and stream.is_windowed:
        message = "a stream with a `parent` is read whole for each parent record, not by time"
        raise ValueError(message)
    of_windows = ("updated_before", "time_format", "start_date", "window", "lookback")
    wrong = [name for name in of_windows if name in entry]
    if wrong and not stream.is_windowed:
        message = f"`{wrong[0]}` is for streams that are read by time: name `updated_after`, too"
        raise ValueError(message)
    if stream.emit == "page" and stream.primary_keys:
        message = "a whole page (`emit: page`) has no key"
        raise ValueError(message)


def _operation(entry: Mapping[str, Any], names: set[str]) -> tuple[Operation, bool]:
    if "path" in entry:
        return operation_of_path(
            entry["path"],
            entry.get("name") or "",
            names,
            next_token_key=entry.get("next_token_key"),
            next_token_param=entry.get("next_token_param"),
            rate=entry.get("rate"),
            burst=entry.get("burst"),
        )
    try:
        return catalogue.operation(entry["operation"]), True
    except UnknownOperationError as error:
        raise ValueError(str(error)) from None


def _check(stream: CustomStreamSettings) -> None:
    operation = stream.operation
    if not _NAME.fullmatch(stream.name):
        message = f"`name` must be made of letters, digits and underscores, not {stream.name!r}"
        raise ValueError(message)
    if not operation.reads_only:
        message = f"{operation.id} changes something at Amazon: streams only read"
        raise ValueError(message)
    if stream.body is not None and operation.body is None:
        message = f"{operation.id} takes no `body`"
        raise ValueError(message)
    for name in sorted(
        {*stream.given, stream.updated_after, stream.updated_before} - {None}, key=str
    ):
        if not operation.takes(str(name)):
            names = [parameter.name for parameter in operation.parameters]
            close = difflib.get_close_matches(str(name), names, n=1)
            hint = f": did you mean {close[0]!r}?" if close else f", only {', '.join(names)}"
            message = f"{operation.id} has no parameter {name!r}{hint}"
            raise ValueError(message)
    for parameter in operation.path_parameters:
        if parameter.name not in stream.given and parameter.name != "sellerId":
            message = (
                f"{operation.id} needs {parameter.name!r} in its path: give it in `params`, its "
                "values in `ids`, or the stream that has them in `parent`"
            )
            raise ValueError(message)


def _best_time_filter(operation: Operation, given: set[str]) -> str | None:
    """Return the parameter that selects by change, else by creation; None where one is given."""
    names: list[str] = []
    if operation.id in NOT_BY_ITSELF:
        return None
    for time_filter in operation.time_filters:
        if {time_filter.after, time_filter.before} & given:
            return None
        if time_filter.after is not None and operation.parameter(time_filter.after):
            names.append(time_filter.after)
    for word in ("update", "modified", "change"):
        for name in names:
            if word in name.lower():
                return name
    return names[0] if names else None


def _parent(setting: Mapping[str, Any] | None) -> ParentSettings | None:
    if setting is None:
        return None
    fields = dict(setting.get("fields") or {})
    if setting.get("param"):
        fields[setting["param"]] = setting.get("field") or setting["param"]
    if not fields:
        message = "`parent` needs `param` and `field`, or `fields`"
        raise ValueError(message)
    return ParentSettings(setting["stream"], fields)


def _ids(setting: Mapping[str, Any] | None) -> dict[str, list[str]]:
    if setting is None:
        return {}
    values = {"file": setting["file"]} if "file" in setting else setting.get("values")
    if values is None:
        message = "`ids` needs `values` or `file`"
        raise ValueError(message)
    try:
        ids = [value for value in dict.fromkeys(ids_from_setting(values)) if value.strip()]
    except ValueError as error:
        message = f"`ids`: {error}"
        raise ValueError(message) from None
    if not ids:
        message = "`ids` has no ids"
        raise ValueError(message)
    return {setting["param"]: ids}


def _resource(setting: Mapping[str, Any]) -> ResourceSettings:
    path = setting["path"]
    fields = dict(setting.get("path_variables") or {})
    placeholders = PLACEHOLDER.findall(path)
    if "" in placeholders:
        name = setting.get("path_variable_name")
        if len(placeholders) > 1 or not name:
            message = (
                f"`extend_resources`: {path} needs one `{{}}` and `path_variable_name`, or "
                "placeholders with names"
            )
            raise ValueError(message)
        fields[""] = name
    for placeholder in placeholders:
        fields.setdefault(placeholder, placeholder)
    return ResourceSettings(
        new_field_name=setting["new_field_name"],
        path=path,
        fields=fields,
        results_key=setting.get("results_key"),
        params=dict(setting.get("params") or {}),
    )


def optional(read: Callable[[Any], T], entry: Mapping[str, Any], name: str) -> T | None:
    """Return what is read out of a part of an entry; None where it is not given.

    Raises:
        ValueError: It cannot be read. Names it.
    """
    if entry.get(name) is None:
        return None
    try:
        return read(entry[name])
    except ValueError:
        message = f"`{name}` cannot be {entry[name]!r}; it is written as {_EXAMPLES[name]}"
        raise ValueError(message) from None
