"""The page that follows one device: what its Python blocks print is true."""

import asyncio
import doctest
import json
import re
from collections.abc import Sequence

import httpx

from fleet.device.secret import Keyring
from fleet.state.observation import Observation
from systems.lem.adapter import Lem
from systems.lem.client import LemClient
from systems.lem.settings import LemSettings
from tests.docs.pages import ROOT, text_of

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class Answers(httpx.AsyncBaseTransport):
    """A LEM that shows these activation requests, and nothing else."""

    def __init__(self) -> None:
        self.requests: list[object] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        page = {"pageNum": 0, "pagesCount": 1, "totalSize": 0, "elements": []}
        shown = {
            "/api/v1/activation/request": self.requests,
            "/api/v1/activation/config/list": [],
            f"/api/v1/device/{LemSettings().project}": page,
            f"/api/v1/zt/{LemSettings().project}/config": page,
        }
        return httpx.Response(200, json=shown[request.url.path])


ANSWERS = Answers()


def lem() -> Lem:
    async def connected() -> Lem:
        async with LemClient.connect(LemSettings(), ANSWERS) as client:
            return Lem(client, LemSettings())

    return asyncio.run(connected())


def observe(_: Lem, requests: Sequence[str]) -> Observation:
    """What the page's LEM makes of those activation requests, as LEM sends them."""

    async def observed() -> Observation:
        ANSWERS.requests = [json.loads(request) for request in requests]
        async with LemClient.connect(LemSettings(), ANSWERS) as client:
            return await Lem(client, LemSettings()).observe("plant-7", (), Keyring())

    return asyncio.run(observed())


def test_what_the_page_prints_is_true(monkeypatch, capsys) -> None:
    monkeypatch.chdir(ROOT)
    page = "docs/architecture.md"
    blocks = "".join(BLOCK.findall(text_of(page)))
    messages = {"lem": lem(), "observe": observe}

    walk = doctest.DocTestParser().get_doctest(blocks, messages, page, page, 0)
    failed, tried = doctest.DocTestRunner().run(walk)

    assert not failed, capsys.readouterr().out
    assert tried > 30
