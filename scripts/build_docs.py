"""Build the pages of docs/ that follow from the code: settings, streams and report types.

Of docs/accounts.md only the list of what an entry may say, of docs/credentials.md only the roles,
of docs/notifications.md only the streams, and of docs/privacy.md only what is restricted, between
two lines that mark it.

python scripts/build_docs.py            write them
python scripts/build_docs.py --check    write nothing; name what differs and exit with 1
"""

from __future__ import annotations

import datetime as dt
import json
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from build_report_headers import all_tables
from generated_files import ROOT, Built, run, with_block
from tap_amazon_sp.amazon import catalogue, report_types
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.amazon.notifications import payload_schemas
from tap_amazon_sp.amazon.report_headers import ENGLISH
from tap_amazon_sp.amazon.report_types import ReportType, report_type
from tap_amazon_sp.reading.batch import Batch
from tap_amazon_sp.reading.inside import Inside
from tap_amazon_sp.reading.per_item import PerId, PerItem
from tap_amazon_sp.reading.stream import AmazonStream
from tap_amazon_sp.reading.windows import Windows
from tap_amazon_sp.settings.definitions import DECLARATIONS, ORDERS_APIS
from tap_amazon_sp.settings.reports import read_report
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.streams import built_in_streams
from tap_amazon_sp.streams.from_settings.notifications import (
    OTHER_NOTIFICATIONS,
    stream_name,
)
from tap_amazon_sp.streams.from_settings.reports import report_stream_classes
from tap_amazon_sp.tap import TapAmazonSP

WIDTH = 104
"""Of the pages that people write, too."""

DOCS = ROOT / "docs"
WRITTEN_BY = "<!-- Written by scripts/build_docs.py: change the code, then run it. -->\n\n"
BEGIN = "<!-- >>> written by scripts/build_docs.py -->"
END = "<!-- <<< written by scripts/build_docs.py -->"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run(__doc__, build, arguments)


def build() -> Built:
    """Build the pages."""
    return Built(
        {
            DOCS / "accounts.md": with_block(
                (DOCS / "accounts.md").read_text(encoding="utf-8"), account_settings(), BEGIN, END
            ),
            DOCS / "credentials.md": with_block(
                (DOCS / "credentials.md").read_text(encoding="utf-8"), roles(), BEGIN, END
            ),
            DOCS / "notifications.md": with_block(
                (DOCS / "notifications.md").read_text(encoding="utf-8"),
                notification_streams(),
                BEGIN,
                END,
            ),
            DOCS / "privacy.md": with_block(
                (DOCS / "privacy.md").read_text(encoding="utf-8"), restricted_data(), BEGIN, END
            ),
            DOCS / "settings.md": settings_page(),
            DOCS / "streams.md": streams_page(),
            DOCS / "report_types.md": report_types_page(),
        }
    )


def settings_page() -> str:
    """Return the page of all settings."""
    lines = [
        "# Settings\n",
        (
            "The names are the same in `config.json` and in `config` of `meltano.yml`. Environment "
            "variables have these names in capitals after `TAP_AMAZON_SP_` (with `--config=ENV`; "
            "lists as JSON). The tap checks all settings before the first request and names each "
            "that is wrong.\n"
        ),
        "| setting | type | default | what it does |",
        "|---|---|---|---|",
    ]
    properties = SETTINGS.to_dict()["properties"]
    for setting in DECLARATIONS:
        if not setting.is_of_tap:
            continue
        marks = {"required": setting.is_required, "secret": setting.is_secret}
        kind = ", ".join(
            [
                setting_type(properties[setting.name]),
                *(mark for mark, holds in marks.items() if holds),
            ]
        )
        default = "" if setting.default is None else f"`{json.dumps(setting.default)}`"
        description = setting.description.replace("|", "\\|")
        lines.append(f"| `{setting.name}` | {kind} | {default} | {description} |")
    return WRITTEN_BY + "\n".join(lines) + "\n"


def account_settings() -> str:
    """Return the properties that an entry of `accounts` may have."""
    of_account = [setting for setting in DECLARATIONS if setting.is_of_account]
    own = [setting for setting in of_account if not setting.is_of_tap]
    shared = ", ".join(f"`{setting.name}`" for setting in of_account if setting.is_of_tap)
    lines = ["", "| property | what it does |", "|---|---|"]
    for setting in own:
        needed = "; required" if setting.is_required else ""
        lines.append(f"| `{setting.name}` | {setting.description}{needed} |")
    sentence = f"The [settings](settings.md) that it may have: {shared}."
    lines += ["", *textwrap.wrap(sentence, WIDTH, break_on_hyphens=False), ""]
    return "\n".join(lines) + "\n"


