"""Report documents in the simulator, and checks of the tap's messages for them."""

from __future__ import annotations

import gzip
from collections import Counter
from typing import Any

from jsonschema import Draft7Validator

from tap_amazon_sp.simulator import Simulator
from tests.tap_runs import TapRun


def document_of(simulator: Simulator, account: str, report: dict[str, Any]) -> bytes:
    """Return the document of a report as Amazon keeps it, uncompressed."""
    stored = simulator.document(report["reportDocumentId"], account)
    is_zipped = stored.startswith(b"\x1f\x8b")
    return gzip.decompress(stored) if is_zipped else stored


def misfits(run: TapRun) -> Counter[str]:
    """Count by stream the records that do not fit the last SCHEMA before them."""
    validators: dict[str, Any] = {}
    found: Counter[str] = Counter()
    for message in run.messages:
        if message["type"] == "SCHEMA":
            validators[message["stream"]] = Draft7Validator(
                message["schema"], format_checker=Draft7Validator.FORMAT_CHECKER
            )
        elif message["type"] == "RECORD":
            stream = message["stream"]
            found[stream] += not validators[stream].is_valid(message["record"])
    return +found
