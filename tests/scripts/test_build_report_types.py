from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "build_report_types.py"


def test_the_committed_table_is_what_the_script_makes_of_the_reference() -> None:
    configured = os.environ.get("SP_API_REFERENCE")
    reference = Path(configured) if configured else ROOT.parent / "shared" / "reference"
    if not (reference / "report_types.json").is_file():
        pytest.skip("the reference is not here: set SP_API_REFERENCE to its folder")

    ran = subprocess.run(
        [sys.executable, str(SCRIPT), str(reference), "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )

    assert ran.stderr == ""
    assert ran.returncode == 0
