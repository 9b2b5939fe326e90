"""The catalog of reasons: why a device has its status, or why a request is decided or held.

A sentence with names, times and counts stands beside each code, for people. What goes by a reason
goes by its code: request 12 is held as `too_many` once, however many machines ask meanwhile.
"""

from enum import StrEnum


class ReasonCode(StrEnum):
    """Why something is as it is, as the ledger stores it."""

    UNKNOWN = "unknown"  # in rows that are older than these codes

    # A request is suspicious; the same names as in `SuspicionKind`
    UNKNOWN_DEVICE = "unknown_device"
    DISPUTED = "disputed"
    CLONE = "clone"
    NEW_MACS = "new_macs"
    TOO_MANY = "too_many"
    WRONG_SITE = "wrong_site"
    EARLY = "early"
    EXPIRED = "expired"
    CHANGED = "changed"
    SECOND = "second_request"
    BY_PEOPLE = "by_people"

    # A request does not fit its device
    OTHER_CODE = "other_code"
    OTHER_IDENTITY = "other_identity"
    SEVERAL_MACHINES = "several_machines"
    DOUBLED_NUMBER = "doubled_number"

    # A request is decided, or a person is to decide it
    EXACT_MATCH = "exact_match"
    APPROVED_BY_RULE = "approved_by_rule"
    REJECTED_BY_RULE = "rejected_by_rule"
    HELD_BY_RULE = "held_by_rule"
    RULE_UNDECIDED = "rule_undecided"
    LEFT_TO_ZERO_TOUCH = "left_to_zero_touch"
    PERSON_DECIDES = "person_decides"
    WOULD_APPROVE = "would_approve"
    WOULD_REJECT = "would_reject"
    APPROVED_BY_PEOPLE = "approved_by_people"
    REJECTED_BY_PEOPLE = "rejected_by_people"
    REJECTED_BY_RUN = "rejected_by_run"

    # What was decided does not show
    DECISION_REFUSED = "decision_refused"
    DECISION_UNANSWERED = "decision_unanswered"
    APPROVAL_NOT_SHOWN = "approval_not_shown"
    APPROVED_REQUEST_DELETED = "approved_request_deleted"
    REJECTION_NOT_SHOWN = "rejection_not_shown"
    TOO_LATE_TO_REJECT = "too_late_to_reject"

    # A device is to be enrolled, or to use its enrollment
    NEW = "new"
    ENROLLMENT_REFUSED = "enrollment_refused"
    ENROLLMENT_UNANSWERED = "enrollment_unanswered"
    ENROLLMENT_NOT_LISTED = "enrollment_not_listed"
    ENROLLMENT_MISSING = "enrollment_missing"
    ENROLLMENT_GIVEN_UP = "enrollment_given_up"
    CODE_LOST = "code_lost"
    CODE_USED_UP = "code_used_up"
    CODE_USED_BEFORE = "code_used_before"
    CODE_EXPIRED = "code_expired"
    CODES_EXPIRE_SOON = "codes_expire_soon"
    CODE_READY = "code_ready"
    ACTIVATES_ITSELF = "activates_itself"
    NOT_ASKED = "not_asked"
    ZERO_TOUCH_READY = "zero_touch_ready"
    ZERO_TOUCH_UNUSABLE = "zero_touch_unusable"

    # A line cannot be brought into service by its system
    HOST_ID_REQUIRED = "host_id_required"
    ZERO_TOUCH_IMPOSSIBLE = "zero_touch_impossible"

    # What the system shows of a device
    BEING_PROVISIONED = "being_provisioned"
    NOT_YET_LISTED = "not_yet_listed"
    NO_LONGER_LISTED = "no_longer_listed"
    LIST_CUT_OFF = "list_cut_off"
    ENTRY_UNREADABLE = "entry_unreadable"
    PROVISIONING_FAILED = "provisioning_failed"
    RETRY_REFUSED = "retry_refused"
    RETRY_PLANNED = "retry_planned"
    IDENTITY_MISMATCH = "identity_mismatch"
    KEY_LOST = "key_lost"
    KEY_NOT_HELD = "key_not_held"
    KEY_MAY_BE_REPLACED = "key_may_be_replaced"
    REJECTED_IN_SYSTEM = "rejected_in_system"
    REGISTERED_BY_OTHERS = "registered_by_others"
    DEACTIVATED = "deactivated"
    LISTED_WITHOUT_REQUEST = "listed_without_request"
    IN_SERVICE = "in_service"
    RETIRED = "retired"

    @property
    def is_suspicion(self) -> bool:
        """Whether the suspicions of a request say all of it."""
        return self in _SUSPICIONS


_SUSPICIONS = frozenset(
    {
        ReasonCode.UNKNOWN_DEVICE,
        ReasonCode.DISPUTED,
        ReasonCode.CLONE,
        ReasonCode.NEW_MACS,
        ReasonCode.TOO_MANY,
        ReasonCode.WRONG_SITE,
        ReasonCode.EARLY,
        ReasonCode.EXPIRED,
        ReasonCode.CHANGED,
        ReasonCode.SECOND,
        ReasonCode.BY_PEOPLE,
    }
)
