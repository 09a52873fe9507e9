"""Where the settings of commands come from, and which account they are about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import environment_of
from tests.cli.running import AmazonSP, run

CALL = ("call", "getMarketplaceParticipations")


def with_accounts(simulator: Simulator, folder: Path, *names: str) -> AmazonSP:
    settings = simulator.settings_for_tap()
    token = settings.pop("refresh_token")
    accounts = [{"name": name, "refresh_token": token} for name in names]
    accounts[-1]["refresh_token"] = "Atzr|revoked"
    config = folder / "config.json"
    config.write_text(json.dumps(settings | {"accounts": accounts}), encoding="utf-8")
    return AmazonSP(config)


def test_settings_come_from_the_environment(simulator: Simulator) -> None:
    finished = run(*CALL, environment=environment_of(simulator.settings_for_tap()))

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["payload"]


def test_missing_settings_are_named_with_where_they_come_from() -> None:
    finished = run(*CALL)

    assert finished.exit_code == 2
    assert finished.errors[0] == "`client_id` is required"
    assert "config.json (`--config FILE`)" in finished.errors[-1]
    assert finished.stdout == ""


def test_wrong_settings_are_named(tmp_path: Path) -> None:
    config = tmp_path / "config.json"
    config.write_text('{"region": "xx", "client_id": "a", "regio": 1}', encoding="utf-8")

    finished = AmazonSP(config).run(*CALL)

    assert finished.exit_code == 2
    assert any("did you mean `region`" in error for error in finished.errors)


@pytest.mark.parametrize("content", ["{", "[]"])
def test_a_config_that_cannot_be_read_is_named(tmp_path: Path, content: str) -> None:
    config = tmp_path / "config.json"
    config.write_text(content, encoding="utf-8")

    finished = AmazonSP(config).run(*CALL)

    assert finished.exit_code == 2
    assert str(config) in finished.errors[0]
    assert "Traceback" not in finished.stderr


def test_of_several_accounts_one_must_be_named(simulator: Simulator, tmp_path: Path) -> None:
    amazon_sp = with_accounts(simulator, tmp_path, "shop-us", "shop-old")

    none = amazon_sp.run_here(*CALL)
    good = amazon_sp.run_here(*CALL, "--account", "shop-us")
    other = amazon_sp.run_here(*CALL, "--account", "shop-old")
    unknown = amazon_sp.run_here(*CALL, "--account", "shop-su")

    assert none.exit_code == 2
    assert "choose one with `--account`: shop-us, shop-old" in none.stderr
    assert good.exit_code == 0, good.stderr
    assert other.exit_code == 3
    assert unknown.exit_code == 2
    assert "did you mean `shop-us`" in unknown.stderr


def test_a_single_account_need_not_be_named(amazon_sp: AmazonSP) -> None:
    named = amazon_sp.run_here(*CALL, "--account", "x")

    assert named.exit_code == 2
    assert "the settings have no `accounts`: leave `--account x` out" in named.stderr
