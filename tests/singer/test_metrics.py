from __future__ import annotations

import json
import logging
import subprocess
import sys

from singer_sdk.logging import StructuredFormatter
from singer_sdk.metrics import Metric, Point

from tap_amazon_sp.singer.metrics import TagsInMessage

POINT = Point("counter", Metric.RECORD_COUNT, 5, {"stream": "orders"})


def line_of(message: str, *arguments: object) -> dict[str, object]:
    """Return the JSON line of a record that went through the filter."""
    record = logging.LogRecord("test", logging.INFO, __file__, 1, message, arguments, None)
    assert TagsInMessage().filter(record)
    line: dict[str, object] = json.loads(StructuredFormatter().format(record))
    return line


def test_the_message_of_a_metric_has_its_tags() -> None:
    line = line_of("METRIC: %s", POINT)

    assert line["message"] == f"METRIC: {POINT}"
    assert '"stream":"orders"' in str(line["message"])
    assert line["extra"] == {"metric_info": POINT.to_dict()}


def test_other_messages_stay_as_they_are() -> None:
    assert line_of("%s: %d", "orders", 5)["message"] == "orders: 5"
    assert line_of("100 %")["message"] == "100 %"
    assert line_of("100 %")["extra"] == {}


def test_only_meltano_changes_the_metrics() -> None:
    program = """
from singer_sdk.metrics import get_metrics_logger
from tap_amazon_sp.singer.metrics import keep_tags_in_meltano
logger = get_metrics_logger()
for environment in ({}, {"MELTANO_EXTRACTOR_NAME": "x"}, {"MELTANO_EXTRACTOR_NAME": "x"}):
    keep_tags_in_meltano(environment)
    print(len(logger.filters))
"""
    finished = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60
    )

    assert finished.stdout.split() == ["0", "1", "1"]
