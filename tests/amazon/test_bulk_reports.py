from __future__ import annotations

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.bulk_reports import bulk_reports
from tap_amazon_sp.amazon.report_types import report_type


def test_every_operation_and_report_type_exists() -> None:
    for operation_id, report in bulk_reports().items():
        assert catalogue.operation(operation_id).id == operation_id
        assert report_type(report.report_type).format == "tsv"
        assert report.holds


def test_many_orders_are_one_report() -> None:
    report = bulk_reports()["orders_2026-01-01.searchOrders"]

    assert report.report_type == "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_ORDER_DATE_GENERAL"
    assert report.setting == "orders_history: report"
    old = bulk_reports()["ordersV0.getOrders"]
    assert (old.report_type, old.setting) == (report.report_type, None)
