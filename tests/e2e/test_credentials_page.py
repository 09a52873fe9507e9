"""The commands of docs/credentials.md run as shown."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.processes import AMAZON_SP, Command

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "credentials.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^ *amazon-sp (\w+)(.*)$", PAGE, re.MULTILINE)


@pytest.fixture
def folder(simulator: Simulator, tmp_path: Path) -> Path:
    """A folder with the config.json of the page."""
    (tmp_path / "config.json").write_text(json.dumps(simulator.settings_for_tap()))
    return tmp_path


def shown(name: str) -> list[str]:
    """The words of the command that the page shows."""
    (rest,) = [rest for command, rest in COMMANDS if command == name]
    return [AMAZON_SP, name, *shlex.split(rest)]


def test_the_page_shows_no_other_command() -> None:
    assert [command for command, _ in COMMANDS] == ["doctor", "authorize", "call"]


def test_credentials_are_checked_as_shown(folder: Path) -> None:
    assert "access token" in Command(shown("doctor"), folder).run(check=True).stdout


def test_the_address_of_the_consent_page_is_printed_as_shown(folder: Path) -> None:
    config = folder / "config.json"
    settings = json.loads(config.read_text())
    del settings["marketplace_ids"]
    config.write_text(json.dumps(settings | {"region": "eu"}))
    command = shown("authorize")
    store = command.index("--store")

    printed = Command(command[:store] + command[store + 2 :], folder).run(check=True).stdout

    assert printed.startswith("https://sellercentral-europe.amazon.com/apps/authorize/")
    assert "application_id=amzn1.sp.solution.1" in printed


def test_the_secret_is_rotated_as_shown(simulator: Simulator, folder: Path) -> None:
    def rotated() -> int:
        return sum("clientSecret" in request["path"] for request in simulator.requests)

    before = rotated()

    Command(shown("call"), folder).run(check=True)

    assert rotated() == before + 1
