from __future__ import annotations

import signal
import threading
import time

import pytest

from tap_amazon_sp.common.clock import SyncInterrupted, SystemClock


def test_a_stop_ends_every_wait() -> None:
    clock = SystemClock()
    woken: list[int] = []

    def wait() -> None:
        try:
            clock.sleep(60)
        except SyncInterrupted as stop:
            woken.append(stop.signal_number)

    threads = [threading.Thread(target=wait) for _ in range(3)]
    for thread in threads:
        thread.start()

    clock.interrupt(signal.SIGTERM)

    for thread in threads:
        thread.join(timeout=10)
    assert woken == [signal.SIGTERM] * 3


def test_there_are_no_waits_after_a_stop() -> None:
    clock = SystemClock()
    clock.interrupt(signal.SIGINT)

    with pytest.raises(SyncInterrupted):
        clock.sleep(60)


def test_a_signal_handler_may_stop_the_thread_that_it_interrupts() -> None:
    clock = SystemClock()
    previous = signal.signal(signal.SIGALRM, lambda number, _: clock.interrupt(number))
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        with pytest.raises(SyncInterrupted):
            clock.sleep(60)
    finally:
        signal.signal(signal.SIGALRM, previous)


def test_a_stop_does_not_deadlock_while_the_lock_is_held() -> None:
    clock = SystemClock()

    with clock._wake:
        clock.interrupt(signal.SIGTERM)

    with pytest.raises(SyncInterrupted):
        clock.sleep(0)


def test_time_goes_on() -> None:
    clock = SystemClock()
    before = clock.monotonic()

    clock.sleep(0.001)

    assert clock.monotonic() > before
    assert abs(clock.now().timestamp() - time.time()) < 5
