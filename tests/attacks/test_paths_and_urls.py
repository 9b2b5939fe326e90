"""Who may fill in a form names a path or a URL that was never meant for it.

The attacker may start flows, as anybody may who reaches the Prefect UI, and reads what comes back:
the run's message. Each story is an attack, and says what stands afterwards.
"""

import asyncio
import gzip
import os
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest

from fleet.admission.policy_file import read_policy
from fleet.roster.reading import MOST_LINES, roster_of
from fleet.system.integrations import read_configuration
from fleet.text.expected import ExpectedError
from fleet.text.fault import UnusableRoster
from sheets.read import read, read_roster
from systems.lem.block import LemConnection
from tasks.text.given_roster import given_roster
from tasks.text.given_text import given_content, given_text
from tasks.text.given_url import read_url
from tasks.text.text_kind import INTEGRATIONS, POLICY, ROSTER

SECRET = "hunter2-of-plant-7"  # what must never come back
GOOD = "device,mac\nedge-1,00:1a:2b:3c:4d:5e\n"


def onboarded(roster, seconds=30):
    """What onboard-site reads: the names of the devices."""
    sent = asyncio.run(given_roster(str(roster), seconds))
    return [device.name for device in roster_of(sent, "plant-7", "lem").devices]


def backtested(policy):
    """What backtest-policy reads."""
    return read_policy(asyncio.run(given_text(str(policy), POLICY)), "given")


def integrated(configuration):
    """What configure-integrations reads."""
    return read_configuration(asyncio.run(given_text(str(configuration), INTEGRATIONS)))


def refused(read, *given):
    """The message that the attacker reads."""
    with pytest.raises(ExpectedError) as error:
        read(*given)
    return str(error.value)


@dataclass
class Service:
    """A web server of the plant: what it answers by path, and what it was asked."""

    answers: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    url: str = ""
    drips: Event = field(default_factory=Event)

    def answer(self, path, body, status=200, **headers):
        content = body if isinstance(body, bytes) else body.encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, named, content)
        return f"{self.url}{path}"

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])


