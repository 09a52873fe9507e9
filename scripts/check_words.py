"""Find words and phrases that plain English does without.

    python scripts/check_words.py             check the files that words.yml lists
    python scripts/check_words.py PATH ...    check other files or folders

Each finding is printed with its place and what to write instead; then the exit code is 1.

`words.yml` has the list. Python files are checked for phrases in comments, docstrings and messages,
and for names. Code, texts in backticks and strings without a space are not checked: they may be
names that Amazon uses. Other files are checked except for code in Markdown.
"""

from __future__ import annotations

import argparse
import re
import sys
import token
import tokenize
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from generated_files import ROOT

WORDS = ROOT / "scripts" / "words.yml"
SUFFIXES = {".md", ".py", ".toml", ".yaml", ".yml"}
NOT_PROSE = "\0"
"""Replaces code and texts in backticks: no phrase matches across it."""
START = "\1"
"""Replaces the opening quotes of a docstring."""

_BACKTICKS = re.compile(r"(`+)[^`]+?\1")
_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)
_LINK_TARGET = re.compile(r"\]\([^)]*\)|<https?:[^>]*>|https?://\S+")
_FIELD = re.compile(r"\{[^{}]*\}")
_OPENING = re.compile(r"[a-zA-Z]*(\"\"\"|'''|\"|')")
# From Python 3.12, an f-string is several tokens.
_MIDDLE = getattr(token, "FSTRING_MIDDLE", -1)
_LAYOUT = {
    token.NL,
    token.INDENT,
    token.DEDENT,
    getattr(token, "FSTRING_START", -1),
    getattr(token, "FSTRING_END", -1),
}


@dataclass(frozen=True)
class Rule:
    """A phrase or a name to avoid, and what to write instead."""

    pattern: re.Pattern[str]
    write: str


@dataclass(frozen=True)
class Finding:
    """A place where a rule applies."""

    path: Path
    line: int
    found: str
    write: str

    def __str__(self) -> str:
        """Return the finding as a line of output."""
        path = self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path
        return f"{path}:{self.line}: {self.found!r}: write {self.write}"


@dataclass(frozen=True)
class Prose:
    """The prose of a file with single spaces, and the line number of each character."""

    text: str
    lines: tuple[int, ...]

    @classmethod
    def of(cls, pieces: Iterable[tuple[str, int]]) -> Prose:
        """Join pieces of text, given with their first lines."""
        characters: list[str] = []
        lines: list[int] = []
        for text, first_line in pieces:
            line = first_line
            for character in text:
                shown = " " if character.isspace() else character
                if not (shown in " \0" and characters[-1:] == [shown]):
                    characters.append(shown)
                    lines.append(line)
                line += character == "\n"
        return cls("".join(characters), tuple(lines))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")
    options = parser.parse_args(arguments)
    words = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    paths = options.paths or [ROOT / name for name in words["checked"]]
    excluded = {ROOT / name for name in words["excluded"]}
    phrases, names = phrase_rules(words), name_rules(words)
    count = 0
    for path in files_in(paths):
        if path not in excluded:
            for finding in findings(path, phrases, names):
                print(finding)
                count += 1
    return 1 if count else 0


def phrase_rules(words: dict[str, Any]) -> list[Rule]:
    """Return the rules about phrases."""
    return [
        Rule(re.compile(_at_start(entry["phrase"]), re.IGNORECASE), entry["write"])
        for entry in words["phrases"]
    ]


def name_rules(words: dict[str, Any]) -> list[Rule]:
    """Return the rules about names."""
    return [Rule(re.compile(entry["name"]), entry["write"]) for entry in words["names"]]


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the files, and those in the folders that have one of the suffixes.

    Raises:
        FileNotFoundError: There is no such file or folder.
    """
    for path in paths:
        if path.is_dir():
            yield from sorted(file for file in path.rglob("*") if file.suffix in SUFFIXES)
        elif path.is_file():
            yield path
        else:
            raise FileNotFoundError(path)


def findings(path: Path, phrases: Iterable[Rule], names: Iterable[Rule]) -> Iterator[Finding]:
    """Yield the findings in a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tokens = list(tokenize.generate_tokens(iter(text.splitlines(keepends=True)).__next__))
        prose = Prose.of(_python_pieces(tokens))
        yield from _wrong_names(path, tokens, names)
    else:
        prose = Prose.of([(_without_code(text), 1)])
    for rule in phrases:
        for match in rule.pattern.finditer(prose.text):
            found = match[0].strip(f" {START}")
            yield Finding(path, prose.lines[match.start()], found, rule.write)


def _at_start(phrase: str) -> str:
    """Return a pattern whose `^` is the beginning of a docstring."""
    return phrase.replace("^", f"{START} ?", 1) if phrase.startswith("^") else phrase


def _wrong_names(
    path: Path, tokens: Iterable[tokenize.TokenInfo], names: Iterable[Rule]
) -> Iterator[Finding]:
    for each in tokens:
        if each.type == token.NAME:
            for rule in names:
                if rule.pattern.fullmatch(each.string):
                    yield Finding(path, each.start[0], each.string, rule.write)


def _python_pieces(tokens: Iterable[tokenize.TokenInfo]) -> Iterator[tuple[str, int]]:
    """Yield comments and texts of strings; adjacent ones become one text, like a long message."""
    for each in tokens:
        line = each.start[0]
        if each.type == token.COMMENT:
            yield f" {_without_names(each.string.lstrip('#'))} ", line
        elif each.type == token.STRING:
            yield _text_of(each.string), line
        elif each.type == _MIDDLE:
            yield _without_names(each.string), line
        elif each.type not in _LAYOUT:
            yield NOT_PROSE, line


def _text_of(string: str) -> str:
    """Return the text of a string literal, or the mark of code if it has no space."""
    match = _OPENING.match(string)
    quotes = match[1] if match else ""
    text = string[match.end() if match else 0 :].removesuffix(quotes)
    if " " not in text:
        return NOT_PROSE + "\n" * text.count("\n")
    text = _without_names(_FIELD.sub(NOT_PROSE, text))
    return f"{START}{text}{NOT_PROSE}" if len(quotes) > 1 else text


def _without_names(text: str) -> str:
    """Return a text without the parts in backticks, with the same number of lines."""
    return _BACKTICKS.sub(_blank, text)


def _without_code(text: str) -> str:
    """Return a text without code and addresses, with the same number of lines."""
    return _LINK_TARGET.sub(_blank, _without_names(_FENCE.sub(_blank, text)))


def _blank(match: re.Match[str]) -> str:
    return NOT_PROSE + "\n" * match[0].count("\n")


if __name__ == "__main__":
    sys.exit(main())
