"""Looking for garbage among all that a server has from its start would stop every thread for 150 ms, health included."""

import asyncio
import gc
import os
import signal

from core20plus5_service.server import serve
from tests.service.in_process import settings


def test_what_a_server_has_at_its_start_is_not_looked_through_again() -> None:
    async def play() -> int:
        serving = asyncio.create_task(serve(settings()))
        try:
            async with asyncio.timeout(120):
                while not gc.get_freeze_count() and not serving.done():
                    await asyncio.sleep(0.01)
            return gc.get_freeze_count()
        finally:
            if not serving.done():
                os.kill(os.getpid(), signal.SIGTERM)
            await serving

    try:
        assert asyncio.run(play()) > 100_000
    finally:
        gc.unfreeze()
