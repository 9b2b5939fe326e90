"""Answers that mean harm: bombs, bodies without end, and JSON that no document has."""

import asyncio
import gzip
import json
import tracemalloc
from contextlib import suppress
from functools import cache

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from systems.shared import body
from systems.shared.errors import ApiError, NotJson, TooLarge, Unanswered
from tests.laws import SAME_FIXTURES, one_in, share_of
from tests.systems.acusight.asking import ACUSIGHT
from tests.systems.lem.asking import CODE, LEM
from tests.systems.provision_api.asking import PROVISION_API

pytestmark = pytest.mark.usefixtures("unhurried")

SYSTEMS = {"lem": LEM, "acusight": ACUSIGHT, "provision_api": PROVISION_API}
MIB = 2**20
REQUEST = {"entryID": 4, "code": CODE, "hostname": "litmus-edge-1"}


class Wire(httpx.AsyncByteStream):
    """A body in chunks, which notes how much of it was asked for."""

    def __init__(self, chunk, times=None, pause=0.0):
        self.sent, self._chunk, self._times, self._pause = 0, chunk, times, pause

    async def __aiter__(self):
        while self._times is None or self.sent < self._times * len(self._chunk):
            self.sent += len(self._chunk)
            yield self._chunk
            await asyncio.sleep(self._pause)


@cache
def packed(size, layers=1):
    """So many bytes of JSON, as gzip writes them, again and again."""
    text = b"[" + b" " * (size - 2) + b"]"
    for _ in range(layers):
        text = gzip.compress(text, 1)
    return text


def errors(system, make, **headers):
    """The error of each call whose answer has the body that `make` makes."""
    return system.errors(lambda _: httpx.Response(200, headers=headers, stream=make()))


@pytest.fixture(params=SYSTEMS.values(), ids=SYSTEMS)
def system(request):
    return request.param


one_is_fast = pytest.mark.parametrize(
    "system", one_in(3, SYSTEMS.values()), ids=SYSTEMS, indirect=True
)


@one_is_fast
def test_a_body_without_end_is_read_up_to_the_limit(system):
    wires = []

    def endless():
        wires.append(Wire(b" " * MIB))
        return wires[-1]

    failed = errors(system, endless)

    assert {type(error) for error in failed.values()} == {TooLarge}
    assert all(wire.sent <= body.LIMIT + MIB for wire in wires)


def test_a_body_that_is_just_small_enough_is_read():
    wire = Wire(b"[" + b" " * (body.LIMIT - 2) + b"]", times=1)

    found = LEM.ask(LEM.calls["requests"][2], lambda _: httpx.Response(200, stream=wire))

    assert found == []


@pytest.mark.heavy
def test_a_bomb_is_unpacked_up_to_the_limit_in_bounded_memory(system):
    bomb = packed(5 * body.LIMIT)
    assert len(bomb) < MIB

    def answer(_):
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Wire(bomb, times=1))

    tracemalloc.start()
    failed = system.errors(answer, system.parsed[0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert {type(error) for error in failed.values()} == {TooLarge}
    assert peak < 3 * body.LIMIT


@pytest.mark.parametrize("encoding", ["gzip, gzip", "deflate", "br", "zstd", "gzip, deflate"])
def test_what_is_packed_otherwise_than_we_asked_is_no_answer(system, encoding):
    bomb = packed(body.LIMIT, layers=2)

    failed = errors(system, lambda: Wire(bomb, times=1), **{"Content-Encoding": encoding})

    assert {type(error) for error in failed.values()} == {Unanswered}


def test_a_packed_answer_is_unpacked_and_nothing_else_was_asked_for():
    asked = []

    def answer(request):
        asked.append(request.headers["Accept-Encoding"])
        wire = Wire(gzip.compress(json.dumps([REQUEST]).encode()), times=1)
        return httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=wire)

    (found,) = LEM.ask(LEM.calls["requests"][2], answer)

    assert (found.entry_id, asked) == (4, ["gzip"])


@one_is_fast
def test_an_answer_that_drips_is_given_up(system):
    async def all_at_once():
        async def failed(call):
            transport = httpx.MockTransport(
                lambda _: httpx.Response(200, stream=Wire(b" ", pause=0.01))
            )
            settings = system.settings(timeout_seconds=0.05)
            async with system.client.connect(settings, transport) as client:
                with pytest.raises(Unanswered) as error:
                    await call(client)
                return error.value

        return await asyncio.gather(*(failed(call) for _, _, call in system.calls.values()))

    assert len(asyncio.run(all_at_once())) == len(system.calls)


NO_DOCUMENT = {
    "deep list": "[" * 100_000,
    "deep object": '{"data":' * 100_000,
    "huge number": f"[{'9' * 100_000}]",
    "half a character": r'["\ud800"]',
    "NaN": "[NaN]",
    "infinite": "[1e999]",
}


@pytest.mark.parametrize("text", NO_DOCUMENT.values(), ids=NO_DOCUMENT)
def test_json_of_no_document_is_reported_as_such(system, text):
    failed = system.errors(lambda _: httpx.Response(200, content=text), *system.parsed)

    assert all(isinstance(error, NotJson) for error in failed.values()), failed


@pytest.mark.parametrize(("status", "connections"), [(500, 3), (404, 1), (200, 1)])
def test_a_connection_over_which_a_service_crashed_is_not_used_again(status, connections):
    met = []

    async def serve(reader, writer):
        met.append(writer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 2\r\n\r\n[]" % status)

    async def calls():
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        async with LEM.client.connect(LEM.settings(url=url)) as client:
            for _ in range(3):
                with suppress(ApiError):
                    await client.requests()
        for writer in met:
            writer.close()
        server.close()

    asyncio.run(calls())
    assert len(met) == connections


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(exclude_categories=()), max_size=8)
    | st.sampled_from([2**64, -(2**63), 10**40, "\x00", "\ud800", "9999-12-31T23:59:59Z", CODE])
)
WORDS = (
    "id entryID code status data error success detail elements pageNum pagesCount token device_id "
    "tenant_id api_key actions"
)
NAMES = st.text(max_size=4) | st.sampled_from(WORDS.split())
ANYTHING = st.recursive(
    SCALARS,
    lambda parts: st.lists(parts, max_size=4) | st.dictionaries(NAMES, parts, max_size=4),
    max_leaves=12,
)


@settings(SAME_FIXTURES, max_examples=share_of(100))
@given(anything=ANYTHING, status=st.sampled_from([200, 200, 200, 201, 204, 400, 409, 422, 500]))
def test_any_answer_is_a_value_or_one_clear_error(system, anything, status):
    text = json.dumps(anything)

    async def all_of_them():
        answer = httpx.MockTransport(lambda _: httpx.Response(status, content=text))
        async with system.client.connect(system.settings(), answer) as client:
            made = [call(client) for _, _, call in system.calls.values()]
            return await asyncio.gather(*made, return_exceptions=True)

    found = asyncio.run(all_of_them())
    assert all(isinstance(each, ApiError) for each in found if isinstance(each, BaseException))
