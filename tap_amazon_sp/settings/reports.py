"""The setting `reports`: the properties of an entry, and their checks."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, ClassVar, Literal

from tap_amazon_sp.amazon.report_types import (
    FILE_FORMATS,
    REPORT_TYPES,
    RecordArray,
    RemovedReportTypeError,
    ReportType,
    report_type,
    written,
)
from tap_amazon_sp.common.periods import CALENDAR, Period
from tap_amazon_sp.documents.names import snake_case
from tap_amazon_sp.settings.document_entries import TIMES, DocumentSettings
from tap_amazon_sp.settings.entries import read_each, read_entry
from tap_amazon_sp.settings.errors import ValueMistakesError
from tap_amazon_sp.settings.fields import entry_field
from tap_amazon_sp.settings.values import marketplace_ids

REPORTS_API = "2021-06-30"

ReadingMode = Literal["requested", "listed"]
"""How the tap gets reports: it requests them, or it reads those that Amazon lists."""

_REPORT_TYPE = re.compile(r"[A-Z][A-Z0-9_]+")
_ENDS_OF_TYPES = ("_REPORT", "_DATA")
_OF_REQUESTS = ("window", "lookback", "options", "reportOptions")
_OF_WHOLE_REPORTS = ("aggregatedByTimePeriod", "reportPeriod")
"""Options with the period of a whole report; `dateGranularity` is the period of its rows."""
_ADVERBS = {"DAILY": "DAY", "WEEKLY": "WEEK", "MONTHLY": "MONTH"}


def _version(text: str) -> str:
    if text != REPORTS_API:
        mistake = f" {text!r}: there is only {REPORTS_API} of the Reports API"
        raise ValueMistakesError([mistake])
    return text


@dataclass(frozen=True, kw_only=True)
class ReportEntry(DocumentSettings):
    """One entry of `reports`, as it is written.

    Attributes:
        report_type: The name of the type.
        options: Amazon's report options.
        marketplace_ids: The marketplaces to read; empty for those of the account.
        mode: Whether the tap requests the reports, or only lists those that others made; None
            leaves it to the type.
        record_path: Where the records of a JSON or XML document are; None leaves it to the type.
    """

    short_for: ClassVar[str | None] = "report_type"
    aliases: ClassVar[Mapping[str, str]] = {
        "reportType": "report_type",
        "reportOptions": "options",
        "marketplaceIds": "marketplace_ids",
        "dataStartTime": "start_date",
        "dataEndTime": "end_date",
    }
    """What createReport calls the properties (model `reports_2021-06-30`)."""

    report_type: str = entry_field(absent="")
    name: str | None = entry_field()
    options: Mapping[str, Any] = entry_field(absent={})
    marketplace_ids: tuple[str, ...] = entry_field(absent=(), read=marketplace_ids)
    mode: ReadingMode | None = entry_field()
    record_path: str | None = entry_field()
    version: str = entry_field(absent=REPORTS_API, read=_version)


@dataclass(frozen=True, kw_only=True)
class ReportSettings(DocumentSettings):
    """One entry of `reports`, as it is read.

    Attributes:
        label: The entry's name in sentences about it.
        type: The type of the report.
        options: Amazon's report options, as Amazon expects them.
        marketplace_ids, mode, record_path: As in the entry.
        array: The array of a JSON report that the stream reads; None where none is known.
        is_one_request: The entry is a request with both its times, made once as it is.
        request_times: The times of the entry that have Amazon's names, by these names.
    """

    name: str
    label: str
    type: ReportType
    options: Mapping[str, Any]
    marketplace_ids: tuple[str, ...] = ()
    mode: ReadingMode | None = None
    record_path: str | None = None
    array: RecordArray | None = None
    is_one_request: bool = False
    request_times: tuple[str, ...] = ()

    @property
    def is_requested(self) -> bool:
        """Whether reports are requested; other reports are read from Amazon's list."""
        return (self.mode or self.type.mode) == "requested"

    @property
    def has_times(self) -> bool:
        """Whether each report covers a time; other reports show how things are now."""
        wanted = self.type.dates.wanted
        if wanted is None:
            return any(getattr(self, name) is not None for name in TIMES)
        return wanted != "none"

    @property
    def period(self) -> Period | None:
        """The period that the type counts in, by its options; None where it has none."""
        name = _period_named(self.type.period(self.options))
        return Period(name) if name in CALENDAR else None

    def mistakes(self) -> Iterator[str]:
        """Yield what is wrong with the entry, a sentence each."""
        yield from super().mistakes()
        kind = self.type
        if self.is_requested:
            yield from (f"`options`: {mistake}" for mistake in kind.mistakes(self.options))
            yield from _mistakes_in_times(self)
        if kind.format in FILE_FORMATS:
            has_no_rows = f"its documents are {kind.format}, which have no rows"
            if self.save_to is None:
                yield f"{has_no_rows}: set `save_to` to the folder for them"
            if self.format is not None:
                yield f"{has_no_rows}: leave `format` out"
        if self.record_path is not None and kind.format in ("tsv", "csv", *FILE_FORMATS):
            yield f"its documents are {kind.format}: `record_path` is for JSON and XML"

    def doubts(self) -> Iterator[str]:
        """Yield what may be a mistake in the entry, a sentence each: it is read all the same."""
        kind = self.type
        if not kind.known:
            hint = hint_for_unknown(kind.name)
            yield f"{kind.name} is not a report type that is known here{hint}"
        if self.is_requested and kind.mode != "requested":
            yield (
                f"as far as is known here, reports of {kind.name} cannot be requested, only "
                "listed. If Amazon refuses the request, leave `mode` out"
            )
        if self.request_times and not self.is_requested:
            times = " and ".join(f"`{name}`" for name in self.request_times)
            select = "select" if len(self.request_times) > 1 else "selects"
            yield (
                f"its reports are only listed: {times} {select} reports by when they were "
                "created, not by the time of their data"
            )
        if self.is_requested:
            for doubt in kind.doubts(self.options):
                yield f"`options`: {doubt} Amazon gets it as it is."


