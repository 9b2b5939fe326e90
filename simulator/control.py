"""The control surface that all systems share: time, faults and counts, without a credential."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Protocol

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, Field

from simulator.calls import Calls
from simulator.clock import Clock
from simulator.faults import Fault, Faults
from simulator.replies import Json


class Advance(BaseModel, extra="forbid"):
    """How much time is to pass at once."""

    advance_seconds: float = Field(ge=0)


class Which(BaseModel, extra="forbid"):
    """Which system."""

    system: Literal["lem", "acusight", "provision_api"]


class Outage(Which):
    """A system that is down until it is brought up.

    All systems share one port, which cannot refuse connections for one of them. The nearest to that
    is a connection that is reset as soon as a call came by it.
    """

    kind: Literal["status", "reset"] = "status"
    status: int = Field(default=503, ge=500, le=599)


class System(Protocol):
    """What the control surface needs of each system."""

    def effects(self) -> dict[str, Any]:
        """What was done, by name."""

    def forget_effects(self) -> None:
        """Start counting from zero."""


@dataclass(frozen=True)
class Shared:
    """What the control surface acts on; `bases` are the beginnings of the systems' paths."""

    clock: Clock
    faults: Faults
    calls: Calls
    systems: Sequence[System]
    bases: Mapping[str, str]


async def here(request: Request) -> Shared:
    """That of the simulator that was called."""
    shared: Shared = request.app.state.shared
    return shared


Here = Annotated[Shared, Depends(here)]
router = APIRouter(prefix="/_simulator")


@router.get("/clock")
async def read_clock(shared: Here) -> Response:
    """Read simulated time."""
    return Json({"now": shared.clock.now()})


@router.post("/clock")
async def advance(shared: Here, by: Advance) -> Response:
    """Move simulated time forward."""
    shared.clock.advance(by.advance_seconds)
    return Json({"now": shared.clock.now()})


@router.get("/faults")
async def read_faults(shared: Here) -> Response:
    """Read which faults are to happen."""
    faults = shared.faults.active.items()
    return Json({"faults": [{"id": number, **fault.model_dump()} for number, fault in faults]})


@router.post("/faults")
async def add(shared: Here, fault: Fault) -> Response:
    """Let a fault happen from now on."""
    return Json({"id": shared.faults.add(fault)})


@router.delete("/faults")
async def clear_faults(shared: Here) -> Response:
    """End all faults."""
    shared.faults.clear()
    return Json({"faults": []})


@router.get("/down")
async def read_outages(shared: Here) -> Response:
    """Read which systems are down."""
    return _outages(shared)


@router.post("/down")
async def take_down(shared: Here, outage: Outage) -> Response:
    """Take a whole system down."""
    fault = Fault(kind=outage.kind, status=outage.status)
    shared.faults.take_down(shared.bases[outage.system], fault)
    return _outages(shared)


@router.post("/up")
async def bring_up(shared: Here, which: Which) -> Response:
    """Bring a system up again."""
    shared.faults.bring_up(shared.bases[which.system])
    return _outages(shared)


@router.get("/calls")
async def read_calls(shared: Here) -> Response:
    """Read how often each call was made, and what was done."""
    effects = {name: what for system in shared.systems for name, what in system.effects().items()}
    return Json({"calls": shared.calls.shape(), **effects})


@router.delete("/calls")
async def clear_calls(shared: Here) -> Response:
    """Count from zero."""
    shared.calls.clear()
    for system in shared.systems:
        system.forget_effects()
    return Json({"calls": []})


def _outages(shared: Shared) -> Response:
    down = [name for name, base in shared.bases.items() if base in shared.faults.outages]
    return Json({"down": down})
