"""Write to a terminal or a file: a terminal gets text that it can show, in its character set."""

from __future__ import annotations

import sys
from typing import IO, Any

from tap_amazon_sp.common.printable import printable


def shown(text: str, stream: IO[Any]) -> str:
    """Return text as it is to be written to a stream: a terminal must not obey it."""
    return printable(text) if stream.isatty() else text


def write_text(text: str) -> None:
    """Write text to stdout: to a terminal as it can show it, else in UTF-8."""
    if sys.stdout.isatty():
        write_bytes(in_charset_of_terminal(printable(text)))
    else:
        write_bytes(text.encode())


def in_charset_of_terminal(text: str) -> bytes:
    """Encode text for the terminal; letters that it does not have become escapes."""
    return text.encode(sys.stdout.encoding or "utf-8", "backslashreplace")


def write_bytes(content: bytes) -> None:
    """Write bytes to stdout, unchanged."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()
