"""The setting `reports`: what an entry may say, and what is wrong with one."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tap_amazon_sp.amazon.marketplaces import find_marketplace, find_region
from tap_amazon_sp.amazon.report_types import (
    FILE_FORMATS,
    REPORT_TYPES,
    Option,
    RecordArray,
    RemovedReportTypeError,
    ReportType,
    report_type,
    written,
)
from tap_amazon_sp.common.periods import CALENDAR, Period
from tap_amazon_sp.documents.names import snake_case
from tap_amazon_sp.settings.document_entries import (
    DocumentSettings,
    document_settings,
    mistakes_in_documents,
)

T = TypeVar("T")

COLUMN_NAMES = ("snake_case", "original")
FILE_FORMATS_OF_ROWS = ("jsonl", "csv", "parquet")
REPORTS_API = "2021-06-30"

OF_AMAZON = {
    "reportType": "report_type",
    "marketplaceIds": "marketplace_ids",
    "reportOptions": "options",
    "dataStartTime": "start_date",
    "dataEndTime": "end_date",
}
"""What createReport calls the parts of an entry (model `reports_2021-06-30`)."""

_REPORT_TYPE = re.compile(r"[A-Z][A-Z0-9_]+")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ENDS_OF_TYPES = ("_REPORT", "_DATA")
_OF_ORDERED = ("window", "lookback", "options", "reportOptions")
_OF_TIMES = ("window", "start_date", "end_date", "lookback")
_OF_WHOLE_REPORTS = ("aggregatedByTimePeriod", "reportPeriod")
"""Options whose period a whole report is of; `dateGranularity` is that of its rows."""
_ADVERBS = {"DAILY": "DAY", "WEEKLY": "WEEK", "MONTHLY": "MONTH"}


@dataclass(frozen=True)
class ReportSettings(DocumentSettings):
    """One entry of `reports`.

    Attributes:
        type: Of the report.
        options: As Amazon wants them.
        marketplace_ids: Whose data; empty for those of the account.
        record_path: Where the records of a JSON or XML document are; None leaves it to the type.
        array: The array of a JSON report that the stream reads; None where none is known.
        is_one_request: The entry is a request with both its times, made once as it is.
    """

    type: ReportType = field(default_factory=lambda: ReportType(""))
    options: Mapping[str, str] = field(default_factory=dict)
    marketplace_ids: tuple[str, ...] = ()
    record_path: str | None = None
    array: RecordArray | None = None
    is_one_request: bool = False

    @property
    def is_ordered(self) -> bool:
        """Whether reports are asked for; others are taken as they are listed."""
        return self.type.mode == "requested"

    @property
    def has_times(self) -> bool:
        """Whether each report is of a time; others show how things are."""
        wanted = self.type.dates.wanted
        if wanted is None:
            return any(
                value is not None
                for value in (self.window, self.start_date, self.end_date, self.lookback)
            )
        return wanted != "none"

    @property
    def period(self) -> Period | None:
        """The period that the type counts in, by its options; None where it has none."""
        name = _period_named(self.type.period(self.options))
        return Period(name) if name in CALENDAR else None


def report_streams(settings: Mapping[str, Any]) -> list[ReportSettings]:
    """Return what each stream of `reports` reads: an entry has a stream for each of its arrays.

    Raises:
        ValueError: An entry is wrong; see `mistakes_in_reports`.
    """
    return [
        stream for entry in settings.get("reports") or () for stream in _streams_of(_read(entry))
    ]


def mistakes_in_reports(settings: Mapping[str, Any], names: Iterable[str]) -> Iterator[str]:
    """Say in a sentence each what is wrong with the entries of `reports`.

    Args:
        settings: Of the tap, of the right types.
        names: Of the other streams.
    """
    taken = set(names)
    for position, entry in enumerate(settings.get("reports") or ()):
        label = f"`reports`[{position}]"
        try:
            declared = _read(entry)
        except ValueError as error:
            yield f"{label}: {error}"
            continue
        label = f"`reports`[{position}] {declared.type.name}"
        yield from (f"{label}: {mistake}" for mistake in _mistakes(declared, entry, settings))
        for stream in _streams_of(declared):
            if stream.name in taken:
                yield (f"{label}: there is a stream '{stream.name}' already, choose another `name`")
            taken.add(stream.name)


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
    """Return a half sentence with the type that is meant by one that nobody knows, if any."""
    close = difflib.get_close_matches(name, REPORT_TYPES, n=1, cutoff=0.85)
    return f"; did you mean {close[0]}?" if close else ""


def _streams_of(declared: ReportSettings) -> Iterator[ReportSettings]:
    """Give the first array of records as the entry itself, the others under names of their own."""
    arrays = declared.type.record_arrays
    if declared.record_path is not None:
        known = next((one for one in arrays if one.path == declared.record_path), None)
        yield _with(declared, array=known)
        return
    # A type with a schema for sellers and one for vendors has either's arrays.
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
        yield _with(declared, name=name, array=array, record_path=array.path)


def _with(declared: ReportSettings, **changes: Any) -> ReportSettings:
    return ReportSettings(**{**vars(declared), **changes})


def _read(given: str | Mapping[str, Any]) -> ReportSettings:
    entry: dict[str, Any] = {"report_type": given} if isinstance(given, str) else dict(given)
    is_of_amazon = not entry.keys().isdisjoint(OF_AMAZON)
    for theirs, ours in OF_AMAZON.items():
        if theirs in entry:
            if ours in entry:
                message = f"`{theirs}` and `{ours}` are the same: give one of them"
                raise ValueError(message)
            entry[ours] = entry.pop(theirs)
    entry = {name: value for name, value in entry.items() if value is not None}
    kind = _report_type(entry.get("report_type", ""))
    if (version := entry.get("version", REPORTS_API)) != REPORTS_API:
        message = f"`version` {version!r}: there is only {REPORTS_API} of the Reports API"
        raise ValueError(message)
    common = document_settings(entry)
    has_both_times = None not in (common["start_date"], common["end_date"])
    return ReportSettings(
        name=entry.get("name") or stream_name(kind.name),
        type=kind,
        options=_options(kind, entry, common["window"]),
        marketplace_ids=_marketplace_ids(entry.get("marketplace_ids") or ()),
        record_path=entry.get("record_path"),
        is_one_request=is_of_amazon and has_both_times and common["window"] is None,
        **common,
    )


def _report_type(name: str) -> ReportType:
    if not _REPORT_TYPE.fullmatch(name):
        message = (
            f"`report_type` {name!r} is none such as GET_MERCHANT_LISTINGS_ALL_DATA"
            if name
            else "it needs a `report_type`"
        )
        raise ValueError(message)
    try:
        return report_type(name)
    except RemovedReportTypeError as error:
        raise ValueError(str(error)) from None


def _options(kind: ReportType, entry: Mapping[str, Any], window: Period | None) -> dict[str, str]:
    """Return the options as Amazon wants them; a window of the calendar says the period, too."""
    options = {
        name: text if (text := written(value)) is not None else value
        for name, value in (entry.get("options") or {}).items()
        if value is not None
    }
    option = kind.options.get(kind.dates.period_option or "")
    if option is not None and option.name in _OF_WHOLE_REPORTS and window is not None:
        for value in option.values:
            if _period_named(value) == window.length:
                options.setdefault(option.name, value)
    return options


def _period_named(value: str | None) -> str:
    """Return the period of the calendar that a value of an option means: DAILY is a DAY."""
    return _ADVERBS.get(value or "", value or "")


def _marketplace_ids(names: Sequence[str]) -> tuple[str, ...]:
    try:
        return tuple(dict.fromkeys(find_marketplace(name).id for name in names))
    except ValueError as error:
        message = f"`marketplace_ids`: {error}"
        raise ValueError(message) from None


def _mistakes(
    declared: ReportSettings, entry: str | Mapping[str, Any], settings: Mapping[str, Any]
) -> Iterator[str]:
    kind = declared.type
    yield from mistakes_in_documents(declared)
    if declared.is_ordered:
        yield from (f"`options`: {mistake}" for mistake in _mistakes_in_options(declared))
        yield from _mistakes_in_times(declared)
    elif isinstance(entry, Mapping):
        for name in _OF_ORDERED:
            if entry.get(name) is not None:
                yield f"Amazon makes these reports by itself: `{name}` has no meaning"
    if kind.format in FILE_FORMATS:
        if declared.save_to is None:
            yield f"its documents are {kind.format}, which have no rows: say in `save_to` where to"
        if declared.format is not None:
            yield f"its documents are {kind.format}, which have no rows: leave `format` out"
    if declared.record_path is not None and kind.format in ("tsv", "csv", *FILE_FORMATS):
        yield f"its documents are {kind.format}: `record_path` is for JSON and XML"
    yield from _mistakes_in_region(declared, settings)


def _mistakes_in_options(declared: ReportSettings) -> Iterator[str]:
    yield from declared.type.mistakes(declared.options)
    if not declared.type.options:
        # Those that nobody documents are text, too.
        for name, value in declared.options.items():
            if mistake := Option(name).mistake(value):
                yield mistake


def _mistakes_in_times(declared: ReportSettings) -> Iterator[str]:
    kind, window, period = declared.type, declared.window, declared.period
    if kind.dates.wanted == "none":
        for name in _OF_TIMES:
            if getattr(declared, name) is not None:
                yield f"it shows how things are, whatever the times: `{name}` has no meaning"
        return
    longest = kind.dates.longest
    if window is not None and longest is not None and window.longest > longest:
        yield f"`window` is longer than {longest.days} days, the most Amazon takes"
    if window is not None and period is not None:
        if not window.is_made_of(str(period.length)):
            yield (
                f"`window` must be made of whole periods, which are {period.length} by "
                f"`{kind.dates.period_option}`"
            )
        elif kind.dates.single and window != period:
            yield f"`window` must be {period.length}: Amazon takes one period at a time"


def _mistakes_in_region(declared: ReportSettings, settings: Mapping[str, Any]) -> Iterator[str]:
    if settings.get("accounts"):
        return
    try:
        region = find_region(settings.get("region") or "na")
    except ValueError:
        return
    for marketplace_id in declared.marketplace_ids:
        marketplace = find_marketplace(marketplace_id)
        if marketplace.region != region.name:
            yield (
                f"`marketplace_ids`: {marketplace.country_code} is in region "
                f"{marketplace.region}, but `region` is {region.name}"
            )
