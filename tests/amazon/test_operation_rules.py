from __future__ import annotations

from typing import Any

import pytest

from tap_amazon_sp.amazon.operation_rules import Rule, mistakes_in_rules, parse_rule

ONE = Rule("exactly_one", names=("id", "aftn"))
SOME = Rule("at_least_one", names=("skus", "asins"), name="type", values=("Sku", "Asin"))
EXCLUDING = Rule("excludes", name="asin", names=("sku",))
NEEDING = Rule("requires", name="identifiersType", names=("identifiers",))
WEEK = Rule("range", after="after", before="before", days=7)
PAST = Rule("past", names=("before",), seconds=120)


def mistakes(rule: Rule, token: str | None = None, **parameters: Any) -> list[str]:
    return list(mistakes_in_rules([rule], parameters, token))


@pytest.mark.parametrize(
    ("rule", "parameters", "expected"),
    [
        (ONE, {}, ["give `id` or `aftn`"]),
        (ONE, {"id": "1"}, []),
        (ONE, {"id": "1", "aftn": "2"}, ["give only one of `id` and `aftn`"]),
        # Nothing is given by an empty text or list.
        (ONE, {"id": "1", "aftn": ""}, []),
        (SOME, {"type": "Sku"}, ["give `skus` or `asins` with `type` Sku or Asin"]),
        (SOME, {"type": "Sku", "asins": ["A"], "skus": ["B"]}, []),
        (SOME, {"type": "Offer"}, []),
        (EXCLUDING, {"asin": "A", "sku": "B"}, ["`asin` cannot be given together with `sku`"]),
        (EXCLUDING, {"sku": "B"}, []),
        (NEEDING, {"identifiersType": "SKU"}, ["`identifiersType` needs `identifiers`"]),
        (NEEDING, {}, []),
        (
            WEEK,
            {"after": "2026-11-01T00:00:00Z", "before": "2026-11-09T00:00:00Z"},
            ["`after` and `before` must not be more than 7 days apart"],
        ),
        (
            WEEK,
            {"after": "2026-11-02T00:00:00Z", "before": "2026-11-01T00:00:00Z"},
            ["`before` must not be before `after`"],
        ),
        (WEEK, {"after": "2026-11-01T00:00:00Z", "before": "2026-11-08T00:00:00Z"}, []),
        (WEEK, {"after": "2026-11-01T00:00:00Z"}, []),
        (WEEK, {"after": "today", "before": "yesterday"}, []),
        # Only Amazon's clock can judge it.
        (PAST, {}, []),
        (PAST, {"before": "2999-01-01T00:00:00Z"}, []),
    ],
)
def test_each_broken_rule_gives_a_sentence(
    rule: Rule, parameters: dict[str, Any], expected: list[str]
) -> None:
    assert mistakes(rule, **parameters) == expected


def test_a_token_replaces_what_must_be_given_but_excludes_as_before() -> None:
    assert mistakes(ONE, "nextToken", nextToken="t") == []
    assert mistakes(ONE, "nextToken") == ["give `id` or `aftn`"]
    assert mistakes(EXCLUDING, "nextToken", nextToken="t", asin="A", sku="B")


def test_rules_of_the_catalogue_have_tuples() -> None:
    assert parse_rule({"rule": "exactly_one", "names": ["id", "aftn"]}) == ONE
