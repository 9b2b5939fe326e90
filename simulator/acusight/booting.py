"""Devices that boot with a token and provision themselves with it."""

from functools import partial

from simulator.acusight.booted_device import BootedDevice, BootOrder, switched_on
from simulator.acusight.envelope import RefusedWith
from simulator.acusight.provisioning import Provisioning
from simulator.acusight.records import Records
from simulator.agenda import Agenda


class Booting:
    """The devices that are on. Each tries its token once, until it is handed another one."""

    def __init__(self, records: Records, provisioning: Provisioning, agenda: Agenda) -> None:
        self._records, self._provisioning, self._agenda = records, provisioning, agenda
        for device in records.booted:
            self._plan(device)

    def boot(self, order: BootOrder, now: int) -> dict[str, int]:
        """Switch devices on; those that are on with the same token are left alone."""
        booting = 0
        for wanted in order.devices:
            device = switched_on(wanted, now)
            known = self._records.booted.get(device.device_id)
            if known is None or known.token_hash != device.token_hash:
                self._records.booted.put(device)
                self._plan(device)
                booting += 1
        return {"booting": booting, "already": len(order.devices) - booting}

    def fate(self, device: BootedDevice, now: int) -> str:
        """What became of a device, in a word or two."""
        if device.provisions_at is not None:
            return "booting"
        if device.refusal:
            return f"refused: {device.refusal}"
        registered = self._records.device_with(device.key_hash or "")
        return registered.status(now) if registered else "deleted"

    def _plan(self, device: BootedDevice) -> None:
        if device.provisions_at is not None:
            self._agenda.at(device.provisions_at, partial(self._provision, device))

    def _provision(self, device: BootedDevice, now: int) -> None:
        if self._records.booted.get(device.device_id) is not device:  # handed another meanwhile
            return
        device.provisions_at = None
        try:
            done = self._provisioning.provision(device.info, device.token_hash, now)
        except RefusedWith as refused:
            device.refusal = refused.code
        else:
            device.key_hash = done.device.key_hash
        self._records.booted.put(device)
