from __future__ import annotations

import pytest

from tap_amazon_sp.amazon.errors import (
    AccessDeniedError,
    AuthenticationError,
    InvalidRequestError,
    NotFoundError,
    ServiceError,
    ThrottledError,
)
from tap_amazon_sp.cli.endings import end
from tap_amazon_sp.common.clock import SyncInterrupted
from tap_amazon_sp.settings.errors import SettingsError

FEEDS = "feeds_2021-06-30.getFeeds"


@pytest.mark.parametrize(
    ("error", "exit_code", "sentence"),
    [
        (SettingsError(["`region` is wrong"]), 2, "`region` is wrong"),
        (InvalidRequestError(FEEDS, status=400), 3, f"`amazon-sp describe {FEEDS}`"),
        (AccessDeniedError(FEEDS, status=403), 3, "has a role for this operation"),
        (NotFoundError(FEEDS, status=404), 3, f"{FEEDS}: HTTP 404"),
        (ThrottledError(FEEDS, status=429), 4, "try again later"),
        (ServiceError(FEEDS, status=503), 1, "Try again later"),
        (ServiceError(FEEDS), 1, "Try again later"),
        (AuthenticationError("no token", status=400), 3, "no token"),
        (AuthenticationError("no token", status=429), 4, "no token"),
        (AuthenticationError("no token"), 1, "no token"),
        (SyncInterrupted(15), 143, "Stopped by signal 15"),
        (FileNotFoundError(2, "No such file", "x.json"), 1, "x.json: No such file"),
    ],
)
def test_each_failure_has_an_exit_code_and_a_sentence(
    error: Exception, exit_code: int, sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert end(error) == exit_code

    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert sentence in told.err
    assert "stream" not in told.err


def test_a_fault_of_the_program_is_told_without_its_message(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match="Jane") as caught:
        int("Jane Doe, 1 Main Street")

    assert end(caught.value) == 1

    told = capsys.readouterr().err
    assert "A bug in this program: ValueError at test_endings.py:" in told
    assert "Jane" not in told
