"""The catalog of reasons: codes as they are stored, and which of them are suspicions."""

import re

from fleet.admission.suspicion import SuspicionKind
from fleet.state.reason_code import ReasonCode


def test_codes_are_words_that_never_change_with_names_and_counts() -> None:
    assert all(re.fullmatch("[a-z_]+", code) for code in ReasonCode)


def test_every_suspicion_has_a_code_and_no_other_code_is_one() -> None:
    codes = [kind.code for kind in SuspicionKind]

    assert len({*codes}) == len(SuspicionKind)
    assert {*codes} == {code for code in ReasonCode if code.is_suspicion}
