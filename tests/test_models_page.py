"""docs/models.md has the variables of dbt/ with their defaults, and those of its profile."""

from __future__ import annotations

import json
import re
import shlex
from typing import Any

import yaml

from model_descriptions import MARTS, read_models
from tests.pages import ROOT, page

PAGE = page("docs/models.md")
PROJECT = ROOT / "dbt"


def section(title: str) -> str:
    """Return the text of a section of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def test_variables_and_their_defaults() -> None:
    variables: dict[str, Any] = yaml.safe_load((PROJECT / "dbt_project.yml").read_text("utf-8"))[
        "vars"
    ]
    shown = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|", section("Variables"), re.MULTILINE))
    plain = {name: yaml.safe_load(text.strip("`")) for name, text in shown.items()}

    assert plain.keys() == variables.keys()
    for name, value in variables.items():
        if value is not None:
            assert plain[name] == value, name


def test_variables_of_the_profile() -> None:
    profile = (PROJECT / "profiles.yml").read_text("utf-8")
    used: dict[str, list[str]] = {}
    for name, default in re.findall(r"env_var\('(\w+)', '(.*?)'\)", profile):
        if default not in used.setdefault(name, []):
            used[name].append(default)
    shown = dict(re.findall(r"^\| `(\w+)` \| (.*?) \|", section("Connect"), re.MULTILINE))

    # The first default is that of PostgreSQL.
    assert {
        name: [""] if text == "empty" else re.findall(r"`(.*?)`", text)
        for name, text in shown.items()
    } == used


def test_every_mart_says_what_to_sync() -> None:
    rows = re.findall(r"^\| (`.+?) \|", section("What to sync"), re.MULTILINE)
    named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}

    assert {model.name for model in read_models() if model.layer == MARTS} - named == set()


def test_the_selection_for_sellers_has_all_streams_of_their_marts() -> None:
    text = section("What to sync")
    table, _, example = text.partition("```console\n")
    words = shlex.split(example.partition("```")[0])
    values = dict(word.split("=", 1) for word in words if word != "export")
    selected = {name.removesuffix(".*") for name in json.loads(values["TAP_AMAZON_SP__SELECT"])}
    named = [
        each if isinstance(each, str) else each["report_type"]
        for each in json.loads(values["TAP_AMAZON_SP_REPORTS"])
    ]
    of_vendors = {"purchase_orders", "purchase_order_items", "purchase_orders_status"}

    assert set(re.findall(r"streams\.md#(\w+)", table)) - of_vendors <= selected
    assert set(re.findall(r"`(GET_\w+)`", table)) == set(named)
    assert {name for name in selected if name.startswith("report_")} == {
        "report_sales_and_traffic",
        "report_sales_and_traffic_by_asin",
        "report_v2_settlement_report_data_flat_file_v2",
    }
