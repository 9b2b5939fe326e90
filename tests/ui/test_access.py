"""Access to the Prefect server that `make up` starts: a web page of anybody else gets nothing."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from tests.ui.pages import NoBrowser, chromium

pytestmark = pytest.mark.browser

# What a page in a browser on this machine can try: read, write as a form would, and write JSON.
TRIES = """
async ([api, auth]) => {
  const json = {"Content-Type": "application/json"};
  const known = {...json, Authorization: "Basic " + btoa(auth)};
  const body = JSON.stringify({name: "attack"});
  const tries = {
    "read": [api + "/admin/version", {}],
    "read, knowing all": [api + "/admin/version", {headers: known}],
    "write": [api + "/flows/", {method: "POST", headers: json, body}],
    "write, knowing all": [api + "/flows/", {method: "POST", headers: known, body}],
    "write as a form": [api + "/flows/", {method: "POST", body, mode: "no-cors"}],
  };
  const got = {};
  for (const [name, [address, options]] of Object.entries(tries)) {
    try {
      const answer = await fetch(address, options);
      got[name] = answer.type === "opaque" ? "opaque" : String(answer.status);
    } catch (error) { got[name] = "refused"; }
  }
  return got;
}
"""


class Foreign(BaseHTTPRequestHandler):
    """A page of somebody else, at an origin of its own."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<title>kittens</title>")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  as its base says
        pass


@pytest.fixture
def foreign() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Foreign) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_page_of_another_origin_gets_nothing_even_if_it_knows_what_to_show(up, foreign):
    api = f"{up.address}/api"
    try:
        with chromium() as browser:
            page = browser.new_page()
            page.goto(foreign)
            got = page.evaluate(TRIES, [api, up.auth])
    except NoBrowser as error:
        pytest.skip(str(error))

    opaque = got.pop("write as a form")
    assert got == dict.fromkeys(got, "refused")
    assert opaque in {"opaque", "refused"}  # it cannot read the answer, which is 401
    assert "attack" not in up.flow_names()


@pytest.mark.parametrize("host", ["", "attack.example"], ids=["its own host", "another host"])
def test_who_shows_nothing_is_refused_whatever_host_is_named(up, host):
    headers = {"Host": host} if host else {}
    with httpx.Client(base_url=f"{up.address}/api", trust_env=False, headers=headers) as client:
        answers = [
            client.get("/admin/settings"),
            client.post("/block_documents/filter", json={}),
            client.post("/flows/", json={"name": "attack"}),
        ]
        csrf = client.get("/csrf-token", params={"client": "attack"})
        signed_in = client.post(
            "/flows/", json={"name": "attack"}, auth=tuple(up.auth.split(":", 1))
        )

    assert [each.status_code for each in answers] == [401, 403, 403]
    assert csrf.status_code == 401
    assert signed_in.status_code == 403  # signed in, but without the token of the server's own page
    assert "attack" not in up.flow_names()


def test_what_is_to_be_shown_is_its_owners_alone(up):
    file = up.folder / "up" / "prefect-auth"

    assert file.stat().st_mode & 0o777 == 0o600
    assert len(up.auth) > 20
