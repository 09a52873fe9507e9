"""`amazon-sp doctor` tells what is wrong apart."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.amazon.marketplaces import Region
from tap_amazon_sp.amazon.retry import DIAGNOSIS
from tap_amazon_sp.cli import account_checks, doctor
from tap_amazon_sp.simulator import Simulator, SimulatorSettings
from tests.cli.conftest import configured
from tests.cli.denying_queue import denying_queue
from tests.cli.running import AmazonSP, Finished, requests_of
from tests.queues import Queue

ORDERS = "orders_2026-01-01.searchOrders"
FEEDS = "feeds_2021-06-30.getFeeds"
DENIED = {"status": 403, "code": "Unauthorized", "count": None}
NOWHERE = "http://127.0.0.1:9"


def findings(finished: Finished) -> dict[str, dict[str, str]]:
    return {line["check"]: line for line in finished.lines}


def examined(amazon_sp: AmazonSP, *words: str) -> tuple[int, dict[str, dict[str, str]]]:
    finished = amazon_sp.run_here("doctor", "--output", "jsonl", *words)
    return finished.exit_code, findings(finished)


@pytest.fixture
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try once where nobody answers."""
    monkeypatch.setattr(doctor, "DIAGNOSIS", replace(DIAGNOSIS, max_tries=1))


