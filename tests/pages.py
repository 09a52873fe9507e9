"""The pages of the documentation, and the blocks of code in them."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def page(path: str) -> str:
    """Return the text of a page, by its path in the repository."""
    return (ROOT / path).read_text(encoding="utf-8")


def code_blocks(text: str, language: str) -> list[str]:
    """Return the blocks of code in a language, in their order."""
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def code_block(text: str, language: str, word: str) -> str:
    """Return the only block in a language that has a word in it."""
    (found,) = [block for block in code_blocks(text, language) if word in block]
    return found
