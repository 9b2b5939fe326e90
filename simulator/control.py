"""The control surface that all systems share: time, faults and counts, without a credential."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

from fastapi import APIRouter, Response
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


def clock_control(clock: Clock) -> APIRouter:
    """Calls that read simulated time and move it forward."""
    router = APIRouter(prefix="/_simulator")

    @router.get("/clock")
    async def read_clock() -> Response:
        return Json({"now": clock.now()})

    @router.post("/clock")
    async def advance(by: Advance) -> Response:
        clock.advance(by.advance_seconds)
        return Json({"now": clock.now()})

    return router


def fault_control(faults: Faults) -> APIRouter:
    """Calls that start and end faults."""
    router = APIRouter(prefix="/_simulator")

    @router.get("/faults")
    async def read_faults() -> Response:
        listed = [{"id": number, **fault.model_dump()} for number, fault in faults.active.items()]
        return Json({"faults": listed})

    @router.post("/faults")
    async def add(fault: Fault) -> Response:
        return Json({"id": faults.add(fault)})

    @router.delete("/faults")
    async def clear() -> Response:
        faults.clear()
        return Json({"faults": []})

    return router


def outage_control(faults: Faults, bases: Mapping[str, str]) -> APIRouter:
    """Calls that take whole systems down and up; `bases` are the beginnings of their paths."""
    router = APIRouter(prefix="/_simulator")

    def outages() -> Response:
        return Json({"down": [name for name, base in bases.items() if base in faults.outages]})

    @router.get("/down")
    async def read_outages() -> Response:
        return outages()

    @router.post("/down")
    async def take_down(outage: Outage) -> Response:
        fault = Fault(kind=outage.kind, status=outage.status)
        faults.take_down(bases[outage.system], fault)
        return outages()

    @router.post("/up")
    async def bring_up(which: Which) -> Response:
        faults.bring_up(bases[which.system])
        return outages()

    return router


def call_control(calls: Calls, systems: Sequence[System]) -> APIRouter:
    """Calls that read how often each call was made, and what was done."""
    router = APIRouter(prefix="/_simulator")

    @router.get("/calls")
    async def read_calls() -> Response:
        effects = {name: what for system in systems for name, what in system.effects().items()}
        return Json({"calls": calls.shape(), **effects})

    @router.delete("/calls")
    async def clear() -> Response:
        calls.clear()
        for system in systems:
            system.forget_effects()
        return Json({"calls": []})

    return router
