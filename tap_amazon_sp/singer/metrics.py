"""Metric lines of the log, as Meltano shows them."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from singer_sdk.metrics import Point, get_metrics_logger


class TagsInMessage(logging.Filter):
    """Puts all of a metric into the message of its line.

    In JSON logs, the SDK's formatter makes the message `METRIC` and puts the metric into a field of
    its own. Meltano 4.4 shows its name and value, and leaves out its tags, so also the name of the
    stream (`MeltanoConsoleRenderer` in meltano/core/logging/renderers.py). The field is kept.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line of a metric; every line is logged."""
        arguments = record.args
        if isinstance(arguments, tuple) and arguments and isinstance(arguments[0], Point):
            record.metric_info = arguments[0].to_dict()
            record.msg, record.args = record.getMessage(), ()
        return True


_TAGS_IN_MESSAGE = TagsInMessage()


def keep_tags_in_meltano(environment: Mapping[str, str]) -> None:
    """Put the tags of metrics into their messages if Meltano runs this process."""
    if "MELTANO_EXTRACTOR_NAME" in environment:
        get_metrics_logger().addFilter(_TAGS_IN_MESSAGE)
