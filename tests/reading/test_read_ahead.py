from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from tap_amazon_sp.reading.read_ahead import one_ahead, side_by_side

WAIT = 30.0


@pytest.fixture
def executor() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as threads:
        yield threads


class IdleExecutor(ThreadPoolExecutor):
    """Makes each call only when its result is needed, so that the order is fixed."""

    def __init__(self) -> None:
        super().__init__(1)
        self.begun: list[Future[Any]] = []

    def submit(self, function: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        class Call(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                if self.set_running_or_notify_cancel():
                    try:
                        self.set_result(function(*args, **kwargs))
                    except Exception as error:  # noqa: BLE001 - goes to who asks
                        self.set_exception(error)
                return super().result(timeout)

        self.begun.append(Call())
        return self.begun[-1]


def test_items_come_in_order(executor: ThreadPoolExecutor) -> None:
    assert list(one_ahead(iter(range(100)), executor)) == list(range(100))
    assert list(one_ahead(iter(()), executor)) == []


def test_no_item_is_mistaken_for_the_end(executor: ThreadPoolExecutor) -> None:
    items = [None, False, 0, (), ""]

    assert list(one_ahead(iter(items), executor)) == items


def test_the_next_item_is_fetched_while_the_last_is_processed(executor: ThreadPoolExecutor) -> None:
    got = [threading.Event() for _ in range(4)]

    def items() -> Iterator[int]:
        for number, event in enumerate(got):
            event.set()
            yield number

    reading = one_ahead(items(), executor)

    assert next(reading) == 0
    assert got[1].wait(WAIT)
    assert not got[2].is_set()
    assert next(reading) == 1
    assert got[2].wait(WAIT)
    assert not got[3].is_set()
    reading.close()  # type: ignore[attr-defined]


def test_a_failing_item_raises_in_its_place(executor: ThreadPoolExecutor) -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        message = "no third"
        raise ValueError(message)

    reading = one_ahead(items(), executor)

    assert [next(reading), next(reading)] == [1, 2]
    with pytest.raises(ValueError, match="no third"):
        next(reading)
    assert list(reading) == []


def test_nothing_more_is_fetched_after_the_caller_stops() -> None:
    executor = IdleExecutor()
    reading = one_ahead(iter(range(10)), executor)

    next(reading)
    reading.close()  # type: ignore[attr-defined]

    assert len(executor.begun) == 2
    assert executor.begun[-1].cancelled()


def test_results_come_in_the_order_of_their_arguments(
    executor: ThreadPoolExecutor,
) -> None:
    done = [threading.Event() for _ in range(4)]

    def last_first(number: int) -> int:
        if number < 3:
            assert done[number + 1].wait(WAIT)
        done[number].set()
        return number

    assert list(side_by_side(last_first, range(4), executor, ahead=4)) == [0, 1, 2, 3]


@pytest.mark.parametrize("ahead", [1, 3, 8])
def test_the_number_of_calls_ahead_is_limited(ahead: int) -> None:
    executor = IdleExecutor()
    taken = []

    def arguments() -> Iterator[int]:
        for number in range(6):
            taken.append(number)
            yield number

    reading = side_by_side(lambda number: number * 2, arguments(), executor, ahead=ahead)
    assert executor.begun == []

    for number in range(6):
        assert next(reading) == number * 2
        assert len(executor.begun) == len(taken) == min(number + ahead, 6)
    assert list(reading) == []


def test_a_failing_call_raises_in_place_of_its_result(
    executor: ThreadPoolExecutor,
) -> None:
    def invert(number: int) -> float:
        return 6 / number

    reading = side_by_side(invert, [1, 2, 0, 3], executor, ahead=4)

    assert [next(reading), next(reading)] == [6, 3]
    with pytest.raises(ZeroDivisionError):
        next(reading)
    assert list(reading) == []


def test_after_a_failure_no_further_call_is_made() -> None:
    executor = IdleExecutor()
    reading = side_by_side(lambda number: 6 / number, [0, 1, 2, 3, 4], executor, ahead=3)

    with pytest.raises(ZeroDivisionError):
        next(reading)

    assert len(executor.begun) == 3
    assert [future.cancelled() for future in executor.begun] == [False, True, True]


def test_failing_arguments_cancel_the_begun_calls() -> None:
    executor = IdleExecutor()

    def arguments() -> Iterator[int]:
        yield from (1, 2)
        message = "no third"
        raise ValueError(message)

    with pytest.raises(ValueError, match="no third"):
        list(side_by_side(str, arguments(), executor, ahead=9))

    assert all(future.cancelled() for future in executor.begun)


def test_no_call_begins_after_the_caller_stops() -> None:
    executor = IdleExecutor()
    reading = side_by_side(str, range(10), executor, ahead=4)

    next(reading)
    reading.close()  # type: ignore[attr-defined]

    assert len(executor.begun) == 4
    assert [future.cancelled() for future in executor.begun] == [False, True, True, True]
