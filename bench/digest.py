"""Digesting: how long a Prefect server still writes after a flow has ended."""

import time
from collections.abc import Callable
from typing import Any

import httpx

QUIET_SECONDS = 2.0
WAIT_LIMIT_SECONDS = 900.0
TERMINAL = ["COMPLETED", "FAILED", "CANCELLED", "CRASHED"]


class Undigested(Exception):
    """The server had not recorded every task run within the wait limit."""


def digested(api: str, flow_run: str, has_sent_all: Callable[[], bool]) -> float:
    """Seconds from now until the last task run of `flow_run` was recorded as ended.

    Nothing may change for a while after the flow's process `has_sent_all` its events, because only
    that process knew how many task runs there are.
    """
    began = changed = sent = time.monotonic()
    before = (-1, -1)
    with httpx.Client(base_url=f"{api}/", timeout=120, trust_env=False) as http:
        while time.monotonic() < began + WAIT_LIMIT_SECONDS:
            asked = time.monotonic()
            counts = _counts(http, flow_run)
            if counts != before:
                before, changed = counts, asked
            if not has_sent_all():
                sent = time.monotonic()
            ended, known = counts
            if ended == known > 0 and time.monotonic() - max(changed, sent) > QUIET_SECONDS:
                return changed - began
            time.sleep(0.1)
    raise Undigested(f"{before[0]} of {before[1]} known task runs had ended")


def _counts(http: httpx.Client, flow_run: str) -> tuple[int, int]:
    """How many task runs are recorded as ended, and how many are known."""
    return _count(http, flow_run, {"state": {"type": {"any_": TERMINAL}}}), _count(
        http, flow_run, {}
    )


def _count(http: httpx.Client, flow_run: str, task_runs: dict[str, Any]) -> int:
    wanted = {"flow_runs": {"id": {"any_": [flow_run]}}, "task_runs": task_runs}
    answer = http.post("task_runs/count", json=wanted).raise_for_status()
    return int(answer.json())
