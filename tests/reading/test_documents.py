"""Streams of documents: the messages for stubbed documents, without a process."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import redirect_stdout
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tap_amazon_sp.amazon.errors import UnreadableDocumentError
from tap_amazon_sp.jobs.requests import ReportRequest
from tap_amazon_sp.reading.documents import ROWS_PER_PAGE, DocumentStream
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.reports import ReportSettings
from tap_amazon_sp.tap import TapAmazonSP
from tests.fake_clock import FakeClock

LISTINGS = "GET_MERCHANT_LISTINGS_DATA"
FORECAST = "GET_VENDOR_FORECASTING_REPORT"
LEDGER = "GET_LEDGER_DETAIL_VIEW_DATA"
TRAFFIC = "GET_SALES_AND_TRAFFIC_REPORT"
UNKNOWN = "GET_SOMETHING_NEW_DATA"
CREDENTIALS = {"client_id": "id", "client_secret": "hush", "refresh_token": "hush"}
ACCOUNTS = [
    {"name": "us", "refresh_token": "hush", "marketplace_ids": ["US"]},
    {"name": "eu", "refresh_token": "hush", "region": "eu", "marketplace_ids": ["DE"]},
]
TEXT = {"type": ["string", "null"]}
NUMBER = {"type": ["number", "null"]}

Message = dict[str, Any]


class StubbedDocument:
    """A document without a download."""

    content_type = "text/plain"

    def __init__(self, content: str | bytes) -> None:
        self._content = content.encode() if isinstance(content, str) else content
        self.is_empty = not self._content
        self.is_closed = False

    def __iter__(self) -> Iterator[bytes]:
        yield self._content

    def __enter__(self) -> StubbedDocument:  # noqa: PYI034 - typing.Self is not in Python 3.10
        return self

    def __exit__(self, *_: object) -> None:
        self.is_closed = True


class StubbedDocuments:
    """The documents of an account, by their ids."""

    def __init__(self, documents: Mapping[str, StubbedDocument]) -> None:
        self._documents = documents

    def of_report(self, document_id: str, **_: Any) -> StubbedDocument:
        return self._documents[document_id]

    def of_query(self, document_id: str, **_: Any) -> StubbedDocument:
        return self._documents[document_id]


class StubbedReports:
    """Streams of reports, with documents that a test provides."""

    def __init__(
        self,
        *entries: str | dict[str, Any],
        catalog: dict[str, Any] | None = None,
        **settings: Any,
    ) -> None:
        config = CREDENTIALS | {"reports": list(entries), "marketplace_ids": ["US"]} | settings
        if "accounts" in settings:
            del config["refresh_token"]
        self.tap = TapAmazonSP(config=config, catalog=catalog, clock=FakeClock())
        self.messages: list[Message] = []

    def stream(self, name: str, account: int = 0) -> DocumentStream:
        streams = self.tap.run.streams_by_account[self.tap.connections[account]]
        (stream,) = (one for one in streams if one.name == name)
        assert isinstance(stream, DocumentStream)
        return stream

    def write(self, stream: DocumentStream, *documents: str | bytes) -> list[dict[str, Any]]:
        """Write the rows of documents, one report per document; return the records."""
        jobs = [
            {
                "reportId": str(number),
                "reportDocumentId": str(number),
                "marketplaceIds": ["ATVPDKIKX0DER"],
                "createdTime": "2026-11-20T10:00:00+00:00",
                "dataStartTime": "2026-11-19T00:00:00+00:00",
                "dataEndTime": "2026-11-19T23:59:59+00:00",
            }
            for number in range(len(documents))
        ]
        stubs = {str(number): StubbedDocument(one) for number, one in enumerate(documents)}
        self.give(stream, stubs)
        request = request_of(stream)
        stream.reader.pages = lambda: (  # type: ignore[method-assign]
            page for job in jobs for page in stream.reader.rows.pages_of(job, request=request)
        )
        with redirect_stdout(io.StringIO()) as stdout:
            try:
                stream.sync()
            finally:
                lines = stdout.getvalue().splitlines()
                new = [json.loads(line, parse_float=Decimal) for line in lines]
                self.messages += new
        assert all(stub.is_closed for stub in stubs.values())
        return [message["record"] for message in new if message["type"] == "RECORD"]

    @staticmethod
    def give(stream: DocumentStream, documents: Mapping[str, StubbedDocument]) -> None:
        """Set the documents of a stream's account, by their ids."""
        stream.connection._found["documents"] = StubbedDocuments(documents)

    def schemas(self) -> list[dict[str, Any]]:
        return [one["schema"]["properties"] for one in self.messages if one["type"] == "SCHEMA"]

    def assert_all_fit(self) -> None:
        schemas: dict[str, Any] = {}
        checker = Draft7Validator.FORMAT_CHECKER
        for message in self.messages:
            if message["type"] == "SCHEMA":
                schemas[message["stream"]] = message["schema"]
            elif message["type"] == "RECORD":
                validator = Draft7Validator(schemas[message["stream"]], format_checker=checker)
                validator.validate(json.loads(json.dumps(message["record"], default=float)))


