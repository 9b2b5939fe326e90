"""`python -m bench.growth`: whether an observation recalls as fast after years as at first.

A journal of one intent for each device is compared with one of many, written by the functions that
runs use.
"""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from statistics import median

from sqlalchemy import Engine

from bench import year
from fleet.action.action import Approve, Retry, Rotate
from fleet.device.device import Device
from fleet.device.request import Progress, Request
from ledger.database.engine import connect
from ledger.keys.prepare import prepare
from ledger.session import Ledger
from ledger.state.claims import Claim
from ledger.state.journal import Journaled, Outcome, Result

RESULT = Path("var/bench/growth.json")
SITE, ROUNDS = "plant-1", 5
LEASE = timedelta(minutes=1)
# What nights try, one after another: provisioning again, approving what is refused, new keys.
TRIES: tuple[tuple[Callable[[Device, Request, str], Journaled], Outcome], ...] = (
    (Retry, Outcome.DONE),
    (Approve, Outcome.REFUSED),
    (Retry, Outcome.REFUSED),
    (Approve, Outcome.NOT_DONE),
    (Rotate, Outcome.DONE),
)


def main() -> int:
    """Measure, print tables, and write the same as JSON."""
    args = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        facts = _measured(f"sqlite:///{folder}/ledger.db", args.devices, args.nights)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(f"\nThe same as JSON: {RESULT}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="bench.growth", description=__doc__)
    parser.add_argument("--devices", type=int, default=5000, help="at one site (5000)")
    parser.add_argument("--nights", type=int, default=54, help="each tries all of them (54)")
    return parser


def _measured(url: str, count: int, nights: int) -> dict[str, float]:
    prepare(url)
    engine = connect(url)
    devices = year.devices(SITE, count)
    claim = _tried(engine, devices, year.START, Approve, Outcome.DONE)
    seen = [_request(device) for device in devices]
    young = _seconds(engine, claim, seen)
    for night in range(nights):
        kind, outcome = TRIES[night % len(TRIES)]
        claim = _tried(engine, devices, year.began(night), kind, outcome)
    old = _seconds(engine, claim, seen)
    intents = count * (nights + 1)
    print(f"\n{'recall of an observation':28}{'intents':>10}{'seconds':>10}{'ratio':>8}")
    print(f"{'at first':28}{count:>10}{young:>10.3f}{1:>8.2f}")
    print(f"{'later':28}{intents:>10}{old:>10.3f}{old / young:>8.2f}")
    engine.dispose()
    return {"young": young, "old": old, "ratio": old / young, "intents": intents}


def _tried(
    engine: Engine,
    devices: list[Device],
    now: datetime,
    kind: Callable[[Device, Request, str], Journaled],
    outcome: Outcome,
) -> Claim:
    """A run that tries the same with every device; it has ended."""
    ledger = Ledger(engine)
    claim = ledger.claims.open_claim(SITE, year.SCOPE, "night", devices, now, LEASE)
    actions = [kind(device, _request(device), "as the rules say") for device in devices]
    ids = ledger.journal.intend(claim, actions, now)
    ledger.journal.resolve({each: Result(outcome, "as it said") for each in ids}, now)
    ledger.claims.close_claim(claim, now)
    return claim


def _request(device: Device) -> Request:
    return Request(
        device.name, "config-1", device.identity, Progress.PROVISIONED, device_id=device.name
    )


def _seconds(engine: Engine, claim: Claim, seen: list[Request]) -> float:
    ledger = Ledger(engine)
    now = Claim(claim.site, claim.scope)

    def once() -> float:
        began = time.perf_counter()
        ledger.memory.recall(now, seen)
        return time.perf_counter() - began

    once()
    return median(once() for _ in range(ROUNDS))


if __name__ == "__main__":
    sys.exit(main())
