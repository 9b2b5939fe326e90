"""Where a roster's text may come from, and what a user reads when it cannot be read."""

import asyncio
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from zipfile import ZipFile

import pytest

from fleet.roster.table import Sent
from fleet.text.fault import UnusableRoster
from sheets.encoding import decoded
from tasks.text.given_roster import given_roster
from tasks.text.given_text import given_content
from tasks.text.text_kind import ROSTER as KIND
from tasks.text.text_kind import NoText

ROSTER = "device,mac\nedge-1,00:1a:2b:3c:4d:5e\n"
FILES = {
    "/roster.csv": (200, ROSTER.encode()),
    "/utf16.csv": (200, ROSTER.encode("utf-16")),
    "/half.csv": (200, ROSTER.encode("utf-16")[:-1]),
    "/moved.csv": (302, b""),
    "/secret.csv": (403, b"in-the-body"),
}


class Shelf(BaseHTTPRequestHandler):
    """Serves FILES; everything else is not found."""

    def do_GET(self) -> None:
        status, content = FILES.get(self.path.partition("?")[0], (404, b"in-the-body"))
        self.send_response(status)
        self.send_header("Location", "/roster.csv")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """Files are read in `tmp_path`."""
    monkeypatch.setenv("MUSTER_ROSTERS", str(tmp_path))


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Shelf) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def shelf(server, monkeypatch) -> str:
    """A server that URLs may lead to."""
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", server.removeprefix("http://"))
    monkeypatch.setenv("MUSTER_ROSTER_NETWORKS", "127.0.0.0/8")
    return server


def text(source):
    content = asyncio.run(given_content(str(source), KIND))
    return content if isinstance(content, str) else decoded(content)[0]


def sent(source) -> Sent:
    return asyncio.run(given_roster(str(source)))


def refusal(source):
    with pytest.raises((NoText, UnusableRoster)) as refused:
        sent(source)
    return str(refused.value)


@pytest.mark.parametrize(
    "pasted",
    [
        ROSTER,
        ROSTER.replace("\n", "\r\n"),
        ROSTER.replace("\n", "\r"),
        "device\nedge-1",
        "device,host_id,mac",
        "device;host_id",
        "device\tmac",
    ],
)
def test_pasted_text_is_taken_as_it_is(pasted):
    assert text(pasted) == pasted


def test_a_pasted_text_begins_with_what_was_pasted():
    pasted = "\tdevice\tmac\n1\tedge-1\t\n"

    assert text(pasted) == pasted


def test_one_line_too_long_for_the_name_of_a_file_is_pasted_text():
    line = ",".join(f"column_{number}" for number in range(2000))

    assert text(line) == line


@pytest.mark.parametrize("name", ["roster.csv", "with, comma; and space.csv", "r.TSV", "r.txt"])
def test_a_file_is_read_by_its_path(tmp_path, name):
    (tmp_path / name).write_bytes(ROSTER.encode())

    assert text(tmp_path / name) == ROSTER


@pytest.mark.parametrize(
    ("bom", "encoding"),
    [("", "utf-8"), ("", "utf-16"), ("\ufeff", "utf-16-le"), ("\ufeff", "utf-16-be")],
)
def test_a_file_is_read_in_the_encodings_that_spreadsheets_write(tmp_path, bom, encoding):
    (tmp_path / "roster.csv").write_bytes(f"{bom}{ROSTER}käse,".encode(encoding))

    assert text(tmp_path / "roster.csv") == f"{ROSTER}käse,"


def test_a_utf_8_bom_does_not_count(tmp_path):
    (tmp_path / "roster.csv").write_bytes(ROSTER.encode("utf-8-sig"))

    assert text(tmp_path / "roster.csv") == ROSTER


@pytest.mark.parametrize("nothing", ["", "  \n\t ", "\ufeff"])
def test_nothing_is_no_roster(nothing):
    assert refusal(nothing).startswith("No roster was given. ")