def request_of(stream: DocumentStream, marketplace_id: str = "ATVPDKIKX0DER") -> ReportRequest:
    declared = stream.read.source.declared
    assert isinstance(declared, ReportSettings)
    return ReportRequest(declared.type, (marketplace_id,))


def listings(*lines: str, header: str = "seller-sku\tprice\tquantity") -> str:
    return "\n".join([header, *lines, ""])


def own(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in record.items() if not name.startswith("_")}


# --- Flat files -----------------------------------------------------------------------------------


def test_one_schema_is_written_where_all_fits() -> None:
    reports = StubbedReports(LISTINGS)
    stream = reports.stream("report_merchant_listings")

    records = reports.write(stream, listings("A\t1.50\t3", "B\t\t"), listings("C\t2\t007"[:-2]))

    assert [own(record) for record in records] == [
        {"seller_sku": "A", "price": Decimal("1.50"), "quantity": 3},
        {"seller_sku": "B", "price": None, "quantity": None},
        {"seller_sku": "C", "price": 2, "quantity": 0},
    ]
    (properties,) = reports.schemas()
    assert properties["price"] == properties["quantity"] == NUMBER
    assert properties["seller_sku"] == TEXT
    reports.assert_all_fit()


def test_a_schema_grows_by_the_columns_of_a_later_document() -> None:
    reports = StubbedReports(LISTINGS)
    stream = reports.stream("report_merchant_listings")
    wider = listings("B\t2\tx", header="seller-sku\tprice\tnew column")

    reports.write(stream, listings("A\t1\t1"), wider, listings("C\t3\t3"))

    first, second = reports.schemas()
    assert "new_column" not in first
    assert second == first | {"new_column": TEXT}
    reports.assert_all_fit()


