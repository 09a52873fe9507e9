"""Build the data dictionary: docs/dictionary.md, and a page of fields for each group of streams.

Fields and types are those of the streams' schemas. Sentences and relations are those of
field_descriptions.yml.

python scripts/build_dictionary.py            write them
python scripts/build_dictionary.py --check    write nothing; name what differs and exit with 1
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from build_docs import DOCS, anchor, described_streams, sentences, title
from generated_files import BuildError, Built, run
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP

FACTS = Path(__file__).with_name("field_descriptions.yml")
WRITTEN_BY = "<!-- Written by scripts/build_dictionary.py from field_descriptions.yml. -->\n\n"

GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "orders": ("Orders and sales", ("orders", "sales")),
    "finances": ("Finances", ("finances", "transfers", "wallet", "invoices", "fees")),
    "inventory": ("Inventory and inbound shipments", ("inventory", "inbound", "awd")),
    "listings": (
        "Listings, catalog and prices",
        ("listings", "catalog_items", "pricing", "aplus", "vehicles"),
    ),
    "fulfillment": (
        "Fulfillment of your own orders",
        ("outbound", "external_fulfillment", "shipping", "supply_sources", "services"),
    ),
    "customers": ("Customers and subscriptions", ("customer_feedback", "replenishment")),
    "vendors": ("Vendors", ("vendor", "vendor_direct_fulfillment")),
    "account": (
        "Account, feeds, reports and notifications",
        ("sellers", "feeds", "reports", "data_kiosk", "notifications"),
    ),
}
"""By page: its title, and the modules of streams on it."""

REPORTS = {
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": "report_v2_settlement",
    "GET_SALES_AND_TRAFFIC_REPORT": "report_sales_and_traffic",
}
"""Report types that most people read, with rows on a page of their own: how their streams begin."""
REPORTS_PAGE = "reports"

CORE = (
    *("orders", "order_items", "order_metrics"),
    *("financial_transactions", "financial_events", "financial_event_groups"),
    *("fba_inventory_summaries", "listings_items"),
    *("purchase_orders", "purchase_order_items", "purchase_orders_status"),
    *("report_v2_settlement_report_data_flat_file_v2",),
    *("report_sales_and_traffic", "report_sales_and_traffic_by_asin"),
)
"""Each top-level field of these streams has a sentence."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run(__doc__, build, arguments)


def build() -> Built:
    """Build the pages."""
    facts = Facts()
    pages = {
        DOCS / f"dictionary_{name}.md": group_page(heading, streams, facts)
        for name, heading, streams in groups()
    }
    return Built({DOCS / "dictionary.md": index_page(facts), **pages})


_OF_BUSINESSES = "_b2b"
"""Ends the names of figures that count business customers alone."""


class Facts:
    """Sentences and relations."""

    @cached_property
    def content(self) -> dict[str, Any]:
        """The file."""
        found: dict[str, Any] = yaml.safe_load(FACTS.read_text(encoding="utf-8"))
        return found

    def sentence(self, stream: AmazonStream, path: str) -> str:
        """Return what a field means; empty if nothing is known.

        Args:
            stream: The stream.
            path: Dotted path of the field, without `[]`.
        """
        own = self.content["streams"].get(key_of(stream), {})
        if path in own:
            return str(own[path])
        parts = path.split(".")
        for number in range(len(parts)):
            ending = ".".join(parts[number:])
            if ending in self.content["common"]:
                return str(self.content["common"][ending])
        name = parts[-1].removesuffix(_OF_BUSINESSES)
        return f"`{name}` of business customers alone." if name != parts[-1] else ""

    @cached_property
    def relations(self) -> list[Relation]:
        """The relations between streams, in the order of the file."""
        return [Relation(**one) for one in self.content["relations"]]


@dataclass(frozen=True)
class Relation:
    """Fields of a stream that refer to fields of another one."""

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


def all_streams() -> list[AmazonStream]:
    """Return all built-in streams, and those of the reports on a page of their own."""
    return [*described_streams(), *report_streams()]


def report_streams() -> list[AmazonStream]:
    """Return the streams of the reports that most people read."""
    config = {"reports": [{"report_type": name} for name in REPORTS]}
    tap = TapAmazonSP(config=config, validate_config=False)
    return [
        stream
        for stream in tap.streams.values()
        if isinstance(stream, AmazonStream) and stream.declared_in is not None
    ]


def groups() -> Iterator[tuple[str, str, list[AmazonStream]]]:
    """Yield the name, the title and the streams of each page.

    Raises:
        BuildError: A stream is on no page.
    """
    left = [*described_streams()]
    for name, (heading, modules) in GROUPS.items():
        found = [one for one in left if type(one).__module__.rpartition(".")[2] in modules]
        left = [one for one in left if one not in found]
        yield name, heading, found
    if left:
        message = f"In no group: {', '.join(stream.name for stream in left)}"
        raise BuildError(message)
    yield REPORTS_PAGE, "Rows of settlements, and of sales and traffic", report_streams()


def key_of(stream: AmazonStream) -> str:
    """Return a stream's name in the file of sentences: with the setting that it needs, if any."""
    return stream.name if stream.declared_in else title(stream).replace("`", "")


# --- The index ----------------------------------------------------------------------------------


