"""Print data to stdout: as JSON, with a record on each line, or as a table."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
import msgspec
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.terminal import in_charset_of_terminal, shown, write_bytes, write_text
from tap_amazon_sp.singer.writer import to_json

JSON, JSON_LINES, TABLE = "json", "jsonl", "table"
TEXT, BYTES = "text", "bytes"
FORMS = (JSON_LINES, JSON, TABLE)

_MIN_COLUMN_WIDTH = 22
"""The fewest characters that a column on a terminal should have."""
_MAX_JSON = 30
"""The most characters of an inner list of objects that a terminal shows."""
_UNLIMITED_WIDTH = 100_000


def output_option(
    default: str, forms: Sequence[str] = FORMS
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option `--output`. The command gets it as `output`."""
    return click.option(
        "--output",
        type=click.Choice(forms),
        default=default,
        show_default=True,
        help="How to print; jsonl is a record on each line.",
    )


def write(content: bytes) -> None:
    """Write text in UTF-8 to stdout."""
    if sys.stdout.isatty():
        write_text(content.decode("utf-8", "replace"))
    else:
        write_bytes(content)


def write_json(value: Any) -> None:
    """Write a value as indented JSON; numbers keep all their digits."""
    write(msgspec.json.format(to_json(value), indent=2) + b"\n")


@contextmanager
def record_writer(form: str) -> Iterator[RecordWriter]:
    """Yield a writer of records in one of the forms; it finishes at the end of the block.

    After a failure a JSON list is left open, so that nobody takes it for complete.
    """
    writer = RecordWriter(form)
    yield writer
    writer.finish()


class RecordWriter:
    """Writes records in one of the forms as they come.

    A table is written at the end, as its columns get as wide as their widest value.
    """

    def __init__(self, form: str) -> None:
        """Start with no records."""
        self._form = form
        self._rows: list[Any] = []
        self._count = 0

    def write(self, records: Iterable[Any]) -> None:
        """Write more records."""
        if self._form == TABLE:
            self._rows += records
            return
        pieces = []
        for record in records:
            if self._form == JSON_LINES:
                pieces.append(to_json(record) + b"\n")
            else:
                pieces.append((b",\n" if self._count else b"[\n") + to_json(record))
            self._count += 1
        write(b"".join(pieces))

    def finish(self) -> None:
        """Write what follows the last record."""
        if self._form == TABLE:
            write_table(self._rows)
        elif self._form == JSON:
            write(b"\n]\n" if self._count else b"[]\n")


def write_table(records: Sequence[Any], columns: Sequence[str] | None = None) -> None:
    """Write records as a table; write a single record as a list of its fields.

    If stdout is not a terminal, lines are as long as they need to be.

    Args:
        records: JSON objects.
        columns: Names of fields to show; by default all, with dotted names for inner fields.
    """
    rows = [dict(_fields(record)) for record in records]
    if columns is None and len(rows) == 1:
        _print_table(("field", "value"), rows[0].items())
        return
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    if columns is None and sys.stdout.isatty():
        shown = names[: max(1, shutil.get_terminal_size().columns // _MIN_COLUMN_WIDTH)]
        if len(shown) < len(names):
            left_out = ", ".join(names[len(shown) :])
            notice(f"The terminal is too narrow for these columns: {left_out}")
        names = shown
    if rows:
        _print_table(names, ([row.get(name) for name in names] for row in rows))


def _fields(record: Any) -> Iterator[tuple[str, Any]]:
    if not isinstance(record, Mapping):
        yield "value", record
        return
    for name, value in record.items():
        if isinstance(value, Mapping) and value:
            for inner, content in _fields(value):
                yield f"{name}.{inner}", content
        else:
            yield name, value


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, list) and not any(isinstance(item, (list, Mapping)) for item in value):
        return ", ".join(map(_cell, value))
    if isinstance(value, str):
        return value
    text = to_json(value).decode()
    is_long = len(text) > _MAX_JSON and sys.stdout.isatty()
    return f"{text[:_MAX_JSON]}…" if is_long else text


def _print_table(names: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:

    table = Table(box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False)
    for name in names:
        table.add_column(Text(shown(name, sys.stdout)), overflow="fold")
    for row in rows:
        table.add_row(*(Text(shown(_cell(value), sys.stdout)) for value in row))
    with _console() as print_one:
        print_one(table)


@contextmanager
def _console() -> Iterator[Any]:
    """Yield a function that prints rich's objects, without blanks at the ends of lines."""
    console = Console(width=None if sys.stdout.isatty() else _UNLIMITED_WIDTH)
    with console.capture() as captured:
        yield console.print
    text = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    # Rich styles the header with control characters, so those of the data are gone already.
    write_bytes(in_charset_of_terminal(text) if sys.stdout.isatty() else text.encode())
