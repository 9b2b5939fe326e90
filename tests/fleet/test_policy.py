import pytest

from fleet.device import Device
from fleet.policy import Decision, Verdict, exact_match
from fleet.request import Request
from tests.fleet.builders import CODE, a_device, a_request, mac

NOT_ITS_CODE = "it asks by a code that was not given to this device"


@pytest.mark.parametrize(
    ("device", "request_", "verdict"),
    [
        (
            a_device(),
            a_request(),
            Verdict(Decision.APPROVE, f"it shows this site's code and MAC {mac(1)}"),
        ),
        (
            a_device(host_id="h1"),
            a_request(host_id="h1", macs=[mac(1), mac(7)]),
            Verdict(Decision.APPROVE, f"it shows this site's code and host id h1 and MAC {mac(1)}"),
        ),
        (
            a_device(macs=[]),
            a_request(macs=[mac(9)]),
            Verdict(Decision.APPROVE, "it shows the code made for this device alone"),
        ),
        (a_device(), a_request(code="foreign"), Verdict(Decision.HOLD, NOT_ITS_CODE)),
        (a_device(macs=[]), a_request(code="foreign"), Verdict(Decision.HOLD, NOT_ITS_CODE)),
        (
            a_device(),
            a_request(macs=[mac(2)], hostname="edge-1"),
            Verdict(Decision.HOLD, "neither its host id nor any MAC is this device's"),
        ),
    ],
    ids=["a MAC", "host id and MAC", "own code", "foreign code", "no code", "hostname alone"],
)
def test_only_the_right_code_with_the_right_identity_is_approved(
    device: Device, request_: Request, verdict: Verdict
) -> None:
    assert exact_match(device, request_, frozenset({CODE})) == verdict