def read_reports(entries: Sequence[str | Mapping[str, Any]]) -> tuple[ReportSettings, ...]:
    """Return the entries of `reports`.

    Raises:
        ValueMistakesError: Some entries have mistakes.
    """
    return read_each(entries, _read_checked)


def read_report(given: str | Mapping[str, Any], position: int = 0) -> ReportSettings:
    """Return one entry of `reports`, without checking what its type allows.

    Args:
        given: As the user wrote it.
        position: Position of the entry in the list.

    Raises:
        ValueMistakesError: It cannot be read.
    """
    label = f"[{position}]"
    try:
        entry = read_entry(ReportEntry, given)
        kind = _report_type(entry.report_type)
    except ValueMistakesError as error:
        raise ValueMistakesError([label + mistake for mistake in error.mistakes]) from None
    is_of_amazon = not isinstance(given, str) and not given.keys().isdisjoint(ReportEntry.aliases)
    has_both_times = None not in (entry.start_date, entry.end_date)
    known = {field.name for field in fields(ReportSettings)}
    return ReportSettings(
        **{
            **{name: value for name, value in vars(entry).items() if name in known},
            "label": f"`reports`{label} {kind.name}",
            "type": kind,
            "name": entry.name or stream_name(kind.name),
            "options": _options(kind, entry),
            "is_one_request": is_of_amazon and has_both_times and entry.window is None,
            "request_times": () if isinstance(given, str) else _request_times(given),
        }
    )


def report_streams(entries: Iterable[ReportSettings]) -> list[ReportSettings]:
    """Return the settings of each stream: an entry has a stream for each array of its report."""
    return [stream for entry in entries for stream in _streams_of(entry)]


def stream_name(type_name: str) -> str:
    """Return the name of a type's stream.

    GET_SALES_AND_TRAFFIC_REPORT is `report_sales_and_traffic`.
    """
    name = type_name.removeprefix("GET_")
    for end in _ENDS_OF_TYPES:
        if name.endswith(end):
            name = name.removesuffix(end)
            break
    return f"report_{name.lower()}"


