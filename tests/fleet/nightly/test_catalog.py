"""The catalog of finding kinds: every field of every record is pinned here."""

import re
from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest

from fleet.nightly.catalog import FINDING_KINDS, FindingKind, FindingRecord
from fleet.nightly.rule import REMEDIATIONS, NightRule, Remediation, RemediationRecord
from fleet.state.device_state import State
from fleet.text.tone import Tone

ROOT = Path(__file__).parents[3]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
URGENCY = [
    "identity_mismatch",
    "key_lost",
    "retired_in_service",
    "revivable",
    "missing",
    "failed",
    "approval_not_shown",
    "stuck",
    "unknown",
    "held",
    "wrong_site",
    "unlisted",
    "enrollment_ended",
    "pending",
    "rejected",
    "truncated",
    "key_not_held",
    "unreadable",
]
LABELS = {
    "pending": "pending too long",
    "failed": "failed",
    "approval_not_shown": "approval not shown",
    "stuck": "approved, never confirmed",
    "enrollment_ended": "enrollment ended",
    "unlisted": "in service, on no roster",
    "missing": "on the roster, missing",
    "wrong_site": "wrong site",
    "retired_in_service": "retired here, in service there",
    "revivable": "retired, and a code could revive it",
    "identity_mismatch": "identity mismatch",
    "key_lost": "key lost",
    "key_not_held": "in service, key not held",
    "held": "held too long",
    "rejected": "rejected",
    "truncated": "list cut off",
    "unreadable": "entry not readable",
    "unknown": "outcome unknown",
}
MEANINGS = {
    "pending": "not in service for too long",
    "failed": "its provisioning failed",
    "approval_not_shown": "approved, and its system does not show that",
    "stuck": "approved and never confirmed",
    "enrollment_ended": "its code expired or was used up by others, and it is still due",
    "unlisted": "in service, on no roster",
    "missing": "on the roster, and not there",
    "wrong_site": "at another site",
    "retired_in_service": "retired here, in service there",
    "revivable": "a code could revive it",
    "identity_mismatch": "another machine is admitted in its name",
    "key_lost": "its key was lost",
    "key_not_held": "in service by a key that is not held here, or may not be",
    "held": "held for a person for too long",
    "rejected": "its request was rejected",
    "truncated": "a list ended at its limit",
    "unreadable": "its list holds an entry that cannot be read",
    "unknown": "its outcome is unknown",
}
REMEDIES = {
    "pending": "Boot it with its code, or take its line off the roster.",
    "failed": "Remove the cause. Then run provision-device for it.",
    "approval_not_shown": "Open its request in the system. Approve it there; or reject and delete "
    "it, so that the device asks again.",
    "stuck": "Remove the cause that the reason names, and boot it again.",
    "enrollment_ended": "Run onboard-site with its roster: it makes a new enrollment.",
    "unlisted": "Add it to a roster, or retire it.",
    "missing": "Find out who removed it. Then run onboard-site again, or take it off the roster.",
    "wrong_site": "Correct the roster, or move the device.",
    "retired_in_service": "Run retire-device for it again.",
    "revivable": "Wait until its code has expired, or find out who holds it.",
    "identity_mismatch": "Find out which machine it is. If it is another one, delete it and its "
    "request in the system. If it is the device, correct its line by what it shows. Then run "
    "onboard-site again.",
    "key_lost": "Do what the reason says. A system gives a key once; nothing else replaces it.",
    "key_not_held": "Run rotate-token for it: the new key is held here and replaces the other one.",
    "held": "Run review-requests for this site.",
    "rejected": "To admit it after all, delete its request in the system and let it ask again.",
    "truncated": "Ask for a list by site that is short enough, or for a higher limit.",
    "unreadable": "Correct the entry in its system, or remove it. Until then it may be any device.",
    "unknown": "Check it in its system. The next run resolves it as soon as it shows there.",
}
TROUBLES = {
    "pending": "devices that are pending too long",
    "failed": "failures",
    "approval_not_shown": "devices whose approval is not shown",
    "stuck": "devices that were approved and never confirmed",
    "enrollment_ended": "devices whose enrollment ended",
    "missing": "devices that are missing",
    "identity_mismatch": "devices in whose name another machine is admitted",
    "key_lost": "devices whose key was lost",
}
BAD = {
    "identity_mismatch",
    "key_lost",
    "retired_in_service",
    "revivable",
    "missing",
    "failed",
    "approval_not_shown",
    "stuck",
    "rejected",
}
RULES = {
    "pending": NightRule(after=3 * DAY),
    "failed": NightRule(Remediation.RETRY, times=3, gap=HOUR),
    "approval_not_shown": NightRule(after=HOUR),
    "stuck": NightRule(after=HOUR),
    "held": NightRule(after=12 * HOUR),
    "unknown": NightRule(after=HOUR),
}
POSSIBLE = {
    "pending": {Remediation.REJECT},
    "failed": {Remediation.RETRY},
    "enrollment_ended": {Remediation.RE_ENROLL},
    "held": {Remediation.REJECT},
    "unknown": {Remediation.RE_ENROLL},
}
FORMER = {"missing": "gone", "retired_in_service": "alive", "enrollment_ended": "enrolment_ended"}
FLAGS = {
    "may_pass": {"pending", "approval_not_shown", "stuck", "unknown"},
    "is_reviewed": {"held"},
    "needs_whole_list": {"unlisted"},
    "is_of_list": {"truncated", "unreadable"},
}
PINNED = {"label", "meaning", "remedy", "urgency", "tone", "rule", "remediations", "former_key"}
# As house style has it: what is said instead stands in docs/architecture.md.
RETIRED_WORDS = re.compile(
    r"\b(look|looks|sight|sighting|standing|stands|kept|manner|doubt|mend|mends|deed|settle|settles"
    r"|tend|patience|enrolment|enrol|let in|at the door|knocks|stranger|mark|told|telling|a hand"
    r"|batch|gone|homeless|ruling|gathering)\b",
    re.IGNORECASE,
)


