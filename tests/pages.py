"""The pages of the documentation, and the blocks of code in them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

LOADER = f"""#!{sys.executable}
import json, sys
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "RECORD":
        print(json.dumps(message["record"]), file=open(message["stream"] + ".jsonl", "a"))
    elif message["type"] == "STATE":
        print(json.dumps(message["value"]), flush=True)
"""
"""A loader as small as can be, in the place of target-jsonl."""


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
