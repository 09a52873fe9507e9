"""Build the tables of headers that Amazon writes in other languages than English.

    python scripts/build_report_headers.py    write the tables
    --check                                   write nothing; name what differs and exit with 1

The sources are scripts/report_headers/<language>.json, kept by hand, where <language> is a code of
ISO 639-1. Each has:

- `sources`: by a short name, the repository or thread in which headers were found
- `reports`: a list of tables, each with
  - `types`: the report types whose files have these headers
  - `inferred_types`: types of similar reports, which are likely to have them
  - `sources`: short names
  - `certain`: whether somebody published the headers of this report, or a reader of it; else they
    are inferred, for instance from another report
  - `headers`: [local, English] pairs in the order of the file. The n-th of several columns with
    one local header is the n-th pair. Several local spellings may have one English header: the
    simulator writes the first of them. `en.json` has the other English headers of a report.

The tables are tap_amazon_sp/amazon/report_headers.json, for reading, and
tap_amazon_sp/simulator/data/report_headers.json, for writing.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from generated_files import ROOT, BuildError, Built, encode, encode_sections, read_json, run
from report_type_list import report_types, require_listed
from tap_amazon_sp.amazon.report_headers import ENGLISH, comparable
from tap_amazon_sp.documents.names import snake_case

SOURCES = ROOT / "scripts" / "report_headers"
READ = ROOT / "tap_amazon_sp" / "amazon" / "report_headers.json"
WRITTEN = ROOT / "tap_amazon_sp" / "simulator" / "data" / "report_headers.json"


@dataclass(frozen=True)
class Table:
    """The headers of some report types in one language; `headers` are [local, English] pairs."""

    language: str
    types: tuple[str, ...]
    headers: tuple[tuple[str, str], ...]
    certain: bool

    def columns(self) -> dict[str, list[str]]:
        """Return the comparable forms of local headers by the English one, in order."""
        columns: dict[str, list[str]] = {}
        for local, english in self.headers:
            forms = columns.setdefault(english, [])
            if (form := comparable(local)) not in forms:
                forms.append(form)
        return columns


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run(__doc__, build, arguments)


def build() -> Built:
    """Build both tables.

    Raises:
        BuildError: A source is incomplete, or is about a type that does not exist.
    """
    tables = list(all_tables())
    require_listed((table.types for table in tables), report_types(), "report_headers/")
    return Built(
        {
            READ: encode_sections(_for_reading(tables)),
            WRITTEN: encode(_for_writing(tables)),
        }
    )


def all_tables() -> Iterator[Table]:
    """Yield the tables of all languages.

    Raises:
        BuildError: A source is incomplete.
    """
    for path in sorted(SOURCES.glob("*.json")):
        content = read_json(path)
        for place, report in enumerate(content["reports"]):
            headers = tuple((local, english) for local, english in report["headers"])
            _check(f"{path.name}, reports[{place}]", report, headers, content["sources"])
            yield Table(path.stem, tuple(report["types"]), headers, report["certain"])
            if inferred := report.get("inferred_types"):
                yield Table(path.stem, tuple(inferred), headers, certain=False)


def _check(
    where: str, report: dict[str, Any], headers: Iterable[tuple[str, str]], sources: dict[str, str]
) -> None:
    mistakes = []
    if not report["types"] or not report["sources"]:
        mistakes.append("types or sources are missing")
    if unknown := set(report["sources"]) - sources.keys():
        mistakes.append(f"no source {', '.join(sorted(unknown))}")
    if not isinstance(report["certain"], bool):
        mistakes.append("`certain` is neither true nor false")
    empty = [pair for pair in headers if not (comparable(pair[0]) and snake_case(pair[1]))]
    if empty:
        mistakes.append(f"an empty header in {empty[0]}")
    if mistakes:
        message = f"{where}: {'; '.join(mistakes)}"
        raise BuildError(message)


def _for_reading(tables: list[Table]) -> dict[str, Any]:
    """Return the tables, their numbers by type and language, and what all agree on."""
    types: dict[str, dict[str, list[int]]] = {}
    for number, table in enumerate(tables):
        for name in table.types:
            types.setdefault(name, {}).setdefault(table.language, []).append(number)
    languages = dict.fromkeys(table.language for table in tables)
    return {
        "types": dict(sorted(types.items())),
        "tables": [table.columns() for table in tables],
        "agreed": {
            language: _agreed([table for table in tables if table.language == language])
            for language in languages
            if language != ENGLISH
        },
    }


def _agreed(tables: list[Table]) -> dict[str, str]:
    """Return the headers that mean the same wherever they occur.

    The same is what becomes one name of a column: `order-id` and `Order ID` are the same.
    """
    meanings: dict[str, dict[str, str]] = {}
    for table in tables:
        for english, forms in table.columns().items():
            for form in forms:
                meanings.setdefault(form, {}).setdefault(snake_case(english), english)
    return {
        form: next(iter(meaning.values()))
        for form, meaning in meanings.items()
        if len(meaning) == 1
    }


def _for_writing(tables: list[Table]) -> dict[str, dict[str, dict[str, str]]]:
    """Return by type and language the local header of each English one."""
    result: dict[str, dict[str, dict[str, str]]] = {}
    for table in tables:
        for name in table.types:
            known = result.setdefault(name, {}).setdefault(table.language, {})
            for local, english in table.headers:
                known.setdefault(english, local)
    return dict(sorted(result.items()))


if __name__ == "__main__":
    sys.exit(main())
