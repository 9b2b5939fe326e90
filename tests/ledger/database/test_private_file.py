"""A private file: whole or not at all, its owner's alone, and never written over."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from ledger.database.private_file import write_new


def test_it_holds_what_was_written_and_is_its_owner_s_alone(tmp_path):
    file = tmp_path / "a/b/file"

    write_new(file, b"content")

    assert file.read_bytes() == b"content"
    assert file.stat().st_mode & 0o777 == 0o600
    assert [*file.parent.iterdir()] == [file]


def test_what_is_there_already_is_left_alone(tmp_path):
    file = tmp_path / "file"
    file.write_bytes(b"first")

    with pytest.raises(FileExistsError):
        write_new(file, b"second")

    assert file.read_bytes() == b"first"
    assert [*tmp_path.iterdir()] == [file]


def test_of_many_who_write_at_once_one_succeeds(tmp_path):
    file = tmp_path / "file"

    def written(number):
        try:
            write_new(file, b"%d" % number * 10_000)
        except FileExistsError:
            return None
        return number

    with ThreadPoolExecutor(8) as pool:
        (winner,) = {*pool.map(written, range(8))} - {None}

    assert file.read_bytes() == b"%d" % winner * 10_000
    assert [*tmp_path.iterdir()] == [file]
