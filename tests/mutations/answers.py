"""Damage to an answer as a whole: its status, its headers, its body, its connection."""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from tap_amazon_sp.simulator.server.calls import HttpAnswer, Stream
from tests.mutations.kinds import API, DOCUMENT, TOKEN, Change, Given, Kind, Kinds

ANSWERS = Kinds()

HTML = b"<!DOCTYPE html><html><head><title>Welcome</title></head><body><p>Sign in</p></body></html>"
XML = (
    b'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>InternalError</Code>'
    b"<Message>We encountered an internal error.</Message></Error>"
)
ERROR = {"code": "InternalFailure", "message": "Something went wrong.", "details": ""}
PAUSE = 0.01
"""Seconds between the pieces of a slow answer."""


def _body(name: str, what: str, body: bytes, content_type: str | None = None, **more: Any) -> None:
    status = more.pop("status", None)
    for at in (API, TOKEN):
        prefix = "" if at == API else "lwa_"
        ANSWERS.add(
            Kind(
                prefix + name,
                what,
                lambda given: given.with_body(body, content_type, status=status),
                at=at,
            )
        )


_body("html", "200 with an HTML page", HTML, "text/html")
_body("xml", "200 with an XML error", XML, "application/xml")
_body("no_bytes", "200 with an empty body", b"")
_body("blanks", "200 with a body of blanks", b" \r\n\t ")
_body("empty_object", "200 with `{}`", b"{}")
_body("empty_list", "200 with `[]`", b"[]")
_body("null", "200 with `null`", b"null")
_body("text", '200 with `"OK"`', b'"OK"')
_body("number", "200 with `42`", b"42")
_body("true", "200 with `true`", b"true")
_body("sentence", "200 with a sentence that is not JSON", b"Service is up.", "text/plain")
_body("status_204", "204 without a body", b"", status=204)
_body("status_202_empty", "202 with `{}`", b"{}", status=202)
_body("status_301", "301 with an HTML page and no address", HTML, "text/html", status=301)
_body("status_304", "304 without a body", b"", status=304)
_body("status_300", "300 with `{}`", b"{}", status=300)
_body("errors_only", "200 with only `errors`", json.dumps({"errors": [ERROR]}).encode())
_body("errors_object", "200 with only `errors`, an object", json.dumps({"errors": ERROR}).encode())
_body("errors_text", "200 with only `errors`, a text", b'{"errors": "InternalFailure"}')
_body("errors_of_scalars", "200 with only `errors`, numbers", b'{"errors": [1, null, "x"]}')
_body(
    "errors_odd_code",
    "200 with only `errors`, their code an object",
    b'{"errors": [{"code": {"a": 1}, "message": ["b"], "details": 7}]}',
)
_body("message_only", "200 with only a message", b'{"message": "Internal Server Error"}')
_body("deep_lists", "200 with 200,000 nested lists", b"[" * 200_000 + b"]" * 200_000)
_body("deep_objects", "200 with 100,000 nested objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000)
_body("error_500_html", "500 with an HTML page", HTML, "text/html", status=500)
_body("error_503_empty", "503 without a body", b"", status=503)
_body("error_502_text", "502 with a sentence", b"Bad gateway", "text/plain", status=502)
_body("error_500_deep", "500 with nested lists", b"[" * 200_000 + b"]" * 200_000, status=500)
_body(
    "error_500_odd",
    "500 whose error code is an object",
    b'{"errors": [{"code": {}, "message": null, "details": [1]}]}',
    status=500,
)
_body("error_500_scalars", "500 whose errors are texts", b'{"errors": ["a", 1, null]}', status=500)
_body("error_400_html", "400 with an HTML page", HTML, "text/html", status=400)
_body("error_400_null", "400 with `null`", b"null", status=400)
_body(
    "error_400_odd",
    "400 whose error code is a number",
    b'{"errors": [{"code": 17, "message": {"token": 1}, "details": {}}]}',
    status=400,
)
_body("error_400_object", "400 whose errors are an object", b'{"errors": {"code": 1}}', status=400)
_body("error_403_html", "403 with an HTML page", HTML, "text/html", status=403)
_body("error_403_list", "403 with `[]`", b"[]", status=403)
_body("error_401_number", "401 with a number", b"401", status=401)
_body("error_404_html", "404 with an HTML page", HTML, "text/html", status=404)
_body("error_404_empty", "404 without a body", b"", status=404)
_body("error_418", "418 with a sentence", b"I am a teapot", "text/plain", status=418)
_body("error_599", "599 without a body", b"", status=599)


def _both(what: str, **more: Any) -> Callable[[Change], Change]:
    """Declare a kind for the API, and for the token endpoint."""

    def declare(change: Change) -> Change:
        name = change.__name__.strip("_")
        ANSWERS.add(Kind(name, what, change, **more))
        ANSWERS.add(Kind(f"lwa_{name}", what, change, at=TOKEN, **more))
        return change

    return declare


@_both("302 to another address")
def status_302(given: Given) -> HttpAnswer:
    return HttpAnswer(302, {"Location": "http://127.0.0.1:9/elsewhere"}, b"")


@_both("206 with the first half of the body")
def status_206_half(given: Given) -> HttpAnswer:
    return given.with_body(given.body[: len(given.body) // 2], status=206)


@_both("the body is cut off, and its length fits")
def cut_json(given: Given) -> HttpAnswer | None:
    end = given.chance.randrange(1, max(2, len(given.body.rstrip()) - 1))
    return given.with_body(given.body[:end])


@_both("the JSON comes twice")
def twice(given: Given) -> HttpAnswer:
    return given.with_body(given.body + b"\n" + given.body)


@_both("something follows the JSON")
def trailing(given: Given) -> HttpAnswer:
    return given.with_body(given.body + b"<!-- served by a proxy -->")


@_both("a byte order mark comes first")
def byte_order_mark(given: Given) -> HttpAnswer:
    return given.with_body(b"\xef\xbb\xbf" + given.body)


@_both("the body is UTF-16")
def utf16(given: Given) -> HttpAnswer:
    return given.with_body(given.body.decode("utf-8", "replace").encode("utf-16"))


@_both("the header names a character set that does not exist")
def unknown_charset(given: Given) -> HttpAnswer:
    return given.with_headers(Content_Type="application/json; charset=idna-9")


@_both("the body is HTML by its header")
def html_by_header(given: Given) -> HttpAnswer:
    return given.with_headers(Content_Type="text/html; charset=utf-8")


@_both("`Content-Encoding: gzip`, but the body is not gzip")
def not_gzip(given: Given) -> HttpAnswer:
    return given.with_headers(Content_Encoding="gzip")


@_both("`Content-Encoding: gzip`, and the gzip is cut off")
def cut_gzip(given: Given) -> HttpAnswer:
    zipped = gzip.compress(given.body)
    answer = given.with_headers(Content_Encoding="gzip")
    answer.body = zipped[: len(zipped) // 2]
    return answer


@_both("`Content-Encoding` names nothing that exists")
def unknown_encoding(given: Given) -> HttpAnswer:
    return given.with_headers(Content_Encoding="x-squeezed")


def raw(status: str, headers: dict[str, str], body: bytes) -> HttpAnswer:
    """Return an answer that is written as it is."""
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return HttpAnswer(200, {}, f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body, broken="raw")


@_both("`Content-Length` is more than comes")
def length_too_long(given: Given) -> HttpAnswer:
    length = str(len(given.body) + 1000)
    return raw(f"{given.status} OK", {**given.headers, "Content-Length": length}, given.body)


@_both("`Content-Length` is less than comes")
def length_too_short(given: Given) -> HttpAnswer:
    length = str(max(1, len(given.body) // 2))
    return raw(f"{given.status} OK", {**given.headers, "Content-Length": length}, given.body)


@_both("`Content-Length` is a word")
def length_odd(given: Given) -> HttpAnswer:
    return raw(f"{given.status} OK", {**given.headers, "Content-Length": "some"}, given.body)


@_both("no length: the end of the connection ends the body, in the middle")
def no_length(given: Given) -> HttpAnswer:
    headers = {**given.headers, "Connection": "close"}
    return raw(f"{given.status} OK", headers, given.body[: max(1, len(given.body) // 2)])


@_both("a chunked body without its last chunk")
def chunks_cut(given: Given) -> HttpAnswer:
    headers = {**given.headers, "Transfer-Encoding": "chunked"}
    return raw(f"{given.status} OK", headers, b"%x\r\n%s\r\n" % (len(given.body), given.body))


@_both("a chunked body whose chunks have no length")
def chunks_odd(given: Given) -> HttpAnswer:
    return raw(f"{given.status} OK", {**given.headers, "Transfer-Encoding": "chunked"}, given.body)


@_both("not HTTP at all")
def not_http(given: Given) -> HttpAnswer:
    return HttpAnswer(200, {}, b"SSH-2.0-OpenSSH_9.6\r\n", broken="raw")


@_both("the connection ends before the answer")
def no_answer(given: Given) -> HttpAnswer:
    return HttpAnswer(200, {}, b"", broken="raw")


@_both("the connection is reset")
def reset(given: Given) -> HttpAnswer:
    return HttpAnswer(200, {}, b"", broken="reset")


@_both("the connection ends among the headers")
def headers_cut(given: Given) -> HttpAnswer:
    return HttpAnswer(200, {}, b"HTTP/1.1 200 OK\r\nContent-Type: appl", broken="raw")


@_both("thousands of headers")
def many_headers(given: Given) -> HttpAnswer:
    headers = {f"X-Header-{number}": "x" for number in range(2000)}
    return raw(f"{given.status} OK", {**given.headers, **headers}, given.body)


@_both("the body comes in pieces, with pauses")
def slow_body(given: Given) -> HttpAnswer:
    size = max(1, len(given.body) // 3)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"

    def pieces(_: int) -> Iterator[bytes]:
        yield head % len(given.body)
        for start in range(0, len(given.body), size):
            time.sleep(PAUSE)
            yield given.body[start : start + size]

    return HttpAnswer(200, {}, Stream(len(given.body), pieces), broken="raw")


@_both("the header of the rate limit is odd")
def odd_rate(given: Given) -> HttpAnswer:
    rate = given.chance.choice(
        ["1e-308", "5e-324", "inf", "nan", "-1", "0", "1e308", "fast", "", "0.5, 0.6", "9" * 400]
    )
    return given.with_headers(x_amzn_RateLimit_Limit=rate)


@_both("the date in the header is ahead, behind, or none", is_alone=True)
def odd_date(given: Given) -> HttpAnswer:
    date = given.chance.choice(
        [
            "Sat, 21 Nov 2026 12:09:00 GMT",
            "Sat, 21 Nov 2026 11:30:00 GMT",
            "Thu, 01 Jan 1970 00:00:00 GMT",
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Sat, 30 Feb 2026 12:00:00 GMT",
            "yesterday",
            "",
            "Sat, 21 Nov 2026 12:00:00 +9999",
            "Sat, 21 Nov 0000 12:00:00 GMT",
        ]
    )
    return given.with_headers(Date=date)


@_both("a request id of odd characters")
def odd_request_id(given: Given) -> HttpAnswer:
    return given.with_headers(x_amzn_RequestId="%s%(a)s{0}\\n" + "x" * 3000)


@_both("503 or 429 with an odd `Retry-After`")
def odd_retry_after(given: Given) -> HttpAnswer:
    wait = given.chance.choice(
        [
            "-5",
            "soon",
            "1e9",
            "nan",
            "inf",
            "-inf",
            "9" * 400,
            "Fri, 31 Dec 9999 23:59:59 GMT",
            "Sat, 30 Feb 2026 12:00:00 GMT",
            "",
        ]
    )
    status = given.chance.choice([503, 429])
    body = json.dumps({"errors": [ERROR]}).encode()
    return HttpAnswer(status, {"Content-Type": "application/json", "Retry-After": wait}, body)


@_both("429 with an HTML page")
def error_429_html(given: Given) -> HttpAnswer:
    return HttpAnswer(429, {"Content-Type": "text/html"}, HTML)


DOCUMENT_TOO = (
    "html",
    "xml",
    "sentence",
    "empty_object",
    "status_204",
    "status_304",
    "status_301",
    "status_302",
    "error_500_html",
    "error_503_empty",
    "error_403_html",
    "error_404_empty",
    "error_400_html",
    "length_too_long",
    "length_odd",
    "chunks_cut",
    "chunks_odd",
    "not_http",
    "no_answer",
    "reset",
    "headers_cut",
    "many_headers",
    "slow_body",
    "odd_date",
    "odd_retry_after",
)
"""Kinds that strike documents as well."""

for _name in DOCUMENT_TOO:
    _kind = ANSWERS.by_name[_name]
    ANSWERS.add(replace(_kind, name=f"document_{_name}", at=DOCUMENT))
