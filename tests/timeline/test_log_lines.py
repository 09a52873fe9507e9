from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tap_amazon_sp.timeline.log_lines import LogLine, log_line
from tests.timeline.runs import at

MESSAGE = "Reading 7 of 119 streams"
OWN = f"2026-11-28 12:00:02,500 | INFO     | tap-amazon-sp                  | {MESSAGE}"


@pytest.fixture
def tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    "line",
    [
        f"2026-11-28T12:00:02.5Z {OWN}\n",
        f"2026-11-28T12:00:02.5000000Z {OWN}\r\n",
        f"2026-11-28T13:00:02.500+01:00 {OWN}",
        f"2026-11-28T12:00:02.500000Z [info     ] {OWN} cmd_type=elb",
        f"\x1b[2m2026-11-28T12:00:02.500000Z\x1b[0m [\x1b[32minfo\x1b[0m] \x1b[1m{OWN}\x1b[0m",
        json.dumps({"ts": at(2.5).timestamp(), "level": "info", "message": MESSAGE}),
        json.dumps({"event": MESSAGE, "timestamp": "2026-11-28T12:00:02.500000Z"}),
        json.dumps({"event": OWN, "timestamp": "2026-11-28T12:00:02.500000Z"}),
        "2026-11-28T12:00:09Z " + json.dumps({"ts": at(2.5).timestamp(), "message": MESSAGE}),
    ],
)
def test_the_time_and_the_message_are_found(line: str) -> None:
    found = log_line(line)

    assert found is not None
    assert found.at == at(2.5)
    assert found.messages[0].startswith(MESSAGE)


def test_a_line_of_meltano_may_begin_with_the_name_of_the_plugin() -> None:
    line = f"2026-11-28T12:00:02.5Z [info     ] tap-amazon-sp {MESSAGE}"

    assert log_line(line) == LogLine(at(2.5), (f"tap-amazon-sp {MESSAGE}", MESSAGE))


@pytest.mark.usefixtures("tokyo")
def test_a_time_without_a_zone_is_one_of_this_computer() -> None:
    line = OWN.replace("12:00", "21:00")

    assert log_line(line) == LogLine(at(2.5), (MESSAGE,))


@pytest.mark.parametrize(
    "line",
    [
        "",
        MESSAGE,
        "2026-13-40 99:00:00,000 | INFO     | tap-amazon-sp | no time",
        "{",
        "[1]",
        '{"message": "no time"}',
        '{"ts": 1e300, "message": "no time"}',
        '{"ts": "noon", "message": "no time"}',
        '{"ts": 1}',
        '{"timestamp": 5, "event": "no time"}',
    ],
)
def test_a_line_without_a_time_or_a_message_is_none(line: str) -> None:
    assert log_line(line) is None
