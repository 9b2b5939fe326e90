"""A site as these tests boot it, and what the simulator and the ledger hold of it."""

from typing import Any

from simulator.running import RunningSimulator
from tests.ui.product import Product, eventually


def machine(name: str, host_id: str, behavior: str = "prompt", **more: Any) -> dict[str, Any]:
    """A device as the simulator boots it."""
    return {"name": name, "host_id": host_id, "behavior": behavior, **more}


def roster(machines: list[dict[str, Any]]) -> str:
    """The CSV text that names them."""
    return "\n".join(["device,host_id", *(f"{m['name']},{m['host_id']}" for m in machines)])


def codes(simulator: RunningSimulator) -> set[str]:
    """The codes of all activation configs in LEM."""
    return {each["code"] for each in simulator.control("lem/state")["configs"]}


def boot(simulator: RunningSimulator, machines: list[dict[str, Any]], known: set[str]) -> None:
    """Switch machines on with the code that a run makes for them, which is none of the `known`."""
    code = eventually(lambda: codes(simulator) - known, "a new code").pop()
    simulator.control("lem/boot", devices=[each | {"code": code} for each in machines])


def requests(simulator: RunningSimulator) -> dict[str, str]:
    """How each request stands in LEM, by the host id that it shows."""
    found = simulator.control("lem/state")["requests"]
    return {each["host_id"]: each["state"] for each in found}


def number(simulator: RunningSimulator, machine: dict[str, Any]) -> str:
    """By what a person may name the request of that machine."""
    found = simulator.control("lem/state")["requests"]
    return next(f"#{r['entry_id']}" for r in found if r["host_id"] == machine["host_id"])


def approvals(simulator: RunningSimulator, machines: list[dict[str, Any]]) -> list[int]:
    """How often the request of each machine was approved."""
    counted = simulator.control("calls")["approvals"]
    known = simulator.control("lem/state")["requests"]
    entries = {each["host_id"]: str(each["entry_id"]) for each in known}
    return [counted.get(entries[each["host_id"]], 0) for each in machines]


def decisions(up: Product, site: str) -> list[tuple[Any, ...]]:
    """The ledger's decisions on a site: device, decision, by whom, how and why."""
    columns = "device, decision, decided_by, how, reason"
    statement = f"SELECT {columns} FROM decision WHERE site = :site ORDER BY id"
    return [tuple(row) for row in up.rows(statement, site=site)]
