"""Write the pages of docs/ that say what the code says: settings, streams and report types.

python scripts/build_docs.py            # write them
python scripts/build_docs.py --check    # exit 1 and name the page when one is out of date
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tap_amazon_sp.amazon import catalogue, report_types
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.report_types import ReportType, report_type
from tap_amazon_sp.reading.bookmarks import BookmarkedStream
from tap_amazon_sp.reading.children import ChildStream, EmbeddedStream
from tap_amazon_sp.reading.items import ItemsStream, KnownIdsStream
from tap_amazon_sp.reading.windows import WindowedStream
from tap_amazon_sp.settings.schema import ORDERS_APIS, REQUIRED_SETTINGS, SETTINGS
from tap_amazon_sp.streams import SellingPartnerStream, built_in_streams
from tap_amazon_sp.streams.report_streams import report_stream_classes
from tap_amazon_sp.tap import TapAmazonSP

DOCS = Path(__file__).resolve().parent.parent / "docs"
WRITTEN_BY = "<!-- Written by scripts/build_docs.py: change the code, then run it. -->\n\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the pages; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write the pages of docs/ from the code")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(arguments)

    pages = {
        DOCS / "settings.md": settings_page(),
        DOCS / "streams.md": streams_page(),
        DOCS / "report_types.md": report_types_page(),
    }
    stale = [
        path
        for path, text in pages.items()
        if not path.exists() or path.read_text(encoding="utf-8") != text
    ]
    for path in stale:
        if options.check:
            print(f"docs/{path.name} is out of date: run python scripts/build_docs.py")
        else:
            path.write_text(pages[path], encoding="utf-8")
            print(f"wrote docs/{path.name}")
    return 1 if options.check and stale else 0


def settings_page() -> str:
    """Return the page of all settings."""
    lines = [
        "# Settings\n",
        (
            "Names are those of `config.json`, of `config` in `meltano.yml`, and, in capitals "
            "after `TAP_AMAZON_SP_`, of environment variables (with `--config=ENV`; lists as "
            "JSON). Wrong settings are refused before the first request, by name.\n"
        ),
        "| setting | type | default | what it does |",
        "|---|---|---|---|",
    ]
    schema = SETTINGS.to_dict()
    for name, setting in schema["properties"].items():
        marks = [
            mark
            for mark, holds in {
                "required": name in REQUIRED_SETTINGS,
                "secret": setting.get("secret"),
            }.items()
            if holds
        ]
        default = f"`{json.dumps(setting['default'])}`" if "default" in setting else ""
        kind = ", ".join([setting_type(setting), *marks])
        description = setting["description"].replace("|", "\\|")
        lines.append(f"| `{name}` | {kind} | {default} | {description} |")
    return WRITTEN_BY + "\n".join(lines) + "\n"


def setting_type(setting: dict[str, Any]) -> str:
    """Return the JSON type of a setting, without null."""
    types = setting["type"]
    name = next(kind for kind in types if kind != "null") if isinstance(types, list) else types
    if name == "array":
        items = setting["items"].get("type")
        if isinstance(items, list) and {"string", "object"} <= {*items}:
            return "array of strings or objects"
        return f"array of {setting_type(setting['items'])}s"
    return "timestamp" if setting.get("format") == "date-time" else str(name)


def streams_page() -> str:
    """Return the page of all streams: a table of them, then a section for each."""
    streams = list(described_streams())
    names = {stream.name for stream in streams}
    operations = sum(operation.reads_only for operation in catalogue.operations())
    parts = [
        "# Streams\n\n"
        f"{len(names)} streams are built in; those of the core are selected unless a catalog says "
        "otherwise, the rest waits to be selected. Any other of the SP-API's "
        f"{operations} reading operations is a stream by its name: see "
        "[custom streams](custom_streams.md). So are the rows of reports: see "
        "[reports](reports.md).\n\n"
        "Field names and nesting are Amazon's. Timestamps are UTC with `Z`; amounts keep every "
        "digit. Fields that Amazon adds later come too, announced by a new SCHEMA message. A part "
        "of a key that Amazon leaves out is an empty string.\n\n"
        "An incremental stream is read in time windows. After each one its end becomes the "
        "bookmark, and a STATE is written; windows grow where little comes back and shrink where "
        "much does. Within a long one the STATE tells at which page to go on. Nothing younger "
        "than two minutes is read, as Amazon asks. A child stream is read with its parent, "
        "selected or not: it gives what belongs to the parent's records of the run. All others "
        "are read whole in every run.\n\n"
        "| stream | what it gives | read | in the core |\n|---|---|---|---|\n"
        + "".join(table_row(stream) for stream in streams)
    ]
    parts += [stream_section(stream) for stream in streams]
    return WRITTEN_BY + "\n".join(parts)


def described_streams() -> Iterator[SellingPartnerStream]:
    """Give the streams under all settings, each once, by name."""
    found: dict[tuple[str, str | None], SellingPartnerStream] = {}
    for version in ORDERS_APIS:
        tap = TapAmazonSP(config={"orders_api": version}, validate_config=False)
        for stream in tap.streams.values():
            if isinstance(stream, SellingPartnerStream):
                found.setdefault((stream.name, stream.schema_name), stream)
    yield from sorted(found.values(), key=lambda stream: (stream.name, stream.schema_name or ""))


def table_row(stream: SellingPartnerStream) -> str:
    """Return a stream's row in the table of all."""
    if isinstance(stream, ChildStream):
        read = f"with `{stream.parent_name}`"
    else:
        read = "incrementally" if stream.replication_key else "whole"
    core = "yes" if stream.selected_by_default else ""
    anchor = title(stream).replace("`", "").replace(":", "").replace(" ", "-")
    return f"| [{title(stream)}](#{anchor}) | {sentences(stream)[0]} | {read} | {core} |\n"