@contextmanager
def serving(address="127.0.0.1"):
    service = Service()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            service.asked.append((self.headers["Host"], self.path))
            status, headers, content = service.answers[self.path]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)
            while "Drips" in headers and not service.drips.wait(0.02):
                self.wfile.write(b"d")

        def log_message(self, *_: object) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:  # whoever asked has gone
            pass

    with Server((address, 0), Handler) as server:
        service.url = f"http://{address}:{server.server_port}"
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield service
        finally:
            service.drips.set()
            server.shutdown()
            thread.join()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The one folder that holds rosters."""
    (rosters := tmp_path / "rosters").mkdir()
    monkeypatch.setenv("MUSTER_ROSTERS", str(rosters))
    return rosters


@pytest.fixture
def service() -> Iterator[Service]:
    with serving() as started:
        yield started


def allow(monkeypatch, *hosts, networks=""):
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", ",".join(hosts))
    monkeypatch.setenv("MUSTER_ROSTER_NETWORKS", networks)


@pytest.fixture
def allowed(service, monkeypatch) -> Service:
    """A service to which URLs may lead, on the loopback too."""
    allow(monkeypatch, f"127.0.0.1:{service.port}", networks="127.0.0.1")
    return service


class TestPaths:
    """The attacker names files of the worker."""

    def test_a_roster_in_its_folder_is_read(self, folder):
        (folder / "plant-7.csv").write_text(GOOD)

        assert onboarded(folder / "plant-7.csv") == ["edge-1"]

    def test_a_file_elsewhere_is_not_read_and_the_message_names_the_folder(self, folder, tmp_path):
        (tmp_path / "payroll.csv").write_text(GOOD)

        message = refused(onboarded, tmp_path / "payroll.csv")

        assert str(folder) in message
        assert "MUSTER_ROSTERS" in message

    def test_nobody_learns_which_files_there_are_elsewhere(self, folder, tmp_path):
        (tmp_path / "payroll, old.csv").write_text(GOOD)
        (tmp_path / "payroll.csv").write_text(GOOD)

        for name in ("payroll.csv", "payroll, old.csv"):
            found = refused(onboarded, tmp_path / name)
            missing = refused(onboarded, tmp_path / name.replace("payroll", "nothing"))

            assert found.replace("payroll", "nothing") == missing

    @pytest.mark.parametrize("way", ["{folder}/../payroll.csv", "{folder}/link.csv"])
    def test_no_way_leads_out_of_the_folder(self, folder, tmp_path, way):
        (tmp_path / "payroll.csv").write_text(GOOD)
        (folder / "link.csv").symlink_to(tmp_path / "payroll.csv")

        assert "MUSTER_ROSTERS" in refused(onboarded, way.format(folder=folder))

    def test_a_folder_beside_with_a_longer_name_is_another(self, folder):
        (beside := folder.with_name("rosters-of-others")).mkdir()
        (beside / "plant-7.csv").write_text(GOOD)

        assert "MUSTER_ROSTERS" in refused(onboarded, beside / "plant-7.csv")

    def test_a_folder_that_is_itself_a_link_may_be_named(self, folder, tmp_path, monkeypatch):
        (folder / "plant-7.csv").write_text(GOOD)
        (tmp_path / "link").symlink_to(folder)
        monkeypatch.setenv("MUSTER_ROSTERS", f"/nowhere{os.pathsep}{tmp_path / 'link'}")

        assert onboarded(tmp_path / "link" / "plant-7.csv") == ["edge-1"]
        assert onboarded(folder / "plant-7.csv") == ["edge-1"]

    def test_a_circle_of_links_is_no_file(self, folder):
        (folder / "a.csv").symlink_to(folder / "b.csv")
        (folder / "b.csv").symlink_to(folder / "a.csv")

        assert refused(onboarded, folder / "a.csv")

    def test_a_pipe_is_not_waited_for(self, folder):
        os.mkfifo(folder / "pipe.csv")

        assert "no regular file" in refused(onboarded, folder / "pipe.csv")

    def test_a_policy_may_also_lie_among_the_policies(self, folder, tmp_path, monkeypatch):
        monkeypatch.setenv("MUSTER_POLICIES", str(tmp_path / "policies"))
        (tmp_path / "policies").mkdir()
        (tmp_path / "policies" / "new.yaml").write_text("policy: human\n")
        (tmp_path / "policies" / "plant-7.csv").write_text(GOOD)

        assert backtested(tmp_path / "policies" / "new.yaml").basis == "human"
        assert refused(onboarded, tmp_path / "policies" / "plant-7.csv")
        assert refused(integrated, tmp_path / "policies" / "new.yaml")


class TestQuotes:
    """The attacker names what is no roster at all, and hopes that the refusal quotes it."""

    @pytest.mark.parametrize(
        "content",
        [
            SECRET,
            f"{SECRET},{SECRET}\nb,c",
            f"user,password\nroot,{SECRET}",
            f'device of {SECRET}\n"{SECRET}',
            f'"{SECRET}\n{SECRET}',
            f"[default]\npassword = {SECRET}\n",
            f"password: {SECRET}\nmac,mac\n",
        ],
    )
    def test_the_text_of_another_file_never_comes_back(self, folder, content):
        (folder / "token.txt").write_text(content)

        assert "hunter2" not in refused(onboarded, folder / "token.txt")

    @pytest.mark.parametrize(
        "content",
        [
            f"password: {SECRET}\n",
            f"policies: {SECRET}\nwebhook: {SECRET}",
            f"user: &{SECRET} a\nb: *{SECRET}\n",
            f"key: !{SECRET} a\n",
            f"a: b: {SECRET}",
            f"{SECRET}: [1, 2\n",
            f"2026-02-31\n---\n{SECRET}",
            SECRET,
        ],
    )
    @pytest.mark.parametrize("read", [backtested, integrated])
    def test_neither_do_values_of_another_yaml(self, folder, read, content):
        (folder / "secrets.yaml").write_text(content)

        assert "hunter2" not in refused(read, folder / "secrets.yaml")

    @pytest.mark.parametrize(
        ("read", "first"), [(backtested, "policy: human"), (integrated, "webhooks: []")]
    )
    def test_nor_does_what_no_policy_has_in_a_file_that_might_be_one(self, folder, read, first):
        (folder / "other.yaml").write_text(f"{first}\npassword: {SECRET}\n")

        assert "hunter2" not in refused(read, folder / "other.yaml")

    def test_the_answer_of_an_internal_service_does_not_come_back(self, allowed):
        url = allowed.answer("/latest/meta-data", f'{{"token": "{SECRET}"}}')

        assert "hunter2" not in refused(onboarded, url)

    def test_what_was_pasted_is_quoted_for_its_writer_has_it(self):
        assert "rack, room" in refused(onboarded, "rack,room\na,b")


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


class TestSizesAndTimes:
    """The attacker wants the worker's memory, or its time."""

    def test_a_bomb_is_unpacked_no_further_than_a_roster_is_long(self, allowed):
        bomb = gzip.compress(b"device,mac\n" + b"\0" * (5 * ROSTER.limit), 1)
        url = allowed.answer("/bomb.csv", bomb, Content_Encoding="gzip")
        tracemalloc.start()

        message = refused(onboarded, url)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()

        assert "at most 8,192 KiB" in message
        assert peak < 3 * ROSTER.limit

    def test_half_a_packed_roster_is_none(self, allowed):
        packed = gzip.compress(b"device\n" + b"\n".join(b"%d" % n for n in range(2_000)))
        url = allowed.answer("/half.csv", packed[: len(packed) // 2], Content_Encoding="gzip")

        assert "cannot be read" in refused(onboarded, url)

    def test_an_answer_that_drips_ends_with_its_time(self, allowed):
        url = allowed.answer("/drip.csv", "device\n", Drips="yes")
        began = time.monotonic()

        message = refused(onboarded, url, 0.2)

        assert "not read whole within 0.2 s" in message
        assert time.monotonic() - began < 20

    def test_redirects_do_not_begin_the_time_anew(self, allowed):
        allowed.answer("/drip.csv", "device\n", Drips="yes")
        url = allowed.answer("/moved.csv", "", 302, Location="/drip.csv")

        assert "not read whole within 0.2 s" in refused(onboarded, url, 0.2)

    @pytest.mark.parametrize(("kind", "name"), [(ROSTER, "r.csv"), (POLICY, "p.yaml")])
    def test_a_file_is_read_no_further_either(self, folder, kind, name):
        with (folder / name).open("wb") as file:
            file.truncate(2**40)  # a hole, which takes no space

        def read():
            asyncio.run(given_content(str(folder / name), kind))

        assert "KiB" in refused(read)

    def test_a_roster_of_one_name_is_refused_as_soon_as_it_is_read(self):
        began = time.process_time()  # of this test alone, however busy the machine

        message = refused(onboarded, "device\n" + "a\n" * 20_000)

        assert "'a' is also on lines 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 19,989 more" in message
        assert len(message) < 20_000
        assert time.process_time() - began < 20  # it took as long as the square of its lines

    @pytest.mark.parametrize(
        "text", [f"device{',' * 1000}\na", "device\n" + "\n".join(map(str, range(100_001)))]
    )
    def test_a_roster_has_no_more_lines_and_columns_than_any_site(self, text):
        with pytest.raises(UnusableRoster):
            read_roster(text, "plant-7", "lem")

    @pytest.mark.parametrize("part", ["[", "{a: ", "- ", "? "])
    @pytest.mark.parametrize("read", [backtested, integrated])
    def test_brackets_in_brackets_are_not_followed(self, read, part):
        began = time.process_time()  # of this test alone, however busy the machine

        assert "nested too deeply" in refused(read, f"policy:\n {part * 4_000}\n")
        assert time.process_time() - began < 10  # it took half a minute

    def test_no_more_rows_are_read_than_are_needed_to_refuse_them(self):
        (table,) = read("device\n" * (MOST_LINES + 500)).tables

        assert len(table.rows) == MOST_LINES + 1

    def test_broken_records_end_the_reading_soon(self):
        text = '[{"device": "edge-1"},\n' + "{\n" * 2_000

        assert "records" in refused(read, text)
