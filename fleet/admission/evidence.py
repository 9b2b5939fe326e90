"""Evidence: all that is known of one request when it is decided: expected and observed."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any

from fleet.admission.suspicion import Suspicion, SuspicionKind, recorded_kind
from fleet.device.identity import Identity
from fleet.state.reason_code import ReasonCode

_SAID = ("observed", "hostname", "hardware", "version")  # what a request says of itself
WINDOWS = {"minute": 60, "10 minutes": 600, "hour": 3600}  # in which arrivals are counted, seconds


class Code(StrEnum):
    """Whose code a request shows."""

    OWN = "own"
    OTHER = "other"


@dataclass(frozen=True)
class Evidence:
    """One request beside the roster line that it belongs to, if there is one.

    `request_key` names it, `request_id` is its number in its system. `code_of` says in words whose
    code it shows. `machines` is how many different machines ask or asked by its site's codes,
    `listed` how many devices the roster lists, `arrivals` how many requests of the site came within
    each of WINDOWS around this one.
    """

    site: str
    request_key: str
    request_id: str
    device: str | None
    code: Code
    code_of: str
    expected: Identity
    observed: Identity
    hostname: str = ""
    hardware: str = ""
    version: str = ""
    asked_at: datetime | None = None
    machines: int = 0
    listed: int = 0
    arrivals: Mapping[str, int] | None = field(default=None, hash=False)
    suspicions: tuple[Suspicion, ...] = ()

    @cached_property
    def shared(self) -> list[str]:
        """What it shows of what is expected, in words."""
        return self.expected.shares_with(self.observed)

    @property
    def contradiction(self) -> str:
        """What it shows that its line denies, in words; "" when nothing."""
        return self.expected.contradiction(self.observed)

    @property
    def has_own_code_alone(self) -> bool:
        """Whether the roster gives no identity, so that a code of its own has to do."""
        return self.device is not None and not self.expected

    @property
    def misfit(self) -> str:
        """Why it is not certainly the device of its line; "" when it is."""
        if self.device is None:
            return (
                self.suspicions[0].message if self.suspicions else "it is no device of the roster"
            )
        if self.code is not Code.OWN:
            return f"it asks by a code that was not given to this device{self.code_of}"
        if self.expected and not self.shared:
            return self.contradiction or "neither its host id nor any MAC is this device's"
        return self.contradiction

    @property
    def misfit_code(self) -> ReasonCode:
        """The code of that, or of the first suspicion; of what fits, that it does."""
        if self.suspicions:
            return self.suspicions[0].kind.code
        if self.device is None:
            return ReasonCode.UNKNOWN_DEVICE
        if self.code is not Code.OWN:
            return ReasonCode.OTHER_CODE
        is_other = (self.expected and not self.shared) or self.contradiction
        return ReasonCode.OTHER_IDENTITY if is_other else ReasonCode.EXACT_MATCH

    @property
    def is_exact(self) -> bool:
        """Whether code and identity fit and nothing is suspicious."""
        return not self.misfit and not self.suspicions

    @property
    def proof(self) -> str:
        """Why it fits, in words, such as "it shows this site's code and host id 43e210471948"."""
        if self.has_own_code_alone:
            return "it shows the code made for this device alone"
        return f"it shows this site's code and {' and '.join(self.shared)}"

    @property
    def score(self) -> tuple[int, int]:
        """How many of the things that could agree do, and how many there are."""
        identity = self.expected.host_id
        agree = [self.code is Code.OWN]
        agree += [identity == self.observed.host_id] if identity else []
        agree += [bool(self.expected.macs & self.observed.macs)] if self.expected.macs else []
        return sum(agree), len(agree)

    @property
    def may_be_approved(self) -> bool:
        """Whether a person here may approve it: it is its line's first, and no other site's."""
        barred = (SuspicionKind.SECOND, SuspicionKind.WRONG_SITE)
        return self.device is not None and not any(map(self.suspected_of, barred))

    def suspected_of(self, kind: SuspicionKind) -> bool:
        """Whether it is suspected of that."""
        return any(each.kind is kind for each in self.suspicions)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of what it says of itself and of the line that it is taken for.

        A decision on it holds only as long as this stays the same.
        """
        return self._digest("site", "request_key", "device", "expected", *_SAID)

    @property
    def said(self) -> str:
        """A hash of what it says of itself alone, whatever line it is taken for."""
        return self._digest(*_SAID)

    def _digest(self, *names: str) -> str:
        facts = self.facts()
        return digest({name: facts[name] for name in names})

    def facts(self) -> dict[str, Any]:
        """All of it as JSON values, the same for the same evidence."""
        return {
            "site": self.site,
            "request_key": self.request_key,
            "request_id": self.request_id,
            "device": self.device,
            "code": self.code.value,
            "code_of": self.code_of,
            "expected": _identity_facts(self.expected),
            "observed": _identity_facts(self.observed),
            "hostname": self.hostname,
            "hardware": self.hardware,
            "version": self.version,
            "asked_at": self.asked_at.isoformat() if self.asked_at else None,
            "machines": self.machines,
            "listed": self.listed,
            "arrivals": dict(self.arrivals) if self.arrivals is not None else None,
            "suspicions": [[each.kind.value, each.message] for each in self.suspicions],
        }

    @classmethod
    def from_facts(cls, facts: Mapping[str, Any]) -> "Evidence":
        """The evidence that `facts` were made of."""
        asked_at = facts["asked_at"]
        return cls(
            **{
                **facts,
                "code": Code(facts["code"]),
                "expected": _identity(facts["expected"]),
                "observed": _identity(facts["observed"]),
                "asked_at": datetime.fromisoformat(asked_at) if asked_at else None,
                "suspicions": tuple(
                    Suspicion(recorded_kind(word), message) for word, message in facts["suspicions"]
                ),
            }
        )


def canonical(value: Any) -> str:
    """`value` as JSON, written in one way only."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(value: Any) -> str:
    """The SHA-256 of `value`, in hex."""
    return hashlib.sha256(canonical(value).encode("utf-8", "surrogatepass")).hexdigest()


def _identity_facts(identity: Identity) -> dict[str, Any]:
    return {"host_id": identity.host_id, "macs": sorted(identity.macs)}


def _identity(facts: Mapping[str, Any]) -> Identity:
    return Identity(facts["host_id"], frozenset(facts["macs"]))
