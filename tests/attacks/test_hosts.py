"""Who may fill in a form, or save a connection, makes the worker call where it never should."""

import asyncio

import pytest

from systems.lem.block import LemConnection
from tasks.text.given_url import read_url
from tasks.text.text_kind import ROSTER
from tests.attacks.given import GOOD, allow, onboarded, refused
from tests.attacks.service import serving


class TestHosts:
    """The attacker makes the worker call for them."""

    def test_a_host_that_is_allowed_is_read(self, allowed):
        assert onboarded(allowed.answer("/roster.csv", GOOD)) == ["edge-1"]

    def test_nobody_is_called_unless_allowed(self, service, monkeypatch):
        url = service.answer("/roster.csv", GOOD)
        without_any = refused(onboarded, url)
        allow(monkeypatch, "files.example.com", networks="127.0.0.1")
        of_another = refused(onboarded, url)

        assert service.asked == []
        assert "MUSTER_ROSTER_HOSTS names no host" in without_any
        assert "MUSTER_ROSTER_HOSTS names files.example.com" in of_another

    def test_another_port_of_an_allowed_host_is_another_service(self, service, monkeypatch):
        allow(monkeypatch, "127.0.0.1", "127.0.0.1:1", networks="127.0.0.1")

        refused(onboarded, service.answer("/roster.csv", GOOD))

        assert service.asked == []

    @pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f.1"])
    def test_an_allowed_host_at_an_inner_address_is_not_called(self, service, monkeypatch, host):
        allow(monkeypatch, f"{host}:{service.port}")
        service.answer("/roster.csv", GOOD)

        message = refused(onboarded, f"http://{host}:{service.port}/roster.csv")

        assert service.asked == []
        assert "MUSTER_ROSTER_NETWORKS" in message

    @pytest.mark.parametrize(
        "address",
        [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "fec0::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
        ],
    )
    def test_no_answer_of_dns_leads_inside_not_even_beside_a_public_one(self, monkeypatch, address):
        allow(monkeypatch, "files.example.com")

        async def resolve(*_):
            return ["93.184.215.14", address]

        def read():
            asyncio.run(read_url("https://files.example.com/r.csv", ROSTER, 0.2, resolve))

        assert f"it leads to {address}" in refused(read)

    def test_dns_that_answers_otherwise_the_second_time_is_not_asked_again(
        self, service, monkeypatch
    ):
        allow(monkeypatch, f"files.example.com:{service.port}", networks="127.0.0.1")
        service.answer("/roster.csv", GOOD)
        asked = []

        async def rebinding(host, _):
            asked.append(host)
            return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

        url = f"http://files.example.com:{service.port}/roster.csv"
        content = asyncio.run(read_url(url, ROSTER, 30, rebinding))

        assert content == GOOD.encode()
        assert asked == ["files.example.com"]
        assert service.asked == [(f"files.example.com:{service.port}", "/roster.csv")]

    def test_a_redirect_to_another_host_is_checked_like_any_url(self, allowed):
        with serving() as inner:
            target = inner.answer("/admin", GOOD)
            url = allowed.answer("/moved.csv", "", 302, Location=target)

            assert "MUSTER_ROSTER_HOSTS" in refused(onboarded, url)
            assert inner.asked == []

    def test_nor_does_a_redirect_lead_to_an_inner_address(self, allowed, monkeypatch):
        allow(
            monkeypatch,
            f"127.0.0.1:{allowed.port}",
            f"127.0.0.2:{allowed.port}",
            networks="127.0.0.1",
        )
        target = f"http://127.0.0.2:{allowed.port}/roster.csv"
        url = allowed.answer("/moved.csv", "", 302, Location=target)

        assert "MUSTER_ROSTER_NETWORKS" in refused(onboarded, url)
        assert [path for _, path in allowed.asked] == ["/moved.csv"]

    @pytest.mark.parametrize(
        "target",
        ["file:///etc/passwd", "ftp://127.0.0.1/", "//a:b@127.0.0.1/", "http://[", "/loop"],
    )
    def test_nor_anywhere_else(self, allowed, target):
        allowed.answer("/loop", "", 302, Location="/loop")
        url = allowed.answer("/moved.csv", "", 302, Location=target)

        assert refused(onboarded, url)
        assert len(allowed.asked) < 10

    def test_a_redirect_within_the_host_is_followed(self, allowed):
        allowed.answer("/roster.csv", GOOD)

        assert onboarded(allowed.answer("/moved.csv", "", 302, Location="/roster.csv")) == [
            "edge-1"
        ]

    def test_a_proxy_of_the_environment_is_not_asked(self, allowed, monkeypatch):
        url = allowed.answer("/roster.csv", GOOD)
        with serving() as proxy:
            monkeypatch.setenv("HTTP_PROXY", proxy.url)

            assert onboarded(url) == ["edge-1"]
            assert proxy.asked == []


class TestBlocks:
    """The attacker saves a connection of their own, to make the worker call for them."""

    @pytest.mark.parametrize(
        "url", ["http://169.254.169.254/", "https://lem.example.com.evil.test"]
    )
    def test_a_block_leads_only_to_hosts_that_are_named(self, monkeypatch, url):
        monkeypatch.setenv("MUSTER_CONNECTION_HOSTS", "LEM.example.com, 10.0.0.5")
        fields = {"project": "p", "token": "t"}

        good = LemConnection(url="https://lem.example.com:8443", **fields).settings()
        message = refused(LemConnection(url=url, **fields).settings)

        assert str(good.url) == "https://lem.example.com:8443/"
        assert message.startswith("MUSTER_CONNECTION_HOSTS allows lem.example.com, 10.0.0.5")
