"""What the programs that build files share: writing the files, or comparing them.

Each program builds the texts of its files. Without options they are written; with `--check` nothing
is written, and each file that differs from what is committed is named.
"""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

Json = dict[str, Any]


class BuildError(Exception):
    """The sources of a file contradict each other, or one is missing."""


@dataclass(frozen=True)
class Built:
    """What a program built.

    Attributes:
        texts: The text of each file.
        leftovers: Files of earlier runs that are no longer built; they are removed.
    """

    texts: Mapping[Path, str]
    leftovers: tuple[Path, ...] = ()


def run_with_models(
    description: str | None, build: Callable[[Path | None], Built], arguments: list[str] | None
) -> int:
    """Run a program that can read a checkout of Amazon's models; return its exit code.

    Args:
        description: Docstring of the program.
        build: Builds the files out of the checkout, or without one out of what is committed.
        arguments: Arguments of the program; None takes those of the command line.
    """
    parser = _parser(description)
    parser.add_argument(
        "path",
        nargs="?",
        type=Path,
        help="checkout of amzn/selling-partner-api-models; without it, what is committed is read",
    )
    options = parser.parse_args(arguments)
    return _finish(lambda: build(options.path), check=options.check)


def run(description: str | None, build: Callable[[], Built], arguments: list[str] | None) -> int:
    """Run a program that reads this repository alone; return its exit code."""
    options = _parser(description).parse_args(arguments)
    return _finish(build, check=options.check)


def _parser(description: str | None) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, name what differs")
    return parser


def _finish(build: Callable[[], Built], *, check: bool) -> int:
    try:
        built = build()
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    differing = [path for path, text in built.texts.items() if _committed(path) != text]
    if check:
        for path in (*differing, *built.leftovers):
            print(f"differs: {path.relative_to(ROOT)}", file=sys.stderr)
        return 1 if differing or built.leftovers else 0
    for path in differing:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(built.texts[path], encoding="utf-8")
        print(f"wrote {path.relative_to(ROOT)}")
    for path in built.leftovers:
        path.unlink()
        print(f"removed {path.relative_to(ROOT)}")
    return 0


def _committed(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def with_block(text: str, block: str, begin: str, end: str) -> str:
    """Return a text with the lines between two marks replaced, at the indent of the first.

    Args:
        text: Of the whole page.
        block: What stands between the marks, with a line break at its end.
        begin: The first mark.
        end: The second mark.

    Raises:
        ValueError: The text lacks a mark.
    """
    before, found_begin, rest = text.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end):
        message = f"There are no lines {begin!r} and {end!r}"
        raise ValueError(message)
    indent = before.rpartition("\n")[2]
    return f"{before}{begin}\n{textwrap.indent(block, indent)}{indent}{end}{after}"


def read_json(path: Path) -> Any:
    """Return the content of a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def encode(data: Mapping[str, Any]) -> str:
    """Return a file's content as JSON with one entry per line."""
    return f"{_entries(data)}\n"


def encode_sections(data: Mapping[str, Any]) -> str:
    """Return a file's content as JSON with one entry of each section per line."""
    sections = [
        f"{_compact(name)}:{_entries(value) if isinstance(value, Mapping) else _compact(value)}"
        for name, value in data.items()
    ]
    return "{\n" + ",\n".join(sections) + "\n}\n"


def without_empty(value: Json, kept: tuple[str, ...] = ()) -> Json:
    """Return an object without empty members, except those in `kept`."""
    return {
        name: item
        for name, item in value.items()
        if item not in (None, False, "", [], {}) or (name in kept and item is not None)
    }


def _entries(data: Mapping[str, Any]) -> str:
    lines = [f"{_compact(name)}:{_compact(value)}" for name, value in data.items()]
    return "\n".join(["{", *([",\n".join(lines)] if lines else []), "}"])


def _compact(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)
