"""`make demo`."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from demo.environment import ROOT, TABLES
from demo.postgres import PostgresError, stop_kept_postgres
from demo.queries import FILE, queries

MARTS = (
    "inventory",
    "order_items",
    "orders",
    "payouts",
    "profit_and_loss",
    "reconciliation",
    "refunds",
    "settlement_lines",
    "settlements",
    "traffic_and_conversion",
    "transactions",
    "vendor_purchase_orders",
)
"""The marts that have rows in the demo."""

DEMO = [sys.executable, "-u", "-m", "demo"]


@pytest.mark.lengthy
@pytest.mark.timeout(500)
def test_the_demo_loads_every_table_twice_and_queries_them_also_after_it_was_interrupted() -> None:
    with subprocess.Popen(
        DEMO, cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as interrupted:
        assert interrupted.stdout is not None
        for line in interrupted.stdout:
            if "First run" in line:
                interrupted.send_signal(signal.SIGINT)
        exit_code = interrupted.wait(60)
    try:
        finished = run_demo("--keep")
        assert finished.returncode == 0, finished.stderr
        connect = re.findall(r"^ +(\S*psql) (postgresql://\S+)$", finished.stdout, re.MULTILINE)
        ((psql, url),) = connect
        again = subprocess.run(
            [psql, "--no-psqlrc", "--csv", f"--file={FILE}", url],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )
        models, tables = (
            [
                line.split(",")[1]
                for line in subprocess.run(
                    [psql, "--no-psqlrc", "--csv", f"--command={command}", url],
                    check=False,
                    capture_output=True,
                    text=True,
                    timeout=60,
                ).stdout.splitlines()[1:]
            ]
            for command in ("\\dt", "\\dt amazon_sp.*")
        )
    finally:
        stopped = run_demo("--stop")
    nothing = run_demo("--stop")

    assert exit_code == 128 + signal.SIGINT
    assert finished.stderr == ""
    first, second = finished.stdout.partition("The models:")[0].split("Second run")
    check_tables(first, second)
    check_models(finished.stdout)
    assert again.returncode == 0, again.stderr
    check_queries(finished.stdout, again.stdout)
    assert set(MARTS) <= set(models)
    assert tables == list(TABLES)
    check_page(finished.stdout)
    assert "make demo-stop" in finished.stdout
    assert (stopped.returncode, nothing.returncode) == (0, 0)
    assert "PostgreSQL is stopped" in stopped.stdout
    assert "Nothing is running" in nothing.stdout
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5)


def run_demo(option: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*DEMO, option], cwd=ROOT, check=False, capture_output=True, text=True, timeout=400
    )


def check_tables(first: str, second: str) -> None:
    """Check what the demo shows after each run."""
    tables = list(TABLES)
    assert re.findall(r"^ +(\w+) +[1-9][\d,]* ", first, re.MULTILINE) == tables
    changes = dict(re.findall(r"^ +(\w+) +[\d,]+ +[\d,]+ +([\d,]+) ", second, re.MULTILINE))
    assert list(changes) == tables
    assert int(changes["orders"]) > 0
    assert int(changes["feeds"]) == 0
    # All listings, the orders of today, the days whose numbers may still change.
    assert int(changes["report_merchant_listings_all"].replace(",", "")) > 0
    assert int(changes["report_all_orders"].replace(",", "")) > 0
    assert 0 < int(changes["report_sales_and_traffic"]) < 7


def check_models(shown: str) -> None:
    """Check what the demo shows of the models: all that should have rows have some."""
    built = re.search(r"^The models: (\d+) built, (\d+) tests passed$", shown, re.MULTILINE)
    assert built
    assert all(int(number) > len(MARTS) for number in built.groups())
    rows = shown.partition(built.group())[2].partition("What the models say")[0]
    assert set(MARTS) <= set(re.findall(r"^ +(\w+) +[1-9][\d,]*$", rows, re.MULTILINE))


def check_page(shown: str) -> None:
    """Check that the page is where the demo says, and is about this run."""
    (path,) = re.findall(r"^The page with charts: (/.+\.html)$", shown, re.MULTILINE)
    text = Path(path).read_text(encoding="utf-8")
    assert "First run" in text
    assert "Second run" in text


def check_queries(shown: str, again: str) -> None:
    """Check that each query is shown with its results, which are those of psql."""
    # Headers, other than rows, have no numbers.
    results = re.split(r"^(?=[a-z_]+(?:,[a-z_0-9]+)*,[a-z_]+$)", again, flags=re.MULTILINE)[1:]
    assert len(results) == len([*queries()]) == 6
    for query, result in zip(queries(), results, strict=True):
        header, *rows = result.splitlines()
        rest = shown.partition(f"\n  {query.title}\n\n")[2]
        block = re.split(r"\n\n(?:  )?(?=\S)", rest)[0]
        assert "\n".join(f"    {line}" for line in query.text.splitlines()) in block
        table = [line.split() for line in block.partition(";\n\n")[2].splitlines()]
        assert table[0] == header.split(",")
        assert len(rows) >= 3
        for row, cells in zip(rows, table[1:], strict=False):
            assert cells[0] == row.split(",")[0]


@pytest.mark.parametrize(
    ("words", "option"), [("demo", ""), ("demo KEEP=1", " --keep"), ("demo-stop", " --stop")]
)
def test_make_runs_the_demo(words: str, option: str) -> None:
    # `make` would install first, where nobody did: assume that all is up to date.
    make = "make --dry-run --no-print-directory --assume-old=.venv/.ready"
    shown = subprocess.run(
        ["/bin/bash", "-c", f"{make} {words}"],
        cwd=ROOT,
        # These tests may run in `make test`.
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
        check=True,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert shown.stdout.strip() == f".venv/bin/python -m demo{option}"
    assert f"make {words}" in (ROOT / "README.md").read_text(encoding="utf-8")


KEEP = """
import sys
from pathlib import Path
from demo.postgres import embedded_postgres
with embedded_postgres(Path(sys.argv[1])) as address:
    print(address.url, flush=True)
    if sys.argv[2:]:
        sys.exit(int(sys.argv[2]))
