"""`amazon-sp listings`: read and change single listings.

Facts: Amazon's model `listingsItems_2021-08-01` (a validation preview changes nothing; a submission
with errors is INVALID and is not carried out).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import click

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.catalogue import Operation
from tap_amazon_sp.cli.arguments import read_json
from tap_amazon_sp.cli.call import Manner, carry_out
from tap_amazon_sp.cli.connection import Connecting
from tap_amazon_sp.cli.mistakes import FAILURE, MistakesError
from tap_amazon_sp.cli.notices import notice
from tap_amazon_sp.cli.operation_commands import (
    changing_options,
    checked,
    chosen_marketplaces,
    marketplaces_option,
    names_in,
    reading_options,
)
from tap_amazon_sp.reading.connection import Connection

_API = "listingsItems_2021-08-01"
_PREVIEW = "VALIDATION_PREVIEW"
_INVALID = "INVALID"

_seller_id = click.option(
    "--seller-id", metavar="ID", help="Merchant token of the seller. Default: `seller_id`."
)
_issue_locale = click.option(
    "--issue-locale", metavar="LOCALE", help="Language of issues, such as en_US."
)
_product_type = click.option(
    "--product-type", metavar="TYPE", help="Amazon's product type. Default: that of the file."
)
_preview = click.option(
    "--preview", is_flag=True, help="Let Amazon validate the change without making it."
)


@click.group(name="listings")
def command() -> None:
    """Read, create, change and delete listings by SKU."""


@command.command(name="get")
@click.argument("sku")
@_seller_id
@marketplaces_option
@click.option(
    "--include",
    multiple=True,
    metavar="DATA",
    help="Data sets, such as summaries,issues. Default: all.",
)
@_issue_locale
@reading_options
def get(  # noqa: PLR0913 - one per option
    *,
    sku: str,
    seller_id: str | None,
    marketplaces: tuple[str, ...],
    include: tuple[str, ...],
    issue_locale: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Print the listing of SKU."""
    operation = catalogue.operation(f"{_API}.getListingsItem")
    connection = connecting.open(seller_id=seller_id)
    parameters = _parameters(connection, sku, marketplaces, issue_locale, or_all=True)
    parameters["includedData"] = names_in(include) or _all_data(operation)
    carry_out(connection, operation, checked(operation, parameters), manner)


@command.command(name="put")
@click.argument("sku")
@click.argument("file")
@_seller_id
@marketplaces_option
@_product_type
@click.option(
    "--requirements", metavar="SET", help="LISTING, LISTING_PRODUCT_ONLY or LISTING_OFFER_ONLY."
)
@_preview
@_issue_locale
@changing_options
def put(  # noqa: PLR0913 - one per option
    *,
    sku: str,
    file: str,
    seller_id: str | None,
    marketplaces: tuple[str, ...],
    product_type: str | None,
    requirements: str | None,
    preview: bool,
    issue_locale: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Create or replace the listing of SKU with the content of FILE (- is stdin).

    FILE is JSON: `{"productType": "LUGGAGE", "attributes": {...}}`.
    """
    body = _with(read_json(file, "FILE"), productType=product_type, requirements=requirements)
    connection = connecting.open(seller_id=seller_id)
    parameters = _parameters(connection, sku, marketplaces, issue_locale)
    _submit(connection, "putListingsItem", parameters, body, manner, preview=preview)


@command.command(name="patch")
@click.argument("sku")
@click.argument("file")
@_seller_id
@marketplaces_option
@_product_type
@_preview
@_issue_locale
@changing_options
def patch(  # noqa: PLR0913 - one per option
    *,
    sku: str,
    file: str,
    seller_id: str | None,
    marketplaces: tuple[str, ...],
    product_type: str | None,
    preview: bool,
    issue_locale: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Change parts of the listing of SKU as FILE says (- is stdin).

    FILE is JSON: `{"productType": "LUGGAGE", "patches": [{"op": "replace", ...}]}`, or the list of
    patches alone, with --product-type.
    """
    content = read_json(file, "FILE")
    whole = {"patches": content} if isinstance(content, list) else content
    connection = connecting.open(seller_id=seller_id)
    parameters = _parameters(connection, sku, marketplaces, issue_locale)
    body = _with(whole, productType=product_type)
    _submit(connection, "patchListingsItem", parameters, body, manner, preview=preview)


@command.command(name="delete")
@click.argument("sku")
@_seller_id
@marketplaces_option
@_issue_locale
@changing_options
def delete(  # noqa: PLR0913 - one per option
    *,
    sku: str,
    seller_id: str | None,
    marketplaces: tuple[str, ...],
    issue_locale: str | None,
    connecting: Connecting,
    manner: Manner,
) -> None:
    """Delete the listing of SKU."""
    connection = connecting.open(seller_id=seller_id)
    parameters = _parameters(connection, sku, marketplaces, issue_locale)
    _submit(connection, "deleteListingsItem", parameters, None, manner)


def _parameters(
    connection: Connection,
    sku: str,
    marketplaces: tuple[str, ...],
    issue_locale: str | None,
    *,
    or_all: bool = False,
) -> dict[str, Any]:
    """Return the parameters that all operations of a listing take."""
    seller_id = connection.settings.seller_id
    if not seller_id:
        message = "the seller is missing: give `--seller-id`, or the setting `seller_id`"
        raise MistakesError([message])
    return {
        "sellerId": seller_id,
        "sku": sku,
        "marketplaceIds": chosen_marketplaces(marketplaces, connection, or_all=or_all),
        "issueLocale": issue_locale,
    }


def _all_data(operation: Operation) -> list[str]:
    parameter = operation.parameter("includedData")
    return list((parameter and parameter.items_enum) or ())


def _with(body: Any, **fields: str | None) -> Any:
    """Return a body with the fields that options set."""
    given = {name: value for name, value in fields.items() if value is not None}
    return {**body, **given} if isinstance(body, Mapping) else body


def _submit(  # noqa: PLR0913 - the pieces of a request
    connection: Connection,
    name: str,
    parameters: Mapping[str, Any],
    body: Any,
    manner: Manner,
    *,
    preview: bool = False,
) -> None:
    """Call an operation that changes a listing, and print the status and issues to stderr."""
    operation = catalogue.operation(f"{_API}.{name}")
    mode = {"mode": _PREVIEW} if preview else {}
    arguments = checked(operation, {**parameters, **mode}, body)
    # A preview changes nothing, so there is no question.
    answer = carry_out(connection, operation, arguments, replace(manner, yes=manner.yes or preview))
    if answer is None:
        return
    status = answer.body.get("status")
    notice(f"{parameters['sku']}: {status}")
    for issue in answer.body.get("issues") or ():
        notice(f"  {_issue_text(issue)}")
    if status == _INVALID:
        raise click.exceptions.Exit(FAILURE)


def _issue_text(issue: Mapping[str, Any]) -> str:
    attributes = ", ".join(issue.get("attributeNames") or ())
    place = f" ({attributes})" if attributes else ""
    return f"{issue.get('severity')} {issue.get('code')}: {issue.get('message')}{place}"
