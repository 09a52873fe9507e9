"""Settings of this tap out of those of another connector, without its secrets.

Facts: for Airbyte, the connector's `manifest.yaml` (6.5.0) in `airbytehq/airbyte`, and
`AirbyteSecretConstants` in `airbytehq/airbyte-platform` (its API shows `**********` for a secret);
for hotglue, `tap.py`, `client.py` and `templates/config.json` in `hotgluexyz/tap-amazon-seller`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tap_amazon_sp.amazon.marketplaces import find_marketplace
from tap_amazon_sp.amazon.report_types import RemovedReportTypeError, report_type
from tap_amazon_sp.migration import airbyte, hotglue
from tap_amazon_sp.migration.rules import Rule
from tap_amazon_sp.migration.secret_shapes import has_secret, without_secrets
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.json_input import mistake_in_shape
from tap_amazon_sp.settings.reports import stream_name

_WRAPPERS = ("connectionConfiguration", "configuration", "config")
"""What has the settings inside, as Airbyte's API and Meltano show them."""
_NO_WINDOWS = "windows adapt to what they return"
_AT_ONCE = "all reports are requested at once, as fast as Amazon allows"
_BY_CHANGE = "shipments are read by their last change"
_NOT_SIGNED = "Amazon does not require signatures"

_SALES = "GET_SALES_AND_TRAFFIC_REPORT"
_NO_RULE = Rule()

Report = tuple[str, Mapping[str, str]]
"""A type of report, and options."""


@dataclass
class NewSettings:
    """The settings of this tap, and what a person must know about them.

    Attributes:
        values: The settings, none of them secret.
        notes: A sentence for each old setting that is not among them.
    """

    values: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class _Option(msgspec.Struct):
    option_name: str
    option_value: str


class _ReportOptions(msgspec.Struct):
    options_list: list[_Option]
    report_name: str | None = None
    stream_name: str | None = None


class AirbyteSettings(msgspec.Struct):
    """The settings of Airbyte's connector that are read in another way than one by one."""

    region: str = "US"
    aws_environment: str | None = None
    report_options_list: list[_ReportOptions] | None = None
    report_stream_lookback_window_in_hours: int | None = None
    sales_and_traffic_report_asin_granularity: str | None = None

    def read(self, found: NewSettings) -> None:
        """Add what these settings are here."""
        _set_marketplaces([self.region], found)
        if self.aws_environment == "SANDBOX":
            found.values["sandbox"] = True
        if hours := self.report_stream_lookback_window_in_hours:
            found.values["lookback"] = f"PT{hours}H"
        if "start_date" not in found.values:
            found.notes.append(
                "`replication_start_date` is not set: Airbyte reads two years then, and this tap "
                "as far back as Amazon keeps data. Set `start_date`"
            )

    def reports(self, streams: Iterable[str]) -> Iterator[Report]:
        """Yield the reports of these settings, and those of the streams."""
        configured = {
            entry.report_name or entry.stream_name or "": {
                one.option_name: one.option_value for one in entry.options_list
            }
            for entry in self.report_options_list or ()
        }
        if self.sales_and_traffic_report_asin_granularity is not None:
            asins = {"asinGranularity": self.sales_and_traffic_report_asin_granularity}
            configured[_SALES] = asins | configured.get(_SALES, {})
        needed = {_SALES}
        for name in streams:
            rule = airbyte.RULES.get(name, _NO_RULE)
            kind = rule.report_type or name
            if kind.startswith("GET_"):
                needed.add(kind)
                yield kind, {**rule.options, **configured.get(kind, {})}
        for kind in configured.keys() - needed - {""}:
            yield kind, configured[kind]


