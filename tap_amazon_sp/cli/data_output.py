"""Data on stdout: JSON, a record on each line, or a table."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click
import msgspec

from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.singer.writer import to_json

JSON, JSON_LINES, TABLE = "json", "jsonl", "table"
FORMS = (JSON_LINES, JSON, TABLE)

_COLUMN_WIDTH = 22
"""Characters that a column of a terminal should have at least."""
_LONGEST_JSON = 30
"""Characters of inner lists of objects that a terminal shows."""
_UNLIMITED_WIDTH = 100_000


def output_option(
    default: str, forms: Sequence[str] = FORMS
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Return the option `--output`, which a command gets as `output`."""
    return click.option(
        "--output",
        type=click.Choice(forms),
        default=default,
        show_default=True,
        help="How to print: jsonl is a record on each line.",
    )


def write(content: bytes) -> None:
    """Write to stdout what is data."""
    sys.stdout.flush()
    sys.stdout.buffer.write(content)
    sys.stdout.buffer.flush()


def write_json(value: Any) -> None:
    """Write a value as JSON that people can read; numbers keep all their digits."""
    write(msgspec.json.format(to_json(value), indent=2) + b"\n")


@contextmanager
def record_writer(form: str) -> Iterator[RecordWriter]:
    """Give a writer of records in one of the forms, whose output ends where the block does.

    After a failure a JSON list stays open, so that nobody thinks it whole.
    """
    writer = RecordWriter(form)
    yield writer
    writer.finish()


class RecordWriter:
    """Writes records in one of the forms, the first before the last is there.

    A table is written at the end, as its columns get as wide as its widest value.
    """

    def __init__(self, form: str) -> None:
        """Write nothing yet."""
        self._form = form
        self._rows: list[Any] = []
        self._count = 0

    def write(self, records: Iterable[Any]) -> None:
        """Write some more records."""
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
        """Write what comes after the last record."""
        if self._form == TABLE:
            write_table(self._rows)
        elif self._form == JSON:
            write(b"\n]\n" if self._count else b"[]\n")


def write_table(records: Sequence[Any], columns: Sequence[str] | None = None) -> None:
    """Write records as a table; a single one as a list of its fields.

    Where stdout is no terminal, lines are as long as they need to be.

    Args:
        records: JSON objects.
        columns: Names of fields to show; all by default, those of inner objects dotted.
    """
    rows = [dict(_fields(record)) for record in records]
    if columns is None and len(rows) == 1:
        _print_table(("field", "value"), rows[0].items())
        return
    names = list(columns or dict.fromkeys(name for row in rows for name in row))
    if columns is None and sys.stdout.isatty():
        shown = names[: max(1, shutil.get_terminal_size().columns // _COLUMN_WIDTH)]
        if len(shown) < len(names):
            left_out = ", ".join(names[len(shown) :])
            notice(f"Left out, as the terminal is not wide enough: {left_out}")
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
    is_long = len(text) > _LONGEST_JSON and sys.stdout.isatty()
    return f"{text[:_LONGEST_JSON]}…" if is_long else text


def _print_table(names: Sequence[str], rows: Iterable[Iterable[Any]]) -> None:
    from rich import box  # noqa: PLC0415 - only for tables
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(box=box.SIMPLE_HEAD if sys.stdout.isatty() else None, pad_edge=False)
    for name in names:
        table.add_column(Text(name), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    with _console() as print_one:
        print_one(table)


@contextmanager
def _console() -> Iterator[Any]:
    """Give a function that prints what rich knows how to print, without blanks at line ends."""
    from rich.console import Console  # noqa: PLC0415

    console = Console(width=None if sys.stdout.isatty() else _UNLIMITED_WIDTH)
    with console.capture() as captured:
        yield console.print
    text = "".join(f"{line.rstrip()}\n" for line in captured.get().splitlines())
    write(text.encode())
