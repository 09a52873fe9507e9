from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.input_files import (
    catalog_in_file,
    config_in_files,
    settings_in_environment,
    state_in_file,
    with_defaults,
)
from tap_amazon_sp.settings.schema import SETTINGS

SCHEMA = SETTINGS.to_dict()
STATE = {"bookmarks": {"orders": {"replication_key_value": "2026-11-01T00:00:00Z"}}}


def file_of(text: str) -> io.StringIO:
    file = io.StringIO(text)
    file.name = "input.json"
    return file


def in_environment(**variables: str) -> dict[str, Any]:
    environment = {f"TAP_{name.upper()}": text for name, text in variables.items()}
    return settings_in_environment(SCHEMA, environment, "TAP_")


def test_defaults_stand_for_what_is_not_given() -> None:
    found = with_defaults({"region": None, "sandbox": True, "other": 1}, SCHEMA)

    assert (found["region"], found["sandbox"], found["other"]) == ("na", True, 1)
    assert found["report_timeout"] == 7200
    assert "client_id" not in found


@pytest.mark.parametrize(
    ("given", "expected"), [("0.5", 0.5), (3, 3), ("soon", "soon"), ("NaN", "NaN"), ("inf", "inf")]
)
def test_a_number_may_be_text(given: object, expected: object) -> None:
    assert with_defaults({"request_timeout": given}, SCHEMA)["request_timeout"] == expected


def test_only_numbers_are_read_out_of_text() -> None:
    given = {"client_id": "5", "max_parallel_requests": "5"}

    found = with_defaults(given, SCHEMA)

    assert {name: found[name] for name in given} == given


def test_settings_come_from_the_environment() -> None:
    found = in_environment(
        region="eu",
        sandbox="TRUE",
        feed_summaries="off",
        max_parallel_requests="3",
        request_timeout="4.5",
        skus='["A", "B"]',
        asins="B1, B2",
        reports="GET_ONE,GET_TWO",
        accounts='[{"name": "us"}]',
        stream_ids='{"a": ["1"]}',
        other="1",
    )

    assert found == {
        "region": "eu",
        "sandbox": True,
        "feed_summaries": False,
        "max_parallel_requests": 3,
        "request_timeout": "4.5",
        "skus": ["A", "B"],
        "asins": ["B1", "B2"],
        "reports": ["GET_ONE", "GET_TWO"],
        "accounts": [{"name": "us"}],
        "stream_ids": {"a": ["1"]},
    }


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("sandbox", "treu", "`TAP_SANDBOX` must be true or false"),
        ("max_parallel_requests", "1.5", "`TAP_MAX_PARALLEL_REQUESTS` must hold a whole number"),
        ("max_parallel_requests", "9" * 5000, "`TAP_MAX_PARALLEL_REQUESTS` must hold a whole"),
        ("reports", "[hush", "`TAP_REPORTS` must hold JSON (Reports), but is not JSON (line 1)"),
        ("accounts", "us", "`TAP_ACCOUNTS` must hold JSON (Accounts), but is not JSON (line 1)"),
        ("accounts", "", "`TAP_ACCOUNTS` must hold JSON (Accounts), but is empty"),
        ("stream_ids", '{"a": NaN}', "(Ids by stream), but `a` is NaN, which JSON does not have"),
    ],
)
def test_a_variable_that_cannot_be_read_is_named(name: str, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as refused:
        in_environment(**{name: text}, region="eu")

    (mistake,) = refused.value.errors
    assert words in mistake
    assert "hush" not in mistake


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
        config_in_files([str(file)])


@pytest.mark.parametrize("path", [".", "a\0b"])
def test_a_config_that_is_not_a_file_is_refused(path: str) -> None:
    with pytest.raises(SettingsError, match="--config"):
        config_in_files([path])


def test_a_later_config_file_replaces_settings_of_an_earlier_one(tmp_path: Path) -> None:
    paths = []
    for number, content in enumerate([{"region": "na", "sandbox": True}, {"region": "eu"}]):
        path = tmp_path / f"{number}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        paths.append(str(path))

    assert config_in_files(paths) == {"region": "eu", "sandbox": True}


def test_a_config_file_may_be_a_pipe() -> None:
    reads, writes = os.pipe()
    os.write(writes, b'{"region": "eu"}')
    os.close(writes)

    assert config_in_files([f"/dev/fd/{reads}"]) == {"region": "eu"}

    os.close(reads)


def test_a_catalog_is_read() -> None:
    assert catalog_in_file(file_of('{"streams": []}')) == {"streams": []}
    with pytest.raises(SettingsError, match=r"--catalog input\.json must hold a JSON object"):
        catalog_in_file(file_of("[]"))


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(STATE),
        json.dumps(STATE, indent=2),
        # What a target printed.
        f'{{"bookmarks": {{}}}}\n{json.dumps(STATE)}\n',
        # The end of it was cut off.
        f'{{"bookmarks": {{}}}}\n{json.dumps(STATE)}\n{{"bookma',
    ],
)
def test_a_state_is_read(text: str) -> None:
    assert state_in_file(file_of(text)) == STATE


def test_of_the_output_of_a_tap_the_last_state_is_read() -> None:
    messages = [
        {"type": "SCHEMA", "stream": "orders", "schema": {}},
        {"type": "STATE", "value": {}},
        {"type": "STATE", "value": STATE},
        {"type": "RECORD", "stream": "orders", "record": {"bookmarks": {}}},
    ]
    lines = "".join(f"{json.dumps(message)}\n" for message in messages)

    assert state_in_file(file_of(lines)) == {"type": "STATE", "value": STATE}


def test_output_without_a_state_is_refused() -> None:
    with pytest.raises(SettingsError, match="has 2 lines of JSON, and none of them is a state"):
        state_in_file(file_of('{"type": "RECORD"}\n{"type": "RECORD"}\n'))
