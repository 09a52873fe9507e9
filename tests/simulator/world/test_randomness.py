from __future__ import annotations

from tap_amazon_sp.simulator.world.randomness import share_from


def test_shares_follow_from_names_and_spread_evenly() -> None:
    shares = [share_from(1, "orders", number) for number in range(5000)]

    assert shares == [share_from(1, "orders", number) for number in range(5000)]
    assert len(set(shares)) == 5000
    assert 0 <= min(shares) < 0.01
    assert 0.99 < max(shares) < 1
    for tenth in range(10):
        assert 400 < sum(tenth <= 10 * share < tenth + 1 for share in shares) < 600
