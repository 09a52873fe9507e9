from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import requests
from click.testing import CliRunner

from tap_amazon_sp.cli import main
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.processes import AMAZON_SP
from tests.queues import QueueServer
from tests.simulator.api_caller import TIMEOUT

COMMAND = [AMAZON_SP, "simulate"]

ONE_SELLER = {"refresh_token": "Atzr|simulator-seller"}
FOUR_SELLERS = {
    "accounts": [
        {
            "name": "seller",
            "refresh_token": "Atzr|simulator-seller",
            "seller_id": "A1SIMULATEDSELLER",
        },
        {
            "name": "seller-2",
            "refresh_token": "Atzr|simulator-seller-2",
            "seller_id": "A2SIMULATEDSELLER",
        },
        {
            "name": "seller-3",
            "refresh_token": "Atzr|simulator-seller-3",
            "seller_id": "A3SIMULATEDSELLER",
        },
        {
            "name": "seller-4",
            "refresh_token": "Atzr|simulator-seller-4",
            "seller_id": "A4SIMULATEDSELLER",
        },
    ]
}


@pytest.mark.parametrize(
    ("number", "sellers", "who", "authorized"),
    [
        (signal.SIGINT, 1, "A seller in region na with 50 orders.", ONE_SELLER),
        (signal.SIGTERM, 4, "4 sellers in region na with 50 orders each.", FOUR_SELLERS),
    ],
)
def test_it_says_when_it_is_ready_writes_settings_and_stops_cleanly(
    tmp_path: Path, number: int, sellers: int, who: str, authorized: dict[str, Any]
) -> None:
    config = tmp_path / "config.json"
    arguments = ["--port", "0", "--orders", "50", "--sellers", str(sellers)]
    arguments += ["--write-config", str(config)]
    process = subprocess.Popen([*COMMAND, *arguments], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    lines = []
    for line in process.stderr:
        lines.append(line.rstrip())
        if line.startswith("ready: "):
            break

    url = lines[-1].removeprefix("ready: ")
    settings = json.loads(config.read_text(encoding="utf-8"))
    health = requests.get(f"{url}/_simulator/health", timeout=TIMEOUT)
    process.send_signal(number)
    rest = process.stderr.read()
    process.stderr.close()

    assert health.status_code == 200
    assert settings["endpoint"] == url
    assert settings["token_url"] == f"{url}/auth/o2/token"
    assert lines[0] == who
    assert authorized.items() <= settings.items()
    assert len({"refresh_token", "accounts"} & {*settings}) == 1
    assert process.wait(timeout=20) == 128 + number
    assert rest == ""


def test_a_port_in_use_is_reported_in_one_sentence() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])

        result = CliRunner().invoke(main, ["simulate", "--port", port, "--orders", "0"])

    assert result.exit_code == 1
    assert f"127.0.0.1:{port} is in use by another program" in result.output
    assert "Traceback" not in result.output


def test_without_aiohttp_it_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)

    result = CliRunner().invoke(main, ["simulate"])

    assert result.exit_code == 1
    assert "tap-selling-partner[simulator]" in result.output


@pytest.mark.parametrize(
    "url",
    [
        "sp-api",
        "ftp://sp-api",
        "http://",
        "http://sp-api?a=b",
        "http://sp-api/#a",
        "http://[",
        "http://sp-api:x",
        "http://sp-api:99999",
        "http://sp api",
    ],
)
def test_a_public_url_is_the_address_of_a_server(url: str) -> None:
    result = CliRunner().invoke(main, ["simulate", "--public-url", url])

    assert result.exit_code == 2
    assert "is not the address of a server" in result.output


@pytest.mark.parametrize("key", ["AKIA", "AKIA:"])
def test_an_aws_key_has_a_form(key: str) -> None:
    result = CliRunner().invoke(main, ["simulate", "--aws-key", key, "--orders", "-1"])

    assert result.exit_code == 2


def test_help_lists_the_command_without_importing_it() -> None:
    program = (
        "import sys; from tap_amazon_sp.cli import main; main(['--help'], standalone_mode=False);"
        "assert 'tap_amazon_sp.cli.simulate' not in sys.modules"
    )

    finished = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert "simulate" in finished.stdout


