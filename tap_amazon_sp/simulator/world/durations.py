"""How long jobs take."""

from __future__ import annotations

Duration = float | tuple[float, float]
"""Seconds: minimum and maximum, or one number for half of it to one and a half times it."""


def scaled(duration: Duration, speed: float) -> Duration:
    """Return a duration divided by a speed."""
    if isinstance(duration, tuple):
        return duration[0] / speed, duration[1] / speed
    return duration / speed


def drawn(duration: Duration, share: float) -> float:
    """Return the seconds between minimum (share 0) and maximum (share 1) of a duration."""
    low, high = duration if isinstance(duration, tuple) else (duration / 2, duration * 1.5)
    return low + (high - low) * share
