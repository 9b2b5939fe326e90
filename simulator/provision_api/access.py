"""Who may call provision_api: everybody for a device, admins for the rest."""

from typing import Annotated

from fastapi import Depends, Request

from simulator.provision_api.provision_api import ProvisionApi


async def here(request: Request) -> ProvisionApi:
    """The provision_api that was called."""
    api: ProvisionApi = request.app.state.provision_api
    return api


Here = Annotated[ProvisionApi, Depends(here)]


class AdminAccess:
    """The check of an admin's key: inside each call, because a malformed call never gets there."""

    def __init__(self, request: Request, api: ProvisionApi) -> None:
        self._request, self._api = request, api

    def enter(self) -> ProvisionApi:
        """The service, for an admin; the call counts whatever the key."""
        address = self._request.client.host if self._request.client else "unknown"
        self._api.admit(address, self._request.headers.get("X-Admin-Key"))
        return self._api


async def admin_access(request: Request, api: Here) -> AdminAccess:
    """The check that a caller has to pass."""
    return AdminAccess(request, api)


Admin = Annotated[AdminAccess, Depends(admin_access)]
