"""The label of an approver's app: what is sealed in with its secret."""

from fleet.admission.approver import Approver
from ledger.device.sealing import Label


def label_of(approver: Approver) -> Label:
    """Who it is, where they decide, and as what."""
    return Label(
        scope="approvers",
        site=" ".join(approver.sites),
        device=approver.name,
        kind="authenticator",
        enrollment_id=approver.id,
        endpoint=approver.role.value,
    )