REPORT_OPTIONS = (
    ("--report-rows", "GET_AFN_INVENTORY_DATA=1e6"),
    ("--report-rows", "1000"),
    ("--report-type", "GET_NEW_DATA"),
    ("--report-seconds", "GET_AFN_INVENTORY_DATA=soon"),
    ("--report-charset", "GET_AFN_INVENTORY_DATA=EBCDIC"),
    ("--report-dialect", "GET_AFN_INVENTORY_DATA=quoted,pipe"),
    ("--report-dialect", "GET_AFN_INVENTORY_DATA=tab,comma"),
    ("--report-language", "GET_AFN_INVENTORY_DATA=German"),
    ("--processing-seconds", "long"),
    ("--order-reports-lacking-day", "20.11.2026"),
)


@pytest.mark.parametrize(("option", "value"), REPORT_OPTIONS)
def test_it_says_how_options_of_reports_are_written(option: str, value: str) -> None:
    result = CliRunner().invoke(main, ["simulate", option, value])

    assert result.exit_code == 2
    assert "write it as" in result.output
    assert not re.search("unpack|literal|could not convert", result.output)


@pytest.mark.parametrize("kind", ["GET_NOTHING", "GET_SALES_AND_TRAFFIC_REPORT"])
@pytest.mark.parametrize(
    ("option", "value"), [("--report-dialect", "lf"), ("--report-language", "de")]
)
def test_dialects_and_languages_are_for_types_of_flat_files(
    kind: str, option: str, value: str
) -> None:
    arguments = ["simulate", option, f"*={value}", option, f"{kind}={value}"]

    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 2
    assert (
        f"these are not types of flat files: {kind}. `*` stands for every other type"
        in " ".join(result.output.replace("│", " ").split())
    )


