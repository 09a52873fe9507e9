"""`amazon-sp plan`: what a run would read, the least calls and time it takes, and what bounds it.

Facts: the Sales API counts orders by purchase date (model `sales`, getOrderMetrics).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TextIO

import click

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.throttle import Throttle
from tap_amazon_sp.cli.connection import Connecting, chosen_connections, connection_options
from tap_amazon_sp.cli.data_output import TABLE, output_option, record_writer
from tap_amazon_sp.cli.notices import notice, show_log
from tap_amazon_sp.common.timestamps import format_timestamp
from tap_amazon_sp.reading.connection import Connection
from tap_amazon_sp.reading.plan import StreamPlan, least_seconds, pages_of
from tap_amazon_sp.reading.progress import duration
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.settings.input_files import catalog_in_file, state_in_file
from tap_amazon_sp.settings.state_input import read_state
from tap_amazon_sp.tap import TapAmazonSP

METRICS = "sales.getOrderMetrics"
COUNTED = ("orders_2026-01-01.searchOrders", "ordersV0.getOrders")
"""Operations whose records are the orders that the Sales API counts."""
SECONDS_WORTH_A_HINT = 600.0
ORDERS_REPORT = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"

_AT_ONCE = "at once"


@dataclass(frozen=True)
class Line:
    """The plan of one stream, as it is printed."""

    stream: AmazonStream
    plan: StreamPlan
    orders: int | None = None

    @property
    def seconds(self) -> float:
        """The least seconds that the calls take."""
        return _seconds(self.plan.operation_id, self.plan.calls)

    @property
    def record(self) -> dict[str, Any]:
        """The plan with names; times are in UTC."""
        plan = self.plan
        record: dict[str, Any] = {"stream": self.stream.label, "how": plan.how}
        record["from"] = None if plan.start is None else format_timestamp(plan.start)
        record["to"] = None if plan.end is None else format_timestamp(plan.end)
        record["orders"] = self.orders
        record["least_calls"] = plan.calls
        record["operation"] = plan.operation_id
        record["least_seconds"] = round(self.seconds)
        return record

    @property
    def row(self) -> dict[str, str]:
        """The plan as a line of a table."""
        record = self.record
        least = f"at least {duration(self.seconds)}" if self.seconds else _AT_ONCE
        return {
            "stream": self.stream.label,
            "how": self.plan.how,
            "from": record["from"] or "",
            "to": record["to"] or "",
            "calls": f"at least {self.plan.calls:,}" if self.plan.calls else "",
            "operation": self.plan.operation_id.rpartition(".")[2],
            "time": least if self.plan.calls else "",
        }


@click.command(name="plan")
@click.option(
    "--catalog",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="The catalog of the run. Default: the streams that are selected without one.",
)
@click.option(
    "--state",
    type=click.File(encoding="utf-8-sig"),
    metavar="FILE",
    help="The state that the run begins with. Default: none.",
)
@click.option(
    "--ask",
    is_flag=True,
    help="Ask Amazon's Sales API how many orders there are: one call for each marketplace.",
)
@output_option(TABLE)
@connection_options
def command(
    *,
    catalog: TextIO | None,
    state: TextIO | None,
    ask: bool,
    output: str,
    connecting: Connecting,
) -> None:
    """Show what a run would read: from when to when, with how many calls, and how long it takes.

    Without `--ask`, nothing is sent to Amazon. Calls are the fewest that are certain: a list may
    have more pages than it takes requests.
    """
    show_log()
    tap = TapAmazonSP(
        config=dict(connecting.settings),
        parse_env_config=connecting.from_environment,
        catalog=None if catalog is None else catalog_in_file(catalog),
        state=None if state is None else read_state(state_in_file(state)),
    )
    connections = chosen_connections(tap, connecting.account)
    tap.run.check_settings()
    lines = [*_lines(tap, connections, ask=ask)]
    with record_writer(output) as writer:
        writer.write([line.row if output == TABLE else line.record for line in lines])
    for sentence in _summary(lines):
        notice(sentence)


def _lines(tap: TapAmazonSP, connections: Iterable[Connection], *, ask: bool) -> Iterator[Line]:
    for connection in connections:
        for stream in tap.run.streams_by_account[connection]:
            if stream.selected or stream.has_selected_descendents:
                line = Line(stream, stream.reader.plan())
                yield _asked(line) if ask else line


def _asked(line: Line) -> Line:
    """Return a plan with the number of orders that the Sales API counts."""
    stream, plan = line.stream, line.plan
    start, end = plan.start, plan.end
    paging = stream.operation.paging
    if plan.operation_id not in COUNTED or start is None or end is None or start >= end:
        return line
    metrics = catalogue.operation(METRICS)
    interval = f"{format_timestamp(start)}--{format_timestamp(end)}"
    account = stream.account
    orders = 0
    for marketplace_id in account.marketplace_ids or stream.connection.participating_marketplaces:
        parameters = {
            "marketplaceIds": [marketplace_id],
            "interval": interval,
            "granularity": "Total",
        }
        answer = stream.client.send(metrics, parameters)
        orders += sum(int(entry["orderCount"]) for entry in _entries(answer.body))
    pages = pages_of(orders, (paging and paging.max_size) or 1)
    return replace(line, plan=replace(plan, calls=max(plan.calls, pages)), orders=orders)


def _entries(body: Any) -> list[Mapping[str, Any]]:
    return list(body.get("payload") or ()) if isinstance(body, dict) else []


def _summary(lines: Iterable[Line]) -> Iterator[str]:
    """Yield what bounds the run, the reports that it submits, and what would be faster."""
    calls: dict[tuple[Any, str], int] = {}
    jobs: dict[tuple[Any, str], set[Any]] = {}
    for line in lines:
        operation = catalogue.operation(line.plan.operation_id)
        quota = line.stream.account.quota(operation), operation.id
        known = jobs.setdefault(quota, set())
        shared = len(line.plan.jobs & known)
        known |= line.plan.jobs
        calls[quota] = calls.get(quota, 0) + line.plan.calls - shared
    submitted = sum(map(len, jobs.values()))
    if submitted:
        yield f"Reports and queries to be submitted: {submitted}"
    slowest = max(calls, key=lambda quota: _seconds(quota[1], calls[quota]), default=None)
    if slowest is None:
        return
    seconds = _seconds(slowest[1], calls[slowest])
    name = slowest[1].rpartition(".")[2]
    if not seconds:
        yield "Amazon's rate limits let these calls pass at once; further pages may take longer"
        return
    yield (
        f"Streams are read side by side: the run takes at least {duration(seconds)}, for "
        f"{calls[slowest]:,} calls of {name}"
    )
    if slowest[1] in COUNTED and seconds >= SECONDS_WORTH_A_HINT:
        yield (
            f"The past is read faster as a report: {ORDERS_REPORT} in `reports`, and a later "
            "`start_date` for the orders"
        )


def _seconds(operation_id: str, calls: int) -> float:
    operation = catalogue.operation(operation_id)
    return least_seconds(
        calls,
        operation.rate or Throttle.UNDOCUMENTED_RATE,
        operation.burst or Throttle.UNDOCUMENTED_BURST,
    )
