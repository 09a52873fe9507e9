from __future__ import annotations

import json
from typing import Any

import pytest

from tap_amazon_sp.common.json_values import MAX_DEPTH
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.json_input import read_json, read_json_object, written_place


def refusal(text: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        read_json(text, "config.json")
    return refused.value.errors


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize(
    "value", [{"a": [1, -5, 2.5, 1e10, None, True, "ü😀"]}, [], "text", 10**17, {"": {}}]
)
def test_json_is_read(value: Any) -> None:
    assert read_json(json.dumps(value), "x") == value
    assert read_json(f"\n {json.dumps(value, indent=1)}\r\n", "x") == value


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "config.json is empty"),
        (" \n", "config.json is empty"),
        ('{"a": 1,}', "config.json is not JSON (line 1)"),
        ("{\n\"a\": 'b'}", "config.json is not JSON (line 2)"),
        ("client_id: a", "config.json is not JSON (line 1)"),
        ('{"a": 1}\n{"a": 2}', "config.json is not JSON (line 2)"),
        ("\ufeff{}", "config.json begins with a byte order mark: save it as UTF-8 without"),
        ('{"a": {"b": NaN}}', "config.json: `a`['b'] is NaN, which JSON does not have"),
        ('{"a": [1, -Infinity]}', "config.json: `a`[1] is -Infinity, which JSON does not have"),
        ('{"a": 1e400}', "config.json: `a` is too large a number"),
        ('{"a": -1e400}', "config.json: `a` is too large a number"),
        (f'{{"a": {10**30}}}', "config.json: `a` is a number of 31 digits, which is too large"),
        (f'{{"a": -{"1" * 5000}}}', "config.json: `a` is a number of 5000 digits, which is too l"),
        ("Infinity", "config.json: the value is Infinity, which JSON does not have"),
        ('{"a": "cut \\ud83d"}', "config.json: `a` has half of a character"),
        ('{"a": {"\\udc00": 1}}', "config.json: `a` has a name with half a character"),
        ('{"a": 1, "b": 2, "a": 3}', "config.json: `a` is twice in one object"),
    ],
)
def test_what_no_message_could_carry_is_refused(text: str, sentence: str) -> None:
    (found,) = refusal(text)

    assert found.startswith(sentence)


@pytest.mark.parametrize("digits", ["12345678901234567.89", "0.1000000000000000000001"])
def test_a_number_that_no_float_is_keeps_its_digits(digits: str) -> None:
    (found,) = read_json(f"[{digits}]", "x")

    assert str(found) == digits


def test_a_whole_surrogate_pair_is_a_character() -> None:
    assert read_json('{"a": "\\ud83d\\ude00"}', "x") == {"a": "😀"}


@pytest.mark.parametrize("levels", [MAX_DEPTH + 2, 100_000])
def test_deep_nesting_is_refused(levels: int) -> None:
    assert read_json(nested(MAX_DEPTH), "x")

    (found,) = refusal(nested(levels))

    assert found == "config.json has more than 100 lists or objects inside each other"


def test_no_sentence_shows_a_value() -> None:
    found = refusal('{"client_secret": "hush-hush", "a": "hush\\ud83d", "b": NaN, "b": NaN}')

    assert len(found) == 3
    assert "hush" not in str(found)


def test_of_many_mistakes_some_are_told() -> None:
    assert len(refusal("[" + "NaN," * 1000 + "1]")) == 5


@pytest.mark.parametrize("text", ["[]", '"a"', "null"])
def test_only_an_object_is_an_object(text: str) -> None:
    with pytest.raises(SettingsError, match=r"^config\.json must hold a JSON object$"):
        read_json_object(text, "config.json")


def test_places_are_written_as_in_other_sentences() -> None:
    assert written_place(("accounts", 0, "name")) == "`accounts`[0]['name']"
