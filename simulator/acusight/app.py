"""Acusight as an app of its own, with its own way of refusing."""

from fastapi import FastAPI

from simulator.acusight.acusight import Acusight
from simulator.acusight.calls import router
from simulator.acusight.envelope import in_envelope
from simulator.mounting import Below
from simulator.refusals import answer_errors


def mounted(acusight: Acusight) -> Below:
    """The calls of `acusight` under its base path."""
    app = FastAPI(openapi_url=None)
    app.state.acusight = acusight
    app.router.routes.extend(router.routes)
    answer_errors(app, in_envelope(acusight.settings.unauthorized_code))
    return Below(acusight.settings.base, app)
