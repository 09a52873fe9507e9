"""The properties of an entry of `custom_streams`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from jsonschema import Draft7Validator
from jsonschema.exceptions import SchemaError

from tap_amazon_sp.amazon.paths import PLACEHOLDER, operation_of_path
from tap_amazon_sp.common.durations import MIN_WINDOW, parse_duration
from tap_amazon_sp.settings.entries import read_entry
from tap_amazon_sp.settings.errors import ValueMistakesError
from tap_amazon_sp.settings.fields import Entry, entry_field
from tap_amazon_sp.settings.ids import ids_from_setting
from tap_amazon_sp.settings.values import number_from, start_moment

TimeFormat = Literal["date-time", "date", "epoch", "epoch_ms"]
"""How times are sent: ISO 8601, its date alone (UTC), seconds or milliseconds since 1970."""

Emitted = Literal["records", "page"]

TIME_PLACEHOLDERS = ("{start}", "{end}")


@dataclass(frozen=True, kw_only=True)
class RecordConfig(Entry):
    """The keys of the records, as integration platforms call them."""

    id_field: str | None = entry_field()
    last_modified_field: str | None = entry_field()


@dataclass(frozen=True, kw_only=True)
class IdsEntry(Entry):
    """Ids to ask for: the parameter that takes them, and where they are."""

    param: str = entry_field(required=True)
    values: tuple[Any, ...] | None = entry_field()
    file: str | None = entry_field()


@dataclass(frozen=True, kw_only=True)
class ParentSettings(Entry):
    """Another stream whose records give parameters.

    Attributes:
        stream: Its name.
        field: Dotted path in a record of what `param` takes; `param` where it is not given.
        param: A parameter.
        more_fields: Dotted paths by parameter.
    """

    stream: str = entry_field(required=True)
    field: str | None = entry_field()
    param: str | None = entry_field()
    more_fields: Mapping[str, str] = entry_field(name="fields", absent={})

    def __post_init__(self) -> None:
        """Check that it gives a parameter.

        Raises:
            ValueMistakesError: It gives none.
        """
        if not self.fields:
            raise ValueMistakesError([" needs `param` and `field`, or `fields`"])

    @property
    def fields(self) -> Mapping[str, str]:
        """Dotted paths into a record, by parameter."""
        own = {self.param: self.field or self.param} if self.param else {}
        return {**self.more_fields, **own}


@dataclass(frozen=True, kw_only=True)
class ResourceSettings(Entry):
    """Requests whose results go into a field of each record.

    Attributes:
        new_field_name: The field.
        path: Of the requests, with placeholders.
        path_variable_name: The field of the record that a placeholder without a name takes.
        path_variables: The fields that placeholders with names take, where they are not named so.
        params: Parameters of every request.
        results_key: Dotted path of the results in an answer.
        results_optional: Whether an answer without the results is an empty one.
    """

    new_field_name: str = entry_field(required=True)
    path: str = entry_field(required=True)
    path_variable_name: str | None = entry_field()
    path_variables: Mapping[str, str] = entry_field(absent={})
    params: Mapping[str, Any] = entry_field(absent={})
    results_key: str | None = entry_field()
    results_optional: bool = entry_field(absent=False)

    def __post_init__(self) -> None:
        """Check the placeholders.

        Raises:
            ValueError: This is not a path, or it is not clear what a placeholder takes.
        """
        operation_of_path(self.path, self.new_field_name, self.params)
        placeholders = PLACEHOLDER.findall(self.path)
        if "" in placeholders and (len(placeholders) > 1 or not self.path_variable_name):
            message = (
                f"{self.path} needs one `{{}}` and `path_variable_name`, or placeholders with names"
            )
            raise ValueError(message)

    @property
    def fields(self) -> Mapping[str, str]:
        """Field of the record by placeholder of the path."""
        own = {"": self.path_variable_name} if self.path_variable_name else {}
        placeholders = PLACEHOLDER.findall(self.path)
        by_name = {name: name for name in placeholders if name}
        return {**by_name, **self.path_variables, **(own if "" in placeholders else {})}


def _given_parameters(params: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in params.items() if value is not None}


def _body(value: Any) -> Any:
    if not isinstance(value, (list, Mapping)):
        raise ValueMistakesError([" must be an object or a list"])
    return value


def _ids(given: Mapping[str, Any]) -> dict[str, Sequence[str]]:
    entry = read_entry(IdsEntry, given)
    source = entry.values if entry.file is None else {"file": entry.file}
    if source is None:
        raise ValueMistakesError([" needs `values` or `file`"])
    ids = [value for value in dict.fromkeys(ids_from_setting(source)) if value.strip()]
    if not ids:
        raise ValueMistakesError([" has no ids"])
    return {entry.param: ids}


def _window(text: str) -> dt.timedelta:
    length = parse_duration(text)
    if length < MIN_WINDOW:
        raise ValueMistakesError([" must be at least a minute"])
    return length


def _json_schema(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if not _describes_an_object(schema):
        raise ValueMistakesError([" is not a JSON Schema of an object with `properties`"])
    return schema


def _describes_an_object(schema: Mapping[str, Any]) -> bool:
    properties = schema.get("properties")
    if not isinstance(properties, dict) or not properties:
        return False
    try:
        Draft7Validator.check_schema(schema)
    except SchemaError:
        return False
    return all(isinstance(found, dict) for found in properties.values())


@dataclass(frozen=True, kw_only=True)
class CustomStreamEntry(Entry):
    """One entry of `custom_streams`, as it is written."""

    name: str | None = entry_field()
    operation_id: str | None = entry_field(name="operation")
    path: str | None = entry_field()
    params: Mapping[str, Any] = entry_field(absent={}, read=_given_parameters)
    body: Any = entry_field(read=_body)
    records_path: str | None = entry_field(name="results_key")
    results_optional: bool = entry_field(absent=False)
    primary_keys: tuple[str, ...] | None = entry_field()
    replication_key: str | None = entry_field()
    updated_after: str | None = entry_field()
    updated_at_param: str | None = entry_field()
    updated_before: str | None = entry_field()
    time_format: TimeFormat | None = entry_field()
    record_config: RecordConfig | None = entry_field()
    start_date: dt.datetime | None = entry_field(
        kind=str, read=start_moment, example="2026-11-30 or 2026-11-30T12:00:00Z"
    )
    window: dt.timedelta | None = entry_field(read=_window, example="PT6H or P7D")
    lookback: dt.timedelta | None = entry_field(read=parse_duration, example="PT6H or P2D")
    ids: Mapping[str, Sequence[str]] = entry_field(absent={}, kind=IdsEntry, read=_ids)
    parent: ParentSettings | None = entry_field()
    emit: Emitted = entry_field(absent="records")
    schema: Mapping[str, Any] | None = entry_field(read=_json_schema)
    next_token_key: str | None = entry_field()
    next_token_param: str | None = entry_field()
    rate: float | None = entry_field(read=number_from(0.0001, 10_000))
    burst: float | None = entry_field(read=number_from(1, 10_000))
    resources: tuple[ResourceSettings, ...] = entry_field(name="extend_resources", absent=())
    selected_by_default: bool = entry_field(absent=True)

    @property
    def given(self) -> set[str]:
        """The parameters that the entry gives, other than times."""
        of_parent = self.parent.fields if self.parent is not None else ()
        return {*self.params, *self.ids, *of_parent}

    @property
    def is_windowed(self) -> bool:
        """Whether the stream is read in windows of time."""
        return self.updated_after is not None or holds_times([self.params, self.body])


def holds_times(value: Any, placeholders: Sequence[str] = TIME_PLACEHOLDERS) -> bool:
    """Return whether a text in a value holds `{start}` or `{end}`."""
    if isinstance(value, str):
        return any(placeholder in value for placeholder in placeholders)
    if isinstance(value, Mapping):
        return holds_times(list(value.values()), placeholders)
    return isinstance(value, (list, tuple)) and any(
        holds_times(item, placeholders) for item in value
    )
