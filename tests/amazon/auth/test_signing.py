from __future__ import annotations

import datetime as dt

from tap_amazon_sp.amazon.account import AwsSettings
from tap_amazon_sp.amazon.auth.signing import RequestSigner

NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.timezone.utc)


def signed(now: dt.datetime | None) -> dict[str, str]:
    keys = AwsSettings(access_key_id="AKIA", secret_access_key="hush", region="us-east-1")
    headers = {"x-amz-access-token": "Atza|hush"}
    url = "https://sellingpartnerapi-na.amazon.com/sellers/v1/account"
    return RequestSigner(keys).signed_headers("GET", url, headers, None, now=now)


def test_a_signature_has_the_time_that_it_is_given() -> None:
    headers = signed(NOON)

    assert headers["X-Amz-Date"] == "20261121T120000Z"
    assert "Credential=AKIA/20261121/us-east-1/execute-api/aws4_request" in headers["Authorization"]
    assert signed(NOON) == headers
    assert signed(NOON + dt.timedelta(seconds=1)) != headers


def test_a_signature_has_the_time_of_this_machine_by_default() -> None:
    written = dt.datetime.strptime(signed(None)["X-Amz-Date"], "%Y%m%dT%H%M%S%z")

    assert abs(dt.datetime.now(dt.timezone.utc) - written) < dt.timedelta(minutes=1)
