from __future__ import annotations

import gzip

import pytest

from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.documents.beginnings import (
    ANY_FILE,
    EXPLANATION,
    JSON_LINES,
    Expectation,
    expectation_of,
)

TSV = expectation_of(report_type("GET_MERCHANT_LISTINGS_ALL_DATA"))
JAPANESE = expectation_of(report_type("GET_MERCHANT_LISTINGS_ALL_DATA"), "cp932")
CSV = expectation_of(report_type("GET_DATE_RANGE_FINANCIAL_TRANSACTION_DATA"))
JSON = expectation_of(report_type("GET_SALES_AND_TRAFFIC_REPORT"))
XML = expectation_of(report_type("GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"))
PDF = expectation_of(report_type("GET_EASYSHIP_DOCUMENTS"))
OF_KNOWN_COLUMNS = expectation_of(report_type("GST_MTR_B2B"))
UNKNOWN = expectation_of(report_type("GET_UNHEARD_OF_REPORT"))
ALL = (TSV, CSV, JSON, XML, PDF, UNKNOWN, JSON_LINES, ANY_FILE)
OF_ROWS = (TSV, CSV, JSON, XML, JSON_LINES)
SENTENCE = "Date range exceeded. Report can be requested only upto 30 days."


def refusal(
    expectation: Expectation, content: str | bytes, content_type: str = "", *, is_whole: bool = True
) -> str | None:
    beginning = content.encode() if isinstance(content, str) else content
    return expectation.refusal(beginning, content_type, is_whole=is_whole)


@pytest.mark.parametrize(
    ("expectation", "content"),
    [
        (TSV, "seller-sku\tprice\nA\t1\n"),
        # A report without rows.
        (TSV, "seller-sku\tprice\n"),
        (TSV, "seller-sku,price\nA,1\n"),
        (TSV, "seller-sku;price;quantity\n"),
        (TSV, "\ufeffseller-sku\tprice\r\n"),
        (TSV, "seller-sku\tprice\n".encode("utf-16")),
        (JAPANESE, "商品名\t価格\r\n".encode("cp932")),
        (TSV, "seller-sku\tprice\rA\t1\r"),
        (CSV, '"date/time","settlement id","type"\n'),
        (CSV, '"Includes Amazon Marketplace, FBA, and Webstore."\n"All in EUR"\na,b,c\n1,2,3\n'),
        # What explains a file may look like JSON or XML.
        (CSV, "[Report]\ndate/time,settlement id,type\n"),
        (TSV, '{"a": 1}\rseller-sku\tprice\rA\t1\r'),
        (TSV, "<b>All</b>\nseller-sku\tprice\n"),
        # A report without rows, whose last name is abbreviated.
        (CSV, '"Bestellnr.";"Menge";"Preis inkl. MwSt."\n'),
        (TSV, "Bestellnr.,Menge,Preis inkl. MwSt.\n"),
        (CSV, "Nur Verkäufe, keine Gebühren.\r\r" + "Begriff:\r" * 25 + "Datum;Typ;Summe\r"),
        (JSON, '{"reportSpecification": {}, "salesAndTrafficByDate": []}'),
        (JSON, ' [{"a": 1}]'),
        (XML, "<AmazonEnvelope><MessageType>AllOrdersReport</MessageType></AmazonEnvelope>"),
        (XML, '<?xml version="1.0"?>\n<!-- a --><!DOCTYPE a [<!ENTITY b "c">]><a/>'),
        (JSON_LINES, '{"sku": "1"}\n{"sku": "2"}\n'),
        (JSON_LINES, '{"errors": [{"sku": "1"}], "sku": "1"}\n'),
        (PDF, "%PDF-1.7"),
        (PDF, b"\x00\xff\xfe"),
        (ANY_FILE, "Feed Processing Summary:\n\tNumber of records processed\t1\n"),
        (ANY_FILE, '{"errors": ["of a feed"], "header": {}}'),
        (ANY_FILE, "<AmazonEnvelope/>"),
        (UNKNOWN, "sku\n1\n2\n"),
        (UNKNOWN, "sku,name\n"),
        # Nobody knows columns of the type.
        (UNKNOWN, "Error:\tname\n"),
        # In another language: rows show that it is a report.
        (TSV, "Artikel\tPreis im Verkauf\nA\t1\n"),
        (TSV, "Error:\tDate range exceeded.\rA\t1\r"),
        (UNKNOWN, "<a><b/></a>"),
        (UNKNOWN, '[{"a": 1}]'),
        (EXPLANATION, SENTENCE),
        (EXPLANATION, '{"errorDetails": "no"}'),
        (UNKNOWN, "%PDF-1.7"),
    ],
)
def test_a_document_of_the_type_counts(expectation: Expectation, content: str | bytes) -> None:
    assert refusal(expectation, content) is None


