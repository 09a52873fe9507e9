"""The models as a package of another dbt project, as docs/models.md shows it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import yaml

from tests.pages import code_block, page
from tests.warehouses import DBT, PROJECT

PAGE = page("docs/models.md")
PROFILE = """
mine:
  target: dev
  outputs:
    dev: {type: duckdb, path: mine.duckdb, schema: analytics}
"""


def run(folder: Path, *command: str | Path) -> str:
    finished = subprocess.run(
        command,
        cwd=folder,
        # Variables that the profile of the package would read.
        env={name: text for name, text in os.environ.items() if not name.startswith("DBT_")}
        | {"DBT_SEND_ANONYMOUS_USAGE_STATS": "false"},
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert finished.returncode == 0, finished.stdout + finished.stderr
    return finished.stdout


def repository(folder: Path, tag: str) -> str:
    """Return the address of a repository that has dbt/ as this one does, and a tag."""
    folder.mkdir()
    shutil.copytree(PROJECT, folder / "dbt", ignore=shutil.ignore_patterns("target", "logs"))
    run(folder, "git", "init", "--quiet")
    run(folder, "git", "add", "--all")
    name = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.com")
    run(folder, "git", *name, "commit", "--quiet", "--message", "Models")
    run(folder, "git", "tag", tag)
    return folder.as_uri()


def test_another_project_installs_the_package_and_refers_to_its_models(tmp_path: Path) -> None:
    packages = yaml.safe_load(code_block(PAGE, "yaml", "packages:"))
    (package,) = packages["packages"]
    package["git"] = repository(tmp_path / "repository", package["revision"])
    project = {"name": "mine", "profile": "mine"} | yaml.safe_load(
        code_block(PAGE, "yaml", "amazon_sp_vendors: false")
    )
    own = tmp_path / "own"
    (own / "models").mkdir(parents=True)
    (own / "dbt_project.yml").write_text(yaml.safe_dump(project), encoding="utf-8")
    (own / "packages.yml").write_text(yaml.safe_dump(packages), encoding="utf-8")
    (own / "profiles.yml").write_text(PROFILE, encoding="utf-8")
    (own / "models" / "mine.sql").write_text(code_block(PAGE, "sql", "ref("), encoding="utf-8")

    run(own, DBT / "dbt", "deps")
    run(own, DBT / "dbt", "build", "--select", "+mine")

    manifest = json.loads((own / "target" / "manifest.json").read_text(encoding="utf-8"))
    nodes = manifest["nodes"]
    assert nodes["model.amazon_sp.orders"]["schema"] == "analytics"
    assert nodes["model.amazon_sp.stg_amazon_sp__orders"]["schema"] == "analytics_staging"
    results = json.loads((own / "target" / "run_results.json").read_text(encoding="utf-8"))
    built = {result["unique_id"]: result["status"] for result in results["results"]}
    assert built["model.mine.mine"] == built["model.amazon_sp.orders"] == "success"
