"""`amazon-sp notifications`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP

ARN = "arn:aws:sqs:us-east-1:123456789012:orders"
TYPE = "PRICING_HEALTH"
API = "notifications"


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """One that nobody else subscribes at."""
    settings = SimulatorSettings(orders=5, speed=1e5, changes_per_minute=0, port=0)
    with Simulator(settings) as own:
        yield own


@pytest.fixture
def amazon_sp(simulator: Simulator, tmp_path: Path) -> AmazonSP:
    return configured(simulator, tmp_path)


def create_destination(amazon_sp: AmazonSP) -> str:
    words = ("orders", "--sqs", ARN, "--yes")
    created = amazon_sp.run_here("notifications destinations create", *words)
    return str(created.json["payload"]["destinationId"])


def subscribe(amazon_sp: AmazonSP, *words: str) -> dict[str, Any]:
    destination = create_destination(amazon_sp)
    finished = amazon_sp.run_here(
        "notifications subscriptions create", TYPE, destination, "--yes", *words
    )
    assert finished.exit_code == 0, finished.stderr
    created: dict[str, Any] = finished.json["payload"]
    return created


def test_a_destination_is_created_read_and_deleted(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    destination = create_destination(amazon_sp)
    read = amazon_sp.run("notifications destinations get", destination)
    listed = amazon_sp.run("notifications destinations list", "--output", "jsonl")
    deleted = amazon_sp.run("notifications destinations delete", destination, "--yes")
    gone = amazon_sp.run("notifications destinations get", destination)

    expected = {"destinationId": destination, "name": "orders", "resource": {"sqs": {"arn": ARN}}}
    assert read.json["payload"] == expected
    assert expected in listed.lines
    assert len(listed.lines) == 1 + len(simulator.truth("notifications.getDestinations"))
    assert deleted.exit_code == 0, deleted.stderr
    assert gone.exit_code == 3
    # They are the application's: no account's token is asked for.
    assert {one["account"] for one in simulator.requests} == {None}


def test_an_event_bus_is_a_destination(amazon_sp: AmazonSP) -> None:
    words = ("bus", "--event-bridge", "123456789012", "--aws-region", "eu-west-1")

    finished = amazon_sp.run_here("notifications destinations create", *words, "--yes")

    resource = finished.json["payload"]["resource"]["eventBridge"]
    assert (resource["accountId"], resource["region"]) == ("123456789012", "eu-west-1")


def test_a_subscription_is_created_read_and_deleted(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    created = subscribe(amazon_sp)
    by_id = amazon_sp.run_here("notifications subscriptions get", TYPE, created["subscriptionId"])
    by_type = amazon_sp.run_here("notifications subscriptions get", TYPE)
    deleted = amazon_sp.run_here(
        "notifications subscriptions delete", TYPE, created["subscriptionId"], "--yes"
    )
    gone = amazon_sp.run_here("notifications subscriptions get", TYPE)

    assert created["payloadVersion"] == "1.0"
    assert by_id.json["payload"] == by_type.json["payload"] == created
    assert deleted.exit_code == 0, deleted.stderr
    assert gone.exit_code == 3
    accounts = {one["operation"]: one["account"] for one in simulator.requests}
    assert accounts[f"{API}.getSubscription"] is not None
    assert accounts[f"{API}.getSubscriptionById"] is None
    assert accounts[f"{API}.deleteSubscriptionById"] is None


def test_a_directive_comes_from_a_file(amazon_sp: AmazonSP, tmp_path: Path) -> None:
    directive = {"filterExpression": "pricingHealthNotification.issueType == `x`"}
    file = tmp_path / "directive.json"
    file.write_text(json.dumps(directive), encoding="utf-8")

    created = subscribe(amazon_sp, "--directive", str(file))

    assert created["processingDirective"] == directive


@pytest.mark.parametrize(
    ("name", "version", "directive"),
    [
        ("ORDER_CHANGE", "1.0", {"eventFilter": {"eventFilterType": "ORDER_CHANGE"}}),
        ("DATA_KIOSK_QUERY_PROCESSING_FINISHED", "2023-11-15", None),
    ],
)
def test_amazon_gets_the_version_and_the_filter_that_it_wants(
    tmp_path: Path, name: str, version: str, directive: Any
) -> None:
    settings = SimulatorSettings(orders=5, speed=1e5, port=0, notify_types=())
    with Simulator(settings) as simulator:
        amazon_sp = configured(simulator, tmp_path)
        destination = create_destination(amazon_sp)
        words = (name, destination, "--yes")
        created = amazon_sp.run_here("notifications subscriptions create", *words)

    assert created.exit_code == 0, created.stderr
    assert created.json["payload"]["payloadVersion"] == version
    assert created.json["payload"].get("processingDirective") == directive


def test_subscriptions_of_all_types_are_listed_with_their_types(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    created = subscribe(amazon_sp)

    finished = amazon_sp.run_here("notifications subscriptions list")

    assert finished.exit_code == 0, finished.stderr
    assert {"notificationType": TYPE, **created} in finished.json
    assert {one["subscriptionId"] for one in finished.json} == {
        one["subscriptionId"] for one in simulator.truth("notifications.getSubscriptions")
    }


def test_subscriptions_of_one_type_take_one_call(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    finished = amazon_sp.run_here("notifications subscriptions list", "ORDER_CHANGE")

    assert {one["notificationType"] for one in finished.json} == {"ORDER_CHANGE"}
    assert len(simulator.requests) == 1


def test_a_type_that_is_not_for_the_account_is_told_and_left_out(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation=f"{API}.getSubscriptions", status=400, skip=2)

    finished = amazon_sp.run_here("notifications subscriptions list")

    assert finished.exit_code == 0
    assert finished.stderr.count("left out, as Amazon refused it") == 1
    assert finished.json


def test_a_type_that_was_asked_for_is_not_left_out(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation=f"{API}.getSubscriptions", status=400)

    assert amazon_sp.run_here("notifications subscriptions list", TYPE).exit_code == 3


@pytest.mark.parametrize(
    "words",
    [
        ("destinations create", "orders", "--sqs", ARN),
        ("destinations delete", "1"),
        ("subscriptions create", TYPE, "1"),
        ("subscriptions delete", TYPE, "1"),
    ],
)
def test_nothing_is_changed_unasked(
    amazon_sp: AmazonSP, simulator: Simulator, words: tuple[str, ...]
) -> None:
    command, *arguments = words

    unasked = amazon_sp.run_here(f"notifications {command}", *arguments)
    shown = amazon_sp.run_here(f"notifications {command}", *arguments, "--dry-run")

    assert unasked.exit_code == 2
    assert "give `--yes`" in unasked.errors[0]
    assert shown.exit_code == 0
    assert shown.stdout.split()[0] in ("POST", "DELETE")
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("destinations create", "x", "--yes"), "give either `--sqs`, or `--event-bridge`"),
        (
            ("destinations create", "x", "--sqs", ARN, "--aws-region", "a", "--yes"),
            "give either `--sqs`, or `--event-bridge`",
        ),
        (("destinations create", "x", "--sqs", "queue", "--yes"), "arn:aws:sqs"),
        (
            ("subscriptions get", TYPE, "1", "--payload-version", "1.0"),
            "give either a SUBSCRIPTION_ID or `--payload-version`",
        ),
    ],
)
def test_mistakes_are_told_and_nothing_is_sent(
    amazon_sp: AmazonSP, simulator: Simulator, words: tuple[str, ...], error: str
) -> None:
    command, *arguments = words

    finished = amazon_sp.run_here(f"notifications {command}", *arguments)

    assert finished.exit_code == 2
    assert error in finished.stderr
    assert simulator.requests == []


def test_one_that_is_there_already_is_refused(amazon_sp: AmazonSP) -> None:
    created = subscribe(amazon_sp)

    words = (TYPE, created["destinationId"], "--yes")
    finished = amazon_sp.run_here("notifications subscriptions create", *words)

    assert finished.exit_code == 3
    assert "createSubscription: HTTP 409" in finished.errors[0]


@pytest.mark.parametrize("command", ["get", "list"])
def test_a_type_that_may_be_misspelled_is_named(amazon_sp: AmazonSP, command: str) -> None:
    finished = amazon_sp.run_here(f"notifications subscriptions {command}", "ORDER_CHNGE")
    known = amazon_sp.run_here(f"notifications subscriptions {command}", TYPE)

    assert "ORDER_CHNGE is not a type of notification that the tap knows" in finished.stderr
    assert "did you mean `ORDER_CHANGE`" in finished.stderr
    assert "did you mean" not in known.stderr
