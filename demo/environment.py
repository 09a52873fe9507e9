"""Environment variables for running Meltano in this checkout without the user's own settings."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

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
"""What the demonstration loads, of all streams that there are."""


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
