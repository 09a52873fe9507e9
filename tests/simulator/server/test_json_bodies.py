from __future__ import annotations

import pytest

from tap_amazon_sp.simulator.server.json_bodies import decode
from tests.simulator.api_caller import ORDERS_V0, ApiCaller

UNREADABLE = {
    "no JSON": b"{",
    "no UTF-8": b'{"a": "\xff"}',
    "NaN": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "deep arrays": b"[" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "many digits": b'{"a": ' + b"9" * 5000 + b"}",
    "half of a character": rb'{"a": "\ud800"}',
    "half of a character in a name": rb'{"\uDFFF": 1}',
    "half of a character in UTF-16": r'{"a": "\ud800"}'.encode("utf-16"),
    "half of a character in bytes": b'{"a": "\xed\xa0\x80"}',
}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_what_is_no_readable_json_is_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        decode(body)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_json_comes_in_any_encoding_of_unicode(encoding: str) -> None:
    assert decode('{"a": "é"}'.encode(encoding)) == {"a": "é"}


def test_both_halves_are_a_character() -> None:
    assert decode(rb'{"a": "\ud83d\ude00"}') == {"a": "\U0001f600"}


@pytest.mark.parametrize("body", UNREADABLE.values(), ids=UNREADABLE)
def test_every_part_of_the_simulator_refuses_it(api: ApiCaller, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    confirm = f"{ORDERS_V0}/123-1234567-1234567/shipmentConfirmation"

    for path in ("/auth/o2/token", "/_simulator/faults", confirm):
        assert api.call("POST", path, data=body, headers=headers).status_code == 400, path
