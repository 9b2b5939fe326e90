"""Who reaches the port of the reports, or has a page lead there, would read them."""

import http.client
import os
import threading
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn

from deployments.processes import free_port
from deployments.report_server import create_app

SECRET = "hunter2-of-plant-7"  # what must never come back
AUTH = f"muster:{SECRET}"
PAGE = "onboarding-plant-7-20261130T073734Z.html"
TABLE, BOOK = PAGE.replace(".html", ".csv"), f"marked-{PAGE}".replace(".html", ".xlsx")


class Reports:
    """A folder of reports that is served."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder, self.port = folder, port

    def get(self, path, auth=AUTH, method="GET", **headers):
        """The status, headers and body of an answer; `path` is sent as it is."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.putrequest(method, path, skip_host="Host" in headers)
            shown = {"Authorization": f"Basic {b64encode(auth.encode()).decode()}"} if auth else {}
            for name, value in {**shown, **headers}.items():
                connection.putheader(name, value)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()


@contextmanager
def served(folder: Path) -> Iterator[Reports]:
    port = free_port()
    app = create_app(folder, AUTH, port)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        thread.join(0.005)
    try:
        yield Reports(folder, port)
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("var") / "reports"
    folder.mkdir()
    for name in (PAGE, TABLE, BOOK):
        (folder / name).write_text(f"<p>{name}")
    with served(folder) as made:
        yield made


def test_a_report_is_read_by_who_shows_the_string(reports):
    status, headers, body = reports.get(f"/{PAGE}")

    assert (status, body) == (200, f"<p>{PAGE}".encode())
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers["Content-Disposition"] is None
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", [TABLE, BOOK])
def test_what_is_no_page_is_only_saved(reports, name):
    status, headers, _ = reports.get(f"/{name}")

    assert (status, headers["Content-Disposition"]) == (200, "attachment")
    assert headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("auth", ["", "muster:", f"{AUTH}x", "muster", SECRET])
@pytest.mark.parametrize("path", [f"/{PAGE}", "/", "/no-such-20261130T073734Z.html"])
def test_without_the_string_nothing_is_found_out(reports, auth, path):
    status, headers, body = reports.get(path, auth)

    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Basic ")
    assert b"plant-7" not in body


def test_a_string_that_is_no_basic_one_is_none(reports):
    shown = {"Authorization": f"Bearer {b64encode(AUTH.encode()).decode()}"}

    assert reports.get(f"/{PAGE}", "", **shown)[0] == 401


@pytest.mark.parametrize("host", ["attack.example", "127.0.0.1", "127.0.0.1:1", "", "a@127.0.0.1"])
def test_a_name_that_was_made_to_lead_here_gets_nothing(reports, host):
    status, _, body = reports.get(f"/{PAGE}", Host=host)

    assert status in {400, 421}
    assert b"<p>" not in body


def test_only_reading_is_possible(reports):
    statuses = [reports.get(f"/{PAGE}", method=each)[0] for each in ("PUT", "POST", "DELETE")]

    assert statuses == [405] * 3
    assert (reports.folder / PAGE).exists()


@pytest.mark.parametrize(
    "path",
    [
        "/../secret-20261130T073734Z.csv",
        "/%2e%2e/secret-20261130T073734Z.csv",
        "/..%2fsecret-20261130T073734Z.csv",
        "/..%5csecret-20261130T073734Z.csv",
        "//secret-20261130T073734Z.csv",
        "/reports/../../secret-20261130T073734Z.csv",
        "/%00secret-20261130T073734Z.csv",
        "/link-20261130T073734Z.csv",
        "/linked/secret-20261130T073734Z.csv",
        "/linked%2fsecret-20261130T073734Z.csv",
        "/folder-20261130T073734Z.csv",
        "/pipe-20261130T073734Z.csv",
        "/secret.csv",
        "/.env",
        "/",
    ],
)
def test_nothing_but_reports_is_read_and_nothing_is_listed(reports, path):
    folder = reports.folder
    outside = folder.parent / "secret-20261130T073734Z.csv"
    for file in (outside, folder / "secret.csv", folder / ".env"):
        file.write_text(SECRET)
    (folder / "folder-20261130T073734Z.csv").mkdir(exist_ok=True)
    for link, target in {"link-20261130T073734Z.csv": outside, "linked": folder.parent}.items():
        (folder / link).unlink(missing_ok=True)
        (folder / link).symlink_to(target)
    if not (pipe := folder / "pipe-20261130T073734Z.csv").exists():
        os.mkfifo(pipe)

    status, _, body = reports.get(path)

    assert status == 404
    assert SECRET.encode() not in body
    assert b"plant-7" not in body
