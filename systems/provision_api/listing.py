"""What a tenant's registry lists, although no list holds more than a thousand devices.

There is no second page and no call for one device. So a device that a list cut off does not show
may be there all the same, and to register it would move it, revive it and replace its metadata.
Its absence is proved by the filters that there are, or it is not proved: see
docs/decisions/0027-absence-is-proved.md.
"""

from collections.abc import Collection
from dataclasses import dataclass

from systems.provision_api.client import ProvisionApiClient
from systems.provision_api.wire import DeviceList, RegisteredDevice

ACTIVE = "ACTIVE"  # as it spells it; its filter tells cases apart
STATUSES = (ACTIVE, "REVOKED", "SUSPENDED", "INACTIVE")  # all that its code and migrations write


@dataclass(frozen=True)
class Listing:
    """Devices by name. `is_whole`: the tenant has no others; `is_site_whole`: the site has none.

    But for `unreadable` entries, each of which may be any device.
    """

    devices: dict[str, RegisteredDevice]
    is_whole: bool
    is_site_whole: bool
    unreadable: tuple[str, ...] = ()


class Registry:
    """The registry of one tenant, by as few list calls as will do."""

    def __init__(self, client: ProvisionApiClient, tenant: str) -> None:
        self._client, self._tenant = client, tenant
        self._once = False
        self._first: DeviceList | None = None
        self._by_status: DeviceList | None = None

    def only_list_once(self) -> None:
        """Show from now on the tenant's lists as they are shown first."""
        self._once = True

    async def listing(self, site: str, names: Collection[str]) -> Listing:
        """The tenant's devices: one call; two and more where one list does not hold them.

        Whether the tenant has others matters only as long as not all of `names` are shown.
        """
        found = self._first or await self._client.devices(self._tenant)
        self._first = found if self._once else None
        if not found.truncated:
            return Listing(_by_name(found), True, not found.unreadable, found.unreadable)
        own = await self._of_site(site)
        shown = _by_name(found) | _by_name(own)
        lost = (*found.unreadable, *own.unreadable)
        if own.truncated or (shown.keys() >= set(names) and not self._once):
            return Listing(shown, False, not (own.truncated or own.unreadable), lost)
        rest = self._by_status or await self._of_each_status(found)
        self._by_status = rest if self._once else None
        lost = (*lost, *rest.unreadable)
        return Listing(shown | _by_name(rest), not rest.truncated, not own.unreadable, lost)

    async def _of_site(self, site: str) -> DeviceList:
        """The site's devices in one list, or else in one for each status."""
        found = await self._client.devices(self._tenant, site)
        return await self._of_each_status(found, site) if found.truncated else found

    async def _of_each_status(self, found: DeviceList, site: str | None = None) -> DeviceList:
        """What `found` shows and cuts off, in a list for each status, up to one cut off as well."""
        devices, lost = list(found.devices), found.unreadable
        for status in dict.fromkeys([*STATUSES, *(each.status for each in devices)]):
            part = await self._client.devices(self._tenant, site, status)
            devices += part.devices
            lost += part.unreadable
            if part.truncated:
                return DeviceList(devices, True, lost)
        return DeviceList(devices, False, lost)


def _by_name(found: DeviceList) -> dict[str, RegisteredDevice]:
    return {device.device_id: device for device in found.devices}
