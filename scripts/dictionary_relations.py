"""How the streams of the data dictionary belong together: joins in SQL, and diagrams in Mermaid.

A stream that is read for each record of another one has a join that follows from the declarations
of both, if its records have the whole key of the other one. All other joins are declared in
field_descriptions.yml.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from tap_amazon_sp.reading.stream import AmazonStream


@dataclass(frozen=True)
class Relation:
    """Fields of a stream that refer to fields of another one.

    Attributes:
        stream: The stream that refers.
        to: The stream that is meant.
        fields: Paths of fields of `stream`, with those of `to` that they are equal to. A dotted
            path is inside of a nested value, `[]` stands for the first entry of a list.
        says: What the relation means.
        condition: The join in SQL, if it is not that these fields are equal.
    """

    stream: str
    to: str
    fields: Mapping[str, str]
    says: str
    condition: str | None = None

    @property
    def sql(self) -> str:
        """The condition of a join in PostgreSQL, with the streams' names as aliases."""
        return self.condition or " and ".join(
            f"{column(self.stream, one)} = {column(self.to, other)}"
            for one, other in self.fields.items()
        )


def column(stream: str, path: str) -> str:
    """Return a column in PostgreSQL, or the text at a path in a column of JSON.

    A list is an array there. Its first entry is meant.
    """
    name, *inner = path.split(".")
    found = f'{stream}."{name.removesuffix("[]")}"' + ("[1]" if name.endswith("[]") else "")
    return (
        found
        + "".join(f" -> '{one}'" for one in inner[:-1])
        + (f" ->> '{inner[-1]}'" if inner else "")
    )


def relations_to_parents(streams: Iterable[AmazonStream]) -> Iterator[Relation]:
    """Yield the relation of each stream to the one whose records it is read for.

    A stream whose records lack a part of the parent's key has none here.
    """
    for stream in streams:
        parent = stream.read.parent
        if parent is None:
            continue
        copies = {path: name for name, path in stream.read.from_parent.items()}
        fields = {copies.get(key, key): key for key in parent.primary_keys}
        if fields.keys() <= stream.schema["properties"].keys():
            says = f"Read for each record of `{parent.name}`."
            yield Relation(stream.name, parent.name, fields, says)


def diagram(relations: Iterable[Relation]) -> str:
    """Return a diagram of the relations in Mermaid."""
    lines = []
    for one in relations:
        names = ", ".join(path.rpartition(".")[2] for path in one.fields)
        lines.append(f"    {one.stream} -->|{names}| {one.to}\n")
    return "flowchart LR\n" + "".join(lines)
