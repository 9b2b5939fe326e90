"""A machine as a process of its own: `python -m tests.reliability.process URL [AT SIGNAL]`.

It works on the plant at URL, whose clock it shares by MUSTER_CLOCK_URL, and sends itself the signal
(9 kills it, 19 stops it) at that boundary. One in a transaction is passed over.
"""

import asyncio
import os
import subprocess
import sys
from contextlib import aclosing, suppress
from pathlib import Path

from ledger.state.claims import Claimed
from tests.reliability.clock import PlantClock
from tests.reliability.machine import Machine
from tests.reliability.plant import Plant
from tests.reliability.scenes import roster
from tests.reliability.seam import Seam, Seamed, within

ROOT = Path(__file__).parents[2]


def started(url: str, at: int = 0, signal: int = 0) -> subprocess.Popen[bytes]:
    """Such a process, which has just been started; its environment is that of the test."""
    command = [sys.executable, "-m", "tests.reliability.process", url, str(at), str(signal)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL)


async def _work(url: str, at: int, signal: int) -> None:
    seam = Seam(at, lambda: os.kill(os.getpid(), signal))
    async with aclosing(Plant(url=url)) as plant:
        with within(seam):
            transport = Seamed(seam, plant.transport)
            with suppress(Claimed):
                await Machine(plant, PlantClock(plant), transport).onboard(roster())


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
