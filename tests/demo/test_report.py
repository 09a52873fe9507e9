"""The page of the demonstration, from made-up rows."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from demo.report.amounts import MINUS, NONE, count, money, number, percent, whole_money
from demo.report.marts import QUERIES, STEPS
from demo.report.page import drawing_library
from demo.report.syncs import read_runs
from demo.report.writing import currencies_of, report
from tests.browser import browser_page
from tests.demo.made_marts import HOSTILE, NOTHING, made_marts
from tests.demo.pages import FILL, state_of
from tests.timeline.runs import run_of

RUNS = [("First run", run_of()), ("Second run", run_of(50.0))]


class Parts(HTMLParser):
    """The elements of a page, and the texts in them."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.scripts: list[str] = []
        self.texts: list[str] = []
        self.attributes: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag == "script":
            self.scripts.append("")

    def handle_data(self, data: str) -> None:
        if self.tags[-1:] == ["script"] and not self.scripts[-1]:
            self.scripts[-1] = data
        else:
            self.texts.append(data.strip())


LIBRARY = "const unused = 0;"
"""In place of the one that draws the charts, where no browser is."""


@pytest.fixture(scope="module")
def made() -> str:
    return report(made_marts(), RUNS, LIBRARY)


def test_a_title_neither_ends_the_data_nor_begins_a_tag(made: str) -> None:
    parts = Parts(made)

    charts = json.loads(parts.scripts[0])
    titles = {row["title"] for row in charts["products-USD"]["data"]["values"]}
    assert HOSTILE in titles
    assert HOSTILE in parts.texts
    assert len(parts.scripts) == 3
    assert not {"b", "i"} & {*parts.tags}
    assert not [name for name in parts.attributes if name.startswith("on")]
    assert "<i>Amazon</i> has not settled 4711 yet." in parts.texts