class HotglueSettings(msgspec.Struct):
    """The settings of hotglue's tap that are read in another way than one by one."""

    marketplace: str | None = None
    marketplaces: list[str] | str | None = None
    report_types: list[str] | str | None = None

    def read(self, found: NewSettings) -> None:
        """Add what these settings are here."""
        _set_marketplaces(_listed(self.marketplaces or self.marketplace), found)

    def reports(self, streams: Iterable[str]) -> Iterator[Report]:
        """Yield the reports of these settings, and those of the streams."""
        for kind in _listed(self.report_types):
            yield kind, {}
        for name in streams:
            rule = hotglue.RULES.get(name)
            if rule is not None and rule.report_type is not None:
                yield rule.report_type, rule.options


@dataclass(frozen=True)
class OldConnector:
    """What the settings of another connector are here.

    Attributes:
        same: Settings here, by the name there; the value is the same.
        secrets: Those whose value is secret.
        needless: Why others have none here.
        shape: Those that are read in another way.
    """

    same: Mapping[str, str]
    secrets: Mapping[str, str]
    needless: Mapping[str, str]
    shape: type[AirbyteSettings | HotglueSettings]

    @property
    def known(self) -> frozenset[str]:
        """The names of all settings that are known here."""
        return frozenset({*self.same, *self.secrets, *self.needless, *self.shape.__struct_fields__})


CONNECTORS: Mapping[str, OldConnector] = {
    "airbyte": OldConnector(
        same={
            "lwa_app_id": "client_id",
            "replication_start_date": "start_date",
            "replication_end_date": "end_date",
            "include_pii": "restricted_data",
        },
        secrets={"lwa_client_secret": "client_secret", "refresh_token": "refresh_token"},
        needless={
            "account_type": "the streams that are selected show it",
            "app_id": "only `amazon-sp authorize` takes it",
            "auth_type": "there is only one",
            "creation_requester_429_max_retries": _AT_ONCE,
            "failed_retry_wait_time_in_seconds": _AT_ONCE,
            "financial_events_max_results_per_page": "a page that is too large is made smaller",
            "financial_events_step": _NO_WINDOWS,
            "inbound_end_datetime": _BY_CHANGE,
            "inbound_replication_mode": _BY_CHANGE,
            "inbound_rolling_days": _BY_CHANGE,
            "inbound_start_datetime": _BY_CHANGE,
            "max_async_job_count": _AT_ONCE,
            "max_done_report_age_hours": "a report is found again if its data are complete",
            "num_workers": "streams are read side by side",
            "period_in_days": _NO_WINDOWS,
            "stop_sync_on_rate_limit": "the tap waits for the rate limit",
            "wait_to_avoid_fatal_errors": _AT_ONCE,
        },
        shape=AirbyteSettings,
    ),
    "hotglue": OldConnector(
        same={
            "lwa_client_id": "client_id",
            "start_date": "start_date",
            "end_date": "end_date",
            "sandbox": "sandbox",
        },
        secrets={"client_secret": "client_secret", "refresh_token": "refresh_token"},
        needless={
            "aws_access_key": _NOT_SIGNED,
            "aws_secret_key": _NOT_SIGNED,
            "processing_status": "a report is found, or requested, by its times",
            "products_include_data": "`catalog_items` has all data",
            "role_arn": _NOT_SIGNED,
        },
        shape=HotglueSettings,
    ),
}