def notification_streams() -> str:
    """Return the table of the streams of notifications."""
    lines = ["", "| stream | type of notification |", "|---|---|"]
    lines += sorted(f"| `{stream_name(kind)}` | `{kind}` |" for kind in payload_schemas())
    return "\n".join([*lines, f"| `{OTHER_NOTIFICATIONS}` | all others |", "", ""])


def roles() -> str:
    """Return the table of the roles that streams need, those that most streams share first."""
    streams: dict[tuple[str, ...], list[str]] = {}
    for stream in described_streams():
        link = f"[{title(stream)}](streams.md#{anchor(stream)})"
        streams.setdefault(stream.roles, []).append(link)
    unknown = streams.pop((), [])
    lines = ["", "| one of these roles | streams |", "|---|---|"]
    for names, links in sorted(streams.items(), key=lambda entry: -len(entry[1])):
        lines.append(f"| {', '.join(names)} | {', '.join(links)} |")
    if unknown:
        lines.append(f"| by the type, or not documented | {', '.join(unknown)} |")
    return "\n".join([*lines, "", ""])


def restricted_streams() -> list[AmazonStream]:
    """Return the streams that are read through restricted data tokens."""
    return [
        stream
        for stream in described_streams()
        if stream.operation.restricted is not None and not isinstance(stream.read, Inside)
    ]


def restricted_data() -> str:
    """Return links to the streams that are read through restricted data tokens."""
    links = [f"[{title(stream)}](streams.md#{anchor(stream)})" for stream in restricted_streams()]
    return "\n".join(["", *(f"- {link}" for link in links), "", ""])


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
        f"{len(names)} streams are built in. Those of the core are selected by default; select "
        f"others in the catalog. The SP-API has {operations} reading operations: each of them "
        "can become a stream by its name, see [custom streams](custom_streams.md). The rows of "
        "reports can become streams as well, see [reports](reports.md). The fields of all "
        "streams, with their types, are in the [data dictionary](dictionary.md).\n\n"
        "Field names and nesting are Amazon's. Timestamps are UTC with `Z`; amounts keep all "
        "digits. Fields that Amazon adds later are announced by a new SCHEMA message. If Amazon "
        "leaves out a part of a key, that part is `(none)`.\n\n"
        "Loaders make the columns of a new table in the order of the SCHEMA: the key, the time by "
        "which a stream is read, what the tap adds (`_source`), other times, statuses, ids, "
        "numbers, amounts of money, other values, objects and lists. Tables that exist keep "
        "their columns; new ones are added at the end.\n\n"
        "An incremental stream is read in time windows. After each window, its end becomes the "
        "bookmark and a STATE is written. Windows grow if they return little, and shrink if they "
        "return much. Inside a long window, the STATE also has the next page. Nothing younger "
        "than two minutes is read, as Amazon requires. A child stream is read together with its "
        "parent, even if that is not selected: it has what belongs to the parent's records of "
        "the run. All other streams are read as a whole in every run.\n\n"
        "| stream | what it contains | read | in the core |\n|---|---|---|---|\n"
        + "".join(table_row(stream) for stream in streams)
    ]
    parts += [stream_section(stream) for stream in streams]
    return WRITTEN_BY + "\n".join(parts)


def described_streams() -> Iterator[AmazonStream]:
    """Yield the streams of all settings, each once, by name."""
    found: dict[tuple[str, str | None], AmazonStream] = {}
    for version in ORDERS_APIS:
        tap = TapAmazonSP(config={"orders_api": version}, validate_config=False)
        for stream in tap.streams.values():
            if isinstance(stream, AmazonStream):
                found.setdefault((stream.name, stream.schema_name), stream)
    yield from sorted(found.values(), key=lambda stream: (stream.name, stream.schema_name or ""))


def table_row(stream: AmazonStream) -> str:
    """Return a stream's row in the table of all."""
    if (parent := stream.read.parent) is not None:
        read = f"with `{parent.name}`"
    else:
        read = "incrementally" if stream.replication_key else "whole"
    core = "yes" if stream.selected_by_default else ""
    return f"| [{title(stream)}](#{anchor(stream)}) | {sentences(stream)[0]} | {read} | {core} |\n"


def title(stream: AmazonStream) -> str:
    """Return a stream's name, with the setting that it needs."""
    is_of_v0 = (stream.schema_name or "").endswith("_v0") or stream.operation.deprecated
    is_of_v0 = is_of_v0 or stream.name not in {found.name for found in built_in_streams()}
    return f"`{stream.name}`" + (" with `orders_api: v0`" if is_of_v0 else "")


def anchor(stream: AmazonStream) -> str:
    """Return the anchor of a stream's section."""
    return title(stream).replace("`", "").replace(":", "").replace(" ", "-")


