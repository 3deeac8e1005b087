"""Blocks on several threads: their order, and how work ends that nobody waits for."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from core20plus5.parallel import Workers


def test_results_come_in_the_order_of_the_blocks() -> None:
    def slow_first(block: int) -> int:
        time.sleep(0.02 if block == 0 else 0)
        return block

    with ThreadPoolExecutor(3) as pool:
        assert list(Workers(pool, 3).in_order(slow_first, range(20))) == list(range(20))


def test_between_two_blocks_a_call_can_be_ended_and_what_waits_is_not_begun() -> None:
    begun: list[int] = []

    def nobody_waits() -> None:
        if len(begun) >= 3:
            raise TimeoutError

    with ThreadPoolExecutor(1) as pool, pytest.raises(TimeoutError):
        for _ in Workers(pool, 1, nobody_waits).in_order(begun.append, range(1_000)):
            pass
    assert 3 <= len(begun) <= 6
