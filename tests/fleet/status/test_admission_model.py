"""The two admission models: every difference between them, said once and pinned here."""

from dataclasses import replace

from fleet.admission.evidence_collection import EvidenceCollection
from fleet.device.request import Progress
from fleet.state.match import match
from fleet.status.admission_model import AdmissionModel, model_of
from fleet.system.profile import Admission, SystemProfile
from tests.fleet.builders import ASKED, a_device, a_request, remembering, shown, wanted

EXCHANGED = SystemProfile(
    "registry", "code", "register", "register", "activate", admission=Admission.BY_CODE
)
BY_APPROVAL, BY_CODE = model_of(ASKED), model_of(EXCHANGED)
DEVICE = a_device()
NAMED = a_device("edge-2", macs=())


def evidence(model: AdmissionModel) -> dict[str, str]:
    """Of the one request that is pending, for which device each model weighs it."""
    desired, observed, memory = wanted(DEVICE), shown(a_request()), remembering("edge-1")
    collection = EvidenceCollection(
        desired, observed, memory, match(desired.devices, observed, memory)
    )
    return {key: each.device or "" for key, each in model.evidence(collection).items()}


def test_a_profile_names_its_model() -> None:
    assert (ASKED.admission, EXCHANGED.admission) == ("by approval", "by code")
    assert BY_APPROVAL is model_of(replace(ASKED, system="another"))
    assert BY_APPROVAL is not BY_CODE


def test_only_requests_are_decided_and_by_evidence() -> None:
    assert evidence(BY_APPROVAL) == {a_request().key: "edge-1"}
    assert evidence(BY_CODE) == {}
    assert BY_APPROVAL.undecidable(ASKED) == ""
    assert BY_CODE.undecidable(EXCHANGED) == "Devices do not ask for approval at registry"


def test_only_codes_and_keys_are_stored_and_what_has_a_code_is_asked_for_by_name() -> None:
    assert (BY_APPROVAL.keeps_secrets, BY_CODE.keeps_secrets) == (False, True)
    assert (BY_APPROVAL.shows_only_named, BY_CODE.shows_only_named) == (False, True)


def test_a_device_is_found_by_what_it_shows_or_by_its_name() -> None:
    assert [BY_APPROVAL.can_find(each) for each in (DEVICE, NAMED)] == [True, False]
    assert [BY_CODE.can_find(each) for each in (DEVICE, NAMED)] == [True, True]


def test_a_device_is_waited_for_until_it_asks_or_activates_itself() -> None:
    by_itself = wanted(DEVICE, self_activating=frozenset({"edge-1"}))

    assert [BY_APPROVAL.awaits(each) for each in (wanted(DEVICE), by_itself)] == ["request"] * 2
    assert [BY_CODE.awaits(each) for each in (wanted(DEVICE), by_itself)] == ["", "activation"]


def test_why_a_device_is_in_service_or_is_not_yet() -> None:
    request = a_request(progress=Progress.PROVISIONING, message="not yet approved there")

    assert BY_APPROVAL.in_service == "provisioned and in the list of devices"
    assert BY_CODE.in_service == "activated, as its system shows"
    assert (BY_APPROVAL.says(request), BY_CODE.says(request)) == ("", request.message)
    assert "UDP 51820" in BY_APPROVAL.stuck_hint
    assert BY_CODE.stuck_hint == ""
