"""A system profile: what it leaves out, its system cannot do."""

from fleet.system.profile import Admission, SystemProfile


def test_a_profile_that_says_no_more_promises_nothing() -> None:
    profile = SystemProfile("LEM", "activation config", "enroll", "enroll it", "approve")

    assert profile.admission is Admission.BY_APPROVAL
    assert profile.shares_enrollments
    assert not profile.can_adopt
    assert not profile.device_may_activate
    assert not profile.needs_host_id
    assert not profile.has_zero_touch
    assert (profile.quota, profile.code_life, profile.lost_key_remedy) == (None, None, "")
    assert (profile.enroll_calls, profile.admit_calls, profile.observe_calls) == (1, 1, 1)
