"""What docs/cli.md shows is run here."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tap_amazon_sp.amazon.queue_policy import queue_statement, with_statement
from tap_amazon_sp.cli import main
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.cli.conftest import environment_of
from tests.processes import AMAZON_SP, Command
from tests.queues import KEYS, QueueServer

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "cli.md").read_text(encoding="utf-8")
_EXAMPLES = "".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)).splitlines()
SETUP = "amazon-sp notifications setup"
EXAMPLES = [example for example in _EXAMPLES if not example.startswith(SETUP)]
EXAMPLES_WITH_QUEUE = [example for example in _EXAMPLES if example.startswith(SETUP)]
POLICY = with_statement(None, queue_statement("arn:aws:sqs:us-east-1:123456789012:orders"))
SELLER = "A1SIMULATEDSELLER"
PATCH = {
    "productType": "LUGGAGE",
    "patches": [{"op": "replace", "path": "/attributes/color", "value": [{"value": "red"}]}],
}
FEED = {"header": {}, "messages": [{"messageId": 1, "sku": "S-1", "operationType": "DELETE"}]}


@pytest.mark.parametrize("example", EXAMPLES)
def test_each_example_runs_as_written(example: str, simulator: Simulator, tmp_path: Path) -> None:
    (tmp_path / "body.json").write_text(json.dumps(PATCH), encoding="utf-8")
    (tmp_path / "document.json").write_text('{"contentType": "text/xml"}', encoding="utf-8")
    (tmp_path / "feed.json").write_text(json.dumps(FEED), encoding="utf-8")
    (tmp_path / "label.png").write_bytes(b"\x89PNG")
    listing = simulator.truth(
        "listingsItems_2021-08-01.searchListingsItems", path_parameters={"sellerId": SELLER}
    )[0]
    there_is = {
        "902-1845936-5435065": simulator.truth("orders")[0]["orderId"],
        "sellerId=A1": f"sellerId={SELLER}",
        "sku=S-1": f"sku={listing['sku']}",
        " S-1 ": f" {listing['sku']} ",
        "50017018765": simulator.truth("feeds")[0]["feedId"],
    }
    for shown, real in there_is.items():
        example = example.replace(shown, real)
    words = shlex.split(example)

    finished = Command(
        [AMAZON_SP, *words[1:]],
        tmp_path,
        environment=environment_of(simulator.settings_for_tap() | {"seller_id": SELLER}),
    ).run()

    assert words[0] == "amazon-sp"
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout


def test_the_examples_with_a_queue_run_as_written(moto: QueueServer, tmp_path: Path) -> None:
    queue = moto.create("orders", Policy=POLICY)
    keys = {name.upper(): value for name, value in KEYS.items()}
    world = SimulatorSettings(orders=5, changes_per_minute=0, port=0, notify_types=())
    with Simulator(world) as simulator:
        settings = simulator.settings_for_tap() | {
            "notifications_queue_url": queue.url,
            "notifications_endpoint_url": moto.endpoint,
        }
        for example in EXAMPLES_WITH_QUEUE:
            words = [*shlex.split(example), *(["--yes"] if "--set-policy" in example else [])]
            environment = environment_of(settings) | keys
            finished = Command([AMAZON_SP, *words[1:]], tmp_path, environment=environment).run()

            assert finished.returncode == 0, finished.stderr + finished.stdout


def test_each_command_is_named() -> None:
    commands = main.list_commands(None)  # type: ignore[arg-type]

    assert {f"`{name}`" for name in commands} <= set(re.findall(r"\[(`[\w-]+`)\]", PAGE)), commands
