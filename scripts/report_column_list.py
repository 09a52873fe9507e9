"""The columns of flat files, `report_columns.json`, from which two files are built.

Amazon documents the columns of few flat files. The list was put together by hand from Amazon's
pages and from public code that reads sellers' files; `sources` says what each name stands for. An
entry of `reports` has:

- `types`: the report types that have these columns
- `sources`: the names of the sources
- `columns`: the usual columns, in the order of the files, in Amazon's spelling
- `more`: columns that only some files have: those of some marketplaces or options, older or newer
  ones

The simulator writes the usual columns. The tap knows all of them before it reads a file.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from generated_files import ROOT, BuildError, Json, read_json
from report_type_list import report_types, require_listed

LIST = ROOT / "scripts" / "report_columns.json"


@dataclass(frozen=True)
class Columns:
    """The columns of a flat file: the usual ones, and those that only some files have."""

    usual: tuple[str, ...]
    more: tuple[str, ...] = ()

    @property
    def all(self) -> list[str]:
        """All columns."""
        return [*self.usual, *self.more]


def columns_of_types() -> dict[str, Columns]:
    """Return the known columns of flat files by report type.

    Raises:
        BuildError: The list names a type that does not exist, or a type, a source or a column
            twice or not at all.
    """
    listed: Json = read_json(LIST)
    entries: list[Json] = listed["reports"]
    require_listed([entry["types"] for entry in entries], report_types(), LIST.name)
    if mistakes := "; ".join(_mistakes(entries, listed["sources"])):
        message = f"{LIST.name}: {mistakes}"
        raise BuildError(message)
    return {
        name: Columns(tuple(entry["columns"]), tuple(entry.get("more", ())))
        for entry in entries
        for name in entry["types"]
    }


def _mistakes(entries: list[Json], sources: Json) -> Iterator[str]:
    types = Counter(name for entry in entries for name in entry["types"])
    yield from (f"{name} is there twice" for name, count in types.items() if count > 1)
    used = {source for entry in entries for source in entry["sources"]}
    yield from (f"there is no source {name}" for name in sorted(used - sources.keys()))
    yield from (f"the source {name} is not used" for name in sorted(sources.keys() - used))
    for entry in entries:
        first = entry["types"][0]
        if not entry["sources"]:
            yield f"{first} has no source"
        names = Counter(name.casefold() for name in (*entry["columns"], *entry.get("more", ())))
        for name, count in names.items():
            if count > 1:
                yield f"{first} has the column {name} twice"
