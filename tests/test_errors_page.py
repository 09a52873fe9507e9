"""The page of errors by message quotes sentences that the tap really writes."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tap_amazon_sp.amazon import errors, obstacles
from tap_amazon_sp.amazon.auth.lwa import ADVICE
from tap_amazon_sp.amazon.hints import HINTS

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "tap_amazon_sp"
PAGE = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
QUOTED = re.findall(r"“([^”]+)”", "\n".join(line for line in PAGE.splitlines() if "|" in line))
PLACEHOLDERS = re.compile(r"%[.\d]*[sdfg]|(?:…)+")


def texts_in(source: str) -> Iterator[str]:
    """Yield the texts of a module, with `…` for what is put into them."""
    tree = ast.parse(source)
    parts: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts.update(map(id, node.values))
            texts = [
                str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values
            ]
            yield PLACEHOLDERS.sub("…", "".join(texts))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield PLACEHOLDERS.sub("…", node.value)


TEXTS = "\n".join(
    text
    for path in sorted(PACKAGE.rglob("*.py"))
    if "simulator" not in path.parts
    for text in texts_in(path.read_text(encoding="utf-8"))
)


def must_be_on_the_page() -> list[str]:
    """Return what a user may see of the errors that everybody meets: Amazon's and the network's."""
    classes = [one for _, one in inspect.getmembers(errors, inspect.isclass)]
    advice = [vars(one)["advice"] for one in classes if vars(one).get("advice")]
    of_network = [
        text
        for text in texts_in(inspect.getsource(obstacles))
        if re.search(r"…[^…]{12,}", text) and "Where only" not in text and "\n" not in text
    ]
    return [*advice, *ADVICE.values(), *(hint.advice for hint in HINTS), *of_network]


@pytest.mark.parametrize("sentence", QUOTED)
def test_a_quoted_sentence_is_one_of_the_taps(sentence: str) -> None:
    # A quote may begin or end with what differs.
    fixed = sentence.strip("… ")

    assert len(re.sub(r"[…\W]", "", fixed)) >= 6
    assert fixed in TEXTS


@pytest.mark.parametrize("message", must_be_on_the_page())
def test_a_message_that_users_meet_is_on_the_page(message: str) -> None:
    assert any(sentence.strip("… ") in message for sentence in QUOTED)
