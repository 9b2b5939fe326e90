import pytest

from fleet.device.request import Progress
from tests.fleet.builders import a_request


def test_requests_are_as_old_as_their_numbers_say() -> None:
    requests = [a_request(id) for id in ("10", "9", "b", "a", "²")]  # noqa: A001

    assert [r.id for r in sorted(requests, key=lambda r: r.age)] == ["a", "b", "²", "9", "10"]


def test_a_request_by_another_enrollment_is_another_request() -> None:
    assert a_request("1", code="a").key != a_request("1", code="b").key


@pytest.mark.parametrize(
    ("progress", "admitted"),
    [
        (Progress.WAITING, False),
        (Progress.PROVISIONING, True),
        (Progress.FAILED, True),
        (Progress.PROVISIONED, True),
        (Progress.REJECTED, False),
        (Progress.DEACTIVATED, False),
    ],
)
def test_admitted_is_whatever_came_after_an_approval(progress: Progress, admitted: bool) -> None:
    assert a_request(progress=progress).is_admitted is admitted
