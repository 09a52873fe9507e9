"""Traffic and conversion are what the reports say."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from tests.warehouses import Row, Seller, Warehouse


def conversion(units: int, sessions: int) -> Decimal | None:
    if not sessions:
        return None
    return (Decimal(units) / sessions).quantize(Decimal("0.000001"), ROUND_HALF_UP)


def test_items_of_the_newest_report_of_each_day(warehouse: Warehouse, seller: Seller) -> None:
    records = [record for record, _ in seller.records("report_sales_and_traffic_by_asin")]
    newest: dict[tuple[str, str], str] = {}
    for record in records:
        window = record["_marketplace_id"], record["_data_start_time"]
        newest[window] = max(newest.get(window, ""), record["_report_created_time"])
    expected = {}
    for record in records:
        window = record["_marketplace_id"], record["_data_start_time"]
        if record["_report_created_time"] == newest[window]:
            sales, traffic = record["sales_by_asin"], record["traffic_by_asin"]
            expected[record["_marketplace_id"], window[1][:10], record["child_asin"]] = (
                traffic["sessions"],
                traffic["page_views"],
                sales["units_ordered"],
                sales["ordered_product_sales"]["currency_code"],
                sales["ordered_product_sales"]["amount"],
                conversion(sales["units_ordered"], traffic["sessions"]),
                traffic["buy_box_percentage"],
            )

    found = warehouse.rows("SELECT * FROM traffic_and_conversion")

    assert (
        {
            (row["marketplace_id"], str(row["day"]), row["asin"]): figures(row, "page_views")
            for row in found
        }
        == expected
        != {}
    )
    assert len(found) == len(expected)


def test_days_of_marketplaces(warehouse: Warehouse, seller: Seller) -> None:
    expected = {}
    for record, _ in seller.records("report_sales_and_traffic"):
        sales, traffic = record["sales_by_date"], record["traffic_by_date"]
        expected[record["_marketplace_id"], record["date"]] = (
            traffic["sessions"],
            sales["units_refunded"],
            sales["units_ordered"],
            sales["ordered_product_sales"]["currency_code"],
            sales["ordered_product_sales"]["amount"],
            conversion(sales["units_ordered"], traffic["sessions"]),
            traffic["buy_box_percentage"],
        )

    found = warehouse.rows("SELECT * FROM traffic_by_day")

    assert (
        {(row["marketplace_id"], str(row["day"])): figures(row, "units_refunded") for row in found}
        == expected
        != {}
    )
    assert len(found) == len(expected)


def figures(row: Row, second: str) -> tuple[object, ...]:
    names = ("sessions", second, "units_ordered", "currency", "revenue", "conversion")
    return (*(row[name] for name in names), row["buy_box_percentage"])