def hint_for_unknown(name: str) -> str:
    """Return the end of a sentence with the type that the user may have meant, or nothing."""
    close = difflib.get_close_matches(name, REPORT_TYPES, n=1, cutoff=0.85)
    return f"; did you mean {close[0]}?" if close else ""


def _streams_of(declared: ReportSettings) -> Iterator[ReportSettings]:
    """Yield the entry for each of its arrays; the first keeps the name of the entry."""
    arrays = declared.type.record_arrays
    if declared.record_path is not None:
        known = next((one for one in arrays if one.path == declared.record_path), None)
        yield replace(declared, array=known)
        return
    # A type with a schema for sellers and one for vendors has the arrays of either.
    if not arrays or len(declared.type.schemas) > 1:
        yield declared
        return
    words = [snake_case(array.path).split("_") for array in arrays]
    shared = 0
    while len(words) > 1 and all(
        len(each) > shared + 1 and each[shared] == words[0][shared] != "by" for each in words
    ):
        shared += 1
    for array, each in zip(arrays, words, strict=True):
        name = declared.name
        if array is not arrays[0]:
            name += "_" + "_".join(each[shared:])
        yield replace(declared, name=name, array=array, record_path=array.path)


def _read_checked(position: int, given: str | Mapping[str, Any]) -> ReportSettings:
    declared = read_report(given, position)
    mistakes = [*declared.mistakes()]
    if not declared.is_requested and not isinstance(given, str):
        mistakes += _meaningless(given, declared)
    if mistakes:
        label = f"[{position}] {declared.type.name}"
        raise ValueMistakesError([f"{label}: {mistake}" for mistake in mistakes])
    return declared


def _report_type(name: str) -> ReportType:
    if not _REPORT_TYPE.fullmatch(name):
        message = (
            f": `report_type` {name!r} is not one such as GET_MERCHANT_LISTINGS_ALL_DATA"
            if name
            else ": it needs a `report_type`"
        )
        raise ValueMistakesError([message])
    try:
        return report_type(name)
    except RemovedReportTypeError as error:
        raise ValueMistakesError([f": {error}"]) from None


def _options(kind: ReportType, entry: ReportEntry) -> dict[str, Any]:
    """Return the options as Amazon expects them; a calendar window implies the period."""
    options = {
        name: text if (text := written(value)) is not None else value
        for name, value in entry.options.items()
        if value is not None
    }
    option = kind.options.get(kind.dates.period_option or "")
    if option is not None and option.name in _OF_WHOLE_REPORTS and entry.window is not None:
        for value in option.values:
            if _period_named(value) == entry.window.length:
                options.setdefault(option.name, value)
    return options


def _request_times(given: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what an entry has of createReport's names of times."""
    return tuple(
        name
        for name, ours in ReportEntry.aliases.items()
        if ours in TIMES and given.get(name) is not None
    )


def _period_named(value: str | None) -> str:
    """Return the period of the calendar that a value of an option means: DAILY is a DAY."""
    return _ADVERBS.get(value or "", value or "")


def _meaningless(properties: Mapping[str, Any], declared: ReportSettings) -> Iterator[str]:
    """Yield a sentence for each property about requests, for reports that are only listed."""
    why = (
        "its reports are only listed (`mode`)"
        if declared.mode == "listed"
        else "Amazon makes these reports by itself"
    )
    for name in _OF_REQUESTS:
        if properties.get(name) is not None:
            yield f"{why}: `{name}` has no meaning and must be left out"


def _mistakes_in_times(declared: ReportSettings) -> Iterator[str]:
    kind, window, period = declared.type, declared.window, declared.period
    if kind.dates.wanted == "none":
        for name in TIMES:
            if getattr(declared, name) is not None:
                yield f"it shows how things are now: `{name}` has no meaning"
        return
    longest = kind.dates.longest
    if window is not None and longest is not None and window.longest > longest:
        yield f"`window` is longer than {longest.days} days, which is Amazon's limit"
    if window is not None and period is not None:
        if not window.is_made_of(str(period.length)):
            yield (
                f"`window` must be made of whole periods, which are {period.length} by "
                f"`{kind.dates.period_option}`"
            )
        elif kind.dates.single and window != period:
            yield f"`window` must be {period.length}: Amazon takes one period at a time"
