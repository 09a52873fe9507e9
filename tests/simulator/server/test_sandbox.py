"""The sandbox: static cases of models in Amazon's form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tap_amazon_sp.cli import main
from tap_amazon_sp.simulator import ModelsError, Simulator, SimulatorSettings
from tap_amazon_sp.simulator.server.sandbox import read_sandbox
from tests.simulator.api_caller import FEEDS, ORDERS_V0, TOKENS, ApiCaller


def case(parameters: dict[str, Any], response: Any) -> dict[str, Any]:
    values = {name: {"value": value} for name, value in parameters.items()}
    return {"request": {"parameters": values}, "response": response}


def responses(**cases: list[dict[str, Any]]) -> dict[str, Any]:
    """Return responses by status, each with its static cases."""
    return {
        "responses": {
            status.removeprefix("status_"): {"x-amzn-api-sandbox": {"static": found}}
            for status, found in cases.items()
        }
    }


SHIPMENTS = "/mfn/v0/shipments"

# Made up, in the form of Amazon's models.
FEED = {"feedType": "POST_PRODUCT_DATA", "marketplaceIds": ["M1"], "inputFeedDocumentId": "D1"}
MODEL = {
    "swagger": "2.0",
    "paths": {
        ORDERS_V0: {
            "get": responses(
                status_200=[
                    case({"CreatedAfter": "TEST_CASE_200"}, {"payload": {"Orders": [1]}}),
                    case(
                        {"CreatedAfter": "TEST_CASE_200", "MarketplaceIds": ["M1", "M2"]},
                        {"payload": {"Orders": [2]}},
                    ),
                ],
                status_400=[case({"CreatedAfter": "TEST_CASE_400"}, {"errors": [{"code": "X"}]})],
            )
        },
        f"{ORDERS_V0}/{{orderId}}": {
            "get": responses(status_200=[case({"orderId": "902-1"}, {"payload": {"one": True}})])
        },
        f"{FEEDS}/feeds": {
            "get": responses(
                status_200=[case({"feedTypes": ["A"], "pageSize": 10}, {"feeds": []})]
            ),
            "post": responses(
                status_202=[
                    {"request": {"parameters": {"body": {}}}, "response": {"feedId": "any"}},
                    case({"body": {"feedType": FEED["feedType"]}}, {"feedId": "of the type"}),
                    case({"body": FEED}, {"feedId": "3485"}),
                ]
            ),
        },
        # Amazon's model of vendor shipments still has blocks in this older form.
        "/fba/inventory/v1/summaries": {
            "get": {
                "responses": {
                    "200": {
                        "x-amazon-spds-sandbox-behaviors": [case({"details": True}, {"payload": 7})]
                    }
                }
            }
        },
        TOKENS: {"post": responses(status_200=[case({}, {"restrictedDataToken": "made-up"})])},
        f"{SHIPMENTS}/{{shipmentId}}": {
            "get": responses(status_200=[case({"shipmentId": "902-1"}, {"payload": "shipment"})])
        },
        "/sellers/v1/marketplaceParticipations": {
            "x-amzn-api-sandbox": {"dynamic": {}},
            "get": {"responses": {}},
        },
        "/sellers/v1/account": {"get": {"x-amzn-api-sandbox": {"dynamic": {}}, "responses": {}}},
    },
}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiCaller]:
    folder = tmp_path_factory.mktemp("models")
    (folder / "some-api-model").mkdir()
    (folder / "some-api-model" / "some.json").write_text(json.dumps(MODEL))
    (folder / "package.json").write_text('{"name": "not a model"}')
    settings = SimulatorSettings(
        orders=3, records=3, changes_per_minute=0, port=0, speed=1e6, sandbox=str(folder)
    )
    with Simulator(settings) as simulator:
        yield ApiCaller(simulator)


def test_a_request_gets_the_answer_of_the_case_that_it_fits_best(sandbox: ApiCaller) -> None:
    plain = sandbox.get(ORDERS_V0, CreatedAfter="TEST_CASE_200", MarketplaceIds=["M3"])
    better = sandbox.get(ORDERS_V0, CreatedAfter="TEST_CASE_200", MarketplaceIds=["M1", "M2"])
    refused = sandbox.get(ORDERS_V0, CreatedAfter="TEST_CASE_400")
    one = sandbox.get(f"{ORDERS_V0}/902-1")
    listed = sandbox.get(f"{FEEDS}/feeds", feedTypes="A", pageSize=10)

    assert plain.json() == {"payload": {"Orders": [1]}}
    assert better.json() == {"payload": {"Orders": [2]}}
    assert (refused.status_code, refused.json()) == (400, {"errors": [{"code": "X"}]})
    assert one.json() == {"payload": {"one": True}}
    assert listed.json() == {"feeds": []}
    assert plain.headers["x-amzn-RateLimit-Limit"] == f"{5e6:.6g}"


def test_of_several_bodies_the_one_with_the_most_values_counts(sandbox: ApiCaller) -> None:
    more = sandbox.call("POST", f"{FEEDS}/feeds", json=FEED | {"feedOptions": {"a": "b"}})
    less = sandbox.call("POST", f"{FEEDS}/feeds", json=FEED | {"marketplaceIds": ["M1", "M2"]})
    other = sandbox.call("POST", f"{FEEDS}/feeds", json=FEED | {"feedType": "OTHER"})
    broken = sandbox.call("POST", f"{FEEDS}/feeds", data="{")

    assert (more.status_code, more.json()) == (202, {"feedId": "3485"})
    assert less.json() == {"feedId": "of the type"}
    # A parameter without a value may have any.
    assert other.json() == broken.json() == {"feedId": "any"}


def test_blocks_in_the_older_form_are_read(sandbox: ApiCaller) -> None:
    path = "/fba/inventory/v1/summaries"

    assert sandbox.get(path, details="true").json() == {"payload": 7}
    assert sandbox.get(path, details="false").status_code == 400


@pytest.mark.parametrize(
    "path", [ORDERS_V0, f"{ORDERS_V0}/902-2", "/sales/v1/orderMetrics", f"{FEEDS}/feeds"]
)
def test_what_fits_no_case_is_refused_as_amazon_does(sandbox: ApiCaller, path: str) -> None:
    answer = sandbox.get(path)

    assert answer.status_code == 400
    (error,) = answer.json()["errors"]
    assert error["code"] == "InvalidInput"
    assert error["message"] == "Could not match input arguments"


def test_restricted_cases_take_a_restricted_data_token(sandbox: ApiCaller) -> None:
    path = f"{SHIPMENTS}/902-1"
    resource = {"method": "GET", "path": f"{SHIPMENTS}/{{shipmentId}}"}
    token = sandbox.call("POST", TOKENS, json={"restrictedResources": [resource]}).json()

    answer = sandbox.call("GET", path, token=token["restrictedDataToken"])

    assert (answer.status_code, answer.json()) == (200, {"payload": "shipment"})


def test_dynamic_operations_are_answered_from_data(sandbox: ApiCaller) -> None:
    answer = sandbox.get("/sellers/v1/account")
    path_is_dynamic = sandbox.get("/sellers/v1/marketplaceParticipations")

    assert answer.status_code == path_is_dynamic.status_code == 200
    assert answer.json()["payload"]["marketplaceParticipationList"]
    assert path_is_dynamic.json()["payload"]


def test_models_that_cannot_be_used_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelsError, match="is not a folder"):
        read_sandbox(tmp_path / "nowhere")
    with pytest.raises(ModelsError, match="have no `x-amzn-api-sandbox` blocks: use an unchanged"):
        read_sandbox(tmp_path)
    (tmp_path / "a.json").write_text('{"paths": {"/a": {"get": {"responses": {"200": {')
    with pytest.raises(ModelsError, match=r"a\.json cannot be read"):
        read_sandbox(tmp_path)
    odd = {
        "paths": {"/a": {"get": {"responses": {"200": {"x-amzn-api-sandbox": {"static": [1]}}}}}}
    }
    (tmp_path / "a.json").write_text(json.dumps(odd))
    with pytest.raises(ModelsError, match="is not in Amazon's form"):
        read_sandbox(tmp_path)


@pytest.mark.parametrize(
    ("model", "problem"),
    [
        (b"[" * 100_000, "cannot be read: it is nested too deep"),
        (rb'{"paths": {"/a": "\ud800"}}', "cannot be read: it has half of a character"),
        (b'{"paths": {"/a": NaN}}', "cannot be read: JSON has no NaN"),
        *(
            (
                b'{"paths": {"/a": {"get": {"responses": {"%s": {"x-amzn-api-sandbox":'
                b' {"static": [{"response": {}}]}}}}}}}' % status,
                "is not in Amazon's form",
            )
            for status in (b"default", b"0", b"100", b"600", b"-1")
        ),
    ],
)
def test_a_model_without_usable_answers_is_named(
    tmp_path: Path, model: bytes, problem: str
) -> None:
    (tmp_path / "a.json").write_bytes(model)

    with pytest.raises(ModelsError, match=rf"a\.json.*{problem}"):
        read_sandbox(tmp_path)


def test_the_command_takes_sandbox_and_models_together(tmp_path: Path) -> None:
    alone = CliRunner().invoke(main, ["simulate", "--sandbox"])
    empty = CliRunner().invoke(main, ["simulate", "--sandbox", "--models", str(tmp_path)])

    assert (alone.exit_code, empty.exit_code) == (2, 2)
    assert "--sandbox and --models belong together" in alone.output
    assert "have no `x-amzn-api-sandbox` blocks" in " ".join(empty.output.split())
