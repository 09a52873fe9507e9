"""Reading and checking settings: the result is typed values, and one sentence per mistake."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from tap_amazon_sp.amazon.marketplaces import find_marketplace, marketplace_in
from tap_amazon_sp.common.similar_names import close_to
from tap_amazon_sp.settings.definitions import DECLARATIONS, REQUIRED_SETTINGS, Settings
from tap_amazon_sp.settings.entries import read_values
from tap_amazon_sp.settings.errors import SettingsError
from tap_amazon_sp.settings.fields import Declaration
from tap_amazon_sp.settings.json_input import written_place
from tap_amazon_sp.settings.schema import SETTINGS
from tap_amazon_sp.settings.values import without_case

Mistakes = dict[str, list[str]]
"""Sentences by the name of the setting that is wrong."""


@dataclass(frozen=True)
class SettingsRead:
    """The settings as far as they can be read, and what is wrong with them.

    Attributes:
        settings: A setting that is wrong has the value that it has when it is not given.
        mistakes: One sentence per mistake; no sentence shows a secret.
        discovery_mistakes: The mistakes in settings that make streams. A discovery ignores the
            others.
    """

    settings: Settings
    mistakes: tuple[str, ...]
    discovery_mistakes: tuple[str, ...]


def settings_from(given: Mapping[str, Any]) -> Settings:
    """Return the settings that the user gave.

    Raises:
        SettingsError: Something is wrong with them.
    """
    found = read_settings(given)
    if found.mistakes:
        raise SettingsError(list(found.mistakes))
    return found.settings


def read_settings(
    given: Mapping[str, Any], schema: Mapping[str, Any] | None = None
) -> SettingsRead:
    """Read settings and check them.

    Args:
        given: As the user gave them.
        schema: JSON Schema of all settings, including the SDK's. Default: of the tap's own.
    """
    schema = SETTINGS.to_dict() if schema is None else schema
    given = {name: value for name, value in given.items() if value is not None}
    of_types = _mistakes_in_types(given, schema)
    of_right_type = {name: value for name, value in given.items() if name not in of_types}
    entries = of_right_type.pop("accounts", ())
    of_all = _read(of_right_type, _OF_TAP, _Values(Settings(), {}, {}))
    accounts, of_accounts = _read_accounts(entries, of_all)
    settings = dataclasses.replace(of_all.settings, accounts=accounts)
    of_values = of_all.mistakes
    if not accounts:
        of_values = _missing(of_all) | of_values
        if "region" not in of_values:
            of_values = of_values | _mistakes_in_regions_of_reports(settings)
    found = of_types or of_values or of_accounts
    makes_streams = {one.name for one in DECLARATIONS if one.makes_streams}
    return SettingsRead(
        settings,
        (*_unknown_settings(given, schema), *chain.from_iterable(found.values())),
        tuple(
            chain.from_iterable(
                sentences
                for name, sentences in (of_types | of_values).items()
                if name in makes_streams
            )
        ),
    )


_OF_TAP = tuple(one for one in DECLARATIONS if one.is_of_tap and one.name != "accounts")
_OF_ACCOUNT = tuple(one for one in DECLARATIONS if one.is_of_account)


@dataclass(frozen=True)
class _Values:
    """Settings of the tap or an account, what was given for them, and the mistakes in that."""

    settings: Settings
    given: Mapping[str, Any]
    mistakes: Mistakes


def _read(
    own: Mapping[str, Any], declarations: Iterable[Declaration], inherited: _Values
) -> _Values:
    """Read what is given, on top of what is inherited. A value that is wrong is ignored."""
    own = {name: value for name, value in own.items() if value is not None}
    found = read_values(declarations, own)
    settings = dataclasses.replace(inherited.settings, **found.by_field)
    given = {**inherited.given, **own}
    mistakes = {name: list(sentences) for name, sentences in found.mistakes.items()}
    for name, sentence in (
        *_mistakes_in_credentials(own),
        *_mistakes_in_combinations(settings, given, found.mistakes.keys()),
    ):
        mistakes.setdefault(name, []).append(sentence)
    return _Values(settings, given, mistakes)


def _read_accounts(
    entries: Iterable[Mapping[str, Any]], of_all: _Values
) -> tuple[tuple[Settings, ...], Mistakes]:
    """Return the settings of each account, and the mistakes by the label of the account."""
    accounts: list[Settings] = []
    mistakes: Mistakes = {}
    names: dict[str, str] = {}
    for number, entry in enumerate(entries):
        found = _read(entry, _OF_ACCOUNT, of_all)
        name = found.settings.name
        label = f"`accounts`[{number}]" + (f" '{name}'" if name else "")
        sentences = chain.from_iterable((_missing(found) | found.mistakes).values())
        mistakes[label] = [f"{label}: {sentence}" for sentence in sentences]
        if not name or not name.strip():
            if "name" not in found.mistakes:
                mistakes[label].insert(0, f"{label} needs a `name`")
        elif (other := names.get(without_case(name))) is not None:
            sentence = (
                "another account has this name"
                if name == other
                else f"the name differs from '{other}' in capitals only: choose another"
            )
            mistakes[label].insert(0, f"{label}: {sentence}")
        else:
            names[without_case(name)] = name
        accounts.append(found.settings)
    return tuple(accounts), {label: own for label, own in mistakes.items() if own}


def _missing(values: _Values) -> Mistakes:
    missing = [name for name in REQUIRED_SETTINGS if name not in values.given]
    return {name: [f"`{name}` is required"] for name in missing}


def _mistakes_in_credentials(given: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in REQUIRED_SETTINGS:
        value = given.get(name, "-")
        if not value.strip():
            yield name, f"`{name}` is empty"
        elif value != value.strip():
            yield name, f"`{name}` begins or ends with white space"


def _mistakes_in_combinations(
    settings: Settings, given: Mapping[str, Any], wrong: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the name of a setting and a sentence for each mistake that involves several settings.

    Args:
        settings: Of the tap or an account.
        given: The same, as the user gave them.
        wrong: Names of settings whose values are wrong; they have a sentence already.
    """
    if not {"region", "marketplace_ids"} & {*wrong}:
        for name in given.get("marketplace_ids", ()):
            try:
                marketplace_in(settings.region, name)
            except ValueError as error:
                yield "marketplace_ids", f"`marketplace_ids`: {error}"
    start, end = settings.start_date, settings.end_date
    if start and end and start >= end and not {"start_date", "end_date"} & {*wrong}:
        yield "end_date", "`end_date` must be later than `start_date`"
    keys = "`aws_access_key_id` and `aws_secret_access_key`"
    if bool(settings.aws_access_key_id) != bool(settings.aws_secret_access_key):
        yield "aws_access_key_id", f"{keys} go together: give both or none"
    if settings.aws_session_token and not settings.aws_access_key_id:
        yield "aws_session_token", f"`aws_session_token` goes with {keys}"
    if settings.sandbox and settings.endpoint:
        yield "sandbox", "`sandbox` and `endpoint` exclude each other: remove one"


