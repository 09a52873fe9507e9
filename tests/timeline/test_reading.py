from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tap_amazon_sp.common.events import EVENT_PREFIX, Events
from tap_amazon_sp.timeline.building import MAX_NAME
from tap_amazon_sp.timeline.model import Call, Job, Operation, ReadTo, Run, Stream, Wait
from tap_amazon_sp.timeline.reading import NoTimelineError, read_run
from tests.fake_clock import FakeClock
from tests.timeline.runs import NOON, SEARCH, at

REPORT = "GET_SALES_AND_TRAFFIC_REPORT"


@pytest.fixture
def lines(tmp_path: Any) -> list[str]:
    """The events of a run, as the tap writes them."""
    clock = FakeClock(NOON)
    events = Events(clock)
    path = tmp_path / "events.jsonl"
    events.open(str(path))
    shop = events.of_account("shop")
    events.begin_run("1.2.3")
    shop.begin_stream("orders")
    report = shop.job(REPORT, "report")
    report.reach("queued")
    clock.advance(2)
    shop.wait(SEARCH, 1.5, "rate limit")
    clock.advance(1)
    shop.call(SEARCH, 1, 200)
    shop.call(SEARCH, 0.5, None)
    shop.read_to("orders", NOON)
    report.reach("submitted")
    report.reach("processing")
    clock.advance(1)
    report.reach("finished", "FATAL")
    shop.end_stream("orders", 7, "failed")
    events.end_run()
    return list(path.read_text(encoding="utf-8").splitlines(keepends=True))


EXPECTED = Run(
    begun=NOON,
    ended=at(4),
    version="1.2.3",
    exact=True,
    finished=True,
    operations=(
        Operation(
            SEARCH,
            "shop",
            calls=(Call(at(2), at(3), 200), Call(at(2.5), at(3), None)),
            waits=(Wait(at(0.5), at(2), "rate limit"),),
        ),
    ),
    streams=(Stream("orders", "shop", at(0), at(4), 7, "failed", (ReadTo(at(3), NOON),)),),
    jobs=(Job(REPORT, "shop", "report", at(0), at(3), at(3), at(4), None, "FATAL"),),
)


def in_text(line: str) -> str:
    return f"2026-11-28 12:00:00,000 | DEBUG    | tap_amazon_sp | {EVENT_PREFIX}{line}"


def in_json(line: str) -> str:
    return json.dumps({"level": "debug", "message": EVENT_PREFIX + line.strip()}) + "\n"


def in_meltano(line: str) -> str:
    name = "cmd_type=elb consumer=False name=tap-amazon-sp"
    return f"\x1b[2m2026-11-28T12:00:00Z\x1b[0m [info] {in_text(line).strip()}\x1b[0m {name}\n"


def in_json_of_meltano(line: str) -> str:
    return json.dumps({"event": in_text(line).strip(), "name": "tap-amazon-sp"}) + "\n"


def as_it_is(line: str) -> str:
    return line


def in_json_with_a_time(line: str) -> str:
    return f"2026-11-28T12:00:00.123Z {in_json(line)}"


def in_json_of_docker(line: str) -> str:
    return json.dumps({"log": in_json(line), "stream": "stderr"}) + "\n"


def in_json_of_meltano_in_json(line: str) -> str:
    return json.dumps({"event": in_json(line).strip(), "name": "tap-amazon-sp"}) + "\n"


def in_an_object_in_json(line: str) -> str:
    return json.dumps({"jsonPayload": {"message": EVENT_PREFIX + line.strip()}}) + "\n"


FORMS = [
    in_json_with_a_time,
    in_json_of_docker,
    in_json_of_meltano_in_json,
    in_an_object_in_json,
    as_it_is,
    in_text,
    in_json,
    in_meltano,
    in_json_of_meltano,
]


@pytest.mark.parametrize("form", FORMS)
def test_a_run_is_read_from_its_events_and_from_logs(
    lines: list[str], form: Callable[[str], str]
) -> None:
    assert read_run(map(form, lines)) == EXPECTED


@pytest.mark.parametrize("form", FORMS)
def test_lines_about_other_things_are_ignored(lines: list[str], form: Callable[[str], str]) -> None:
    def mixed() -> Iterator[str]:
        for line in lines:
            yield "2026-11-28 | INFO | Beginning sync of 'orders'\n"
            yield '{"event": "A line of Meltano about EVENT {"}\n'
            yield "{not JSON\n"
            yield form(line)

    assert read_run(mixed()) == EXPECTED


def test_a_run_that_was_killed_has_no_end(lines: list[str]) -> None:
    run = read_run([*lines[:5], lines[5][:30]])

    assert not run.finished
    assert (run.begun, run.ended) == (NOON, at(3))
    assert run.streams == (Stream("orders", "shop", at(0), None, None, "unknown"),)


def test_the_last_run_of_several_is_read_or_the_one_that_is_wanted(lines: list[str]) -> None:
    other = [line.replace("1.2.3", "1.2.4") for line in lines]

    assert read_run([*lines, *other]).version == "1.2.4"
    assert read_run([*lines, *other], number=1) == EXPECTED
    with pytest.raises(NoTimelineError, match=r"no run 3: the runs are 1 to 2"):
        read_run([*lines, *other], number=3)


@pytest.mark.parametrize(
    "content",
    [[], ["\n"], ["Hello\n"], ['{"event": {}, "at": 1}\n'], ['{"event": "call"}\n'], ["[1]\n"]],
)
def test_another_file_is_refused(content: list[str]) -> None:
    with pytest.raises(NoTimelineError, match="no events of a run"):
        read_run(content)


@pytest.mark.parametrize(
    "changes",
    [
        {"at": "yesterday"},
        {"at": 5},
        {"status": "good"},
        {"operation": ...},
        {"begun": "2026"},
        {"at": "9999-12-31T23:59:59.999Z"},
        {"status": float("inf")},
        {"begun": "0001-01-01T00:00:00Z"},
    ],
    ids=str,
)
def test_a_damaged_event_is_named(lines: list[str], changes: dict[str, Any]) -> None:
    number = next(place for place, line in enumerate(lines) if '"call"' in line)
    event = {**json.loads(lines[number]), **changes}
    lines[number] = json.dumps({name: one for name, one in event.items() if one is not ...}) + "\n"

    if changes.get("begun") == "2026":
        read_run(lines)
        return
    with pytest.raises(NoTimelineError, match=f"Line {number + 1} is an event"):
        read_run(lines)


def test_a_wait_that_ends_before_it_begins_takes_no_time(lines: list[str]) -> None:
    number = next(place for place, line in enumerate(lines) if '"wait"' in line)
    lines[number] = lines[number].replace('"begun": "2026-11-28', '"begun": "2026-11-29')

    (operation,) = read_run(lines).operations
    assert operation.waits == (Wait(at(2), at(2), "rate limit"),)


def test_what_is_longer_than_any_name_is_cut(lines: list[str]) -> None:
    run = read_run([line.replace(SEARCH, "x" * 100_000) for line in lines])

    assert [len(operation.name) for operation in run.operations] == [MAX_NAME]
