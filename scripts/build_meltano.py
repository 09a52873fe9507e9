"""Build Meltano's files out of the settings and capabilities of `tap-amazon-sp --about`.

    python scripts/build_meltano.py            write them
    python scripts/build_meltano.py --check    write nothing; name what differs and exit with 1

- `meltano.yml`, between two marker lines: the project of this repository
- `meltano/tap-amazon-sp.yml`: the plugin definition for `meltano add --from-ref`
- `meltano/target-….yml`, `meltano/dbt.yml`: the same for each loader and utility of `meltano.yml`
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from generated_files import ROOT, Built, run, with_block
from tap_amazon_sp.cli import COMMANDS
from tap_amazon_sp.settings.definitions import REQUIRED_SETTINGS
from tap_amazon_sp.streams import built_in_streams

PROJECT_FILE = ROOT / "meltano.yml"
DEFINITIONS = ROOT / "meltano"
DEFINITION_FILE = DEFINITIONS / "tap-amazon-sp.yml"

# Where other projects install the tap from.
PIP_URL = "git+https://github.com/tap-amazon-sp/tap-amazon-sp.git"
BEGIN = "# >>> written by scripts/build_meltano.py"
END = "# <<< written by scripts/build_meltano.py"

# The settings that suffice to read data: an application (client id and secret) and the
# authorization of a seller or vendor, or several of them. AWS keys do not replace these.
SUFFICIENT_SETTINGS = [list(REQUIRED_SETTINGS), ["accounts"]]

DEFINITION_HEADER = """\
# The tap as a Meltano plugin, for your own project:
#     meltano add --plugin-type extractor tap-amazon-sp --from-ref PATH-OF-THIS-FILE
# Written by scripts/build_meltano.py.
"""

COPIED_HEADER = """\
# A {kind} as this repository uses it, for your own Meltano project:
#     meltano add --plugin-type {kind} {name} --from-ref PATH-OF-THIS-FILE
# Written by scripts/build_meltano.py from meltano.yml.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    return run(__doc__, build, arguments)


def build() -> Built:
    """Build all files."""
    about = read_about()
    project = PROJECT_FILE.read_text(encoding="utf-8")
    plugins = yaml.safe_load(project)["plugins"]
    return Built(
        {
            PROJECT_FILE: with_block(project, to_yaml(plugin_facts(about)), BEGIN, END),
            DEFINITION_FILE: DEFINITION_HEADER + to_yaml(plugin_definition(about)),
        }
        | copied_definitions("loader", plugins["loaders"])
        | copied_definitions("utility", plugins["utilities"])
    )


def read_about() -> dict[str, Any]:
    """Return what `tap-amazon-sp --about --format=json` prints."""
    command = Path(sys.executable).with_name("tap-amazon-sp")
    run = subprocess.run(  # noqa: S603
        [command, "--about", "--format=json"], check=True, capture_output=True, text=True
    )
    about: dict[str, Any] = json.loads(run.stdout)
    return about


def plugin_facts(about: dict[str, Any]) -> dict[str, Any]:
    """Return capabilities and settings in Meltano's form."""
    return {
        "capabilities": about["capabilities"],
        "commands": commands(),
        "settings_group_validation": SUFFICIENT_SETTINGS,
        # Meltano's own default is all streams, which means a call per order and item.
        "select": core_selection(),
        "settings": [
            meltano_setting(name, schema)
            for name, schema in about["settings"]["properties"].items()
        ],
    }


def commands() -> dict[str, Any]:
    """Return the commands of `meltano invoke tap-amazon-sp:<command>`, those of `amazon-sp`."""
    return {
        name: {"args": name, "executable": "amazon-sp", "description": description}
        for name, (_, description) in sorted(COMMANDS.items())
    }


def core_selection() -> list[str]:
    """Return the streams selected by default, as patterns of Meltano's `select`."""
    names = [stream.name for stream in built_in_streams() if stream.selected_by_default]
    return [f"{name}.*" for name in sorted(names)]


def plugin_definition(about: dict[str, Any]) -> dict[str, Any]:
    """Return the whole plugin definition for `meltano add --from-ref`."""
    return {
        "name": "tap-amazon-sp",
        "namespace": "tap_amazon_sp",
        "label": "Amazon Selling Partner API",
        "description": about["description"],
        "pip_url": PIP_URL,
        "executable": "tap-amazon-sp",
        **plugin_facts(about),
    }


def copied_definitions(kind: str, plugins: Iterable[Mapping[str, Any]]) -> dict[Path, str]:
    """Return a definition for each plugin of the project that does not inherit from another.

    `meltano add` drops the `config` of a definition, so its values become defaults of settings.
    """
    return {
        DEFINITIONS / f"{plugin['name']}.yml": COPIED_HEADER.format(kind=kind, name=plugin["name"])
        + to_yaml(copied_definition(plugin))
        for plugin in plugins
        if "inherit_from" not in plugin
    }


def copied_definition(plugin: Mapping[str, Any]) -> dict[str, Any]:
    """Return the definition of a plugin, with the values of its `config` as defaults.

    Raises:
        ValueError: The config has a value for a setting that the plugin does not declare.
    """
    config = dict(plugin.get("config", {}))
    settings = [
        setting | {"value": config.pop(setting["name"])} if setting["name"] in config else setting
        for setting in plugin["settings"]
    ]
    if config:
        message = f"{plugin['name']} does not declare its settings {', '.join(config)}"
        raise ValueError(message)
    facts = {name: value for name, value in plugin.items() if name not in {"config", "settings"}}
    return facts | {"settings": settings}


def meltano_setting(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a setting with a JSON Schema as an entry of Meltano's `settings`."""
    kind = meltano_kind(schema)
    setting: dict[str, Any] = {"name": name, "kind": kind}
    if schema.get("default") is not None:
        setting["value"] = schema["default"]
    setting["label"] = schema.get("title") or label(name)
    if schema.get("description"):
        setting["description"] = schema["description"]
    if schema.get("secret") or schema.get("writeOnly"):
        setting["sensitive"] = True
    if kind == "options":
        setting["options"] = [
            {"label": str(value), "value": value} for value in schema["enum"] if value is not None
        ]
    return setting


def meltano_kind(schema: dict[str, Any]) -> str:
    """Return Meltano's `kind` for a setting with a JSON Schema."""
    if schema.get("enum"):
        return "options"
    types = schema.get("type", "string")
    names = {types} if isinstance(types, str) else set(types)
    for json_type, kind in (
        ("object", "object"),
        ("array", "array"),
        ("boolean", "boolean"),
        # Not `decimal`: Meltano 4.4 cannot write a decimal from the environment as JSON. The tap
        # converts the text to a number.
        ("number", "string"),
        ("integer", "integer"),
    ):
        if json_type in names:
            return kind
    return "date_iso8601" if schema.get("format") in {"date", "date-time"} else "string"


def label(name: str) -> str:
    """Return the label of a setting: `AWS Access Key ID` for `aws_access_key_id`."""
    upper = {"api", "aws", "arn", "id", "ids", "sts", "url"}
    words = [word.upper() if word in upper else word.capitalize() for word in name.split("_")]
    return " ".join(words).replace("IDS", "IDs")


def to_yaml(value: dict[str, Any]) -> str:
    """Return YAML in the given order, without folded lines."""
    return yaml.safe_dump(value, sort_keys=False, width=10_000, allow_unicode=True)


if __name__ == "__main__":
    sys.exit(main())
