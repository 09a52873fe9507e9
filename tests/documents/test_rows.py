"""From the store to rows: whole documents over HTTP, as Amazon has them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from tap_amazon_sp.amazon.report_types import report_type
from tap_amazon_sp.amazon.retry import RetryPolicy
from tap_amazon_sp.documents.beginnings import expectation_of
from tap_amazon_sp.documents.document import Document
from tap_amazon_sp.documents.rows import (
    DocumentFormatError,
    NoRowsError,
    read_json_lines,
    read_rows,
)
from tests.documents.document_server import Store, serving
from tests.fake_clock import FakeClock

JAPAN = ["A1VC38T7YXB528"]
LISTINGS = "GET_MERCHANT_LISTINGS_ALL_DATA"
SETTLEMENT = "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"


@pytest.fixture
def store() -> Iterator[Store]:
    with serving(Store()) as served:
        yield served


def read(store: Store, name: str, **how: Any) -> list[dict[str, Any]]:
    session = requests.Session()
    document = Document(
        lambda: store.url,
        lambda url, headers: session.get(url, headers=headers, stream=True, timeout=10),
        retry=RetryPolicy(FakeClock()),
        name="reports.getReportDocument",
        expectation=expectation_of(report_type(name)),
    )
    with document:
        content_type = document.content_type
        return list(read_rows(document, report_type(name), content_type=content_type, **how))


def test_a_japanese_listing_in_shift_jis(store: Store) -> None:
    text = (
        "商品名\t出品者SKU\t価格\t出品日\tステータス\r\n"
        "ﾀｵﾙ 髙級①\t007\t1200\t2026/01/31 08:00:00 JST\tActive\r\n"
    )
    store.content = gzip.compress(text.encode("cp932"))
    store.content_type = "text/plain;charset=Shift_JIS"
    row = {
        "item_name": "ﾀｵﾙ 髙級①",
        "seller_sku": "007",
        "price": 1200,
        "open_date": "2026-01-30T23:00:00Z",
        "status": "Active",
    }

    assert read(store, LISTINGS) == [row]

    store.content_type = "text/plain"
    assert read(store, LISTINGS, marketplace_ids=JAPAN) == [row]


def test_a_german_listing_in_cp1252(store: Store) -> None:
    text = (
        "item-name\tseller-sku\tprice\tHändler\r\nGröße 5, übergroß\tA-1\t12,50\tMüller & Söhne\r\n"
    )
    store.content = text.encode("cp1252")

    for content_type in ("text/plain; charset=Cp1252", "text/plain; charset=ISO-8859-1", ""):
        store.content_type = content_type
        assert read(store, LISTINGS) == [
            {
                "item_name": "Größe 5, übergroß",
                "seller_sku": "A-1",
                "price": Decimal("12.50"),
                "handler": "Müller & Söhne",
            }
        ]


def test_a_listing_with_german_headers_numbers_and_times(store: Store) -> None:
    store.content = (
        "Artikelbezeichnung\tArtikelbeschreibung\tAngebotsnummer\tHändler-SKU\tPreis\tMenge\t"
        "Erstellungsdatum\tProdukt-ID-Typ\tArtikelzustand\tASIN 1\tProdukt-ID\tVersender\tStatus\n"
        "Tasse groß\t\t0816Y01\tSKU-1\t19,99\t5\t15/08/2026 20:35:17 MESZ\t1\t11\tB01\tB01\t"
        "DEFAULT\tActive\n"
    ).encode("cp1252")
    store.content_type = "text/plain;charset=Cp1252"

    assert read(store, LISTINGS, marketplace_ids=[GERMANY]) == [
        {
            "item_name": "Tasse groß",
            "item_description": "",
            "listing_id": "0816Y01",
            "seller_sku": "SKU-1",
            "price": Decimal("19.99"),
            "quantity": 5,
            "open_date": "2026-08-15T18:35:17Z",
            "product_id_type": "1",
            "item_condition": "11",
            "asin1": "B01",
            "product_id": "B01",
            "fulfillment_channel": "DEFAULT",
            "status": "Active",
        }
    ]


def test_german_feedback(store: Store) -> None:
    store.content = (
        "Datum\tBewertung\tKommentare\tIhre Antwort\tBestellnummer\n"
        "20.11.26\t5\tgut\t\t302-0000001-0000001\n"
    ).encode("cp1252")

    assert read(store, "GET_SELLER_FEEDBACK_DATA", marketplace_ids=[GERMANY]) == [
        {
            "date": "2026-11-20",
            "rating": 5,
            "comments": "gut",
            "response": "",
            "order_id": "302-0000001-0000001",
        }
    ]


def test_utf8_said_to_be_iso_8859_1(store: Store) -> None:
    store.content = "item-name\tprice\nGröße … 商品\t1.00\n".encode()
    store.content_type = "text/plain; charset=ISO-8859-1"

    assert read(store, LISTINGS) == [{"item_name": "Größe … 商品", "price": Decimal("1.00")}]


def test_a_utf16_file(store: Store) -> None:
    store.content = gzip.compress("item-name\tprice\r\nGröße\t1.00\r\n".encode("utf-16"))

    assert read(store, LISTINGS) == [{"item_name": "Größe", "price": Decimal("1.00")}]


def test_a_settlement_report(store: Store) -> None:
    header = (
        "settlement-id\tsettlement-start-date\tsettlement-end-date\tdeposit-date\ttotal-amount\t"
        "currency\ttransaction-type\torder-id\tamount-type\tamount-description\tamount\t"
        "posted-date\tposted-date-time\tquantity-purchased"
    )
    total = (
        "18906543210\t2026-03-01 00:00:00 UTC\t2026-03-15 00:00:00 UTC\t2026-03-17 00:00:00 UTC\t"
        "1847.32\tGBP\t\t\t\t\t\t\t\t"
    )
    fee = (
        "18906543210\t\t\t\t\t\tOrder\t206-1234567-8901234\tItemFees\tCommission\t-4.50\t"
        "2026-03-02\t2026-03-02 14:23:00 UTC\t1"
    )
    store.content = f"{header}\r\n{total}\r\n{fee}\r\n{fee}\r\n".encode()
    store.content_type = "text/plain; charset=UTF-8"

    found = read(store, SETTLEMENT)

    assert found[0]["settlement_id"] == "18906543210"
    assert found[0]["total_amount"] == Decimal("1847.32")
    assert found[0]["settlement_end_date"] == "2026-03-15T00:00:00Z"
    assert found[1]["amount"] == Decimal("-4.50")
    assert found[1]["posted_date"] == "2026-03-02"
    assert found[1]["posted_date_time"] == "2026-03-02T14:23:00Z"
    # Two fees that are the same are two fees.
    assert found[1] == found[2]


def test_rows_come_once_though_the_download_breaks(store: Store) -> None:
    lines = "".join(f"{number}\tname {number}\n" for number in range(100_000))
    store.content = gzip.compress(f"sku\tname\n{lines}".encode())
    size = len(store.content)
    store.break_at = [size // 3, size // 2, size - 1]

    found = read(store, "GET_UNHEARD_OF_REPORT")

    assert [row["sku"] for row in found] == [str(number) for number in range(100_000)]


def test_the_type_knows_the_arrays_of_its_json(store: Store) -> None:
    body = {
        "reportSpecification": {"reportType": "GET_SALES_AND_TRAFFIC_REPORT"},
        "salesAndTrafficByDate": [{"date": "2026-01-31"}],
        "salesAndTrafficByAsin": [{"parentAsin": "B1"}],
    }
    store.content = gzip.compress(json.dumps(body).encode())
    name = "GET_SALES_AND_TRAFFIC_REPORT"

    assert read(store, name) == [{"date": "2026-01-31"}]
    assert read(store, name, record_path="salesAndTrafficByAsin") == [{"parent_asin": "B1"}]


@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL", "Order"),
        ("GET_XML_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL", "Order"),
        ("GET_ORDER_REPORT_DATA_SHIPPING", "OrderReport"),
        ("GET_ORDER_REPORT_DATA_INVOICING", "OrderReport"),
        ("GET_ORDER_REPORT_DATA_TAX", "OrderReport"),
    ],
)
def test_the_rows_of_xml_orders_are_orders(store: Store, name: str, record: str) -> None:
    message = (
        f"<Message><MessageID>1</MessageID><{record}><AmazonOrderID>028-1</AmazonOrderID>"
        f"</{record}></Message>"
    )
    store.content = (
        "<AmazonEnvelope><Header><DocumentVersion>1.00</DocumentVersion></Header>"
        f"<MessageType>{record}</MessageType>{message}</AmazonEnvelope>"
    ).encode()

    assert read(store, name) == [{"amazon_order_id": "028-1"}]


def test_only_a_path_of_the_settings_must_lead_somewhere(store: Store) -> None:
    name = "GET_XML_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
    store.content = b"<New><Order><Id>1</Id></Order><Order><Id>2</Id></Order></New>"

    assert read(store, name) == [{"id": "1"}, {"id": "2"}]
    with pytest.raises(DocumentFormatError, match=r"nothing at `Message\.Order`; it has `New`"):
        read(store, name, record_path="Message.Order")


def test_what_a_document_is_shows_in_its_beginning(store: Store) -> None:
    store.content = b' [{"sku": "1"}]'
    assert read(store, "GET_UNHEARD_OF_REPORT") == [{"sku": "1"}]

    store.content = b"sku,name\n1,a\n"
    assert read(store, "GET_UNHEARD_OF_REPORT") == [{"sku": "1", "name": "a"}]


def test_an_xml_document_says_its_character_set_itself(store: Store) -> None:
    text = '<?xml version="1.0" encoding="Shift_JIS"?><R><A><B>ｱｲ</B></A><A><B>名</B></A></R>'
    store.content = text.encode("cp932")
    store.content_type = "text/xml; charset=UTF-8"

    assert read(store, "GET_XML_BROWSE_TREE_DATA") == [{"b": "ｱｲ"}, {"b": "名"}]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("GET_EASYSHIP_DOCUMENTS", b"%PDF-1.7"),
        ("RFQD_BULK_DOWNLOAD", b"PK\x03\x04"),
        ("GET_UNHEARD_OF_REPORT", b"%PDF-1.7"),
    ],
)
def test_files_have_no_rows(store: Store, name: str, content: bytes) -> None:
    store.content = content

    with pytest.raises(NoRowsError, match="`save_to` stores it"):
        read(store, name)


def test_data_kiosk_documents_are_json_lines() -> None:
    content = b'{"startDate": "2026-01-01", "sales": {"amount": 1.10}}\n'

    assert list(read_json_lines([content])) == [
        {"start_date": "2026-01-01", "sales": {"amount": Decimal("1.10")}}
    ]


def test_a_file_with_none_of_the_known_columns_is_read_and_a_warning_says_so(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    store.content = b"Artikel\tJane Doe\nA\tB\n"

    assert read(store, LISTINGS) == [{"artikel": "A", "jane_doe": "B"}]
    assert "none of the columns that are known" in caplog.text
    assert "Jane" not in caplog.text

    caplog.clear()
    store.content = "商品名\t価格\nA\t1\n".encode()
    assert read(store, LISTINGS) == [{"item_name": "A", "price": 1}]
    assert caplog.text == ""


FEEDBACK = "GET_SELLER_FEEDBACK_DATA"
GERMANY, AMERICA = "A1PA6795UKMFR9", "ATVPDKIKX0DER"
LEDGER = "GET_LEDGER_SUMMARY_VIEW_DATA"
RETURNS = "GET_FLAT_FILE_RETURNS_DATA_BY_RETURN_DATE"


@pytest.mark.parametrize(
    ("name", "marketplace_id", "header", "written", "date"),
    [
        (FEEDBACK, AMERICA, "Date", "11/08/26", "2026-11-08"),
        (FEEDBACK, GERMANY, "Datum\tBewertung\tKommentare", "08.11.26", "2026-11-08"),
        (FEEDBACK, "A1VC38T7YXB528", "Date", "26/11/08", "2026-11-08"),
        (FEEDBACK, "A13V1IB3VIYZZH", "Date", "08/11/26", "2026-11-08"),
        (FEEDBACK, "A2NODRKZP88ZB9", "Date", "2026-11-08", "2026-11-08"),
        # The ledger is written alike for all marketplaces.
        (LEDGER, GERMANY, "Date", "11/08/2026", "2026-11-08"),
        (LEDGER, GERMANY, "Date", "11/2026", "2026-11-01"),
        (RETURNS, GERMANY, "Order date", "08-Nov-2026", "2026-11-08"),
        ("GET_VAT_TRANSACTION_DATA", GERMANY, "TAX_CALCULATION_DATE", "08-11-2026", "2026-11-08"),
        ("SC_VAT_TAX_REPORT", GERMANY, "Order Date", "08-Nov-2026 UTC", "2026-11-08"),
        (
            "GET_MERCHANTS_LISTINGS_FYP_REPORT",
            AMERICA,
            "Status Change Date",
            "Nov 8, 2026",
            "2026-11-08",
        ),
    ],
)
def test_days_are_read_as_the_type_or_the_marketplace_writes_them(
    name: str, marketplace_id: str, header: str, written: str, date: str
) -> None:
    header = f"{header}\tASIN\tx"
    text = header + "\n" + written + "\t-" * header.count("\t") + "\n"

    (row,) = read_rows([text.encode()], report_type(name), marketplace_ids=[marketplace_id])

    assert next(iter(row.values())) == date