def new_settings(content: Any, name: str, streams: Iterable[str], source: str) -> NewSettings:
    """Return settings of this tap.

    Args:
        content: The settings of the old connector, as JSON.
        name: The old connector.
        streams: Names of streams in its state, some of them reports.
        source: What holds the settings, for errors.

    Raises:
        SettingsError: They are not settings of this connector.
    """
    connector = CONNECTORS[name]
    given = _unwrapped(content)
    if given.keys().isdisjoint(connector.same):
        names = ", ".join(f"`{one}`" for one in connector.same)
        message = f"{source} has none of the settings of this connector, such as {names}"
        raise SettingsError([message])
    if mistake := mistake_in_shape(given, connector.shape, source):
        raise SettingsError([mistake])
    found = NewSettings()
    for old, ours in connector.same.items():
        if _is_masked(given.get(old)):
            found.notes.append(f"`{old}` is masked: set `{ours}`")
        elif given.get(old) not in (None, ""):
            found.values[ours] = given[old]
    found.notes += [
        f"`{ours}` is secret and not printed: set TAP_AMAZON_SP_{ours.upper()}"
        for ours in connector.secrets.values()
    ]
    others = msgspec.convert(given, connector.shape)
    others.read(found)
    if reports := _entries(others.reports(streams), found):
        found.values["reports"] = reports
    for old in given:
        if old in connector.needless:
            found.notes.append(f"`{old}` is not needed: {connector.needless[old]}")
        elif old not in connector.known:
            found.notes.append(f"`{old:.100}` is not a setting that is known here")
    return _without_secrets(found)


def _without_secrets(found: NewSettings) -> NewSettings:
    """Return the settings without those that hold what is secret, wherever it was."""
    kept = {name: value for name, value in found.values.items() if not has_secret(value)}
    notes = [without_secrets(note) for note in found.notes]
    notes += [
        f"`{name}` holds a secret here, which is not printed: correct it"
        for name in found.values
        if name not in kept
    ]
    return NewSettings(kept, notes)


def _unwrapped(content: Any) -> Mapping[str, Any]:
    for name in _WRAPPERS:
        if isinstance(content, dict) and isinstance(content.get(name), dict):
            return _unwrapped(content[name])
    return content if isinstance(content, dict) else {}


def _is_masked(value: Any) -> bool:
    """Return whether a value is hidden, as Airbyte hides secrets: masked, or a reference."""
    return isinstance(value, dict) or (isinstance(value, str) and {*value} == {"*"})


def _listed(names: list[str] | str | None) -> list[str]:
    found = names.split(",") if isinstance(names, str) else names or []
    return [name.strip() for name in found if name.strip()]


def _set_marketplaces(names: Iterable[str], found: NewSettings) -> None:
    """Set the region of the first marketplace, and all marketplaces in it."""
    others: list[str] = []
    codes: list[str] = []
    for name in names:
        try:
            marketplace = find_marketplace(name)
        except ValueError:
            found.notes.append(f"{name!r:.40} is not a marketplace")
            continue
        if found.values.setdefault("region", marketplace.region) == marketplace.region:
            codes.append(marketplace.country_code)
        else:
            others.append(marketplace.country_code)
    if codes:
        found.values["marketplace_ids"] = list(dict.fromkeys(codes))
    else:
        found.notes.append("No marketplace is named: set `region` and `marketplace_ids`")
    if others:
        found.notes.append(
            f"{', '.join(others)}: in another region. Read them with an entry of `accounts`, which "
            "has a `region`, a `refresh_token` and `marketplace_ids` of its own"
        )


def _entries(reports: Iterable[Report], found: NewSettings) -> list[Any]:
    """Return entries of `reports`, with the options that are not the default.

    A second entry of a type has other options, and a name made of them.
    """
    entries: list[dict[str, Any]] = []
    for kind, options in reports:
        try:
            defaults = report_type(kind).default_options
        except RemovedReportTypeError as error:
            found.notes.append(str(error))
            continue
        wanted = {one: value for one, value in options.items() if defaults.get(one) != value}
        of_type = [entry for entry in entries if entry["report_type"] == kind]
        if any(entry.get("options", {}) == wanted for entry in of_type):
            continue
        entry: dict[str, Any] = {"report_type": kind}
        if of_type:
            words = re.findall(r"\w+", " ".join(wanted.values()).lower()) or ["default"]
            entry["name"] = "_".join((stream_name(kind), *words))
        if wanted:
            entry["options"] = wanted
        entries.append(entry)
    return [one if len(one) > 1 else one["report_type"] for one in entries]
