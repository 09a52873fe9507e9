"""Facts about Amazon that are too many for code, as JSON files."""

from __future__ import annotations

import json
from importlib import resources
from typing import Any


def read_data(name: str) -> dict[str, Any]:
    """A file of the folder `data`: facts about Amazon that are too many for code."""
    folder = resources.files("tap_amazon_sp.simulator").joinpath("data")
    content: dict[str, Any] = json.loads(folder.joinpath(name).read_text(encoding="utf-8"))
    return content
