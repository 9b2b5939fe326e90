"""The admission model of a system: all that differs between admission by approval and by code.

Callers ask the model, and never which model it is:

    model_of(system.manner).can_find(device)
"""

from collections.abc import Mapping
from typing import Protocol

from fleet.admission.desired import Desired
from fleet.admission.evidence import Evidence
from fleet.admission.evidence_collection import EvidenceCollection
from fleet.device.device import Device
from fleet.device.request import Request
from fleet.status.by_approval import ByApproval
from fleet.status.by_code import ByCode
from fleet.status.case import Case
from fleet.status.status import DeviceStatus
from fleet.system.profile import Admission, SystemProfile


class AdmissionModel(Protocol):
    """How a system admits devices, as far as it makes a difference elsewhere."""

    @property
    def shows_only_named(self) -> bool:
        """Whether an observation shows only the devices that it names, each at its own cost."""

    @property
    def keeps_secrets(self) -> bool:
        """Whether Muster is given codes and keys, and stores them."""

    @property
    def asks_again(self) -> bool:
        """Whether requests are listed once more right before they are approved."""

    @property
    def in_service(self) -> str:
        """Why a device counts as being in service."""

    @property
    def stuck_hint(self) -> str:
        """What often keeps an admitted device from its service; "" when nothing is known."""

    def undecidable(self, profile: SystemProfile) -> str:
        """Why there are no requests to be decided, as the beginning of a sentence; "" if any."""

    def can_find(self, device: Device) -> bool:
        """Whether the system would show `device`, if it had it."""

    def evidence(self, collection: EvidenceCollection) -> Mapping[str, Evidence]:
        """The evidence by which pending requests are decided, by request key."""

    def awaits(self, desired: Desired) -> str:
        """What a run waits for devices to do, such as "request"; "" when nothing."""

    def not_admitted(self, case: Case) -> DeviceStatus:
        """The status of a device that was not admitted."""

    def take_over(self, case: Case) -> DeviceStatus | None:
        """The status of a device in service whose key is not held and to be taken; else None."""

    def says(self, request: Request) -> str:
        """What the system says of a device that was admitted and is not in service; "" nothing."""


_MODELS: Mapping[Admission, AdmissionModel] = {
    Admission.BY_APPROVAL: ByApproval(),
    Admission.BY_CODE: ByCode(),
}


def model_of(profile: SystemProfile) -> AdmissionModel:
    """The admission model that a system's profile names."""
    return _MODELS[profile.admission]
