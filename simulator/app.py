"""The simulator assembled: one clock, one store, the systems, and what may go wrong around them."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from fastapi import FastAPI

from simulator.acusight import app as acusight_app
from simulator.acusight import control as acusight_control
from simulator.acusight.acusight import Acusight
from simulator.agenda import Agenda
from simulator.calls import Calls, Counting
from simulator.clock import Clock
from simulator.connections import Connections
from simulator.control import Shared
from simulator.control import router as control_router
from simulator.faults import Faults, Faulty
from simulator.lem import calls as lem_calls
from simulator.lem import control as lem_control
from simulator.lem.lem import Lem
from simulator.lem.refusals import terse
from simulator.moments import Dated, Moments
from simulator.provision_api import app as provision_api_app
from simulator.provision_api import control as provision_api_control
from simulator.provision_api.provision_api import ProvisionApi
from simulator.refusals import answer_errors
from simulator.settings import SimulatorSettings
from simulator.store import Store


def create_app(settings: SimulatorSettings) -> FastAPI:
    """A simulator of its own: all its state is in the app, so that many can run side by side."""
    store, agenda = Store(settings.state), Agenda()
    clock = Clock(store, settings.speed, settings.start_millis)
    world = (settings.seed, clock, agenda, store)
    lem = Lem(settings.lem, *world)
    acusight = Acusight(settings.acusight, *world)
    provision_api = ProvisionApi(settings.provision_api, *world)
    store.flush()
    calls, faults, connections = Calls(), Faults(settings.seed), Connections()

    app = FastAPI(title="Muster's simulator", lifespan=_closing(store))
    app.state.lem, app.state.acusight, app.state.provision_api = lem, acusight, provision_api
    app.state.connections, app.state.store = connections, store
    systems = [
        *lem_calls.router.routes,
        acusight_app.mounted(acusight),
        provision_api_app.mounted(provision_api, connections),
    ]
    bases = {
        "lem": f"{lem_calls.router.prefix}/",
        "acusight": f"{settings.acusight.base}/",
        "provision_api": f"{settings.provision_api.base}/",
    }
    app.state.shared = Shared(clock, faults, calls, (lem, acusight, provision_api), bases)
    controls = (
        lem_control.router,
        acusight_control.router,
        provision_api_control.router,
        control_router,
    )
    # To analyze each route takes long, so that is done once, and not again for every app.
    app.router.routes.extend(systems)
    for router in controls:
        app.router.routes.extend(router.routes)
    answer_errors(app, terse(settings.lem))
    # The last one added is the first to see a call.
    app.add_middleware(Moments, clock=clock, agenda=agenda, store=store)
    if settings.dates_replies:
        app.add_middleware(Dated, clock=clock)
    app.add_middleware(Faulty, faults=faults, connections=connections)
    app.add_middleware(Counting, calls=calls, routes=systems)
    return app


def _closing(store: Store) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        store.close()

    return lifespan
