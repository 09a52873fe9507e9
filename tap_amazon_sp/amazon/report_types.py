"""The table of report types: what each is, how to get it, and what it takes.

`scripts/build_report_types.py` builds `report_types.json` and names its sources: Amazon's pages
"Report Type Values" and its JSON Schemas of reports. A fact that is missing there is unknown, not
absent: Amazon documents neither the ranges nor the options of many types.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.common.timestamps import parse_timestamp

Mode = Literal["requested", "scheduled", "listed"]
Format = Literal["tsv", "csv", "json", "xml", "pdf", "xlsx", "zip"]
Wanted = Literal["required", "optional", "none"]
Kind = Literal["number", "date", "date-time"]
DateOrder = Literal["dmy", "mdy", "ymd"]

FILE_FORMATS = frozenset({"pdf", "xlsx", "zip"})
"""Formats that are only stored as files: no rows are read from them."""

_TABLE = Path(__file__).with_name("report_types.json")
_LOCALE = re.compile(r"[a-z]{2,3}_[A-Z]{2}")


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
        values: The values that Amazon documents; empty if any text is allowed.
        required: Whether Amazon refuses a report without it.
        default: The value that Amazon uses if it is left out; None if that is not documented.
        longest: The largest number of characters.
        kind: `text`, `timestamp` (ISO 8601) or `locale` (such as `en_US`).
    """

    name: str
    values: tuple[str, ...] = ()
    required: bool = False
    default: str | None = None
    longest: int | None = None
    kind: Literal["text", "timestamp", "locale"] = "text"

    def mistake(self, value: Any) -> str | None:
        """Return why Amazon is known to refuse a value, as a sentence; None if it is not."""
        text = written(value)
        if text is None:
            return f"`{self.name}` must be text, not {type(value).__name__}."
        if self.longest is not None and len(text) > self.longest:
            return f"`{self.name}` has {len(text)} characters; allowed are {self.longest}."
        return None

    def doubt(self, value: Any) -> str | None:
        """Return why a value may be a mistake, as a sentence; None if it is a known one."""
        text = written(value)
        if text is None:
            return None
        if self.values and text not in self.values:
            return (
                f"`{self.name}` is {text!r}, which is not a known value"
                f"{close_to(text, self.values) or '.'} Known are {_listing(self.values)}."
            )
        if self.kind == "timestamp" and not _is_timestamp(text):
            return f"`{self.name}` is {text!r}, which is not an ISO 8601 time."
        if self.kind == "locale" and not _LOCALE.fullmatch(text):
            return f"`{self.name}` is {text!r}, which is not a locale such as `en_US`."
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
class SharedCurrency:
    """The currency of a flat file in which only the first line of a group says it.

    Attributes:
        column: The column with the currency, in Amazon's spelling.
        group: The column that is equal in all lines of a group.
    """

    column: str
    group: str


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
        sales_channel: The column or element with the marketplace of each row, in a report of the
            whole region, even if some of its marketplaces are requested. None: a report of one
            marketplace.
        currency: Where the currency of lines is, if not every line says it.
        restricted: Whether the document needs a restricted data token.
        parties: `seller`, `vendor` or both.
        quoted: Whether all fields of the flat file are in double quotes.
        schemas: The names of Amazon's JSON Schemas in its models.
        record_path: The place of the records in an XML report; None lets the reader find them.
        lists: The elements of an XML report that may occur several times in their parent.
        columns: The columns of a flat file that are not text, in Amazon's spelling.
        known_columns: The columns that a flat file may have, in Amazon's spelling; empty if no
            source lists them. A file may lack some, and have others.
        date_order: The order of day, month and year in a flat file of numbers, if it is the same
            for all marketplaces: `dmy`, `mdy` or `ymd`.
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
    sales_channel: str | None = None
    currency: SharedCurrency | None = None
    restricted: bool = False
    parties: tuple[str, ...] = ("seller",)
    quoted: bool = False
    schemas: tuple[str, ...] = ()
    record_path: str | None = None
    lists: frozenset[str] = frozenset()
    columns: Mapping[str, Kind] = field(default_factory=dict)
    known_columns: tuple[str, ...] = ()
    date_order: DateOrder | None = None
    known: bool = True

    @property
    def is_flat(self) -> bool:
        """Whether its documents are flat files, as far as that is known."""
        if self.format is None:
            return bool(self.known_columns)
        return self.format in ("tsv", "csv")

    @property
    def delimiter(self) -> str:
        """What usually separates the fields of its flat files; a file may have another one."""
        return "," if self.format == "csv" else "\t"

    @property
    def interval(self) -> dt.timedelta:
        """The time between two reports of the same kind; zero if none is documented."""
        return dt.timedelta(seconds=self.minimum_interval or 0)

    @property
    def is_region_wide(self) -> bool:
        """Whether a report has the data of all marketplaces of the region."""
        return self.sales_channel is not None

    @property
    def is_varied(self) -> bool:
        """Whether options decide what is in a report, and not only the language of headers."""
        return any(option.kind != "locale" for option in self.options.values())

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
        """Return why Amazon is known to refuse the options, one sentence for each mistake.

        Amazon does not document all options and values, and adds new ones: see `doubts`.
        """
        found = [
            (self.options.get(name) or Option(name)).mistake(value)
            for name, value in options.items()
        ]
        found += [
            _missing(option, options)
            for option in self.options.values()
            if option.required and not options.get(option.name)
        ]
        whole = [all(options.get(name) for name in group) for group in self.one_of]
        if whole and not any(whole):
            groups = " or ".join(_listing(group, " and ") for group in self.one_of)
            found.append(f"It needs {groups}.")
        return [sentence for sentence in found if sentence is not None]

    def doubts(self, options: Mapping[str, Any]) -> Iterator[str]:
        """Yield a sentence for each option that may be a mistake, though Amazon may take it.

        Of a type that is not in the table, no options are known, so nothing is doubtful.
        """
        for name, value in options.items() if self.known else ():
            option = self.options.get(name)
            if option is not None:
                if (doubt := option.doubt(value)) is not None:
                    yield doubt
                continue
            known = f"Known are {_listing(self.options)}." if self.options else "None are known."
            hint = close_to(name, self.options) or "."
            yield f"`{name}` is not a known option of {self.name}{hint} {known}"


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
        sales_channel=entry.get("sales_channel"),
        currency=SharedCurrency(*entry["currency"]) if "currency" in entry else None,
        restricted=entry.get("restricted", False),
        parties=tuple(entry["parties"]),
        quoted=entry.get("quoted", False),
        date_order=entry.get("date_order"),
        schemas=tuple(entry.get("schemas", ())),
        record_path=entry.get("records"),
        lists=frozenset(entry.get("lists", ())),
        columns={
            column: kind for kind, names in entry.get("columns", {}).items() for column in names
        },
        known_columns=tuple(entry.get("known_columns", ())),
    )


def _duration(**parts: float | None) -> dt.timedelta | None:
    known = {name: value for name, value in parts.items() if value is not None}
    return dt.timedelta(**known) if known else None


def _missing(option: Option, given: Iterable[str]) -> str:
    allowed = f"; allowed are {_listing(option.values)}" if option.values else ""
    # Amazon's names are case-sensitive.
    similar = [one for one in given if one.lower() == option.name.lower() and one != option.name]
    hint = f"; rename `{similar[0]}`" if similar else ""
    return f"`{option.name}` is missing{hint}{allowed}."


def _listing(names: Any, joined_by: str = ", ") -> str:
    return joined_by.join(f"`{name}`" for name in names)


def _is_timestamp(text: str) -> bool:
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return True
