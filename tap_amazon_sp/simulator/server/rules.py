"""Checks of the rules about parameters that Amazon states in words.

The catalogue has them as data. A request for a further page has the token instead of what the rules
`exactly_one`, `at_least_one` and `requires` demand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from tap_amazon_sp.simulator.server.checks import CheckedParameters
from tap_amazon_sp.simulator.server.errors import ApiError, invalid_input, invalid_parameter
from tap_amazon_sp.simulator.server.models import Operation
from tap_amazon_sp.simulator.server.schema_checks import time_of
from tap_amazon_sp.simulator.world.timestamps import DAY, MINUTE

Rule = Mapping[str, Any]


def check_rules(
    operation: Operation,
    query: Mapping[str, Sequence[str]],
    checked: CheckedParameters,
    now: float,
) -> None:
    """Check the parameters of a call against the rules of its operation.

    Args:
        operation: The operation.
        query: The values in the query by name; empty ones count as left out.
        checked: The decoded parameters.
        now: Time of the call, epoch seconds.

    Raises:
        ApiError: 400, names the parameters of the first rule that the call breaks.
    """
    given = {name for name, values in query.items() if any(values)}
    has_token = operation.token_parameter in given
    for rule in operation.facts.get("rules", ()):
        if "values" in rule and checked.values.get(rule["name"]) not in rule["values"]:
            continue
        problem = None
        if rule["rule"] == "range":
            problem = _problem_in_range(rule, _times(checked, rule, ("after", "before")), now)
        elif rule["rule"] == "past":
            problem = _problem_in_past(rule, checked, now)
        elif rule["rule"] == "excludes":
            problem = _problem_in_exclusion(rule, given)
        elif not has_token:
            problem = _problem_in_presence(rule, given)
        if problem is not None:
            raise problem


def _problem_in_exclusion(rule: Rule, given: Collection[str]) -> ApiError | None:
    others = [name for name in rule["names"] if name in given]
    if rule["name"] not in given or not others:
        return None
    return invalid_input(f"Parameters '{rule['name']}' and '{others[0]}' cannot be used together.")


def _problem_in_presence(rule: Rule, given: Collection[str]) -> ApiError | None:
    kind, names = rule["rule"], rule["names"]
    there = [name for name in names if name in given]
    missing = [name for name in names if name not in given]
    if kind == "requires":
        if not missing or not ("values" in rule or rule["name"] in given):
            return None
        message = f"Missing required parameter '{missing[0]}': '{rule['name']}' needs it."
        return invalid_input(message, details=missing[0])
    if len(there) == 1 or (there and kind == "at_least_one"):
        return None
    how = "Exactly one" if kind == "exactly_one" else "At least one"
    message = f"{how} of {', '.join(map(repr, names))} is required."
    return invalid_input(message, details=names[0])


def _times(checked: CheckedParameters, rule: Rule, parts: Sequence[str]) -> list[float | None]:
    return [_time(checked, rule[part]) for part in parts]


def _time(checked: CheckedParameters, name: str) -> float | None:
    """Return a time as epoch seconds; some have no format in the model."""
    text = checked.values.get(name)
    if name in checked.times or not text:
        return checked.times.get(name)
    return time_of(name, text)


def _problem_in_range(rule: Rule, times: list[float | None], now: float) -> ApiError | None:
    after, before = times
    if after is None:
        return None
    if before is not None and before < after:
        return invalid_parameter(rule["before"], f"it is before '{rule['after']}'")
    # Without an end, the range ends now; a request for the days before now takes a moment.
    length = now - MINUTE - after if before is None else before - after
    if "days" in rule and length > rule["days"] * DAY:
        problem = f"the date range must not exceed {rule['days']} days"
        return invalid_parameter(rule["after"], problem)
    return None


def _problem_in_past(rule: Rule, checked: CheckedParameters, now: float) -> ApiError | None:
    for name in rule["names"]:
        moment = _time(checked, name)
        # An end that a client gives stays valid for the following pages: it only gets older.
        if moment is not None and moment > now - rule["seconds"]:
            problem = f"it must be at least {rule['seconds']} seconds before now"
            return invalid_parameter(name, problem)
    return None
