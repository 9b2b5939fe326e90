"""What a remote system's answer, or its silence, can mean."""


class ApiError(Exception):
    """A call that did not succeed. The text is *method path: what happened*, never a secret.

    `may_pass`: whether the same call may succeed later with nothing changed on our side.
    `outcome_unknown`: whether the system may have done the work although we were not told.
    """

    may_pass = False
    outcome_unknown = False
    mend = ""

    def __init__(self, call: str, what: str) -> None:
        super().__init__(f"{call}: {what}" + (f". {self.mend}" if self.mend else ""))


class Unreachable(ApiError):
    """No connection was made: nothing was sent."""

    may_pass = True
    mend = "Check the address, and whether the system is up"


class Untrusted(ApiError):
    """The server's certificate is not one that we trust: nothing was sent."""

    mend = "Give its CA in the …_CA_FILE setting (LEM's own certificates are self-signed)"


class Unanswered(ApiError):
    """The call was sent, and no usable answer came: a lost reply, a timeout, a 5xx."""

    may_pass = True
    outcome_unknown = True


class TooManyRequests(ApiError):
    """The system asks to be called less often (429)."""

    may_pass = True


class Unauthorized(ApiError):
    """The credential is missing, wrong or expired (401)."""

    mend = "Check the token: it may be wrong, revoked or expired"


class Forbidden(ApiError):
    """The credential is known but may not do this here (403)."""

    mend = "The token lacks the scope for this project or action"


class NotFound(ApiError):
    """The system has no such thing (404)."""

    mend = "Check the address and the project"


class Refused(ApiError):
    """The system understood and said no: the call was malformed or breaks a rule of its own."""


class NotJson(ApiError):
    """The answer is not the JSON that the call promises, as from a proxy or a login page."""

    outcome_unknown = True
    mend = "The address may lead to something else, such as a proxy or a login page"
