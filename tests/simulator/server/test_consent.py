"""Onboarding of a seller: the consent page, the redirect, and the code."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.cli.running import AmazonSP
from tests.fake_clock import FakeClock
from tests.simulator.api_caller import TIMEOUT, ApiCaller
from tests.simulator.conftest import StartSimulator

APPLICATION = "amzn1.sp.solution.1"
PAGE = (Path(__file__).resolve().parents[3] / "docs" / "simulator.md").read_text(encoding="utf-8")
CALLBACK = "https://example.com/callback?shop=1"


def consent(api: ApiCaller, account: str = "seller", **parameters: str) -> requests.Response:
    """Answer the question of the page, without following the redirect."""
    return requests.post(
        f"{api.simulator.url}/apps/authorize/consent",
        params={"application_id": APPLICATION, "state": "made up"} | parameters,
        data={"account": account},
        allow_redirects=False,
        timeout=TIMEOUT,
    )


def code_of(answer: requests.Response) -> str:
    return parse_qs(urlsplit(answer.headers["location"]).query)["spapi_oauth_code"][0]


def redeem(api: ApiCaller, code: str, **more: str) -> requests.Response:
    return api.post_form(grant_type="authorization_code", code=code, **api.client(), **more)


def test_a_consent_leads_to_a_refresh_token_of_that_seller(start: StartSimulator) -> None:
    api = start(orders=0, sellers=3)

    answer = consent(api, "seller-3", redirect_uri=CALLBACK)

    assert answer.status_code == 302
    location = answer.headers["location"]
    assert location.startswith(f"{CALLBACK}&state=made+up&selling_partner_id=A3SIMULATEDSELLER&")
    issued = redeem(api, code_of(answer), redirect_uri=CALLBACK).json()
    assert issued["refresh_token"].startswith("Atzr|")
    api.settings["refresh_token"] = issued["refresh_token"]
    for token in (issued["access_token"], api.log_in()):
        api.get("/sellers/v1/marketplaceParticipations", token=token).raise_for_status()
        assert api.simulator.requests[-1]["account"] == "seller-3"
    # Who has authorized it twice has one account all the same.
    assert len(api.simulator.settings_for_tap()["accounts"]) == 3


def test_a_code_is_valid_once(start: StartSimulator) -> None:
    api = start(orders=0)
    code = code_of(consent(api))

    answers = [redeem(api, code) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 400]
    assert answers[1].json() == {
        "error": "invalid_grant",
        "error_description": "The request has an invalid grant parameter : code",
    }


def test_a_code_is_valid_for_five_minutes(start: StartSimulator, clock: FakeClock) -> None:
    api = start(orders=0)
    early, late = (code_of(consent(api)) for _ in range(2))

    clock.advance(299)
    assert redeem(api, early).status_code == 200
    clock.advance(2)
    assert redeem(api, late).json()["error"] == "invalid_grant"


def test_a_code_belongs_to_its_redirect_uri_and_application(start: StartSimulator) -> None:
    api = start(orders=0)
    first, second = (code_of(consent(api, redirect_uri=CALLBACK)) for _ in range(2))

    elsewhere = redeem(api, first, redirect_uri="https://example.com/other")
    api.settings["client_id"] += "-other"
    api.settings["client_secret"] += "-other"
    other = redeem(api, second, redirect_uri=CALLBACK)

    assert elsewhere.json()["error"] == "invalid_grant"
    assert other.json()["error"] == "unauthorized_client"


def test_a_code_is_required(api: ApiCaller) -> None:
    assert redeem(api, "").json() == {
        "error": "invalid_request",
        "error_description": "The request is missing a required parameter : code",
    }


def test_the_page_has_a_button_for_each_account(start: StartSimulator) -> None:
    api = start(orders=0, sellers=2)
    query = {"application_id": APPLICATION, "state": '"><script>', "version": "beta"}

    page = requests.get(
        f"{api.simulator.url}/apps/authorize/consent", params=query, timeout=TIMEOUT
    )

    assert page.headers["content-type"].startswith("text/html")
    assert re.findall(r'<button name="account" value="([^"]+)"', page.text) == [
        "seller",
        "vendor",
        "seller-2",
    ]
    # The form leads to the page itself.
    assert "action=" not in page.text
    assert "<script>" not in page.text


def test_of_many_accounts_one_can_be_written(start: StartSimulator) -> None:
    api = start(orders=0, sellers=100)

    page = requests.get(
        f"{api.simulator.url}/apps/authorize/consent?application_id={APPLICATION}", timeout=TIMEOUT
    )

    assert page.text.count("<button name") == 50
    assert "up to seller-100" in page.text
    assert consent(api, "seller-77").status_code == 302


@pytest.mark.parametrize(
    ("parameters", "problem"),
    [
        ({"application_id": "amzn1.application-oa2-client.simulator"}, "application_id must be"),
        ({"redirect_uri": "http://example.com/callback"}, "must begin with https"),
        ({"redirect_uri": "javascript:alert(1)"}, "must be an absolute address"),
        ({"redirect_uri": "ftp://localhost/"}, "must begin with https"),
        ({"redirect_uri": "//example.com/callback"}, "must be an absolute address"),
        ({"redirect_uri": "https:example.com"}, "must be an absolute address"),
        ({"redirect_uri": "https://"}, "must be an absolute address"),
        ({"redirect_uri": "https://["}, "must be an absolute address"),
        ({"redirect_uri": "https://example.com:99999"}, "must be an absolute address"),
        ({"redirect_uri": "https://example.com/a\r\nX: y"}, "must be an absolute address"),
        ({"redirect_uri": "https://example.com/\x00"}, "must be an absolute address"),
        # Browsers go to example.com, urllib to localhost.
        ({"redirect_uri": "http://example.com\\@localhost/"}, "must be an absolute address"),
        ({"redirect_uri": "https://example.com/callback#here"}, "must not have a fragment"),
        ({"account": "nobody"}, "There is no account &#x27;nobody&#x27;"),
    ],
)
def test_the_page_says_what_is_wrong(
    api: ApiCaller, parameters: dict[str, str], problem: str
) -> None:
    answer = consent(api, **parameters)

    assert answer.status_code == 400
    assert problem in answer.text


@pytest.mark.parametrize(
    ("redirect_uri", "begin"),
    [
        ("https://example.com/callback", "https://example.com/callback?state="),
        ("https://example.com/callback?", "https://example.com/callback?state="),
        ("https://example.com/%2F?a=b%20c", "https://example.com/%2F?a=b%20c&state="),
        ("https://example.com/\u00fc?\u00e9=1", "https://example.com/%C3%BC?%C3%A9=1&state="),
        ("http://[::1]:8080/", "http://[::1]:8080/?state="),
    ],
)
def test_the_redirect_adds_to_what_the_address_has(
    api: ApiCaller, redirect_uri: str, begin: str
) -> None:
    answer = consent(api, redirect_uri=redirect_uri, state="\u00fc &#")

    assert answer.headers["location"].startswith(f"{begin}%C3%BC+%26%23&selling_partner_id=A")
    assert redeem(api, code_of(answer), redirect_uri=redirect_uri).status_code == 200


def test_an_application_without_redirect_uri_is_served_at_any_public_url(
    start: StartSimulator,
) -> None:
    simulator = start(orders=0, public_url="http://sp-api:9326/base/").simulator
    page = f"http://127.0.0.1:{simulator.port}/apps/authorize/consent"
    parameters = {"application_id": APPLICATION}

    shown = requests.get(page, params=parameters, timeout=TIMEOUT)
    answer = requests.post(
        page,
        params=parameters,
        data={"account": "seller"},
        allow_redirects=False,
        timeout=TIMEOUT,
    )

    # The form leads to the page itself, also behind a proxy that adds to its path.
    assert "action=" not in shown.text
    location = answer.headers["location"]
    assert location.startswith("http://sp-api:9326/base/_simulator/authorized?selling_partner_id=")


def test_the_command_authorizes_against_the_simulator(
    start: StartSimulator, tmp_path: Path
) -> None:
    api = start(orders=0, sellers=2)
    settings = {name: api.settings[name] for name in ("client_id", "client_secret", "token_url")}
    config = tmp_path / "config.json"
    config.write_text(json.dumps(settings), encoding="utf-8")
    amazon_sp = AmazonSP(config)
    application = ("--application-id", APPLICATION, "--central", api.simulator.url)

    asked = amazon_sp.run("authorize", *application, "--state", "mine")
    url = asked.stdout.strip()
    page = requests.post(url, data={"account": "seller-2"}, timeout=TIMEOUT)
    # The page that shows the address to copy.
    assert "amazon-sp authorize" in page.text
    told = ("--redirected-url", page.url, "--state", "mine", "--store", str(config))
    stored = amazon_sp.run("authorize", *told)

    assert url.startswith(f"{api.simulator.url}/apps/authorize/consent?"), asked.stderr
    assert "Authorized by selling partner A2SIMULATEDSELLER" in stored.stderr
    token = json.loads(config.read_text(encoding="utf-8"))["refresh_token"]
    api.settings["refresh_token"] = token
    api.log_in()


def test_the_request_of_the_page_runs_as_written(start: StartSimulator) -> None:
    api = start(orders=0)
    blocks = re.findall(r"^```console\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
    (command,) = (block for block in blocks if "apps/authorize/consent" in block)
    command = command.replace("\\\n", "").replace("http://127.0.0.1:9326", api.simulator.url)
    words = shlex.split(command)

    ran = subprocess.run(words, capture_output=True, text=True, check=True, timeout=TIMEOUT)

    assert ran.stdout.startswith("https://example.com/callback?state=made-up&")
    assert "spapi_oauth_code=" in ran.stdout
