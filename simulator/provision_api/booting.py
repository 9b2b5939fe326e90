"""Devices that boot with a code and activate themselves with it."""

from functools import partial

from simulator.agenda import Agenda
from simulator.hashing import hashed
from simulator.provision_api.booted_device import BootedDevice, BootOrder, switched_on
from simulator.provision_api.database import Tables
from simulator.provision_api.registry import Registry
from simulator.replies import Refused


class Booting:
    """The devices that are on. Each tries its code once, until it is handed another one."""

    def __init__(self, tables: Tables, registry: Registry, agenda: Agenda) -> None:
        self._tables, self._registry, self._agenda = tables, registry, agenda
        for device in tables.booted:
            self._plan(device)

    def boot(self, order: BootOrder, now: int) -> dict[str, int]:
        """Switch devices on; those that are on with the same code are left alone."""
        booting = 0
        for wanted in order.devices:
            device = switched_on(wanted, now)
            known = self._tables.booted.get(device.key)
            if known is None or known.code_hash != device.code_hash:
                self._tables.booted.put(device)
                self._plan(device)
                booting += 1
        return {"booting": booting, "already": len(order.devices) - booting}

    def _plan(self, device: BootedDevice) -> None:
        if device.activates_at is not None:
            self._agenda.at(device.activates_at, partial(self._activate, device))

    def _activate(self, device: BootedDevice, now: int) -> None:
        if self._tables.booted.get(device.key) is not device:  # handed another code meanwhile
            return
        device.activates_at = None
        try:
            token = self._registry.activate_at_once((*device.key, device.code_hash), now)
        except Refused as refused:
            device.refusal = refused.reason
        else:
            device.token_hash = hashed(token)
        self._tables.booted.put(device)
