"""As many threads of calls work at once as there are turns; the others wait in the order in which they came."""

import asyncio
import threading

import pytest

from core20plus5_service.feed import AbandonedError, Feed, Outbox
from core20plus5_service.turns import Turns
from tests.service.in_process import soon


class Depth:
    """How many wait, as a gauge would show it."""

    def __init__(self) -> None:
        self.waiting = 0
        self._lock = threading.Lock()

    def __call__(self, by: int) -> None:
        with self._lock:
            self.waiting += by


def started(work: object, *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=work, args=arguments, daemon=True)  # type: ignore[arg-type]
    thread.start()
    return thread


@pytest.mark.parametrize("number", [1, 2])
def test_so_many_work_at_once_and_who_came_first_goes_first(number: int) -> None:
    depth, order = Depth(), []
    turns, go = Turns(number, depth), threading.Event()

    def work(place: int) -> None:
        with turns.taken():
            order.append(place)
            go.wait(60)

    threads = []
    for place in range(5):
        threads.append(started(work, place))
        soon(lambda place=place: len(order) + depth.waiting == place + 1)  # type: ignore[misc]
    assert (sorted(order), depth.waiting) == (list(range(number)), 5 - number)
    go.set()
    for thread in threads:
        thread.join(60)
    assert depth.waiting == 0
    # Of two who have their turns at once, either may be the first to say so.
    assert order == list(range(5)) if number == 1 else sorted(order) == list(range(5))


def test_a_turn_is_passed_on_to_who_waits_even_by_one_who_comes_straight_back() -> None:
    depth, order = Depth(), []
    turns = Turns(1, depth)

    def other() -> None:
        with turns.taken():
            order.append("other")

    with turns.taken():
        turns.pass_on()  # nobody waits
        thread = started(other)
        soon(lambda: depth.waiting == 1)
        order.append("one")
        turns.pass_on()
        order.append("one again")
    thread.join(60)
    assert order == ["one", "other", "one again"]


def test_a_call_that_fails_gives_its_turn_back() -> None:
    turns = Turns(1, Depth())
    with pytest.raises(ValueError, match="wrong"), turns.taken():
        raise ValueError("wrong")
    with turns.taken():
        pass


def test_who_waits_for_records_or_for_a_reader_leaves_the_turn() -> None:
    async def play() -> None:
        turns = Turns(1, Depth())
        feed, outbox = Feed[int](1, turns), Outbox[int](1, turns)
        done = []

        def works_on_a_feed() -> None:
            with turns.taken():
                done.extend(feed)

        def fills_an_outbox() -> None:
            with turns.taken():
                for item in range(3):
                    outbox.put(item)
                done.append("filled")

        one, other = started(works_on_a_feed), started(fills_an_outbox)
        feed.close()
        await asyncio.to_thread(one.join, 60)
        assert not one.is_alive()  # though the other one cannot go on
        assert done == []
        items = aiter(outbox)
        assert [await anext(items) for _ in range(3)] == [0, 1, 2]
        await asyncio.to_thread(other.join, 60)
        assert done == ["filled"]

    asyncio.run(play())


def test_a_call_that_was_cancelled_ends_between_pieces_of_work() -> None:
    async def play() -> None:
        feed = Feed[int](1, Turns(1, Depth()))
        feed.pause()
        feed.abandon()
        with pytest.raises(AbandonedError):
            feed.pause()

    asyncio.run(play())
