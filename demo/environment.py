"""Environment variables for running Meltano in this checkout without the user's own settings."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

_OF_THE_USER = ("TAP_AMAZON_SP_", "TARGET_POSTGRES_", "MELTANO_")


def meltano_environment(folder: Path) -> dict[str, str]:
    """The environment of Meltano: none of the caller's settings, state that begins with nothing."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_USER)
    }
    lock = str(ROOT / "requirements" / "dev.txt")
    return environment | {
        "MELTANO_DATABASE_URI": f"sqlite:///{folder / 'meltano.db'}",
        "MELTANO_CLI_LOG_FORMAT": "uncolored",
        "NO_COLOR": "1",
        # The plugins get the versions that were tested.
        "UV_CONSTRAINT": lock,
        "UV_BUILD_CONSTRAINT": lock,
    }


STREAMS = (
    "fba_inventory_summaries",
    "feeds",
    "financial_transactions",
    "listings_items",
    "marketplace_participations",
    "order_items",
    "orders",
    "purchase_orders",
    "reports",
)
"""What the demonstration loads, of the streams that are built in."""

REPORT_STREAMS = (
    "report_all_orders",
    "report_merchant_listings_all",
    "report_sales_and_traffic",
    "report_sales_and_traffic_by_asin",
)
"""What it loads of reports: the streams that `reports` gives."""

TABLES = tuple(sorted((*STREAMS, *REPORT_STREAMS)))
"""All that it loads."""


def tap_environment(url: str, streams: Iterable[str] = STREAMS) -> dict[str, str]:
    """The settings of the tap: the simulator's address and its made-up credentials."""
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
    """The settings of the tap in the demonstration, with reports."""
    return tap_environment(url, TABLES) | {"TAP_AMAZON_SP_REPORTS": json.dumps(reports())}


def reports() -> list[dict[str, Any]]:
    """The reports whose rows the demonstration loads: of the last week, and of now."""
    week_ago = dt.datetime.now(dt.timezone.utc).date() - dt.timedelta(days=7)
    return [
        {
            "report_type": "GET_FLAT_FILE_ALL_ORDERS_DATA_BY_LAST_UPDATE_GENERAL",
            "name": "report_all_orders",
            "start_date": week_ago.isoformat(),
        },
        {
            "report_type": "GET_MERCHANT_LISTINGS_ALL_DATA",
            # The newest of each listing, not all that ever were.
            "keys": ["_marketplace_id", "seller_sku"],
        },
        {
            "report_type": "GET_SALES_AND_TRAFFIC_REPORT",
            "options": {"asinGranularity": "CHILD"},
            "marketplace_ids": ["US"],
            "start_date": week_ago.isoformat(),
        },
    ]