def title(stream: SellingPartnerStream) -> str:
    """Return a stream's name, with the setting that it takes."""
    is_of_v0 = (stream.schema_name or "").endswith("_v0") or stream.operation.deprecated
    is_of_v0 = is_of_v0 or stream.name not in {found.name for found in built_in_streams({})}
    return f"`{stream.name}`" + (" with `orders_api: v0`" if is_of_v0 else "")


def sentences(stream: SellingPartnerStream) -> tuple[str, str]:
    """Return the first sentence about a stream, and the others."""
    first, _, others = (stream.__doc__ or "").partition("\n\n")
    return " ".join(first.split()), " ".join(others.split())


def stream_section(stream: SellingPartnerStream) -> str:
    """Return what there is to say about one stream."""
    operation = stream.operation
    facts = {
        "operation": f"`{operation.id}`, `{operation.method} {operation.path}`",
        "rate limit": rate_limit(operation),
        "primary key": ", ".join(f"`{name}`" for name in stream.primary_keys),
    }
    if isinstance(stream, WindowedStream):
        parameters = dict.fromkeys((stream.updated_after, *stream.also_updated_after))
        asked_by = " and ".join(f"`{name}`" for name in parameters)
        facts["replication key"] = f"`{stream.replication_key}`, asked for by {asked_by}"
        facts["kept by Amazon for"] = days(stream.retention)
    elif isinstance(stream, BookmarkedStream) and stream.replication_key:
        facts["replication key"] = f"`{stream.replication_key}`"
    if isinstance(stream, ChildStream):
        facts["child of"] = f"`{stream.parent_name}`"
    if isinstance(stream, ItemsStream):
        facts["asked for by"] = f"{stream.asked_by.upper()}, from `{stream.asked_by}s`, "
        facts["asked for by"] += "`stream_ids` or the seller's own listings (`seller_id`)"
    if isinstance(stream, KnownIdsStream):
        facts["asked for by"] = f"`{stream.id_parameter}`, from `stream_ids`"
    if stream.parameters_from_settings:
        needed = ", ".join(f"`{name}`" for name in stream.parameters_from_settings.values())
        facts["settings needed"] = needed
    if operation.restricted is not None and not isinstance(stream, EmbeddedStream):
        facts["restricted data"] = "with `restricted_data`, through a restricted data token"
    if operation.grantless:
        facts["authorization"] = "grantless: that of the application, not of a seller"
    facts["selected by default"] = "yes" if stream.selected_by_default else "no"
    if stream.roles:
        facts["roles, one of"] = ", ".join(stream.roles)
    fields = ", ".join(f"`{name}`" for name in stream.schema["properties"])
    rows = "\n".join(f"| {name} | {fact} |" for name, fact in facts.items())
    text = " ".join(sentences(stream)).strip()
    return f"## {title(stream)}\n\n{text}\n\n| | |\n|---|---|\n{rows}\n\nFields: {fields}\n"


def rate_limit(operation: Operation) -> str:
    """Return the usage plan of an operation."""
    if operation.rate is None or operation.burst is None:
        return "not documented: a call a second until Amazon's answers say more"
    return f"{operation.rate:g} calls a second, burst {operation.burst:g}"


def days(retention: dt.timedelta | None) -> str:
    """Return a number of days for people."""
    return "no limit documented" if retention is None else f"{retention.days} days"


# --- Report types --------------------------------------------------------------------------------

COMES = {
    "requested": "ordered",
    "scheduled": "by a schedule",
    "listed": "made by Amazon",
}
RANGES = {
    "required": "wanted",
    "optional": "possible",
    "none": "none",
    None: "not documented",
}


