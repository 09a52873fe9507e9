"""Rules about the parameters of operations that Amazon states in words, as the catalogue has them.

`scripts/rule_facts.py` has the rules with their sources.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tap_amazon_sp.common.enumerations import listed, quoted
from tap_amazon_sp.common.timestamps import parse_timestamp

EXACTLY_ONE = "exactly_one"
AT_LEAST_ONE = "at_least_one"
EXCLUDES = "excludes"
REQUIRES = "requires"
RANGE = "range"
PAST = "past"


@dataclass(frozen=True)
class Rule:
    """A rule about the parameters of an operation.

    Attributes:
        rule: `exactly_one` or `at_least_one` of `names` is given; `name` `excludes` or `requires`
            all `names`; `range`: the times from `after` to `before`; `past`: the times in `names`
            lie some seconds before the request, which only Amazon can judge.
        names: Parameters.
        name: The parameter on which the rule depends, if there is one.
        values: Its values for which the rule holds; empty means all.
        after: The parameter with the begin of a range.
        before: The parameter with the end of a range.
        days: How long the range may be; None means any length.
        seconds: How long ago the times must be.
    """

    rule: str
    names: tuple[str, ...] = ()
    name: str | None = None
    values: tuple[str, ...] = ()
    after: str | None = None
    before: str | None = None
    days: int | None = None
    seconds: int | None = None


def parse_rule(data: Mapping[str, Any]) -> Rule:
    """Return a rule of the catalogue."""
    lists = {name: tuple(data.get(name, ())) for name in ("names", "values")}
    return Rule(**{**data, **lists})


def mistakes_in_rules(
    rules: Sequence[Rule], parameters: Mapping[str, Any], token: str | None
) -> Iterator[str]:
    """Yield a sentence for each rule that the parameters of a call break.

    Args:
        rules: The rules of the operation.
        parameters: Values by name, of the types in the model.
        token: The parameter with the token of a further page, which replaces others.
    """
    given = {name for name, value in parameters.items() if value not in ("", [], (), None)}
    for rule in rules:
        if rule.rule == RANGE:
            sentence = _mistake_in_range(rule, parameters)
        elif rule.values and str(parameters.get(rule.name or "")) not in rule.values:
            continue
        elif rule.rule == EXCLUDES:
            sentence = _mistake_in_exclusion(rule, given)
        elif rule.rule == PAST or token in given:
            continue
        else:
            sentence = _mistake_in_presence(rule, given)
        if sentence is not None:
            yield sentence


def _mistake_in_exclusion(rule: Rule, given: Collection[str]) -> str | None:
    others = [name for name in rule.names if name in given]
    if rule.name not in given or not others:
        return None
    return f"`{rule.name}` cannot be given together with {listed(quoted(others))}"


def _mistake_in_presence(rule: Rule, given: Collection[str]) -> str | None:
    there = [name for name in rule.names if name in given]
    missing = [name for name in rule.names if name not in given]
    when = f" with `{rule.name}` {' or '.join(rule.values)}" if rule.values else ""
    one = listed(quoted(rule.names), "or")
    if not there and len(rule.names) == 1 and rule.rule != REQUIRES:
        return f"{one} is missing"
    if rule.rule == EXACTLY_ONE and len(there) != 1:
        return f"give {one}" if not there else f"give only one of {listed(quoted(there))}"
    if rule.rule == AT_LEAST_ONE and not there:
        return f"give {one}{when}"
    if rule.rule == REQUIRES and missing and (rule.values or rule.name in given):
        return f"`{rule.name}`{_spaced(rule.values)} needs {listed(quoted(missing))}"
    return None


def _mistake_in_range(rule: Rule, parameters: Mapping[str, Any]) -> str | None:
    after, before = (_time(parameters.get(name or "")) for name in (rule.after, rule.before))
    if after is None or before is None:
        return None
    if before < after:
        return f"`{rule.before}` must not be before `{rule.after}`"
    if rule.days is not None and before - after > dt.timedelta(days=rule.days):
        return f"`{rule.after}` and `{rule.before}` must not be more than {rule.days} days apart"
    return None


def _time(value: Any) -> dt.datetime | None:
    try:
        return parse_timestamp(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _spaced(values: Sequence[str]) -> str:
    return f" {' or '.join(values)}" if values else ""
