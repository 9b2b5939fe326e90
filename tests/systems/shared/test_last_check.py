"""What is checked before a call is checked again once there is a connection to send it by."""

import asyncio

import httpx
import pytest

from systems.lem.client import LemClient
from systems.shared.errors import Unreachable
from systems.shared.pace import checked
from tests.systems.lem.asking import lem_settings

pytestmark = pytest.mark.usefixtures("unhurried")


class Sleeping(httpx.AsyncBaseTransport):
    """A network on which the machine falls asleep on its way to the `at`-th call, from 1."""

    def __init__(self, at: int) -> None:
        self._inner, self._left = httpx.AsyncHTTPTransport(), at
        self.slept = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self._left -= 1
        self.slept = self.slept or self._left == 0
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


class TooLate(Unreachable):
    pass


def two_calls(project, network):
    """Two calls of one operation, which is not to begin once the machine has slept."""

    def check():
        if network.slept:
            raise TooLate("claim", "it was not renewed in time")

    async def asked():
        settings = lem_settings(url=project.simulator.url, project=project.name)
        async with LemClient.connect(settings, network) as lem:
            with checked(check):
                return [await lem.configs(), await lem.configs()]

    return asyncio.run(asked())


def sent(project):
    calls = project.simulator.control("calls")["calls"]
    return sum(each["count"] for each in calls if each["path"].endswith("config"))


def test_nothing_is_sent_after_a_sleep_between_the_check_and_the_connection(project):
    before = sent(project)

    with pytest.raises(TooLate):
        two_calls(project, Sleeping(1))

    assert sent(project) == before


def test_an_operation_that_has_begun_is_carried_on(project):
    assert two_calls(project, Sleeping(2)) == [[], []]
