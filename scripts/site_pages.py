"""What differs between a page of docs/ on GitHub and in the site: a hook of MkDocs.

On GitHub, a page links to files beside docs/ by their relative path (`../CONTRIBUTING.md`). The
site does not have those files: there, such a link leads to GitHub. MkDocs checks the links between
pages of docs/. This module checks all others: those out of docs/, and those of the Markdown files
outside. A file or a heading that is not there is a warning, so that `mkdocs build --strict` fails.

Headings get their anchors as GitHub makes them: lower case, no punctuation, a hyphen for a space.

In a table, GitHub needs a backslash before a bar in code, and does not show it. Python-Markdown,
which MkDocs uses, knows that the bar belongs to code, and would show the backslash.

In the place of a Mermaid diagram, the site shows the picture that build_diagrams.py drew of it.
"""

from __future__ import annotations

import logging
import os
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote

from build_diagrams import MERMAID, picture

PAGES_OUTSIDE = ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "benchmarks/*.md", "findings/*.md")

# MkDocs counts the warnings of loggers below `mkdocs`.
_LOG = logging.getLogger("mkdocs.plugins.site_pages")

_CODE = re.compile(
    r"^(?P<fence> *(?:```|~~~)).*?^(?P=fence)|(?P<tick>`+)(?!`).+?(?<!`)(?P=tick)(?!`)",
    re.MULTILINE | re.DOTALL,
)
_LINK = re.compile(r"(?<=\]\()(?!/)(?P<path>[^)\s#:]*)(?:#(?P<anchor>[^)\s]*))?(?=\))")
_HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)
_FENCE = re.compile(r"^ *(```|~~~).*?^ *\1", re.MULTILINE | re.DOTALL)


class PageFile(Protocol):
    """What this module needs of MkDocs' `File`."""

    abs_src_path: str


class Page(Protocol):
    """What this module needs of MkDocs' `Page`."""

    file: PageFile


def on_page_markdown(markdown: str, page: Page, config: Any, **_: object) -> str:
    """Lead the links out of docs/ to GitHub, warn of those that lead nowhere, and adapt tables.

    Called by MkDocs for each page, with its text.
    """
    source = Path(page.file.abs_src_path)
    root = _root(config)
    docs = Path(config["docs_dir"]).resolve()
    for link in list(_links(markdown))[::-1]:
        target = _target(source, link)
        if target.is_relative_to(docs):
            continue
        if mistake := _mistake(target, link["anchor"]):
            _LOG.warning("%s: %s", source.name, mistake)
        kind = "tree" if target.is_dir() else "blob"
        path = os.path.relpath(target, root)
        address = f"{config['extra']['repository']}/{kind}/main/{path}"
        if link["anchor"]:
            address += f"#{link['anchor']}"
        markdown = markdown[: link.start()] + address + markdown[link.end() :]
    markdown = MERMAID.sub(lambda diagram: f"![Diagram]({picture(diagram[1])})", markdown)
    return _CODE.sub(_without_backslashes, markdown)


def on_post_build(config: Any, **_: object) -> None:
    """Warn of links in the Markdown files outside docs/ that lead nowhere.

    Called by MkDocs at the end of a build.
    """
    root = _root(config)
    for pattern in PAGES_OUTSIDE:
        for source in sorted(root.glob(pattern)):
            for link in _links(source.read_text(encoding="utf-8")):
                if mistake := _mistake(_target(source, link), link["anchor"]):
                    _LOG.warning("%s: %s", source.relative_to(root), mistake)


def anchors(text: str) -> set[str]:
    """Return the anchors of the headings of a Markdown text, as GitHub makes them."""
    seen: Counter[str] = Counter()
    found = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading)
        anchor = re.sub(r"[^\w\- ]", "", words.lower()).replace(" ", "-")
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return found


def _without_backslashes(code: re.Match[str]) -> str:
    """Return code with plain bars if it is in a row of a table."""
    start_of_line = code.string.rfind("\n", 0, code.start()) + 1
    in_table = code["tick"] and code.string[start_of_line : code.start()].lstrip().startswith("|")
    return code[0].replace("\\|", "|") if in_table else code[0]


def _root(config: Any) -> Path:
    return Path(config["config_file_path"]).resolve().parent


def _links(text: str) -> Iterator[re.Match[str]]:
    """Yield the relative links of a text; those in code are none."""
    code = [match.span() for match in _CODE.finditer(text)]
    for link in _LINK.finditer(text):
        inside = any(start <= link.start() < end for start, end in code)
        if not inside and (link["path"] or link["anchor"]):
            yield link


def _target(source: Path, link: re.Match[str]) -> Path:
    if not link["path"]:
        return source
    return Path(os.path.normpath(source.parent / unquote(link["path"])))


def _mistake(target: Path, anchor: str | None) -> str:
    if not target.exists():
        return f"a link leads to {target.name}, which is not there"
    if anchor and target.suffix == ".md":
        known = anchors(target.read_text(encoding="utf-8"))
        if anchor not in known:
            return f"a link leads to #{anchor}, which {target.name} does not have"
    return ""
