"""Write the pages of docs/ that say what the code says: settings and streams.

python scripts/build_docs.py            # write them
python scripts/build_docs.py --check    # exit 1 and name the page when one is out of date
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from pathlib import Path
from typing import Any

from singer_sdk import Stream

from tap_amazon_sp.settings import SETTINGS
from tap_amazon_sp.streams import SellingPartnerStream
from tap_amazon_sp.streams.base import ChildStream, WindowedStream
from tap_amazon_sp.tap import TapAmazonSP

DOCS = Path(__file__).resolve().parent.parent / "docs"
WRITTEN_BY = "<!-- Written by scripts/build_docs.py: change the code, then run it. -->\n\n"


def main(arguments: list[str] | None = None) -> int:
    """Write or check the pages; returns the exit code."""
    parser = argparse.ArgumentParser(description="Write docs/settings.md and docs/streams.md")
    parser.add_argument("--check", action="store_true", help="write nothing, compare")
    options = parser.parse_args(arguments)

    pages = {DOCS / "settings.md": settings_page(), DOCS / "streams.md": streams_page()}
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
                "required": name in schema.get("required", ()),
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
        return f"array of {setting_type(setting['items'])}s"
    return "timestamp" if setting.get("format") == "date-time" else str(name)


def streams_page() -> str:
    """Return the page of all streams."""
    introduction = (
        "# Streams\n\n"
        "Field names and nesting are Amazon's. Timestamps are UTC with `Z`; amounts keep every "
        "digit. Fields that Amazon adds later come too, announced by a new SCHEMA message.\n\n"
        "A stream with a replication key is read in time windows. After each one its end becomes "
        "the bookmark, and a STATE is written; windows grow where little comes back and shrink "
        "where much does. Nothing younger than two minutes is read, as Amazon asks.\n"
    )
    parts = [introduction]
    described: set[type[Stream]] = set()
    for settings in ({}, {"orders_api": "v0"}):
        tap = TapAmazonSP(config=settings, validate_config=False)
        for stream in tap.streams.values():
            if isinstance(stream, SellingPartnerStream) and type(stream) not in described:
                described.add(type(stream))
                parts.append(stream_section(stream))
    return WRITTEN_BY + "\n".join(parts)


def stream_section(stream: SellingPartnerStream) -> str:
    """Return what there is to say about one stream."""
    operation = stream.operation
    title = f"## `{stream.name}`"
    if stream.schema_name is not None:
        title += " with `orders_api: v0`"
    facts = {
        "operation": f"`{operation.id}`, `{operation.method} {operation.path}`",
        "rate limit": f"{operation.rate:g} calls a second, burst {operation.burst:g}",
        "primary key": ", ".join(f"`{name}`" for name in stream.primary_keys),
    }
    if isinstance(stream, WindowedStream):
        parameters = (stream.updated_after, *stream.also_updated_after)
        asked_by = " and ".join(f"`{name}`" for name in parameters)
        facts["replication key"] = f"`{stream.replication_key}`, asked for by {asked_by}"
        facts["kept by Amazon for"] = days(stream.retention)
    if isinstance(stream, ChildStream):
        facts["child of"] = f"`{stream.parent_name}`"
    facts["selected by default"] = "yes" if stream.selected_by_default else "no"
    if stream.roles:
        facts["roles, one of"] = ", ".join(stream.roles)
    fields = ", ".join(f"`{name}`" for name in stream.schema["properties"])
    description = (stream.__doc__ or "").partition("\n\n")
    rows = "\n".join(f"| {name} | {fact} |" for name, fact in facts.items())
    text = " ".join(f"{description[0]} {description[2]}".split())
    return f"{title}\n\n{text}\n\n| | |\n|---|---|\n{rows}\n\nFields: {fields}\n"


def days(retention: dt.timedelta | None) -> str:
    """Return a number of days for people."""
    return "no limit documented" if retention is None else f"{retention.days} days"


if __name__ == "__main__":
    sys.exit(main())
