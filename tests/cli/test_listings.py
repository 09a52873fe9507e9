"""`amazon-sp listings`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP, Finished, requests_of

API = "listingsItems_2021-08-01"
SELLER = "A1SIMULATEDSELLER"
US = "ATVPDKIKX0DER"
LISTING = {"productType": "LUGGAGE", "attributes": {"item_name": [{"value": "Case"}]}}
PATCHES = [{"op": "replace", "path": "/attributes/color", "value": [{"value": "red"}]}]


@pytest.fixture
def seller(simulator: Simulator, tmp_path: Path) -> AmazonSP:
    """The command with the seller's id in its settings."""
    return configured(simulator, tmp_path, seller_id=SELLER, marketplace_ids=["US"])


@pytest.fixture
def sku(simulator: Simulator) -> str:
    listings = simulator.truth(f"{API}.searchListingsItems", path_parameters={"sellerId": SELLER})
    return str(listings[0]["sku"])


def body_of(finished: Finished) -> Any:
    return json.loads(finished.stdout.partition("\n\n")[2])


def test_a_listing_is_printed_with_all_that_there_is(
    seller: AmazonSP, simulator: Simulator, sku: str
) -> None:
    finished = seller.run("listings get", sku)

    assert finished.exit_code == 0, finished.stderr
    assert finished.json["sku"] == sku
    assert {"summaries", "attributes", "issues", "offers"} <= set(finished.json)
    assert [one["status"] for one in requests_of(simulator, f"{API}.getListingsItem")] == [200]


def test_some_of_the_data_can_be_asked_for(seller: AmazonSP, sku: str) -> None:
    finished = seller.run_here("listings get", sku, "--include", "summaries")

    assert set(finished.json) == {"sku", "summaries"}


def test_a_sku_that_is_not_there_ends_with_3(seller: AmazonSP) -> None:
    finished = seller.run_here("listings get", "no-such-sku")

    assert finished.exit_code == 3
    assert "getListingsItem: HTTP 404" in finished.errors[0]


def test_a_sku_may_hold_any_letter(seller: AmazonSP, simulator: Simulator) -> None:
    finished = seller.run_here("listings delete", "@a,b/ö c", "--dry-run")

    assert finished.exit_code == 0, finished.stderr
    path = f"/listings/2021-08-01/items/{SELLER}/%40a%2Cb%2F%C3%B6%20c"
    assert finished.stdout.startswith(f"DELETE {simulator.url}{path}?marketplaceIds={US}\n")


@pytest.mark.parametrize("as_list", [True, False])
def test_patches_are_a_list_or_a_whole_body(seller: AmazonSP, *, as_list: bool) -> None:
    whole = {"productType": "LUGGAGE", "patches": PATCHES}

    finished = seller.run_here(
        "listings patch",
        "S-1",
        "-",
        *(("--product-type", "LUGGAGE") if as_list else ()),
        "--dry-run",
        stdin=json.dumps(PATCHES if as_list else whole),
    )

    assert finished.exit_code == 0, finished.stderr
    assert body_of(finished) == whole


def test_options_go_over_the_file(seller: AmazonSP, tmp_path: Path) -> None:
    file = tmp_path / "listing.json"
    file.write_text(json.dumps(LISTING), encoding="utf-8")

    finished = seller.run_here(
        *("listings put", "S-1", str(file), "--product-type", "SHOES"),
        *("--requirements", "LISTING_OFFER_ONLY", "--dry-run"),
    )

    assert body_of(finished) == LISTING | {
        "productType": "SHOES",
        "requirements": "LISTING_OFFER_ONLY",
    }


@pytest.mark.parametrize(("command", "body"), [("put", LISTING), ("patch", PATCHES)])
def test_what_amazon_finds_is_told_and_decides_how_it_ends(
    seller: AmazonSP, simulator: Simulator, command: str, body: Any
) -> None:
    ended: dict[str, int] = {}
    for number in range(24):
        finished = seller.run_here(
            *(f"listings {command}", f"S-{number}", "-", "--product-type", "LUGGAGE", "--yes"),
            stdin=json.dumps(body),
        )
        answer = finished.json
        told = finished.stderr.splitlines()
        assert told[0] == f"S-{number}: {answer['status']}"
        assert len(told) == 1 + len(answer.get("issues", ()))
        for issue, line in zip(answer.get("issues", ()), told[1:], strict=True):
            assert f"{issue['severity']} {issue['code']}: {issue['message']}" in line
        assert ended.setdefault(answer["status"], finished.exit_code) == finished.exit_code

    # ACCEPTED or VALID: nothing went wrong.
    assert ended == {status: int(status == "INVALID") for status in ended}
    assert {"INVALID"} < set(ended)
    assert len(requests_of(simulator, f"{API}.{command}ListingsItem")) == 24


