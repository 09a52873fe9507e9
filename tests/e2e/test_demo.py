"""`make demo`."""

from __future__ import annotations

import re
import signal
import subprocess
import sys

import pytest

from demo.environment import ROOT, TABLES

DEMO = [sys.executable, "-u", "-m", "demo"]


@pytest.mark.lengthy
@pytest.mark.timeout(300)
def test_the_demo_loads_every_table_twice_also_after_it_was_interrupted() -> None:
    with subprocess.Popen(
        DEMO, cwd=ROOT, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as interrupted:
        assert interrupted.stdout is not None
        for line in interrupted.stdout:
            if "First run" in line:
                interrupted.send_signal(signal.SIGINT)
        exit_code = interrupted.wait(60)
    finished = subprocess.run(
        DEMO, cwd=ROOT, check=False, capture_output=True, text=True, timeout=240
    )

    assert exit_code == 128 + signal.SIGINT
    assert finished.returncode == 0, finished.stderr
    assert finished.stderr == ""
    first, second = finished.stdout.split("Second run")
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