def sentences(stream: AmazonStream) -> tuple[str, str]:
    """Return the first sentence of a stream's docstring, and the others."""
    first, _, others = (stream.__doc__ or "").partition("\n\n")
    return " ".join(first.split()), " ".join(others.split())


def stream_section(stream: AmazonStream) -> str:
    """Return the section about a stream."""
    operation = stream.operation
    facts = {
        "operation": f"`{operation.id}`, `{operation.method} {operation.path}`",
        "rate limit": rate_limit(operation),
        "primary key": ", ".join(f"`{name}`" for name in stream.primary_keys),
    }
    read = stream.read
    if isinstance(read, Windows):
        parameters = dict.fromkeys((read.updated_after, *read.also_updated_after))
        asked_by = " and ".join(f"`{name}`" for name in parameters)
        facts["replication key"] = f"`{stream.replication_key}`, asked for by {asked_by}"
        facts["kept by Amazon for"] = days(read.retention)
    elif stream.replication_key:
        facts["replication key"] = f"`{stream.replication_key}`"
    if read.parent is not None:
        facts["child of"] = f"`{read.parent.name}`"
    if isinstance(read, (Batch, PerItem)):
        facts["asked for by"] = f"{read.by.upper()}, from `{read.by}s`, "
        facts["asked for by"] += "`stream_ids` or the seller's own listings (`seller_id`)"
    if isinstance(read, PerId) and not read.default:
        facts["asked for by"] = f"`{read.parameter}`, from `stream_ids`"
    if stream.parameters_from_settings:
        needed = ", ".join(f"`{name}`" for name in stream.parameters_from_settings.values())
        facts["settings needed"] = needed
    if operation.restricted is not None and not isinstance(read, Inside):
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
    """Return a number of days as text."""
    return "no limit documented" if retention is None else f"{retention.days} days"


# --- Report types --------------------------------------------------------------------------------

ORIGINS = {
    "requested": "requested",
    "scheduled": "scheduled",
    "listed": "made by Amazon",
}
RANGES = {
    "required": "required",
    "optional": "optional",
    "none": "none",
    None: "not documented",
}

LANGUAGES = {
    "ar": "Arabic",
    "de": "German",
    "es": "Spanish",
    "fr": "French",
    "it": "Italian",
    "ja": "Japanese",
    "nl": "Dutch",
    "pl": "Polish",
    "pt": "Portuguese",
    "sv": "Swedish",
    "tr": "Turkish",
    "zh": "Chinese",
}

KINDS_OF_OPTIONS = {
    "text": "any text",
    "timestamp": "an ISO 8601 time",
    "locale": "a locale, such as `en_US`: the language of the headers",
}


def report_types_page() -> str:
    """Return the page of all report types: a table of them, their options, and those removed."""
    kinds = [report_type(name) for name in report_types.REPORT_TYPES]
    return WRITTEN_BY + "\n".join(
        [
            "# Report types\n",
            (
                f"These are the {len(kinds)} types that the tap knows; [reports](reports.md) "
                "explains how to use them. Other types work as well. A cell is empty, or says so, "
                "if Amazon does not document something.\n"
            ),
            (
                "- **Type**: *restricted* ones need `restricted_data`; those of the *whole region* "
                "have the rows of [all its marketplaces](reports.md#reports-of-a-whole-region)."
            ),
            (
                "- **Format**: of the documents, and how many columns are [known]"
                "(reports.md#documents) before a document is read."
            ),
            (
                "- **Origin**: the tap submits *requested* reports with createReport. Reports that "
                "are *scheduled* by the seller, or *made by Amazon* (or in Seller Central), are "
                "found with getReports and read once each."
            ),
            (
                "- **Times**: whether Amazon takes a time range (*required*, *optional*; *none*: "
                "the report shows the current state; *not documented*: as *none*, unless the entry "
                "has a `start_date`, `end_date`, `window` or `lookback`); the option that sets the "
                "period; the longest range that the tap requests, and how far back the data goes, "
                "if that is known; how late data arrives, which is the default of `lookback`; and "
                "how soon Amazon makes the same report again."
            ),
            (
                "- **Keys**: those without `keys` and with the defaults of the options. All other "
                "rows have `_data_start_time`, `_marketplace_id`, `_row_number` (for reports made "
                "by Amazon: `_report_id`, `_row_number`).\n"
            ),
            "| type | streams | for | format | origin | times | keys |",
            "|---|---|---|---|---|---|---|",
            *map(report_type_row, kinds),
            "\n## Options\n",
            (
                "These are the options that Amazon documents. The tap also sends other options and "
                "values, and warns of them. It refuses only what Amazon is known to refuse: an "
                "option that is required and missing, a value that is too long, and a list, an "
                "object or a fraction.\n"
            ),
            "| type | option | values |",
            "|---|---|---|",
            *(row for kind in kinds for row in option_rows(kind)),
            "\n## Languages\n",
            (
                "The headers of these types are known in these languages. Nobody published those "
                "in brackets: they are what the words of other reports and of Seller Central "
                "suggest. [Reports](reports.md#languages) says what becomes of others.\n"
            ),
            "| types | languages |",
            "|---|---|",
            *language_rows(),
            "\n## Restricted\n",
            ("The documents of these types need a restricted data token: set `restricted_data`.\n"),
            *(f"- `{kind.name}`" for kind in kinds if kind.restricted),
            "\n## Removed by Amazon\n",
            "| type | since | use instead |",
            "|---|---|---|",
            *removed_rows(),
            "",
        ]
    )