def report_types_page() -> str:
    """Return the page of all report types: a table of them, their options, and those removed."""
    kinds = [report_type(name) for name in report_types.REPORT_TYPES]
    return WRITTEN_BY + "\n".join(
        [
            "# Report types\n",
            (
                f"The {len(kinds)} types that the tap knows; what [reports](reports.md) do with "
                "them is told there. A type that is not here works, too. What Amazon does not "
                "document is empty, or said to be so.\n"
            ),
            (
                "- **Comes**: *ordered* with createReport, which is what the tap does; *by a "
                "schedule* of the seller's, or *made by Amazon* (or in Seller Central), which the "
                "tap finds with getReports and reads once each."
            ),
            (
                "- **Times**: whether Amazon takes a range (*wanted*, *possible*; *none*: the "
                "report shows how things are; *not documented*: as *none*, unless the entry has a "
                "`start_date`, `end_date`, `window` or `lookback`); the option that says what "
                "periods it counts in; the longest range that the tap orders and how far back data "
                "go, where that is known; how long data come in late, which is the default of "
                "`lookback`; and how soon Amazon makes the same report again."
            ),
            (
                "- **Keys**: without `keys` and with the options' defaults; the rows of the others "
                "have `_data_start_time`, `_marketplace_id`, `_row_number` (those that Amazon "
                "makes: `_report_id`, `_row_number`).\n"
            ),
            "| type | streams | for | format | comes | times | keys |",
            "|---|---|---|---|---|---|---|",
            *map(report_type_row, kinds),
            "\n## Options\n",
            (
                "Checked before anything is ordered. Types that are not here take any options: "
                "Amazon documents none of them.\n"
            ),
            "| type | option | values |",
            "|---|---|---|",
            *(row for kind in kinds for row in option_rows(kind)),
            "\n## Restricted\n",
            (
                "Their documents are had with a restricted data token; they need "
                "`restricted_data`.\n"
            ),
            *(f"- `{kind.name}`" for kind in kinds if kind.restricted),
            "\n## Removed by Amazon\n",
            "| type | since | use instead |",
            "|---|---|---|",
            *removed_rows(),
            "",
        ]
    )


def report_type_row(kind: ReportType) -> str:
    """Return a type's row in the table of all."""
    streams = report_stream_classes({"reports": [kind.name]})
    keys = [
        ", ".join(f"`{name}`" for name in stream.primary_keys)
        for stream in streams
        if "_row_number" not in stream.primary_keys
    ]
    cells = [
        f"`{kind.name}`" + (" *(restricted)*" if kind.restricted else ""),
        "<br>".join(f"`{stream.name}`" for stream in streams),
        ", ".join(kind.parties),
        kind.format or "",
        COMES[kind.mode],
        times(kind),
        "<br>".join(keys),
    ]
    return "| " + " | ".join(cells) + " |"


def times(kind: ReportType) -> str:
    """Return how a type takes a range of time."""
    dates = kind.dates
    parts = [] if kind.mode != "requested" else [RANGES[dates.wanted]]
    if dates.period_option is not None:
        parts.append(f"periods by `{dates.period_option}`" + (", one each" * dates.single))
    if dates.longest is not None:
        parts.append(f"{length(dates.longest)} at most")
    if dates.history is not None:
        parts.append(f"{length(dates.history)} back")
    if dates.latency is not None:
        parts.append(f"{length(dates.latency)} late")
    if dates.ends_before is not None:
        parts.append(f"up to {length(dates.ends_before)} ago")
    if dates.whole_hours:
        parts.append("whole hours")
    if kind.minimum_interval is not None:
        parts.append(f"anew after {length(dt.timedelta(seconds=kind.minimum_interval))}")
    return "; ".join(parts)


def length(duration: dt.timedelta) -> str:
    """Return a length of time for people."""
    minutes = duration // dt.timedelta(minutes=1)
    for name, unit in (("day", 24 * 60), ("hour", 60)):
        if minutes % unit == 0:
            return f"{minutes // unit} {name}{'s' * (minutes != unit)}"
    return f"{minutes} minutes"


def option_rows(kind: ReportType) -> Iterator[str]:
    """Give a row for each documented option of a type."""
    for option in kind.options.values():
        values = ", ".join(f"`{value}`" for value in option.values if value)
        if not values:
            values = "an ISO 8601 time" if option.kind == "timestamp" else "any text"
        if option.required:
            values += "; **needed**"
        elif option.default:
            values += f"; default `{option.default}`"
        yield f"| `{kind.name}` | `{option.name}` | {values} |"


def removed_rows() -> Iterator[str]:
    """Give a row for each type that Amazon removed."""
    table = json.loads(Path(report_types.__file__).with_name("report_types.json").read_text())
    for name, removed in table["removed"].items():
        successor = f"`{removed['successor']}`" if "successor" in removed else "nothing"
        yield f"| `{name}` | {removed.get('since', '')} | {successor} |"


if __name__ == "__main__":
    sys.exit(main())
