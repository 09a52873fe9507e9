"""What README.md and docs/ show is run here."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
import requests
import yaml
from packaging.requirements import Requirement

from tap_amazon_sp.settings.checks import settings_from
from tap_amazon_sp.settings.reports import read_report, report_streams
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tap_amazon_sp.streams import all_built_in_streams
from tap_amazon_sp.streams.from_settings import mistakes_in_streams
from tests.pages import LOADER, ROOT, code_block, code_blocks, page
from tests.processes import BIN, TAP, Command
from tests.queues import FauxqsQueue
from tests.tap_runs import read_messages

README = page("README.md")
CHANGELOG = page("CHANGELOG.md")
ACCOUNTS = page("docs/accounts.md")
SIMULATOR_PAGE = page("docs/simulator.md")


@pytest.mark.lengthy
def test_the_simulator_and_the_tap_run_as_shown(tmp_path: Path) -> None:
    _, line = code_block(README, "console", "amazon-sp simulate").splitlines()
    simulate, _, tap = line.partition(" -- ")
    # The default port may be taken on the machine of the tests.
    options = [*simulate.split()[1:], "--port", "0", "--"]
    words = [TAP if word == "tap-amazon-sp" else word for word in tap.split()]

    finished = Command([str(BIN / "amazon-sp"), *options, *words], tmp_path).run(check=True)

    assert "ready: http://127.0.0.1:" in finished.stderr
    streams = {message.get("stream") for message in read_messages(finished.stdout)}
    assert streams >= {"orders", "order_items", "feeds", "marketplace_participations"}


@pytest.fixture
def other_seller() -> Iterator[Simulator]:
    """Not the shared one, whose feeds are counted."""
    settings = SimulatorSettings(orders=20, speed=100_000, changes_per_minute=0, port=0)
    with Simulator(settings) as simulator:
        yield simulator


def test_the_command_beside_the_tap_does_what_is_shown(
    other_seller: Simulator, tmp_path: Path
) -> None:
    block = code_block(README, "console", "amazon-sp call")
    operations, call, feed = (line.split() for line in block.splitlines())
    (order_id,) = [word for word in call if word.startswith("orderId=")]
    known = other_seller.truth("orders")[0]["orderId"]
    call[call.index(order_id)] = f"orderId={known}"
    config = tmp_path / "config.json"
    config.write_text(json.dumps(other_seller.settings_for_tap()))
    (tmp_path / "feed.json").write_text(json.dumps({"header": {}, "messages": []}))

    def run(words: list[str], *options: str) -> str:
        return Command([str(BIN / words[0]), *words[1:], *options], tmp_path).run(check=True).stdout

    assert "searchListingsItems" in run(operations)
    assert json.loads(run(call, "--config", str(config)))["order"]["orderId"] == known
    report = json.loads(run(feed, "--config", str(config), "--yes"))
    assert report["summary"]["errors"] == 0


def test_the_smallest_configuration_is_enough() -> None:
    smallest, custom, reports = map(json.loads, code_blocks(README, "json"))

    for settings in (smallest, smallest | custom, smallest | reports):
        assert mistakes_in_streams(settings_from(settings)) == []


def test_the_reports_give_the_streams_that_are_named() -> None:
    example = code_block(README, "json", '"reports"')
    section = README.partition("## Reports")[2].partition("\n## ")[0]

    named = re.findall(r"`(report_\w+)`", section)
    reports = map(read_report, json.loads(example)["reports"])

    assert named == [stream.name for stream in report_streams(reports)]


def test_the_models_are_those_of_the_project() -> None:
    section = README.partition("\n## Models\n")[2].partition("\n## ")[0]
    named = {
        name
        for cell in re.findall(r"^\| (`.+?) \|", section, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    }

    assert named
    assert named <= {file.stem for file in (ROOT / "dbt" / "models" / "marts").glob("*.sql")}


def test_the_accounts_in_the_documentation_are_settings() -> None:
    accounts, state = map(json.loads, code_blocks(ACCOUNTS, "json"))

    assert mistakes_in_streams(settings_from(accounts)) == []
    named = {entry["name"] for entry in accounts["accounts"]}
    (partition,) = state["bookmarks"]["orders"]["partitions"]
    assert partition["context"]["_account"] in named


def test_the_streams_that_are_selected_are_named() -> None:
    core = {stream.name for stream in all_built_in_streams() if stream.selected_by_default}

    assert all(f"| `{name}` |" in README for name in core)
    assert all(f"`{name}`" in CHANGELOG for name in core)


@pytest.mark.parametrize("page", [README, CHANGELOG], ids=["README.md", "CHANGELOG.md"])
def test_no_number_of_streams_operations_or_report_types_can_be_out_of_date(page: str) -> None:
    things = r"(?:built-in |reading |report )?(?:streams|operations|types)"

    assert re.findall(rf"\d+ {things}|\d+ more\b", page) == []


def test_discovery_and_sync_run_as_shown(simulator: Simulator, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(simulator.settings_for_tap()))
    *_, discover = code_block(README, "console", "--discover").splitlines()
    sync = code_block(README, "console", "state.new")

    loader = tmp_path / "target-jsonl"
    loader.write_text(LOADER)
    loader.chmod(0o755)

    for script in (discover, sync, sync):
        subprocess.run(
            ["/bin/bash", "-e", "-c", script],
            cwd=tmp_path,
            env=os.environ
            | {"PATH": os.pathsep.join((str(BIN), str(tmp_path), os.environ["PATH"]))},
            check=True,
            timeout=120,
        )

    assert json.loads((tmp_path / "state.json").read_text())["bookmarks"].keys() >= {"orders"}
    assert (tmp_path / "orders.jsonl").stat().st_size


RUN_BY_TESTS = {
    "make demo": "test_demo.py",
    "export TAP_AMAZON_SP_CLIENT_ID": "test_first_hour.py, with the values of the simulator",
    "\nmeltano install tap-amazon-sp": "test_meltano.py",
    "meltano install dbt": "test_meltano.py",
    "meltano init": "test_first_hour.py",
    "run tap-amazon-sp target-jsonl": "test_first_hour.py",
    "--discover": "here",
    "state.new": "here",
    "amazon-sp call": "here",
    "amazon-sp simulate": "here",
}
"""A word of each block of commands, and which test runs it."""


@pytest.mark.parametrize("block", code_blocks(README, "console"))
def test_every_block_of_commands_is_run_by_a_test(block: str) -> None:
    assert len([word for word in RUN_BY_TESTS if word in block]) == 1


@pytest.mark.parametrize("what", re.findall(r"^pipx? install \"(.+)\"$", README, re.MULTILINE))
def test_what_is_installed_from_git_is_this_project(what: str) -> None:
    name, _, address = what.rpartition(" @ ")
    definition = yaml.safe_load(page("meltano/tap-amazon-sp.yml"))

    assert address == definition["pip_url"]
    if name:
        wanted = Requirement(name)
        metadata = distribution(wanted.name).metadata
        assert wanted.extras <= set(metadata.get_all("Provides-Extra") or [])


def test_the_lines_for_this_repository_are_those_of_the_tests_of_meltano() -> None:
    _, *lines = code_block(README, "console", "\nmeltano install tap-amazon-sp").splitlines()
    lines += code_block(README, "console", "meltano install dbt").splitlines()
    tests = re.sub(r"\(\s+", "(", page("tests/e2e/test_meltano.py"))

    assert lines == [
        "meltano install tap-amazon-sp target-postgres",
        "meltano run tap-amazon-sp target-postgres",
        "meltano install dbt",
        "meltano run tap-amazon-sp target-postgres dbt:build",
    ]
    for line in lines:
        words = ", ".join(f'"{word}"' for word in line.split()[1:])
        assert f"({words}" in tests


@pytest.mark.parametrize(
    "name", re.findall(r"`(TAP_AMAZON_SP_\w+)|export (TAP_AMAZON_SP_\w+)", README)
)
def test_every_variable_shown_is_a_setting(name: tuple[str, str]) -> None:
    variable = name[0] or name[1]
    if variable == "TAP_AMAZON_SP_":
        return
    assert variable.removeprefix("TAP_AMAZON_SP_").lower() in SETTINGS.to_dict()["properties"]


def test_the_python_shown_for_the_simulator_runs(fauxqs_queue: FauxqsQueue) -> None:
    # Those above are about other clients; `make clients` runs them.
    *_, block, changes = code_blocks(SIMULATOR_PAGE, "python")
    subprocess.run([sys.executable, "-c", block], check=True, timeout=60)

    # The second is about a simulator with a queue.
    with Simulator(SimulatorSettings(orders=20, port=0, notify=fauxqs_queue.url)) as simulator:
        exec(changes, {"simulator": simulator})  # noqa: S102 - a page of ours
    assert fauxqs_queue.visible >= 10


@pytest.mark.parametrize("path", re.findall(r"`GET (/_simulator/\S+)`", SIMULATOR_PAGE))
def test_the_addresses_shown_for_the_simulator_answer(simulator: Simulator, path: str) -> None:
    assert requests.get(simulator.url + path, timeout=10).json() is not None


@pytest.mark.parametrize("link", re.findall(r"\]\(([^)h#][^)]*)\)", README))
def test_the_links_lead_somewhere(link: str) -> None:
    path, _, anchor = link.partition("#")
    assert (ROOT / path).exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", page(path), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", one.lower()).replace(" ", "-") for one in headings}


@pytest.mark.parametrize("script", ["build_docs.py", "build_meltano.py"])
def test_the_pages_built_from_the_code_are_up_to_date(script: str) -> None:
    finished = subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert finished.returncode == 0, finished.stdout + finished.stderr
