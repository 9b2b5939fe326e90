"""Who may call provision_api: anybody for a device, admins for the rest."""

from typing import Annotated

from fastapi import Depends, Request

from simulator.provision_api.provision_api import ProvisionApi


async def here(request: Request) -> ProvisionApi:
    """The provision_api that was called."""
    api: ProvisionApi = request.app.state.provision_api
    return api


Here = Annotated[ProvisionApi, Depends(here)]


class EvidenceCollection:
    """Where an admin shows the key: inside each call, because a malformed one never gets there."""

    def __init__(self, request: Request, api: ProvisionApi) -> None:
        self._request, self._api = request, api

    def enter(self) -> ProvisionApi:
        """The service, for an admin; the call counts whatever the key."""
        address = self._request.client.host if self._request.client else "unknown"
        self._api.admit(address, self._request.headers.get("X-Admin-Key"))
        return self._api


async def pending(request: Request, api: Here) -> EvidenceCollection:
    """The door that a caller stands at."""
    return EvidenceCollection(request, api)


Admin = Annotated[EvidenceCollection, Depends(pending)]
