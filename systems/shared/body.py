"""The body of an answer: read and unpacked no further than a limit, however it was packed.

A few kilobytes of gzip can hold gigabytes, and what httpx unpacks it unpacks whole. So only gzip is
asked for, and it is unpacked here, as far as the limit goes.
"""

import zlib
from collections.abc import Callable

import httpx

LIMIT = 32 * 2**20  # bytes: LEM's list of about 19,000 requests, and no list has that many
PACKING = {"Accept-Encoding": "gzip"}

_PARTS_LIMIT = 4_000_000  # commas and brackets: each part of JSON costs some hundred bytes
_GZIP = 16 + zlib.MAX_WBITS
_ABOUT_BODY = {"content-encoding", "content-length", "transfer-encoding"}


class BodyTooLarge(Exception):
    """More than we read of an answer."""


async def read(response: httpx.Response, limit: int = LIMIT) -> httpx.Response:
    """The same answer with its whole body, unpacked, of at most `limit` bytes.

    BodyTooLarge, as soon as it is, or httpx.DecodingError, when it is not as packed as it says.
    """
    unpack, is_whole = _unpacking(response.headers.get("content-encoding", ""))
    body, arrived = bytearray(), 0
    last = _last(response)
    assert isinstance(response.stream, httpx.AsyncByteStream)  # noqa: S101  (it is httpx's own)
    async for chunk in response.stream:
        body += unpack(chunk, limit + 1 - len(body))
        if len(body) > limit:
            body.clear()  # or whoever holds the error holds it, too
            raise BodyTooLarge
        arrived += len(chunk)
        if arrived == last:
            break
    if arrived and not is_whole():
        raise httpx.DecodingError("it ends before its end")
    if body.count(b",") + body.count(b"[") + body.count(b"{") > _PARTS_LIMIT:
        raise BodyTooLarge
    headers = [each for each in response.headers.multi_items() if each[0] not in _ABOUT_BODY]
    return httpx.Response(
        response.status_code, headers=headers, content=bytes(body), request=response.request
    )


def _last(response: httpx.Response) -> int | None:
    """At how many bytes to stop so that the connection is closed and not used for another call.

    A service that crashed over a call closes it, too, and uvicorn does so without saying so: the
    next call by it would not be answered, and nobody would know whether it was heard.
    """
    length = response.headers.get("content-length", "")
    return int(length[:9]) if response.is_server_error and length.isdecimal() else None


def _unpacking(encoding: str) -> tuple[Callable[[bytes, int], bytes], Callable[[], bool]]:
    """What gives at most so many bytes of a packed chunk, and whether the last one came."""
    if encoding in {"", "identity"}:
        return lambda chunk, most: chunk[:most], lambda: True
    if encoding not in {"gzip", "x-gzip"}:
        raise httpx.DecodingError("it is packed in a way that was not asked for")
    gzip = zlib.decompressobj(_GZIP)

    def unpack(chunk: bytes, most: int) -> bytes:
        try:
            return gzip.decompress(chunk, most)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from None

    return unpack, lambda: gzip.eof