def those(name: str) -> dict[str, object]:
    """One field of all kinds, by their codes."""
    return {kind.value: getattr(record, name) for kind, record in FINDING_KINDS.items()}


def test_every_kind_has_one_record() -> None:
    assert [*FINDING_KINDS] == [*FindingKind]
    assert all(kind.record is record for kind, record in FINDING_KINDS.items())


def test_every_field_is_pinned_here() -> None:
    assert {field.name for field in fields(FindingRecord)} == {*PINNED, "trouble", "state", *FLAGS}


def test_the_most_urgent_come_first() -> None:
    by_urgency = sorted(FINDING_KINDS, key=lambda kind: kind.record.urgency)

    assert by_urgency == URGENCY
    assert sorted(those("urgency").values(), key=str) == sorted(range(1, 19), key=str)


@pytest.mark.parametrize(
    ("name", "pinned"), [("label", LABELS), ("meaning", MEANINGS), ("remedy", REMEDIES)]
)
def test_what_people_read_is_as_it_is_here(name: str, pinned: dict[str, str]) -> None:
    assert those(name) == pinned


@pytest.mark.parametrize("kind", FindingKind)
def test_sentences_are_sentences_and_use_no_retired_word(kind: FindingKind) -> None:
    record = kind.record

    assert re.fullmatch(r"[A-Z].*\.", record.remedy)
    for text in (record.label, record.meaning, record.remedy, record.trouble, kind.value):
        assert not RETIRED_WORDS.search(text.replace("_", " "))


def test_tones_are_bad_where_a_device_is_and_else_a_warning() -> None:
    assert those("tone") == {k.value: Tone.BAD if k in BAD else Tone.WARN for k in FindingKind}


def test_what_is_done_without_a_file_is_pinned() -> None:
    assert those("rule") == {k.value: RULES.get(k.value, NightRule()) for k in FindingKind}


def test_what_may_be_done_is_pinned() -> None:
    assert those("remediations") == {k.value: POSSIBLE.get(k.value, set()) for k in FindingKind}


def test_former_keys_are_pinned() -> None:
    assert those("former_key") == {k.value: FORMER.get(k.value, "") for k in FindingKind}


def test_causes_are_sought_where_devices_are_in_trouble() -> None:
    assert those("trouble") == {k.value: TROUBLES.get(k.value, "") for k in FindingKind}


@pytest.mark.parametrize("flag", FLAGS)
def test_flags_are_pinned(flag: str) -> None:
    assert {kind for kind, is_so in those(flag).items() if is_so} == FLAGS[flag]


def test_only_what_is_missing_is_counted_otherwise_than_it_is_seen() -> None:
    assert {k: s for k, s in those("state").items() if s} == {"missing": State.MISSING}


def test_a_kind_is_named_by_its_catalog_and_by_who_finds_it_alone() -> None:
    named: dict[str, set[str]] = {kind.name: set() for kind in FindingKind}
    for room in ("fleet", "ledger", "reports", "tasks", "flows", "deployments"):
        for module in (ROOT / room).rglob("*.py"):
            found = re.findall(r"\bFindingKind\.([A-Z_]+)\b", module.read_text("utf-8"))
            for name in {*found} & named.keys():
                named[name].add(module.name)

    finders = {name: modules - {"catalog.py"} for name, modules in named.items()}
    # An outlook asks for a roster line also where no night has found the device yet.
    # The ledger keeps a hold for as long as nights find it.
    assert finders["HELD"] == {"inspection.py", "holds.py"}
    assert {name for name, modules in finders.items() if len(modules) != 1} == {"HELD", "UNLISTED"}
    assert len(finders["UNLISTED"]) == 2


def test_every_remediation_has_one_record() -> None:
    assert {
        "report": RemediationRecord("reported", "reports", needs_request=False),
        "retry": RemediationRecord("retried", "retries", needs_request=True),
        "re-enroll": RemediationRecord("enrolled again", "enrollments", needs_request=False),
        "reject": RemediationRecord("rejected", "rejections", needs_request=True),
    } == REMEDIATIONS