def test_a_preview_asks_nobody_as_it_changes_nothing(
    seller: AmazonSP, simulator: Simulator
) -> None:
    shown = seller.run_here(
        "listings put", "S-1", "-", "--preview", "--dry-run", stdin=json.dumps(LISTING)
    )
    finished = seller.run_here("listings put", "S-1", "-", "--preview", stdin=json.dumps(LISTING))

    assert "mode=VALIDATION_PREVIEW" in shown.stdout
    assert finished.exit_code in (0, 1), finished.stderr
    assert finished.json["sku"] == "S-1"
    (sent,) = requests_of(simulator, f"{API}.putListingsItem")
    assert sent["status"] == 200


@pytest.mark.parametrize("command", ["put", "patch", "delete"])
def test_nothing_is_changed_unasked(seller: AmazonSP, simulator: Simulator, command: str) -> None:
    words = () if command == "delete" else ("-",)
    whole = LISTING if command == "put" else {"productType": "LUGGAGE", "patches": PATCHES}

    finished = seller.run_here(f"listings {command}", "S-1", *words, stdin=json.dumps(whole))

    assert finished.exit_code == 2
    assert "give `--yes`" in finished.errors[0]
    assert simulator.requests == []


@pytest.mark.parametrize(
    ("words", "stdin", "error"),
    [
        (("put", "S-1", "-"), '{"attributes": {}}', "`productType` is missing"),
        (("put", "S-1", "-"), "{", "FILE - is not JSON (line 1)"),
        (("put", "S-1", "no.json"), "", "FILE no.json: No such file or directory"),
        (("put", "S-1", "-"), "[]", "must be an object"),
        (("patch", "S-1", "-"), '[{"op": "take", "path": "/a"}]', "replace"),
        (("delete", "S-1", "--marketplaces", "US,CA"), "", "at most 1"),
        (("get", "S-1", "--include", "everything"), "", "`includedData`"),
    ],
)
def test_mistakes_are_told_and_nothing_is_sent(
    seller: AmazonSP, simulator: Simulator, words: tuple[str, ...], stdin: str, error: str
) -> None:
    yes = () if words[0] == "get" else ("--yes",)

    finished = seller.run_here(f"listings {words[0]}", *words[1:], *yes, stdin=stdin)

    assert finished.exit_code == 2
    assert error in finished.stderr
    assert finished.stdout == ""
    assert simulator.requests == []


def test_the_seller_must_be_known(simulator: Simulator, tmp_path: Path, sku: str) -> None:
    amazon_sp = configured(simulator, tmp_path, seller_id=None)

    unknown = amazon_sp.run_here("listings get", sku)
    known = amazon_sp.run_here("listings get", sku, "--seller-id", SELLER, "--marketplaces", "US")

    assert unknown.exit_code == 2
    assert unknown.errors == [
        "the seller is missing: give `--seller-id`, or the setting `seller_id`"
    ]
    assert known.exit_code == 0, known.stderr
    assert len(simulator.requests) == 1


def test_a_listing_is_read_in_all_marketplaces_where_none_is_named(
    simulator: Simulator, tmp_path: Path, sku: str
) -> None:
    amazon_sp = configured(simulator, tmp_path, seller_id=SELLER, marketplace_ids=[])

    read = amazon_sp.run_here("listings get", sku)
    changed = amazon_sp.run_here("listings delete", sku, "--yes")

    assert read.exit_code == 0, read.stderr
    assert len(requests_of(simulator, "sellers.getMarketplaceParticipations")) == 1
    assert changed.exit_code == 2
    assert "name marketplaces" in changed.errors[0]