def test_all_is_well(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    finished = amazon_sp.run("doctor")

    assert finished.exit_code == 0, finished.stdout
    lines = finished.stdout.splitlines()
    assert lines[0].split() == ["check", "result", "details"]
    assert [line.split()[0:2] for line in lines if line.startswith("stream")] == [
        ["stream", name]
        for name in ("orders", "order_items", "feeds", "marketplace_participations")
    ]
    assert simulator.settings_for_tap()["refresh_token"] not in finished.stdout + finished.stderr
    assert len(requests_of(simulator, ORDERS)) == 1


def test_all_streams_are_tried_without_messages_of_the_tap(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, seller_id=None)

    _, found = examined(amazon_sp, "--all")

    assert len(found) > 100
    assert {line["result"] for line in found.values()} <= {"ok", "refused", "skipped"}
    assert found["stream listings_items"]["details"] == "needs `seller_id` in the settings"


def test_a_stream_that_is_refused_names_its_roles(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation="messaging.GetAttributes", **DENIED)

    exit_code, found = examined(amazon_sp, "--streams", "orders,order_attributes")

    assert exit_code == 3
    assert found["stream orders"]["result"] == "ok"
    assert found["stream order_attributes"]["result"] == "refused"
    assert "needs the role Buyer Communication" in found["stream order_attributes"]["details"]


def test_what_is_refused_for_want_of_a_restricted_token_says_so(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation="ordersV0.getOrderRegulatedInfo", **DENIED)

    _, found = examined(amazon_sp, "--streams", "order_regulated_info")

    details = found["stream order_regulated_info"]["details"]
    assert "set `restricted_data` to true" in details


def test_a_child_of_a_refused_stream_is_not_tried(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation=ORDERS, **DENIED)

    exit_code, found = examined(amazon_sp, "--streams", "orders,order_items")

    assert exit_code == 3
    assert found["stream order_items"]["result"] == "skipped"
    assert found["stream order_items"]["details"] == "its parent 'orders' cannot be read"


def test_a_child_says_why_its_parent_is_refused_if_nothing_else_does(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation=ORDERS, **DENIED)

    _, found = examined(amazon_sp, "--streams", "order_items")

    details = found["stream order_items"]["details"]
    assert details.startswith("its parent 'orders' cannot be read: ")
    assert "HTTP 403" in details


def test_a_throttled_stream_is_told_at_once(amazon_sp: AmazonSP, simulator: Simulator) -> None:
    simulator.inject("throttle", operation=FEEDS, count=None)

    exit_code, found = examined(amazon_sp, "--streams", "feeds")

    assert exit_code == 4
    assert found["stream feeds"]["result"] == "throttled"
    assert len(requests_of(simulator, FEEDS)) == 1


@pytest.mark.usefixtures("_quick")
def test_a_stream_that_fails_at_amazon_has_failed(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    simulator.inject("status", operation=FEEDS, status=503, count=None)

    exit_code, found = examined(amazon_sp, "--streams", "feeds")

    assert exit_code == 1
    assert found["stream feeds"]["result"] == "failed"
    assert "HTTP 503" in found["stream feeds"]["details"]


def test_without_an_access_token_nothing_else_is_asked_for(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, refresh_token="Atzr|revoked")

    exit_code, found = examined(amazon_sp)

    assert exit_code == 3
    assert found["access token"]["result"] == "refused"
    assert "Authorize the application again" in found["access token"]["details"]
    assert found["endpoint"]["result"] == "ok"
    assert found["stream orders"] == {
        "check": "stream orders",
        "result": "skipped",
        "details": "no access token",
    }
    assert requests_of(simulator, ORDERS) == []


@pytest.mark.usefixtures("_quick")
@pytest.mark.parametrize(
    ("setting", "check"), [("endpoint", "endpoint"), ("token_url", "access token")]
)
def test_an_address_that_does_not_answer_is_named(
    simulator: Simulator, tmp_path: Path, setting: str, check: str
) -> None:
    amazon_sp = configured(simulator, tmp_path, **{setting: NOWHERE})

    exit_code, found = examined(amazon_sp)

    assert exit_code == 1
    assert found[check]["result"] == "failed"
    without = "connection to the endpoint" if setting == "endpoint" else "access token"
    assert found["stream orders"]["result"] == "skipped"
    assert found["stream orders"]["details"] == f"no {without}"


def test_marketplaces_that_are_not_the_accounts_are_named(
    simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(account_checks, "participating_marketplaces", lambda _: ("ATVPDKIKX0DER",))
    amazon_sp = configured(simulator, tmp_path, marketplace_ids=["US", "BR"])

    exit_code, found = examined(amazon_sp, "--streams", "feeds")

    assert exit_code == 1
    assert found["marketplaces"]["details"] == (
        "`marketplace_ids` names A2Q3Y263D00KWC, but the account participates in ATVPDKIKX0DER"
    )


def test_a_vendor_who_is_not_told_the_marketplaces_may_name_them(
    simulator: Simulator, tmp_path: Path
) -> None:
    simulator.inject("status", operation="sellers.getMarketplaceParticipations", **DENIED)

    unnamed = examined(configured(simulator, tmp_path, marketplace_ids=None), "--streams", "feeds")
    named = examined(configured(simulator, tmp_path, marketplace_ids=["US"]), "--streams", "feeds")

    assert unnamed[0] == 1
    assert "set `marketplace_ids`" in unnamed[1]["marketplaces"]["details"]
    assert named[0] == 0
    assert named[1]["marketplaces"]["result"] == "skipped"
    assert named[1]["marketplaces"]["details"] == (
        "`marketplace_ids` is not checked: "
        "Amazon does not tell this application the account's marketplaces"
    )


def test_restricted_data_are_tried_where_they_are_wanted(
    simulator: Simulator, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, restricted_data=True)

    good = examined(amazon_sp, "--streams", "feeds")
    simulator.inject("status", operation="tokens_2021-03-01.createRestrictedDataToken", **DENIED)
    refused = examined(amazon_sp, "--streams", "feeds")

    assert good[1]["restricted data"]["result"] == "ok"
    assert refused[0] == 3
    assert refused[1]["restricted data"]["result"] == "refused"


def test_the_named_account_is_examined(simulator: Simulator, tmp_path: Path) -> None:
    token = simulator.settings_for_tap()["refresh_token"]
    accounts: list[dict[str, Any]] = [
        {"name": "old", "refresh_token": "Atzr|revoked"},
        {"name": "new", "refresh_token": token},
    ]
    amazon_sp = configured(simulator, tmp_path, refresh_token=None, accounts=accounts)

    assert examined(amazon_sp, "--account", "old")[0] == 3
    exit_code, found = examined(amazon_sp, "--account", "new")
    assert exit_code == 0
    assert found["settings"]["details"] == "account 'new', region na"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--streams", "order"], "there is no stream 'order': did you mean `orders`"),
        (["--streams", "orders", "--all"], "exclude each other"),
    ],
)
def test_mistakes_are_told(amazon_sp: AmazonSP, words: list[str], sentence: str) -> None:
    finished = amazon_sp.run_here("doctor", *words)

    assert finished.exit_code == 2
    assert sentence in finished.stderr


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch, simulator: Simulator) -> Iterator[Simulator]:
    """A simulator of Europe, whose tokens that of North America does not accept."""
    settings = SimulatorSettings(orders=10, speed=100_000, port=0, region="eu")
    with Simulator(settings) as european:
        endpoints = {"na": simulator.url, "eu": european.url, "fe": NOWHERE}
        monkeypatch.setattr(Region, "endpoint", property(lambda self: endpoints[self.name]))
        yield european


def test_a_wrong_region_is_found_by_asking_the_others(elsewhere: Simulator, tmp_path: Path) -> None:
    amazon_sp = configured(elsewhere, tmp_path, region="na", endpoint=None, marketplace_ids=[])

    exit_code, found = examined(amazon_sp, "--streams", "feeds")

    assert exit_code == 3
    assert found["stream feeds"]["result"] == "refused"
    assert found["region"]["result"] == "failed"
    assert found["region"]["details"].endswith("the authorization is for eu: set `region` to eu")