def test_headings_are_in_order_and_say_the_message(made: str) -> None:
    headings = re.findall(r"<h([1-6])[^>]*>(.*?)</h", made)

    levels = [int(level) for level, _ in headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    texts = [text for _, text in headings]
    assert "413 of 444 comparisons agree; 30 are open, 1 differs" in texts
    assert "6 of 30 products that sell run out within 30 days" in texts
    assert "400 records with 8 calls in 2 min 30 s, in 2 runs" in texts
    assert sum("all 3 payouts equal their settlements" in text for text in texts) == 2


def test_every_chart_has_its_numbers_in_a_table(made: str) -> None:
    charts = json.loads(Parts(made).scripts[0])

    assert len(charts) == 2 * 4 + 3
    for name in charts:
        (panel,) = re.findall(rf'id="chart-{name}".*?</details>', made, re.DOTALL)
        assert "<tbody><tr>" in panel
        assert 'role="img" aria-label="' in panel


def test_the_steps_lead_from_revenue_to_net(made: str) -> None:
    (total,) = [row for row in made_marts()["totals"] if row["currency"] == "USD"]

    bars = json.loads(Parts(made).scripts[0])["waterfall-USD"]["data"]["values"]

    assert bars[0]["end"] == pytest.approx(float(total["revenue"]))
    assert bars[-1]["begin"] == 0
    assert bars[-1]["end"] == pytest.approx(float(total["net"]))
    for before, after in itertools.pairwise(bars[:-1]):
        assert after["begin"] == pytest.approx(before["end"])
    assert bars[-2]["end"] == pytest.approx(bars[-1]["end"])
    # Steps of zero are left out.
    assert "gift wrap" not in [bar["label"] for bar in bars]
    assert "do not add up" not in made


def test_steps_that_do_not_add_up_are_named() -> None:
    marts = made_marts()
    (total, *others) = marts["totals"]
    wrong = {**total, "net": total["net"] + Decimal("1.25")}

    page = report({**marts, "totals": [wrong, *others]}, [], LIBRARY)

    assert "The steps do not add up to net: €1.25 is missing." in page


def test_payouts_that_differ_are_counted_and_a_lone_one_has_a_note() -> None:
    marts = made_marts()
    first, second, *others = marts["settlements"]
    changed = [
        {**first, "paid": first["paid"] - 1},
        {**second, "total": None, "started_at": None, "ended_at": None},
        *others,
    ]

    page = report({**marts, "settlements": changed}, [], LIBRARY)

    assert "; 1 of 2 payouts differs from the settlement" in page
    assert "1 payout without a settlement report." in page
    assert "of it is still on its way to the bank." in page
    assert "1 settlement without a payout." in page
    assert f"{MINUS}€1.00" in page


def test_a_settlement_below_zero_has_no_payout() -> None:
    marts = made_marts()
    *others, last = marts["settlements"]

    page = report({**marts, "settlements": [*others, {**last, "total": Decimal(-5)}]}, [], LIBRARY)

    assert "1 settlement below zero, so there is no payout." in page
    assert f"{MINUS}$5.00" in page


def test_nothing_has_to_run_out() -> None:
    counts = [{"listings": 40, "sold": 30, "short": 0}]

    page = report({**made_marts(), "stock_counts": counts}, [], LIBRARY)

    assert "None of 30 products that sell runs out within 30 days" in page


def test_without_rows_there_are_sentences_and_no_script() -> None:
    page = report(NOTHING, [], LIBRARY)

    parts = Parts(page)
    assert parts.scripts == []
    for sentence in (
        "Nothing was sold",
        "No orders with prices were synced",
        "No sales were synced",
        "No finances were synced",
        "No settlements were synced",
        "No inventory was synced",
        "There is nothing to compare: no finances were synced",
    ):
        assert sentence in parts.texts


def test_without_finances_the_products_are_those_of_the_orders() -> None:
    marts = made_marts()
    columns = ("account", "sku", "currency", "title", "units", "revenue", "place")
    products = [{name: row[name] for name in columns} for row in marts["products"]]
    known = ("days", "unpriced")

    page = report(
        {**NOTHING, **{name: marts[name] for name in known}, "products_of_orders": products},
        [],
        LIBRARY,
    )

    charts = json.loads(Parts(page).scripts[0])
    assert {row["kind"] for row in charts["products-USD"]["data"]["values"]} == {"revenue"}
    assert "Amazon has posted nothing in USD" in page
    assert "No settlements in EUR" in page


def test_the_currency_with_most_orders_comes_first() -> None:
    marts = made_marts()
    pesos = {**marts["totals"][0], "currency": "MXN"}

    found = currencies_of({**marts, "totals": [*marts["totals"], pesos]})

    assert found == ["EUR", "USD", "MXN"]


def test_the_queries_read_what_the_steps_need() -> None:
    assert set(QUERIES) == set(made_marts()) == set(NOTHING)
    for name in (*STEPS, "net"):
        assert f"sum({name}) as {name}" in QUERIES["totals"]


def test_a_run_without_a_file_or_with_another_file_is_left_out(tmp_path: Path) -> None:
    other = tmp_path / "other.txt"
    other.write_text("This is not a timeline.\n", encoding="utf-8")

    assert read_runs([("First run", tmp_path / "missing.jsonl"), ("Second run", other)]) == []


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (money(Decimal("1234.500000000"), "USD"), "$1,234.50"),
        (money(Decimal("-0.05"), "CAD"), f"{MINUS}CA$0.05"),
        (money(Decimal(1500), "JPY"), "¥1,500"),
        (money(None, "USD"), NONE),
        (whole_money(Decimal("-1234.51"), "MXN"), f"{MINUS}MX$1,235"),
        (number(Decimal("12.500000000")), "12.5"),
        (number(Decimal("1200.000000000")), "1,200"),
        (number(-3), f"{MINUS}3"),
        (number(None), NONE),
        (count(1, "order"), "1 order"),
        (count(1200, "query", "queries"), "1,200 queries"),
        (percent(Decimal(1), Decimal(3)), "33%"),
        (percent(1, 0), NONE),
    ],
)
def test_numbers_are_shown_as_people_write_them(shown: str, expected: str) -> None:
    assert shown == expected


# --- In a browser -------------------------------------------------------------------------------


def test_a_browser_draws_every_chart_light_and_dark_wide_and_narrow(tmp_path: Path) -> None:
    path = tmp_path / "report.html"
    path.write_text(report(made_marts(), RUNS, drawing_library()), encoding="utf-8")

    async def look() -> tuple[dict[str, Any], list[str], list[str]]:
        async with browser_page(tmp_path / "profile") as shown:
            await shown.show(width=1200, height=900)
            await shown.open(path.as_uri())
            found = {"light": await state_of(shown)}
            await shown.show(width=390, height=800, dark=True)
            # The charts are drawn again.
            light = found["light"]["text"]
            await shown.wait_for(f"{FILL} !== {light!r}")
            found["dark"] = await state_of(shown)
            await shown.evaluate("document.querySelector('input[value=USD]').click()")
            found["USD"] = await state_of(shown)
            return found, shown.console, shown.requested

    found, console, requested = asyncio.run(look())

    assert console == []
    assert requested == [path.as_uri()]
    for name, state in found.items():
        assert (state["charts"], state["drawn"]) == (7, 7), name
        # Days of two marketplaces or one, net and revenue of products, steps, and so on.
        days = 60 if name == "USD" else 120
        assert state["marks"] == [days, 20, 12, 7, 12, 5, 9], name
        assert not state["wide"], name
        assert set(state["shown"]) == {"USD" if name == "USD" else "EUR"}
    assert found["light"]["back"] == "rgb(255, 255, 255)"
    assert found["dark"]["back"] == found["USD"]["back"] == "rgb(22, 23, 26)"
    assert found["light"]["text"] != found["dark"]["text"]
