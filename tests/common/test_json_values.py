from __future__ import annotations

from decimal import Decimal

import pytest

from tap_amazon_sp.common.json_values import (
    MAX_DEPTH,
    MAX_DIGITS,
    UnusableJsonError,
    decode,
    is_plain,
)
from tap_amazon_sp.singer.writer import to_json


def nested(levels: int, start: str = "[", end: str = "]", inside: str = "") -> bytes:
    return (start * levels + inside + end * levels).encode()


def test_numbers_keep_every_digit() -> None:
    assert decode(b"[1234567890123456.78, 1.50, 7, -1E-5]") == [
        Decimal("1234567890123456.78"),
        Decimal("1.50"),
        7,
        Decimal("-0.00001"),
    ]


@pytest.mark.parametrize("levels", [1, MAX_DEPTH])
def test_what_is_not_nested_too_deep_is_decoded(levels: int) -> None:
    assert decode(nested(levels)) is not None
    assert decode(nested(levels, '{"a":', "}", "1")) is not None
    assert is_plain(nested(levels))


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 900, 1_000_000])
def test_what_is_nested_too_deep_is_refused(levels: int) -> None:
    for content in (
        nested(levels),
        nested(levels, '{"a":', "}", "1"),
        nested(levels, '{"a":[', ',{"b":[]}]}', "1"),
    ):
        assert not is_plain(content)
        with pytest.raises(UnusableJsonError, match="nested more than 100 levels deep"):
            decode(content)


def test_depth_counts_by_level_not_by_bracket() -> None:
    content = b"[" + b",".join([b'[{"a": [1, {}]}]'] * 1000) + b"]"

    assert is_plain(content)
    assert len(decode(content)) == 1000


def test_brackets_in_texts_do_not_nest() -> None:
    content = b'["' + b"[" * 1000 + b'", {"' + b"}{" * 1000 + b'": 1}]'

    assert decode(content) == ["[" * 1000, {"}{" * 1000: 1}]


@pytest.mark.parametrize(
    "number",
    [
        "1e999999999",
        "-1E+10001",
        "1.5e-999999999",
        "1e9999999999999999999",
        "-1e-99999999999999999999999",
        "0e99999",
        "7" * (MAX_DIGITS + 1),
        "7" * 5000,
        "7" * 500_000,
        "0." + "3" * 4301,
        "0." + "0" * 10_000 + "1",
        "7" * 4000 + "e9000",
    ],
)
@pytest.mark.parametrize("around", ["[{}]", '{{"a": {}}}', '{{"a":[1,{}]}}', '["x",\n{}\n]'])
def test_a_number_that_no_target_can_store_is_refused(number: str, around: str) -> None:
    content = around.format(number).encode()

    with pytest.raises(UnusableJsonError, match="a number in it"):
        decode(content)


@pytest.mark.parametrize(
    "number",
    ["1e400", "1.25e-400", "7" * 4300, "9223372036854775808", "1e9999", "7" * 3999 + "e999"],
)
def test_large_numbers_that_targets_can_store_keep_their_value(number: str) -> None:
    assert decode(f"[{number}]") == [Decimal(number)]


def test_texts_that_look_like_numbers_stay_as_they_are() -> None:
    texts = ["B01E23456789", "1e9999", "7" * 500, " 1e9999", "0b1e9999c"]

    assert decode(str(texts).replace("'", '"')) == texts


def test_ids_that_look_like_exponents_are_plain() -> None:
    assert is_plain(b'{"asin": "B01E23456789", "sku": "x-1e9999", "n": 12e5, "page": "f00d1e1234"}')
    assert not is_plain(b'{"n": 1e9999}')


def test_what_targets_cannot_store_is_removed_from_texts() -> None:
    content = rb'{"a\u0000": "x\u0000y", "b": "\ud83d", "c": "\ud83d\ude00"}'

    assert decode(content) == {"a": "xy", "b": "?", "c": "\U0001f600"}
    assert decode(content.decode()) == decode(content)
    assert not is_plain(content)


def test_what_json_lacks_is_written_as_null() -> None:
    assert to_json(decode(b'[NaN, {"a": -Infinity}]')) == b'[null,{"a":null}]'


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_other_encodings_of_json_are_read(encoding: str) -> None:
    assert decode('{"a": "ü"}'.encode(encoding)) == {"a": "ü"}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b'{"a": "secret',
        b'["a\x00b"]',
        '["secret ü"]'.encode("latin-1"),
        b"\xff\xfe[",
    ],
)
def test_what_is_not_json_is_refused_without_being_quoted(content: bytes) -> None:
    with pytest.raises(UnusableJsonError, match="it is not JSON") as caught:
        decode(content)

    assert "secret" not in str(caught.value)
