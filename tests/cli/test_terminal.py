"""What is written to a terminal cannot drive it."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
import tty
from collections.abc import Callable
from typing import Any

import click
import pytest

from tap_amazon_sp.cli.data_output import record_writer, write, write_json, write_table
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.terminal import shown

END = "the end"
EVIL = "a\x1b[2J\x9bb"
SAFE = "a\\u001b[2J\\u009bb"


def in_terminal(print_it: Callable[[], Any]) -> str:
    """Call a function whose stdout and stderr are a terminal; return what that got."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        with contextlib.redirect_stdout(stream), contextlib.redirect_stderr(stream):
            print_it()
        # A read after the last byte would wait for ever.
        stream.write(END)
        stream.flush()
        content = ""
        while not content.endswith(END):
            content += os.read(ours, 65_536).decode()
    os.close(ours)
    return content.removesuffix(END)


@pytest.mark.parametrize(
    "print_it",
    [
        lambda: write(EVIL.encode()),
        lambda: write_json({"title": EVIL}),
        lambda: write_table([{"title": EVIL, EVIL: "b"}, {"title": "c"}]),
        lambda: write_table([{"title": EVIL}]),
        lambda: notice(EVIL),
    ],
)
def test_a_terminal_gets_escapes(print_it: Callable[[], Any]) -> None:
    written = click.unstyle(in_terminal(print_it))

    assert SAFE in written
    assert not {"\x1b", "\x9b"} & set(written)


def test_a_terminal_gets_records_as_json() -> None:
    def print_it() -> None:
        with record_writer("jsonl") as writer:
            writer.write([{"title": EVIL}])

    assert in_terminal(print_it) == f'{{"title":"{SAFE}"}}\n'


def test_a_file_gets_everything_unchanged(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write(EVIL.encode())

    assert capfdbinary.readouterr().out == EVIL.encode()
    assert shown(EVIL, sys.stdout) == EVIL
