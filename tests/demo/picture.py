"""A picture of the page of `make demo`, for docs/models.md.

    make demo && make demo-picture      # writes docs/demo.png
    python -m tests.demo.picture FILE [--page PAGE]

It shows the upper part of the page in a light Chromium.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from pathlib import Path

from demo.environment import ROOT
from tests.browser import browser_page
from tests.demo.pages import ALL_DRAWN

WIDTH = 1000
LAST = "revenue"
"""The picture ends with this section."""


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path, help="where to write the picture, as PNG")
    default = ROOT / "demo" / "report.html"
    parser.add_argument("--page", type=Path, default=default, help="default: that of `make demo`")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        address = arguments.page.resolve().as_uri()
        arguments.file.write_bytes(asyncio.run(picture_of(address, Path(folder))))


async def picture_of(address: str, folder: Path) -> bytes:
    """Return a picture of the upper part of a page as PNG."""
    async with browser_page(folder / "profile") as shown:
        await shown.show(width=WIDTH, height=800)
        await shown.open(address)
        await shown.wait_for(ALL_DRAWN)
        end = f"document.getElementById({LAST!r}).querySelector('details').offsetTop"
        await shown.show(width=WIDTH, height=await shown.evaluate(end))
        # No bar for scrolling.
        await shown.evaluate("document.documentElement.style.overflow = 'hidden'")
        return await shown.picture()


if __name__ == "__main__":
    main()
