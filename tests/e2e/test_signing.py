"""Assuming a role at STS (moto) and signing requests, which the simulator verifies."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from moto.sts.models import STSBackend

from tap_amazon_sp.simulator import Simulator
from tests.queues import QueueServer
from tests.tap_runs import catalog_of, run_tap

ROLE = "arn:aws:iam::123456789012:role/selling-partner"


@pytest.fixture
def sts(simulator: Simulator, moto: QueueServer, monkeypatch: pytest.MonkeyPatch) -> str:
    """A real STS endpoint whose temporary keys the simulator knows, as Amazon would."""
    assume_role = STSBackend.assume_role

    def assume_role_and_tell(*args: Any, **kwargs: Any) -> Any:
        role = assume_role(*args, **kwargs)
        simulator.register_aws_key(role.access_key_id, role.secret_access_key, role.session_token)
        return role

    monkeypatch.setattr(STSBackend, "assume_role", assume_role_and_tell)
    return moto.endpoint


@pytest.fixture
def signing_settings(simulator: Simulator, sts: str) -> dict[str, Any]:
    return simulator.settings_for_tap() | {
        "aws_access_key_id": "AKIAIOSFODNN7EXAMPLE",
        "aws_secret_access_key": "wJalrXUtnFEMI/hush",
        "role_arn": ROLE,
        "sts_endpoint_url": sts,
    }


def test_every_request_is_signed_with_the_role(
    simulator: Simulator, signing_settings: dict[str, Any], tmp_path: Path
) -> None:
    run = run_tap(tmp_path, signing_settings | {"marketplace_ids": ["US", "CA"]})

    assert run.exit_code == 0, run.log
    assert run.counts["orders"] > 0
    assert simulator.requests
    assert all(request["signed"] for request in simulator.requests)


def test_signed_requests_with_restricted_tokens_and_paths(
    simulator: Simulator, signing_settings: dict[str, Any], tmp_path: Path
) -> None:
    catalog = catalog_of("orders", "order_items", settings={"orders_api": "v0"})

    run = run_tap(
        tmp_path,
        signing_settings | {"orders_api": "v0", "restricted_data": True, "marketplace_ids": ["US"]},
        catalog=catalog,
    )

    assert run.exit_code == 0, run.log
    assert run.counts["order_items"] > 0
    assert all(request["signed"] for request in simulator.requests)


def test_keys_without_a_role_sign_too(simulator: Simulator, tmp_path: Path) -> None:
    simulator.register_aws_key("AKIAEXAMPLEOFTHETEST", "hush-hush", None)
    catalog = catalog_of("feeds")

    run = run_tap(
        tmp_path,
        simulator.settings_for_tap()
        | {"aws_access_key_id": "AKIAEXAMPLEOFTHETEST", "aws_secret_access_key": "hush-hush"},
        catalog=catalog,
    )

    assert run.exit_code == 0, run.log
    assert all(request["signed"] for request in simulator.requests)


def test_a_wrong_key_is_refused_by_the_simulator(simulator: Simulator, tmp_path: Path) -> None:
    simulator.register_aws_key("AKIAEXAMPLEOFTHETEST", "the-real-one", None)
    catalog = catalog_of("feeds")

    run = run_tap(
        tmp_path,
        simulator.settings_for_tap()
        | {"aws_access_key_id": "AKIAEXAMPLEOFTHETEST", "aws_secret_access_key": "hush-hush"},
        catalog=catalog,
    )

    assert run.exit_code == 1
    assert "HTTP 403" in run.log
    assert "hush" not in run.log


def test_a_role_without_keys_takes_the_default_credential_chain(
    simulator: Simulator, signing_settings: dict[str, Any], tmp_path: Path
) -> None:
    settings = {
        name: value
        for name, value in signing_settings.items()
        if name not in ("aws_access_key_id", "aws_secret_access_key")
    }
    catalog = catalog_of("feeds")

    run = run_tap(
        tmp_path,
        settings,
        catalog=catalog,
        environment={"AWS_ACCESS_KEY_ID": "AKIAENV", "AWS_SECRET_ACCESS_KEY": "hush"},
    )

    assert run.exit_code == 0, run.log
    assert all(request["signed"] for request in simulator.requests)


def test_a_role_that_cannot_be_assumed_is_told_in_one_sentence(
    simulator: Simulator, signing_settings: dict[str, Any], tmp_path: Path
) -> None:
    run = run_tap(tmp_path, signing_settings | {"sts_endpoint_url": "http://127.0.0.1:9"})

    assert run.exit_code == 1
    assert run.log.count("No AWS credentials for signing") == 1
    assert "Traceback" not in run.log
    assert "hush" not in run.log
    assert simulator.requests == []
