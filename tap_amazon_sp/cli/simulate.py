"""`amazon-sp simulate`: serve a local SP-API until stopped."""

from __future__ import annotations

import datetime as dt
import importlib.util
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from tap_amazon_sp.cli.serving import WrittenFiles, serve
from tap_amazon_sp.common.stopping import StopSignals
from tap_amazon_sp.simulator import (
    CHARSETS,
    DEFAULT_PORT,
    DIALECT_WORDS,
    EMPTY_PAGE_OPERATIONS,
    FLAT_FORMATS,
    LANGUAGES,
    MAX_SELLERS,
    AwsKey,
    Duration,
    ModelsError,
    Simulator,
    SimulatorSettings,
    check_dialect,
    check_language,
    parse_queue_address,
    report_types,
    server_address,
)

_DEFAULTS = SimulatorSettings()
_KEY_PARTS = (2, 3)


def _aws_keys(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[AwsKey, ...]:
    del ctx
    keys = []
    for value in values:
        parts = value.split(":", 2)
        if len(parts) not in _KEY_PARTS:
            message = "write it as ID:SECRET or ID:SECRET:SESSION_TOKEN"
            raise click.BadParameter(message, param=parameter)
        keys.append(AwsKey(*parts))
    return tuple(keys)


def _seconds(text: str) -> Duration:
    """Read `60`, or `30-300` for the shortest and the longest time."""
    least, _, most = text.partition("-")
    return (float(least), float(most)) if most else float(least)


def _duration(ctx: click.Context, parameter: click.Parameter, value: str) -> Duration:
    del ctx
    try:
        return _seconds(value)
    except ValueError:
        message = "write it as 60, or as 30-300"
        raise click.BadParameter(message, param=parameter) from None


_T = TypeVar("_T")


def _days(
    ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
) -> tuple[str, ...]:
    del ctx
    for value in values:
        try:
            # Some versions of Python also read other forms.
            is_date = dt.date.fromisoformat(value).isoformat() == value
        except ValueError:
            is_date = False
        if not is_date:
            message = f"{value!r}: write it as 2026-11-20"
            raise click.BadParameter(message, param=parameter)
    return values


def _queue(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    del ctx
    if value is not None:
        try:
            parse_queue_address(value)
        except ValueError as error:
            raise click.BadParameter(str(error), param=parameter) from None
    return value


def _by_type(
    read: Callable[[str], _T],
) -> Callable[[click.Context, click.Parameter, tuple[str, ...]], dict[str, _T]]:
    """Return a callback that reads `TYPE=VALUE` of a repeatable option."""

    def callback(
        ctx: click.Context, parameter: click.Parameter, values: tuple[str, ...]
    ) -> dict[str, _T]:
        del ctx
        result: dict[str, _T] = {}
        for value in values:
            name, separator, text = value.partition("=")
            message = f"{value!r}: write it as {parameter.metavar}"
            if not separator:
                raise click.BadParameter(message, param=parameter)
            try:
                result[name] = read(text)
            except ValueError as error:
                # What Python says about numbers is not for users.
                why = "" if read in (int, float, _seconds) else f" ({error})"
                raise click.BadParameter(message + why, param=parameter) from None
        return result

    return callback


def _charset(text: str) -> str:
    if text not in CHARSETS:
        message = f"known: {', '.join(CHARSETS)}"
        raise ValueError(message)
    return text


def _dialect(text: str) -> str:
    check_dialect(text)
    return text


def _language(text: str) -> str:
    check_language(text)
    return text


def _public_url(_: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    if text is None:
        return None
    try:
        return server_address(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param=parameter) from None


@click.command(
    name="simulate",
    # The options after COMMAND are its own.
    context_settings={"allow_interspersed_args": False},
)
@click.option("--host", default=_DEFAULTS.host, show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=DEFAULT_PORT,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option(
    "--public-url",
    metavar="URL",
    callback=_public_url,
    help="What addresses of documents begin with, if clients reach it by another address.",
)
@click.option("--tls", is_flag=True, help="Serve HTTPS, with a certificate authority of its own.")
@click.option(
    "--tls-folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(click.get_app_dir("amazon-sp")) / "simulator",
    help="Where the authority is kept for the next start; by default, with your other settings.",
)
@click.option(
    "--hosts",
    is_flag=True,
    help="With --tls: have the names of Amazon's hosts, for clients that know no other address.",
)
@click.option(
    "--sandbox",
    is_flag=True,
    help="Answer with the static cases of Amazon's models, as Amazon's sandbox does.",
)
@click.option(
    "--models",
    type=click.Path(exists=True, file_okay=False),
    help="With --sandbox: folder with a copy of amzn/selling-partner-api-models.",
)
@click.option(
    "--sellers",
    default=_DEFAULTS.sellers,
    show_default=True,
    type=click.IntRange(1, MAX_SELLERS),
    help="Sellers that authorized the application.",
)
@click.option(
    "--orders",
    default=_DEFAULTS.orders,
    show_default=True,
    type=click.IntRange(0, 5_000_000),
    help="Orders of each seller at the start.",
)
@click.option(
    "--purchase-orders",
    default=_DEFAULTS.purchase_orders,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Purchase orders of each vendor at the start.",
)
@click.option(
    "--records",
    default=_DEFAULTS.records,
    show_default=True,
    type=click.IntRange(0, 100_000),
    help="Records of every other list at the start.",
)
@click.option(
    "--days",
    "history_days",
    default=_DEFAULTS.history_days,
    show_default=True,
    type=click.IntRange(2, 720),
    help="How many days back the orders reach.",
)
@click.option(
    "--seed",
    default=_DEFAULTS.seed,
    show_default=True,
    type=click.IntRange(0),
    help="Another seed makes other sellers.",
)
@click.option(
    "--speed",
    default=_DEFAULTS.speed,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Multiplies request rates and the pace of feeds and reports.",
)
@click.option(
    "--changes-per-minute",
    default=_DEFAULTS.changes_per_minute,
    show_default=True,
    type=click.FloatRange(0),
    help="New and changed orders of each seller per minute; 0 freezes them.",
)
@click.option(
    "--region",
    default=_DEFAULTS.region,
    show_default=True,
    type=click.Choice(["na", "eu", "fe"]),
    help="Selling region.",
)
@click.option(
    "--prepared",
    is_flag=True,
    help="Make up all orders completely before the start, for benchmarks: answers come sooner, at"
    " about 2 kB for each order.",
)
@click.option(
    "--shuffle",
    is_flag=True,
    help="Let getOrders of Orders v0 answer orders in any order, instead of the oldest first.",
)
@click.option(
    "--strict",
    is_flag=True,
    help="Refuse requests that Amazon takes although its models or documents forbid them.",
)
@click.option(
    "--token-lifetime",
    default=_DEFAULTS.token_lifetime,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Seconds that access tokens are valid.",
)
@click.option(
    "--page-token-lifetime",
    default=_DEFAULTS.page_token_lifetime,
    show_default=True,
    type=click.FloatRange(0, min_open=True),
    help="Seconds that page tokens are valid, from the first page of a list on.",
)
@click.option(
    "--processing-seconds",
    default=f"{_DEFAULTS.processing_seconds:g}",
    show_default=True,
    callback=_duration,
    metavar="SECONDS",
    help="About how long a feed, report or query takes at speed 1; or a range, as in 30-300.",
)
@click.option(
    "--report-seconds",
    "report_processing_seconds",
    multiple=True,
    callback=_by_type(_seconds),
    metavar="TYPE=SECONDS",
    help="How long reports of a type take; or a range, as in TYPE=30-300. Repeatable.",
)
@click.option(
    "--reports-at-once",
    type=click.IntRange(1),
    help="How many reports of a seller are made at the same time; the others wait.",
)
@click.option(
    "--report-interval",
    "report_intervals",
    multiple=True,
    callback=_by_type(float),
    metavar="TYPE=SECONDS",
    help="Time before the same report is made again; 0 means at once. Repeatable.",
)
@click.option(
    "--report-rows",
    multiple=True,
    callback=_by_type(int),
    metavar="TYPE=ROWS",
    help="How many rows reports of a type have. Repeatable.",
)
@click.option(
    "--report-charset",
    "report_charsets",
    multiple=True,
    callback=_by_type(_charset),
    metavar="TYPE=CHARSET",
    help="Character set of reports of a type, such as UTF-16. Repeatable.",
)
@click.option(
    "--report-dialect",
    "report_dialects",
    multiple=True,
    callback=_by_type(_dialect),
    metavar="TYPE=WORD[,WORD...]",
    help=f"How the flat files of a type are written: {', '.join(DIALECT_WORDS)}. The type `*` is"
    " every other type. Repeatable.",
)
@click.option(
    "--report-language",
    "report_languages",
    multiple=True,
    callback=_by_type(_language),
    metavar="TYPE=LANGUAGE",
    help=f"Language of the flat files of a type: {', '.join(LANGUAGES)}. The type `*` is every"
    " other type. Repeatable.",
)
@click.option(
    "--report-type",
    "report_types",
    multiple=True,
    callback=_by_type(str.upper),
    metavar="TYPE=FORMAT",
    help="A report type that Amazon does not document: TSV, CSV or XML. Repeatable.",
)
@click.option(
    "--order-reports-lacking",
    default=_DEFAULTS.order_reports_lacking,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of orders that the reports of all orders lack.",
)
@click.option(
    "--order-reports-lacking-day",
    "order_reports_lacking_days",
    multiple=True,
    callback=_days,
    metavar="DATE",
    help="Day (UTC, as in 2026-11-20) whose new orders these reports lack. Repeatable.",
)
@click.option(
    "--order-reports-unknown",
    default=_DEFAULTS.order_reports_unknown,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of orders after which these reports have one that the Orders APIs do not know.",
)
@click.option(
    "--order-reports-latency",
    default=_DEFAULTS.order_reports_latency,
    show_default=True,
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="These reports show orders as they were that long before the request.",
)
@click.option(
    "--order-reports-present",
    is_flag=True,
    help="The rows of these reports show orders as they are at the download, not at the request.",
)
@click.option(
    "--order-reports-item-ids/--no-order-reports-item-ids",
    default=_DEFAULTS.order_reports_item_ids,
    show_default=True,
    help="Whether these reports, as flat files, have the ids of items.",
)
@click.option(
    "--order-reports-too-long",
    default=_DEFAULTS.order_reports_too_long,
    show_default=True,
    type=click.Choice(["sentence", "empty"]),
    help="What these reports are for more than 30 days: a document that only says so, or empty.",
)
@click.option(
    "--empty-pages",
    multiple=True,
    default=EMPTY_PAGE_OPERATIONS,
    help="Operation that now and then returns empty pages with a token; `all` means every one."
    " Repeatable. Default: those for which Amazon documents it.",
)
@click.option(
    "--aws-key",
    "aws_keys",
    multiple=True,
    callback=_aws_keys,
    metavar="ID:SECRET[:TOKEN]",
    help="AWS access key that may sign requests. Repeatable.",
)
@click.option(
    "--notify",
    callback=_queue,
    metavar="QUEUE",
    help="Send notifications to a queue on this machine: sqs://127.0.0.1:PORT/ACCOUNT/QUEUE, or"
    " its URL.",
)
@click.option(
    "--notify-type",
    "notify_types",
    multiple=True,
    default=_DEFAULTS.notify_types,
    show_default=True,
    metavar="TYPE",
    help="Type of notifications that accounts are subscribed to at the start. Repeatable.",
)
@click.option(
    "--notify-pace",
    default=_DEFAULTS.notify_pace,
    show_default=True,
    type=click.FloatRange(0),
    help="Seconds between two notifications of a type that is made up, such as offers; 0 means"
    " none.",
)
@click.option(
    "--notify-event-bridge",
    is_flag=True,
    help="Send these notifications as EventBridge sends them on.",
)
@click.option(
    "--notify-delay",
    default=f"{_DEFAULTS.notify_delay:g}",
    show_default=True,
    callback=_duration,
    metavar="SECONDS",
    help="How long a notification takes at speed 1; or a range, as in 0-3600.",
)
@click.option(
    "--notify-duplicates",
    default=_DEFAULTS.notify_duplicates,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of notifications that come twice.",
)
@click.option(
    "--notify-disorder",
    default=_DEFAULTS.notify_disorder,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of notifications that come up to two minutes late at speed 1, after others.",
)
@click.option(
    "--notify-lost",
    default=_DEFAULTS.notify_lost,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of notifications that never come.",
)
@click.option(
    "--notify-new-orders/--no-notify-new-orders",
    default=_DEFAULTS.notify_new_orders,
    show_default=True,
    help="Whether there are notifications of new orders.",
)
@click.option(
    "--write-config",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write settings of the tap that point to the simulator.",
)
@click.option(
    "--write-env",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Add addresses and credentials to a file as lines NAME=value, once it is ready. For"
    ' GitHub Actions, "$GITHUB_ENV".',
)
@click.argument("beside", metavar="[COMMAND [ARGUMENTS]...]", nargs=-1, type=click.UNPROCESSED)
def command(beside: tuple[str, ...], **options: Any) -> None:
    """Serve a local SP-API with made-up sellers until stopped (Ctrl+C).

    With a COMMAND, such as `amazon-sp simulate --port 0 -- pytest`, it serves until the command
    ends, and exits with its code. The command finds addresses and credentials in its environment:
    SP_API_ENDPOINT, SP_API_TOKEN_URL, SP_API_REFRESH_TOKEN and others, and the settings of the tap.
    """
    _check_installed("aiohttp")
    options |= _of_sandbox(options.pop("sandbox"), options.pop("models"))
    options |= _of_https(options["tls"], options["hosts"], options.pop("tls_folder"))
    files = WrittenFiles(options.pop("write_config"), options.pop("write_env"))
    for option, by_type in (
        ("--report-dialect", options["report_dialects"]),
        ("--report-language", options["report_languages"]),
    ):
        _check_flat_types(option, by_type, options["report_types"])
    context = click.get_current_context()
    try:
        simulator = Simulator(SimulatorSettings(**options))
    except ModelsError as error:
        raise click.BadParameter(str(error), param_hint="--models") from None
    signals = context.find_object(StopSignals)
    context.exit(serve(simulator, files, beside=beside, signals=signals))


def _of_sandbox(is_sandbox: bool, models: str | None) -> dict[str, Any]:  # noqa: FBT001 - an option
    """Return the settings of the sandbox.

    Raises:
        click.UsageError: One option is there without the other.
    """
    if is_sandbox != (models is not None):
        message = "--sandbox and --models belong together"
        raise click.UsageError(message)
    return {"sandbox": models}


def _of_https(tls: bool, hosts: bool, folder: Path) -> dict[str, Any]:  # noqa: FBT001 - options
    """Return the settings of HTTPS.

    Raises:
        click.ClickException: A library is missing, or an option.
    """
    if hosts and not tls:
        message = "it takes --tls: Amazon's hosts have HTTPS only"
        raise click.BadParameter(message, param_hint="--hosts")
    if not tls:
        return {}
    _check_installed("trustme")
    return {"tls_folder": str(folder)}


def _check_installed(library: str) -> None:
    if importlib.util.find_spec(library) is None:
        message = (
            f"the simulator needs {library}: install the extra `simulator`, "
            "e.g. pip install 'tap-selling-partner[simulator]'."
        )
        raise click.ClickException(message)


def _check_flat_types(
    option: str, by_type: Mapping[str, str], more_types: Mapping[str, str]
) -> None:
    """Refuse unknown names of types of flat files.

    Raises:
        click.BadParameter: There is one.
    """
    flat = {name for name, kind in report_types().items() if kind.format in FLAT_FORMATS}
    flat |= {name for name, form in more_types.items() if form in FLAT_FORMATS}
    if unknown := ", ".join(sorted({*by_type} - flat - {"*"})):
        message = f"these are not types of flat files: {unknown}. `*` stands for every other type"
        raise click.BadParameter(message, param_hint=option)
