"""Draw the Mermaid diagrams of docs/ for the site, as SVG.

GitHub draws a block of Mermaid itself. The site shows a picture in its place, because drawing it in
the browser takes a script of 3.5 MB, which the theme loads from another host. A picture is named by
the hash of its text, so that one that is out of date is not shown.

python scripts/build_diagrams.py            draw those that are missing; needs npx and a Chromium
python scripts/build_diagrams.py --check    write nothing; name what is missing or left over
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from generated_files import ROOT

DOCS = ROOT / "docs"
FOLDER = "diagrams"
PACKAGE = "@mermaid-js/mermaid-cli@11.16.0"
BROWSERS = ("chromium", "google-chrome")
MERMAID = re.compile(r"^```mermaid\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    check = parser.parse_args(arguments).check
    wanted = {DOCS / picture(text): text for text in diagrams()}
    existing = set((DOCS / FOLDER).glob("*.svg"))
    missing = wanted.keys() - existing
    for path in sorted(missing | (existing - wanted.keys())):
        print(("missing: " if path in missing else "left over: ") + str(path.relative_to(ROOT)))
        if not check and path in missing:
            draw(wanted[path], path)
        elif not check:
            path.unlink()
    return int(check and existing != wanted.keys())


def diagrams() -> list[str]:
    """Return the text of each diagram in docs/."""
    pages = sorted(DOCS.glob("*.md"))
    return [text for page in pages for text in MERMAID.findall(page.read_text(encoding="utf-8"))]


def picture(text: str) -> str:
    """Return the path of a diagram's picture in docs/."""
    return f"{FOLDER}/{hashlib.sha256(text.encode()).hexdigest()[:12]}.svg"


def draw(text: str, path: Path) -> None:
    """Draw a diagram.

    Raises:
        subprocess.CalledProcessError: The text is not a diagram, or npx failed.
    """
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    npx = shutil.which("npx")
    if browser is None or npx is None:
        sys.exit(f"Drawing takes npx, and one of {', '.join(BROWSERS)}: install them first")
    path.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "diagram.mmd").write_text(text, encoding="utf-8")
        look = {
            "theme": "neutral",
            "htmlLabels": False,
            "flowchart": {"htmlLabels": False, "wrappingWidth": 500},
        }
        (folder / "look.json").write_text(json.dumps(look))
        start = {"executablePath": browser, "args": ["--no-sandbox"]}
        (folder / "start.json").write_text(json.dumps(start))
        options = ["-p", "start.json", "-c", "look.json", "-b", "white", "-i", "diagram.mmd"]
        command = [npx, "--yes", "--package", PACKAGE, "mmdc", *options, "-o", str(path)]
        environment = os.environ | {"PUPPETEER_SKIP_DOWNLOAD": "1"}
        subprocess.run(command, cwd=folder, env=environment, check=True)  # noqa: S603 - ours


if __name__ == "__main__":
    sys.exit(main())
