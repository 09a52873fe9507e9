"""The test servers for queues: what they do as AWS does, and what one of them does not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import queues
from tests.queues import FauxqsQueue, Queue, QueueServer, fauxqs_server

LOCK = queues.FAUXQS_PROGRAM.with_name("package-lock.json")


@pytest.fixture(params=["fauxqs_queue", "moto_queue"])
def queue(request: pytest.FixtureRequest) -> Queue:
    found: Queue = request.getfixturevalue(request.param)
    return found


def test_messages_come_back_until_they_are_deleted(queue: Queue) -> None:
    ids = queue.send({"number": 1}, "text")
    assert (queue.visible, queue.in_flight) == (2, 0)

    received = queue.receive()

    assert sorted(message.message_id for message in received) == sorted(ids)
    assert {message.body for message in received} == {'{"number": 1}', "text"}
    assert (queue.visible, queue.in_flight) == (0, 2)
    assert queue.receive() == []
    queue.delete(message.handle for message in received)
    assert queue.size == 0


def test_many_messages_are_taken_at_once(queue: Queue) -> None:
    contents: list[Any] = [{"number": number} for number in range(25)]

    ids = queue.send(*contents)

    assert len({*ids}) == 25
    assert sorted(queue.take(), key=contents.index) == contents
    assert queue.size == 0


def test_each_queue_is_another(fauxqs: QueueServer, moto: QueueServer) -> None:
    for server in (fauxqs, moto):
        one, other = server.create(), server.create()
        one.send("text")
        assert (one.size, other.size) == (1, 0)


def test_fauxqs_deletes_nothing_with_a_stale_handle(fauxqs_queue: FauxqsQueue) -> None:
    ids = fauxqs_queue.send("text")
    stale = fauxqs_queue.receive()
    fauxqs_queue.end_visibility_timeouts()
    fresh = fauxqs_queue.receive()
    assert [message.message_id for message in fresh] == ids

    fauxqs_queue.delete(message.handle for message in stale)

    assert fauxqs_queue.message_ids() == ids
    fauxqs_queue.delete(message.handle for message in fresh)
    assert fauxqs_queue.message_ids() == []


def test_moto_deletes_with_a_stale_handle(moto_queue: Queue) -> None:
    """If this fails, moto does as AWS does, and tests of late deletes prove something on it."""
    moto_queue.send("text")
    stale = moto_queue.receive(visibility=0)
    moto_queue.receive()

    moto_queue.delete(message.handle for message in stale)

    assert moto_queue.size == 0


def test_what_is_in_flight_is_seen_without_a_receive(fauxqs_queue: FauxqsQueue) -> None:
    first, second = fauxqs_queue.send("first", "second")
    fauxqs_queue.receive()
    fauxqs_queue.end_visibility_timeouts()
    assert (fauxqs_queue.visible, fauxqs_queue.in_flight) == (2, 0)
    fauxqs_queue.receive()
    (third,) = fauxqs_queue.send("third")

    assert fauxqs_queue.times_received() == {first: 2, second: 2, third: 0}
    assert sorted(fauxqs_queue.message_ids()) == sorted([first, second, third])
    assert fauxqs_queue.bodies() == {first: "first", second: "second", third: "third"}


def test_fauxqs_listens_on_this_machine_alone(fauxqs: QueueServer) -> None:
    assert fauxqs.endpoint.startswith("http://127.0.0.1:")


def test_fauxqs_that_is_not_installed_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queues, "FAUXQS_FOLDER", tmp_path)

    with pytest.raises(RuntimeError, match="`make setup` installs it with npm"), fauxqs_server():
        pass


def test_fauxqs_that_does_not_start_is_a_clear_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".ready").touch()
    monkeypatch.setattr(queues, "FAUXQS_FOLDER", tmp_path)

    with pytest.raises(RuntimeError, match="fauxqs does not start: "), fauxqs_server():
        pass


def test_fauxqs_ends_when_its_input_does() -> None:
    process = subprocess.Popen(
        [queues.NODE, queues.FAUXQS_PROGRAM, queues.FAUXQS_FOLDER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_the_lock_names_no_registry() -> None:
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]

    assert len(packages) > 10
    for path, package in packages.items():
        assert "resolved" not in package
        assert path == "" or package["integrity"].startswith("sha512-")
