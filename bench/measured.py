"""What a contender measured: one line of JSON, written at the moment its work is done."""

import json
import resource
import sys
import time
from dataclasses import asdict, dataclass

_KIB = 1024
_RSS_UNIT = 1 if sys.platform == "darwin" else _KIB


@dataclass(frozen=True)
class Spent:
    """Seconds by the clock, and seconds that this process alone kept a processor busy."""

    seconds: float
    cpu_seconds: float


class Stopwatch:
    """Runs from the moment it is made."""

    def __init__(self) -> None:
        self._clock, self._cpu = time.perf_counter(), time.process_time()

    def spent(self) -> Spent:
        """What was spent until now."""
        return Spent(time.perf_counter() - self._clock, time.process_time() - self._cpu)


@dataclass(frozen=True)
class Measured(Spent):
    """What was spent, the most memory held, and the Prefect flow run if there was one."""

    peak_mib: float
    flow_run: str | None = None


def report(spent: Spent, flow_run: object = None, children: bool = False) -> None:
    """Write the line; the peak is that of this whole process, its imports included.

    With `children`, it is that of the largest of this process and those that it started.
    """
    whose = [resource.RUSAGE_SELF, *([resource.RUSAGE_CHILDREN] if children else [])]
    peak = max(resource.getrusage(who).ru_maxrss for who in whose) * _RSS_UNIT / _KIB**2
    run = str(flow_run) if flow_run else None
    print(json.dumps(asdict(Measured(**asdict(spent), peak_mib=peak, flow_run=run))), flush=True)


def read_report(line: str) -> Measured:
    """What a contender wrote in `line`."""
    return Measured(**json.loads(line))
