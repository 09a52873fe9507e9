"""The feeds, reports and queries of a seller, put together as the settings say."""

from __future__ import annotations

from dataclasses import dataclass

from tap_amazon_sp.simulator.data_kiosk.economics import SellerFigures
from tap_amazon_sp.simulator.data_kiosk.operations import DataKiosk, QueryLimits
from tap_amazon_sp.simulator.feeds.operations import Feeds
from tap_amazon_sp.simulator.jobs.context import JobContext
from tap_amazon_sp.simulator.money.books import Books
from tap_amazon_sp.simulator.orders.details import OrderBook
from tap_amazon_sp.simulator.reports.generated import GeneratedReports
from tap_amazon_sp.simulator.reports.operations import ReportPace, Reports
from tap_amazon_sp.simulator.reports.report_orders import OrderReportFlaws, ReportBook
from tap_amazon_sp.simulator.reports.stock_reports import StockReports
from tap_amazon_sp.simulator.reports.text_files import FlatFiles
from tap_amazon_sp.simulator.server.settings import SimulatorSettings
from tap_amazon_sp.simulator.world.durations import scaled


@dataclass(frozen=True)
class SellerJobs:
    """The feeds, reports and queries of a seller."""

    feeds: Feeds
    reports: Reports
    data_kiosk: DataKiosk


def make_jobs(
    context: JobContext,
    settings: SimulatorSettings,
    book: OrderBook,
    books: Books,
    stock: StockReports,
) -> SellerJobs:
    """Make up the past feeds, reports and queries of a seller, in this order.

    Args:
        context: What they share.
        settings: How long they take, and how their documents look.
        book: The orders of the seller.
        books: What moved money on the seller's account.
        stock: The reports about stock.
    """
    duration = scaled(settings.processing_seconds, settings.speed)
    feeds = Feeds(context, duration=duration)
    files = FlatFiles(
        charsets=settings.report_charsets,
        dialects=settings.report_dialects,
        languages=settings.report_languages,
    )
    reports = Reports(
        context,
        ReportBook(book, books, _flaws(settings)),
        GeneratedReports(context.world, stock, rows=settings.report_rows, files=files),
        more_types=settings.report_types,
        pace=ReportPace(
            duration=duration,
            durations={
                name: scaled(seconds, settings.speed)
                for name, seconds in settings.report_processing_seconds.items()
            },
            at_once=settings.reports_at_once,
            intervals=settings.report_intervals,
            speed=settings.speed,
        ),
    )
    data_kiosk = DataKiosk(
        context,
        SellerFigures(book, books, stock.storage),
        count=settings.records,
        limits=QueryLimits(duration, settings.query_page_rows, settings.queries_at_once),
    )
    return SellerJobs(feeds, reports, data_kiosk)


def _flaws(settings: SimulatorSettings) -> OrderReportFlaws:
    """Return what is wrong with the reports of all orders."""
    return OrderReportFlaws(
        lacking=settings.order_reports_lacking,
        lacking_days=frozenset(settings.order_reports_lacking_days),
        unknown=settings.order_reports_unknown,
        latency=settings.order_reports_latency,
        present=settings.order_reports_present,
        item_ids=settings.order_reports_item_ids,
        too_long=settings.order_reports_too_long,
    )
