"""Feeds: what is in an uploaded file, and the processing report about it.

Sources: Amazon's JSON Schemas of the listings feed and its processing report (version 2); the
`ProcessingReport` message of XML feeds; the plain-text summary of flat-file feeds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.simulator.server import json_bodies

_JSON_FEED = "JSON_LISTINGS_FEED"
_OPERATIONS = frozenset({"UPDATE", "PARTIAL_UPDATE", "PATCH", "DELETE"})
_XML_MESSAGE = re.compile(rb"<Message>")


@dataclass(frozen=True)
class FeedProblem:
    """A problem with a message of a feed.

    Attributes:
        number: Number of the message in the feed, from 1; None if the whole feed is wrong.
        sku: SKU in the message.
        code: Amazon's code.
        message: One sentence.
    """

    number: int | None
    sku: str | None
    code: str
    message: str


@dataclass(frozen=True)
class FeedResult:
    """The result of a feed.

    Attributes:
        processed: Number of messages, or of lines of a flat file.
        problems: The messages that were not accepted.
        fatal: Whether the whole feed could not be read.
    """

    processed: int
    problems: tuple[FeedProblem, ...] = ()
    fatal: bool = False

    @property
    def accepted(self) -> int:
        """Number of messages that were accepted."""
        return self.processed - len(self.problems)


def process_feed(kind: str, content: bytes) -> FeedResult:
    """Return the result of an uploaded feed."""
    if kind == _JSON_FEED:
        return _process_json(content)
    if content.lstrip().startswith(b"<"):
        return FeedResult(len(_XML_MESSAGE.findall(content)))
    lines = [line for line in content.splitlines() if line.strip()]
    return FeedResult(max(0, len(lines) - 1))


def _process_json(content: bytes) -> FeedResult:
    try:
        messages = json_bodies.decode(content)["messages"]
        problems = tuple(filter(None, map(_json_problem, messages)))
    except (ValueError, KeyError, TypeError, AttributeError):
        whole = FeedProblem(None, None, "4000000", "The provided feed is not a listings feed.")
        return FeedResult(0, (whole,), fatal=True)
    return FeedResult(len(messages), problems)


def _json_problem(message: dict[str, Any]) -> FeedProblem | None:
    number, sku = message.get("messageId"), message.get("sku")
    for name in ("messageId", "sku", "operationType"):
        if not message.get(name):
            return FeedProblem(number, sku, "4000001", f"The required field '{name}' is missing.")
    if message["operationType"] not in _OPERATIONS:
        return FeedProblem(number, sku, "4000002", "The value of 'operationType' is not allowed.")
    return None


def processing_report(kind: str, feed_id: str, seller_id: str, result: FeedResult) -> bytes:
    """Return the result document of a feed, in the form of its type."""
    if kind == _JSON_FEED:
        return _json_report(feed_id, seller_id, result)
    if "FLAT_FILE" in kind or kind == "UPLOAD_VAT_INVOICE":
        return _text_report(result)
    return _xml_report(feed_id, seller_id, result)


def content_type_of_report(kind: str) -> str:
    """Return the media type of the result documents of a feed type."""
    if kind == _JSON_FEED:
        return "application/json; charset=UTF-8"
    if "FLAT_FILE" in kind or kind == "UPLOAD_VAT_INVOICE":
        return "text/tab-separated-values; charset=UTF-8"
    return "text/xml; charset=UTF-8"


def _json_report(feed_id: str, seller_id: str, result: FeedResult) -> bytes:
    issues = []
    for problem in result.problems:
        issue: dict[str, Any] = {
            "code": problem.code,
            "severity": "ERROR",
            "message": problem.message,
        }
        if problem.number:
            issue["messageId"] = problem.number
        if problem.sku:
            issue["sku"] = problem.sku
        issues.append(issue)
    report = {
        "header": {"sellerId": seller_id, "version": "2.0", "feedId": feed_id},
        "issues": issues,
        "summary": {
            "errors": len(issues),
            "warnings": 0,
            "messagesProcessed": result.processed,
            "messagesAccepted": max(0, result.accepted),
            "messagesInvalid": 0 if result.fatal else len(issues),
        },
    }
    return json.dumps(report).encode()


def _xml_report(feed_id: str, seller_id: str, result: FeedResult) -> bytes:
    results = "".join(
        "<Result>"
        f"<MessageID>{problem.number or 0}</MessageID>"
        "<ResultCode>Error</ResultCode>"
        f"<ResultMessageCode>{problem.code}</ResultMessageCode>"
        f"<ResultDescription>{problem.message}</ResultDescription>"
        f"<AdditionalInfo><SKU>{problem.sku}</SKU></AdditionalInfo>"
        "</Result>"
        for problem in result.problems
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<AmazonEnvelope xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        ' xsi:noNamespaceSchemaLocation="amzn-envelope.xsd">'
        "<Header><DocumentVersion>1.02</DocumentVersion>"
        f"<MerchantIdentifier>{seller_id}</MerchantIdentifier></Header>"
        "<MessageType>ProcessingReport</MessageType>"
        "<Message><MessageID>1</MessageID><ProcessingReport>"
        f"<DocumentTransactionID>{feed_id}</DocumentTransactionID>"
        "<StatusCode>Complete</StatusCode>"
        "<ProcessingSummary>"
        f"<MessagesProcessed>{result.processed}</MessagesProcessed>"
        f"<MessagesSuccessful>{result.accepted}</MessagesSuccessful>"
        f"<MessagesWithError>{len(result.problems)}</MessagesWithError>"
        "<MessagesWithWarning>0</MessagesWithWarning>"
        "</ProcessingSummary>"
        f"{results}</ProcessingReport></Message></AmazonEnvelope>"
    ).encode()


def _text_report(result: FeedResult) -> bytes:
    lines = [
        "Feed Processing Summary:",
        f"\tNumber of records processed\t\t{result.processed}",
        f"\tNumber of records successful\t\t{result.accepted}",
        "",
    ]
    if result.problems:
        lines.append("original-record-number\tsku\terror-code\terror-type\terror-message")
        lines += [
            f"{problem.number}\t{problem.sku or ''}\t{problem.code}\tError\t{problem.message}"
            for problem in result.problems
        ]
    return "\r\n".join([*lines, ""]).encode()