def test_a_missing_file_is_reported_with_the_folder_it_was_searched_from(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    message = refusal("rosters/plant-7.csv")

    assert message == (
        f"There is no file 'rosters/plant-7.csv' on this worker (its folder is {tmp_path})."
    )


def test_a_folder_is_no_roster(tmp_path):
    (folder := tmp_path / "rosters.csv").mkdir()

    assert refusal(folder) == f"The file '{folder}' cannot be read: Is a directory."


@pytest.mark.parametrize("name", [".env", "shadow", "token.csv.bak", "key, and more.pem"])
def test_a_file_whose_name_is_not_that_of_a_roster_is_not_read(tmp_path, name):
    (tmp_path / name).write_text(ROSTER)

    assert refusal(tmp_path / name) == (
        f"The file '{tmp_path / name}' is not read: the name of a roster ends in .xlsx, .xlsm, "
        ".ods, .xls, .csv, .tsv, .tab, .psv, .txt, .json, .ndjson or .jsonl. Save it as XLSX or "
        "CSV (UTF-8) and give that file."
    )


@pytest.mark.parametrize("name", ["roster" * 100, "a\0b"])
def test_what_can_be_neither_text_nor_a_path_is_reported(name):
    assert refusal(name)


def test_a_file_is_a_roster_in_other_encodings_too_and_it_is_said(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_bytes("device,zero_touch\nedge-1,Käserei Süd\n".encode("cp1252"))

    found = sent(file)

    assert found.tables[0].rows[1].cells == ("edge-1", "Käserei Süd")
    assert found.notes == ("The text is not UTF-8, and was read as cp1252.",)


def test_half_a_character_of_utf_16_is_refused(tmp_path):
    file = tmp_path / "roster.csv"
    file.write_bytes(ROSTER.encode("utf-16")[:-1])

    assert refusal(file) == (
        "This is neither a workbook nor text. Save it as XLSX, or as CSV (UTF-8)."
    )


def test_a_damaged_workbook_is_named_for_what_it_is(tmp_path):
    with ZipFile(tmp_path / "new.csv", "w") as workbook:
        workbook.writestr("xl/workbook.xml", "<workbook/>")
    (tmp_path / "old.csv").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")

    for name in ("new.csv", "old.csv"):
        assert refusal(tmp_path / name).startswith("The workbook cannot be read: ")


def test_a_file_that_is_no_roster_is_not_shown(tmp_path):
    file = tmp_path / "keys.txt"
    file.write_text("LEM_TOKEN=s3cret\n")

    assert refusal(file) == (
        f"{file} is no roster, and nothing of it is shown: no row names a column 'device'."
    )


def test_a_table_whose_first_column_is_pk_is_no_workbook(tmp_path):
    (tmp_path / "roster.csv").write_text("PK,device\n1,edge-1\n")

    assert text(tmp_path / "roster.csv").startswith("PK,device")


@pytest.mark.parametrize("path", ["/roster.csv", "/utf16.csv", "/moved.csv", "/roster.csv?a=1,2"])
def test_a_url_is_downloaded(shelf, path):
    assert text(f"{shelf}{path}") == ROSTER


def test_a_url_is_one_in_capitals_too(shelf):
    assert text(f"{shelf}/roster.csv".replace("http", "HTTP")) == ROSTER


def test_an_answer_that_is_none_is_reported_by_its_status_alone(shelf):
    messages = [refusal(f"{shelf}{path}") for path in ("/gone.csv", "/secret.csv")]

    assert messages == [
        "http://127.0.0.1/gone.csv answered 404. Check the address.",
        "http://127.0.0.1/secret.csv answered 403. Check the address.",
    ]


def test_a_url_that_nobody_answers_is_reported(shelf, monkeypatch):
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", "127.0.0.1:1")

    assert refusal("http://127.0.0.1:1/r.csv") == (
        "http://127.0.0.1/r.csv cannot be read: ConnectError."
    )


@pytest.mark.parametrize("url", ["http://[::1", "http://a\0b/", f"http://{'ü' * 70}/"])
def test_a_url_that_is_none_is_reported(url):
    assert "cannot be read: " in refusal(url)


def test_a_url_without_a_host_is_reported():
    assert refusal("http://").startswith("The address is not asked for a roster: ")


def test_a_host_that_nobody_knows_is_reported(monkeypatch):
    monkeypatch.setenv("MUSTER_ROSTER_HOSTS", "files.invalid")

    assert "no address of it is known" in refusal("http://files.invalid/r.csv")


@pytest.mark.parametrize("path", ["/gone.csv", "/half.csv"])
def test_no_message_shows_the_query_of_a_url(shelf, path):
    assert "s3cret" not in refusal(f"{shelf}{path}?sig=s3cret#s3cret")


def test_an_at_sign_behind_the_host_is_no_credential(shelf):
    assert text(f"{shelf}/roster.csv?for=me@plant") == ROSTER


@pytest.mark.parametrize("who", ["someone:s3cret", "s3cret", "some@one:s3cret"])
@pytest.mark.parametrize("scheme", ["http", "HTTPS"])
@pytest.mark.parametrize("rest", ["127.0.0.1:1/roster.csv", "[::1/roster.csv?sig=s3cret"])
def test_a_url_with_credentials_is_refused_without_showing_them(scheme, who, rest):
    assert refusal(f"{scheme}://{who}@{rest}") == (
        "The address holds a user name or password. Prefect would store it, and everyone who can "
        "see the run could read it. Give an address that needs none, or paste the CSV text."
    )
