from __future__ import annotations

import datetime as dt

import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tap_amazon_sp.simulator import AwsKey, Simulator
from tests.simulator.api_caller import ORDERS, TIMEOUT, TOKENS, ApiCaller
from tests.simulator.conftest import StartSimulator

KEY = AwsKey("AKIASIMULATOR", "secret/+key")
TEMPORARY = AwsKey("ASIASIMULATOR", "temporary", "session-token")
QUERY = "createdAfter=2026-11-01T00%3A00%3A00Z&includedData=PROCEEDS%2CTAX&maxResultsPerPage=5"


def signed(  # noqa: PLR0913
    url: str,
    key: AwsKey,
    token: str,
    *,
    method: str = "GET",
    body: bytes = b"",
    region: str = "us-east-1",
) -> dict[str, str]:
    request = AWSRequest(
        method, url, headers={"x-amz-access-token": token, "host": url.split("/")[2]}, data=body
    )
    credentials = Credentials(key.key_id, key.secret, key.session_token)
    SigV4Auth(credentials, "execute-api", region).add_auth(request)
    return dict(request.headers.items())


@pytest.fixture
def signing_api(simulator: Simulator) -> ApiCaller:
    # botocore signs with the time of the machine, so this simulator uses it too.
    for key in (KEY, TEMPORARY):
        simulator.register_aws_key(key.key_id, key.secret, key.session_token)
    api = ApiCaller(simulator)
    api.log_in()
    return api


@pytest.mark.parametrize("key", [KEY, TEMPORARY])
@pytest.mark.parametrize("path", [ORDERS, f"{ORDERS}/123-1234567 ü"])
def test_a_right_signature_is_accepted(signing_api: ApiCaller, key: AwsKey, path: str) -> None:
    url = requests.Request("GET", f"{signing_api.simulator.url}{path}?{QUERY}").prepare().url
    assert url is not None

    answer = requests.get(url, headers=signed(url, key, signing_api.token), timeout=TIMEOUT)

    assert answer.status_code in (200, 404), answer.text
    assert signing_api.simulator.requests[-1]["signed"] is True


def test_a_signed_body_is_accepted_and_a_changed_one_refused(signing_api: ApiCaller) -> None:
    url = signing_api.simulator.url + TOKENS
    body = b'{"restrictedResources": []}'
    headers = signed(url, KEY, signing_api.token, method="POST", body=body)

    as_signed = requests.post(url, data=body, headers=headers, timeout=TIMEOUT)
    changed = requests.post(url, data=body + b" ", headers=headers, timeout=TIMEOUT)

    assert as_signed.status_code == 400
    assert changed.status_code == 403
    assert changed.json()["errors"][0]["code"] == "InvalidSignature"


@pytest.mark.parametrize(
    ("key", "region"),
    [
        (AwsKey(KEY.key_id, "wrong"), "us-east-1"),
        (AwsKey("AKIAUNKNOWN", "secret"), "us-east-1"),
        (AwsKey(TEMPORARY.key_id, TEMPORARY.secret), "us-east-1"),
        (AwsKey(TEMPORARY.key_id, TEMPORARY.secret, "other"), "us-east-1"),
        (KEY, "eu-west-1"),
    ],
)
def test_wrong_signatures_are_refused(signing_api: ApiCaller, key: AwsKey, region: str) -> None:
    url = f"{signing_api.simulator.url}{ORDERS}?{QUERY}"
    headers = signed(url, key, signing_api.token, region=region)

    answer = requests.get(url, headers=headers, timeout=TIMEOUT)

    assert answer.status_code == 403
    assert answer.json()["errors"][0]["code"] == "InvalidSignature"


def test_query_and_headers_are_under_the_signature(signing_api: ApiCaller) -> None:
    url = f"{signing_api.simulator.url}{ORDERS}?{QUERY}"
    headers = signed(url, KEY, signing_api.token)
    other = signing_api.log_in()

    more = requests.get(f"{url}0", headers=headers, timeout=TIMEOUT)
    exchanged = requests.get(url, headers=headers | {"x-amz-access-token": other}, timeout=TIMEOUT)
    malformed = requests.get(url, headers=headers | {"Authorization": "Basic eA"}, timeout=TIMEOUT)

    assert [more.status_code, exchanged.status_code, malformed.status_code] == [403, 403, 403]


def test_an_old_signature_is_refused(start: StartSimulator) -> None:
    api = start(
        aws_keys=(KEY,), now=lambda: dt.datetime.now(dt.timezone.utc) + dt.timedelta(hours=1)
    )
    api.log_in()
    url = f"{api.simulator.url}{ORDERS}?{QUERY}"

    answer = requests.get(url, headers=signed(url, KEY, api.token), timeout=TIMEOUT)

    assert answer.status_code == 403
    assert "expired" in answer.json()["errors"][0]["message"]
