"""What is lost, told or wrong is found: real runs against doctored expectations."""

from __future__ import annotations

import dataclasses

import pytest

from tests.mutations.kinds import API
from tests.mutations.pairs import Reference, Scenario, Verdict, reference_of, run_pair
from tests.mutations.plan import Plan
from tests.mutations.scenarios import tokens
from tests.mutations.strikes import KINDS, Strike, Subject

# Python 3.12 warns of a fork beside the threads of pytest. The child waits for none of them.
pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")

ORDERS = "ordersV0.getOrders"


@pytest.fixture(scope="module")
def scenario(tmp_path_factory: pytest.TempPathFactory) -> Scenario:
    return tokens(tmp_path_factory.mktemp("scenario"), sellers=2)


@pytest.fixture(scope="module")
def reference(scenario: Scenario) -> Reference:
    return reference_of(scenario)


def strike(kind: str, *, stays: bool) -> Strike:
    return Strike(0, kind, Subject("seller-2", ORDERS), 0, stays, seed=1)


def judged(scenario: Scenario, reference: Reference, *strikes: Strike) -> Verdict:
    (verdict,) = run_pair(scenario, reference, strikes)
    return verdict


def test_what_stays_is_told_and_healed_by_the_next_run(
    scenario: Scenario, reference: Reference
) -> None:
    verdict = judged(scenario, reference, strike("html", stays=True))

    assert verdict.told
    assert verdict.healed > 0
    assert not verdict.is_bad


def test_what_passes_is_not_told(scenario: Scenario, reference: Reference) -> None:
    verdict = judged(scenario, reference, strike("html", stays=False))

    assert not verdict.told
    assert verdict.healed == 0
    assert not verdict.is_bad


def test_a_record_that_is_never_written_is_lost(scenario: Scenario, reference: Reference) -> None:
    places = {place: dict(found) for place, found in reference.written.records.items()}
    places["orders", "seller-2"]["one more"] = "{}"
    written = dataclasses.replace(reference.written, records=places)
    more = dataclasses.replace(reference, written=written)

    verdict = judged(scenario, more, strike("html", stays=False))

    assert (verdict.lost, verdict.lost_silently) == (1, 1)
    assert verdict.is_bad
    assert "orders seller-2: lost 1" in verdict.note


def test_a_plan_has_every_kind_in_its_turn_and_is_the_same_for_the_same_seed(
    scenario: Scenario, reference: Reference
) -> None:
    def plan(seed: int) -> list[Strike]:
        made = Plan(scenario, reference, seed=seed, passing=2)
        return [one for _ in range(400) for one in made.next_pair()]

    strikes = plan(1)

    assert strikes == plan(1)
    assert strikes != plan(2)
    assert {
        one.kind
        for one in strikes
        if one.subject.operation == ORDERS and not KINDS[one.kind].is_alone
    } == {
        name
        for name, kind in KINDS.items()
        if kind.at == API and not (kind.operations or kind.is_alone)
    }
    assert {one.stays for one in strikes} == {True, False}