def test_reports_are_made_as_the_options_say(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[SimulatorSettings] = []

    def start(settings: SimulatorSettings) -> Simulator:
        seen.append(settings)
        raise click.Abort

    monkeypatch.setattr("tap_amazon_sp.cli.simulate.Simulator", start)
    kind = "GET_AFN_INVENTORY_DATA"
    options = {
        "--processing-seconds": "30-300",
        "--report-seconds": f"{kind}=5",
        "--reports-at-once": "3",
        "--report-interval": f"{kind}=0",
        "--report-rows": f"{kind}=10000000",
        "--report-charset": f"{kind}=UTF-16",
        "--report-dialect": "GET_MINE=quoted,lf",
        "--report-language": "*=de",
        "--report-type": "GET_MINE=csv",
    }

    CliRunner().invoke(main, ["simulate", *(part for pair in options.items() for part in pair)])

    (settings,) = seen
    assert settings.processing_seconds == (30.0, 300.0)
    assert settings.report_processing_seconds == {kind: 5}
    assert settings.reports_at_once == 3
    assert settings.report_intervals == {kind: 0}
    assert settings.report_rows == {kind: 10_000_000}
    assert settings.report_charsets == {kind: "UTF-16"}
    assert settings.report_dialects == {"GET_MINE": "quoted,lf"}
    assert settings.report_languages == {"*": "de"}
    assert settings.report_types == {"GET_MINE": "CSV"}


def test_it_sends_notifications_and_writes_the_queue_for_the_tap(
    tmp_path: Path, moto: QueueServer
) -> None:
    queue = moto.create()
    config = tmp_path / "config.json"
    arguments = ["--port", "0", "--orders", "5", "--write-config", str(config)]
    process = subprocess.Popen(
        [*COMMAND, *arguments, "--notify", queue.url], stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("ready: "):
            break
    url = line.strip().removeprefix("ready: ")

    requests.post(f"{url}/_simulator/changes", json={"count": 3}, timeout=TIMEOUT)
    process.terminate()
    process.stderr.read()
    process.stderr.close()
    process.wait(timeout=20)

    settings = json.loads(config.read_text(encoding="utf-8"))
    assert settings["notifications_queue_url"] == queue.url
    # What happened is sent before it stops.
    assert len(queue.take()) >= 3


@pytest.mark.parametrize(
    ("queue", "message"),
    [
        ("https://sqs.us-east-1.amazonaws.com:443/1/q", "is not this machine"),
        ("orders", "write it as sqs://127.0.0.1:PORT/ACCOUNT/QUEUE"),
    ],
)
def test_notifications_go_nowhere_else(queue: str, message: str) -> None:
    result = CliRunner().invoke(main, ["simulate", "--notify", queue])

    assert result.exit_code == 2
    assert message in " ".join(result.stderr.split())


def test_a_queue_that_does_not_answer_is_named() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        queue = f"sqs://127.0.0.1:{closed.getsockname()[1]}/1/q"

        result = CliRunner().invoke(
            main, ["simulate", "--port", "0", "--orders", "1", "--notify", queue]
        )

    assert result.exit_code == 1
    assert "no server for queues answers at http://127.0.0.1:" in result.stderr
    assert "create the queue first" in result.stderr


def _beside(program: str, *options: str, **variables: str) -> subprocess.Popen[str]:
    arguments = ["--port", "0", "--orders", "3", *options, "--", sys.executable, "-c", program]
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | variables,
    )


CALL = """
import json, os, sys, urllib.parse, urllib.request

names = {"refresh_token": "SP_API_REFRESH_TOKEN", "client_id": "LWA_APP_ID"}
names["client_secret"] = "SELLING_PARTNER_APP_CLIENT_SECRET"
form = {name: os.environ[variable] for name, variable in names.items()}
body = urllib.parse.urlencode(form | {"grant_type": "refresh_token"}).encode()
with urllib.request.urlopen(os.environ["SP_API_TOKEN_URL"], body) as answer:
    token = json.load(answer)["access_token"]
request = urllib.request.Request(
    os.environ["SP_API_ENDPOINT"] + "/sellers/v1/marketplaceParticipations",
    headers={"x-amz-access-token": token, "User-Agent": "test"},
)
with urllib.request.urlopen(request) as answer:
    print(len(json.load(answer)["payload"]))
print(os.environ["TAP_AMAZON_SP_ENDPOINT"] == os.environ["SP_API_ENDPOINT"])
print(len(json.loads(os.environ["TAP_AMAZON_SP_MARKETPLACE_IDS"])))
sys.exit(7)
"""


def test_a_command_runs_while_it_serves_and_gives_the_exit_code() -> None:
    with _beside(CALL, no_proxy="127.0.0.1") as process:
        stdout, stderr = process.communicate(timeout=60)

    assert stdout.split() == ["4", "True", "4"], stderr
    assert process.returncode == 7
    assert re.fullmatch(r"ready: http://127\.0\.0\.1:\d+\n", stderr)


def test_a_command_trusts_the_authority_of_https(tmp_path: Path) -> None:
    options = ("--tls", "--hosts", "--tls-folder", str(tmp_path / "authority"))

    with _beside(CALL, *options, no_proxy="127.0.0.1") as process:
        stdout, stderr = process.communicate(timeout=60)

    assert stdout.split() == ["4", "True", "4"], stderr
    assert re.fullmatch(r"ready: https://127\.0\.0\.1:\d+\n", stderr)


def test_clients_of_amazons_hosts_are_led_to_the_port_where_it_listens(tmp_path: Path) -> None:
    public = "https://sellingpartnerapi-na.amazon.com"
    options = ["--port", "0", "--orders", "1", "--tls", "--hosts", "--public-url", public]
    options += ["--tls-folder", str(tmp_path)]
    with subprocess.Popen([*COMMAND, *options], stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        lines = []
        for line in process.stderr:
            lines.append(line.strip())
            if line.startswith("ready: "):
                break
        process.terminate()

    assert lines[-1] == f"ready: {public}"
    (led,) = (line for line in lines if line.startswith("They use port 443"))
    assert re.fullmatch(r"They use port 443: add `--port 443`, or lead it to \d{4,5}\.", led)


def test_amazons_hosts_take_https() -> None:
    refused = CliRunner().invoke(main, ["simulate", "--hosts", "--port", "0"])

    assert refused.exit_code == 2
    assert "it takes --tls: Amazon's hosts have HTTPS only" in refused.output


WAIT = """
import signal, sys, time

def stop(number, frame):
    print("stopped by", number, flush=True)
    sys.exit(0)

for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, stop)
print("waiting", flush=True)
time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_signal_reaches_the_command_and_it_ends_first(number: int) -> None:
    with _beside(WAIT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(number)
        rest, _ = process.communicate(timeout=60)

    assert rest == f"stopped by {int(number)}\n"
    assert process.returncode == 128 + number


def test_a_command_that_a_signal_ends_has_the_exit_code_of_a_shell() -> None:
    with _beside("import os, signal; os.kill(os.getpid(), signal.SIGKILL)") as process:
        process.communicate(timeout=60)

    assert process.returncode == 128 + signal.SIGKILL


def test_a_command_that_does_not_exist_is_named() -> None:
    arguments = ["simulate", "--port", "0", "--orders", "0", "no-such-command", "--port", "1"]

    result = CliRunner().invoke(main, arguments)

    assert result.exit_code == 1
    assert "cannot run no-such-command: No such file or directory" in result.stderr
