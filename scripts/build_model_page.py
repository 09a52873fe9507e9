"""Build the tables of marts in `docs/models.md` out of the descriptions in `dbt/`.

python scripts/build_model_page.py            write them
python scripts/build_model_page.py --check    write nothing; name what differs and exit with 1
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from generated_files import ROOT, Built, run, with_block
from model_descriptions import MARTS, Model, read_models

PAGE = ROOT / "docs" / "models.md"
BEGIN = "<!-- >>> written by scripts/build_model_page.py -->"
END = "<!-- <<< written by scripts/build_model_page.py -->"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run(__doc__, build, arguments)


def build() -> Built:
    """Build the page."""
    text = PAGE.read_text(encoding="utf-8")
    block = f"\n{tables(read_models())}\n\n"
    return Built({PAGE: with_block(text, block, BEGIN, END)})


def tables(models: Iterable[Model]) -> str:
    """Return a section for each mart, in Markdown, and a list of all others."""
    parts: list[str] = []
    others: list[Model] = []
    for model in models:
        if model.layer == MARTS:
            parts.append("\n".join(_section(model)))
        else:
            others.append(model)
    lines = [f"| `{model.name}` | {_cell(model.description)} |" for model in others]
    rows = ["### Other models", "", "| model | what a row is |", "|---|---|", *lines]
    return "\n\n".join([*parts, "\n".join(rows)])


def _section(model: Model) -> Iterator[str]:
    yield f"### {model.name}"
    yield ""
    yield model.description
    if model.key:
        yield ""
        yield f"Key: {', '.join(f'`{name}`' for name in model.key)}."
    yield ""
    yield "| column | meaning |"
    yield "|---|---|"
    for name, description in model.columns.items():
        yield f"| `{name}` | {_cell(description)} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
