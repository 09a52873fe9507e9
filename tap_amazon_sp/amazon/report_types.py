"""The table of report types: what each is, how to get it, and what it takes.

`scripts/build_report_types.py` builds `report_types.json` and names its sources: Amazon's pages
"Report Type Values" and its JSON Schemas of reports. A fact that is missing there is unknown, not
absent: Amazon documents neither the ranges nor the options of many types.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tap_amazon_sp.common.timestamps import parse_timestamp

Mode = Literal["requested", "scheduled", "listed"]
Format = Literal["tsv", "csv", "json", "xml", "pdf", "xlsx", "zip"]
Wanted = Literal["required", "optional", "none"]
Kind = Literal["number", "date", "date-time"]

FILE_FORMATS = frozenset({"pdf", "xlsx", "zip"})
"""Formats that are only stored as files: no rows are read from them."""

_TABLE = Path(__file__).with_name("report_types.json")


class RemovedReportTypeError(Exception):
    """Amazon no longer makes reports of this type.

    `successor` is the type to use instead, None if there is none.
    """

    def __init__(self, name: str, since: str | None, successor: str | None) -> None:
        """Name the type and its successor."""
        self.name = name
        self.successor = successor
        gone = f"Amazon removed it on {since}" if since else "Amazon no longer lists it"
        instead = f"use {successor} instead" if successor else "there is no successor"
        super().__init__(f"{name}: {gone}; {instead}")


@dataclass(frozen=True)
class Option:
    """An option of a report type (`reportOptions`). Every value is sent as text.

    Attributes:
        name: Amazon's name, which is case-sensitive.
        values: The allowed values; empty if any text is allowed.
        required: Whether Amazon refuses a report without it.
        default: The value that Amazon uses if it is left out; None if that is not documented.
        longest: The largest number of characters.
        kind: `text` or `timestamp` (ISO 8601).
    """

    name: str
    values: tuple[str, ...] = ()
    required: bool = False
    default: str | None = None
    longest: int | None = None
    kind: Literal["text", "timestamp"] = "text"

    def mistake(self, value: Any) -> str | None:
        """Return what is wrong with a value, as a sentence; None if nothing is wrong."""
        text = written(value)
        if text is None:
            return f"`{self.name}` must be text, not {type(value).__name__}."
        if self.values and text not in self.values:
            return f"`{self.name}` is {text!r}; allowed are {_listing(self.values)}."
        if self.longest is not None and len(text) > self.longest:
            return f"`{self.name}` has {len(text)} characters; allowed are {self.longest}."
        if self.kind == "timestamp" and not _is_timestamp(text):
            return f"`{self.name}` is {text!r}; it must be an ISO 8601 time."
        return None


@dataclass(frozen=True)
class DateRange:
    """How a report type takes `dataStartTime` and `dataEndTime`.

    Attributes:
        wanted: Whether Amazon wants a range. `optional`: without one, the report is of now.
            `none`: Amazon ignores a range. None: unknown.
        period_option: The option that says DAY, WEEK, MONTH, QUARTER or YEAR; None if ranges have
            no such periods. Weeks run from Sunday to Saturday.
        moved: Whether Amazon moves a range of incomplete periods to whole ones. If not, the report
            fails.
        single: Whether a range must be a single period.
        longest: The longest range.
        history: How far back from now Amazon keeps data.
        latency: How long after an event its data may arrive.
        ends_before: How long before the request a range must end; None if it may end now.
        whole_hours: Whether a report holds only the hours that lie wholly within its range.
    """

    wanted: Wanted | None = None
    period_option: str | None = None
    moved: bool = False
    single: bool = False
    longest: dt.timedelta | None = None
    history: dt.timedelta | None = None
    latency: dt.timedelta | None = None
    ends_before: dt.timedelta | None = None
    whole_hours: bool = False


@dataclass(frozen=True)
class RecordArray:
    """An array of records in a JSON report.

    Attributes:
        path: Dotted names from the top of the document.
        schema: JSON Schema of a record, with Amazon's names. Nothing in it is required.
        undated: Whether the records lack a time of their own, so that the window belongs to the
            key.
    """

    path: str
    schema: Mapping[str, Any]
    undated: bool = False
    _keys: tuple[str, ...] | Mapping[str, Mapping[str, list[str]]] = ()

    def keys(self, options: Mapping[str, Any] | None = None, defaults: Any = None) -> list[str]:
        """Return the names of the key fields, in Amazon's spelling; none if they are unknown.

        Args:
            options: The report's options. The keys may depend on them.
            defaults: The values that Amazon uses for options that are left out.
        """
        if not isinstance(self._keys, Mapping):
            return list(self._keys)
        for option, by_value in self._keys.items():
            value = (options or {}).get(option) or (defaults or {}).get(option)
            return list(by_value.get(str(value), ()))
        return []


@dataclass(frozen=True)
class ReportType:
    """What is known of a report type.

    Attributes:
        name: Amazon's name.
        format: The format of its documents; None if it is unknown.
        other_format: The format by another source; None if the sources agree. Then the beginning
            of a document shows its real format.
        mode: `requested`: createReport makes it. `scheduled`: only a schedule of the seller makes
            it. `listed`: Amazon, or the seller in Seller Central, makes it, and getReports lists
            it.
        schedulable: Whether a schedule may make it.
        dates: How it takes a range.
        minimum_interval: Seconds between two reports of the same kind. One that is requested
            earlier is cancelled, or holds the data of the last one.
        options: The options by name; empty if none are documented.
        one_of: Groups of options. One whole group is required.
        restricted: Whether the document needs a restricted data token.
        parties: `seller`, `vendor` or both.
        quoted: Whether all fields of the flat file are in double quotes.
        schemas: The names of Amazon's JSON Schemas in its models.
        record_path: The place of the records in an XML report; None lets the reader find them.
        lists: The elements of an XML report that may occur several times in their parent.
        columns: The columns of a flat file that are not text, in Amazon's spelling.
        known: Whether the type is in the table.
    """

    name: str
    format: Format | None = None
    other_format: Format | None = None
    mode: Mode = "requested"
    schedulable: bool = False
    dates: DateRange = field(default_factory=DateRange)
    minimum_interval: int | None = None
    options: Mapping[str, Option] = field(default_factory=dict)
    one_of: tuple[tuple[str, ...], ...] = ()
    restricted: bool = False
    parties: tuple[str, ...] = ("seller",)
    quoted: bool = False
    schemas: tuple[str, ...] = ()
    record_path: str | None = None
    lists: frozenset[str] = frozenset()
    columns: Mapping[str, Kind] = field(default_factory=dict)
    known: bool = True

    @property
    def interval(self) -> dt.timedelta:
        """The time between two reports of the same kind; zero if none is documented."""
        return dt.timedelta(seconds=self.minimum_interval or 0)

    @property
    def record_arrays(self) -> tuple[RecordArray, ...]:
        """The arrays of a JSON report, in Amazon's order, for all of its schemas."""
        return tuple(
            RecordArray(
                path,
                array["schema"],
                undated=array.get("undated", False),
                _keys=array.get("keys", ()),
            )
            for schema in self.schemas
            for path, array in _table()["schemas"][schema].items()
        )

    @property
    def default_options(self) -> dict[str, str]:
        """The documented values that Amazon uses for options that are left out."""
        return {
            name: option.default
            for name, option in self.options.items()
            if option.default is not None
        }

    def period(self, options: Mapping[str, Any] | None = None) -> str | None:
        """Return the period by the options: DAY, WEEK, MONTH, QUARTER, YEAR; None without one."""
        name = self.dates.period_option
        if name is None:
            return None
        return written((options or {}).get(name)) or self.default_options.get(name)

    def mistakes(self, options: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with the options, one sentence for each mistake.

        A type without documented options takes any option: Amazon does not document all of them.
        """
        found = []
        for name, value in options.items():
            if (option := self.options.get(name)) is not None:
                found.append(option.mistake(value))
            elif self.options:
                found.append(f"There is no option `{name}`; there are {_listing(self.options)}.")
        found += [
            _missing(option)
            for option in self.options.values()
            if option.required and not options.get(option.name)
        ]
        whole = [all(options.get(name) for name in group) for group in self.one_of]
        if whole and not any(whole):
            groups = " or ".join(_listing(group, " and ") for group in self.one_of)
            found.append(f"It needs {groups}.")
        return [sentence for sentence in found if sentence is not None]


def report_type(name: str) -> ReportType:
    """Return what is known of a report type, almost nothing if it is not in the table.

    Raises:
        RemovedReportTypeError: Amazon removed it. The error names the successor.
    """
    table = _table()
    if name in table["types"]:
        return _read(name)
    if (removed := table["removed"].get(name)) is not None:
        raise RemovedReportTypeError(name, removed.get("since"), removed.get("successor"))
    vendor = name.startswith("GET_VENDOR_")
    return ReportType(name, known=False, parties=("vendor",) if vendor else ("seller",))


def written(value: Any) -> str | None:
    """Return the value of an option as text, as Amazon wants it; None if it is not a value."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, (str, int)) else None


def __getattr__(name: str) -> tuple[str, ...]:
    """Return `REPORT_TYPES`, the names of all current types. An import does not read the table."""
    if name == "REPORT_TYPES":
        return tuple(_table()["types"])
    message = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(message)


@functools.cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_TABLE.read_text(encoding="utf-8"))
    return table


