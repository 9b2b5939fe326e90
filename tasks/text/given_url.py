"""A URL that a form names: only to hosts that are allowed, at addresses that were checked.

What the host's name leads to is asked once, and the connection is made to that very address: an
answer of DNS that changes between check and call leads nowhere else. A redirect is a URL like any
other. Calls go directly, and not by a proxy: nothing would be known of where that connects to.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from urllib.parse import urlsplit

import httpx

from systems.shared.body import PACKING, BodyTooLarge, read
from systems.shared.http import tls
from tasks.text.share_link import remedy_for
from tasks.text.sources import SourceSettings
from tasks.text.text_kind import NoText, TextKind

SECONDS = 30.0  # for all of it, from the first question to the last byte
_REDIRECTS = 5
_SCHEMES = ("http", "https")
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]


async def addresses(host: str, port: int) -> Sequence[str]:
    """The addresses of a host, as this machine finds them; OSError or UnicodeError for none."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


async def read_url(
    source: str, kind: TextKind, seconds: float = SECONDS, resolve: Resolve = addresses
) -> bytes:
    """What the URL leads to, unpacked; NoText, which quotes nothing of it."""
    where = without_secrets(source)
    if remedy := remedy_for(source):
        raise NoText(f"{where} opens the sheet in a browser, and is no file. {remedy}")
    try:
        async with asyncio.timeout(seconds):
            return await _read(httpx.URL(source), kind, seconds, resolve)
    except TimeoutError:
        raise NoText(f"{where} was not read whole within {seconds:g} s. Try again.") from None
    except BodyTooLarge:
        raise too_large(where, kind) from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NoText(f"{where} cannot be read: {type(error).__name__}.") from None


def too_large(where: str, kind: TextKind) -> NoText:
    """Why a text is not read, wherever it comes from."""
    return NoText(f"{where} is not read: a {kind.noun} has at most {kind.limit >> 10:,} KiB.")


def without_secrets(url: str) -> str:
    """The address without credentials and query, either of which may hold a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "The address"
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"


async def _read(url: httpx.URL, kind: TextKind, seconds: float, resolve: Resolve) -> bytes:
    where = without_secrets(str(url))
    for _ in range(1 + _REDIRECTS):
        found = await _answer(url, kind, seconds, await _checked(url, kind, resolve))
        if not found.has_redirect_location:
            break
        target = url.join(found.headers["location"])
        if url.scheme == "https" and target.scheme != "https":
            raise NoText(f"{where} leads on to an address without TLS. Give another address.")
        url = target
    if not found.is_success:
        raise NoText(f"{where} answered {found.status_code}. Check the address.")
    return found.content


async def _checked(url: httpx.URL, kind: TextKind, resolve: Resolve) -> Sequence[str]:
    """The addresses of its host; NoText when it is not allowed, before anybody is asked."""
    settings = SourceSettings()
    host = url.raw_host.decode()[:253]
    if url.scheme not in _SCHEMES or url.userinfo or not settings.allows(url):
        allowed = ", ".join(settings.roster_hosts) or "no host"
        port = f":{url.port}" if url.port else ""
        raise NoText(
            f"{host or 'The address'}{port} is not asked for a {kind.noun}: MUSTER_ROSTER_HOSTS "
            f"names {allowed}. Have it added there, put the file into a folder of "
            f"{kind.settings}, or paste the {kind.format} text."
        )
    try:
        found = await resolve(host, url.port or 443)
    except (OSError, UnicodeError):
        found = ()
    if not found:
        raise NoText(f"{host} cannot be read: no address of it is known. Check its name.")
    for address in found:
        if not settings.reaches(address):
            raise NoText(
                f"{host} is not asked for a {kind.noun}: it leads to {address}, which is not "
                "public. If it is meant to, have its network named in MUSTER_ROSTER_NETWORKS."
            )
    return found


async def _answer(
    url: httpx.URL, kind: TextKind, seconds: float, found: Sequence[str]
) -> httpx.Response:
    """Its answer from the first of these addresses that takes the call; read only where needed."""
    timeout = httpx.Timeout(seconds, connect=seconds / (len(found) + 1))
    async with httpx.AsyncClient(verify=tls(None, True), trust_env=False, timeout=timeout) as http:
        for address in found:
            request = http.build_request(
                "GET",
                url.copy_with(host=address),
                headers={"Host": url.netloc.decode(), **PACKING},
                extensions={"sni_hostname": url.raw_host.decode()},
            )
            try:
                response = await http.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if address == found[-1]:
                    raise
                continue
            try:
                return await read(response, kind.limit) if response.is_success else response
            finally:
                await response.aclose()
    raise AssertionError("there is an address")  # _checked found one
