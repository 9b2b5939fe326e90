"""`python -m bench.quota`: how much of a quota two processes use together, and what a 429 costs.

All call our simulator, which lets 10 calls through in any 2 s. No sliding window lets more than
quota × (1 + elapsed / window) through, elapsed from the first call to the last answer: that is what
a share is of, so that it cannot exceed 1, and a late last call lowers it.
"""

import asyncio
import json
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import httpx

from deployments.processes import DidNotStart, free_port, running
from simulator.provision_api.settings import DEFAULT_ADMIN_KEY
from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.settings import ProvisionApiSettings
from systems.shared.errors import ApiError

RESULT = Path("var/bench/quota.json")
QUOTA, WINDOW = 10, 2.0
CALLS = 110  # eleven times the quota, which takes ten windows
CALLS_BESIDE = 40
NEIGHBOR_GAP = 0.3  # between a neighbor's calls, which alone would use two thirds of the quota
WARM_UP = 3.0  # until all processes have started
PROCESSES = multiprocessing.get_context("spawn")
OURS = ("PROVISION_API_", "MUSTER_", "SIMULATOR_")

Contender = Callable[[str, int, float], "Tally"]


@dataclass(frozen=True)
class Tally:
    """What calls came to: how many were meant, failed, and met a 429; and from when to when."""

    calls: int
    failed: int
    refused: int
    began: float
    ended: float

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.calls + other.calls,
            self.failed + other.failed,
            self.refused + other.refused,
            min(self.began, other.began),
            max(self.ended, other.ended),
        )

    @property
    def seconds(self) -> float:
        """From the first call to the last answer."""
        return self.ended - self.began

    @property
    def share(self) -> float:
        """Of the calls that the quota lets through in that time, those that succeeded."""
        return (self.calls - self.failed) / (QUOTA * (1 + self.seconds / WINDOW))


def main() -> int:
    """Measure, print a table, and write the same as JSON; 1 when something failed."""
    try:
        with _simulator() as url:
            tallies = _measured(url)
    except DidNotStart as error:
        sys.stderr.write(f"bench: {error}\n")
        return 1
    print(f"\n{_table(tallies)}\n\nThe same as JSON: {_write(tallies)}")
    return 0


def ours(url: str, calls: int, begin: float) -> Tally:
    """Calls by our client, all of which may be made as soon as their turn comes."""
    return asyncio.run(_ours(url, calls, begin))


async def _ours(url: str, calls: int, begin: float) -> Tally:
    settings = ProvisionApiSettings(
        _env_file=None, url=url, quota_calls=QUOTA, quota_seconds=WINDOW
    )
    async with ProvisionApiClient.connect(settings) as api:
        await asyncio.sleep(begin - time.monotonic())
        began = time.monotonic()
        answers = await asyncio.gather(
            *(api.devices() for _ in range(calls)), return_exceptions=True
        )
        ended = time.monotonic()
        failed = sum(isinstance(answer, ApiError) for answer in answers)
        return Tally(calls, failed, api.pace.refused, began, ended)


def naive(url: str, calls: int, begin: float) -> Tally:
    """What is written first: a call, and a sleep of as long as the quota says a call takes."""
    refused, ended = 0, begin
    with _bare(url) as http:
        time.sleep(max(begin - time.monotonic(), 0))
        began = time.monotonic()
        for _ in range(calls):
            refused += http.get("/api/admin/devices").status_code == httpx.codes.TOO_MANY_REQUESTS
            ended = time.monotonic()
            time.sleep(WINDOW / QUOTA)
    return Tally(calls, refused, refused, began, ended)


def neighbor(url: str) -> None:
    """Call from the same address without end and without regard for the quota."""
    with _bare(url) as http:
        while True:
            http.get("/api/admin/devices")
            time.sleep(NEIGHBOR_GAP)


def _bare(url: str) -> httpx.Client:
    headers = {"X-Admin-Key": DEFAULT_ADMIN_KEY}
    return httpx.Client(base_url=url, headers=headers, trust_env=False)


@contextmanager
def _simulator() -> Iterator[str]:
    """A simulator with the quota, and an empty folder to keep count in."""
    for name in [name for name in os.environ if name.startswith(OURS)]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        os.environ["MUSTER_PACE_FOLDER"] = str(Path(folder) / "pace")
        port = free_port()
        env = {
            "SIMULATOR_PROVISION_API_RATE_CALLS": str(QUOTA),
            "SIMULATOR_PROVISION_API_RATE_SECONDS": str(WINDOW),
        }
        url, log = f"http://127.0.0.1:{port}", Path(folder) / "simulator.log"
        with running(["simulator", "--port", str(port)], log, f"{url}/_simulator/clock", env):
            yield f"{url}/provision"


def _measured(url: str) -> dict[str, Tally]:
    tallies = {"ours, two processes": _together(ours, url, CALLS, 2)}
    beside = PROCESSES.Process(target=neighbor, args=(url,), daemon=True)
    beside.start()
    tallies["the same, with a neighbor"] = _together(ours, url, CALLS_BESIDE, 2)
    beside.terminate()
    beside.join()
    tallies["naive, two processes"] = _together(naive, url, CALLS, 2)
    tallies["naive, one process"] = _together(naive, url, CALLS, 1)
    return tallies


def _together(contender: Contender, url: str, calls: int, processes: int) -> Tally:
    """What `calls` come to that several processes share, which begin at the same moment."""
    begin = time.monotonic() + WARM_UP  # longer than the window: no earlier calls count
    with ProcessPoolExecutor(processes, PROCESSES) as pool:
        each = [pool.submit(contender, url, calls // processes, begin) for _ in range(processes)]
        first, *others = [future.result() for future in each]
    return sum(others, first)


def _table(tallies: dict[str, Tally]) -> str:
    lines = [f"{'':28}{'calls':>8}{'seconds':>9}{'share':>8}{'429s':>7}{'failed':>8}"]
    for name, tally in tallies.items():
        numbers = f"{tally.calls:>8}{tally.seconds:>9.2f}{tally.share:>8.3f}"
        lines.append(f"{name:28}{numbers}{tally.refused:>7}{tally.failed:>8}")
    return "\n".join(lines)


def _write(tallies: dict[str, Tally]) -> Path:
    alone, beside, two, one = tallies.values()
    facts = {
        "quota": f"{QUOTA} calls in {WINDOW:g} s",
        "share_of_quota": round(alone.share, 4),
        "refused": alone.refused,
        "failed": alone.failed,
        "failed_with_neighbor": beside.failed,
        "refused_with_neighbor": beside.refused,
        "naive_share": round(two.share, 4),
        "naive_failed": two.failed,
        "naive_share_of_one_process": round(one.share, 4),
        "tallies": {name: asdict(tally) for name, tally in tallies.items()},
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    return RESULT


if __name__ == "__main__":
    sys.exit(main())