def index_page(facts: Facts) -> str:
    """Return the page about all others."""
    links: dict[str, str] = {}
    rows = []
    for name, heading, streams in groups():
        page = f"dictionary_{name}.md"
        names = []
        for stream in streams:
            links.setdefault(stream.name, f"[`{stream.name}`]({page}#{section_anchor(stream)})")
            names.append(f"[{section_title(stream)}]({page}#{section_anchor(stream)})")
        rows.append(f"| [{heading}]({page}) | {', '.join(names)} |\n")
    joins = [
        f"| {links[one.stream]} | {links[one.to]} | {one.says} | `{one.sql}` |\n"
        for one in facts.relations
    ]
    return (
        f"{WRITTEN_BY}# Data dictionary\n\n"
        "All fields of the built-in streams, with their types. Those that most people use have a "
        "sentence that says what they mean. Names are Amazon's. The columns of other reports are "
        "on the page of [report types](report_types.md).\n\n"
        "| page | streams |\n|---|---|\n" + "".join(rows) + "\n## Types\n\n"
        "| type | in JSON | what loaders make of it |\n|---|---|---|\n"
        "| text | string | text |\n"
        "| time | string: RFC 3339 in UTC, such as `2026-11-28T09:00:00Z` | timestamp |\n"
        "| date | string: `2026-11-28` | date |\n"
        "| integer | number without a fraction | bigint |\n"
        "| number | number with all of Amazon's digits | numeric; some loaders round it, see "
        "[what loaders do to values](loader_values.md) |\n"
        "| yes or no | `true` or `false` | boolean |\n"
        "| object, list | nested values, whose fields are the following rows: `a.b` is `b` in the "
        "object `a`, `a[].b` is `b` in each entry of the list `a` | JSON |\n\n"
        "Amounts of the APIs that are text stay text, so that no digit is lost: convert them to "
        "numeric in the warehouse. Each field may be empty (null), unless it is a part of the "
        "primary key.\n\n"
        "With [several accounts](accounts.md), each record has `_account`, which is a part of "
        "each key and of each join below. Loaders add columns of their own, which begin with "
        "`_sdc_`.\n\n"
        "## How streams belong together\n\n"
        "An arrow leads to the stream whose key is meant.\n\n"
        f"```mermaid\n{diagram(facts.relations)}```\n\n"
        "The conditions are those of a join in PostgreSQL, as target-postgres makes the tables: "
        "objects are JSON, and lists are arrays of JSON.\n\n"
        "| stream | joins | | condition |\n|---|---|---|---|\n" + "".join(joins)
    )


def diagram(relations: Iterable[Relation]) -> str:
    """Return a diagram of the relations in Mermaid."""
    lines = []
    for one in relations:
        names = ", ".join(path.rpartition(".")[2] for path in one.fields)
        lines.append(f"    {one.stream} -->|{names}| {one.to}\n")
    return "flowchart LR\n" + "".join(lines)


# --- Pages of fields ----------------------------------------------------------------------------


def group_page(heading: str, streams: Iterable[AmazonStream], facts: Facts) -> str:
    """Return the page of some streams."""
    intro = "[Data dictionary](dictionary.md): what types mean, and how streams belong together.\n"
    sections = [stream_section(stream, facts) for stream in streams]
    return f"{WRITTEN_BY}# Fields: {heading}\n\n{intro}\n" + "\n".join(sections)


def section_title(stream: AmazonStream) -> str:
    """Return the title of a stream's section."""
    return f"`{stream.name}`" if stream.declared_in else title(stream)


def section_anchor(stream: AmazonStream) -> str:
    """Return the anchor of a stream's section."""
    return stream.name if stream.declared_in else anchor(stream)


def stream_section(stream: AmazonStream, facts: Facts) -> str:
    """Return the fields of a stream as a table."""
    about = (
        f"A row of the report `{report_type_of(stream)}`: see [reports](reports.md)."
        if stream.declared_in
        else f"{sentences(stream)[0]} See [streams](streams.md#{anchor(stream)})."
    )
    rows = "".join(
        f"| `{path}` | {type_of(schema)} | {meaning} |\n"
        for path, schema, meaning in fields(stream, facts)
    )
    table = f"| field | type | meaning |\n|---|---|---|\n{rows}"
    return f"## {section_title(stream)}\n\n{about}\n\n{table}"


def report_type_of(stream: AmazonStream) -> str:
    """Return the report type of a stream of reports."""
    return next(name for name, begin in REPORTS.items() if stream.name.startswith(begin))


def fields(stream: AmazonStream, facts: Facts) -> Iterator[tuple[str, Mapping[str, Any], str]]:
    """Yield path, schema and meaning of each field."""
    keys = set(stream.primary_keys)
    for path, schema in paths(stream.schema):
        parts = []
        if path in keys:
            parts.append("**Key.**")
        if path == stream.replication_key:
            parts.append("**Bookmark.**")
        if sentence := facts.sentence(stream, path.replace("[]", "")):
            parts.append(sentence)
        yield path, schema, " ".join(parts)


def paths(schema: Mapping[str, Any], begin: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the path and the schema of each field, and of those inside of it."""
    for name, inner in (schema.get("properties") or {}).items():
        path = f"{begin}{name}"
        yield path, inner
        yield from paths(inner, f"{path}.")
        if isinstance(items := inner.get("items"), dict):
            yield from paths(items, f"{path}[].")


_TYPES = {
    "string": "text",
    "boolean": "yes or no",
    "integer": "integer",
    "number": "number",
    "object": "object",
}
_FORMATS = {"date-time": "time", "date": "date"}


def type_of(schema: Mapping[str, Any]) -> str:
    """Return the type of a field in words."""
    declared = schema.get("type")
    names = [declared] if isinstance(declared, str) else [one for one in declared or () if one]
    kinds = [one for one in names if one != "null"]
    if len(kinds) != 1:
        return "any"
    if kinds[0] == "array":
        items = schema.get("items")
        inner = type_of(items) if isinstance(items, dict) else "any"
        return "list" if inner == "any" else f"list of {inner}"
    return _FORMATS.get(str(schema.get("format")), _TYPES[kinds[0]])


if __name__ == "__main__":
    sys.exit(main())