def language_rows() -> Iterator[str]:
    """Yield a row for the report types whose headers are known in the same languages."""
    known: dict[str, dict[str, bool]] = {}
    for table in all_tables():
        for name in table.types:
            languages = known.setdefault(name, {})
            languages[table.language] = languages.get(table.language, False) or table.certain
    types: dict[str, list[str]] = {}
    for name, languages in known.items():
        named = [
            LANGUAGES[code] if is_certain else f"({LANGUAGES[code]})"
            for code, is_certain in languages.items()
            if code != ENGLISH
        ]
        if named:
            cell = ", ".join(sorted(named, key=lambda text: text.strip("()")))
            types.setdefault(cell, []).append(f"`{name}`")
    for languages_of_types, names in types.items():
        yield f"| {'<br>'.join(names)} | {languages_of_types} |"


def report_type_row(kind: ReportType) -> str:
    """Return a type's row in the table of all."""
    streams = report_stream_classes([read_report(kind.name)])
    keys = [
        ", ".join(f"`{name}`" for name in stream.primary_keys)
        for stream in streams
        if "_row_number" not in stream.primary_keys
    ]
    cells = [
        f"`{kind.name}`"
        + " *(restricted)*" * kind.restricted
        + " *(whole region)*" * kind.is_region_wide,
        "<br>".join(f"`{stream.name}`" for stream in streams),
        ", ".join(kind.parties),
        file_format(kind),
        ORIGINS[kind.mode],
        times(kind),
        "<br>".join(keys),
    ]
    return "| " + " | ".join(cells) + " |"


def file_format(kind: ReportType) -> str:
    """Return the format of a type's documents, and how many columns of flat files are known."""
    columns = f"{len(kind.known_columns)} columns" if kind.known_columns else ""
    return ", ".join(filter(None, (kind.format, columns)))


def times(kind: ReportType) -> str:
    """Return what is known about the times of a type."""
    dates = kind.dates
    parts = [] if kind.mode != "requested" else [RANGES[dates.wanted]]
    if dates.period_option is not None:
        parts.append(f"periods by `{dates.period_option}`" + (", one per report" * dates.single))
    if dates.longest is not None:
        parts.append(f"at most {length(dates.longest)}")
    if dates.history is not None:
        parts.append(f"{length(dates.history)} back")
    if dates.latency is not None:
        parts.append(f"{length(dates.latency)} late")
    if dates.ends_before is not None:
        parts.append(f"up to {length(dates.ends_before)} ago")
    if dates.whole_hours:
        parts.append("whole hours")
    if kind.minimum_interval is not None:
        parts.append(f"again after {length(dt.timedelta(seconds=kind.minimum_interval))}")
    return "; ".join(parts)


def length(duration: dt.timedelta) -> str:
    """Return a length of time as text."""
    minutes = duration // dt.timedelta(minutes=1)
    for name, unit in (("day", 24 * 60), ("hour", 60)):
        if minutes % unit == 0:
            return f"{minutes // unit} {name}{'s' * (minutes != unit)}"
    return f"{minutes} minutes"


def option_rows(kind: ReportType) -> Iterator[str]:
    """Yield a row for each documented option of a type."""
    for option in kind.options.values():
        values = ", ".join(f"`{value}`" for value in option.values if value)
        if not values:
            values = KINDS_OF_OPTIONS[option.kind]
        if option.required:
            values += "; **required**"
        elif option.default:
            values += f"; default `{option.default}`"
        yield f"| `{kind.name}` | `{option.name}` | {values} |"


def removed_rows() -> Iterator[str]:
    """Yield a row for each type that Amazon removed."""
    table = json.loads(Path(report_types.__file__).with_name("report_types.json").read_text())
    for name, removed in table["removed"].items():
        successor = f"`{removed['successor']}`" if "successor" in removed else "nothing"
        yield f"| `{name}` | {removed.get('since', '')} | {successor} |"


if __name__ == "__main__":
    sys.exit(main())
