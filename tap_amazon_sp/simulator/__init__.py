"""A local Selling Partner API with made-up sellers, for tests and for trying the tap.

It imports nothing from the rest of the package and has its own reader of Amazon's models, so that a
wrong belief about the API cannot hide in both. Serving needs the extra `simulator`.
"""

from __future__ import annotations

from tap_amazon_sp.simulator.credentials import TRUSTING_VARIABLES, Credentials
from tap_amazon_sp.simulator.notifications.queue_address import QueueError, parse_queue_address
from tap_amazon_sp.simulator.reports.dialects import DIALECT_WORDS, check_dialect
from tap_amazon_sp.simulator.reports.languages import LANGUAGES, check_language
from tap_amazon_sp.simulator.reports.text_files import CHARSETS
from tap_amazon_sp.simulator.reports.types import FLAT_FORMATS, report_types
from tap_amazon_sp.simulator.server.accounts import SELLER_REFRESH_TOKEN, VENDOR_REFRESH_TOKEN
from tap_amazon_sp.simulator.server.amazon_hosts import AMAZON_HOSTS
from tap_amazon_sp.simulator.server.certificates import CertificateError
from tap_amazon_sp.simulator.server.names import HTTPS_PORT, server_address
from tap_amazon_sp.simulator.server.sandbox import ModelsError
from tap_amazon_sp.simulator.server.settings import (
    DEFAULT_PORT,
    EMPTY_PAGE_OPERATIONS,
    MAX_SELLERS,
    SimulatorSettings,
)
from tap_amazon_sp.simulator.server.signatures import AwsKey
from tap_amazon_sp.simulator.server.throttle import UNDOCUMENTED_BURST, UNDOCUMENTED_RATE
from tap_amazon_sp.simulator.simulator import Simulator
from tap_amazon_sp.simulator.world.durations import Duration

__all__ = [
    "AMAZON_HOSTS",
    "CHARSETS",
    "DEFAULT_PORT",
    "DIALECT_WORDS",
    "EMPTY_PAGE_OPERATIONS",
    "FLAT_FORMATS",
    "HTTPS_PORT",
    "LANGUAGES",
    "MAX_SELLERS",
    "SELLER_REFRESH_TOKEN",
    "TRUSTING_VARIABLES",
    "UNDOCUMENTED_BURST",
    "UNDOCUMENTED_RATE",
    "VENDOR_REFRESH_TOKEN",
    "AwsKey",
    "CertificateError",
    "Credentials",
    "Duration",
    "ModelsError",
    "QueueError",
    "Simulator",
    "SimulatorSettings",
    "check_dialect",
    "check_language",
    "parse_queue_address",
    "report_types",
    "server_address",
]