"""
"""Keeps a server; with an exit code as argument, it ends with an error."""


def keep(file: Path, *exit_code: str) -> str:
    """Run that program; returns the address of the server."""
    finished = subprocess.run(
        [sys.executable, "-c", KEEP, str(file), *exit_code],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert str(finished.returncode) == (exit_code or ("0",))[0], finished.stderr
    return finished.stdout.strip()


def test_a_kept_server_goes_on_until_it_is_stopped(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"

    url = keep(kept)

    folder = Path(json.loads(kept.read_text())["folder"])
    psycopg.connect(url, connect_timeout=5).close()
    assert url.partition("@")[0].rpartition(":")[2] not in kept.read_text()
    assert stop_kept_postgres(kept)
    assert not folder.parent.exists()
    assert not stop_kept_postgres(kept)


def test_no_server_is_kept_after_an_error(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"

    url = keep(kept, "5")

    assert not kept.exists()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(url, connect_timeout=5)


def test_a_kept_server_that_the_machine_ended_is_forgotten(tmp_path: Path) -> None:
    kept = tmp_path / "kept.json"
    keep(kept)
    folder = Path(json.loads(kept.read_text())["folder"])
    pid = int((folder / "data" / "postmaster.pid").read_text().splitlines()[0])

    os.kill(pid, signal.SIGKILL)

    assert stop_kept_postgres(kept)
    assert not folder.parent.exists()


@pytest.mark.parametrize("content", ["{}", '{"folder": ', "[]", ""])
def test_a_damaged_note_of_a_kept_server_is_named(tmp_path: Path, content: str) -> None:
    kept = tmp_path / "kept.json"
    kept.write_text(content, encoding="utf-8")

    with pytest.raises(PostgresError, match=r"kept\.json does not say how to stop PostgreSQL"):
        stop_kept_postgres(kept)
