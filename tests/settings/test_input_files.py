from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.input_files import (
    check_config_file,
    checked_catalog,
    checked_state,
    mistakes_in_environment,
    with_defaults,
)
from tap_amazon_sp.settings.schema import SETTINGS

SCHEMA = SETTINGS.to_dict()
ORDERS = {"tap_stream_id": "orders", "schema": {"properties": {}}}


def file_of(content: Any) -> io.StringIO:
    file = io.StringIO(json.dumps(content))
    file.name = "input.json"
    return file


def test_defaults_stand_for_what_is_not_given() -> None:
    found = with_defaults({"region": None, "sandbox": True, "other": 1}, SCHEMA)

    assert (found["region"], found["sandbox"], found["other"]) == ("na", True, 1)
    assert found["report_timeout"] == 7200
    assert "client_id" not in found


@pytest.mark.parametrize(("given", "expected"), [("0.5", 0.5), (3, 3), ("soon", "soon")])
def test_a_number_may_be_text(given: object, expected: object) -> None:
    assert with_defaults({"request_timeout": given}, SCHEMA)["request_timeout"] == expected


def test_only_numbers_are_read_out_of_text() -> None:
    given = {"client_id": "5", "max_parallel_requests": "5"}

    found = with_defaults(given, SCHEMA)

    assert {name: found[name] for name in given} == given


def test_a_variable_that_must_hold_json_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TAP_AMAZON_SP_REPORTS", "GET_MERCHANT_LISTINGS_ALL_DATA")
    monkeypatch.setenv("TAP_AMAZON_SP_SKUS", '["A"]')
    monkeypatch.setenv("TAP_AMAZON_SP_REGION", "eu")

    (mistake,) = mistakes_in_environment(SCHEMA)

    assert "`TAP_AMAZON_SP_REPORTS` must hold JSON (Reports)" in mistake
    assert "GET_" not in mistake


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", r"is not JSON \(line 1\)"),
        (b"[]", "must hold a JSON object"),
        (b"\xff", "is not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (None, "No such file"),
    ],
)
def test_a_config_file_that_cannot_be_read_is_refused(
    tmp_path: Path, content: bytes | None, words: str
) -> None:
    file = tmp_path / "config.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(SettingsError, match=words):
        check_config_file(str(file))


def test_a_state_and_a_catalog_can_be_read_again() -> None:
    state = {"bookmarks": {"orders": {"partitions": [{"context": {"_account": "us"}}]}}}
    catalog = {"streams": [ORDERS]}
    files = checked_state(file_of(state)), checked_catalog(file_of(catalog))

    assert [json.load(file) for file in files if file] == [state, catalog]
    assert checked_state(None) is None


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ({"bookmarks": []}, "`bookmarks` must be an object"),
        ({"bookmarks": {"orders": 5}}, "the bookmark of 'orders' must be an object"),
        ({"bookmarks": {"orders": {"partitions": {"a": 1}}}}, "`partitions` of 'orders'"),
        ({"bookmarks": {"orders": {"partitions": [{}]}}}, "`partitions` of 'orders'"),
    ],
)
def test_a_state_that_is_none_is_refused(state: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        checked_state(file_of(state))


@pytest.mark.parametrize(
    ("catalog", "words"),
    [
        ({}, "`streams` must be a list"),
        ({"streams": [ORDERS, {}]}, "stream 2 has no `tap_stream_id`"),
        ({"streams": [{**ORDERS, "schema": {}}]}, "the schema of 'orders' has no `properties`"),
    ],
)
def test_a_catalog_that_is_none_is_refused(catalog: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        checked_catalog(file_of(catalog))
