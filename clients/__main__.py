"""Run clients of the SP-API on the simulator as they ship: `make clients`.

Each client calls all its operations, with arguments made from Amazon's models. What fails is the
fault of the client if `known_faults.yml` says why, else ours. Then the snippets of the page
docs/simulator.md run as they stand there. All of it happens in a network of its own, in which
Amazon's names lead to the simulator and nothing leads out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path

from clients import page, private_network, snippets
from clients.environments import FOLDER, NodePackages, PythonPackage, trust_in_certifi, trusting
from clients.plan import planned_calls
from clients.results import Result, Tally, known_faults, read_results, tally, unsaid
from tap_amazon_sp.simulator import Simulator, SimulatorSettings

HOSTS = ("api.amazon.com", "sellingpartnerapi-na.amazon.com")
SECONDS = 1500
_DRIVERS = Path(__file__).with_name("drivers")


@dataclass(frozen=True)
class Client:
    """A client, and how it is run.

    Attributes:
        name: As the page calls it.
        language: What it is written in.
        package: Where it comes from.
        driver: The program in `drivers` that makes it call.
        arguments: For the driver.
        settings: Whether its addresses are settings; else it calls Amazon's names over HTTPS.
        streams: Whether it reads streams of its own choice instead of planned calls.
    """

    name: str
    language: str
    package: PythonPackage | NodePackages
    driver: str
    arguments: tuple[str, ...] = ()
    settings: bool = False
    streams: bool = False


_PYTHON_AMAZON = PythonPackage("python-amazon-sp-api")
CLIENTS = (
    Client(
        "python-amazon-sp-api",
        "Python",
        _PYTHON_AMAZON,
        "drive_python_amazon_sp_api.py",
        settings=True,
    ),
    Client(
        "python-amazon-sp-api (asyncio)",
        "Python",
        _PYTHON_AMAZON,
        "drive_python_amazon_sp_api.py",
        ("asyncio",),
        settings=True,
    ),
    Client(
        "amzn-sp-api",
        "Python",
        PythonPackage("amzn-sp-api"),
        "drive_amzn_sp_api.py",
        settings=True,
    ),
    Client(
        "amzn-selling-partner",
        "Python",
        PythonPackage("amzn-selling-partner"),
        "drive_amzn_selling_partner.py",
        settings=True,
    ),
    Client(
        "amazon-sp-api-sdk-js",
        "JavaScript",
        NodePackages("amazon-sp-api-sdk-js", "@amazon-sp-api-release/amazon-sp-api-sdk-js"),
        "drive_amazon_sp_api_sdk_js.mjs",
    ),
    Client(
        "amazon-sp-api",
        "JavaScript",
        NodePackages("amazon-sp-api", "amazon-sp-api"),
        "drive_amazon_sp_api.mjs",
    ),
    Client(
        "@sp-api-sdk",
        "JavaScript",
        NodePackages("sp-api-sdk", "@sp-api-sdk/auth"),
        "drive_sp_api_sdk.mjs",
    ),
    Client(
        "Airbyte source-amazon-seller-partner",
        "Python",
        PythonPackage("airbyte-source-amazon-seller-partner", from_wheels=False),
        "drive_airbyte.py",
        streams=True,
    ),
)


def run(client: Client) -> list[Result]:
    """Run a client on a simulator of its own; return the results.

    Raises:
        subprocess.CalledProcessError: The driver failed.
    """
    settings = SimulatorSettings(
        orders=150 if client.streams else 100,
        records=24,
        speed=1e6,
        changes_per_minute=0,
        empty_pages=(),
        # The jobs of planned calls stay in the queue, so that they can be cancelled.
        processing_seconds=60.0 if client.streams else 1e9,
        port=0 if client.settings else 443,
        tls=not client.settings,
        hosts=not client.settings,
        tls_folder=str(FOLDER / "authority"),
    )
    folder = Path(tempfile.mkdtemp(prefix="client-"))
    with Simulator(settings) as simulator:
        plan = {
            "calls": [] if client.streams else planned_calls(simulator),
            "settings": simulator.settings_for_tap()
            | {"marketplace_id": "ATVPDKIKX0DER", "seller_id": "A1SIMULATEDSELLER"},
        }
        (folder / "plan.json").write_text(json.dumps(plan, default=str), encoding="utf-8")
        authority = simulator.ca_certificate
        if client.streams and isinstance(client.package, PythonPackage) and authority:
            trust_in_certifi(client.package, authority)
        command: list[str | Path] = [
            *client.package.command(_DRIVERS / client.driver),
            folder / "plan.json",
            folder / "results.jsonl",
            *client.arguments,
        ]
        subprocess.run(
            command,
            cwd=client.package.folder,
            env=trusting(authority),
            check=True,
            timeout=SECONDS,
            stdout=subprocess.DEVNULL,
        )
        refused = {
            request["operation"]
            for request in simulator.requests
            if request["status"] >= HTTPStatus.BAD_REQUEST
        }
    results = read_results(client.name, folder / "results.jsonl")
    return results if client.streams else results + unsaid(client.name, results, refused)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the clients and the snippets; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m clients", description=__doc__)
    names = [client.name for client in CLIENTS]
    parser.add_argument("--only", action="append", choices=names, help="run this client alone")
    parser.add_argument("--page", type=Path, help="write a page about what came of it")
    options = parser.parse_args(arguments)
    chosen = [client for client in CLIENTS if options.only is None or client.name in options.only]
    if not private_network.is_inside():
        FOLDER.mkdir(exist_ok=True)
        for client in chosen:
            client.package.make()
    private_network.enter(HOSTS)
    faults = known_faults()
    tallies: dict[str, Tally] = {}
    for client in chosen:
        found = tallies[client.name] = tally(run(client), faults)
        print(page.summary(client.name, found), flush=True)
        for result in found.ours:
            print(f"  ours: {result.method}: {result.problem[:300]}")
    failed = snippets.run_all({client.name: client.package for client in chosen})
    for name, why in failed.items():
        print(f"snippet of {name}: {why}")
    explained = {fault for found in tallies.values() for fault, _ in found.faults}
    stale = [fault for fault in faults if fault not in explained and {*fault.clients} & {*tallies}]
    for fault in stale:
        print(f"no longer seen: {', '.join(fault.clients)}: {fault.reason}")
    if options.page is not None:
        options.page.write_text(page.page(chosen, tallies), encoding="utf-8")
    ours = sum(len(found.ours) for found in tallies.values())
    print(f"ours: {ours}")
    return 1 if ours or failed or stale else 0


if __name__ == "__main__":
    sys.exit(main())
