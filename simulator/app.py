"""The simulator assembled: one clock, one store, the systems, and what may go wrong around them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from simulator.agenda import Agenda
from simulator.calls import Calls, Counting
from simulator.clock import Clock
from simulator.connections import Connections
from simulator.control import call_control, clock_control, fault_control
from simulator.faults import Faults, Faulty
from simulator.lem import calls as lem_calls
from simulator.lem import control as lem_control
from simulator.lem.lem import Lem
from simulator.moments import Moments
from simulator.refusals import answer_errors
from simulator.settings import SimulatorSettings
from simulator.store import Store


def create_app(settings: SimulatorSettings) -> FastAPI:
    """A simulator of its own: whatever it knows is in the app, so that many can live together."""
    store, agenda = Store(settings.state), Agenda()
    clock = Clock(store, settings.speed)
    lem = Lem(settings.lem, settings.seed, clock, agenda, store)
    store.flush()
    calls, faults, connections = Calls(), Faults(settings.seed), Connections()

    app = FastAPI(title="Muster's simulator", lifespan=_closing(store))
    app.state.lem, app.state.connections, app.state.store = lem, connections, store
    for router in (
        lem_calls.router,
        lem_control.router,
        clock_control(clock),
        fault_control(faults),
        call_control(calls, [lem]),
    ):
        # Including a router would analyse each of its routes again for every app.
        app.router.routes.extend(router.routes)
    answer_errors(app)
    # The last one added is the first to see a call.
    app.add_middleware(Moments, clock=clock, agenda=agenda, store=store)
    app.add_middleware(Faulty, faults=faults, connections=connections)
    app.add_middleware(Counting, calls=calls, routes=lem_calls.router.routes)
    return app


def _closing(store: Store) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        store.close()

    return lifespan
