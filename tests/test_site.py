"""The site of docs/: `make docs`."""

from __future__ import annotations

import asyncio
import functools
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from tests.browser import browser_page

ROOT = Path(__file__).resolve().parents[1]
MKDOCS = ROOT / ".venv-site" / "bin" / "mkdocs"
PAGES = sorted((ROOT / "docs").glob("*.md"))
MERMAID = re.compile(r"^```mermaid\n.*?^```$", re.MULTILINE | re.DOTALL)
COMPARED = ("h1", "h2", "h3", "h4", "li", "ol", "ul", "pre", "table", "tr", "td", "blockquote")
"""Elements that each page has as often on GitHub as in the site."""


class Elements(HTMLParser):
    """Counts elements, and collects what a browser fetches with a page."""

    def __init__(self) -> None:
        super().__init__()
        self.inside_article = False
        self.counts: Counter[str] = Counter()
        self.fetched: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.inside_article |= tag == "article"
        if self.inside_article:
            self.counts[tag] += 1
        if tag in {"img", "script", "iframe"}:
            self.fetched.append(attributes.get("src") or "")
        elif tag == "link" and attributes.get("rel") in {"stylesheet", "preconnect", "icon"}:
            self.fetched.append(attributes.get("href") or "")

    def handle_endtag(self, tag: str) -> None:
        self.inside_article &= tag != "article"

    def handle_data(self, data: str) -> None:
        if self.inside_article:
            self.text += data


def build(project: Path, site: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [MKDOCS, "build", "--strict", "--site-dir", site],
        cwd=project,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    built = build(ROOT, folder)
    assert built.returncode == 0, built.stderr
    return folder


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project whose pages and README can be changed."""
    project = tmp_path / "project"
    project.mkdir()
    for path in ROOT.iterdir():
        if path.name not in {"docs", "mkdocs.yml", "README.md"}:
            (project / path.name).symlink_to(path)
    shutil.copytree(ROOT / "docs", project / "docs")
    shutil.copy(ROOT / "mkdocs.yml", project)
    shutil.copy(ROOT / "README.md", project)
    return project


BROKEN = {
    "docs/state.md": (
        "[a](no_such_page.md) [b](reports.md#no-such-heading) [c](#nor-this) "
        "[d](../no_such_file.md) [e](../CONTRIBUTING.md#no-such-part) [f](/reports.md)"
    ),
    "README.md": "[g](docs/nowhere.md) [h](docs/reports.md#no-such-section)",
}


def test_each_link_that_leads_nowhere_fails_the_build(copy: Path, tmp_path: Path) -> None:
    for name, links in BROKEN.items():
        page = copy / name
        page.write_text(page.read_text(encoding="utf-8") + f"\n{links}\n", encoding="utf-8")

    built = build(copy, tmp_path / "site")

    assert built.returncode == 1
    warnings = [line for line in built.stderr.splitlines() if line.startswith("WARNING")]
    places = [
        place for links in BROKEN.values() for place in re.findall(r"\(\S*?(\w[^()]*)\)", links)
    ]
    assert len(warnings) == len(places)
    for place in places:
        *_, target = place.replace("#", "/").split("/")
        assert any(target in warning for warning in warnings), place


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_has_the_same_structure_on_github_as_in_the_site(site: Path, page: Path) -> None:
    name = "index.html" if page.name == "README.md" else f"{page.stem}.html"
    github, ours = Elements(), Elements()
    markdown = MarkdownIt("commonmark").enable("table")

    # GitHub draws a diagram, the site has a picture of it.
    text = MERMAID.sub("", page.read_text(encoding="utf-8"))
    github.feed(f"<article>{markdown.render(text)}</article>")
    ours.feed((site / name).read_text(encoding="utf-8"))

    assert {tag: ours.counts[tag] for tag in COMPARED} == {
        tag: github.counts[tag] for tag in COMPARED
    }
    # The site has a sign after each heading that links to it.
    assert words(ours.text.replace("¶", "")) == words(github.text)


def words(text: str) -> list[str]:
    """The text, in pieces that are short enough to compare."""
    return re.findall(r"\S.{0,60}", re.sub(r"\s+", "", text))


def html_pages(site: Path) -> Iterator[Path]:
    yield from site.rglob("*.html")


def test_the_site_fetches_nothing_from_other_hosts(site: Path) -> None:
    for path in html_pages(site):
        page = Elements()
        page.feed(path.read_text(encoding="utf-8"))
        assert [link for link in page.fetched if "//" in link] == [], path.name
    for path in site.rglob("*.css"):
        assert re.findall(r"url\(['\"]?(?:https?:)?//", path.read_text(encoding="utf-8")) == []


def test_a_link_out_of_the_pages_leads_to_github(site: Path) -> None:
    page = (site / "architecture.html").read_text(encoding="utf-8")

    assert 'href="https://github.com/tap-amazon-sp/tap-amazon-sp/blob/main/CONTRIBUTING.md"' in page


def test_each_diagram_is_drawn_as_it_is_now() -> None:
    finished = subprocess.run(
        [sys.executable, ROOT / "scripts" / "build_diagrams.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert (finished.returncode, finished.stdout) == (0, ""), "make diagrams"


def test_each_page_is_in_the_navigation(site: Path) -> None:
    start = (site / "index.html").read_text(encoding="utf-8")

    linked = set(re.findall(r'<a href="([\w.]+\.html)" class="md-nav__link', start))

    assert linked >= {f"{page.stem}.html" for page in PAGES if page.name != "README.md"}


def test_the_home_page_names_every_page() -> None:
    home = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    linked = set(re.findall(r"\]\((\w+\.md)\)", home))
    of_dictionary = {page.name for page in PAGES if page.name.startswith("dictionary_")}

    assert linked == {page.name for page in PAGES} - of_dictionary - {"README.md"}


class Files(SimpleHTTPRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Print nothing."""


@pytest.fixture
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    handler = functools.partial(Files, directory=str(site))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def test_a_browser_finds_a_word_and_asks_no_other_host(address: str, tmp_path: Path) -> None:
    async def search() -> tuple[list[str], list[str], list[str]]:
        async with browser_page(tmp_path) as page:
            await page.open(f"{address}index.html")
            await page.evaluate("document.querySelector('.md-search__input').focus()")
            await page.send("Input.insertText", text="rotateApplicationClientSecret")
            links = await page.wait_for(
                "(found => found.length && found.map(link => link.href))"
                "([...document.querySelectorAll('a.md-search-result__link')])"
            )
            return links, page.console, page.requested

    links, console, requested = asyncio.run(search())

    assert any("credentials.html" in link for link in links)
    assert console == []
    assert [url for url in requested if not url.startswith((address, "data:", "blob:"))] == []
