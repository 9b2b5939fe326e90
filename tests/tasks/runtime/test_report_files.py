"""The files of a report are written, or the run says why not."""

import pytest

from tasks.runtime.report_files import CannotReport, excel_csv, write_report


def test_the_files_of_a_report_stand_beside_each_other(tmp_path, monkeypatch):
    monkeypatch.setenv("MUSTER_REPORTS", str(tmp_path / "new" / "reports"))

    page, table = write_report("night", {".html": b"<p>", "-findings.csv": excel_csv("ä\r\n")})

    assert (page.name, page.read_text("utf-8")) == ("night.html", "<p>")
    assert page.parent.stat().st_mode & 0o777 == 0o700
    assert {each.stat().st_mode & 0o777 for each in (page, table)} == {0o600}
    assert (table.name, table.read_bytes()) == ("night-findings.csv", b"\xef\xbb\xbf\xc3\xa4\r\n")


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path, monkeypatch):
    (tmp_path / "reports").write_text("a file")
    monkeypatch.setenv("MUSTER_REPORTS", str(tmp_path / "reports"))

    with pytest.raises(CannotReport, match=r"cannot be written: .*reports"):
        write_report("night", {".html": b""})
