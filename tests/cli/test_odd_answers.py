"""`amazon-sp call` and answers that Amazon's models allow, or do not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest

from tap_amazon_sp.simulator import Simulator
from tests.cli.conftest import configured
from tests.cli.running import AmazonSP
from tests.unknown_api import JsonHandler, serving

ERRORS = {"errors": [{"code": "Odd", "message": "Something is odd"}]}
READ = ("searchOrders", "createdAfter=2020-01-01")
CHANGE = ("services.updateSchedule", "resourceId=R", "marketplaceIds=ATVPDKIKX0DER", "schedules=[]")


class Odd(JsonHandler):
    """Answers with what a test wants."""

    answer: ClassVar[Any] = None

    def content_of(self, path: str, query: dict[str, list[str]]) -> Any:
        del path, query
        return self.answer

    def do_PUT(self) -> None:  # noqa: N802 - the name in the base class
        self.do_GET()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with serving(Odd) as found:
        yield found


@pytest.fixture
def amazon_sp(address: str, shared_simulator: Simulator, tmp_path: Path) -> AmazonSP:
    return configured(shared_simulator, tmp_path, endpoint=address)


@pytest.mark.parametrize("call", [READ, CHANGE], ids=["read", "change"])
@pytest.mark.parametrize(
    "answer",
    [ERRORS, {}, [], None, "text", 5, {"payload": None}, {"orders": "none"}, {"orders": [5]}],
    ids=str,
)
def test_what_came_is_printed_whatever_it_is(
    amazon_sp: AmazonSP, call: tuple[str, ...], answer: Any
) -> None:
    Odd.answer = answer

    finished = amazon_sp.run_here("call", *call, "--yes")

    assert finished.exit_code == 0, finished.stderr
    assert finished.json == answer


@pytest.mark.parametrize("output", ["jsonl", "table"])
@pytest.mark.parametrize("answer", [ERRORS, {}, {"orders": None}], ids=str)
def test_records_are_not_printed_where_there_are_none(
    amazon_sp: AmazonSP, output: str, answer: Any
) -> None:
    Odd.answer = answer

    finished = amazon_sp.run_here("call", *READ, "--output", output)

    assert finished.exit_code != 0
    assert finished.stdout == ""
    assert ("Odd" if answer == ERRORS else "orders") in finished.stderr


def test_errors_beside_records_are_printed_too(amazon_sp: AmazonSP) -> None:
    Odd.answer = ERRORS | {"orders": [{"orderId": "1"}]}

    for options in (["--output", "jsonl"], ["--output", "jsonl", "--all-pages"]):
        finished = amazon_sp.run_here("call", *READ, *options)

        assert finished.exit_code == 0, finished.stderr
        assert finished.lines == [{"orderId": "1"}]
        assert finished.stderr.count("Amazon reports an error: Odd: Something is odd") == 1
