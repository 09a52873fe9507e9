"""`amazon-sp authorize`: get a refresh token through a selling partner's consent."""

from __future__ import annotations

import secrets
from dataclasses import replace

import click

from tap_amazon_sp.cli.connection import Connecting, connection_options
from tap_amazon_sp.cli.consent import consent_url, exchange, read_consent
from tap_amazon_sp.cli.data_output import write
from tap_amazon_sp.cli.mistakes import MistakesError
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.token_store import TokenStore
from tap_amazon_sp.settings.refresh_tokens import with_placeholder

_STATE_BYTES = 32


@click.command(name="authorize")
@click.option(
    "--application-id",
    metavar="ID",
    help="Id of the application (amzn1.sp.solution....). It is not the client id.",
)
@click.option(
    "--marketplace",
    metavar="NAME",
    help="Marketplace whose Seller or Vendor Central to use, as id or country code. Default: the"
    " first of `marketplace_ids`, or US, GB, JP by `region`.",
)
@click.option("--vendor", is_flag=True, help="Use Vendor Central, not Seller Central.")
@click.option(
    "--central",
    metavar="URL",
    help="Address of another Central than Amazon's, such as the simulator.",
)
@click.option("--beta", is_flag=True, help="The application is a draft.")
@click.option(
    "--redirect-uri",
    metavar="URL",
    help="One of the application's redirect URIs. Default: the first.",
)
@click.option(
    "--redirected-url", metavar="URL", help="Address that Amazon sent the browser to, if known."
)
@click.option("--state", metavar="TEXT", help="`state` of the consent URL. Default: random.")
@click.option(
    "--store",
    "files",
    multiple=True,
    metavar="FILE",
    help="File to store the refresh token in: the tap's config.json, or variables as in a .env."
    " Repeatable.",
)
@click.option("--print", "to_print", is_flag=True, help="Print the refresh token to stdout.")
@connection_options
def command(  # noqa: PLR0913 - one per option
    *,
    application_id: str | None,
    marketplace: str | None,
    vendor: bool,
    central: str | None,
    beta: bool,
    redirect_uri: str | None,
    redirected_url: str | None,
    state: str | None,
    files: tuple[str, ...],
    to_print: bool,
    connecting: Connecting,
) -> None:
    """Get a refresh token through a selling partner's consent.

    Prints the address of the consent page, asks for the address that Amazon then sends the browser
    to, and stores the refresh token. Without --store and --print it prints the address of the
    consent page to stdout and ends; continue with --redirected-url and --state.

    `client_id`, `client_secret` and `region` come from the settings.
    """
    if redirected_url is not None and state is None:
        raise MistakesError(["`--redirected-url` needs the `--state` that the consent URL had"])
    if redirected_url is None and application_id is None:
        raise MistakesError(["`--application-id` is missing (amzn1.sp.solution....)"])
    wants_token = bool(files) or to_print
    if redirected_url is not None and not wants_token:
        raise MistakesError(["say where the refresh token goes: `--store FILE` or `--print`"])
    stores = [TokenStore(file, connecting.account) for file in files]
    settings = with_placeholder(connecting.settings)
    account = replace(connecting, settings=settings).open().account

    state = state or secrets.token_urlsafe(_STATE_BYTES)
    if redirected_url is None:
        url = consent_url(
            account,
            str(application_id),
            state,
            marketplace=marketplace,
            vendor=vendor,
            beta=beta,
            redirect_uri=redirect_uri,
            central=central,
        )
        if not wants_token:
            write(f"{url}\n".encode())
            notice("Next: `--redirected-url URL --state STATE`, and `--store FILE` or `--print`")
            return
        notice(f"Open this address, sign in, and consent:\n\n{url}\n")
        redirected_url = click.prompt("Address that Amazon sent the browser to", err=True)
    consent = read_consent(str(redirected_url), state, redirect_uri)
    token = exchange(consent, account)
    if consent.selling_partner_id:
        notice(f"Authorized by selling partner {consent.selling_partner_id}")
    if to_print:
        write(f"{token}\n".encode())
    for file, store in zip(files, stores, strict=True):
        store.store(token)
        notice(f"Stored the refresh token in {file}")