@functools.cache
def _read(name: str) -> ReportType:
    entry: dict[str, Any] = _table()["types"][name]
    dates = entry.get("dates", {})
    return ReportType(
        name,
        format=entry.get("format"),
        other_format=entry.get("other_format"),
        mode=entry["mode"],
        schedulable=entry.get("schedulable", False),
        dates=DateRange(
            wanted=dates.get("wanted"),
            period_option=dates.get("period_option"),
            moved=dates.get("moved", False),
            single=dates.get("single", False),
            longest=_duration(days=dates.get("longest_days")),
            history=_duration(days=dates.get("history_days")),
            latency=_duration(hours=dates.get("latency_hours")),
            ends_before=_duration(minutes=dates.get("ends_before_minutes")),
            whole_hours=dates.get("whole_hours", False),
        ),
        minimum_interval=entry.get("minimum_interval"),
        options={
            option: Option(option, **(known | {"values": tuple(known.get("values", ()))}))
            for option, known in entry.get("options", {}).items()
        },
        one_of=tuple(tuple(group) for group in entry.get("one_of", ())),
        restricted=entry.get("restricted", False),
        parties=tuple(entry["parties"]),
        quoted=entry.get("quoted", False),
        schemas=tuple(entry.get("schemas", ())),
        record_path=entry.get("records"),
        lists=frozenset(entry.get("lists", ())),
        columns={
            column: kind for kind, names in entry.get("columns", {}).items() for column in names
        },
    )


def _duration(**parts: float | None) -> dt.timedelta | None:
    known = {name: value for name, value in parts.items() if value is not None}
    return dt.timedelta(**known) if known else None


def _missing(option: Option) -> str:
    allowed = f"; allowed are {_listing(option.values)}" if option.values else ""
    return f"`{option.name}` is missing{allowed}."


def _listing(names: Any, joined_by: str = ", ") -> str:
    return joined_by.join(f"`{name}`" for name in names)


def _is_timestamp(text: str) -> bool:
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return True
