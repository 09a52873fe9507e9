"""The setting `custom_streams`: its entries with the operations they call, and their checks."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation, UnknownOperationError
from tap_amazon_sp.amazon.operation_rules import EXCLUDES, REQUIRES
from tap_amazon_sp.amazon.paths import operation_of_path
from tap_amazon_sp.settings.custom_stream_entries import CustomStreamEntry, RecordConfig
from tap_amazon_sp.settings.entries import read_each, read_entry
from tap_amazon_sp.settings.errors import ValueMistakesError
from tap_amazon_sp.settings.required_parameters import SELLER_ID, mistake_in_required
from tap_amazon_sp.settings.values import mistake_in_stream_name

NOT_BY_ITSELF = frozenset(
    {
        # They select by future dates, not by changes (model `services`).
        "services.getAppointmentSlots",
        "services.getAppointmmentSlotsByJobId",
        # It knows only some changes, of 18 months (model `fbaInventory`).
        "fbaInventory.getInventorySummaries",
    }
)
"""Operations whose time filters are used only if the entry names one."""

MAX_WINDOWS = {
    "vendorDirectFulfillment": dt.timedelta(days=7) - dt.timedelta(seconds=1),
}
"""The longest date range that all operations of an API take, by how its name begins.

Amazon's models of `vendorDirectFulfillment`: the range must not be more than seven days.
"""

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@dataclass(frozen=True, kw_only=True)
class CustomStreamSettings(CustomStreamEntry):
    """One entry of `custom_streams`, as it is read.

    Attributes:
        label: The entry's name in sentences about it.
        operation: The operation to call.
        is_in_catalogue: Whether the catalogue knows the operation.
    """

    name: str
    label: str
    operation: Operation
    is_in_catalogue: bool


def read_custom_streams(
    entries: Sequence[Mapping[str, Any]],
) -> tuple[CustomStreamSettings, ...]:
    """Return the entries of `custom_streams`, with the operations they call.

    Raises:
        ValueMistakesError: Some entries have mistakes.
    """
    return read_each(entries, _read)


def mistakes_in_parents(
    streams: Sequence[CustomStreamSettings], built_in: Iterable[str]
) -> Iterator[str]:
    """Yield a sentence for each mistake in the parents of custom streams.

    Args:
        streams: The custom streams.
        built_in: Names of the built-in streams.
    """
    known = {*built_in, *(stream.name for stream in streams)}
    for stream in streams:
        if stream.parent and stream.parent.stream not in known:
            close = difflib.get_close_matches(stream.parent.stream, known, n=1)
            hint = f": did you mean '{close[0]}'?" if close else ""
            parent = f"there is no stream '{stream.parent.stream}' to be its parent"
            yield f"{stream.label}: {parent}{hint}"
    yield from _circles({stream.name: stream for stream in streams})


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


def snake_case(name: str) -> str:
    """Return the name of a stream for the name of an operation: `get_feeds` for `getFeeds`."""
    return _WORD_BOUNDARY.sub("_", name).lower()


def _read(position: int, given: Mapping[str, Any]) -> CustomStreamSettings:
    label = f"[{given.get('name') or position!r}]"
    try:
        entry = read_entry(CustomStreamEntry, given)
    except ValueMistakesError as error:
        raise ValueMistakesError([label + mistake for mistake in error.mistakes]) from None
    try:
        return _with_operation(entry, f"`custom_streams`{label}")
    except ValueError as error:
        raise ValueMistakesError([f"{label}: {error}"]) from None


def _with_operation(entry: CustomStreamEntry, label: str) -> CustomStreamSettings:
    _check_what_goes_together(entry)
    config = entry.record_config or RecordConfig()
    updated_after = entry.updated_after or entry.updated_at_param
    times = filter(None, (updated_after, entry.updated_before))
    operation, is_in_catalogue = _operation(entry, {*entry.given, *times})
    if updated_after is None and entry.parent is None:
        updated_after = _best_time_filter(operation, entry.given)
    primary_keys = entry.primary_keys
    if primary_keys is None and config.id_field:
        primary_keys = (config.id_field,)
    stream = CustomStreamSettings(
        **{
            **vars(entry),
            "label": label,
            "name": entry.name or snake_case(operation.name),
            "operation": operation,
            "is_in_catalogue": is_in_catalogue,
            "primary_keys": primary_keys,
            "replication_key": entry.replication_key or config.last_modified_field,
            "updated_after": updated_after,
        }
    )
    _check(stream)
    _check_windows(stream)
    return stream


def _check_what_goes_together(entry: CustomStreamEntry) -> None:
    if (entry.operation_id is None) == (entry.path is None):
        message = "give either `operation` or `path`"
        raise ValueError(message)
    of_path = ("burst", "next_token_key", "next_token_param", "rate")
    wrong = [name for name in of_path if getattr(entry, name) is not None]
    if entry.operation_id is not None and wrong:
        message = f"`{wrong[0]}` goes with `path`; the catalogue knows it for an operation"
        raise ValueError(message)
    if entry.next_token_key is not None and entry.next_token_param is None:
        message = "`next_token_key` goes with `next_token_param`, which takes the token"
        raise ValueError(message)


def _check_windows(stream: CustomStreamSettings) -> None:
    if stream.parent and stream.is_windowed:
        message = "a stream with a `parent` is read whole for each parent record, not by time"
        raise ValueError(message)
    of_windows = ("updated_before", "time_format", "start_date", "window", "lookback")
    wrong = [name for name in of_windows if getattr(stream, name) is not None]
    if wrong and not stream.is_windowed:
        message = f"`{wrong[0]}` is for streams that are read by time: name `updated_after`, too"
        raise ValueError(message)


def _operation(entry: CustomStreamEntry, names: set[str]) -> tuple[Operation, bool]:
    if entry.path is not None:
        return operation_of_path(
            entry.path,
            entry.name or "",
            names,
            next_token_key=entry.next_token_key,
            next_token_param=entry.next_token_param,
            rate=entry.rate,
            burst=entry.burst,
        )
    try:
        return catalogue.operation(str(entry.operation_id)), True
    except UnknownOperationError as error:
        raise ValueError(str(error)) from None


def _check(stream: CustomStreamSettings) -> None:
    operation = stream.operation
    if mistake := mistake_in_stream_name(stream.name):
        raise ValueError(mistake)
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
        if parameter.name not in stream.given and parameter.name != SELLER_ID:
            message = (
                f"{operation.id} needs {parameter.name!r} in its path: give it in `params`, its "
                "values in `ids`, or the stream that has them in `parent`"
            )
            raise ValueError(message)
    if stream.is_in_catalogue and (mistake := _mistake_in_required(stream)):
        raise ValueError(mistake)


def _mistake_in_required(stream: CustomStreamSettings) -> str | None:
    after, before = stream.updated_after, stream.updated_before
    known = stream.operation.time_filter(after) if after is not None else None
    if known is not None and before is None:
        before = known.before
    times = [name for name in (after, before) if name is not None]
    return mistake_in_required(stream.operation, stream.given, times, stream.body)


def _is_barred(operation: Operation, times: set[str | None], given: set[str]) -> bool:
    """Return whether times need parameters that are not given, or exclude one that is."""
    for rule in operation.rules:
        if rule.values or rule.name is None:
            continue
        if rule.rule == REQUIRES and rule.name in times and not {*rule.names} <= given | times:
            return True
        if rule.rule == EXCLUDES and (
            (rule.name in times and given.intersection(rule.names))
            or (rule.name in given and times.intersection(rule.names))
        ):
            return True
    return False


def _best_time_filter(operation: Operation, given: set[str]) -> str | None:
    """Return the parameter that selects by change, else by creation; None if one is given."""
    names: list[str] = []
    if operation.id in NOT_BY_ITSELF:
        return None
    for time_filter in operation.time_filters:
        if {time_filter.after, time_filter.before} & given:
            return None
        times = {time_filter.after, time_filter.before} - {None}
        parameter = operation.parameter(time_filter.after or "")
        if time_filter.after is not None and parameter and not parameter.deprecated:
            names += [time_filter.after] if not _is_barred(operation, times, given) else []
    for word in ("update", "modified", "change"):
        for name in names:
            if word in name.lower():
                return name
    return names[0] if names else None