def _mistakes_in_regions_of_reports(settings: Settings) -> Mistakes:
    """Return the mistakes in the marketplaces of reports, if there is only one account."""
    mistakes = []
    for report in settings.reports:
        for marketplace_id in report.marketplace_ids:
            try:
                marketplace_in(settings.region, find_marketplace(marketplace_id).country_code)
            except ValueError as error:
                mistakes.append(f"{report.label}: `marketplace_ids`: {error}")
    return {"reports": mistakes} if mistakes else {}


def _mistakes_in_types(given: Mapping[str, Any], schema: Mapping[str, Any]) -> Mistakes:
    mistakes: Mistakes = {}
    for error in sorted(Draft7Validator(schema).iter_errors(given), key=str):
        name = str(error.path[0]) if error.path else ""
        mistakes.setdefault(name, []).append(_sentence(error))
    return mistakes


def _unknown_settings(settings: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    for name in settings:
        if name in schema["properties"]:
            continue
        yield f"`{name}` is not a setting of this tap{close_to(name, schema['properties'])}"


def _sentence(error: ValidationError) -> str:
    """Return a sentence about a value of a wrong type; it does not show the value."""
    if error.context:
        # None of several types fits: what was meant fits furthest.
        depth = max(len(inner.absolute_path) for inner in error.context)
        meant = [inner for inner in error.context if len(inner.absolute_path) == depth]
        types = [name for inner in meant for name in _types_wanted(inner)]
        return _wrong_type(meant[0], types) if types else _sentence(meant[0])
    path, place = error.absolute_path, _place(error)
    if error.validator == "required":
        missing = error.message.split("'")[1]
        return f"{place} needs a `{missing}`" if path else f"`{missing}` is required"
    if error.validator == "additionalProperties":
        known = cast("Mapping[str, Any]", error.schema)["properties"]
        unknown = sorted({*cast("Mapping[str, Any]", error.instance)} - {*known})
        hint = close_to(unknown[0], known) if len(unknown) == 1 else ""
        return f"{place} takes no `{'`, `'.join(unknown)}`{hint}"
    if error.validator == "enum":
        allowed = ", ".join(str(value) for value in cast("list[Any]", error.validator_value))
        return f"{place} must be one of {allowed}"
    if types := _types_wanted(error):
        return _wrong_type(error, types)
    return f"{place} is not valid"


def _wrong_type(error: ValidationError, types: Iterable[str]) -> str:
    names = [name for name in types if name != "null"]
    wanted = f"of type {' or '.join(names)}" if names else "null"
    return f"{_place(error)} must be {wanted}"


def _types_wanted(error: ValidationError) -> list[str]:
    if error.validator != "type":
        return []
    types = cast("str | list[str]", error.validator_value)
    return types if isinstance(types, list) else [types]


def _place(error: ValidationError) -> str:
    return written_place(error.absolute_path) if error.absolute_path else "`settings`"