@pytest.mark.parametrize("expectation", ALL)
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("<!DOCTYPE html>\n<html><body>Busy</body></html>", "is an HTML page"),
        ("<!-- cache --> <html><head/></html>", "is an HTML page"),
        ("<HTML><BODY>503</BODY></HTML>", "is an HTML page"),
        (
            "<?xml version='1.0' encoding='UTF-8'?>\n<Error><Code>AccessDenied</Code></Error>",
            "is an error of the store (AccessDenied)",
        ),
        ("<Error><Message>no</Message></Error>", "is an error of the store"),
        ("<s3:Error xmlns:s3='a'><Code>SlowDown</Code></s3:Error>", "is an error of the store"),
        ('{"errorDetails": "No such marketplace"}', "only says: No such marketplace"),
        ('{"errors": [{"code": "InternalFailure"}]}', "only says: InternalFailure"),
    ],
)
def test_an_error_page_is_never_a_document(
    expectation: Expectation, content: str, reason: str
) -> None:
    assert str(refusal(expectation, content)).startswith(reason)


@pytest.mark.parametrize("content", ["", "\r\n", "\ufeff", " \t\n"])
def test_only_an_explanation_and_a_type_that_nobody_knows_may_be_empty(content: str) -> None:
    assert all(refusal(expectation, content) == "is empty" for expectation in (*OF_ROWS, PDF))
    assert refusal(ANY_FILE, content) == "is empty"
    assert refusal(OF_KNOWN_COLUMNS, content) == "is empty"
    assert refusal(UNKNOWN, content) is None
    assert refusal(EXPLANATION, content) is None
    # Not before it was empty each time.
    assert UNKNOWN.refusal(b"", "", is_whole=True, is_last_try=False) == "is empty"


@pytest.mark.parametrize("expectation", [TSV, CSV, UNKNOWN, JSON, XML, JSON_LINES])
@pytest.mark.parametrize(
    "text",
    [
        SENTENCE,
        f"{SENTENCE}\r\n",
        "Please try again later",
        "Sorry, the service is not available, please try again",
        "upstream connect error or disconnect/reset before headers, reset reason: overflow",
        "Sorry, the report is late, please, wait.",
        "Internal error\nThe request could not be processed, try again later.\n",
    ],
)
def test_a_sentence_is_not_a_document_and_is_quoted(expectation: Expectation, text: str) -> None:
    found = refusal(expectation, text)

    assert found is not None
    assert found.endswith(f"it says: {' '.join(text.split())}")


@pytest.mark.parametrize("end", ["", "\n", "\r\n\r\n", "\r"])
def test_a_line_with_none_of_the_known_columns_is_a_message_if_no_row_follows(end: str) -> None:
    expected = "has only a line without known columns; it says: Error: Date range exceeded."

    assert refusal(TSV, "Error:\tDate range exceeded." + end) == expected
    assert refusal(TSV, '"Error:"\t"Date range exceeded."' + end) is not None
    assert refusal(TSV, "Artikelnummer\tGelistet am" + end) is None
    assert refusal(TSV, "Error:\tDate range exceeded." + end, is_whole=False) is None


def test_a_sentence_is_quoted_without_addresses_and_in_part() -> None:
    found = refusal(
        TSV, "Error at https://documents.example/a?X-Amz-Signature=hush. " + "no " * 500
    )

    assert found is not None
    assert "Error at (an address) no no" in found
    assert "Signature" not in found
    assert len(found) < 400


@pytest.mark.parametrize(
    ("expectation", "content", "reason"),
    [
        (TSV, '{"rows": [{"sku": "1"}]}', "is JSON, not a flat file"),
        (XML, '{"rows": [{"sku": "1"}]}', "is JSON, not XML"),
        (TSV, "<Rows><Row/><Row/></Rows>", "is XML, not a flat file"),
        (JSON, "<Rows><Row/><Row/></Rows>", "is XML, not JSON"),
        (JSON_LINES, '[{"sku": "1"}]', "is not JSON Lines"),
        (JSON, "sku\tname\n" * 20, "is not JSON"),
        (TSV, "sku\n1\n2\n", "has no header with several columns"),
        (TSV, bytes(range(128, 256)) * 10, "has no header with several columns"),
        (UNKNOWN, bytes(1000), "has only NUL characters"),
        (TSV, bytes(1000), "has only NUL characters"),
        (TSV, gzip.compress(b"sku\tname\n", mtime=0), "is compressed more than once"),
        (JSON, gzip.compress(b"[]", mtime=0), "is compressed more than once"),
        (UNKNOWN, gzip.compress(b"sku\tname\n", mtime=0), "is compressed more than once"),
    ],
)
def test_another_format_than_that_of_the_type_is_not_a_document(
    expectation: Expectation, content: str | bytes, reason: str
) -> None:
    assert str(refusal(expectation, content)).startswith(reason)


def test_a_long_text_without_columns_is_not_quoted() -> None:
    found = refusal(TSV, "Jane Doe, 1 Main Street. " * 1000, is_whole=False)

    assert found == "has no header with several columns"
