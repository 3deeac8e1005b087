"""The queue of the working threads, as operators see it."""

import threading
from concurrent.futures import Future

from core20plus5_service.pool import WatchedPool
from tests.service.in_process import soon


def test_what_waits_is_counted() -> None:
    depth, lock = [0], threading.Lock()

    def changed(by: int) -> None:
        with lock:
            depth[0] += by

    go = threading.Event()
    with WatchedPool(1, "work", changed) as pool:
        futures: list[Future[bool]] = [pool.submit(go.wait, 60) for _ in range(5)]
        soon(lambda: depth[0] == 4)  # one runs
        assert futures[4].cancel()
        assert depth[0] == 3
        go.set()
        assert [future.result(60) for future in futures[:4]] == [True] * 4
    assert depth[0] == 0


def test_a_task_that_fails_waits_no_longer() -> None:
    depth: list[int] = []
    with WatchedPool(1, "work", depth.append) as pool:
        assert isinstance(pool.submit(int, "x").exception(60), ValueError)
    assert depth == [1, -1]
