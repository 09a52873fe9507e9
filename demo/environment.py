"""Environment variables for running Meltano in this checkout without the user's own settings."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

_OF_THE_USER = ("DBT_", "TAP_AMAZON_SP_", "TARGET_DUCKDB_", "TARGET_POSTGRES_", "MELTANO_")

DBT_LOCK = {"UV_CONSTRAINT": str(ROOT / "requirements" / "dbt.txt")}
"""Environment variables with which Meltano installs dbt in the tested versions."""


def meltano_environment(folder: Path) -> dict[str, str]:
    """Return an environment for Meltano without the caller's settings, and with a new state."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_USER)
    }
    lock = str(ROOT / "requirements" / "dev.txt")
    return environment | {
        "MELTANO_DATABASE_URI": f"sqlite:///{folder / 'meltano.db'}",
        "MELTANO_CLI_LOG_FORMAT": "uncolored",
        "NO_COLOR": "1",
        # Plugins other than dbt are installed in the tested versions.
        "UV_CONSTRAINT": lock,
        "UV_BUILD_CONSTRAINT": lock,
    }


STREAMS = (
    "expected_payouts",
    "fba_inventory_summaries",
    "feeds",
    "financial_event_groups",
    "financial_events",
    "financial_transactions",
    "listings_items",
    "marketplace_participations",
    "order_items",
    "orders",
    "payouts",
    "purchase_order_items",
    "purchase_orders",
    "purchase_orders_status",
    "reports",
)
"""The built-in streams that the demonstration loads."""

REPORT_STREAMS = (
    "report_all_orders",
    "report_merchant_listings_all",
    "report_sales_and_traffic",
    "report_sales_and_traffic_by_asin",
    "report_v2_settlement_report_data_flat_file_v2",
)
"""The streams of reports that the demonstration loads."""

TABLES = tuple(sorted((*STREAMS, *REPORT_STREAMS)))
"""All streams that the demonstration loads."""


def tap_environment(url: str, streams: Iterable[str] = STREAMS) -> dict[str, str]:
    """Return the tap's settings: the simulator's address and its made-up credentials."""
    settings = {
        "_select": json.dumps([f"{name}.*" for name in streams]),
        "seller_id": "A1SIMULATEDSELLER",
        "endpoint": url,
        "token_url": f"{url}/auth/o2/token",
        "client_id": "amzn1.application-oa2-client.simulator",
        "client_secret": "amzn1.oa2-cs.v1.simulator",
        "refresh_token": "Atzr|simulator-seller",
    }
    return {f"TAP_AMAZON_SP_{name.upper()}": value for name, value in settings.items()}


def demo_environment(url: str) -> dict[str, str]:
    """Return the tap's settings in the demonstration: 90 days, with reports."""
    return tap_environment(url, TABLES) | {
        "TAP_AMAZON_SP_START_DATE": _days_ago(90),
        "TAP_AMAZON_SP_REPORTS": json.dumps(reports()),
    }


def reports() -> list[dict[str, Any]]:
    """Return the reports whose rows the demonstration loads: settlements, the last week, today."""
    week_ago = _days_ago(7)
    return [
        # Amazon makes these by itself.
        {"report_type": "GET_V2_SETTLEMENT_REPORT_DATA_FLAT_FILE_V2"},
        {
            "report_type": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
            "name": "report_all_orders",
            "start_date": week_ago,
        },
        {
            "report_type": "GET_MERCHANT_LISTINGS_ALL_DATA",
            # Keep the newest row of each listing, not its history.
            "keys": ["_marketplace_id", "seller_sku"],
        },
        {
            "report_type": "GET_SALES_AND_TRAFFIC_REPORT",
            "options": {"asinGranularity": "CHILD"},
            "marketplace_ids": ["US"],
            "start_date": week_ago,
        },
    ]


def _days_ago(days: int) -> str:
    """Return a day in the past, in UTC."""
    return (dt.datetime.now(dt.timezone.utc).date() - dt.timedelta(days=days)).isoformat()
