"""Each rule that the catalogue has is kept by the simulator, and told by the tap beforehand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import pytest

from tap_amazon_sp.amazon import catalogue
from tap_amazon_sp.amazon.operation_rules import mistakes_in_rules
from tap_amazon_sp.simulator.server.checks import check_parameters, parse_query
from tap_amazon_sp.simulator.server.errors import ApiError
from tap_amazon_sp.simulator.server.models import Operation, load_models
from tap_amazon_sp.simulator.server.rules import check_rules
from tap_amazon_sp.simulator.world.timestamps import DAY, iso
from tests.simulator.model_arguments import Arguments, arguments_for

NOW = 1_790_000_000.0
MARKETPLACE = "ATVPDKIKX0DER"
OPERATIONS = [operation for operation in load_models() if operation.facts.get("rules")]

Values = dict[str, Any]


def with_values(operation: Operation, values: Mapping[str, Any]) -> Arguments:
    """Return what the model requires, and some values."""
    return arguments_for(
        load_models(), operation, marketplace=MARKETPLACE, given=values, with_needed=False
    )


def refusal(operation: Operation, values: Mapping[str, Any]) -> str | None:
    """Return the message of the simulator about the parameters of a call, or None."""
    models = load_models()
    arguments = with_values(operation, values)
    match = models.match(operation.method, arguments.path)
    query = parse_query(urlencode(arguments.query))
    assert match is not None
    try:
        checked = check_parameters(models, match, query, arguments.headers)
        check_rules(operation, query, checked, NOW)
    except ApiError as error:
        return f"{error.status} {error.message}"
    return None


def told(operation: Operation, values: Mapping[str, Any]) -> list[str]:
    """Return what the tap says about the parameters of a call."""
    found = catalogue.operation(operation.id)
    arguments = with_values(operation, values)
    token = found.paging.token_parameter if found.paging else None
    return list(mistakes_in_rules(found.rules, arguments.values, token))


def good_arguments(operation: Operation) -> Values:
    """Return arguments that keep all rules of an operation."""
    values: Values = {}
    for rule in operation.facts["rules"]:
        if rule["rule"] in {"exactly_one", "at_least_one"} and not {*rule["names"]} & {*values}:
            if "values" in rule:
                values.setdefault(rule["name"], rule["values"][0])
            values[rule["names"][0]] = value_of(operation, rule["names"][0])
    while missing := [
        name
        for rule in operation.facts["rules"]
        if rule["rule"] == "requires" and applies(operation, rule, values)
        for name in rule["names"]
        if name not in values
    ]:
        values |= {name: value_of(operation, name) for name in missing}
    return values


def applies(operation: Operation, rule: Mapping[str, Any], values: Values) -> bool:
    whole = with_values(operation, values).values
    if "values" in rule:
        return whole.get(rule["name"]) in rule["values"]
    return rule["name"] in whole


def value_of(operation: Operation, name: str) -> Any:
    """Return a value of a parameter; the end of a range is a day after its begin."""
    (parameter,) = (one for one in operation.facts["parameters"] if one["name"] == name)
    if name.endswith(("After", "Before", "Time", "Date", "Since", "Until")):
        is_end = name.endswith(("Before", "endTime", "Until")) or name.startswith("to")
        return iso(NOW - (2 if is_end else 3) * DAY)
    needed = {"parameters": [parameter | {"required": True}], "path": operation.path}
    alone = Operation("", operation.api, "GET", operation.path, needed)
    return arguments_for(load_models(), alone, marketplace=MARKETPLACE).values[name]


def broken(operation: Operation, rule: Mapping[str, Any]) -> Iterator[Values]:
    """Yield arguments that break one rule."""
    good = good_arguments(operation)
    if "values" in rule:
        good |= {rule["name"]: rule["values"][-1]}
    breaking = {
        "exactly_one": too_few_or_many,
        "at_least_one": too_few_or_many,
        "requires": incomplete,
        "excludes": contradictory,
        "range": out_of_range,
        "past": too_young,
    }
    yield from breaking[rule["rule"]](operation, rule, good)


def too_few_or_many(
    operation: Operation, rule: Mapping[str, Any], good: Values
) -> Iterator[Values]:
    yield {name: value for name, value in good.items() if name not in rule["names"]}
    if rule["rule"] == "exactly_one":
        yield good | {name: value_of(operation, name) for name in rule["names"][:2]}


def incomplete(operation: Operation, rule: Mapping[str, Any], good: Values) -> Iterator[Values]:
    alone = {rule["name"]: good.get(rule["name"]) or value_of(operation, rule["name"])}
    for missing in rule["names"]:
        yield {**{name: value for name, value in good.items() if name != missing}, **alone}


def contradictory(operation: Operation, rule: Mapping[str, Any], good: Values) -> Iterator[Values]:
    for name in rule["names"]:
        yield good | {both: value_of(operation, both) for both in (rule["name"], name)}


def out_of_range(operation: Operation, rule: Mapping[str, Any], good: Values) -> Iterator[Values]:
    after, before = (value_of(operation, rule[part]) for part in ("after", "before"))
    yield good | {rule["after"]: before, rule["before"]: after}
    if "days" in rule:
        yield good | {rule["after"]: iso(NOW - (rule["days"] + 3) * DAY), rule["before"]: before}


def too_young(_: Operation, rule: Mapping[str, Any], good: Values) -> Iterator[Values]:
    for name in rule["names"]:
        yield good | {name: iso(NOW - rule["seconds"] + 1)}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_call_that_keeps_the_rules_passes(operation: Operation) -> None:
    good = good_arguments(operation)

    assert refusal(operation, good) is None
    assert told(operation, good) == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.id)
def test_a_call_that_breaks_a_rule_is_refused(operation: Operation) -> None:
    for rule in operation.facts["rules"]:
        cases = list(broken(operation, rule))
        assert cases, rule
        for values in cases:
            assert str(refusal(operation, values)).startswith("400 "), (rule, values)
            if rule["rule"] != "past":
                assert told(operation, values), (rule, values)


def test_a_page_token_replaces_what_the_first_request_needs() -> None:
    operation = load_models().operation("feeds_2021-06-30.getFeeds")

    assert refusal(operation, {}) == "400 At least one of 'feedTypes' is required."
    assert refusal(operation, {"nextToken": "x"}) is None
    assert told(operation, {"nextToken": "x"}) == []


def test_a_range_without_an_end_ends_now() -> None:
    operation = load_models().operation("vendorOrders.getPurchaseOrders")

    assert refusal(operation, {"createdAfter": iso(NOW - 7 * DAY)}) is None
    assert "7 days" in str(refusal(operation, {"createdAfter": iso(NOW - 8 * DAY)}))


def test_the_tap_says_what_to_do(tell: Callable[[str], None]) -> None:
    def sentences(operation_id: str, **values: Any) -> list[str]:
        return told(load_models().operation(operation_id), values)

    tracking = "tracking_2026-01-30.getShipmentTracking"
    assert sentences(tracking, id="1", aftn="AFTN123456") == ["give only one of `id` and `aftn`"]
    assert sentences("sales.getOrderMetrics", granularity="Day") == [
        "`granularity` Day or Week or Month or Year needs `granularityTimeZone`"
    ]
    assert sentences(
        "definitionsProductTypes_2020-09-01.searchDefinitionsProductTypes",
        keywords=["a"],
        itemName="b",
    ) == ["`keywords` cannot be given together with `itemName`"]
    tell(f"{sum(len(one.facts['rules']) for one in OPERATIONS)} rules of {len(OPERATIONS)}")
    assert len(OPERATIONS) > 25


def test_rules_name_parameters_that_exist() -> None:
    for operation in OPERATIONS:
        known = {parameter["name"] for parameter in operation.facts["parameters"]}
        for rule in operation.facts["rules"]:
            parts = {rule[part] for part in ("name", "after", "before") if part in rule}
            assert parts | {*rule.get("names", ())} <= known