def test_a_misfit_is_kept_in_its_row_and_changes_no_column(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reports = StubbedReports(LISTINGS)
    stream = reports.stream("report_merchant_listings")
    many = [f"{number}\t{number}.50\t{number}" for number in range(ROWS_PER_PAGE)]

    records = reports.write(
        stream, listings(*many, "x\tn/a\t1", "y\t5.00\t2"), listings("z\t7.10\t3")
    )

    (told,) = [line for line in caplog.messages if "_misfits" in line]
    assert told == (
        "Report 0: 1 value of 'report_merchant_listings.price' cannot be read as number: they are "
        "in '_misfits', and the property is null there"
    )

    assert [record["price"] for record in records[-3:]] == [None, Decimal("5.00"), Decimal("7.10")]
    assert [record.get("_misfits") for record in records[-3:]] == [{"price": "n/a"}, None, None]
    assert len(reports.schemas()) == 1
    reports.assert_all_fit()


@pytest.mark.parametrize("is_unreadable_first", [True, False])
def test_a_column_keeps_its_type_though_a_document_has_other_values(
    caplog: pytest.LogCaptureFixture,
    *,
    is_unreadable_first: bool,
) -> None:
    reports = StubbedReports(LEDGER)
    stream = reports.stream("report_ledger_detail_view")
    header = "Date\tFNSKU\tQuantity"
    documents = [
        listings("Sunday\tX\t1", "Monday\tY\tsome", header=header),
        listings("2026-11-22\tZ\t3", header=header),
    ]

    records = reports.write(stream, *(documents if is_unreadable_first else documents[::-1]))

    found = {record["fnsku"]: (record["date"], record.get("_misfits")) for record in records}
    assert found == {
        "X": (None, {"date": "Sunday"}),
        "Y": (None, {"date": "Monday", "quantity": "some"}),
        "Z": ("2026-11-22", None),
    }
    (properties,) = reports.schemas()
    assert properties["date"] == {"type": ["string", "null"], "format": "date"}
    assert properties["quantity"] == NUMBER
    told = [line for line in caplog.messages if "_misfits" in line]
    report = f"Report {0 if is_unreadable_first else 1}"
    assert [line.partition(": they")[0] for line in told] == [
        f"{report}: 2 values of 'report_ledger_detail_view.date' cannot be read as date",
        f"{report}: 1 value of 'report_ledger_detail_view.quantity' cannot be read as number",
    ]
    reports.assert_all_fit()


def test_a_json_value_of_an_undocumented_type_becomes_a_misfit() -> None:
    reports = StubbedReports({"report_type": FORECAST, "options": {"sellingProgram": "RETAIL"}})
    stream = reports.stream("report_vendor_forecasting")
    forecast = {"forecastGenerationDate": "2026-11-01", "startDate": "2026-11-02"}
    rows = [
        forecast | {"endDate": "2026-11-08", "asin": "B1", "meanForecastUnits": 2.5},
        forecast | {"endDate": "2026-11-08", "asin": "B2", "meanForecastUnits": "many"},
        forecast | {"endDate": "2026-11-08", "asin": "B3", "meanForecastUnits": [1]},
    ]

    records = reports.write(stream, json.dumps({"forecastByAsin": rows}))

    assert [
        (record["asin"], record["mean_forecast_units"], record.get("_misfits"))
        for record in records
    ] == [
        ("B1", Decimal("2.5"), None),
        ("B2", None, {"mean_forecast_units": "many"}),
        ("B3", None, {"mean_forecast_units": "[1]"}),
    ]
    assert {properties["mean_forecast_units"]["type"][0] for properties in reports.schemas()} == {
        "number"
    }
    reports.assert_all_fit()


def test_fields_beyond_the_header_have_a_column_from_the_beginning() -> None:
    reports = StubbedReports(LISTINGS)
    stream = reports.stream("report_merchant_listings")
    many = [f"{number}\t1\t1" for number in range(ROWS_PER_PAGE)]

    records = reports.write(stream, listings(*many, "x\t1\t1\tmore"))

    assert records[-1]["_extra_columns"] == ["more"]
    (properties,) = reports.schemas()
    assert properties["_extra_columns"]["type"] == ["array", "null"]
    reports.assert_all_fit()


def test_a_text_column_of_the_catalog_stays_text() -> None:
    settings = {"reports": [LISTINGS]}
    catalog = json.loads(json.dumps(TapAmazonSP(config=CREDENTIALS | settings).catalog_dict))
    for entry in catalog["streams"]:
        if entry["stream"] == "report_merchant_listings":
            # A user's catalog may have another order.
            entry["schema"]["properties"]["price"] = {"type": ["null", "string"]}
    reports = StubbedReports(LISTINGS, catalog=catalog)

    (record,) = reports.write(reports.stream("report_merchant_listings"), listings("A\t1.50\t3"))

    assert record["price"] == "1.50"
    reports.assert_all_fit()


def test_values_have_the_types_of_the_catalog_or_are_misfits() -> None:
    catalog = StubbedReports(LISTINGS).tap.catalog_dict
    (entry,) = (one for one in catalog["streams"] if one["stream"] == "report_merchant_listings")
    entry["schema"]["properties"] |= {
        "quantity": {"type": ["integer", "null"]},
        "item_note": {"type": ["boolean", "null"]},
    }
    reports = StubbedReports(LISTINGS, catalog=catalog)

    records = reports.write(
        reports.stream("report_merchant_listings"),
        listings("A\t2\ttrue", "B\t2.5\tmaybe", header="seller-sku\tquantity\titem-note"),
    )

    assert [own(record) | {"not": record.get("_misfits")} for record in records] == [
        {"seller_sku": "A", "quantity": 2, "item_note": True, "not": None},
        {
            "seller_sku": "B",
            "quantity": None,
            "item_note": None,
            "not": {"quantity": "2.5", "item_note": "maybe"},
        },
    ]
    reports.assert_all_fit()


def test_a_catalog_of_an_earlier_release_takes_in_all_columns_at_once() -> None:
    catalog = StubbedReports(LISTINGS).tap.catalog_dict
    (entry,) = (one for one in catalog["streams"] if one["stream"] == "report_merchant_listings")
    properties = entry["schema"]["properties"]
    added = {name for name in properties if name[0] == "_" and name != "_misfits"}
    entry["schema"]["properties"] = {name: properties[name] for name in added}
    entry["metadata"] = [
        one for one in entry["metadata"] if not one["breadcrumb"] or one["breadcrumb"][1] in added
    ]
    reports = StubbedReports(LISTINGS, catalog=catalog)

    reports.write(
        reports.stream("report_merchant_listings"), listings("A\t1\t2"), listings("B\tn/a\t2")
    )

    (found,) = reports.schemas()
    assert own(found) == {"seller_sku": TEXT, "price": NUMBER, "quantity": NUMBER}
    assert "_misfits" in found
    reports.assert_all_fit()


def test_a_column_that_is_new_for_several_accounts_is_added_once() -> None:
    accounts = [{"name": name, "refresh_token": name} for name in ("a", "b")]
    reports = StubbedReports(LISTINGS, accounts=accounts)
    here, there = (reports.stream("report_merchant_listings", number) for number in (0, 1))

    header = "seller-sku\tprice\tnew column"

    reports.write(here, listings("A\t1.50\t3"))
    reports.write(there, listings("B\t1.50\tx", header=header))
    reports.write(here, listings("C\t1.50\ty", header=header))

    assert ["new_column" in properties for properties in reports.schemas()] == [False, True]
    reports.assert_all_fit()


@pytest.mark.parametrize("reads_ahead", [1, 8])
def test_columns_do_not_depend_on_reading_ahead(reads_ahead: int) -> None:
    reports = StubbedReports(LISTINGS, max_parallel_requests=reads_ahead)
    stream = reports.stream("report_merchant_listings")

    (record,) = reports.write(stream, listings("A\t1.50\t3"))

    assert own(record) == {"seller_sku": "A", "price": Decimal("1.50"), "quantity": 3}


def test_a_document_with_a_header_alone_and_an_empty_one_have_no_rows() -> None:
    reports = StubbedReports(LISTINGS)
    stream = reports.stream("report_merchant_listings")

    assert reports.write(stream, listings(), "", b"\xef\xbb\xbf") == []


@pytest.mark.parametrize("name", ["../out", "..", "a/b", "C:\\out", "/etc", "x" * 100])
def test_no_name_of_an_account_leads_out_of_the_folder(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "a" / "b" / "files"
    accounts = [{"name": name, "refresh_token": "a"}]
    reports = StubbedReports({"report_type": LISTINGS, "save_to": str(folder)}, accounts=accounts)

    (record,) = reports.write(reports.stream("report_merchant_listings"), listings("A\t1.50\t3"))

    (file,) = (path for path in tmp_path.rglob("*") if path.is_file())
    assert record["_file"] == str(file)
    assert file.parent.parent == folder
    assert record["_account"] == name


# --- Keys -----------------------------------------------------------------------------------------


def test_keys_that_are_not_columns_are_reported_with_those_that_are() -> None:
    reports = StubbedReports({"report_type": LISTINGS, "keys": ["sku"]})
    stream = reports.stream("report_merchant_listings")

    with pytest.raises(SettingsError, match=r"no 'sku', only seller_sku, price, quantity"):
        reports.write(stream, listings("A\t1\t1"))


def test_days_among_the_keys_are_written_in_one_way(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reports = StubbedReports({"report_type": LEDGER, "keys": ["date", "fnsku", "quantity"]})
    stream = reports.stream("report_ledger_detail_view")
    rows = ("11/20/2026\tX\t007", "2026-11-20\tY\t1", "Sunday\tZ\t1", "\tZ\t2")

    records = reports.write(stream, listings(*rows, header="Date\tFNSKU\tQuantity"))

    assert [(record["date"], record["quantity"]) for record in records] == [
        ("2026-11-20", "007"),
        ("2026-11-20", "1"),
        ("Sunday", "1"),
        ("(none)", "2"),
    ]
    assert not any("_misfits" in record for record in records)
    assert "_misfits" not in caplog.text
    reports.assert_all_fit()


def test_a_key_is_never_null() -> None:
    reports = StubbedReports({"report_type": LISTINGS, "keys": ["seller_sku", "price"]})
    stream = reports.stream("report_merchant_listings")

    records = reports.write(stream, listings("A\t1.50\t1", "B", "C\t\t2"))

    assert [(record["seller_sku"], record["price"]) for record in records] == [
        ("A", "1.50"),
        ("B", "(none)"),
        ("C", "(none)"),
    ]
    reports.assert_all_fit()


def test_natural_keys_that_amazon_leaves_out_are_filled() -> None:
    entry = {"report_type": TRAFFIC, "options": {"asinGranularity": "SKU"}}
    reports = StubbedReports(entry)
    stream = reports.stream("report_sales_and_traffic_by_asin")
    rows = [{"parentAsin": "P", "childAsin": "C", "sku": "S"}, {"parentAsin": "P", "sku": None}]

    first, second = reports.write(stream, json.dumps({"salesAndTrafficByAsin": rows}))

    assert stream.primary_keys == (
        "_data_start_time",
        "_marketplace_id",
        "parent_asin",
        "child_asin",
        "sku",
    )
    assert [first[name] for name in ("parent_asin", "child_asin", "sku")] == ["P", "C", "S"]
    assert [second[name] for name in ("parent_asin", "child_asin", "sku")] == [
        "P",
        "(none)",
        "(none)",
    ]


def test_row_numbers_begin_again_with_each_document() -> None:
    reports = StubbedReports(LISTINGS)
    stream = reports.stream("report_merchant_listings")
    many = [f"{number}\t1\t1" for number in range(ROWS_PER_PAGE + 1)]

    records = reports.write(stream, listings(*many), listings("A\t1\t1", "B\t1\t1"))

    numbers = [(record["_report_id"], record["_row_number"]) for record in records]
    expected = [("0", number) for number in range(1, ROWS_PER_PAGE + 2)]
    assert numbers == [*expected, ("1", 1), ("1", 2)]


# --- JSON -----------------------------------------------------------------------------------------


def test_a_number_among_texts_is_written_as_it_was_sent() -> None:
    reports = StubbedReports(UNKNOWN)
    stream = reports.stream("report_something_new")
    rows = '[{"a": 1.50, "b": 2}, {"a": "n/a", "b": {"c": 2.50, "d": [1]}}, {"a": true, "b": 3.0}]'

    records = reports.write(stream, f'{{"rows": {rows}}}')

    assert [record["a"] for record in records] == ["1.50", "n/a", "true"]
    assert records[0]["b"] == "2"
    assert json.loads(records[1]["b"], parse_float=Decimal) == {"c": Decimal("2.50"), "d": [1]}
    assert records[2]["b"] == "3.0"
    reports.assert_all_fit()


def test_text_that_is_not_a_date_is_text_at_any_depth() -> None:
    reports = StubbedReports({"report_type": "END_USER_DATA_REPORT", "record_path": "endUserData"})
    stream = reports.stream("report_end_user_data")

    def user(date: str) -> str:
        return json.dumps({"endUserData": [{"asinMetrics": [{"startDate": date, "asin": "A"}]}]})

    records = reports.write(stream, user("2026-11-01"), user("soon"), user("2026-11-03"))

    dates = [record["asin_metrics"][0]["start_date"] for record in records]
    assert dates == ["2026-11-01", "soon", "2026-11-03"]
    assert len(reports.schemas()) == 2
    reports.assert_all_fit()


def test_a_broken_document_fails_after_the_rows_before() -> None:
    reports = StubbedReports(UNKNOWN)
    stream = reports.stream("report_something_new")

    with pytest.raises(UnreadableDocumentError, match="Report 0: the document is not JSON"):
        reports.write(stream, '{"rows": [{"a": 1}, {"a": 2')


def test_an_error_in_json_shows_nothing_of_the_document() -> None:
    reports = StubbedReports("GET_SALES_AND_TRAFFIC_REPORT")
    text = '{"salesAndTrafficByDate":[{"buyer":"jane.doe@example.com" "x":1}]}'

    with pytest.raises(UnreadableDocumentError) as caught:
        reports.write(reports.stream("report_sales_and_traffic"), text)

    assert "jane.doe" not in str(caught.value)


# --- Files ----------------------------------------------------------------------------------------


def test_a_file_without_rows_requires_save_to() -> None:
    reports = StubbedReports("FBA_BULK_INVOICE")
    stream = reports.stream("report_fba_bulk_invoice")

    with pytest.raises(SettingsError, match="`save_to` stores it"):
        reports.write(stream, b"PK\x03\x04rest")


@pytest.mark.parametrize("content", [b"%PDF-1.4 " + b"x" * 300_000, b"PK\x03\x04rest"])
def test_a_file_is_stored_whole_and_gives_one_record(tmp_path: Path, content: bytes) -> None:
    reports = StubbedReports({"report_type": "FBA_BULK_INVOICE", "save_to": str(tmp_path)})
    stream = reports.stream("report_fba_bulk_invoice")

    (record,) = reports.write(stream, content)

    assert own(record) == {}
    assert record["_row_number"] == 1
    assert [str(path) for path in tmp_path.iterdir()] == [record["_file"]]
    assert Path(record["_file"]).read_bytes() == content
    reports.assert_all_fit()


def test_a_document_that_breaks_leaves_no_file(tmp_path: Path) -> None:
    reports = StubbedReports({"report_type": UNKNOWN, "save_to": str(tmp_path), "format": "csv"})
    stream = reports.stream("report_something_new")

    with pytest.raises(UnreadableDocumentError):
        reports.write(stream, '{"rows": [{"a": 1}, {"a": 2')

    assert list(tmp_path.iterdir()) == []


# --- Helpers --------------------------------------------------------------------------------------


def test_misfits_are_in_the_schema_though_it_is_flattened() -> None:
    reports = StubbedReports(LISTINGS, flattening_enabled=True, flattening_max_depth=3)

    records = reports.write(
        reports.stream("report_merchant_listings"), listings("A\tn/a\t3", "B\t2\t1")
    )

    assert set(records[0]) <= set(reports.schemas()[-1])


def test_values_have_the_type_that_another_account_found_for_their_property() -> None:
    reports = StubbedReports(UNKNOWN, accounts=ACCOUNTS)
    us, eu = (reports.stream("report_something_new", number) for number in (0, 1))
    job = {"reportId": "9", "reportDocumentId": "9", "createdTime": "2026-11-20T10:00:00Z"}
    reports.give(eu, {"9": StubbedDocument(listings("D\t2.50\t3"))})
    # The document is open, and the types of its columns are chosen.
    page = next(eu.reader.rows.pages_of(job, request=request_of(eu, "DE")))
    reports.write(us, json.dumps({"rows": [{"seller_sku": "A", "price": 1.5, "quantity": [3]}]}))

    with redirect_stdout(io.StringIO()) as stdout, eu.messages.one_schema():
        eu.pipeline.write(page)
        eu.batch.flush()

    new = [json.loads(line, parse_float=Decimal) for line in stdout.getvalue().splitlines()]
    reports.messages += new
    message = new[-1]
    assert own(message["record"]) == {"seller_sku": "D", "price": Decimal("2.5"), "quantity": None}
    assert message["record"]["_misfits"] == {"quantity": "3"}
    reports.assert_all_fit()


def test_a_deselected_property_is_not_among_the_misfits() -> None:
    catalog = StubbedReports(LISTINGS).tap.catalog_dict
    (entry,) = (one for one in catalog["streams"] if one["stream"] == "report_merchant_listings")
    (price,) = (one for one in entry["metadata"] if one["breadcrumb"] == ["properties", "price"])
    price["metadata"]["selected"] = False
    (root,) = (one["metadata"] for one in entry["metadata"] if not one["breadcrumb"])
    root["selected"] = True
    reports = StubbedReports(LISTINGS, catalog=catalog)

    records = reports.write(
        reports.stream("report_merchant_listings"), listings("A\tn/a\t3", "B\t2\t1")
    )

    assert "n/a" not in json.dumps(records, default=str)
    assert not any("price" in record for record in records)
    assert "price" not in reports.schemas()[-1]


def catalog_without(entry: str | dict[str, Any], name: str, *columns: str) -> dict[str, Any]:
    """Return a catalog that deselects columns of a stream."""
    catalog: dict[str, Any] = StubbedReports(entry).tap.catalog_dict
    (stream,) = (one for one in catalog["streams"] if one["stream"] == name)
    for one in stream["metadata"]:
        one["metadata"]["selected"] = one["breadcrumb"][-1:] not in [[name] for name in columns]
    return catalog


def test_an_undeclared_column_is_left_out_if_others_are_deselected(
    caplog: pytest.LogCaptureFixture,
) -> None:
    catalog = catalog_without(LISTINGS, "report_merchant_listings", "price")
    reports = StubbedReports(LISTINGS, catalog=catalog)
    document = listings("A\t1\t2", "B\t2\t3", header="seller-sku\tprice\tnew column")

    records = reports.write(reports.stream("report_merchant_listings"), document, document)

    assert [own(record) for record in records] == [{"seller_sku": "A"}, {"seller_sku": "B"}] * 2
    assert "new_column" not in reports.schemas()[-1]
    (told,) = [line for line in caplog.messages if "left out" in line]
    assert told == (
        "'report_merchant_listings': columns that the catalog does not have are left out, because "
        "others are deselected: new_column. To read them, add them to the catalog"
    )
    reports.assert_all_fit()


def test_what_may_be_values_of_a_row_is_not_named(caplog: pytest.LogCaptureFixture) -> None:
    catalog = catalog_without(LISTINGS, "report_merchant_listings", "price")
    reports = StubbedReports(LISTINGS, catalog=catalog)

    reports.write(
        reports.stream("report_merchant_listings"), listings("a\tb\tc", header="Jane\tRoe\tprice")
    )

    assert "are deselected: 2. To read" in caplog.text
    assert "jane" not in caplog.text.lower()


def test_an_undeclared_property_of_json_is_left_out_if_others_are_deselected() -> None:
    entry = {"report_type": FORECAST, "options": {"sellingProgram": "RETAIL"}}
    catalog = catalog_without(entry, "report_vendor_forecasting", "mean_forecast_units")
    reports = StubbedReports(entry, catalog=catalog)
    row = {
        "forecastGenerationDate": "2026-11-01",
        "startDate": "2026-11-02",
        "endDate": "2026-11-08",
        "asin": "B1",
        "meanForecastUnits": 2.5,
        "buyerName": "x",
    }

    (record,) = reports.write(
        reports.stream("report_vendor_forecasting"), json.dumps({"forecastByAsin": [row]})
    )

    assert {"buyer_name", "mean_forecast_units"}.isdisjoint(record)
    assert record["asin"] == "B1"
    reports.assert_all_fit()


def test_columns_of_an_unknown_type_are_read_though_others_are_deselected() -> None:
    catalog = catalog_without(UNKNOWN, "report_something_new", "_report_type")
    reports = StubbedReports(UNKNOWN, catalog=catalog)

    (record,) = reports.write(
        reports.stream("report_something_new"), listings("A", header="new column")
    )

    assert own(record) == {"new_column": "A"}
    assert "_report_type" not in record


def test_a_deselected_column_is_written_in_no_language() -> None:
    entry = {"report_type": LISTINGS, "column_names": "original"}
    catalog = catalog_without(entry, "report_merchant_listings", "seller-sku")
    reports = StubbedReports(entry, catalog=catalog)

    records = reports.write(
        reports.stream("report_merchant_listings"),
        listings("A\t1,50\t3", header="Händler-SKU\tPreis\tMenge"),
        listings("A\t1.50\t3", header="Seller SKU\tPrice\tQuantity"),
    )

    assert [own(record) for record in records] == [{"price": Decimal("1.50"), "quantity": 3}] * 2
    reports.assert_all_fit()
