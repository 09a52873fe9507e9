from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from tap_amazon_sp.amazon.auth.aws_keys import NoKeysError, keys_in

KEYS = {
    "AccessKeyId": "AKIA",
    "SecretAccessKey": "hush",
    "SessionToken": "hush",
    "Expiration": dt.datetime(2026, 12, 1, tzinfo=dt.timezone.utc),
}


def test_the_keys_of_an_assumed_role_are_found() -> None:
    assert keys_in({"Credentials": KEYS}) == {
        "access_key": "AKIA",
        "secret_key": "hush",
        "token": "hush",
        "expiry_time": "2026-12-01T00:00:00+00:00",
    }


@pytest.mark.parametrize(
    "answer",
    [
        {},
        None,
        {"Credentials": None},
        {"Credentials": []},
        *({"Credentials": KEYS | {name: None}} for name in KEYS),
        {"Credentials": KEYS | {"Expiration": "2026-12-01"}},
        {"Credentials": KEYS | {"SessionToken": "a\nb"}},
    ],
)
def test_an_answer_without_keys_is_refused(answer: Any) -> None:
    with pytest.raises(NoKeysError):
        keys_in(answer)
