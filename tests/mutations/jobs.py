"""Damage to jobs: how reports and queries are submitted, polled, and where their documents are."""

from __future__ import annotations

from typing import Any

from tap_amazon_sp.simulator.server.calls import HttpAnswer
from tests.mutations.kinds import Given, Kind, Kinds

JOBS = Kinds()

CREATE = ("reports_2021-06-30.createReport", "dataKiosk_2023-11-15.createQuery")
GET = ("reports_2021-06-30.getReport", "dataKiosk_2023-11-15.getQuery")
GET_DOCUMENT = (
    "reports_2021-06-30.getReportDocument",
    "dataKiosk_2023-11-15.getDocument",
    "feeds_2021-06-30.getFeedDocument",
)
CREATE_RDT = "tokens_2021-03-01.createRestrictedDataToken"

MISSING = object()
"""Stands for a field that is not there."""


def _field(
    name: str, operations: tuple[str, ...], fields: tuple[str, ...], value: Any, **more: Any
) -> None:
    shown = "missing" if value is MISSING else repr(value)[:60]
    what = f"`{'`, `'.join(fields)}` {'is' if len(fields) == 1 else 'or'} {shown}"

    def change(given: Given) -> HttpAnswer | None:
        if not isinstance(given.json, dict):
            return None
        found = [field for field in fields if field in given.json]
        for field in found:
            if value is MISSING:
                del given.json[field]
            else:
                given.json[field] = value
        return given.with_json(given.json) if found else None

    JOBS.add(Kind(name, what, change, operations=operations, **more))


_IDS = ("reportId", "queryId")
_DOCUMENT_IDS = ("reportDocumentId", "dataDocumentId")
_ODD: dict[str, Any] = {
    "missing": MISSING,
    "null": None,
    "empty": "",
    "object": {"id": 1},
    "list": [],
    "number": 4711,
}
for _name, _value in _ODD.items():
    _field(f"job_id_{_name}", CREATE, _IDS, _value)
    _field(f"polled_document_id_{_name}", GET, _DOCUMENT_IDS, _value)
    _field(f"status_{_name}", GET, ("processingStatus",), _value)
    _field(f"address_{_name}", GET_DOCUMENT, ("url", "documentUrl"), _value)
    _field(f"rdt_{_name}", (CREATE_RDT,), ("restrictedDataToken",), _value)
    _field(f"rdt_lifetime_{_name}", (CREATE_RDT,), ("expiresIn",), _value)

for _name, _value in {
    "unknown": "ARCHIVED",
    "lowercase": "done",
    "padded": " DONE ",
    "true": True,
}.items():
    _field(f"status_{_name}", GET, ("processingStatus",), _value)

for _name, _value in {
    "relative": "/documents/elsewhere",
    "no_host": "http://",
    "bad_port": "http://127.0.0.1:99999999/x?X-Amz-Signature=0123456789abcdef0123456789abcdef",
    "ftp": "ftp://127.0.0.1/x?X-Amz-Signature=0123456789abcdef0123456789abcdef",
    "sentence": "not an address at all",
    "nobody_there": "http://127.0.0.1:9/x?X-Amz-Signature=0123456789abcdef0123456789abcdef",
    "control": "http://127.0.0.1:9/a\r\nb",
    "bad_ipv6": "http://[::1/x",
    "odd_name": "http://\ud83d.invalid/x",
}.items():
    _field(f"address_{_name}", GET_DOCUMENT, ("url", "documentUrl"), _value)

for _name, _value in {"text": "soon", "negative": -5, "zero": 0, "huge": 1e300}.items():
    _field(f"rdt_lifetime_{_name}", (CREATE_RDT,), ("expiresIn",), _value)
_field("rdt_control", (CREATE_RDT,), ("restrictedDataToken",), "Atz\r\nX-Evil: 1")
_field("rdt_not_latin", (CREATE_RDT,), ("restrictedDataToken",), "Atz.\u4e2d\u6587")


def _compression(name: str, value: Any) -> None:
    def change(given: Given) -> HttpAnswer | None:
        if not isinstance(given.json, dict):
            return None
        return given.with_json({**given.json, "compressionAlgorithm": value})

    what = f"`compressionAlgorithm` is {value!r}"
    JOBS.add(Kind(f"compression_{name}", what, change, operations=GET_DOCUMENT))


_compression("unknown", "ZSTD")
_compression("object", {"name": "GZIP"})
_compression("null", None)
_compression("gzip", "GZIP")
