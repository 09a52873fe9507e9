"""The sections about money that was paid, and whether everything adds up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from demo.report import charts
from demo.report.amounts import NONE, count, day, money, number, whole_money
from demo.report.earnings import in_currency
from demo.report.marts import Row, Rows
from demo.report.parts import Panel, Section, Table

MAX_SETTLEMENTS = 12
"""The newest are drawn; the table has all."""

_KINDS = (("settlement", "--sky"), ("paid out", "--blue"))
STATUSES = (
    ("agrees", "--green"),
    ("open", "--sky"),
    ("missing", "--orange"),
    ("differs", "--red"),
)
"""What a comparison found, in the order in which it is drawn, with colours."""


def payouts(marts: Mapping[str, Rows], currencies: Sequence[str]) -> Section:
    """Payouts beside the settlements that they pay."""
    panels = [
        _payouts_in(in_currency(marts["settlements"], currency), currency)
        for currency in currencies
    ] or [Panel("No settlements were synced")]
    source = (
        "From the marts `settlements` and `payouts`: the total of each settlement, and the money "
        "that Amazon sent to the bank for it. Times are in UTC."
    )
    return Section("payouts", "Payouts", "Payouts and settlements", panels, source)


def _payouts_in(rows: Sequence[Row], currency: str) -> Panel:
    if not rows:
        return Panel(f"No settlements in {currency}", currency)
    both = [row for row in rows if row["paid"] is not None and row["total"] is not None]
    paid = sum(row["paid"] for row in rows if row["paid"] is not None)
    differ = [row for row in both if row["paid"] != row["total"]]
    headline = f"{whole_money(paid, currency)} was paid out" if paid else "Nothing was paid out yet"
    if both:
        verb = "differs" if len(differ) == 1 else "differ"
        ends = f"{len(differ):,} of {count(len(both), 'payout')} {verb} from the settlement"
        same = "the payout equals its settlement"
        if len(both) > 1:
            same = f"all {len(both):,} payouts equal their settlements"
        headline += f"; {ends if differ else same}"
    notes = [*_notes(rows, currency)]
    table = Table(
        f"Settlements and payouts, {currency}",
        ("settlement", "from", "to", "total", "payout", "status", "paid out", "difference"),
        [
            (
                str(row["settlement_id"]),
                _date(row["started_at"]),
                _date(row["ended_at"]),
                money(row["total"], currency),
                _date(row["paid_at"]),
                row["status"] or NONE,
                money(row["paid"], currency),
                money(row["paid"] - row["total"], currency) if row in both else NONE,
            )
            for row in rows
        ],
        frozenset({3, 6, 7}),
    )
    return Panel(
        headline,
        currency,
        charts.pairs(_pairs(rows[-MAX_SETTLEMENTS:], currency), _KINDS, currency),
        [table],
        notes,
    )


def _notes(rows: Sequence[Row], currency: str) -> Iterator[str]:
    if under_way := sum(row["under_way"] for row in rows if row["under_way"] is not None):
        yield f"{whole_money(under_way, currency)} of it is still on its way to the bank."
    unpaid = [row for row in rows if row["paid"] is None]
    if below := len([row for row in unpaid if row["total"] is not None and row["total"] < 0]):
        yield f"{count(below, 'settlement')} below zero, so there is no payout."
    if len(unpaid) > below:
        yield f"{count(len(unpaid) - below, 'settlement')} without a payout."
    if unmatched := len([row for row in rows if row["total"] is None]):
        yield f"{count(unmatched, 'payout')} without a settlement report."


def _pairs(rows: Sequence[Row], currency: str) -> list[dict[str, Any]]:
    labels = [_date(row["ended_at"] or row["paid_at"]) for row in rows]
    repeated = {label for label, times in Counter(labels).items() if times > 1}
    return [
        {
            "label": f"{label}, {row['settlement_id']}" if label in repeated else label,
            "kind": kind,
            "amount": float(row[column]),
            "shown": money(row[column], currency),
        }
        for label, row in zip(labels, rows, strict=True)
        for (kind, _), column in zip(_KINDS, ("total", "paid"), strict=True)
        if row[column] is not None
    ]


def _date(moment: dt.datetime | None) -> str:
    return NONE if moment is None else day(moment.astimezone(dt.timezone.utc).date())


def reconciliation(marts: Mapping[str, Rows]) -> Section:
    """What was compared with what, and what is open."""
    rows = marts["reconciled"]
    source = (
        "From the mart `reconciliation`: orders, transactions, settlements and payouts, each "
        "compared with the next. Open is what Amazon has not settled yet."
    )
    if not rows:
        empty = Panel("There is nothing to compare: no finances were synced")
        return Section("reconciliation", "Reconciliation", "Does it add up?", [empty], source)
    counts = Counter[str]()
    for row in rows:
        counts[row["status"]] += row["compared"]
    total = counts.total()
    known = [name for name, _ in STATUSES]
    values = [
        {
            "label": _shown(row["subject"]),
            "kind": row["status"],
            "place": known.index(row["status"]) if row["status"] in known else len(known),
            "amount": row["compared"],
            "shown": number(row["compared"]),
        }
        for row in rows
    ]
    statuses = [(name, colour) for name, colour in STATUSES if counts[name]]
    statuses += [(name, "--grey") for name in counts if name not in known]
    compared = Table(
        "Comparisons by subject and status",
        ("compared", "status", "number"),
        [(_shown(row["subject"]), row["status"], number(row["compared"])) for row in rows],
        frozenset({2}),
    )
    others = total - counts["agrees"]
    tables = [compared, *([_findings(marts["findings"], others)] if others else [])]
    parts = [f"{counts[name]:,} {_said(name, counts[name])}" for name in known[1:] if counts[name]]
    headline = f"{counts['agrees']:,} of {total:,} comparisons agree"
    headline += f"; {', '.join(parts)}" if parts else ""
    panel = Panel(
        headline, chart=charts.shares(values, statuses, "comparisons", whole=True), tables=tables
    )
    return Section("reconciliation", "Reconciliation", "Does it add up?", [panel], source)


def _shown(subject: str) -> str:
    return subject.replace("_", " ")


def _said(status: str, number_of: int) -> str:
    verbs = {"open": ("is open", "are open"), "missing": ("is missing", "are missing")}
    one, many = verbs.get(status, ("differs", "differ"))
    return one if number_of == 1 else many


def _findings(rows: Sequence[Row], total: int) -> Table:
    shown = f"the first {len(rows):,} of {total:,}" if total > len(rows) else f"{total:,}"
    return Table(
        f"What does not agree, or not yet: {shown}",
        ("compared", "status", "reference", "expected", "found", "difference", "explanation"),
        [
            (
                _shown(row["subject"]),
                row["status"],
                row["reference"],
                *(_amount(row[name], row["currency"]) for name in _AMOUNTS),
                row["explanation"] or "",
            )
            for row in rows
        ],
        frozenset({3, 4, 5}),
    )


_AMOUNTS = ("expected", "found", "difference")


def _amount(value: Any, currency: str | None) -> str:
    return money(value, currency) if currency else number(value)
