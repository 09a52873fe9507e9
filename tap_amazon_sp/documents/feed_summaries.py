"""Summaries of feed result documents, in each of Amazon's three forms.

Facts: Amazon's JSON Schema of the listings feed's processing report (version 2), and the
processing reports of XML and flat-file feeds.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

from tap_amazon_sp.common.json_values import UnusableJsonError, decode

_COUNT_IN_TEXT = re.compile(r"number of records (\w+)\s+([0-9]{1,18})\b", re.IGNORECASE)
_COUNT = re.compile(r"\s*[0-9]{1,18}\s*")


def summarize_processing_report(document: str) -> dict[str, Any] | None:
    """Return the counts in a processing report, or None if it has none.

    For a JSON report, this is its `summary` object. For an XML report, it has `messagesProcessed`,
    `messagesSuccessful`, `messagesWithError` and `messagesWithWarning`; for a flat file,
    `recordsProcessed` and `recordsSuccessful`.
    """
    text = document.lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return _json_summary(text)
    if text.startswith("<"):
        return _xml_summary(text)
    counts = {
        f"records{name.capitalize()}": int(count) for name, count in _COUNT_IN_TEXT.findall(text)
    }
    return counts or None


def _json_summary(text: str) -> dict[str, Any] | None:
    try:
        report = decode(text)
    except UnusableJsonError:
        return None
    summary = report.get("summary") if isinstance(report, dict) else None
    return summary if isinstance(summary, dict) else None


def _xml_summary(text: str) -> dict[str, Any] | None:
    try:
        root = ET.fromstring(text)  # noqa: S314 - expat expands no external entities
    except ET.ParseError:
        return None
    summary = next((node for node in root.iter() if node.tag.endswith("ProcessingSummary")), None)
    if summary is None:
        return None
    counts = {
        name[0].lower() + name[1:]: int(node.text)
        for node in summary
        if (name := node.tag.rpartition("}")[2]) and node.text and _COUNT.fullmatch(node.text)
    }
    return counts or None
