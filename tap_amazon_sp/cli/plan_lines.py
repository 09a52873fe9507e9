"""The plan of a run, as `amazon-sp plan` prints it: a line for each stream, and a summary."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.amazon.bulk_reports import BulkReport, bulk_reports
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.common.enumerations import listed, quoted
from tap_amazon_sp.common.timestamps import UTC, format_timestamp
from tap_amazon_sp.common.windows import DAY
from tap_amazon_sp.reading.plan import Certainty, PlannedJob, StreamPlan
from tap_amazon_sp.reading.progress import duration
from tap_amazon_sp.reading.stream import AmazonStream

AT_ONCE = "at once"
SECONDS_OF_A_MINUTE = 60
LONG_TIME = 30 * DAY
"""From this time on, a report instead of a list is worth a thought."""

_TIME_OF: Mapping[Certainty, str] = {
    # Amazon's answers, and the making of a report, take time, too.
    "exactly": "at least",
    "at least": "at least",
    "about": "about",
    "at most": "up to",
}


@dataclass(frozen=True)
class Line:
    """The plan of one stream."""

    stream: AmazonStream
    plan: StreamPlan

    @property
    def seconds(self) -> float:
        """The seconds that the calls take by their rate limit."""
        return self.stream.client.least_seconds(self.plan.operation, self.plan.calls)

    @property
    def may_be_long(self) -> bool:
        """Whether the stream may take many calls: it does, or nobody knows of a long time."""
        plan = self.plan
        is_short = (
            plan.start is not None and plan.end is not None and plan.end - plan.start < LONG_TIME
        )
        return self.seconds > 0 or (plan.further is not None and not is_short)

    @property
    def record(self) -> dict[str, Any]:
        """The plan as a JSON object; times are in UTC."""
        plan = self.plan
        return {
            "stream": self.stream.label,
            "how": plan.how,
            "from": None if plan.start is None else format_timestamp(plan.start),
            "to": None if plan.end is None or plan.is_of_later else format_timestamp(plan.end),
            "records": plan.records,
            "calls": plan.calls,
            "certainty": plan.certainty,
            "further_calls": plan.further,
            "operation": plan.operation.id,
            "seconds": round(self.seconds),
        }

    @property
    def row(self) -> dict[str, str]:
        """The plan as a row of a table; what matters most comes first."""
        plan, seconds = self.plan, self.seconds
        time = f"{_TIME_OF[plan.certainty]} {_duration(seconds)}" if seconds else AT_ONCE
        return {
            "stream": self.stream.label,
            "calls": _calls(plan),
            "time": time if plan.calls else "",
            "from, to": _span(plan),
            "further calls": plan.further or "",
            "operation": plan.operation.name,
            "how": plan.how,
        }


@dataclass(frozen=True)
class Bucket:
    """The calls of one operation that share a rate limit.

    Attributes:
        operation: The operation.
        calls: The number of calls.
        certainty: How certain it is.
        seconds: The time that the rate limit takes for them.
        least_seconds: The time without the calls that reports may save, because Amazon has them.
    """

    operation: Operation
    calls: int
    certainty: Certainty
    seconds: float
    least_seconds: float

    @property
    def time(self) -> str:
        """The time in words."""
        if self.certainty == "at most" and 0 < self.least_seconds < self.seconds:
            return f"{_duration(self.least_seconds)} to {_duration(self.seconds)}"
        return f"{_TIME_OF[self.certainty]} {_duration(self.seconds)}"


@dataclass(frozen=True)
class KindOfJobs:
    """The reports of a type, or the queries, that would be submitted.

    `seconds` is the time that the rate limit takes for submitting them.
    """

    kind: str
    jobs: Sequence[PlannedJob]
    seconds: float

    @property
    def certainty(self) -> Certainty:
        """How certain their number is: where Amazon has such a report, none is submitted."""
        return "at most" if any(job.may_exist for job in self.jobs) else "exactly"

    @property
    def record(self) -> dict[str, Any]:
        """The jobs as a JSON object; times are in UTC."""
        windows = [job.window for job in self.jobs if job.window is not None]
        return {
            "kind": self.kind,
            "number": len(self.jobs),
            "certainty": self.certainty,
            "from": format_timestamp(min(one.after for one in windows)) if windows else None,
            "to": format_timestamp(max(one.before for one in windows)) if windows else None,
            "longest_window_seconds": max(
                (round(one.length.total_seconds()) for one in windows), default=None
            ),
            "seconds": round(self.seconds),
        }

    @property
    def sentence(self) -> str:
        """The jobs in words."""
        record = self.record
        parts = [f"{self.certainty} {len(self.jobs):,} of {self.kind}"]
        if (longest := record["longest_window_seconds"]) is not None:
            parts.append(f"from {record['from']} to {record['to']}")
            parts.append(f"each of up to {_duration(longest)}")
        if self.seconds:
            parts.append(f"{_TIME_OF[self.certainty]} {_duration(self.seconds)}")
        return ", ".join(parts)


class Summary:
    """What all streams take together."""

    def __init__(self, lines: Sequence[Line]) -> None:
        """Add up the calls; streams that share a report submit it once."""
        self.lines = lines
        self.jobs = [*_kinds_of_jobs(lines)]
        self.buckets = [*_buckets(lines)]

    @property
    def bound(self) -> Bucket | None:
        """The operation whose calls take longest; None without calls."""
        return max(self.buckets, key=lambda bucket: bucket.seconds, default=None)

    @property
    def calls(self) -> int:
        """The number of calls."""
        return sum(bucket.calls for bucket in self.buckets)

    @property
    def certainty(self) -> Certainty:
        """How certain this number is."""
        return together(line.plan.certainty for line in self.lines)

    @property
    def alternatives(self) -> Mapping[BulkReport, Sequence[str]]:
        """The reports with the same records as streams whose number of calls may be large."""
        found: dict[BulkReport, dict[str, None]] = {}
        for line in self.lines:
            report = bulk_reports().get(line.plan.operation.id)
            settings = line.stream.settings
            declared = {entry.type.name for entry in settings.reports}
            if report is None or report.report_type in declared:
                continue
            if line.may_be_long:
                # The streams of several accounts have one name.
                found.setdefault(report, {})[line.stream.name] = None
        return {report: [*names] for report, names in found.items()}

    @property
    def record(self) -> dict[str, Any]:
        """The summary as a JSON object; times are in UTC."""
        bound = self.bound
        return {
            "calls": self.calls,
            "certainty": self.certainty,
            "seconds": 0 if bound is None else round(bound.seconds),
            "bound_by": None
            if bound is None
            else {
                "operation": bound.operation.id,
                "calls": bound.calls,
                "certainty": bound.certainty,
            },
            "jobs": [kind.record for kind in self.jobs],
            "faster": [
                {"report_type": report.report_type, "holds": report.holds, "streams": streams}
                for report, streams in self.alternatives.items()
            ],
        }

    def sentences(self) -> Iterator[str]:
        """Yield the summary in words."""
        yield f"Calls: {self.certainty} {self.calls:,}"
        submitted = sum(len(kind.jobs) for kind in self.jobs)
        if submitted:
            yield f"Reports and queries to be submitted: {submitted:,}"
            yield from (f"  {kind.sentence}" for kind in self.jobs)
        bound = self.bound
        if bound is not None and bound.seconds:
            yield (
                f"Streams are read side by side: the run takes {bound.time}, for "
                f"{bound.calls:,} calls of {bound.operation.name}"
            )
        elif bound is not None:
            yield "Amazon's rate limits let these calls pass at once; further calls may take longer"
        for report, streams in self.alternatives.items():
            have = "has" if len(streams) == 1 else "have"
            yield (
                f"If {listed(quoted(streams))} {have} many records, a report is faster: "
                f"{report.report_type} in `reports` has {report.holds}"
                + (
                    ""
                    if report.setting is None
                    else f", and `{report.setting}` fills these streams"
                )
            )


def together(parts: Iterable[Certainty]) -> Certainty:
    """Return how certain a sum is, by the certainty of its parts."""
    uncertain = [*dict.fromkeys(part for part in parts if part != "exactly")]
    if not uncertain:
        return "exactly"
    return uncertain[0] if len(uncertain) == 1 else "about"


def _span(plan: StreamPlan) -> str:
    if plan.start is None or plan.end is None:
        return ""
    start, end = (
        moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%MZ") for moment in (plan.start, plan.end)
    )
    return f"nothing: {start} is after {end}" if plan.is_of_later else f"{start} to {end}"


def _duration(seconds: float) -> str:
    if seconds < SECONDS_OF_A_MINUTE:
        return f"{math.ceil(seconds)} s"
    return duration(seconds).removesuffix(" 0 h").removesuffix(" 0 min")


def _calls(plan: StreamPlan) -> str:
    if not plan.calls and plan.certainty != "exactly":
        return "not known"
    return f"{plan.certainty} {plan.calls:,}" if plan.calls else "none"


def _quota(line: Line) -> tuple[Hashable, str]:
    operation = line.plan.operation
    return line.stream.account.quota(operation), operation.id


def _buckets(lines: Iterable[Line]) -> Iterator[Bucket]:
    by_quota: dict[tuple[Hashable, str], list[Line]] = {}
    for line in lines:
        by_quota.setdefault(_quota(line), []).append(line)
    for members in by_quota.values():
        jobs = [line.plan.jobs for line in members]
        shared = sum(map(len, jobs)) - len(frozenset[PlannedJob]().union(*jobs))
        calls = sum(line.plan.calls for line in members) - shared
        saved = len({job for found in jobs for job in found if job.may_exist})
        client, operation = members[0].stream.client, members[0].plan.operation
        if calls:
            yield Bucket(
                operation,
                calls,
                together(line.plan.certainty for line in members),
                client.least_seconds(operation, calls),
                client.least_seconds(operation, calls - saved),
            )


def _kinds_of_jobs(lines: Iterable[Line]) -> Iterator[KindOfJobs]:
    found: dict[tuple[Hashable, str], dict[str, set[PlannedJob]]] = {}
    members: dict[tuple[Hashable, str], Line] = {}
    for line in lines:
        by_kind = found.setdefault(_quota(line), {})
        members[_quota(line)] = line
        for job in line.plan.jobs:
            by_kind.setdefault(job.kind, set()).add(job)
    for quota, by_kind in found.items():
        client, operation = members[quota].stream.client, members[quota].plan.operation
        for kind, jobs in sorted(by_kind.items()):
            yield KindOfJobs(kind, [*jobs], client.least_seconds(operation, len(jobs)))