def test_no_other_region_is_asked_than_that_of_a_given_endpoint(
    amazon_sp: AmazonSP, simulator: Simulator
) -> None:
    operation = "sellers.getMarketplaceParticipations"
    simulator.inject("status", operation=operation, **DENIED)

    _, found = examined(amazon_sp, "--streams", "feeds")

    assert found["region"]["result"] == "skipped"
    assert len(requests_of(simulator, operation)) == 1


@pytest.fixture
def with_queue(
    simulator: Simulator, moto_queue: Queue, tmp_path: Path, _aws_keys: None
) -> AmazonSP:
    """The command with the settings of a queue."""
    return configured(simulator, tmp_path, notifications_queue_url=moto_queue.url)


def test_a_queue_that_nobody_sends_to_is_named(with_queue: AmazonSP) -> None:
    exit_code, found = examined(with_queue)

    assert exit_code == 1
    assert found["queue"]["result"] == "ok"
    assert found["queue policy"]["result"] == "failed"
    assert found["queue permissions"]["result"] == "ok"
    for check in ("destination", "subscription ORDER_CHANGE"):
        assert found[check]["result"] == "failed"
    assert "`amazon-sp notifications setup` creates it" in found["destination"]["details"]
    assert found["stream order_changes"]["result"] == "ok"
    # Nobody needs all types.
    assert [check for check in found if check.startswith("subscr")] == ["subscription ORDER_CHANGE"]
    assert found["stream orders"]["result"] == "ok"


@pytest.mark.usefixtures("_aws_keys")
def test_a_queue_that_was_set_up_is_well(tmp_path: Path, moto_queue: Queue) -> None:
    moto_queue.send("1")
    settings = SimulatorSettings(speed=1e5, orders=5, changes_per_minute=0, port=0, notify_types=())
    with Simulator(settings) as simulator:
        amazon_sp = configured(simulator, tmp_path, notifications_queue_url=moto_queue.url)
        amazon_sp.run_here("notifications setup", "ORDER_CHANGE", "--set-policy", "--yes")

        exit_code, found = examined(amazon_sp)

    assert exit_code == 0, found
    assert "1 message to receive" in found["queue"]["details"]
    assert found["subscription ORDER_CHANGE"]["result"] == "ok"
    assert (moto_queue.visible, moto_queue.in_flight) == (1, 0)


def test_types_of_streams_that_are_named_are_looked_for(with_queue: AmazonSP) -> None:
    names = "pricing_health_notifications,listings_item_status_change_notifications"

    _, found = examined(with_queue, "--streams", names)

    # Amazon sends the other type to an event bus.
    assert [check for check in found if check.startswith("subscr")] == [
        "subscription PRICING_HEALTH"
    ]


def test_without_streams_of_notifications_no_subscription_is_looked_for(
    with_queue: AmazonSP, simulator: Simulator
) -> None:
    _, found = examined(with_queue, "--streams", "feeds")

    assert "queue" in found
    assert "destination" not in found
    assert requests_of(simulator, "notifications.getDestinations") == []


@pytest.mark.usefixtures("_aws_keys")
def test_a_queue_that_does_not_exist_is_named(
    simulator: Simulator, moto_queue: Queue, tmp_path: Path
) -> None:
    amazon_sp = configured(simulator, tmp_path, notifications_queue_url=f"{moto_queue.url}-missing")

    exit_code, found = examined(amazon_sp)

    assert exit_code == 3
    assert "does not exist" in found["queue"]["details"]
    assert "queue policy" not in found
    assert found["stream orders"]["result"] == "ok"


@pytest.mark.usefixtures("_aws_keys")
def test_keys_that_may_only_read_are_enough(simulator: Simulator, tmp_path: Path) -> None:
    with denying_queue("GetQueueAttributes") as url:
        amazon_sp = configured(simulator, tmp_path, notifications_queue_url=url)

        exit_code, found = examined(amazon_sp, "--streams", "orders")

    assert exit_code == 0
    assert found["queue"]["result"] == "skipped"
    assert "AWS refuses sqs:GetQueueAttributes" in found["queue"]["details"]
    assert found["queue permissions"]["result"] == "ok"


@pytest.mark.usefixtures("_aws_keys")
def test_keys_that_may_not_delete_are_refused(simulator: Simulator, tmp_path: Path) -> None:
    with denying_queue("GetQueueAttributes", "DeleteMessage") as url:
        amazon_sp = configured(simulator, tmp_path, notifications_queue_url=url)

        exit_code, found = examined(amazon_sp, "--streams", "orders")

    assert exit_code == 3
    assert found["queue permissions"]["result"] == "refused"
    assert "sqs:DeleteMessage" in found["queue permissions"]["details"]
