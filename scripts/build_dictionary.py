"""Build the data dictionary: docs/dictionary.md, and a page of fields for each group of streams.

Fields and types are those of the streams' schemas. Sentences and relations are those of
field_descriptions.yml.

python scripts/build_dictionary.py            write them
python scripts/build_dictionary.py --check    write nothing; name what differs and exit with 1
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from build_docs import DOCS, anchor, described_streams, restricted_streams, sentences, title
from dictionary_relations import Relation, diagram, relations_to_parents
from generated_files import BuildError, Built, run
from tap_amazon_sp.amazon.model_types import record_schema
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.tap import TapAmazonSP

FACTS = Path(__file__).with_name("field_descriptions.yml")
WRITTEN_BY = "<!-- Written by scripts/build_dictionary.py from field_descriptions.yml. -->\n\n"

GROUPS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "orders": ("Orders and sales", ("orders", "sales")),
    "finances": (
        "Finances",
        ("finances", "transfers", "wallet", "invoices", "remittances", "fees"),
    ),
    "inventory": ("Inventory and inbound shipments", ("inventory", "inbound", "awd")),
    "listings": (
        "Listings, catalog and prices",
        ("listings", "catalog_items", "pricing", "promotions", "aplus", "vehicles"),
    ),
    "fulfillment": (
        "Fulfillment of your own orders",
        ("outbound", "external_fulfillment", "shipping", "supply_sources", "services"),
    ),
    "customers": ("Customers and subscriptions", ("customer_feedback", "replenishment")),
    "vendors": ("Vendors", ("vendor", "vendor_direct_fulfillment")),
    "account": (
        "Account, feeds, reports and notifications",
        ("sellers", "support", "feeds", "reports", "data_kiosk", "notifications"),
    ),
}
"""By page: its title, and the modules of streams on it."""

REPORTS = {
    "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2": "report_v2_settlement",
    "GET_SALES_AND_TRAFFIC_REPORT": "report_sales_and_traffic",
}
"""Report types that most people read, with rows on a page of their own: how their streams begin."""
REPORTS_PAGE = "reports"

PERSONAL = "It has personal data: see [buyers' data](privacy.md)."

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
    links = links_to_streams()
    pages = {
        DOCS / f"dictionary_{name}.md": group_page(heading, streams, facts, links)
        for name, heading, streams in groups()
    }
    return Built({DOCS / "dictionary.md": index_page(facts, links), **pages})


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
    def personal(self) -> frozenset[str]:
        """The names of the streams with personal data."""
        restricted = {stream.name for stream in restricted_streams()}
        return frozenset(self.content["personal"]) | restricted

    @cached_property
    def relations(self) -> list[Relation]:
        """The relations that the file declares, in its order."""
        return [Relation(**one) for one in self.content["relations"]]

    @cached_property
    def all_relations(self) -> list[Relation]:
        """The declared relations, then those to parents that follow from the streams.

        Streams of an older API have none: their names are those of streams of the current one.
        """
        declared = {(one.stream, one.to) for one in self.relations}
        current = [one for one in described_streams() if key_of(one) == one.name]
        return [
            *self.relations,
            *(one for one in relations_to_parents(current) if (one.stream, one.to) not in declared),
        ]


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


def links_to_streams() -> dict[str, str]:
    """Return a link to the section of each stream by name: of the current API, if it has two."""
    links: dict[str, str] = {}
    for name, _, streams in groups():
        for stream in streams:
            target = f"dictionary_{name}.md#{section_anchor(stream)}"
            links.setdefault(stream.name, f"[`{stream.name}`]({target})")
    return links


def index_page(facts: Facts, links: Mapping[str, str]) -> str:
    """Return the page about all others."""
    rows = []
    for name, heading, streams in groups():
        page = f"dictionary_{name}.md"
        names = [f"[{section_title(one)}]({page}#{section_anchor(one)})" for one in streams]
        rows.append(f"| [{heading}]({page}) | {', '.join(names)} |\n")
    return (
        f"{WRITTEN_BY}# Data dictionary\n\n"
        "All fields of the built-in streams, with their types. Those that most people use have a "
        "sentence that says what they mean. Names are Amazon's. The columns of other reports are "
        "on the page of [report types](report_types.md).\n\n"
        "| page | streams |\n|---|---|\n" + "".join(rows) + "\n## Types\n\n"
        "| type | in JSON | what loaders make of it |\n|---|---|---|\n"
        "| text | string; Amazon may send other values than those that are named | text |\n"
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
        "The joins that most people need. Each of the pages above has those of its streams. They "
        "are for `orders_api: 2026-01-01`, the default.\n\n" + joins_section(facts.relations, links)
    )


def joins_section(relations: Iterable[Relation], links: Mapping[str, str]) -> str:
    """Return a diagram and a table of relations."""
    found = [*relations]
    rows = "".join(
        f"| {links[one.stream]} | {links[one.to]} | {one.says} | `{one.sql}` |\n" for one in found
    )
    return (
        "An arrow leads to the stream whose key is meant.\n\n"
        f"```mermaid\n{diagram(found)}```\n\n"
        "The conditions are those of a join in PostgreSQL, as target-postgres makes the tables: "
        "objects are JSON, and lists are arrays of JSON.\n\n"
        f"| stream | joins | | condition |\n|---|---|---|---|\n{rows}"
    )


# --- Pages of fields ----------------------------------------------------------------------------


def group_page(
    heading: str, streams: Iterable[AmazonStream], facts: Facts, links: Mapping[str, str]
) -> str:
    """Return the page of some streams."""
    intro = "[Data dictionary](dictionary.md): what types mean, and how streams belong together.\n"
    streams = [*streams]
    names = {stream.name for stream in streams}
    sections = [stream_section(stream, facts) for stream in streams]
    if own := [one for one in facts.all_relations if one.stream in names]:
        joins = f"## How these streams belong together\n\n{joins_section(own, links)}"
        sections = [joins, *sections]
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
    if stream.name in facts.personal:
        about += f" {PERSONAL}"
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
    values = documented_values(stream)
    for path, schema in paths(stream.schema):
        parts = []
        if path in keys:
            parts.append("**Key.**")
        if path == stream.replication_key:
            parts.append("**Bookmark.**")
        if sentence := facts.sentence(stream, path.replace("[]", "")):
            parts.append(sentence)
        if any(f"`{value}`" not in sentence for value in values.get(path, ())):
            parts.append(values_in_words(values[path]))
        yield path, schema, " ".join(parts)


def documented_values(stream: AmazonStream) -> dict[str, list[str]]:
    """Return the values that Amazon's model names for fields, by path."""
    if stream.declared_in:
        return {}
    operation = type(stream).find_operation()
    schema = record_schema(operation, path=type(stream).answer_path(), with_values=True)
    found = {}
    for path, inner in paths(schema):
        items = inner.get("items")
        values = inner.get("enum") or (items.get("enum") if isinstance(items, dict) else None)
        if values:
            found[path] = [str(value) for value in values]
    return found


MAX_VALUES = 16


def values_in_words(values: list[str]) -> str:
    """Return a sentence that names values, or the first ones of many."""
    if len(values) == 1:
        return f"Amazon's only value is `{values[0]}`."
    many = len(values) > MAX_VALUES
    *others, last = [f"`{value}`" for value in (values[:3] if many else values)]
    if many:
        return f"One of {len(values)} values, such as {', '.join(others)} and {last}."
    return f"{', '.join(others)} or {last}."


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
