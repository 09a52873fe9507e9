"""`amazon-sp plan` and the run that follows it."""

from __future__ import annotations

import datetime as dt
import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, requests_of
from tests.processes import AMAZON_SP, TAP, Command

SEARCH = "orders_2026-01-01.searchOrders"
METRICS = "sales.getOrderMetrics"
PARTICIPATIONS = "sellers.getMarketplaceParticipations"
CREATE = "reports_2021-06-30.createReport"


def days_ago(days: int) -> str:
    moment = dt.datetime.now(dt.timezone.utc) - dt.timedelta(days=days)
    return moment.strftime("%Y-%m-%dT00:00:00Z")


def planned(amazon_sp: AmazonSP, *words: str) -> dict[str, dict[str, Any]]:
    finished = amazon_sp.run_here("plan", "--output", "jsonl", *words)
    assert finished.exit_code == 0, finished.stderr
    return {line["stream"]: line for line in finished.lines[:-1]}


def test_a_plan_sends_nothing(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    before = len(simulator.requests)

    finished = amazon_sp.run("plan")

    assert finished.exit_code == 0, finished.stderr
    assert len(simulator.requests) == before
    header, *lines = finished.stdout.splitlines()
    assert header.split()[:4] == ["stream", "calls", "time", "from,"]
    assert {line.split()[0] for line in lines} == {
        "orders",
        "order_items",
        "feeds",
        "marketplace_participations",
    }
    assert "rate limits let these calls pass at once" in finished.stderr


def test_orders_are_counted_if_amazon_is_asked(simulator: Simulator, tmp_path: Path) -> None:
    amazon_sp = configured(simulator, tmp_path, start_date=days_ago(700))
    marketplaces = simulator.settings_for_tap()["marketplace_ids"]
    catalog = selecting(amazon_sp, tmp_path, "orders")
    simulator.clear_requests()

    orders = planned(amazon_sp, "--ask", "--catalog", str(catalog))["orders"]
    asked = {request["operation"] for request in simulator.requests}
    number = len(requests_of(simulator, METRICS))
    finished = Command([TAP, "--config", str(amazon_sp.config), "--catalog", str(catalog)]).run()

    assert asked == {METRICS}
    assert number == len(marketplaces)
    assert orders["records"] == finished.stdout.count('"type":"RECORD"') > 100
    assert orders["certainty"] == "about"
    # All orders are in the last window, so that no page depends on the day of a change.
    assert orders["calls"] == len(requests_of(simulator, SEARCH))


def test_what_amazon_does_not_count_is_planned_without(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, start_date=days_ago(10))
    simulator.inject("status", operation=METRICS, status=403, count=None)

    finished = amazon_sp.run_here("plan", "--ask", "--output", "jsonl")

    assert finished.exit_code == 0, finished.stderr
    lines = {line["stream"]: line for line in finished.lines[:-1]}
    assert (lines["orders"]["certainty"], lines["orders"]["records"]) == ("at least", None)
    assert "orders: not counted: " in finished.stderr
    assert METRICS in finished.stderr


@pytest.mark.parametrize("marketplace_ids", [[], ["US"]])
def test_an_account_that_is_refused_is_planned_without(
    simulator: Simulator, tmp_path: Path, marketplace_ids: list[str]
) -> None:
    given = simulator.settings_for_tap()["refresh_token"]
    accounts = [
        {"name": "refused", "refresh_token": "Atzr|simulator-revoked"},
        {"name": "given", "refresh_token": given},
    ]
    amazon_sp = configured(
        simulator,
        tmp_path,
        accounts=accounts,
        marketplace_ids=marketplace_ids,
        start_date=days_ago(10),
    )

    finished = amazon_sp.run_here("plan", "--ask", "--output", "jsonl")

    assert finished.exit_code == 0, finished.stderr
    lines = {line["stream"]: line for line in finished.lines[:-1]}
    certainties = [line["certainty"] for name, line in lines.items() if re.match(r"orders\b", name)]
    assert certainties == ["at least", "about"]
    (sentence,) = [line for line in finished.stderr.splitlines() if "not counted" in line]
    assert sentence.startswith("account 'refused': not counted: ")


def test_marketplaces_that_amazon_does_not_tell_are_planned_without(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, marketplace_ids=[], start_date=days_ago(10))
    name = "fba_inventory_summaries"
    catalog = selecting(amazon_sp, tmp_path, "orders", name)
    simulator.inject("status", operation=PARTICIPATIONS, status=403, count=None)

    finished = amazon_sp.run_here("plan", "--ask", "--output", "jsonl", "--catalog", str(catalog))

    assert finished.exit_code == 0, finished.stderr
    lines = {line["stream"]: line for line in finished.lines[:-1]}
    assert "1 for each marketplace" in lines[name]["further_calls"]
    assert lines["orders"]["certainty"] == "at least"
    (sentence,) = [line for line in finished.stderr.splitlines() if "counted" in line]
    assert sentence.startswith("Not counted: Amazon does not tell")
    assert sentence.endswith("set `marketplace_ids`")


def test_a_time_that_has_not_come_is_named(simulator: Simulator, tmp_path: Path) -> None:
    amazon_sp = configured(simulator, tmp_path, start_date="2099-06-01")

    lines = amazon_sp.run_here("plan").stdout
    orders = planned(amazon_sp)["orders"]

    assert re.search(r"orders +none +nothing: 2099-06-01T00:00Z is after 20\d\d-", lines)
    assert (orders["from"], orders["to"]) == ("2099-06-01T00:00:00Z", None)


def test_a_run_submits_the_reports_of_its_plan(simulator: Simulator, tmp_path: Path) -> None:
    report = {"report_type": "GET_SALES_AND_TRAFFIC_REPORT", "start_date": days_ago(5)}
    amazon_sp = configured(simulator, tmp_path, reports=[report])
    catalog = selecting(amazon_sp, tmp_path, "report_sales_and_traffic")

    plan = planned(amazon_sp, "--catalog", str(catalog))
    before = len(requests_of(simulator, CREATE))
    assert amazon_sp.config is not None
    finished = Command([TAP, "--config", str(amazon_sp.config), "--catalog", str(catalog)]).run()

    assert finished.returncode == 0, finished.stderr
    assert list(plan) == ["report_sales_and_traffic"]
    assert plan["report_sales_and_traffic"]["calls"] == (
        len(requests_of(simulator, CREATE)) - before
    )
    states = [json.loads(line) for line in finished.stdout.splitlines() if '"STATE"' in line]
    state = tmp_path / "state.json"
    state.write_text(json.dumps(states[-1]["value"]), encoding="utf-8")
    again = planned(amazon_sp, "--catalog", str(catalog), "--state", str(state))
    assert again["report_sales_and_traffic"]["from"] != plan["report_sales_and_traffic"]["from"]


def test_a_run_makes_the_calls_of_its_settings(simulator: Simulator, tmp_path: Path) -> None:
    query = (
        "query { analytics_salesAndTraffic_2024_04_24 { salesAndTrafficByDate("
        'startDate: "{start}", endDate: "{end}", aggregateBy: DAY, '
        'marketplaceIds: ["ATVPDKIKX0DER"]) { startDate endDate marketplaceId } } }'
    )
    amazon_sp = configured(
        simulator,
        tmp_path,
        start_date=days_ago(4),
        reports=[{"report_type": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"}],
        data_kiosk_queries=[{"name": "traffic", "query": query}],
        custom_streams=[
            {
                "name": "by_sku",
                "operation": "productPricingV0.getCompetitivePricing",
                "params": {"ItemType": "Sku"},
                "ids": {"param": "Skus", "values": [f"S{number}" for number in range(30)]},
            }
        ],
    )
    names = ("report_v2_settlement_report_data_flat_file_v2", "traffic", "by_sku")
    catalog = selecting(amazon_sp, tmp_path, *names)

    plan = planned(amazon_sp, "--catalog", str(catalog))
    simulator.clear_requests()
    finished = Command([TAP, "--config", str(amazon_sp.config), "--catalog", str(catalog)]).run()

    assert finished.returncode == 0, finished.stderr
    assert plan.keys() == {*names}
    assert plan["by_sku"]["certainty"] == "exactly"
    for line in plan.values():
        assert line["calls"] == len(requests_of(simulator, line["operation"])), line
    assert plan["traffic"]["further_calls"] == "1 for each further page of a query"
    assert plan[names[0]]["further_calls"] == "1 for each further 100 records"


def test_streams_that_share_a_report_submit_it_once(simulator: Simulator, tmp_path: Path) -> None:
    report = {"report_type": "GET_SALES_AND_TRAFFIC_REPORT", "start_date": days_ago(60)}
    amazon_sp = configured(simulator, tmp_path, reports=[report])

    finished = amazon_sp.run_here("plan", "--output", "jsonl")

    *streams, last = finished.lines
    lines = {line["stream"]: line for line in streams}
    calls = lines["report_sales_and_traffic"]["calls"]
    assert lines["report_sales_and_traffic_by_asin"]["calls"] == calls
    (jobs,) = last["summary"]["jobs"]
    assert (jobs["kind"], jobs["number"]) == (report["report_type"], calls)
    assert jobs["longest_window_seconds"] == 24 * 60 * 60
    assert last["summary"]["bound_by"]["operation"] == CREATE
    assert f"Reports and queries to be submitted: {calls}" in finished.stderr
    assert f"exactly {calls} of {report['report_type']}" in finished.stderr
    assert "each of up to 1 d, at least" in finished.stderr
    assert f"for {calls} calls of createReport" in finished.stderr


def test_each_example_of_the_page_runs_as_written(simulator: Simulator, tmp_path: Path) -> None:
    amazon_sp = configured(simulator, tmp_path, start_date=days_ago(30))
    selecting(amazon_sp, tmp_path, "orders")
    (tmp_path / "state.json").write_text("{}", encoding="utf-8")
    page = Path(__file__).resolve().parents[2] / "docs" / "plan.md"
    (block,) = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)

    for example in block.splitlines():
        words = shlex.split(example)
        finished = Command([AMAZON_SP, *words[1:]], tmp_path).run()
        assert words[0] == "amazon-sp"
        assert finished.returncode == 0, finished.stderr
        assert "Calls: " in finished.stderr


def test_a_report_that_is_read_already_is_not_advised(simulator: Simulator, tmp_path: Path) -> None:
    orders = "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
    (tmp_path / "with").mkdir()

    without = configured(simulator, tmp_path).run_here("plan")
    having = configured(simulator, tmp_path / "with", reports=[{"report_type": orders}])

    assert f"{orders} in `reports`" in without.stderr
    assert f"{orders} in `reports`" not in having.run_here("plan").stderr


def test_mistakes_are_those_of_the_tap(simulator: Simulator, tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text("[]", encoding="utf-8")

    finished = configured(simulator, tmp_path).run_here("plan", "--state", str(state))

    assert finished.exit_code != 0
    assert "--state" in finished.errors[0]


def selecting(amazon_sp: AmazonSP, folder: Path, *names: str) -> Path:
    discovered = Command([TAP, "--config", str(amazon_sp.config), "--discover"]).run()
    assert discovered.returncode == 0, discovered.stderr
    catalog = json.loads(discovered.stdout)
    for stream in catalog["streams"]:
        for entry in stream["metadata"]:
            if not entry["breadcrumb"]:
                entry["metadata"]["selected"] = stream["tap_stream_id"] in names
    path = folder / "catalog.json"
    path.write_text(json.dumps(catalog), encoding="utf-8")
    return path
