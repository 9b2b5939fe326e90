"""What a remote system's answer, or its silence, can mean."""

from datetime import timedelta

from fleet.text.expected import ExpectedError


class ApiError(ExpectedError):
    """A call that did not succeed. The text is *method path: what happened*, never a secret.

    `problem` is that without the remedy, such as "GET /device/p1: 401 Unauthorized".
    `may_pass`: whether the same call may succeed later with nothing changed on our side.
    `outcome_unknown`: whether the system may have done the work although no answer says so.
    `key_lost`: whether the key or token was given out before, and is not shown again.
    """

    may_pass = False
    outcome_unknown = False
    key_lost = False
    remedy = ""

    def __init__(self, call: str, what: str) -> None:
        self.problem = f"{call}: {what}"
        super().__init__(self.problem + (f". {self.remedy}" if self.remedy else ""))


class Unreachable(ApiError):
    """No connection was made: nothing was sent."""

    may_pass = True
    remedy = "Check the address, and whether the system is up"


class Untrusted(ApiError):
    """The server's certificate is not one that we trust: nothing was sent."""

    remedy = "Give its CA in the …_CA_FILE setting: its certificate may be self-signed"


class Unanswered(ApiError):
    """The call was sent, and no usable answer came: a lost reply, a timeout, a 5xx."""

    may_pass = True
    outcome_unknown = True
    remedy = "Check that the system is up, and see its own log"


class DatabaseFailed(Unanswered):
    """The system's database failed or refused, which a plain 500 is all that says."""

    remedy = "Its database failed or refused it: check that the tenant exists, and see its own log"


class TooManyRequests(ApiError):
    """The system asks to be called less often (429), and sometimes says how long to wait."""

    may_pass = True

    def __init__(self, call: str, what: str, retry_after: timedelta | None = None) -> None:
        super().__init__(call, what)
        self.retry_after = retry_after


class NotReady(ApiError):
    """The system runs, but what it depends on does not yet (503 of a readiness check)."""

    may_pass = True
    remedy = "The system itself is up; its database may not be"


class Unauthorized(ApiError):
    """The credential is missing, wrong or expired (401)."""

    remedy = "Check the token: it may be wrong, revoked or expired"


class KeyRefused(Unauthorized):
    """The key of a device or an administrator is missing or wrong (401)."""

    remedy = "Check the key: it may be wrong or revoked"


class Forbidden(ApiError):
    """The credential is known but may not do this here (403)."""

    remedy = "The token lacks the scope for this project or action"


class NotFound(ApiError):
    """The system has no such thing (404)."""

    remedy = "Check the address and the project"


class UnknownId(NotFound):
    """The address is right, but the system knows no such token or device."""

    remedy = "Check the id: the system does not know it"


class Refused(ApiError):
    """The system understood and said no: the call was malformed or breaks a rule of its own."""


class Invalid(Refused):
    """The system found a value of the call invalid, or in conflict with what it holds."""

    remedy = "Check the values: one is missing or malformed, or what they ask for is done already"


class DeviceExists(Refused):
    """The device is registered already, and its key is not shown again."""

    key_lost = True

    remedy = "Its key was shown once, to whoever registered it. Without that key, remove the device"


class TokenInvalid(Refused):
    """The provisioning token is unknown, revoked or used up."""

    remedy = "Make a new provisioning token: this one is unknown, revoked or used up"


class TokenExpired(Refused):
    """The provisioning token has expired."""

    remedy = "Make a new provisioning token: this one has expired"


class CodeInvalid(Refused):
    """The activation code belongs to no such device."""

    remedy = "Check that code, device and tenant belong together"


class CodeSpent(Refused):
    """The activation code was used before, and the token that it gave is not shown again."""

    key_lost = True

    remedy = "Rotate the device's token to get a new one"


class CodeExpired(Refused):
    """The activation code has expired."""

    remedy = "Register the device again to get a new code"


class BadAddress(ApiError):
    """The address that a system gave for its devices is not valid: nothing was sent."""

    remedy = "Check the address that the system gave for this device"


class Contradictory(ApiError):
    """The status says that the call succeeded, and the body says that it failed."""

    outcome_unknown = True
    remedy = "The status says success and the body says failure: check the system itself"


class NotJson(ApiError):
    """The answer is not the JSON that the call promises, as from a proxy or a login page."""

    outcome_unknown = True
    remedy = "The address may lead to something else, such as a proxy or a login page"


class TooLarge(NotJson):
    """The answer is larger than anything that we read: what is left of it was not read."""

    remedy = "No such answer is that large: check the address, and what is between"
