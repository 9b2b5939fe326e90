"""One HTTP call, and the one place where an answer becomes a value or an error."""

import asyncio
import logging
import os
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import TypeAdapter, ValidationError

from systems.shared.body import LIMIT, PACKING, BodyTooLarge, read
from systems.shared.errors import (
    ApiError,
    Forbidden,
    NotFound,
    NotJson,
    Refused,
    TooLarge,
    TooManyRequests,
    Unanswered,
    Unauthorized,
    Unreachable,
    Untrusted,
)
from systems.shared.pace import Pace, last_check, retry_after
from systems.shared.settings import SystemSettings

T = TypeVar("T")
Reading = Callable[[httpx.Response], type[ApiError] | None]

_MEANING: dict[int, type[ApiError]] = {
    401: Unauthorized,
    403: Forbidden,
    404: NotFound,
    408: Unanswered,
}
_LONGEST = 4  # times the timeout, which an answer that drips would never meet
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)

# At INFO httpx logs whole URLs, and one documented call carries an activation code in its query.
logging.getLogger("httpx").setLevel(logging.WARNING)


class HttpClient(httpx.AsyncClient):
    """An HTTP client that notes how far the server's clock is ahead of ours, as last heard.

    A server sends whole seconds, so that `skew` is right to half a second.
    """

    skew: timedelta | None = None

    async def note_clock(self, response: httpx.Response) -> None:
        """Compare the clocks, if the server sends its own."""
        with suppress(ValueError, TypeError, OverflowError):  # no date, or one without a zone
            theirs = parsedate_to_datetime(response.headers.get("date", ""))
            self.skew = theirs + timedelta(seconds=0.5) - datetime.now(UTC)


def tls(ca_file: Path | None, verify: bool, ca_pem: str = "") -> ssl.SSLContext | bool:
    """What httpx needs to verify a server: the usual CAs, those given, or nothing at all."""
    if not verify:
        return False
    if not (ca_file or ca_pem):
        return _usual_cas(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    try:
        return ssl.create_default_context(cafile=ca_file, cadata=ca_pem or None)
    except (ssl.SSLError, TypeError):  # the latter when it is not all ASCII
        given = f"CA file {ca_file}" if ca_file else "CA given as text"
        raise Untrusted(given, "it holds no certificate") from None


@lru_cache(maxsize=4)
def _usual_cas(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """The CAs of httpx, or those that SSL_CERT_FILE or _DIR name; reading them takes 20 ms."""
    return httpx.create_ssl_context()


def opened(
    settings: SystemSettings, transport: httpx.AsyncBaseTransport | None, **more: Any
) -> HttpClient:
    """The HTTP client for the system that `settings` name; `transport` replaces the network."""
    http = HttpClient(
        base_url=str(settings.url),
        verify=tls(settings.ca_file, settings.verify, settings.ca_pem),
        timeout=settings.timeout_seconds,
        limits=httpx.Limits(
            max_connections=settings.concurrency,
            max_keepalive_connections=settings.concurrency,
        ),
        transport=transport,
        **more,
    )
    http.headers.update(PACKING)
    http.event_hooks = {"response": [http.note_clock]}
    return http


def segment(text: str) -> str:
    """`text` as one part of a path, whatever it holds; even "..", which would mean another path."""
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


async def call(
    client: httpx.AsyncClient,
    method: str,
    path: str,
    read_failure: Reading | None = None,
    pace: Pace | None = None,
    **request: Any,
) -> bytes:
    """The body of one successful attempt, b"" for an empty one; ApiError for everything else.

    `path` must hold no secret: it is all that an error shows of the call. `read_failure` finds the
    error that a system reports in an answer of any status, where it says more than the status.
    `pace` says when the attempt is made; a 429 that it waits out is not an answer.
    """
    name = f"{method} {path}"

    async def attempt() -> httpx.Response:
        silence = client.timeout.read
        try:
            async with (
                asyncio.timeout(silence and silence * _LONGEST),
                client.stream(method, path, extensions=last_check(), **request) as response,
            ):
                return await read(response)
        except TimeoutError:
            raise httpx.ReadTimeout("the answer never ends") from None

    try:
        response = await (pace.sent(attempt) if pace else attempt())
    except _NOT_SENT as error:
        if "CERTIFICATE_VERIFY_FAILED" in str(error):
            raise Untrusted(name, "the server's certificate is not trusted") from None
        where = (httpx.URL(path).netloc or client.base_url.netloc).decode()
        raise Unreachable(name, f"no connection to {where} ({type(error).__name__})") from None
    except BodyTooLarge:
        raise TooLarge(
            name, f"the answer is larger than {LIMIT >> 20} MiB, or too intricate"
        ) from None
    except httpx.RequestError as error:  # also an answer that cannot be decoded
        raise Unanswered(name, f"no answer ({type(error).__name__})") from None
    return _body(name, response, read_failure)


def parse(adapter: TypeAdapter[T], name: str, body: bytes) -> T:
    """`body` as the documented shape; NotJson, which shows nothing of it, when it is not."""
    try:
        return adapter.validate_json(body)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(map(str, first["loc"]))
        what = (
            "not JSON" if first["type"] == "json_invalid" else f"unlike its document at {where!r}"
        )
        raise NotJson(name, f"the answer is {what}") from None


def _body(name: str, response: httpx.Response, read_failure: Reading | None) -> bytes:
    status = response.status_code
    # The usual phrase, not the server's own: that may repeat what it was sent.
    what = f"{status} {httpx.codes.get_reason_phrase(status)}".strip()
    if read_failure and (error := read_failure(response)):
        raise error(name, what)
    if response.is_success:
        if response.headers.get("content-type", "").startswith("text/html"):
            raise NotJson(name, f"{what}, but a web page")
        return response.content
    if status == httpx.codes.TOO_MANY_REQUESTS:
        raise TooManyRequests(name, what, retry_after(response.headers))
    if status in _MEANING:
        raise _MEANING[status](name, what)
    if response.is_redirect:
        raise NotJson(name, f"{what}, which leads elsewhere")
    raise (Unanswered if status >= 500 else Refused)(name, what)
