"""`amazon-sp notifications setup`, with a queue of moto's server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.amazon.queue_policy import QUEUE_ACTIONS, permissions_of_sender
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, Finished
from tests.queues import KEYS, Queue

TYPE = "ORDER_CHANGE"
REPORTS = "REPORT_PROCESSING_FINISHED"
ORDER_FILTER = {"eventFilter": {"eventFilterType": TYPE}}
OTHER_STATEMENT = {
    "Sid": "mine",
    "Effect": "Allow",
    "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
    "Action": "sqs:*",
    "Resource": "*",
}


@pytest.fixture
def simulator() -> Iterator[Simulator]:
    """One without subscriptions."""
    settings = SimulatorSettings(orders=5, speed=1e5, changes_per_minute=0, port=0, notify_types=())
    with Simulator(settings) as own:
        yield own


@pytest.fixture
def amazon_sp(simulator: Simulator, tmp_path: Path) -> AmazonSP:
    return configured(simulator, tmp_path)


pytestmark = pytest.mark.usefixtures("_aws_keys")


def findings(finished: Finished) -> dict[str, dict[str, str]]:
    return {line["check"]: line for line in finished.lines}


def set_up(amazon_sp: AmazonSP, queue: Queue, *words: str) -> tuple[int, dict[str, Any]]:
    finished = amazon_sp.run_here(
        "notifications setup", "--queue", queue.url, "--output", "jsonl", *words
    )
    return finished.exit_code, findings(finished)


def policy_of(queue: Queue) -> str | None:
    answer = queue.server.client.get_queue_attributes(QueueUrl=queue.url, AttributeNames=["All"])
    policy: str | None = answer["Attributes"].get("Policy")
    return policy


def arn_of(queue: Queue) -> str:
    return f"arn:aws:sqs:us-east-1:123456789012:{queue.name}"


def set_attribute(queue: Queue, **attributes: str) -> None:
    queue.server.client.set_queue_attributes(QueueUrl=queue.url, Attributes=attributes)


def subscriptions(simulator: Simulator) -> list[dict[str, Any]]:
    return simulator.truth("notifications.getSubscriptions")


def changing(simulator: Simulator) -> list[str]:
    return [one["operation"] for one in simulator.requests if ".create" in one["operation"]]


def test_all_is_set_up_at_once_and_stays_when_it_is_repeated(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    set_attribute(moto_queue, Policy=json.dumps({"Statement": [OTHER_STATEMENT]}))
    words = ("--queue", moto_queue.url, "--set-policy", "--yes", TYPE, REPORTS)

    first = amazon_sp.run("notifications setup", *words)
    created = subscriptions(simulator)
    again = amazon_sp.run("notifications setup", *words)

    assert first.exit_code == again.exit_code == 0, first.stderr
    assert f"Set `notifications_queue_url` to {moto_queue.url}" in first.stderr
    (destination,) = [
        one
        for one in simulator.truth("notifications.getDestinations")
        if one["resource"] == {"sqs": {"arn": arn_of(moto_queue)}}
    ]
    assert destination["name"] == moto_queue.name
    assert {one["destinationId"] for one in created} == {destination["destinationId"]}
    assert [one.get("processingDirective") for one in created] == [ORDER_FILTER, None]
    assert subscriptions(simulator) == created
    policy = policy_of(moto_queue)
    assert permissions_of_sender(policy, QUEUE_ACTIONS, arn_of(moto_queue)).are_given
    assert policy is not None
    assert json.loads(policy)["Statement"][0] == OTHER_STATEMENT
    assert len(json.loads(policy)["Statement"]) == 2
    # What the commands print is theirs, not what libraries log.
    assert "redential" not in first.stderr
    assert "secrets" not in first.stderr


def test_without_permission_to_send_nothing_is_created(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    finished = amazon_sp.run_here("notifications setup", "--queue", moto_queue.url, "--yes", TYPE)

    assert finished.exit_code == 1
    assert changing(simulator) == []
    assert policy_of(moto_queue) is None
    pasted = finished.stderr[finished.stderr.index("{") :]
    assert permissions_of_sender(pasted, QUEUE_ACTIONS, arn_of(moto_queue)).are_given
    assert "not created, see the check `queue policy`" in finished.stdout


def test_a_dry_run_prints_the_requests_and_sends_none(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    finished = amazon_sp.run_here(
        "notifications setup", "--queue", moto_queue.url, "--set-policy", "--dry-run", TYPE
    )

    assert finished.exit_code == 0
    assert changing(simulator) == []
    assert policy_of(moto_queue) is None
    assert finished.stdout.count("would be") == 3
    for words in ("SetQueueAttributes", "/notifications/v1/destinations", f"subscriptions/{TYPE}"):
        assert words in finished.stderr
    assert "(the destination's id)" in finished.stderr


def test_nothing_is_changed_unasked(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    finished = amazon_sp.run_here(
        "notifications setup", "--queue", moto_queue.url, "--set-policy", TYPE
    )

    assert finished.exit_code == 2
    assert "give `--yes`" in finished.errors[0]
    assert changing(simulator) == []
    assert policy_of(moto_queue) is None


def test_a_check_tells_what_is_missing(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    set_up(amazon_sp, moto_queue, "--set-policy", "--yes", TYPE)
    simulator.clear_requests()

    exit_code, found = set_up(amazon_sp, moto_queue, "--check", TYPE, REPORTS)

    assert exit_code == 1
    assert found[f"subscription {TYPE}"]["result"] == "ok"
    assert found[f"subscription {REPORTS}"]["result"] == "failed"
    assert "without `--check`" in found[f"subscription {REPORTS}"]["details"]
    assert changing(simulator) == []


def test_a_check_without_types_looks_at_the_queue(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    exit_code, found = set_up(amazon_sp, moto_queue, "--check")

    assert exit_code == 1
    assert list(found) == ["queue", "queue policy", "encryption", "retention", "destination"]
    assert changing(simulator) == []


def test_a_subscription_to_another_queue_is_not_replaced(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    set_up(amazon_sp, moto_queue, "--set-policy", "--yes", TYPE)
    (before,) = subscriptions(simulator)
    other = moto_queue.server.create()

    exit_code, found = set_up(amazon_sp, other, "--set-policy", "--yes", TYPE)

    assert exit_code == 1
    assert subscriptions(simulator) == [before]
    details = found[f"subscription {TYPE}"]["details"]
    assert before["destinationId"] in details
    assert f"notifications subscriptions delete {TYPE} {before['subscriptionId']}" in details


def test_a_subscription_with_another_filter_is_named(
    amazon_sp: AmazonSP, moto_queue: Queue, tmp_path: Path
) -> None:
    _, found = set_up(amazon_sp, moto_queue, "--set-policy", "--yes", REPORTS)
    destination = found["destination"]["details"].split()[-1]
    wanted = {"eventFilterType": TYPE, "orderChangeTypes": ["BuyerRequestedChange"]}
    directive = {"eventFilter": wanted}
    file = tmp_path / "directive.json"
    file.write_text(json.dumps(directive), encoding="utf-8")
    created = amazon_sp.run_here(
        "notifications subscriptions create", TYPE, destination, "--directive", str(file), "--yes"
    )
    assert created.exit_code == 0, created.stderr

    exit_code, found = set_up(amazon_sp, moto_queue, "--check", TYPE)

    assert exit_code == 1
    assert "BuyerRequestedChange" in found[f"subscription {TYPE}"]["details"]


def test_offers_are_limited_to_marketplaces(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    words = ("--set-policy", "--yes", "--marketplaces", "US", "ANY_OFFER_CHANGED")

    exit_code, _ = set_up(amazon_sp, moto_queue, *words)
    same, _ = set_up(amazon_sp, moto_queue, *words)
    all_marketplaces, _ = set_up(amazon_sp, moto_queue, "--check", "ANY_OFFER_CHANGED")

    assert (exit_code, same, all_marketplaces) == (0, 0, 1)
    (created,) = subscriptions(simulator)
    wanted = {"eventFilterType": "ANY_OFFER_CHANGED", "marketplaceIds": ["ATVPDKIKX0DER"]}
    assert created["processingDirective"] == {"eventFilter": wanted}


def test_the_queue_of_the_settings_is_the_default(
    simulator: Simulator, moto_queue: Queue, tmp_path: Path
) -> None:
    amazon_sp = configured(
        simulator,
        tmp_path,
        notifications_queue_url=arn_of(moto_queue),
        notifications_endpoint_url=moto_queue.server.endpoint,
    )

    finished = amazon_sp.run_here("notifications setup", "--set-policy", "--yes", TYPE)

    assert finished.exit_code == 0, finished.stderr
    assert len(subscriptions(simulator)) == 1
    assert "Set `notifications_queue_url`" not in finished.stderr


def test_without_aws_keys_the_queue_is_not_checked_and_all_else_is_done(
    amazon_sp: AmazonSP,
    simulator: Simulator,
    moto_queue: Queue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in KEYS:
        monkeypatch.delenv(name.upper())
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    finished = amazon_sp.run_here("notifications setup", "--queue", moto_queue.url, "--yes", TYPE)

    assert finished.exit_code == 0, finished.stderr
    assert "not checked: there are no AWS keys" in finished.stdout
    assert "Policy that the queue needs" in finished.stderr
    assert len(subscriptions(simulator)) == 1


def test_a_queue_that_does_not_exist_gets_no_subscription(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    missing = Queue(moto_queue.server, f"{moto_queue.url}-missing")

    exit_code, found = set_up(amazon_sp, missing, "--yes", TYPE)

    assert exit_code == 3
    assert "does not exist" in found["queue"]["details"]
    assert changing(simulator) == []


def test_a_refused_destination_ends_the_rest(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    simulator.inject("status", operation="notifications.createDestination", status=400)

    exit_code, found = set_up(amazon_sp, moto_queue, "--set-policy", "--yes", TYPE)

    assert exit_code == 1
    assert found["destination"]["result"] == "failed"
    assert found[f"subscription {TYPE}"]["details"] == "not created, see the check `destination`"


def test_a_missing_role_is_named_for_a_command(
    amazon_sp: AmazonSP, simulator: Simulator, moto_queue: Queue
) -> None:
    simulator.inject(
        "status", operation="notifications.getDestinations", status=403, code="Unauthorized"
    )

    exit_code, found = set_up(amazon_sp, moto_queue, "--check", TYPE)

    assert exit_code == 3
    assert found["destination"]["result"] == "refused"
    assert "the application has a role for this operation" in found["destination"]["details"]
    assert "deselect" not in found["destination"]["details"]
    assert f"subscription {TYPE}" not in found


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ((TYPE,), "name the queue: `--queue URL`"),
        (("--queue", "http://127.0.0.1:9/1/orders"), "name the types of notifications"),
        (("--queue", "orders", TYPE), "--queue: must be the URL of a queue"),
        (("--queue", "http://sqs.example/1/orders", TYPE), "--queue: must begin with https"),
        (
            ("--queue", "https://sqs.eu-west-1.amazonaws.com/123456789012/orders.fifo", TYPE),
            "--queue: must be a standard queue",
        ),
        (
            ("--queue", "http://127.0.0.1:9/1/orders", "ORDER_CHANGED"),
            "did you mean `ORDER_CHANGE`",
        ),
        (
            ("--queue", "http://127.0.0.1:9/1/orders", "LISTINGS_ITEM_STATUS_CHANGE"),
            "to an event bus only",
        ),
        (
            ("--queue", "http://127.0.0.1:9/1/orders", TYPE, "--marketplaces", "US"),
            "--marketplaces: Amazon limits only ANY_OFFER_CHANGED",
        ),
    ],
)
def test_mistakes_are_named_and_nothing_is_sent(
    amazon_sp: AmazonSP, simulator: Simulator, words: tuple[str, ...], error: str
) -> None:
    finished = amazon_sp.run_here("notifications setup", *words, "--yes")

    assert finished.exit_code == 2
    assert error in finished.stderr
    assert simulator.requests == []
