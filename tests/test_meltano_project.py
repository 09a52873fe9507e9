"""`meltano.yml` and the plugin definition match the tap's own description."""

from __future__ import annotations

import importlib.resources
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tap_amazon_sp.settings.definitions import REQUIRED_SETTINGS
from tests.processes import TAP

ROOT = Path(__file__).resolve().parent.parent
PROJECT = yaml.safe_load((ROOT / "meltano.yml").read_text(encoding="utf-8"))
DEFINITION = yaml.safe_load((ROOT / "meltano" / "tap-amazon-sp.yml").read_text(encoding="utf-8"))

(EXTRACTOR,) = PROJECT["plugins"]["extractors"]
LOADERS = {plugin["name"]: plugin for plugin in PROJECT["plugins"]["loaders"]}
(DBT,) = PROJECT["plugins"]["utilities"]
PLUGINS = pytest.mark.parametrize(
    "plugin", [EXTRACTOR, DEFINITION], ids=["meltano.yml", "definition"]
)


@pytest.fixture(scope="module")
def about() -> dict[str, Any]:
    finished = subprocess.run(
        [TAP, "--about", "--format=json"], check=True, capture_output=True, text=True, timeout=60
    )
    content: dict[str, Any] = json.loads(finished.stdout)
    return content


def kind(schema: dict[str, Any]) -> str:
    if "enum" in schema:
        return "options"
    (name,) = set(schema["type"]) - {"null"}
    if name == "string":
        return "date_iso8601" if schema.get("format") == "date-time" else "string"
    # Meltano cannot write a `decimal` from the environment as JSON.
    return {"number": "string"}.get(name, str(name))


@PLUGINS
def test_settings_equal_those_of_the_tap(plugin: dict[str, Any], about: dict[str, Any]) -> None:
    settings = {
        setting["name"]: (setting["kind"], setting.get("sensitive", False))
        for setting in plugin["settings"]
    }

    assert settings == {
        name: (kind(schema), schema.get("secret", False))
        for name, schema in about["settings"]["properties"].items()
    }


@PLUGINS
def test_secrets_are_sensitive(plugin: dict[str, Any]) -> None:
    sensitive = {setting["name"] for setting in plugin["settings"] if setting.get("sensitive")}

    assert {"client_secret", "refresh_token", "aws_secret_access_key"} <= sensitive


@PLUGINS
def test_capabilities_equal_those_of_the_tap(plugin: dict[str, Any], about: dict[str, Any]) -> None:
    assert plugin["capabilities"] == about["capabilities"]


@PLUGINS
def test_the_required_settings_suffice(plugin: dict[str, Any], about: dict[str, Any]) -> None:
    assert plugin["settings_group_validation"] == [list(REQUIRED_SETTINGS), ["accounts"]]
    assert {*REQUIRED_SETTINGS, "accounts"} <= set(about["settings"]["properties"])


def test_the_files_are_what_the_script_writes() -> None:
    finished = subprocess.run(
        [sys.executable, ROOT / "scripts" / "build_meltano.py", "--check"],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (finished.returncode, finished.stdout) == (0, "")


def test_the_project_matches_the_schema_of_the_installed_meltano() -> None:
    schema_file = importlib.resources.files("meltano") / "schemas" / "meltano.schema.json"

    jsonschema.validate(PROJECT, json.loads(schema_file.read_text(encoding="utf-8")))


def test_every_plugin_is_defined_inline() -> None:
    for plugin in (EXTRACTOR, *LOADERS.values(), DBT):
        assert {"namespace", "executable", "pip_url", "settings"} <= set(plugin)
    for plugin in (EXTRACTOR, *LOADERS.values()):
        assert "capabilities" in plugin


def test_meltano_reports_nothing() -> None:
    assert PROJECT["send_anonymous_usage_stats"] is False
    assert PROJECT["cli"]["disable_version_check"] is True
    assert "version" not in PROJECT


@pytest.mark.parametrize("name", LOADERS)
def test_the_loaders_are_those_of_the_page_about_loaders(name: str) -> None:
    requirements = (ROOT / "requirements" / "loaders" / f"{name}.in").read_text(encoding="utf-8")
    pins = {line for line in requirements.splitlines() if "==" in line}

    assert set(LOADERS[name]["pip_url"].split()) == pins


@pytest.mark.parametrize("name", LOADERS)
def test_each_loader_has_a_definition_for_other_projects(name: str) -> None:
    definition = yaml.safe_load((ROOT / "meltano" / f"{name}.yml").read_text(encoding="utf-8"))
    values = {setting["name"]: setting.get("value") for setting in definition["settings"]}

    assert LOADERS[name]["config"].items() <= values.items()


def test_dbt_is_that_of_the_lock_as_wheels_only() -> None:
    requirements = (ROOT / "requirements" / "dbt.in").read_text(encoding="utf-8")
    only_wheels, *pins = shlex.split(DBT["pip_url"])

    assert only_wheels == "--only-binary=:all:"
    assert pins == [line for line in requirements.splitlines() if not line.startswith("#")]


def test_each_setting_of_dbt_is_a_variable_that_the_profile_or_dbt_reads() -> None:
    files = [ROOT / "dbt" / "profiles.yml", *(ROOT / "dbt" / "models").rglob("*.yml")]
    read = {
        name
        for file in files
        for name in re.findall(r"env_var\('(\w+)'", file.read_text(encoding="utf-8"))
    }
    settings = {
        setting.get("env", f"DBT_{setting['name'].upper()}"): setting for setting in DBT["settings"]
    }

    # `vars` is an argument of each command.
    of_dbt_itself = {"DBT_LOG_PATH", "DBT_PROFILES_DIR", "DBT_PROJECT_DIR", "DBT_TARGET_PATH"}
    assert set(settings) == read | of_dbt_itself | {"DBT_USE_COLORS", "DBT_VARS"}
    assert all(
        command["args"].endswith(" --vars $DBT_VARS") for command in DBT["commands"].values()
    )


def test_dbt_has_a_definition_for_other_projects() -> None:
    definition = yaml.safe_load((ROOT / "meltano" / "dbt.yml").read_text(encoding="utf-8"))

    assert definition == DBT


def test_the_loader_of_the_tests_is_the_one_in_the_lock() -> None:
    lock = (ROOT / "requirements" / "dev.txt").read_text(encoding="utf-8")

    pin = re.search(r"^meltanolabs-target-postgres==[0-9.]+", lock, re.MULTILINE)

    assert pin
    assert LOADERS["target-postgres"]["pip_url"] == pin.group()
